package public

import (
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// locks shows what the person has locked, and what he can lock or lift.
func locks(v *page.Visit, who *citizen.Who) error {
	all, err := v.Citizens.Locks(v.Context(), who)
	if err != nil {
		return err
	}
	const key = "console.public.me."
	s := page.Screen{Title: v.T(key + "locks"), Lead: v.T(key + "locks.lead"), Blocks: []any{meTabs(v)}}
	if len(all.Open) == 0 {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Info, Text: v.T(key + "locks.closed")})
	}
	held := map[string]bool{}
	for _, l := range all.Locks {
		held[l.Purpose] = held[l.Purpose] || l.Until.IsZero()
	}
	now := page.Table{Title: v.T(key + "locks.now"), Empty: v.T(key + "locks.none"), Columns: page.Head(v.T(key+"locks.purpose"), v.T(key+"locks.state"), v.T(key+"do"))}
	for _, purpose := range lockable(all.Open, held) {
		now.Rows = append(now.Rows, lockRow(v, purpose, held[purpose], held[""]))
	}
	s.Blocks = append(s.Blocks, now)
	if len(all.Locks) > 0 {
		s.Blocks = append(s.Blocks, lockStory(v, all.Locks))
	}
	return v.Show(s)
}

// lockable are all purposes, each purpose that the law leaves open, and each
// that is locked although it no longer is.
func lockable(open []string, held map[string]bool) []string {
	all := slices.Clone(open)
	for purpose, is := range held {
		if is && purpose != "" && !slices.Contains(all, purpose) {
			all = append(all, purpose)
		}
	}
	slices.Sort(all)
	if len(open) > 0 || held[""] {
		all = slices.Insert(all, 0, "")
	}
	return all
}

func lockRow(v *page.Visit, purpose string, held, whole bool) page.Row {
	const key = "console.public.me.locks."
	state := page.Cell{Text: v.T(key + "open")}
	do := page.Press{Path: "/me/lock", Text: v.T(key + "lock"), Hidden: []page.Hidden{{Name: "purpose", Value: purpose}}}
	switch {
	case held:
		state = page.Cell{Text: v.T(key + "locked"), Tone: page.Good}
		do.Path, do.Text, do.Ghost = "/me/unlock", v.T(key+"unlock"), true
	case whole:
		state = page.Cell{Text: v.T(key + "locked"), Tone: page.Good, Small: v.T(key + "by_all")}
	}
	return page.Row{Cells: []page.Cell{{Text: purposeName(v, purpose)}, state, {Acts: []page.Press{do}}}}
}

func purposeName(v *page.Visit, purpose string) string {
	if purpose == "" {
		return v.T("console.public.me.locks.all")
	}
	if key := "console.word." + strings.ReplaceAll(purpose, "-", "_"); message.Known(key) {
		return v.T(key)
	}
	return purpose
}

func lockStory(v *page.Visit, all []citizen.Lock) page.Table {
	const key = "console.public.me.locks."
	t := page.Table{Title: v.T(key + "story"), Columns: page.Head(v.T(key+"purpose"), v.T(key+"since"), v.T(key+"until"))}
	for _, l := range all {
		until := v.T(key + "holds")
		if !l.Until.IsZero() {
			until = v.Moment(l.Until)
		}
		t.Rows = append(t.Rows, page.Cells(purposeName(v, l.Purpose), v.Moment(l.Since), until))
	}
	return t
}

// lock and unlock end at the page that shows how it stands: to who pressed the
// button twice, the second time nothing is wrong.
func lock(v *page.Visit, who *citizen.Who) error {
	_, _, err := v.Citizens.Lock(v.Context(), v.Journal, who, v.R.PostForm.Get("purpose"))
	if err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return v.GoTo("/me/locks")
}

func unlock(v *page.Visit, who *citizen.Who) error {
	_, _, err := v.Citizens.Unlock(v.Context(), v.Journal, who, v.R.PostForm.Get("purpose"))
	if err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return v.GoTo("/me/locks")
}
