package inquiry

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/receipt"
)

// slipRecord is an inquiry's record as a slip reads it.
type slipRecord struct {
	Code   ids.TrackingCode
	Time   time.Time
	Kind   string
	Agency struct{ Name string }
	Behalf *struct{ ID, Name string } `json:"on_behalf_of"`
	Court  *struct{ Reference string }

	Officer, Purpose, Process, File, Service, Mode string

	Question struct {
		NationalNumber    string `json:"national_number"`
		BirthDate         string `json:"birth_date"`
		ShenasnamehNumber string `json:"shenasnameh_number"`
		PostalCode        string `json:"postal_code"`
		AsOf              string `json:"as_of"`
		Claims            map[string]string
		Fields            []string
		Predicates        []struct {
			Name string
			Age  int
		}
	}
	Outcome   string
	Successor string
	Answer    struct {
		Fields     map[string]string
		Values     map[string]*string
		Predicates map[string]string
	}
	Warnings []string
	Refusal  struct{ Reason, Field string }
}

// Slip puts an inquiry's record into the words of the sheet that goes into a
// dossier. site is the public address of this service. A record of another
// kind is none (console.problem.no_inquiry).
func Slip(lang message.Lang, record []byte, site string) (*letter.Slip, error) {
	var r slipRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	if r.Kind != receipt.Inquiry.String() {
		return nil, fault.New(fault.NotFound, "console.problem.no_inquiry")
	}
	w := slipWords{lang}
	s := &letter.Slip{
		Title: w.text("console.slip.title"), Time: r.Time, Agency: r.Agency.Name, Officer: r.Officer,
		Outcome: w.text("console.outcome." + r.Outcome), Tone: slipTones[r.Outcome],
		Code: r.Code, Page: site + "/check", Link: site + "/check?code=" + string(r.Code),
	}
	if r.Service == Place {
		s.Title = w.text("console.slip.title.place")
	}
	if r.Refusal.Reason != "" {
		s.Warnings = append(s.Warnings, letter.Remark{Text: w.refusal(&r), Tone: letter.Warn})
	}
	for _, name := range r.Warnings {
		if name == r.Outcome { // a sheet has room for it once
			continue
		}
		tone := letter.Warn
		if name == "deceased" || name == "cancelled" {
			tone = letter.Bad
		}
		s.Warnings = append(s.Warnings, letter.Remark{Text: w.text("console.warning." + name), Tone: tone})
	}
	s.Lines = append(append(w.asked(&r), w.answered(&r)...), w.why(&r)...)
	return s, nil
}

// slipTones are how outcomes and results look; others look as warnings do not.
var slipTones = map[string]letter.Tone{
	"confirmed": letter.Good, "answered": letter.Good, "differs": letter.Bad, "not_found": letter.Bad,
	"deceased": letter.Warn, "cancelled": letter.Bad, "refused": letter.Warn,
	"match": letter.Good, "variant": letter.Good, "not_on_record": letter.Warn,
	"yes": letter.Good, "no": letter.Bad, "unknown": letter.Warn,
}

// Items whose digits keep their order, and items that are days.
var (
	slipCodes = []string{"national_number", "successor", "shenasnameh_number", "shenasnameh_serial", "postal_code", "card_serial", "house_number"}
	slipDays  = []string{"birth_date", "death_date", "card_valid_until", "residence_since", "as_of"}
)

// slipWords writes in one language.
type slipWords struct{ lang message.Lang }

func (w slipWords) text(key string, args ...string) string { return message.Text(w.lang, key, args...) }

func (w slipWords) digits(s string) string {
	if w.lang == message.Fa {
		return persian.Digits(s)
	}
	return s
}

// refusal is why nothing was answered.
func (w slipWords) refusal(r *slipRecord) string {
	text := w.text(r.Refusal.Reason)
	if key := "console.field." + r.Refusal.Field; message.Known(key) {
		text = w.text("console.form.at", w.text(key), text)
	}
	return w.text("console.slip.refused", text)
}

