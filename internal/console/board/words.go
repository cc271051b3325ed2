package board

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// tones colour states; each stands beside its word.
var tones = map[string]string{
	"drafted": page.Warn, "decided": page.Good, "repealed": page.Plain, "withdrawn": page.Plain, "later": page.Info,
	"met": page.Good, "running": page.Info, "late": page.Bad, "not_begun": page.Warn,
	"done": page.Good, "open": page.Info, "overdue": page.Bad,
	"draft": page.Warn, "reviewed": page.Info, "issued": page.Good, "frozen": page.Good, "appeals": page.Warn,
	"shown": page.Warn, "closed": page.Plain, "held": page.Bad, "answered": page.Warn,
	"justified": page.Good, "misuse": page.Bad, "silent": page.Bad, "pending": page.Warn,
	"upheld": page.Bad, "rejected": page.Good,
	"new": page.Warn, "explained": page.Good, "audited": page.Info,
	"scored": page.Good, "missing": page.Bad,
	"drawn": page.Good, "ordered": page.Info, "agrees": page.Good, "differs": page.Bad,
}

// badge is a state of some kind of thing, in words.
func badge(v *page.Visit, kind, state string) page.Cell {
	state = underscored(state)
	return page.Cell{Text: v.T("console.board.state." + kind + "." + state), Tone: tones[state]}
}

// stateFact is the same as a labelled value.
func stateFact(v *page.Visit, label, kind, state string) page.Fact {
	c := badge(v, kind, state)
	return page.Fact{Label: v.T("console.board.fact." + label), Value: c.Text, Tone: c.Tone}
}

// fact is a labelled value under a key.
func fact(v *page.Visit, key, value string) page.Fact {
	return page.Fact{Label: v.T("console.board.fact." + key), Value: orDash(value)}
}

