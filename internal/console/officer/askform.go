package officer

import (
	"net/url"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/message"
)

// askForm fills in the controls of an inquiry's form.
type askForm struct {
	v     *page.Visit
	form  url.Values
	m     page.Mistakes
	shown map[string]string // label by name, of the controls that the form has
}

// tabs are the links to the other services, modes and search keys.
func (f *askForm) tabs(body *askView, offers []offer, o offer) {
	for _, other := range offers {
		if n := len(body.Services); n == 0 || !slices.ContainsFunc(body.Services, func(l page.Link) bool {
			return l.Text == f.v.T("console.service."+other.Service)
		}) {
			body.Services = append(body.Services, page.Link{Path: other.path(""), Text: f.v.T("console.service." + other.Service), Current: other.Service == o.Service})
		}
		if other.Service == o.Service {
			body.Modes = append(body.Modes, page.Link{Path: other.path(body.Key), Text: f.v.T("console.mode." + other.Mode), Current: other.Mode == o.Mode})
		}
	}
	for _, key := range o.Keys {
		body.Keys = append(body.Keys, page.Link{Path: o.path(key), Text: f.v.T("console.key." + keyWord(key)), Current: key == body.Key})
	}
}

// keyWord is a search key's name in the catalogue.
func keyWord(key string) string {
	switch key {
	case inquiry.KeyBirthDate:
		return "birth_date"
	case inquiry.KeyShenasnameh:
		return "shenasnameh_number"
	}
	return key
}

func (f *askForm) input(name, label, help string) page.Input {
	f.shown[name] = label
	return page.Input{ID: page.IDOf(name), Name: name, Label: label, Help: help, Value: page.Cut(f.form.Get(name), 400), Wrong: f.m.At(name)}
}

// pasted is how long a number or a date may be as it comes from elsewhere, with
// spaces and marks that formOf takes away. A lower limit would cut its digits.
const pasted = 40

// about is whom or what the question is about.
func (f *askForm) about(body *askView, o offer) {
	digit := func(name string) page.Input {
		in := f.input(name, f.v.T("console.field."+name), f.v.T("console.help."+name))
		in.Ltr, in.Mode, in.Max = true, "numeric", pasted
		in.Check = map[string]string{"national_number": "national", "postal_code": "postal"}[name]
		return in
	}
	if body.Key == inquiry.KeyPostalCode {
		body.About = []page.Input{digit("postal_code")}
		return
	}
	body.About = []page.Input{digit("national_number")}
	if body.Key == inquiry.KeyShenasnameh {
		body.About = append(body.About, digit("shenasnameh_number"))
	} else {
		born := digit("birth_date")
		born.Date, born.Mode = true, "" // slashes and dashes are welcome, and digit keyboards lack them
		body.About = append(body.About, born)
	}
	if len(o.bothKeys) > 0 {
		declared := digit("postal_code")
		declared.Label, declared.Help, declared.Optional = f.v.T("console.ask.declared"), f.v.T("console.ask.declared.help"), true
		f.shown["postal_code"] = declared.Label
		body.About = append(body.About, declared)
	}
}

// content is what is asked.
func (f *askForm) content(body *askView, o offer) {
	switch {
	case o.Service == inquiry.Predicates:
		f.predicates(body, o)
	case o.Mode == inquiry.Disclose:
		f.shown["fields"] = f.v.T("console.ask.fields")
		body.ContentWrong = f.m.At("fields")
		for _, name := range o.Fields {
			body.Fields = append(body.Fields, page.Tick{
				ID: page.IDOf("fields." + name), Name: "fields", Value: name,
				Label: f.v.T("console.field." + name), Checked: slices.Contains(f.form["fields"], name),
			})
		}
	default:
		f.shown["claims"] = f.v.T("console.ask.claims")
		body.ContentWrong = f.m.At("claims")
		for _, name := range o.Fields {
			if name == keyWord(body.Key) && len(o.Fields) > 1 {
				continue // already asked above: who is found by it has it
			}
			body.Claims = append(body.Claims, f.claim(name))
		}
	}
}

