package head

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// tones colour states; each stands beside its word.
var tones = map[string]map[string]string{
	"agreement":  {"in_force": page.Good, "suspended": page.Warn, "ended": page.Bad},
	"draft":      {"requested": page.Info, "returned": page.Warn, "reviewed": page.Warn, "signed": page.Info, "in_force": page.Good},
	"delegation": {"proposed": page.Warn, "accepted": page.Info, "confirmed": page.Good},
	"officer":    {"active": page.Good, "suspended": page.Warn},
	"body":       {"active": page.Good, "suspended": page.Warn, "closed": page.Bad},
	"process":    {"copies": page.Bad, "online": page.Good, "exception": page.Warn},
	"obstacle":   {"open": page.Warn, "removed": page.Good},
	"item":       {"open": page.Warn, "declared": page.Info, "accepted": page.Good, "returned": page.Bad},
	"audit":      {"open": page.Warn, "shown": page.Info},
	"outcome":    {"justified": page.Good, "misuse": page.Bad, "silent": page.Bad},
	"appeal":     {"pending": page.Info, "open": page.Info, "upheld": page.Good, "rejected": page.Bad},
	"report":     {"open": page.Warn, "answered": page.Info, "upheld": page.Bad, "rejected": page.Good},
	"scoring":    {"scored": page.Good, "missing": page.Bad},
}

// badge is a state of some kind of thing, in words.
func badge(v *page.Visit, kind, state string) page.Cell {
	return page.Cell{Text: v.T("console.head.state." + kind + "." + state), Tone: tones[kind][state]}
}

// stateFact is the same as a labelled value.
func stateFact(v *page.Visit, label, kind, state string) page.Fact {
	c := badge(v, kind, state)
	return page.Fact{Label: v.T(label), Value: c.Text, Tone: c.Tone}
}

// fact is a labelled value under a key.
func fact(v *page.Visit, key, value string) page.Fact {
	return page.Fact{Label: v.T("console.head.fact." + key), Value: page.OrDash(value)}
}

// words are the texts of values below a key, joined.
func words(v *page.Visit, prefix string, values []string) string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = v.T(prefix + value)
	}
	return v.List(all)
}

// options are values to choose from, with their texts below a key.
func options(v *page.Visit, prefix string, values []string) []page.Option {
	return page.Choose(values, "", func(value string) string { return v.T(prefix + value) })
}

// service is the name of what can be asked.
func service(v *page.Visit, name string) string { return v.T("agreement.asks." + name) }

// officerName is the name of somebody of the visitor's own agency; of others,
// whose staff is not his business, the login.
func officerName(v *page.Visit, of ids.LegalID, login string) string {
	if of == v.Asker.Agency.ID {
		if o, err := v.Agencies.Officer(of, login); err == nil {
			return o.Name
		}
	}
	return login
}

// processName is the title of a process of the visitor's agency.
func processName(v *page.Visit, code string) string {
	if code == "" {
		return v.T("console.head.process.all")
	}
	if p, ok := v.Processes.Find(v.Asker.Agency.ID, code); ok {
		return p.Title
	}
	return page.Isolated(code)
}

// soon is how many days before its end a deadline begins to press.
const soon = 7

// dueCell is a deadline with what is left of it.
func dueCell(v *page.Visit, due persian.Date) page.Cell {
	text, tone := v.Left(due, soon)
	if tone == page.Plain {
		return page.Cell{Text: v.ShortDay(due), Number: true, Small: text}
	}
	return page.Cell{Text: text, Tone: tone, Small: v.ShortDay(due)}
}

// reason is a control for the code word of an act, chosen by its meaning.
func reason(v *page.Visit, kind string, codes ...string) page.Control {
	return page.Control{
		Name: "reason", Kind: page.Choose1, Label: "console.head.field.reason",
		Options: page.Blank(v.T("console.form.choose"), options(v, "console.head.reason."+kind+".", codes)),
	}
}

// document is a control for the paper that an act rests on.
func document() page.Control {
	return page.Control{Name: "document", Kind: page.Words, Label: "console.head.field.document"}
}
