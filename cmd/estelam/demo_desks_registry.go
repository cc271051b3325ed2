package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
)

// letters are a campaign of eight: half of it is printed and posted, one letter
// has come back and another is objected to; the other half waits for the
// printer.
func (d *desks) letters(ctx context.Context) error {
	h, chief, press := d.h, d.actor("s1"), d.actor("r1")
	order := notice.Order{Name: lay("campaign")}
	for _, p := range d.people[:8] {
		order.Choice.Numbers = append(order.Choice.Numbers, p.Number)
	}
	made, _, err := h.notices.Order(ctx, h.journal, chief, &order)
	if err != nil {
		return err
	}
	if err := d.finished(ctx, made.Job); err != nil {
		return err
	}
	batch, _, err := h.notices.NextBatch(ctx, h.journal, chief, &notice.Cut{Campaign: made.Campaign, Most: 4})
	if err != nil {
		return err
	}
	if err := done(h.notices.ReportPrinted(ctx, h.journal, press, &notice.PrintReport{Batch: batch.ID})); err != nil {
		return err
	}
	if err := done(h.notices.HandOver(ctx, h.journal, chief, &notice.Handed{Batch: batch.ID})); err != nil {
		return err
	}
	if err := done(h.notices.NextBatch(ctx, h.journal, chief, &notice.Cut{Campaign: made.Campaign, Most: 4})); err != nil {
		return err
	}
	posted, _, err := h.notices.Letters(ctx, h.journal, chief, &notice.Filter{Campaign: made.Campaign, State: notice.Posted})
	if err != nil {
		return err
	}
	if len(posted) < 3 {
		return fault.New(fault.Internal, "estelam.desks.few")
	}
	back := &notice.MailReport{Letters: []notice.MailLine{{Letter: posted[0].ID, Reason: notice.Moved}}}
	if err := done(h.notices.ReportReturned(ctx, h.journal, d.actor("p1"), back)); err != nil {
		return err
	}
	return d.object(ctx, posted[1:3])
}

// object opens a case by each of two letters; a clerk has taken the second.
func (d *desks) object(ctx context.Context, letters []notice.Letter) error {
	var last int64
	for i, l := range letters {
		another := d.people[10+i].Father.Display
		opened, _, err := d.h.notices.Object(ctx, d.h.journal, &notice.Objection{
			Code: l.Code, Number: l.Subject, Text: lay("objection"), Items: []discrepancy.Claim{{Field: "father_name", Value: another}},
		})
		if err != nil {
			return err
		}
		last = opened.Case
	}
	return done(d.h.cases.Take(ctx, d.h.journal, d.actor("c2"), last))
}

