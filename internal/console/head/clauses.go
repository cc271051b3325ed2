package head

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// memberWords is what a member of a clause or of the terms says.
func memberWords(v *page.Visit, name string, values []string) string {
	if len(values) == 0 {
		if message.Known("agreement.unset." + name) {
			return v.T("agreement.unset." + name)
		}
		return "–"
	}
	said := make([]string, len(values))
	for i, value := range values {
		said[i] = memberWord(v, name, value)
	}
	return v.List(said)
}

var memberPrefix = map[string]string{
	"service": "agreement.asks.", "modes": "agreement.way.", "fields": "agreement.item.", "days": "agreement.weekday.",
	"silence": "agreement.comes.", "misuse": "agreement.comes.",
}

func memberWord(v *page.Visit, name, value string) string {
	if prefix := memberPrefix[name]; prefix != "" {
		return v.T(prefix + value)
	}
	count := func() string {
		n, _ := strconv.ParseInt(value, 10, 64) // of a number
		return v.Count(n)
	}
	switch name {
	case "search_keys":
		return v.T("agreement.by." + value[strings.IndexByte(value, '+')+1:])
	case "hours":
		from, until, _ := strings.Cut(value, "-")
		return v.T("agreement.said.hours", from, until)
	case "daily_quota":
		return v.T("agreement.said.quota", count())
	case "court_days":
		return v.T("agreement.said.court", value)
	case "audit_days":
		return v.T("agreement.said.days", value)
	case "signature":
		return v.T("agreement.said.signature")
	case "processes":
		return processName(v, value)
	case "purposes":
		return v.Known("console.word.", value)
	case "from", "until":
		if d, err := persian.ParseDate(value); err == nil {
			return v.Day(d)
		}
	}
	return value
}

// clauseTable is what clauses permit, a clause a row; edit is where a clause
// can be changed, "" if it cannot.
func clauseTable(v *page.Visit, clauses []agreement.Clause, edit string) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.clauses.title"), Empty: v.T("console.head.clauses.none"),
		Columns: page.Head(v.T("console.head.column.clause"), v.T("agreement.member.fields"), v.T("agreement.member.search_keys"),
			v.T("console.head.column.for"), v.T("console.head.column.limits")),
	}
	for i := range clauses {
		c := &clauses[i]
		no := strconv.Itoa(c.No)
		name := page.Cell{Text: v.T("console.head.clause.is", v.Digits(no), service(v, c.Service)), Small: words(v, "agreement.way.", c.Modes)}
		if edit != "" {
			name.Path = edit + "/" + no
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			name,
			{Text: memberWords(v, "fields", c.Fields)},
			{Text: memberWords(v, "search_keys", c.SearchKeys)},
			{Text: memberWords(v, "processes", c.Processes), Small: memberWords(v, "purposes", c.Purposes)},
			{Text: memberWords(v, "daily_quota", positive(c.DailyQuota)), Small: limits(v, c)},
		}})
	}
	return t
}

func positive(n int64) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.FormatInt(n, 10)}
}

// limits is when and how a clause may be used, where it says so.
func limits(v *page.Visit, c *agreement.Clause) string {
	var all []string
	if c.Hours != "" {
		all = append(all, memberWord(v, "hours", c.Hours))
	}
	if len(c.Days) > 0 {
		all = append(all, words(v, "agreement.weekday.", c.Days))
	}
	if c.Signature {
		all = append(all, v.T("agreement.said.signature"))
	}
	if c.CourtDays > 0 {
		all = append(all, memberWord(v, "court_days", strconv.Itoa(c.CourtDays)))
	}
	return v.List(all)
}

// termTable is why each clause is needed and what its misuse comes to.
func termTable(v *page.Visit, clauses []agreement.Clause) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.terms.title"), Note: v.T("console.head.terms.note"),
		Columns: page.Head(v.T("console.head.column.clause"), v.T("agreement.member.statement"), v.T("agreement.member.risk"),
			v.T("agreement.member.misuse"), v.T("agreement.member.silence")),
	}
	for i := range clauses {
		c := &clauses[i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.head.clause.no", strconv.Itoa(c.No))},
			{Text: cmp.Or(c.Statement, v.T("agreement.unset.statement"))},
			{Text: cmp.Or(c.Risk, v.T("agreement.unset.risk"))},
			{Text: v.T("agreement.comes." + c.Term(agreement.Misuse))},
			{Text: v.T("agreement.comes." + c.Term(agreement.Silence)), Small: memberWord(v, "audit_days", strconv.Itoa(c.DossierDays()))},
		}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}
