package console

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// answerView is an inquiry's answer on one screen.
type answerView struct {
	Code           []string
	Plain          string // the code in one piece
	Outcome, Tone  string
	Icon           string
	Title, Meaning string
	Warnings       []warningView
	About          []fact
	Results        []result
	Values         []fact
	Act            []fact // who asked, when, why, under which clause
	Again          string
}

type warningView struct {
	Title, Text, Tone string
}

// fact is one label and its value; Number keeps digits in their order inside
// right-to-left text.
type fact struct {
	Label, Value string
	Number       bool
}

// result is the answer to one claim or predicate.
type result struct {
	Label, Claimed string
	Word, Reason   string
	Tone, Icon     string
	Number         bool
}

// own finds an answer of the visitor's own agency: the one just given, or the
// journal's record, whose reading is an act of its own. The codes of others do
// not exist here.
func (k *Console) own(v *visit) (*journal.Proven, *record, error) {
	code, err := ids.ParseTrackingCode(v.r.PathValue("code"))
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "console.problem.no_inquiry")
	}
	p := k.fresh.get(v.asker, code, k.Clock())
	if p == nil {
		if p, err = k.Desk.OwnReceipt(v.r.Context(), *v.asker, code); err != nil {
			return nil, nil, err
		}
		k.fresh.put(v.asker, p, k.Clock())
	}
	r, err := readRecord(p.Record)
	return p, r, err
}

// answer shows the answer.
func (k *Console) answer(v *visit) error {
	_, r, err := k.own(v)
	if err != nil {
		return err
	}
	body := v.answerOf(r)
	return k.show(v, 200, "answer", body.Title, body)
}

