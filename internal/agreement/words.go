package agreement

import (
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// said is one thing that a clause says: no values mean that it is left open.
type said struct {
	name   string
	values []string
}

// says lists what a clause says, in the order of its file. What it leaves to
// the rule is said as the rule has it.
func (c *Clause) says() []said {
	return []said{
		{"service", one(c.Service)},
		{"modes", c.Modes},
		{"search_keys", c.SearchKeys},
		{"fields", c.Fields},
		{"processes", c.Processes},
		{"purposes", c.Purposes},
		{"daily_quota", count(c.DailyQuota)},
		{"hours", one(c.Hours)},
		{"days", c.Days},
		{"signature", one(map[bool]string{true: "true"}[c.Signature])},
		{"court_days", count(int64(c.CourtDays))},
		{"audit_days", count(int64(c.DossierDays()))},
		{"silence", one(c.Term(Silence))},
		{"misuse", one(c.Term(Misuse))},
		{"statement", one(c.Statement)},
		{"risk", one(c.Risk)},
	}
}

// Worded is one thing that a clause says, for people.
type Worded struct{ Member, Text string }

// Words is what the clause says, member by member, in the order of its file.
func (c *Clause) Words(lang message.Lang) (all []Worded) {
	for _, s := range c.says() {
		all = append(all, Worded{label(lang, s.name), s.inWords(lang)})
	}
	return all
}

// says lists what an agreement says beside its clauses.
func (f *Form) says() []said {
	return []said{{"service_id", one(f.Service)}, {"from", one(f.From.String())}, {"until", one(f.Until.String())}}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func count(n int64) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.FormatInt(n, 10)}
}

// label is the name of a member in words.
func label(lang message.Lang, name string) string {
	return message.Text(lang, "agreement.member."+name)
}

// inWords is what a member says, for people.
func (s said) inWords(lang message.Lang) string {
	if len(s.values) == 0 {
		return message.Text(lang, "agreement.unset."+s.name)
	}
	all := ""
	for i, v := range s.values {
		if v = s.word(lang, v); i > 0 {
			v = message.Text(lang, "message.list", all, v)
		}
		all = v
	}
	return all
}

func (s said) word(lang message.Lang, v string) string {
	switch s.name {
	case "service":
		return message.Text(lang, "agreement.asks."+v)
	case "modes":
		return message.Text(lang, "agreement.way."+v)
	case "search_keys":
		return message.Text(lang, "agreement.by."+v[strings.IndexByte(v, '+')+1:])
	case "fields":
		return message.Text(lang, "agreement.item."+v)
	case "days":
		return message.Text(lang, "agreement.weekday."+v)
	case "silence", "misuse":
		return message.Text(lang, "agreement.comes."+v)
	case "hours":
		from, until, _ := strings.Cut(v, "-")
		return message.Text(lang, "agreement.said.hours", from, until)
	case "daily_quota":
		return message.Text(lang, "agreement.said.quota", number(lang, v))
	case "court_days":
		return message.Text(lang, "agreement.said.court", v)
	case "audit_days":
		return message.Text(lang, "agreement.said.days", v)
	case "signature":
		return message.Text(lang, "agreement.said.signature")
	case "processes", "purposes":
		return "\u2066" + v + "\u2069" // a code keeps its order in Persian text
	case "from", "until":
		return dated(lang, v)
	}
	return v
}

// number writes a count with its thousands apart.
func number(lang message.Lang, v string) string {
	n, _ := strconv.ParseInt(v, 10, 64) // written by us
	if lang == message.Fa {
		return persian.Number(n)
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// dated writes a date as letters carry it.
func dated(lang message.Lang, v string) string {
	v = strings.ReplaceAll(v, "-", "/")
	if lang == message.Fa {
		v = persian.Digits(v)
	}
	return "\u2066" + v + "\u2069"
}
