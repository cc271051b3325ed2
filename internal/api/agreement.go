package api

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
)

// agreementAnswer is the answer of GET /v1/agreement.
type agreementAnswer struct {
	ID      int64              `json:"id"`
	Version int                `json:"version"`
	Agency  string             `json:"agency"`
	From    string             `json:"from"`
	Until   string             `json:"until,omitempty"`
	Clauses []agreement.Clause `json:"clauses"`
}

// agreement serves GET /v1/agreement.
func (a *API) agreement(c *call) (err error) {
	in, ok := a.agreements.InForce(c.agency.ID, a.clock())
	if !ok {
		return fault.New(fault.NotFound, "api.agreement.none")
	}
	out := agreementAnswer{
		ID: in.ID, Version: in.Version, Agency: c.agency.ID.String(),
		From: day(persian.DateOf(in.From)), Until: lastDay(in.Until), Clauses: in.Clauses,
	}
	c.out, err = json.Marshal(out)
	return err
}

// inquiryRecord is the part of a recorded inquiry that its question is made of.
type inquiryRecord struct {
	Kind   string `json:"kind"`
	Behalf struct {
		ID string `json:"id"`
	} `json:"on_behalf_of"`
	Officer  string             `json:"officer"`
	Purpose  string             `json:"purpose"`
	Process  string             `json:"process"`
	File     string             `json:"file"`
	Court    *inquiry.FormCourt `json:"court"`
	Service  string             `json:"service"`
	Mode     string             `json:"mode"`
	Question struct {
		NationalNumber    string                  `json:"national_number"`
		BirthDate         string                  `json:"birth_date"`
		ShenasnamehNumber string                  `json:"shenasnameh_number"`
		PostalCode        string                  `json:"postal_code"`
		Claims            map[string]string       `json:"claims"`
		Fields            []string                `json:"fields"`
		Predicates        []inquiry.FormPredicate `json:"predicates"`
		AsOf              string                  `json:"as_of"`
	} `json:"question"`
	Outcome string `json:"outcome"`
	Refusal struct {
		Reason string `json:"reason"`
		Clause int    `json:"clause"`
		Field  string `json:"field"`
	} `json:"refusal"`
	Signature *struct{} `json:"signature"`
}

// form is the question of a record, as a door would have received it.
func (r *inquiryRecord) form() inquiry.Form {
	q := &r.Question
	f := inquiry.Form{
		Service: r.Service, Mode: r.Mode,
		NationalNumber: q.NationalNumber, BirthDate: q.BirthDate, ShenasnamehNumber: q.ShenasnamehNumber, PostalCode: q.PostalCode,
		Fields: q.Fields, Predicates: q.Predicates, AsOf: q.AsOf,
		Officer: r.Officer, Purpose: r.Purpose, Process: r.Process, File: r.File,
		OnBehalfOf: r.Behalf.ID, Court: r.Court,
	}
	for field, value := range q.Claims {
		f.Claims = append(f.Claims, inquiry.FormClaim{Field: field, Value: value})
	}
	f.Claims = byField(f.Claims)
	return f
}

// byField orders claims by name: they are an object, whose order means nothing.
func byField(claims []inquiry.FormClaim) []inquiry.FormClaim {
	order := func(a, b inquiry.FormClaim) int { return strings.Compare(a.Field, b.Field) }
	if slices.IsSortedFunc(claims, order) {
		return claims
	}
	sorted := slices.Clone(claims)
	slices.SortFunc(sorted, order)
	return sorted
}

// day prints a date for programs; the zero date is left out.
func day(d persian.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// lastDay is the last day of what ends at a moment, both ends included as
// agreements are written.
func lastDay(end time.Time) string { return day(persian.DateOf(end.Add(-time.Microsecond))) }

// moment prints a time for programs.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
