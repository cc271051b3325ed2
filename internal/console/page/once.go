package page

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"time"
)

// once makes two clicks one act. Each rendered form carries a fresh number; the
// first POST with it and with these very values performs the act, and every
// later one waits for it and gets the same answer. A form that failed may be
// sent again. What is kept here is lost when the program ends; the acts' own
// versions and keys stand behind it.
//
// A result that is shown once, which may hold a secret or a person's
// particulars, is forgotten with its form: after half an hour, or earlier when
// there are many. Whoever sends very many forms fills no memory.
type once struct {
	mu     sync.Mutex
	by     map[[32]byte]*performed
	order  []*performed // oldest first; may hold some that failed
	weight int
}

type performed struct {
	key    [32]byte
	weight int
	over   chan struct{}
	done   Done
	err    error
	at     time.Time
}

const (
	onceFor      = 30 * time.Minute
	onceMost     = 8192
	screenWeighs = 16 // a result that is kept takes as much room as so many that are not
)

func newOnceTable() *once { return &once{by: map[[32]byte]*performed{}} }

// NewOnce is the number of a form.
func NewOnce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

// do performs f, or answers as it was answered before.
func (o *once) do(v *Visit, files map[string][]byte, f func() (Done, error)) error {
	p, mine := o.take(digestOf(v, files), v.Clock())
	if mine {
		o.perform(p, f)
	} else {
		select {
		case <-p.over:
		case <-v.Context().Done():
			return v.Context().Err()
		}
	}
	if p.err != nil {
		return p.err
	}
	if p.done.Screen != nil {
		return v.Show(*p.done.Screen)
	}
	if v.Asker != nil && p.done.Said != "" {
		v.flashed(p.done.Said, p.done.Code)
	}
	return v.GoTo(p.done.Path)
}

// perform runs f. Its place is given free if it fails or panics.
func (o *once) perform(p *performed, f func() (Done, error)) {
	p.err = errBroken
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		switch {
		case o.by[p.key] != p: // forgotten meanwhile
		case p.err != nil:
			o.drop(p)
		case p.done.Screen != nil:
			p.weight += screenWeighs
			o.weight += screenWeighs
		}
		close(p.over)
	}()
	p.done, p.err = f()
}

var errBroken = broken("the act of a form")

func (o *once) take(key [32]byte, now time.Time) (p *performed, mine bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.order) > 0 {
		oldest := o.order[0]
		if now.Sub(oldest.at) < onceFor && o.weight < onceMost && len(o.order) < onceMost {
			break
		}
		if o.by[oldest.key] == oldest {
			o.drop(oldest)
		}
		o.order[0], o.order = nil, o.order[1:]
	}
	if p, ok := o.by[key]; ok {
		return p, false
	}
	p = &performed{key: key, weight: 1, over: make(chan struct{}), at: now}
	o.by[key], o.order, o.weight = p, append(o.order, p), o.weight+1
	return p, true
}

func (o *once) drop(p *performed) {
	delete(o.by, p.key)
	o.weight -= p.weight
}

// digestOf ties an act to who performs it, to the form as it was rendered, and
// to all that was typed into it.
func digestOf(v *Visit, files map[string][]byte) (sum [32]byte) {
	h := sha256.New()
	_, _ = h.Write([]byte("estelam/console/once/v1\x00" + string(v.bound(v.R.URL.Path)) + "\x00" + v.R.PostForm.Encode()))
	for _, c := range slices.Sorted(maps.Keys(files)) {
		part := sha256.Sum256(files[c])
		_, _ = h.Write([]byte(c))
		_, _ = h.Write(part[:])
	}
	h.Sum(sum[:0])
	return sum
}

// OnceKey is the same for acts that keep an idempotency key of their own.
func (v *Visit) OnceKey() [32]byte { return digestOf(v, nil) }