// value writes an item as people read it.
func (w slipWords) value(name, value string) string {
	if key := "console.value." + name + "." + value; message.Known(key) {
		return w.text(key)
	}
	if slices.Contains(slipDays, name) {
		if d, err := persian.ParseDate(value); err == nil && d.Precise() {
			return w.text("console.day", w.digits(strconv.Itoa(int(d.Day))), w.text("console.month."+strconv.Itoa(int(d.Month))), w.digits(strconv.Itoa(int(d.Year))))
		}
	}
	if name == "postal_code" {
		if code, err := ids.ParsePostalCode(value); err == nil {
			value = code.Grouped()
		}
	}
	return w.digits(value)
}

func (w slipWords) line(name, value string) letter.SlipLine {
	return letter.SlipLine{Label: w.text("console.field." + name), Value: w.value(name, value), Code: slices.Contains(slipCodes, name)}
}

// asked is whom or what the question was about.
func (w slipWords) asked(r *slipRecord) (all []letter.SlipLine) {
	q := &r.Question
	for _, item := range [][2]string{
		{"national_number", q.NationalNumber},
		{"successor", r.Successor},
		{"birth_date", q.BirthDate},
		{"shenasnameh_number", q.ShenasnamehNumber},
		{"postal_code", q.PostalCode},
		{"as_of", q.AsOf},
	} {
		if item[1] == "" {
			continue
		}
		l := w.line(item[0], item[1])
		if item[0] == "postal_code" && r.Service != Place { // not what the register says
			l.Label = w.text("console.ask.declared")
		}
		all = append(all, l)
	}
	return all
}

// answered is what became of claims and predicates, and what was disclosed, in
// the order of the form. What an inquiry asked and got no answer to, since
// nobody was found or it was refused, stands there too and says so.
func (w slipWords) answered(r *slipRecord) (all []letter.SlipLine) {
	for _, name := range FieldsOf(r.Service) {
		if claim, ok := r.Question.Claims[name]; ok {
			l := w.line(name, claim)
			l.Result, l.Tone = w.result(r.Answer.Fields[name])
			all = append(all, l)
		}
	}
	for _, p := range r.Question.Predicates {
		l := letter.SlipLine{Label: w.text("console.predicate."+p.Name, w.digits(strconv.Itoa(p.Age)))}
		l.Result, l.Tone = w.result(r.Answer.Predicates[p.Name])
		all = append(all, l)
	}
	for _, name := range FieldsOf(r.Service) {
		switch value, ok := r.Answer.Values[name]; {
		case !ok && slices.Contains(r.Question.Fields, name):
			l := letter.SlipLine{Label: w.text("console.field." + name)}
			l.Result, l.Tone = w.result("")
			all = append(all, l)
		case !ok:
		case value == nil:
			all = append(all, letter.SlipLine{Label: w.text("console.field." + name), Value: w.text("console.result.not_on_record")})
		default:
			all = append(all, w.line(name, *value))
		}
	}
	return all
}

// result is what became of one item; empty: it was not answered.
func (w slipWords) result(word string) (string, letter.Tone) {
	if word == "" {
		return w.text("console.slip.unanswered"), letter.Plain
	}
	return w.text("console.result." + word), slipTones[word]
}

// why is what was asked for, and to what end.
func (w slipWords) why(r *slipRecord) []letter.SlipLine {
	service := w.text("console.service." + r.Service)
	if r.Service != Predicates {
		service += " · " + w.text("console.mode."+r.Mode)
	}
	purpose := r.Purpose
	if key := "console.word." + strings.ReplaceAll(purpose, "-", "_"); message.Known(key) {
		purpose = w.text(key)
	}
	all := []letter.SlipLine{{Label: w.text("console.service"), Value: service}}
	if b := r.Behalf; b != nil {
		all = append(all, letter.SlipLine{Label: w.text("console.ask.behalf"), Value: cmp.Or(b.Name, w.digits(b.ID))})
	}
	if r.Court != nil {
		all = append(all, letter.SlipLine{Label: w.text("console.ask.court"), Value: w.digits(r.Court.Reference)})
	}
	all = append(all, letter.SlipLine{Label: w.text("console.ask.purpose"), Value: purpose})
	if r.Process != "" {
		process := r.Process
		if key := "console.word." + strings.ReplaceAll(process, "-", "_"); message.Known(key) {
			process = w.text(key)
		}
		all = append(all, letter.SlipLine{Label: w.text("console.ask.process"), Value: process})
	}
	return append(all, letter.SlipLine{Label: w.text("console.ask.file"), Value: w.digits(r.File), Code: true})
}
