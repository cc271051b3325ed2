// Package board is the pages of the board's members and of inspectors. What
// both may see stands under /board, what inspectors alone do under /inspector.
//
//	dashboard.go    a member's first page: waiting.go, near.go, reach.go and
//	                oversight.go its parts; desk.go an inspector's
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
//	declarations.go what agencies declare to have done of the law;
//	                declaration.go one of them, with the form that judges it
//	patterns.go     unusual patterns; pattern.go one
//	reports.go      what citizens report; report.go one
//	open.go         the record of an inquiry, by the number of its case; record.go in words
//	words.go        states, agencies and days as people read them
//
// Nothing here decides who may do what: the nouns' acts do.
package board

import (
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
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
		[]page.Route{page.Get("/board", both, new(dashboard).show), page.Get("/board/provinces", both, provinces), page.Get("/inspector", inspectors, desk)},
		sessionRoutes(), decisionRoutes(), followRoutes(), deadlineRoutes(), evaluationRoutes(), quarterRoutes(),
		auditRoutes(), patternRoutes(), reportRoutes(), declarationRoutes(),
	)}
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
		item(inspectors, "duties", "/board/declarations", "declarations", "check", declarationsToJudge),
		item(inspectors, "citizens", "/board/reports", "reports", "letter", toFind),
		item(both, "watch", "/board/deadlines", "deadlines", "clock", nil),
		item(both, "watch", "/board/provinces", "provinces", "map", nil),
		item(both, "watch", "/board/evaluations", "evaluations", "chart", nil),
		item(both, "watch", "/board/quarters", "quarters", "paper", nil),
		item(members, "findings", "/board/audits", "audits", "folder", nil),
		item(members, "findings", "/board/reports", "reports", "letter", nil),
		item(members, "findings", "/board/declarations", "declarations", "check", nil),
		item(inspectors, "board", "/board", "dashboard", "chart", nil),
		item(inspectors, "board", "/board/decisions", "decisions", "pen", nil),
		item(inspectors, "board", "/board/sessions", "sessions", "people", nil),
		item(inspectors, "board", "/board/follow-ups", "follow", "flag", nil),
	}
}

// What waits, as the menu counts it. A count that cannot be had is none: the
// page itself tells what went wrong.

func toSign(v *page.Visit) int {
	n, _ := v.Board.ToSign(v.Context(), v.Actor())
	return int(n)
}

func toJudge(v *page.Visit) int {
	all, _ := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{State: audit.Shown, Limit: page.MostCounted + 1})
	return len(all)
}

func toExamine(v *page.Visit) int {
	all, _ := v.Audits.Patterns(v.Context(), v.Actor(), &audit.PatternFilter{State: audit.New, Limit: page.MostCounted + 1})
	return len(all)
}

func toFind(v *page.Visit) (n int) {
	for _, state := range []complaint.State{complaint.Held, complaint.Answered} {
		all, _ := v.Complaints.List(v.Context(), v.Actor(), &complaint.Filter{State: state, Limit: page.MostCounted + 1})
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

// older takes a page of a list that the noun gives from the oldest on, so that
// the newest stands first; more leads to older ones.
func older[T any](v *page.Visit, all []T, id func(*T) int64) (some []T, more string) {
	before := v.Asked("before")
	for i := range slices.Backward(all) {
		if before != 0 && id(&all[i]) >= before {
			continue
		}
		if len(some) == pageRows {
			return some, v.Next("before", itoa(id(&some[pageRows-1])))
		}
		some = append(some, all[i])
	}
	return some, ""
}

// at is a path that ends in a number.
func at(path string, n int64) string { return path + strconv.FormatInt(n, 10) }

// everything reads a list to its end. What the board keeps is short: a few
// sessions a month.
func everything[T any](read func(after int64) ([]T, error), id func(*T) int64) (all []T, err error) {
	for after := int64(0); ; {
		some, err := read(after)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < most {
			return all, nil
		}
		after = id(&some[len(some)-1])
	}
}