// receipt gives the answer as the file that verifies offline.
func (k *Console) receipt(v *visit) error {
	p, r, err := k.own(v)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="estelam-`+r.Code+`.json"`)
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(p.Receipt().Append(nil)) // the reader has gone: nobody is left to tell
	return nil
}

func (v *visit) answerOf(r *record) answerView {
	a := answerView{
		Code: groups(r.Code), Plain: r.Code, Outcome: r.Outcome, Tone: toneOf(r.Outcome), Icon: toneOf(r.Outcome),
		Title: v.text("console.outcome." + r.Outcome), Meaning: v.text("console.outcome." + r.Outcome + ".text"),
		About: v.about(r), Act: v.act(r), Again: offer{Service: r.Service, Mode: r.Mode}.path(""),
	}
	if r.Refusal.Reason != "" {
		a.Meaning = v.refusal(r)
	}
	for _, w := range r.Warnings {
		a.Warnings = append(a.Warnings, warningView{v.text("console.warning." + w), v.text("console.warning." + w + ".text"), warningTone(w)})
	}
	a.Results, a.Values = v.results(r), v.values(r)
	return a
}

// warningTone is bad for what ends a person's or a number's standing.
func warningTone(warning string) string {
	if warning == "deceased" || warning == "cancelled" {
		return toneBad
	}
	return toneWarn
}

// refusal says which clause refused and why.
func (v *visit) refusal(r *record) string {
	text := v.text(r.Refusal.Reason)
	if r.Refusal.Field != "" && message.Known("console.field."+r.Refusal.Field) {
		text = v.text("console.form.at", v.text("console.field."+r.Refusal.Field), text)
	}
	return v.text("console.outcome.refused.text", text)
}

// about is whom or what the question was about.
func (v *visit) about(r *record) []fact {
	q := &r.Question
	var all []fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, v.fact(name, value))
		}
	}
	add("national_number", q.NationalNumber)
	add("successor", r.Successor)
	add("birth_date", q.BirthDate)
	add("shenasnameh_number", q.ShenasnamehNumber)
	add("postal_code", q.PostalCode)
	if n := len(all); q.PostalCode != "" && r.Service != inquiry.Place { // not what the register says
		all[n-1].Label = v.text("console.ask.declared")
	}
	add("as_of", q.AsOf)
	return all
}

func (v *visit) fact(name, value string) fact {
	return fact{Label: v.text("console.field." + name), Value: v.value(name, value), Number: slices.Contains(numeric, name)}
}

// results are the claims with what became of them, in the form's order.
func (v *visit) results(r *record) []result {
	var all []result
	for _, name := range inquiry.FieldsOf(r.Service) {
		word, ok := r.Answer.Fields[name]
		if !ok {
			continue
		}
		all = append(all, result{
			Label: v.text("console.field." + name), Claimed: v.value(name, r.Question.Claims[name]), Number: slices.Contains(numeric, name),
			Word: v.text("console.result." + word), Reason: v.text("console.result." + word + ".text"), Tone: toneOf(word), Icon: toneOf(word),
		})
	}
	for _, p := range r.Question.Predicates {
		word, ok := r.Answer.Predicates[p.Name]
		if !ok {
			continue
		}
		all = append(all, result{
			Label: v.text("console.predicate."+p.Name, digits(v.lang, itoa(int64(p.Age)))),
			Word:  v.text("console.result." + word), Reason: v.text("console.result." + word + ".text"), Tone: toneOf(word), Icon: toneOf(word),
		})
	}
	return all
}

// values are the disclosed fields in the form's order.
func (v *visit) values(r *record) []fact {
	var all []fact
	for _, name := range inquiry.FieldsOf(r.Service) {
		value, ok := r.Answer.Values[name]
		switch {
		case !ok:
		case value == nil:
			all = append(all, fact{Label: v.text("console.field." + name), Value: v.text("console.result.not_on_record")})
		default:
			all = append(all, v.fact(name, *value))
		}
	}
	return all
}

// act is who asked, when and why.
func (v *visit) act(r *record) []fact {
	all := []fact{
		{Label: v.text("console.ask.time"), Value: v.moment(r.Time)},
		{Label: v.text("console.service"), Value: v.service(r)},
		{Label: v.text("console.ask.agency"), Value: r.Agency.Name},
	}
	if b := r.Behalf; b != nil {
		all = append(all, fact{Label: v.text("console.ask.behalf"), Value: cmp.Or(b.Name, digits(v.lang, b.ID))})
	}
	all = append(all,
		fact{Label: v.text("console.ask.officer"), Value: r.Officer, Number: true},
		fact{Label: v.text("console.ask.purpose"), Value: v.codeWord(r.Purpose)})
	if r.Process != "" {
		all = append(all, fact{Label: v.text("console.ask.process"), Value: v.codeWord(r.Process)})
	}
	all = append(all, fact{Label: v.text("console.ask.file"), Value: digits(v.lang, r.File), Number: true})
	if c := r.Court; c != nil {
		all = append(all, fact{Label: v.text("console.ask.court"), Value: digits(v.lang, c.Reference)})
		if day, err := persian.ParseDate(c.Until); err == nil {
			all = append(all, fact{Label: v.text("console.ask.court.until"), Value: v.day(day)})
		}
	}
	if s := r.Signature; s != nil {
		all = append(all, fact{Label: v.text("console.ask.signed"), Value: s.Certificate[:min(16, len(s.Certificate))] + "…", Number: true})
	}
	if r.Agreement.Clause != 0 {
		all = append(all, fact{Label: v.text("console.ask.clause"), Value: v.text("console.ask.clause.value",
			digits(v.lang, itoa(r.Agreement.ID)), digits(v.lang, itoa(int64(r.Agreement.Version))), digits(v.lang, itoa(int64(r.Agreement.Clause))))})
	}
	return append(all, fact{Label: v.text("console.ask.entry"), Value: v.count(r.Index) + " · " + r.Log, Number: true})
}

// service names the service and the mode of an inquiry.
func (v *visit) service(r *record) string {
	name := v.text("console.service." + r.Service)
	if r.Service == inquiry.Predicates {
		return name
	}
	return name + " · " + v.text("console.mode."+r.Mode)
}
