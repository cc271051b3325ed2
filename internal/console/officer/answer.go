package officer

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
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
	About          []page.Fact
	Results        []fieldResult
	Values         []page.Fact
	Act            []page.Fact // who asked, when, why, under which clause
	Next           string      // what to do with it
	Again          string      // asks the same kind of question; "": the visitor may not ask
	Doubt          string      // reports a value; "": there is none to doubt
}

type warningView struct {
	Title, Text, Tone string
}

// fieldResult is the answer to one claim or predicate.
type fieldResult struct {
	Label, Claimed string
	Word, Reason   string
	Tone, Icon     string
	Number         bool
}

// own finds an answer of the visitor's own agency: the one just given, or the
// journal's record, whose reading is an act of its own. The codes of others do
// not exist here.
func (o *room) own(v *page.Visit) (*journal.Proven, *record, error) {
	code, err := ids.ParseTrackingCode(v.R.PathValue("code"))
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "console.problem.no_inquiry")
	}
	p := o.fresh.get(v.Asker, code, v.Clock())
	if p == nil {
		if p, err = v.Desk.OwnReceipt(v.R.Context(), *v.Asker, code); err != nil {
			return nil, nil, err
		}
		o.fresh.put(v.Asker, p, v.Clock())
	}
	r, err := readRecord(p.Record)
	return p, r, err
}

// answer shows the answer.
func (o *room) answer(v *page.Visit) error {
	_, r, err := o.own(v)
	if err != nil {
		return err
	}
	body := answerOf(v, r)
	return v.Page(200, "officer/answer", body.Title, body)
}

// receipt gives the answer as the file that verifies offline.
func (o *room) receipt(v *page.Visit) error {
	p, r, err := o.own(v)
	if err != nil {
		return err
	}
	return v.Send("application/json", "estelam-"+r.Code+".json", p.Receipt().Append(nil))
}

func answerOf(v *page.Visit, r *record) answerView {
	a := answerView{
		Code: page.Groups(r.Code), Plain: r.Code, Outcome: r.Outcome, Tone: toneOf(r.Outcome), Icon: toneOf(r.Outcome),
		Title: v.T("console.outcome." + r.Outcome), Meaning: v.T("console.outcome." + r.Outcome + ".text"),
		About: about(v, r), Act: act(v, r), Next: v.T("console.officer.next." + r.Outcome),
	}
	if v.Role() == agency.RoleOfficer && r.Mode != "" {
		a.Again = offer{Service: r.Service, Mode: r.Mode}.path("")
	}
	if doubtable(r) {
		a.Doubt = "/officer/inquiries/" + r.Code + "/doubt"
	}
	if r.Refusal.Reason != "" {
		a.Meaning = refusal(v, r)
	}
	for _, w := range r.Warnings {
		a.Warnings = append(a.Warnings, warningView{v.T("console.warning." + w), v.T("console.warning." + w + ".text"), warningTone(w)})
	}
	a.Results, a.Values = results(v, r), values(v, r)
	return a
}

// doubtable reports whether the answer tells a value that can be doubted.
func doubtable(r *record) bool {
	for _, name := range doubted {
		if _, told := r.Answer.Fields[name]; told {
			return true
		}
		if _, told := r.Answer.Values[name]; told {
			return true
		}
	}
	return false
}

// warningTone is bad for what ends a person's or a number's standing.
func warningTone(warning string) string {
	if warning == "deceased" || warning == "cancelled" {
		return toneBad
	}
	return toneWarn
}

// refusal says which clause refused and why.
func refusal(v *page.Visit, r *record) string {
	text := v.T(r.Refusal.Reason)
	if r.Refusal.Field != "" && message.Known("console.field."+r.Refusal.Field) {
		text = v.T("console.form.at", v.T("console.field."+r.Refusal.Field), text)
	}
	return v.T("console.outcome.refused.text", text)
}

// about is whom or what the question was about.
func about(v *page.Visit, r *record) []page.Fact {
	q := &r.Question
	var all []page.Fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, factOf(v, name, value))
		}
	}
	add("national_number", q.NationalNumber)
	add("successor", r.Successor)
	add("birth_date", q.BirthDate)
	add("shenasnameh_number", q.ShenasnamehNumber)
	add("postal_code", q.PostalCode)
	if n := len(all); q.PostalCode != "" && r.Service != inquiry.Place { // not what the register says
		all[n-1].Label = v.T("console.ask.declared")
	}
	add("as_of", q.AsOf)
	return all
}

