package audit

import (
	"bytes"
	"container/heap"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/receipt"
)

// The draw rests on public bytes alone, so that whoever has the records can
// repeat it without this program (docs/audit.md has the recipe):
//
//	seed  = SHA-256("estelam/audit/v1\n" ‖ the checkpoint's three lines ‖ window ‖ "\n")
//	score = HMAC-SHA-256(seed, origin of the inquiry ‖ "\n" ‖ its index)
//
// An agency's sample is its n inquiries of the smallest scores. The checkpoint is
// that of the first batch that holds an entry from after the window: nobody could
// know it while the inquiries were made.

// public is the value that the seed is made of: a checkpoint without its signature.
type public struct {
	origin string
	size   int64
	root   string // base64
}

// read takes the value from a signed checkpoint.
func (p *public) read(checkpoint []byte) (err error) {
	lines := strings.SplitN(string(checkpoint), "\n", 4)
	if len(lines) < 4 {
		return errCheckpoint
	}
	p.origin, p.root = lines[0], lines[2]
	p.size, err = strconv.ParseInt(lines[1], 10, 64)
	return err
}

var errCheckpoint = errors.New("audit: a checkpoint of fewer than three lines")

// seed makes the seed of a window: a month, and for a draw from one agency its
// legal id behind it.
func (p *public) seed(window string) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "estelam/audit/v1\n%s\n%d\n%s\n%s\n", p.origin, p.size, p.root, window))
}

// sizeOf is the published formula: the square root of how many inquiries there
// are, rounded up, between least and most.
func sizeOf(population int64, least, most int) int {
	n := int64(math.Ceil(math.Sqrt(float64(population))))
	return int(min(population, max(int64(least), min(int64(most), n))))
}

// pick is one inquiry that may be drawn.
type pick struct {
	score  [32]byte
	origin string
	index  int64
	code   ids.TrackingCode
}

// picks is a heap with the largest score on top.
type picks []pick

func (p picks) Len() int           { return len(p) }
func (p picks) Less(i, j int) bool { return bytes.Compare(p[i].score[:], p[j].score[:]) > 0 }
func (p picks) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

// Push is for container/heap.
func (p *picks) Push(x any) { *p = append(*p, x.(pick)) }

// Pop is for container/heap.
func (p *picks) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// drawn is what a pass keeps of one agency.
type drawn struct {
	population int64
	picks      picks
}

// sampler takes the entries of a window in, once each, and keeps the smallest
// scores of each agency: at most agencies × most picks, however many there are.
type sampler struct {
	only    ids.LegalID // 0: all
	most    int
	mac     hash.Hash
	origins map[int]string // by log number, from the log's own records
	of      map[ids.LegalID]*drawn
	purged  int64
	seen    int64
	scratch []byte
}

func newSampler(seed [32]byte, only ids.LegalID, most int) *sampler {
	return &sampler{only: only, most: most, mac: hmac.New(sha256.New, seed[:]), origins: map[int]string{}, of: map[ids.LegalID]*drawn{}}
}

// refused stands in the record of a refused inquiry and in no other: records are
// canonical JSON, where a quotation mark within a text is escaped.
var refused = []byte(`"outcome":"refused"`)

func (s *sampler) take(w *journal.Walked) {
	s.seen++
	if w.Kind != receipt.Inquiry {
		return
	}
	if w.Record == nil {
		s.purged++
		return
	}
	if s.only != 0 && w.Agency != s.only || bytes.Contains(w.Record, refused) {
		return
	}
	d := s.of[w.Agency]
	if d == nil {
		d = &drawn{}
		s.of[w.Agency] = d
	}
	d.population++
	p := pick{origin: s.origin(w), index: w.Index}
	s.scratch = append(append(s.scratch[:0], p.origin...), '\n')
	s.scratch = strconv.AppendInt(s.scratch, w.Index, 10)
	s.mac.Reset()
	s.mac.Write(s.scratch)
	s.mac.Sum(p.score[:0])
	if len(d.picks) == s.most {
		if bytes.Compare(p.score[:], d.picks[0].score[:]) > 0 {
			return
		}
		heap.Pop(&d.picks)
	}
	p.code = w.Code
	heap.Push(&d.picks, p)
}

// origin is the name of the entry's log, from its record's head.
func (s *sampler) origin(w *journal.Walked) string {
	if o := s.origins[w.Log]; o != "" {
		return o
	}
	_, rest, _ := bytes.Cut(w.Record, []byte(`"log":"`))
	o, _, _ := bytes.Cut(rest, []byte{'"'})
	s.origins[w.Log] = string(o)
	return s.origins[w.Log]
}

// sample is an agency's sample, the smallest score first, and the digest of it
// that the draw keeps.
func (d *drawn) sample(least, most int) (chosen []pick, digest [32]byte) {
	chosen = slices.SortedFunc(slices.Values(d.picks), func(a, b pick) int { return bytes.Compare(a.score[:], b.score[:]) })
	chosen = chosen[:sizeOf(d.population, least, most)]
	h := sha256.New()
	for _, p := range chosen {
		h.Write([]byte(p.origin + "\n" + strconv.FormatInt(p.index, 10) + "\n"))
	}
	return chosen, [32]byte(h.Sum(nil))
}
