package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// part is one line of the table of where processor time goes. A sample belongs
// to the part of its innermost function that begins with one of the names.
type part struct {
	name  string
	funcs []string
}

const ours = "github.com/estelam/estelam/"

// parts names every step of an inquiry, in the order in which it happens.
var parts = []part{
	{"TLS and sockets", []string{"crypto/tls.(*Conn)", "net.(*conn)", "internal/poll."}},
	{"HTTP", []string{"net/http.", "net/textproto.", "bufio."}},
	{"door: caller, gate, counters", []string{ours + "internal/api.(*API).caller", ours + "internal/api.(*gate)", ours + "internal/api.(*meter)", ours + "internal/api.(*visitors)", ours + "internal/api.door", ours + "internal/api.guardHeaders", ours + "internal/api.(*call).write"}},
	{"door: body and JSON", []string{ours + "internal/api.(*call).readBody", ours + "internal/api.decode", ours + "internal/api.(*reader)"}},
	{"question parsed", []string{ours + "internal/inquiry.(*Form).Parse", ours + "internal/inquiry.(*form)", ours + "internal/inquiry.readName", ours + "internal/persian.Parse", ours + "internal/api.parseAll"}},
	{"idempotency: hash", []string{ours + "internal/api.digest", ours + "internal/api.(*call).once"}},
	{"idempotency: look-up", []string{ours + "internal/journal.(*Journal).lookUp", ours + "internal/journal.(*Journal).Replay", ours + "internal/journal.(*Journal).replay"}},
	{"agreement, quota, guard", []string{ours + "internal/inquiry.(*Desk).permit", ours + "internal/inquiry.(*Desk).Diagnose", ours + "internal/inquiry.(*guard)", ours + "internal/inquiry.(*quotas)", ours + "internal/agreement.", ours + "internal/api.(*call).quota"}},
	{"person looked up", []string{ours + "internal/inquiry.(*Desk).lookUp", ours + "internal/person."}},
	{"claims compared", []string{ours + "internal/inquiry.(*answer)", ours + "internal/inquiry.(*field)", ours + "internal/persian.Compare"}},
	{"record written", []string{ours + "internal/inquiry.appendBody", ours + "internal/journal.(*batch).pack", ours + "internal/journal.newPrivate"}},
	{"record checked", []string{ours + "receipt.CheckMembers", ours + "internal/journal.check"}},
	{"line to the sequencer", []string{ours + "internal/journal.(*Journal).submit", ours + "internal/journal.(*queue)", ours + "internal/journal.(*Journal).sortOut", ours + "internal/journal.(*batch).answer", ours + "internal/journal.(*batch).add"}},
	{"tracking code (FF1)", []string{ours + "internal/ids.(*CodeKey)"}},
	{"salts", []string{"crypto/rand."}},
	{"leaf hash", []string{ours + "receipt.Leaf"}},
	{"checksum of the private part", []string{ours + "internal/journal.private.seal"}},
	{"tree", []string{ours + "internal/journal.(*tree)"}},
	{"proofs", []string{ours + "internal/journal.(*shape)", ours + "internal/journal.(*batch).prove"}},
	{"durable commit", []string{ours + "internal/journal.(*Journal).write"}},
	{"signature", []string{ours + "internal/journal.(*signer)"}},
	{"tail in memory", []string{ours + "internal/journal.(*tail)"}},
	{"projections", []string{ours + "internal/journal.(*Journal).project", ours + "internal/journal.(*projection)", ours + "internal/journal.(*run", ours + "internal/journal.addRun", ours + "internal/journal.merge", ours + "internal/journal.projected"}},
	{"log's checkpoint (WAL)", []string{ours + "internal/store.(*wal)"}},
	{"receipt printed", []string{ours + "receipt.(*Receipt)", ours + "receipt.(*Batch)", ours + "internal/journal.(*ProvenBatch)", ours + "internal/journal.(*request).proven"}},
	{"inquiry, rest", []string{ours + "internal/inquiry."}},
	{"journal, rest", []string{ours + "internal/journal."}},
	{"door, rest", []string{ours + "internal/api."}},
	{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcStart", "runtime.deductAssistCredit"}},
	{"goroutines scheduled", []string{"runtime.mcall", "runtime.schedule", "runtime.findRunnable", "runtime.mstart", "runtime.gopreempt_m", "runtime.morestack"}},
}

// shares sums a CPU profile up by part: the share of all samples. What belongs
// to no part comes last.
func shares(profile []byte) ([]share, error) {
	p, err := readProfile(profile)
	if err != nil {
		return nil, err
	}
	total := int64(0)
	found := make([]share, len(parts), len(parts)+1)
	for i := range parts {
		found[i].name = parts[i].name
	}
	rest := share{name: "other"}
	for _, s := range p.samples {
		total += s.value
		if i := p.partOf(s.stack); i >= 0 {
			found[i].of += float64(s.value)
		} else {
			rest.of += float64(s.value)
		}
	}
	if total == 0 {
		return nil, errors.New("the profile has no samples")
	}
	found = append(found, rest)
	for i := range found {
		found[i].of /= float64(total)
	}
	return found, nil
}

// share is one part's share of the processor time.
type share struct {
	name string
	of   float64
}

// printShares prints µs per answer by part, in order, and a bar for each.
func printShares(w io.Writer, whose string, list []share, cpu float64) {
	fmt.Fprintf(w, "where %s %.1f µs go (profile of the last round)\n", whose, cpu)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range list {
		if s.of > 0 {
			fmt.Fprintf(t, "  %s\t%6.2f µs\t%5.1f %%\t%s\n", s.name, s.of*cpu, 100*s.of, strings.Repeat("▪", int(s.of*100+.5)))
		}
	}
	_ = t.Flush()
	fmt.Fprintln(w)
}

// shareBars makes bars of the parts, largest first, those under 1 % left out.
func shareBars(list []share, cpu float64) (items []bar) {
	slices.SortFunc(list, func(a, b share) int { return cmp.Compare(b.of, a.of) })
	for _, s := range list {
		if s.of >= .01 {
			v := s.of * cpu
			items = append(items, bar{s.name, span{v, v, v}, 3})
		}
	}
	return items
}

// pprofile is what we need of a profile in pprof's format
// (github.com/google/pprof, proto/profile.proto).
type pprofile struct {
	samples   []pprofSample
	locations map[uint64][]uint64 // functions of a location, innermost first
	functions map[uint64]uint64   // name of a function, in strings
	strings   []string
	parts     map[uint64]int // of a function, cached; -1: none
}

type pprofSample struct {
	stack []uint64 // locations, innermost first
	value int64
}

// partOf is the part of a stack, -1 if it has none.
func (p *pprofile) partOf(stack []uint64) int {
	for _, l := range stack {
		for _, f := range p.locations[l] {
			i, known := p.parts[f]
			if !known {
				i = partNamed(p.strings[p.functions[f]])
				p.parts[f] = i
			}
			if i >= 0 {
				return i
			}
		}
	}
	return -1
}

func partNamed(function string) int {
	return slices.IndexFunc(parts, func(p part) bool {
		return slices.ContainsFunc(p.funcs, func(f string) bool { return strings.HasPrefix(function, f) })
	})
}

var errProfile = errors.New("not a profile")

// readProfile reads samples, locations, functions and strings.
func readProfile(data []byte) (*pprofile, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	p := &pprofile{locations: map[uint64][]uint64{}, functions: map[uint64]uint64{}, parts: map[uint64]int{}}
	err = fields(raw, func(field int, n uint64, b []byte) error {
		switch field {
		case 2:
			return p.sample(b)
		case 4:
			return p.location(b)
		case 5:
			var id, name uint64
			err := fields(b, func(field int, n uint64, _ []byte) error {
				switch field {
				case 1:
					id = n
				case 2:
					name = n
				}
				return nil
			})
			p.functions[id] = name
			return err
		case 6:
			p.strings = append(p.strings, string(b))
		}
		return nil
	})
	for _, name := range p.functions {
		if name >= uint64(len(p.strings)) {
			return nil, errProfile
		}
	}
	return p, err
}

// sample takes the stack and the last of its values, processor time.
func (p *pprofile) sample(b []byte) error {
	var s pprofSample
	err := fields(b, func(field int, n uint64, b []byte) error {
		return numbers(n, b, func(v uint64) {
			switch field {
			case 1:
				s.stack = append(s.stack, v)
			case 2:
				s.value = int64(v)
			}
		})
	})
	p.samples = append(p.samples, s)
	return err
}

func (p *pprofile) location(b []byte) error {
	var id uint64
	var functions []uint64
	err := fields(b, func(field int, n uint64, b []byte) error {
		switch field {
		case 1:
			id = n
		case 4:
			return fields(b, func(field int, n uint64, _ []byte) error {
				if field == 1 {
					functions = append(functions, n)
				}
				return nil
			})
		}
		return nil
	})
	p.locations[id] = functions
	return err
}

// fields reads the fields of a protocol buffer: numbers and byte strings.
func fields(b []byte, f func(field int, n uint64, b []byte) error) error {
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 {
			return errProfile
		}
		b = b[k:]
		n, k := binary.Uvarint(b)
		if k <= 0 || tag&7 != 0 && tag&7 != 2 {
			return errProfile
		}
		b = b[k:]
		var text []byte
		if tag&7 == 2 {
			if n > uint64(len(b)) {
				return errProfile
			}
			text, b = b[:n:n], b[n:]
		}
		if err := f(int(tag>>3), n, text); err != nil {
			return err
		}
	}
	return nil
}

// numbers reads a repeated number, packed or alone.
func numbers(n uint64, packed []byte, f func(uint64)) error {
	if packed == nil {
		f(n)
		return nil
	}
	for len(packed) > 0 {
		v, k := binary.Uvarint(packed)
		if k <= 0 {
			return errProfile
		}
		f(v)
		packed = packed[k:]
	}
	return nil
}