// numberFact is a labelled value of digits.
func numberFact(v *page.Visit, key, value string) page.Fact {
	f := fact(v, key, value)
	f.Number = value != ""
	return f
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// heads are the columns of a table; those after a * hold figures.
func heads(v *page.Visit, keys ...string) (all []page.Column) {
	for _, key := range keys {
		name, figures := strings.CutPrefix(key, "*")
		all = append(all, page.Column{Title: v.T("console.board.column." + name), Number: figures})
	}
	return all
}

// known is the text of a word below prefix, or the word itself.
func known(v *page.Visit, prefix, word string) string {
	if key := prefix + underscored(word); message.Known(key) {
		return v.T(key)
	}
	return isolated(word)
}

// isolated keeps the order of a code within Persian text.
func isolated(code string) string { return "\u2066" + code + "\u2069" }

// options are values to choose from, with their texts below a key.
func options(v *page.Visit, prefix string, values ...string) []page.Option {
	return page.Choose(values, "", func(value string) string { return v.T(prefix + underscored(value)) })
}

// inTongue chooses between the two languages of a text that comes in both.
func inTongue(v *page.Visit, fa, en string) string {
	if v.Lang == message.En {
		return en
	}
	return fa
}

// list joins words as the language does.
func list(v *page.Visit, words []string) string {
	all := ""
	for i, w := range words {
		if i > 0 {
			w = v.T("message.list", all, w)
		}
		all = w
	}
	return orDash(all)
}

// no writes an identifier.
func no(v *page.Visit, n int64) string { return v.Digits(strconv.FormatInt(n, 10)) }

// shortDay is a date in figures, for narrow columns.
func shortDay(v *page.Visit, d persian.Date) string {
	if d.IsZero() {
		return "–"
	}
	return v.Digits(strings.ReplaceAll(d.String(), "-", "/"))
}

func dayCell(v *page.Visit, d persian.Date) page.Cell {
	return page.Cell{Text: shortDay(v, d), Number: !d.IsZero()}
}

func countCell(v *page.Visit, n int64) page.Cell { return page.Cell{Text: v.Count(n), Number: true} }

// month writes a month of a year.
func month(v *page.Visit, d persian.Date) string {
	return v.T("console.board.month", v.T("console.month."+strconv.Itoa(int(d.Month))), v.Digits(strconv.Itoa(int(d.Year))))
}

// monthShort is the month alone, for the axis of a chart.
func monthShort(v *page.Visit, d persian.Date) string {
	return v.T("console.month." + strconv.Itoa(int(d.Month)))
}

// left says how many days are left until a day, and how urgent that is.
func left(v *page.Visit, due persian.Date) (text, tone string) {
	if !due.Precise() {
		return "", page.Plain
	}
	n := int64(due.Days() - today(v).Days())
	switch {
	case n < 0:
		return v.T("console.board.left.over", v.Count(-n)), page.Bad
	case n == 0:
		return v.T("console.board.left.today"), page.Bad
	case n <= 30:
		return v.T("console.board.left.days", v.Count(n)), page.Warn
	}
	return v.T("console.board.left.days", v.Count(n)), page.Plain
}

func today(v *page.Visit) persian.Date { return persian.DateOf(v.Clock()) }

// agencyName is the name of a body, or its id if it is not known.
func agencyName(v *page.Visit, id ids.LegalID) string {
	if id == 0 {
		return "–"
	}
	a, err := v.Agencies.ByID(id)
	if err != nil {
		return v.Digits(id.String())
	}
	return a.Name
}

// officerName is the name of an officer, or his login if he has left.
func officerName(v *page.Visit, of ids.LegalID, login string) string {
	o, err := v.Agencies.Officer(of, login)
	if err != nil {
		return isolated(login)
	}
	return o.Name
}

// fewAgencies is up to how many agencies are offered in a list.
const fewAgencies = 300

// agencyControl asks for an agency: from a list where there are few, else by
// its id.
func agencyControl(v *page.Visit, name, label string, optional bool, wanted func(*agency.Agency) bool) page.Control {
	c := page.Control{Name: name, Kind: page.Choose1, Label: label, Optional: optional}
	for _, a := range v.Agencies.Agencies() {
		if a.State != agency.Closed && (wanted == nil || wanted(a)) {
			c.Options = append(c.Options, page.Option{Value: a.ID.String(), Text: a.Name})
		}
	}
	if len(c.Options) > fewAgencies {
		return page.Control{Name: name, Kind: page.Legal, Label: label, Optional: optional}
	}
	slices.SortFunc(c.Options, func(a, b page.Option) int { return compare(a.Text, b.Text) })
	blank := "console.form.choose"
	if optional {
		blank = "console.board.all_agencies"
	}
	c.Options = page.Blank(v.T(blank), c.Options)
	return c
}

// bodyName is the name of one of the four bodies of the board.
func bodyName(v *page.Visit, body string) string { return v.T("console.board.body." + body) }

// memberName is who a membership is of.
func memberName(v *page.Visit, all []boards.Member, id int64) string {
	i := slices.IndexFunc(all, func(m boards.Member) bool { return m.ID == id })
	if i < 0 {
		return "–"
	}
	return officerName(v, all[i].Agency, all[i].Login)
}

// grouped writes a digest in groups that can be compared by eye.
func grouped(hash string) string {
	var all []string
	for part := range slices.Chunk([]byte(hash), 8) {
		all = append(all, string(part))
	}
	return strings.Join(all, " ")
}

// tabs are views of a list, of which one is shown.
func tabs(v *page.Visit, path, name, prefix string, values ...string) page.Tabs {
	var all page.Tabs
	now := v.R.URL.Query().Get(name)
	for _, value := range values {
		link := page.Link{Path: path, Text: v.T(prefix + "all"), Current: now == value}
		if value != "" {
			link.Path, link.Text = path+"?"+name+"="+value, v.T(prefix+value)
		}
		all = append(all, link)
	}
	return all
}

// excerpt is the beginning of a text, for a column.
func excerpt(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n])) + "…"
}

// lines are the paragraphs of a text.
func lines(s string) (all page.Text) {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// wordsOf are the texts of values below a key, joined.
func wordsOf(v *page.Visit, prefix string, values []string) string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = known(v, prefix, value)
	}
	return list(v, all)
}

// underscored is a code word as keys write it.
func underscored(word string) string { return strings.ReplaceAll(word, "-", "_") }

// compare orders names as Persian does.
func compare(a, b string) int { return strings.Compare(persian.Key(a), persian.Key(b)) }

// itoa is a number as programs read it.
func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// query is the query of an address.
func query(name, value string) string { return url.Values{name: {value}}.Encode() }
