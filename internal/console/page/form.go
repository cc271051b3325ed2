package page

import (
	"slices"
	"strings"
	"unicode"

	"github.com/estelam/estelam/internal/fault"
)

// Long reports whether leaving the form unsent deserves a warning.
func (b *FormBlock) Long() bool {
	n := 0
	for _, g := range b.Inputs {
		n += len(g.Inputs)
	}
	return n >= 8
}

// Input is one control of a form with its label, help and mistake.
type Input struct {
	ID, Name, Label, Help string
	Value                 string
	Wrong                 string // what is wrong with it, in words
	Optional              bool
	Type                  string // of the element: "" is text; password, file, textarea, checkbox, ticks, hidden
	Ltr                   bool   // digits and Latin letters
	Mode                  string // inputmode
	Fill                  string // autocomplete
	Max                   int    // maxlength
	Rows                  int    // of a textarea
	Options               []Option
	Check                 string // what the script checks while it is typed: national, legal, postal, code
	Date                  bool   // a Jalali date: the script adds a calendar
	Accept                string // of a file
	Checked               bool   // of a checkbox
}

// Described lists the ids of what explains the control.
func (i Input) Described() string {
	var ids []string
	if i.Help != "" {
		ids = append(ids, i.ID+"-help")
	}
	if i.Wrong != "" {
		ids = append(ids, i.ID+"-wrong")
	}
	return strings.Join(ids, " ")
}

// Option is one value to choose.
type Option struct {
	Value, Text string
	Chosen      bool
}

// Tick is one box to tick.
type Tick struct {
	ID, Name, Value, Label string
	Checked                bool
}

// Mistake is one line of the summary above a form.
type Mistake struct {
	ID   string // of the control, empty if there is none
	Text string
}

// Mistakes are the faults of a form, by the name of the control.
type Mistakes struct {
	v  *Visit
	by map[string]string
	// order keeps the faults as they were found
	order []*fault.Error
}

// MistakesOf reads a fault that a form caused. ok is false for faults that are
// no matter of a form: those become a problem page.
func (v *Visit) MistakesOf(err error) (m Mistakes, ok bool) {
	f := fault.Of(err)
	if f == nil {
		return Mistakes{v: v}, true
	}
	switch f.Kind {
	case fault.Internal, fault.Unavailable, fault.Full:
		return m, false
	}
	m = Mistakes{v: v, by: map[string]string{}}
	for _, one := range append([]*fault.Error{f}, f.More...) {
		m.order = append(m.order, one)
		if m.by[one.Field] == "" {
			m.by[one.Field] = v.Fault(one)
		}
	}
	return m, true
}

// Fault is what a fault says, its figures as the reader writes them.
func (v *Visit) Fault(f *fault.Error) string {
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = v.Digits(a)
	}
	return v.T(f.Key, args...)
}

// Rename moves the faults of one name to the control that shows them.
func (m Mistakes) Rename(from, to string) {
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

// Reword says key of a control instead of what the fault of that key says.
func (m Mistakes) Reword(name, was, key string) {
	for i, f := range m.order {
		if f.Field == name && f.Key == was {
			said := *f
			said.Key = key
			m.order[i], m.by[name] = &said, m.v.Fault(&said)
		}
	}
}

// At is the mistake of a control, if there is one.
func (m Mistakes) At(name string) string { return m.by[name] }

// Lines is the summary; shown are the labels of the controls that the form
// has, by name. A fault deeper than a control, such as at "rows.3.name", is
// shown at the control that holds it.
func (m Mistakes) Lines(shown map[string]string) []Mistake {
	var all []Mistake
	for _, f := range m.order {
		line := Mistake{Text: m.v.Fault(f)}
		for name := f.Field; name != ""; name = outer(name) {
			if label, ok := shown[name]; ok {
				line.ID = IDOf(name)
				line.Text = m.v.T("console.form.at", label, line.Text)
				break
			}
		}
		all = append(all, line)
	}
	return all
}

func outer(name string) string {
	i := strings.LastIndexByte(name, '.')
	return name[:max(i, 0)]
}

// Cleaned is a text without the marks of direction that come along when it is
// pasted from a letter or a sheet, and without space around it.
func Cleaned(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\ufeff', r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s))
}

// Bare is a typed number without the spaces and dashes that people put
// between its digits.
func Bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u200c' {
			return -1
		}
		return r
	}, s)
}

// Cut makes what was typed fit to be shown again: at most n letters, no marks
// that turn the direction, no control characters but line ends.
func Cut(s string, n int) string {
	const zwnj = '\u200c'
	r := []rune(strings.Map(func(r rune) rune {
		if r != zwnj && r != '\n' && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
	return string(r[:min(len(r), n)])
}

// IDOf turns the name of a control into its id.
func IDOf(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "_", "-").Replace(name)
}

// Choose makes options of values; text names each.
func Choose(values []string, chosen string, text func(string) string) []Option {
	all := make([]Option, len(values))
	for i, value := range values {
		all[i] = Option{Value: value, Text: text(value), Chosen: value == chosen}
	}
	return all
}

// Blank puts an empty first option before others.
func Blank(text string, all []Option) []Option {
	return slices.Insert(all, 0, Option{Text: text})
}
