// Package board is the pages of the board's members and of inspectors. What
// both may see stands under /board, what inspectors alone do under /inspector.
//
//	dashboard.go    a member's first page; desk.go an inspector's
//	provinces.go    how far the provinces have come
//	sessions.go     sessions that were held; members.go who sits in the board
//	decisions.go    decisions; decision.go one of them; draft.go a new one, with
//	                a form for each effect (effects.go)
//	follow.go       what the board wants done
//	deadlines.go    the clocks of the law; deadline.go one of them; late.go who is late
//	evaluations.go  annual evaluations; evaluation.go one year; unit.go one
//	                agency; trace.go the rows behind a figure; appeal.go appeals
//	quarters.go     quarterly reports; quarter.go one; steps.go its three hands
//	draws.go        samples; draw.go one with its recipe
//	audits.go       audits; audit.go one; judge.go what is found
//	patterns.go     unusual patterns; pattern.go one
//	reports.go      what citizens report; report.go one
//	open.go         the record of an inquiry, by the number of its case; record.go in words
//	words.go        states, agencies and days as people read them
//
// Nothing here decides who may do what: the nouns' acts do.
package board

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/register"
)

var (
	members    = []string{register.Member}
	inspectors = []string{register.Inspector}
	both       = []string{register.Member, register.Inspector}
)

// Room is these pages.
func Room() page.Room {
	return page.Room{Name: "board", Menu: menu(), Routes: slices.Concat(
		[]page.Route{get("/board", both, new(dashboard).show), get("/board/provinces", both, provinces), get("/inspector", inspectors, desk)},
		sessionRoutes(), decisionRoutes(), followRoutes(), deadlineRoutes(), evaluationRoutes(), quarterRoutes(),
		auditRoutes(), patternRoutes(), reportRoutes(),
	)}
}

func get(path string, roles []string, serve func(*page.Visit) error) page.Route {
	return page.Route{Method: http.MethodGet, Path: path, Roles: roles, Serve: serve}
}

func menu() []page.Item {
	item := func(roles []string, group, path, key, icon string, count func(*page.Visit) int) page.Item {
		if group != "" {
			group = "console.board.menu." + group
		}
		return page.Item{Path: path, Key: "console.board.menu." + key, Icon: icon, Roles: roles, Group: group, Count: count}
	}
	return []page.Item{
		item(members, "", "/board", "dashboard", "desk", nil),
		item(members, "board", "/board/decisions", "decisions", "pen", toSign),
		item(members, "board", "/board/sessions", "sessions", "people", nil),
		item(members, "board", "/board/follow-ups", "follow", "flag", nil),
		item(members, "board", "/board/members", "members", "person", nil),
		item(inspectors, "", "/inspector", "desk", "desk", nil),
		item(inspectors, "audits", "/board/audits", "audits", "folder", toJudge),
		item(inspectors, "audits", "/inspector/draws", "draws", "list", nil),
		item(inspectors, "audits", "/inspector/patterns", "patterns", "warn", toExamine),
		item(inspectors, "audits", "/inspector/open", "open", "search", nil),
		item(inspectors, "citizens", "/board/reports", "reports", "letter", toFind),
		item(both, "watch", "/board/deadlines", "deadlines", "clock", nil),
		item(both, "watch", "/board/provinces", "provinces", "map", nil),
		item(both, "watch", "/board/evaluations", "evaluations", "chart", nil),
		item(both, "watch", "/board/quarters", "quarters", "paper", nil),
		item(members, "findings", "/board/audits", "audits", "folder", nil),
		item(members, "findings", "/board/reports", "reports", "letter", nil),
		item(inspectors, "board", "/board", "dashboard", "chart", nil),
		item(inspectors, "board", "/board/decisions", "decisions", "pen", nil),
		item(inspectors, "board", "/board/sessions", "sessions", "people", nil),
		item(inspectors, "board", "/board/follow-ups", "follow", "flag", nil),
	}
}

// What waits, as the menu counts it. A count that cannot be had is none: the
// page itself tells what went wrong.

func toSign(v *page.Visit) int {
	waiting, _ := awaiting(v)
	return len(waiting)
}

func toJudge(v *page.Visit) int {
	all, _ := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{State: audit.Shown, Limit: most})
	return len(all)
}

func toExamine(v *page.Visit) int {
	all, _ := v.Audits.Patterns(v.Context(), v.Actor(), &audit.PatternFilter{State: audit.New, Limit: most})
	return len(all)
}

func toFind(v *page.Visit) (n int) {
	for _, state := range []complaint.State{complaint.Held, complaint.Answered} {
		all, _ := v.Complaints.List(v.Context(), v.Actor(), &complaint.Filter{State: state, Limit: most})
		n += len(all)
	}
	return n
}

// pageRows is how many rows a page of a list has; most is as many as the nouns
// give at once.
const (
	pageRows = 50
	most     = 1000
)

// number is a number in the address. One that is none names nothing.
func number(v *page.Visit, name string) (int64, error) {
	n, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, page.NotFound()
	}
	return n, nil
}

// asked is a number that the address asks for; 0: none, or none that can be read.
func asked(v *page.Visit, name string) int64 {
	n, _ := strconv.ParseInt(v.R.URL.Query().Get(name), 10, 64) // anything else: none
	return max(n, 0)
}

// next is the address of a list's next page: this one's with another cursor.
func next(v *page.Visit, name string, last int64) string {
	q := v.R.URL.Query()
	q.Set(name, strconv.FormatInt(last, 10))
	return v.R.URL.Path + "?" + q.Encode()
}

// older takes a page of a list that the noun gives from the oldest on, so that
// the newest stands first; more leads to older ones.
func older[T any](v *page.Visit, all []T, id func(*T) int64) (some []T, more string) {
	before := asked(v, "before")
	for i := range slices.Backward(all) {
		if before != 0 && id(&all[i]) >= before {
			continue
		}
		if len(some) == pageRows {
			return some, next(v, "before", id(&some[pageRows-1]))
		}
		some = append(some, all[i])
	}
	return some, ""
}

// at is a path that ends in a number.
func at(path string, n int64) string { return path + strconv.FormatInt(n, 10) }

// within moves the faults below one place of the act's input to the form's own
// controls.
func within(err error, from, to string) error {
	f := fault.Of(err)
	if f == nil {
		return nil
	}
	moved := func(e *fault.Error) *fault.Error {
		c := *e
		c.More = nil
		if c.Field == from || strings.HasPrefix(c.Field, from+".") {
			c.Field = to + strings.TrimPrefix(c.Field, from)
		}
		return &c
	}
	out := moved(f)
	for _, one := range f.More {
		out.More = append(out.More, moved(one))
	}
	return out
}

// errChanged is said where an act has no version of its own.
var errChanged = fault.New(fault.Conflict, "console.board.changed")

// sent answers with a document that write makes.
func sent(v *page.Visit, kind, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return v.Send(kind, name, b.Bytes())
}

// xlsx is the media type of a spreadsheet.
const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
