package api

import (
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
)

func unknown(allowed string) error {
	return fault.New(fault.Invalid, "api.json.unknown", allowed)
}

const (
	questionMembers = "service, mode, national_number, birth_date, shenasnameh_number, postal_code, claims, fields, predicates, as_of, purpose, process, file, on_behalf_of, court"
	formMembers     = "officer, " + questionMembers
	batchMembers    = "officer, purpose, process, file, on_behalf_of, court, questions"
)

// The members of a question; those up to memberCourt may stand at the top of a
// batch.
const (
	memberNone = iota
	memberOfficer
	memberPurpose
	memberProcess
	memberFile
	memberBehalf
	memberCourt
	memberService
	memberMode
	memberNumber
	memberBirth
	memberShenasnameh
	memberPostal
	memberAsOf
	memberClaims
	memberFields
	memberPredicates
	memberQuestions
)

// member finds a member by name, and where it goes if it is a string.
func member(f *inquiry.Form, name string) (int, *string) {
	switch name {
	case "officer":
		return memberOfficer, &f.Officer
	case "purpose":
		return memberPurpose, &f.Purpose
	case "process":
		return memberProcess, &f.Process
	case "file":
		return memberFile, &f.File
	case "on_behalf_of":
		return memberBehalf, &f.OnBehalfOf
	case "court":
		return memberCourt, nil
	case "service":
		return memberService, &f.Service
	case "mode":
		return memberMode, &f.Mode
	case "national_number":
		return memberNumber, &f.NationalNumber
	case "birth_date":
		return memberBirth, &f.BirthDate
	case "shenasnameh_number":
		return memberShenasnameh, &f.ShenasnamehNumber
	case "postal_code":
		return memberPostal, &f.PostalCode
	case "as_of":
		return memberAsOf, &f.AsOf
	case "claims":
		return memberClaims, nil
	case "fields":
		return memberFields, nil
	case "predicates":
		return memberPredicates, nil
	case "questions":
		return memberQuestions, nil
	}
	return memberNone, nil
}

