// Package head is the pages of an agency's highest officer: he signs what the
// agency may ask, says who asks in its name, and answers for both.
//
//	dashboard.go    what waits for him; waits.go gathers it
//	agreements.go   what the agency may ask, drafts.go and clause.go its texts
//	staff.go        who acts for the agency, and until when
//	processes.go    copies that are gone, obstacles.go what is in the way
//	compliance.go   what the law asks, audits.go and reports.go what is asked of him
//	usage.go        what was asked, against the quotas
//	words.go        states, services and reasons as people read them
//
// Nothing here decides what he may do: the nouns' acts do.
package head

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
)

var only = []string{agency.RoleHead}

// Room is these pages.
func Room() page.Room {
	return page.Room{Name: "head", Menu: menu(), Routes: slices.Concat(
		[]page.Route{get("/head", dashboard)},
		agreementRoutes(), draftRoutes(), delegationRoutes(),
		staffRoutes(), processRoutes(), obstacleRoutes(),
		complianceRoutes(), conversionRoutes(), auditRoutes(), reportRoutes(), evaluationRoutes(), recordRoutes(),
	)}
}

func get(path string, serve func(*page.Visit) error) page.Route {
	return page.Route{Method: http.MethodGet, Path: path, Roles: only, Serve: serve}
}

func menu() []page.Item {
	item := func(group, path, key, icon string, count func(*page.Visit) int) page.Item {
		if group != "" {
			group = "console.head.menu." + group
		}
		return page.Item{Path: path, Key: "console.head.menu." + key, Icon: icon, Roles: only, Group: group, Count: count}
	}
	return []page.Item{
		item("", "/head", "desk", "desk", nil),
		item("permits", "/head/agreements", "agreements", "pen", toSign),
		item("permits", "/head/delegations", "delegations", "chain", nil),
		item("permits", "/head/usage", "usage", "chart", nil),
		item("people", "/head/staff", "staff", "people", nil),
		item("people", "/head/certificates", "certificates", "key", nil),
		item("people", "/head/tree", "tree", "map", nil),
		item("removal", "/head/processes", "processes", "predicate", nil),
		item("removal", "/head/obstacles", "obstacles", "warn", nil),
		item("removal", "/head/waves", "waves", "flag", nil),
		item("answers", "/head/audits", "audits", "folder", toShow),
		item("answers", "/head/reports", "reports", "letter", toAnswer),
		item("answers", "/head/compliance", "compliance", "scale", nil),
		item("answers", "/head/conversions", "conversions", "list", nil),
		item("answers", "/head/evaluations", "evaluations", "chart", nil),
		item("answers", "/head/quarters", "quarters", "paper", nil),
	}
}

// What waits, as the menu counts it. A count that cannot be had is none: the
// page itself tells what went wrong.

func toSign(v *page.Visit) int {
	n, _ := v.Agreements.Waiting(v.Context(), v.Actor())
	return int(n[agreement.Reviewed])
}

func toShow(v *page.Visit) int {
	all, _ := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{State: audit.Awaited})
	return len(slices.DeleteFunc(all, func(c audit.Case) bool { return c.Agency != v.Asker.Agency.ID }))
}

func toAnswer(v *page.Visit) int {
	all, _ := v.Complaints.List(v.Context(), v.Actor(), &complaint.Filter{State: complaint.Opened})
	return len(all)
}

// pageRows is how many rows a page of a list has.
const pageRows = 50

// more is the address of the next page of a list, if this one is full.
func more(v *page.Visit, shown int, last int64) string {
	if shown < pageRows {
		return ""
	}
	return v.Next("after", strconv.FormatInt(last, 10))
}

// asking reports whether the form is shown for the first time: only then it
// begins with what is on record. What is sent stands alone, so that an emptied
// control is empty.
func asking(v *page.Visit) bool { return v.R.Method != http.MethodPost }

// mark is what was on record when a form was shown, in short, so that two
// people do not overwrite each other.
func mark(values ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// digest is the SHA-256 of a file that stays with the agency: the file itself
// is forgotten with the request. No file is no digest.
func digest(file string) string {
	if file == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(file))
	return hex.EncodeToString(sum[:])
}
