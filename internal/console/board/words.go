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
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
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
	"declared": page.Warn, "accepted": page.Good, "returned": page.Bad,
	"scored": page.Good, "missing": page.Bad,
	"drawn": page.Good, "ordered": page.Info, "agrees": page.Good, "differs": page.Bad,
}

// badge is a state of some kind of thing, in words.
func badge(v *page.Visit, kind, state string) page.Cell {
	state = page.Keyed(state)
	return page.Cell{Text: v.T("console.board.state." + kind + "." + state), Tone: tones[state]}
}

// stateFact is the same as a labelled value.
func stateFact(v *page.Visit, label, kind, state string) page.Fact {
	c := badge(v, kind, state)
	return page.Fact{Label: v.T("console.board.fact." + label), Value: c.Text, Tone: c.Tone}
}

// fact is a labelled value under a key.
func fact(v *page.Visit, key, value string) page.Fact {
	return page.Fact{Label: v.T("console.board.fact." + key), Value: page.OrDash(value)}
}

// numberFact is a labelled value of digits.
func numberFact(v *page.Visit, key, value string) page.Fact {
	f := fact(v, key, value)
	f.Number = value != ""
	return f
}

// heads are the columns of a table; those after a * hold figures.
func heads(v *page.Visit, keys ...string) (all []page.Column) {
	for _, key := range keys {
		name, figures := strings.CutPrefix(key, "*")
		all = append(all, page.Column{Title: v.T("console.board.column." + name), Number: figures})
	}
	return all
}

// options are values to choose from, with their texts below a key.
func options(v *page.Visit, prefix string, values ...string) []page.Option {
	return page.Choose(values, "", func(value string) string { return v.T(prefix + page.Keyed(value)) })
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
	return page.OrDash(all)
}

// soon is how many days before its end a deadline begins to press.
const soon = 30

func dayCell(v *page.Visit, d persian.Date) page.Cell {
	return page.Cell{Text: v.ShortDay(d), Number: !d.IsZero()}
}

func countCell(v *page.Visit, n int64) page.Cell { return page.Cell{Text: v.Count(n), Number: true} }

// monthShort is the month alone, for the axis of a chart.
func monthShort(v *page.Visit, d persian.Date) string {
	return v.T("console.month." + strconv.Itoa(int(d.Month)))
}

func today(v *page.Visit) persian.Date { return persian.DateOf(v.Clock()) }

// officerName is the name of an officer, or his login if he has left.
func officerName(v *page.Visit, of ids.LegalID, login string) string {
	o, err := v.Agencies.Officer(of, login)
	if err != nil {
		return page.Isolated(login)
	}
	return o.Name
}

// rowCell names a row that something was counted from, and leads to it where
// it has a page here.
func rowCell(v *page.Visit, of ids.LegalID, r *register.Row) page.Cell {
	c := page.Cell{}
	c.Text, c.Small = v.RowName(of, r)
	switch r.Noun {
	case "audit":
		c.Path = "/board/audits/" + r.ID
	case "complaint":
		c.Path = "/board/reports/" + r.ID
	}
	return c
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
		all[i] = v.Known(prefix, value)
	}
	return list(v, all)
}

// compare orders names as Persian does.
func compare(a, b string) int { return strings.Compare(persian.Key(a), persian.Key(b)) }

// itoa is a number as programs read it.
func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// query is the query of an address.
func query(name, value string) string { return url.Values{name: {value}}.Encode() }
