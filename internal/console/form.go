package console

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/estelam/estelam/internal/fault"
)

// input is one control of a form with its label, help and mistake.
type input struct {
	ID, Name, Label, Help string
	Value                 string
	Wrong                 string // what is wrong with it, in words
	Optional              bool
	Secret                bool     // a password
	Ltr                   bool     // digits and Latin letters
	Mode                  string   // inputmode
	Fill                  string   // autocomplete
	Max                   int      // maxlength
	Options               []option // a list to choose from instead of a text
}

// Described lists the ids of what explains the control.
func (i input) Described() string {
	var ids []string
	if i.Help != "" {
		ids = append(ids, i.ID+"-help")
	}
	if i.Wrong != "" {
		ids = append(ids, i.ID+"-wrong")
	}
	return strings.Join(ids, " ")
}

type option struct {
	Value, Text string
	Chosen      bool
}

// tick is one box to tick.
type tick struct {
	ID, Name, Value, Label string
	Checked                bool
}

// mistake is one line of the summary above a form.
type mistake struct {
	ID   string // of the control, empty if there is none
	Text string
}

// mistakes are the faults of a form, by the name of the control.
type mistakes struct {
	v  *visit
	by map[string]string
	// order keeps the faults as they were found
	order []*fault.Error
}

// mistakesOf reads a fault that a form caused. ok is false for faults that are
// no matter of a form: those become a problem page.
func mistakesOf(v *visit, err error) (m mistakes, ok bool) {
	f := fault.Of(err)
	if f == nil {
		return mistakes{v: v}, true
	}
	switch f.Kind {
	case fault.Invalid, fault.Malformed, fault.TooMany, fault.Unauthenticated:
	default:
		return m, false
	}
	m = mistakes{v: v, by: map[string]string{}}
	for _, one := range append([]*fault.Error{f}, f.More...) {
		m.order = append(m.order, one)
		if m.by[one.Field] == "" {
			m.by[one.Field] = v.fault(one)
		}
	}
	return m, true
}

// fault is what a fault says, its figures as the reader writes them.
func (v *visit) fault(f *fault.Error) string {
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = digits(v.lang, a)
	}
	return v.text(f.Key, args...)
}

// rename moves the faults of one name to the control that shows them.
func (m mistakes) rename(from, to string) {
	for i, f := range m.order {
		if f.Field == from {
			moved := *f
			moved.Field = to
			m.order[i] = &moved
			if m.by[to] == "" {
				m.by[to] = m.by[from]
			}
		}
	}
}

// reword says of an empty group of controls what to do about it, where "must be
// filled" is said of a single one.
func (m mistakes) reword(name, key string) {
	for i, f := range m.order {
		if f.Field == name && f.Key == "inquiry.missing" {
			said := *f
			said.Key = key
			m.order[i], m.by[name] = &said, m.v.fault(&said)
		}
	}
}

// at is the mistake of a control, taken as known.
func (m mistakes) at(name string) string { return m.by[name] }

// lines is the summary; shown are the controls that the form has.
func (m mistakes) lines(shown map[string]string) []mistake {
	var all []mistake
	for _, f := range m.order {
		line := mistake{Text: m.v.fault(f)}
		if label, ok := shown[f.Field]; ok {
			line.ID = idOf(f.Field)
			line.Text = m.v.text("console.form.at", label, line.Text)
		}
		all = append(all, line)
	}
	return all
}

// typed is a text without the marks of direction that come along when it is
// pasted from a letter or a sheet, and without space around it.
func cleaned(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\ufeff', r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s))
}

// bare is a typed number without the spaces and dashes that people put
// between its digits.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u200c' {
			return -1
		}
		return r
	}, s)
}

// idOf turns the name of a control into its id.
func idOf(name string) string { return "f-" + strings.NewReplacer(".", "-", "_", "-").Replace(name) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
