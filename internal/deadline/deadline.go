// Package deadline keeps the clocks of the law: what must be done by when, from
// which day that counts, who has done it, and who is late.
//
// Every deadline of the law's clauses is a line of law.txt. A clock is computed
// like this:
//
//  1. Its start is the day of that name: decided by the board (start-date), or
//     printed in the law. Without it the clock has not begun.
//  2. Its last day lies so many Jalali months or days after it; a day that the
//     month does not have becomes its last one. What recurs counts from the
//     last time it was done. What is done case by case has the case's own day.
//  3. Days are Tehran's: a deadline is missed when the day after its last one
//     begins there.
//  4. Who has done it, measures say, which nouns give (Config). Of what nothing
//     measures, nothing is claimed: it is listed as not measured, never as met.
//
// The package writes nothing. Whoever moves a start decides it in the board.
package deadline

import (
	_ "embed" // the law's deadlines
	"regexp"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Who has a deadline.
const (
	Agencies       = "agencies" // all that are bound and not closed
	Registry       = "registry"
	Post           = "post"
	Municipalities = "municipalities"
	Board          = "board"
	Planning       = "planning"
	Persons        = "persons" // everybody: nobody counts their clocks here
)

// Units of time.
const (
	Months    = "months"
	Days      = "days"
	Monthly   = "monthly"
	Quarterly = "quarterly"
	Yearly    = "yearly"
	Always    = "standing" // no clock
	Repealed  = "repealed" // the duty is no more; also its state
	Own       = "own"      // each case has its own
)

// Deadline is one of the law's.
type Deadline struct {
	Name   string
	Clause string // as docs/law.md has it
	Who    string
	Amount int // of Months and Days
	Unit   string
	Start  string // name of a day; "": none
}

//go:embed law.txt
var law string

// Law is every deadline of the law, in the order of its clauses; starts are the
// days from which they count, zero where only a decision tells it.
var Law, starts = parse(law)

var columns = regexp.MustCompile(` {2,}`)

// parse reads the table. It is a part of the program, so what is wrong with it
// shows at the first start; a test reads it column by column.
func parse(text string) (all []Deadline, starts map[string]persian.Date) {
	starts = map[string]persian.Date{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "start "); ok {
			name, day, _ := strings.Cut(rest, " ")
			starts[name], _ = persian.ParseDate(strings.TrimSpace(day)) // none: zero
			continue
		}
		c := columns.Split(line, -1)
		d := Deadline{Name: c[0], Clause: c[1], Who: c[2], Unit: c[3], Start: strings.TrimPrefix(c[4], "-")}
		if amount, unit, ok := strings.Cut(c[3], " "); ok {
			d.Amount, _ = strconv.Atoi(amount)
			d.Unit = unit
		}
		all = append(all, d)
	}
	return all, starts
}

// recurs is how many months lie between two times of what recurs; 0: it does not.
func (d *Deadline) recurs() int {
	return map[string]int{Monthly: 1, Quarterly: 3, Yearly: 12}[d.Unit]
}

// due is the last day, from its start and from when it was last done; zero while
// the clock has not begun.
func (d *Deadline) due(start, last persian.Date) persian.Date {
	if n := d.recurs(); n > 0 {
		if last.Compare(start) > 0 {
			start = last
		}
		return start.AddMonths(n)
	}
	switch d.Unit {
	case Months:
		return start.AddMonths(d.Amount)
	case Days:
		return start.AddDays(d.Amount)
	}
	return persian.Date{}
}

// Standing is how one body stands with one deadline, as a measure tells it.
type Standing struct {
	Agency ids.LegalID  // 0: the registry or the board as such
	Met    persian.Date // the day on which it was done, or last done; zero: not yet
	Done   bool         // it is done, and nobody has written down when
	Due    persian.Date // last day of its own clock; zero: the deadline's
	Open   int64        // how many cases, copies, items … are open
	Note   string       // message key: what stands in the way; ""
}

// States of a standing.
const (
	Met         = "met"
	Running     = "running" // not done, and the last day is not over
	Late        = "late"
	NotBegun    = "not-begun"    // the day from which it counts is not decided
	NotMeasured = "not-measured" // nothing tells whether it is done
)

// state is how it stands on a day, and how many days late. What was done late is
// met, and the days say by how much; what recurs is late until it is done.
func (d *Deadline) state(s *Standing, start, today persian.Date) (state string, due persian.Date, late int) {
	due = s.Due
	if due.IsZero() {
		due = d.due(start, s.Met)
	}
	done := !s.Met.IsZero() && d.recurs() == 0
	switch {
	case s.Done, due.IsZero() && (done || d.Unit == Own): // of cases: none is open
		return Met, due, 0
	case due.IsZero():
		return NotBegun, due, 0
	}
	by := today
	if done {
		by = s.Met
	}
	late = max(0, int(by.Days()-due.Days()))
	switch {
	case done:
		return Met, due, late
	case late > 0:
		return Late, due, late
	}
	return Running, due, 0
}
