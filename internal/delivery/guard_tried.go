package delivery

import (
	"iter"
	"slices"
)

// tries are what a list tried: of each row that was found, that missed somebody's
// number, or that found nobody by name, whom or what (the high half) with which
// particulars (the low one).
type tries []uint64

// aName marks a subject that is a name. Common names miss often without anybody's
// guessing.
const aName = 1 << 31

func (t *tries) add(subject, particulars uint64) { *t = append(*t, subject<<32|particulars) }

// groups are the different tries on each subject.
func (t tries) groups() iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) {
		slices.Sort(t)
		for all := slices.Compact(t); len(all) > 0; {
			n := 1
			for n < len(all) && all[n]>>32 == all[0]>>32 {
				n++
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// person reports whether one was tried again and again in this list. Names have
// a rule of their own (nameTried).
func (t tries) person() bool {
	for group := range t.groups() {
		if len(group) >= mostDescribed && group[0]>>32&aName == 0 {
			return true
		}
	}
	return false
}

// mostDescribed is how many descriptions of one person a list may have: an agency
// that speaks of somebody in a thousand rows spells him in a few ways.
const mostDescribed = 40

// memory holds what an agency's lists tried, so that guesses spread over many
// small lists are seen. Of a long list only what was tried more than once is
// remembered, and when there is no room, what was is forgotten.
type memory struct {
	of   map[uint32][]uint32
	size int
}

const (
	smallList  = 500     // tries of which all are remembered
	mostMemory = 1 << 16 // tries
)

// add remembers a list's tries. It reports whether something new was tried on
// whom patience has ended.
func (m *memory) add(t tries) (ended bool) {
	small := len(t) <= smallList
	for group := range t.groups() {
		if !small && (len(group) == 1 || group[0]>>32&aName != 0) {
			continue
		}
		if m.of == nil || m.size+len(group) > mostMemory {
			*m = memory{of: map[uint32][]uint32{}}
		}
		subject := uint32(group[0] >> 32)
		known := m.of[subject]
		for _, g := range group {
			if slices.Contains(known, uint32(g)) {
				continue
			}
			if len(known) >= mostDescribed {
				ended = true
				break
			}
			known = append(known, uint32(g))
			m.size++
		}
		m.of[subject] = known
	}
	return ended
}