// rows is a list of the bank's, as such lists are: some numbers are missing,
// letters are those of old keyboards, birth years are off by one, and a few rows
// are nobody's.
func (d *desks) rows() string {
	var b strings.Builder
	b.WriteString("national_number,given_name,surname,father_name,birth_date,shenasnameh_number\r\n")
	for i, p := range d.people[12:72] {
		number, given, surname, father, born := p.Number.String(), p.Given.Display, p.Surname.Display, p.Father.Display, p.Born
		other := &d.people[(i+31)%len(d.people)]
		switch {
		case i >= 57:
			number, surname, father, born = "", other.Surname.Display+" "+given, other.Given.Display, other.Born.AddDays(i)
		case i%5 == 1:
			number, surname, born = "", arabic(surname), born.AddYears(1)
		case i%5 == 3:
			given, father = arabic(given), ""
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,\r\n", number, given, surname, father, born)
	}
	return b.String()
}

// ask requests a delivery for the bank and hands its list in.
func (d *desks) ask(ctx context.Context, reason string, fields ...string) (int64, error) {
	head := d.actor(bankHead)
	asked, _, err := d.h.deliveries.Request(ctx, d.h.journal, head, &delivery.Request{
		Grounds: d.grounds(reason), Purpose: "account-opening", Fields: fields, Method: delivery.Terminal, Coverage: delivery.Declared,
	})
	if err != nil {
		return 0, err
	}
	return asked.ID, done(d.h.deliveries.Upload(ctx, d.h.journal, head, asked.ID, strings.NewReader(d.rows())))
}

// list is a delivery that is answered; rows of it are open for a clerk, who has
// decided one.
func (d *desks) list(ctx context.Context) error {
	h, chief, clerk := d.h, d.actor("s1"), d.actor("c1")
	id, err := d.ask(ctx, "customers", "given_name", "surname", "birth_date")
	if err != nil {
		return err
	}
	if err := done(h.deliveries.Prioritise(ctx, h.journal, chief, &delivery.Priority{Delivery: id, Priority: 1, Grounds: d.grounds("law")})); err != nil {
		return err
	}
	started, _, err := h.deliveries.Start(ctx, h.journal, d.actor(bankHead), &delivery.Starting{Delivery: id})
	if err != nil {
		return err
	}
	if err := d.finished(ctx, started.Job); err != nil {
		return err
	}
	r, _, err := h.deliveries.NextReview(ctx, h.journal, clerk, &delivery.NextReview{})
	if err != nil {
		return err
	}
	return done(h.deliveries.DecideReview(ctx, h.journal, clerk, &delivery.ReviewDecision{
		Review: r.ID, Finding: delivery.FoundCandidate, Candidate: 1, Reason: "clear",
	}))
}

// waitingList is a delivery that the registry has still to approve.
func (d *desks) waitingList(ctx context.Context) error {
	return second(d.ask(ctx, "customers", "national_number", "postal_code"))
}

func second[T any](_ T, err error) error { return err }

// doubt is the bank's, about the answer that the tour has shown; nobody has
// replied.
func (d *desks) doubt(ctx context.Context) error {
	return done(d.h.cases.Report(ctx, d.h.journal, d.actor(d.bank.officer), &discrepancy.Report{
		Code: ids.TrackingCode(d.first.Code), Field: "father_name", Value: d.people[9].Father.Display, Evidence: lay("evidence"),
	}))
}

// propose lays two acts of great harm before the supervisors.
func (d *desks) propose(ctx context.Context) error {
	dead, older := &d.people[74], &d.people[75]
	return errors.Join(
		done(d.h.persons.Propose(ctx, d.h.journal, d.actor("c1"), "death", &person.Death{
			Edit: person.Edit{Number: dead.Number, Grounds: d.grounds("hospital-report")}, On: d.today.AddDays(-3),
		})),
		done(d.h.persons.Propose(ctx, d.h.journal, d.actor("c2"), "birth_date", &person.BirthDate{
			Edit: person.Edit{Number: older.Number, Grounds: d.grounds("court-order")}, Born: older.Born.AddYears(1),
		})),
	)
}

// correct puts right what the bank has been told: it asked about a customer,
// and then two persons of the registry correct his surname and date of birth.
// settle tells the bank.
func (d *desks) correct(ctx context.Context) error {
	wrong, other := &d.people[78], slices.IndexFunc(d.people, func(p person.Person) bool { return p.Surname.Key != d.people[78].Surname.Key })
	if other < 0 {
		return fault.New(fault.Internal, "estelam.desks.few")
	}
	clerk, err := d.h.agencies.Officer(d.bank.id, d.bank.officer)
	if err != nil {
		return err
	}
	body, err := d.h.agencies.ByID(d.bank.id)
	if err != nil {
		return err
	}
	q, err := (&inquiry.Form{
		Service: "identity", Mode: "verify", NationalNumber: wrong.Number.String(), BirthDate: wrong.Born.String(),
		Claims:  []inquiry.FormClaim{{Field: "given_name", Value: wrong.Given.Display}, {Field: "surname", Value: wrong.Surname.Display}},
		Officer: clerk.Login, Purpose: "loan", Process: "loan", File: "1405-0300",
	}).Parse(d.today)
	if err != nil {
		return err
	}
	if err := second(d.h.desk.Ask(ctx, inquiry.Asker{Agency: body, Officer: clerk}, q, inquiry.Once{})); err != nil {
		return err
	}
	born := wrong.Born.AddDays(1)
	asked, _, err := d.h.persons.Propose(ctx, d.h.journal, d.actor("c1"), "correction", &person.Correction{
		Edit:    person.Edit{Number: wrong.Number, Grounds: d.grounds("clerical-error")},
		Surname: &d.people[other].Surname, Born: &born,
	})
	if err != nil {
		return err
	}
	return done(d.h.persons.Approve(ctx, d.h.journal, d.actor("s1"), asked.ID))
}

// cards are four applications: one without an appointment, one that has its
// hour, and two that are in a batch for the printer.
func (d *desks) cards(ctx context.Context) error {
	h, chief, clerk := d.h, d.actor("s1"), d.actor("c1")
	office := d.worn[0].Shenasnameh.Office
	err := errors.Join(
		done(h.persons.DecideTimetable(ctx, h.journal, chief, &person.Timetable{From: 1300, To: 1390, Opens: d.today.AddYears(-1), Reference: lay("timetable")})),
		done(h.persons.ReceiveCards(ctx, h.journal, chief, &person.CardStock{Prefix: "7D", First: "00000001", Last: "00000400", Grounds: d.grounds("delivery")})),
		done(h.persons.PlanSlots(ctx, h.journal, chief, &person.SlotPlan{Office: office, From: d.today, To: d.today.AddDays(14), Hours: []int{9, 10, 11}, Capacity: 4})),
	)
	if err != nil {
		return err
	}
	for i, p := range d.worn {
		err := done(h.persons.ApplyForCard(ctx, h.journal, clerk, &person.CardApplication{Number: p.Number, Office: office}))
		if err == nil && i > 0 {
			day := d.today
			if i == 1 {
				day = day.AddDays(1)
			}
			err = done(h.persons.Appoint(ctx, h.journal, clerk, &person.CardAppointment{Number: p.Number, Day: day, Hour: 9}))
		}
		if err == nil && i > 1 {
			err = done(h.persons.Capture(ctx, h.journal, clerk, &person.CardHolder{Number: p.Number}))
		}
		if err != nil {
			return err
		}
	}
	return done(h.persons.Personalise(ctx, h.journal, chief, &person.BatchOrder{}))
}

// plates are one that is ordered, one that hangs, and one that is gone.
func (d *desks) plates(ctx context.Context) error {
	h, town, within := d.h, d.actor("m1"), d.area()
	for i := range 3 {
		e, _, err := h.places.Order(ctx, h.journal, town, &place.Ordering{
			Grounds: d.grounds("first-plate"), Codes: []ids.PostalCode{d.places[i].Code}, Within: within,
		})
		if err == nil && i > 0 {
			err = done(h.places.Install(ctx, h.journal, town, &place.Installing{
				Grounds: d.grounds("field-visit"), Entrance: e.ID, Installer: lay("installer"), Within: within,
			}))
		}
		if err == nil && i > 1 {
			err = done(h.places.Lose(ctx, h.journal, town, &place.Losing{
				Grounds: d.grounds("field-visit"), Entrance: e.ID, State: place.Missing, Within: within,
			}))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// monthly is the municipality's report of the month before, which the Post has
// still to look at. In the months of this year before that nothing changed; one
// of them is not reported.
func (d *desks) monthly(ctx context.Context) error {
	month := d.today
	month.Day = 0
	last := month.AddMonths(-1)
	for m := (persian.Date{Year: month.Year, Month: 1}); m.Compare(last.AddMonths(-1)) < 0; m = m.AddMonths(1) {
		quiet := &place.Reporting{Month: m, Document: d.paper(), Area: d.area()}
		if err := done(d.h.places.Submit(ctx, d.h.journal, d.actor("m1"), quiet)); err != nil {
			return err
		}
	}
	text := func(s string) *string { return &s }
	made, _, err := d.h.places.Submit(ctx, d.h.journal, d.actor("m1"), &place.Reporting{
		Month: last, Document: d.paper(), Area: d.area(), Lines: []place.Line{
			{Kind: place.Renumbered, Code: d.places[3].Code, New: place.Address{House: text("112")}},
			{Kind: place.Demolished, Code: d.places[4].Code},
			{Kind: place.Added, New: place.Address{Street: text(d.places[5].Street), House: text("1")}},
		},
	})
	if err == nil && made.Taken == 0 {
		err = fault.New(fault.Internal, "estelam.desks.few")
	}
	return err
}
