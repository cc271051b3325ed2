package registry

import (
	"slices"
	"time"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/person"
)

// letterTable is the letters that told a person what the register holds of him,
// the newest first; nil if there are none.
func letterTable(v *page.Visit, all []notice.Sent) *page.Table {
	if len(all) == 0 {
		return nil
	}
	t := &page.Table{Title: v.T("console.registry.letters.title"), Columns: page.Head(
		v.T("console.registry.letters.letter"), v.T("console.registry.letters.state"), v.T("console.registry.field.day"),
		v.T("console.registry.letters.last"), v.T("console.registry.letters.objection"),
	)}
	for i := range slices.Backward(all) {
		l := &all[i]
		state := page.Cell{Text: v.T("console.registry.letter." + l.State.String()), Tone: toneOfLetter(l.State)}
		if l.Reason != 0 {
			state.Small = v.Called("notice.reason." + l.Reason.String())
		}
		cells := []page.Cell{
			{Text: l.Name, Path: "/office/letters/" + itoa(l.Campaign), Small: v.T("console.registry.letters.no", v.No(l.ID))},
			state, {Text: v.Moment(l.Changed)}, {Text: v.Day(l.LastDay)}, {Text: "–"},
		}
		if n := len(l.Cases); n > 0 { // the last one counts
			c := &l.Cases[n-1]
			cells[4] = page.Cell{Text: v.T("console.registry.letters.case", v.No(c.ID)), Path: "/office/cases/" + itoa(c.ID), Small: objected(v, c)}
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	return t
}

// objected says how far an objection is, and how it ended.
func objected(v *page.Visit, c *discrepancy.Case) string {
	if c.State == discrepancy.Closed {
		return v.T("console.registry.objection." + c.Outcome.String())
	}
	return v.T("console.registry.objection." + c.State.String())
}

func toneOfLetter(s notice.LetterState) string {
	switch s {
	case notice.Delivered:
		return page.Good
	case notice.Returned, notice.Dropped:
		return page.Bad
	}
	return page.Info
}

// happened is a line of the story and when it was registered; zero: before this
// register.
type happened struct {
	at time.Time
	page.Event
}

// letterEvents are the letters' moments: how each stands since when, and what
// the person has said to it.
func letterEvents(v *page.Visit, all []notice.Sent) (lines []happened) {
	for i := range all {
		l := &all[i]
		e := page.Event{
			When: v.Moment(l.Changed), Title: v.T("console.registry.letters.event", v.T("console.registry.letter."+l.State.String())),
			Text: v.T("console.registry.letters.of", isolated(l.Name), v.No(l.ID)), Icon: "letter", Tone: toneOfLetter(l.State),
		}
		if l.Reason != 0 {
			e.Facts = []page.Fact{{Label: v.T("console.registry.field.reason"), Value: v.Called("notice.reason." + l.Reason.String())}}
		}
		lines = append(lines, happened{l.Changed, e})
		for k := range l.Cases {
			c := &l.Cases[k]
			lines = append(lines, happened{c.Opened, page.Event{
				When: v.Moment(c.Opened), Title: v.T("console.registry.letters.objected"), Text: v.T("console.registry.letters.of", isolated(l.Name), v.No(l.ID)),
				Icon: "flag", Tone: page.Warn,
				Facts: []page.Fact{{Label: v.T("console.registry.letters.case", v.No(c.ID)), Value: objected(v, c), Path: "/office/cases/" + itoa(c.ID)}},
			}})
		}
	}
	return lines
}

// story is everything that happened to a person, his letters too, the newest
// first. The register's own moments keep their order: a letter stands before
// the first of them that was registered before it.
func story(v *page.Visit, t *person.Timeline, letters []notice.Sent) page.Timeline {
	line := page.Timeline{Title: v.T("console.registry.person.story"), Empty: v.T("console.registry.person.story.none")}
	rest := letterEvents(v, letters)
	slices.SortStableFunc(rest, func(a, b happened) int { return b.at.Compare(a.at) })
	for _, m := range slices.Backward(t.Moments) {
		for len(rest) > 0 && rest[0].at.After(m.At) {
			line.Events, rest = append(line.Events, rest[0].Event), rest[1:]
		}
		line.Events = append(line.Events, event(v, &m, t))
	}
	for i := range rest {
		line.Events = append(line.Events, rest[i].Event)
	}
	return line
}