// question reads one question. alone: it names its officer itself.
func (d *reader) question(f *inquiry.Form, alone bool) error {
	if err := d.object(); err != nil {
		return err
	}
	var have seen
	for n := 0; ; n++ {
		more, err := d.more(n, '}')
		if !more {
			return err
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		m, to := member(f, name)
		switch {
		case m == memberNone, m == memberQuestions, m == memberOfficer && !alone:
			if alone {
				return unknown(formMembers)
			}
			return unknown(questionMembers)
		case have.twice(m):
			return errDuplicate.At(name)
		case to != nil:
			err = d.into(to, name)
		case m == memberCourt:
			err = within(d.court(f), name)
		case m == memberClaims:
			err = within(d.claims(f), name)
		case m == memberFields:
			err = within(d.fields(f), name)
		default:
			err = within(d.predicates(f), name)
		}
		if err != nil {
			return err
		}
	}
}

// maxItems bounds lists while they are read; how many a question may hold is
// the inquiry's own rule.
const maxItems = 64

var errItems = fault.New(fault.Invalid, "api.json.items", strconv.Itoa(maxItems))

// claims reads what is claimed. The names are checked by the inquiry: until
// then they may be anything, so no error names them.
func (d *reader) claims(f *inquiry.Form) error {
	if err := d.object(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := d.more(n, '}')
		if !more {
			return err
		}
		var c inquiry.FormClaim
		if c.Field, err = d.name(); err != nil {
			return err
		}
		for i := range f.Claims {
			if f.Claims[i].Field == c.Field {
				return errDuplicate
			}
		}
		if c.Value, err = d.str(); err != nil {
			return err
		}
		if n >= maxItems {
			return errItems
		}
		if f.Claims == nil {
			f.Claims = make([]inquiry.FormClaim, 0, 4)
		}
		f.Claims = append(f.Claims, c)
	}
}

func (d *reader) fields(f *inquiry.Form) error {
	if err := d.array(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := d.more(n, ']')
		if !more {
			return err
		}
		s, err := d.str()
		if err != nil {
			return within(err, strconv.Itoa(n))
		}
		if n >= maxItems {
			return errItems
		}
		if f.Fields == nil {
			f.Fields = make([]string, 0, 8)
		}
		f.Fields = append(f.Fields, s)
	}
}

func (d *reader) predicates(f *inquiry.Form) error {
	if err := d.array(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := d.more(n, ']')
		if !more {
			return err
		}
		if n >= maxItems {
			return errItems
		}
		var p inquiry.FormPredicate
		if err := d.predicate(&p); err != nil {
			return within(err, strconv.Itoa(n))
		}
		f.Predicates = append(f.Predicates, p)
	}
}

func (d *reader) predicate(p *inquiry.FormPredicate) error {
	if err := d.object(); err != nil {
		return err
	}
	var have seen
	for n := 0; ; n++ {
		more, err := d.more(n, '}')
		if !more {
			return err
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		switch name {
		case "name":
			if have.twice(0) {
				return errDuplicate.At(name)
			}
			err = d.into(&p.Name, name)
		case "age":
			if have.twice(1) {
				return errDuplicate.At(name)
			}
			p.Age, err = d.integer()
			err = within(err, name)
		default:
			err = unknown("name, age")
		}
		if err != nil {
			return err
		}
	}
}

// batch reads the questions of a batch and gives each what stands at the top
// and is not said by itself.
func (d *reader) batch(top *inquiry.Form, forms *[]inquiry.Form) error {
	if err := d.object(); err != nil {
		return err
	}
	var have seen
	for n := 0; ; n++ {
		more, err := d.more(n, '}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		m, to := member(top, name)
		switch {
		case m == memberNone, m > memberCourt && m != memberQuestions:
			return unknown(batchMembers)
		case have.twice(m):
			return errDuplicate.At(name)
		case to != nil:
			err = d.into(to, name)
		case m == memberCourt:
			err = within(d.court(top), name)
		default:
			err = within(d.questions(forms), name)
		}
		if err != nil {
			return err
		}
	}
	for i := range *forms {
		f := &(*forms)[i]
		f.Officer = top.Officer
		fill(&f.Purpose, top.Purpose)
		fill(&f.Process, top.Process)
		fill(&f.File, top.File)
		fill(&f.OnBehalfOf, top.OnBehalfOf)
		if f.Court == nil {
			f.Court = top.Court
		}
	}
	return nil
}

func fill(to *string, from string) {
	if *to == "" {
		*to = from
	}
}

func (d *reader) questions(forms *[]inquiry.Form) error {
	if err := d.array(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := d.more(n, ']')
		if !more {
			return err
		}
		if n >= inquiry.MaxBatch {
			return fault.New(fault.TooLarge, "api.batch.many", strconv.Itoa(inquiry.MaxBatch))
		}
		if *forms == nil {
			*forms = make([]inquiry.Form, 0, min(inquiry.MaxBatch, len(d.text)/128+1))
		}
		*forms = append(*forms, inquiry.Form{})
		if err := d.question(&(*forms)[n], false); err != nil {
			return within(err, strconv.Itoa(n))
		}
	}
}

// court reads the court's reference of a question.
func (d *reader) court(f *inquiry.Form) error {
	f.Court = &inquiry.FormCourt{}
	return d.strings([]string{"reference", "until"}, &f.Court.Reference, &f.Court.Until)
}

// strings reads an object whose members are all strings, into the places given;
// each of them must be there and not empty.
func (d *reader) strings(names []string, to ...*string) error {
	if err := d.object(); err != nil {
		return err
	}
	var have seen
	for n := 0; ; n++ {
		more, err := d.more(n, '}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		i := slices.Index(names, name)
		if i < 0 {
			return unknown(strings.Join(names, ", "))
		}
		if have.twice(i) {
			return errDuplicate.At(name)
		}
		if err := d.into(to[i], name); err != nil {
			return err
		}
	}
	for i, name := range names {
		if *to[i] == "" {
			return fault.New(fault.Invalid, "api.missing").At(name)
		}
	}
	return nil
}