func factOf(v *page.Visit, name, value string) page.Fact {
	return page.Fact{Label: v.T("console.field." + name), Value: valueOf(v, name, value), Number: slices.Contains(numeric, name)}
}

// results are the claims with what became of them, in the form's order.
func results(v *page.Visit, r *record) []fieldResult {
	var all []fieldResult
	for _, name := range inquiry.FieldsOf(r.Service) {
		word, ok := r.Answer.Fields[name]
		if !ok {
			continue
		}
		all = append(all, fieldResult{
			Label: v.T("console.field." + name), Claimed: valueOf(v, name, r.Question.Claims[name]), Number: slices.Contains(numeric, name),
			Word: v.T("console.result." + word), Reason: v.T("console.result." + word + ".text"), Tone: toneOf(word), Icon: toneOf(word),
		})
	}
	for _, p := range r.Question.Predicates {
		word, ok := r.Answer.Predicates[p.Name]
		if !ok {
			continue
		}
		all = append(all, fieldResult{
			Label: v.T("console.predicate."+p.Name, v.Digits(strconv.Itoa(int(p.Age)))),
			Word:  v.T("console.result." + word), Reason: v.T("console.result." + word + ".text"), Tone: toneOf(word), Icon: toneOf(word),
		})
	}
	return all
}

// values are the disclosed fields in the form's order.
func values(v *page.Visit, r *record) []page.Fact {
	var all []page.Fact
	for _, name := range inquiry.FieldsOf(r.Service) {
		value, ok := r.Answer.Values[name]
		switch {
		case !ok:
		case value == nil:
			all = append(all, page.Fact{Label: v.T("console.field." + name), Value: v.T("console.result.not_on_record")})
		default:
			all = append(all, factOf(v, name, *value))
		}
	}
	return all
}

// act is who asked, when and why.
func act(v *page.Visit, r *record) []page.Fact {
	all := []page.Fact{
		{Label: v.T("console.ask.time"), Value: v.Moment(r.Time)},
		{Label: v.T("console.service"), Value: service(v, r)},
		{Label: v.T("console.ask.agency"), Value: r.Agency.Name},
	}
	if b := r.Behalf; b != nil {
		all = append(all, page.Fact{Label: v.T("console.ask.behalf"), Value: cmp.Or(b.Name, v.Digits(b.ID))})
	}
	all = append(all,
		page.Fact{Label: v.T("console.ask.officer"), Value: r.Officer, Number: true},
		page.Fact{Label: v.T("console.ask.purpose"), Value: codeWord(v, r.Purpose)})
	if r.Process != "" {
		all = append(all, page.Fact{Label: v.T("console.ask.process"), Value: codeWord(v, r.Process)})
	}
	all = append(all, page.Fact{Label: v.T("console.ask.file"), Value: v.Digits(r.File), Number: true})
	if c := r.Court; c != nil {
		all = append(all, page.Fact{Label: v.T("console.ask.court"), Value: v.Digits(c.Reference)})
		if day, err := persian.ParseDate(c.Until); err == nil {
			all = append(all, page.Fact{Label: v.T("console.ask.court.until"), Value: v.Day(day)})
		}
	}
	if s := r.Signature; s != nil {
		all = append(all, page.Fact{Label: v.T("console.ask.signed"), Value: s.Certificate[:min(16, len(s.Certificate))] + "…", Number: true})
	}
	if r.Agreement.Clause != 0 {
		all = append(all, page.Fact{Label: v.T("console.ask.clause"), Value: v.T("console.ask.clause.value",
			v.Digits(strconv.FormatInt(r.Agreement.ID, 10)), v.Digits(strconv.Itoa(int(r.Agreement.Version))), v.Digits(strconv.Itoa(int(r.Agreement.Clause))))})
	}
	return append(all, page.Fact{Label: v.T("console.ask.entry"), Value: v.Count(r.Index) + " · " + r.Log, Number: true})
}

// service names the service and the mode of an inquiry.
func service(v *page.Visit, r *record) string {
	name := v.T("console.service." + r.Service)
	if r.Service == inquiry.Predicates {
		return name
	}
	return name + " · " + v.T("console.mode."+r.Mode)
}