func (f *askForm) predicates(body *askView, o offer) {
	f.shown["predicates"] = f.v.T("console.ask.predicates")
	body.ContentWrong = f.m.At("predicates")
	if slices.Contains(o.Fields, inquiry.Alive) {
		body.Alive = &page.Tick{ID: "f-alive", Name: "alive", Value: "1", Label: f.v.T("console.predicate.alive"), Checked: f.form.Has("alive")}
	}
	if slices.Contains(o.Fields, inquiry.AgeAtLeast) {
		age := f.input("age_years", f.v.T("console.predicate.years"), f.v.T("console.predicate.years.help"))
		age.Ltr, age.Mode, age.Max, age.Optional = true, "numeric", 3, true
		body.Age = &age
	}
}

// The claims that are chosen from a list, not typed.
var choiceOf = map[string][]string{
	"sex":         {"male", "female"},
	"life_status": {"alive", "deceased"},
	"card_state":  {"issued", "must_be_replaced", "expired", "lost", "void"},
}

var dates = []string{"birth_date", "death_date", "card_valid_until", "residence_since", "as_of"}

var numeric = []string{"national_number", "successor", "shenasnameh_number", "shenasnameh_serial", "postal_code", "card_serial", "house_number"}

func (f *askForm) claim(name string) page.Input {
	help := ""
	if key := "console.help.claim." + name; message.Known(key) {
		help = f.v.T(key)
	} else if slices.Contains(dates, name) {
		help = f.v.T("console.help.date")
	}
	in := f.input("claims."+name, f.v.T("console.field."+name), help)
	in.Optional = true
	in.Date = slices.Contains(dates, name)
	in.Ltr = in.Date || slices.Contains(numeric, name)
	for _, value := range choiceOf[name] {
		if in.Options == nil {
			in.Options = []page.Option{{Text: f.v.T("console.form.unasked")}}
		}
		in.Options = append(in.Options, page.Option{Value: value, Text: valueOf(f.v, name, value), Chosen: value == in.Value})
	}
	return in
}

// why is the reason that the record will keep.
func (f *askForm) why(body *askView, o offer) {
	purpose := f.input("purpose", f.v.T("console.ask.purpose"), f.v.T("console.ask.purpose.help"))
	purpose.Options = f.codes(o.Purposes, nil, purpose.Value, f.v.T("console.form.choose"))
	free(f.v, &purpose)
	process := f.input("process", f.v.T("console.ask.process"), f.v.T("console.ask.process.help"))
	process.Options = f.codes(o.Processes, o.titles, process.Value, f.v.T("console.form.choose"))
	process.Optional = len(o.Processes) == 0 && !o.has
	free(f.v, &process)
	file := f.input("file", f.v.T("console.ask.file"), f.v.T("console.ask.file.help"))
	file.Max = 64
	body.Why = []page.Input{purpose, process, file}
	body.AsOf = f.input("as_of", f.v.T("console.ask.as_of"), f.v.T("console.ask.as_of.help"))
	body.AsOf.Optional, body.AsOf.Ltr, body.AsOf.Max, body.AsOf.Date = true, true, pasted, true
}

// free makes an input without a list one that takes any code word.
func free(v *page.Visit, i *page.Input) {
	if i.Options == nil {
		i.Ltr, i.Max, i.Help = true, 64, v.T("console.ask.word.help")
	}
}

// codes are the code words of an agreement or a catalogue as a list to choose
// from, by their titles if they have any. A single one is chosen already.
func (f *askForm) codes(all []string, titles map[string]string, chosen, none string) []page.Option {
	if len(all) == 0 {
		return nil
	}
	var options []page.Option
	if len(all) > 1 {
		options = []page.Option{{Text: none}}
	}
	for _, code := range all {
		text := titles[code]
		if text == "" {
			text = codeWord(f.v, code)
		}
		options = append(options, page.Option{Value: code, Text: text, Chosen: code == chosen})
	}
	return options
}
