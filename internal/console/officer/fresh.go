package officer

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
)

// fresh keeps an answer in memory for a few minutes after it was given, for the
// officer who asked and nobody else: screen, slip and receipt file then belong
// to the one act of asking. Any later look reads the journal, and is an entry
// in it. Losing what is kept here loses nothing.
type fresh struct {
	mu sync.Mutex
	by map[freshKey]freshAnswer
}

type freshKey struct {
	agency ids.LegalID
	login  string
	code   ids.TrackingCode
}

type freshAnswer struct {
	proven *journal.Proven
	until  time.Time
}

const (
	freshFor  = 15 * time.Minute
	freshMost = 4096
)

func newFresh() *fresh { return &fresh{by: map[freshKey]freshAnswer{}} }

func (f *fresh) put(who *inquiry.Asker, p *journal.Proven, now time.Time) {
	kept := *p // copied: the journal's own is a part of its whole batch, which would stay in memory
	kept.Record, kept.Path = bytes.Clone(p.Record), slices.Clone(p.Path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.by) >= freshMost {
		for k, a := range f.by {
			if now.After(a.until) {
				delete(f.by, k)
			}
		}
		if len(f.by) >= freshMost {
			clear(f.by)
		}
	}
	f.by[freshKey{who.Agency.ID, who.Officer.Login, p.Code}] = freshAnswer{&kept, now.Add(freshFor)}
}

func (f *fresh) get(who *inquiry.Asker, code ids.TrackingCode, now time.Time) *journal.Proven {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := freshKey{who.Agency.ID, who.Officer.Login, code}
	a, ok := f.by[key]
	if !ok {
		return nil
	}
	if now.After(a.until) {
		delete(f.by, key)
		return nil
	}
	return a.proven
}
