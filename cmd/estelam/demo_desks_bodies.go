package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
)

// audit draws from the bank's inquiries of this month; what settle waits for.
// And whom the first answer was about says that he never was in that bank.
func (d *desks) audit(ctx context.Context) error {
	drawn, _, err := d.h.audits.Draw(ctx, d.h.journal, d.actor("i1"), &audit.Order{Agency: d.bank.id})
	if err != nil {
		return err
	}
	d.draw = drawn.Job
	code := ids.TrackingCode(d.first.Code)
	entry, found, err := d.h.journal.ByCode(ctx, code)
	if err == nil && !found {
		err = fault.New(fault.Internal, "estelam.desks.few")
	}
	if err != nil {
		return err
	}
	return done(d.h.audits.Dispute(ctx, d.h.journal, entry.Subject, code, lay("dispute")))
}

// settle waits for what other desks did meanwhile.
func (d *desks) settle(ctx context.Context) error {
	return errors.Join(d.finished(ctx, d.draw), d.h.usage.Follow(ctx), d.h.feeds.Correct(ctx))
}

// decide holds a session of the board: of two decisions one is in force and one
// lacks the secretary's signature, and something follows from the first.
func (d *desks) decide(ctx context.Context) error {
	h, secretary := d.h, d.actor("b1")
	members, err := h.board.Members(ctx, secretary)
	if err != nil {
		return err
	}
	held := board.Meeting{Date: d.today, Place: lay("hall"), Agenda: lay("agenda"), Minutes: lay("minutes")}
	for _, m := range members {
		held.Present = append(held.Present, m.ID)
	}
	s, _, err := h.board.Hold(ctx, h.journal, secretary, &held)
	if err != nil {
		return err
	}
	var first int64
	for i, draft := range []board.Draft{
		{Text: lay("days"), Effect: board.Effect{Kind: complaint.Days, Params: json.RawMessage(`{"days":10}`)}},
		{Text: lay("wave")},
	} {
		draft.Session, draft.From, draft.Reference = s.ID, d.today, message.Text(message.Fa, "estelam.desks.minute", strconv.Itoa(i+1), d.today.String())
		made, _, err := h.board.Draft(ctx, h.journal, secretary, &draft)
		if err != nil {
			return err
		}
		if first == 0 {
			first = made.ID
		}
		for _, login := range []string{"b1", "b2", "b3"}[i:] {
			if err := done(h.board.Sign(ctx, h.journal, d.actor(login), &board.Signing{Decision: made.ID, SHA256: made.SHA256})); err != nil {
				return err
			}
		}
	}
	return done(h.board.Follow(ctx, h.journal, secretary, &board.Task{
		Decision: first, Text: lay("follow"), Responsible: d.bank.id, Due: d.today.AddDays(20),
	}))
}

// agree drafts two changes of the bank's agreement: one waits for the
// registry's review, the other is still being written.
func (d *desks) agree(ctx context.Context) error {
	h, head := d.h, d.actor(bankHead)
	standing := h.agreements.Of(d.bank.id)[0]
	a, _, err := h.agreements.Amend(ctx, h.journal, head, standing.ID)
	if err != nil {
		return err
	}
	text := *a.Form
	for i := range text.Clauses {
		text.Clauses[i].Statement, text.Clauses[i].Risk = lay("statement"), lay("risk")
	}
	text.Clauses[0].DailyQuota, text.Clauses[0].Hours = 12_000, "07:00-19:00"
	if a, _, err = h.agreements.Draft(ctx, h.journal, head, &agreement.Drafting{Draft: a.ID, Digest: a.Digest, Text: text}); err != nil {
		return err
	}
	if err := done(h.agreements.Request(ctx, h.journal, head, &agreement.Word{Draft: a.ID, Digest: a.Digest})); err != nil {
		return err
	}
	return done(h.agreements.Amend(ctx, h.journal, head, standing.ID))
}

// complain files two reports of demanded copies; the bank has answered one.
func (d *desks) complain(ctx context.Context) error {
	h, head := d.h, d.actor(bankHead)
	for i, document := range []string{"national-card", "shenasnameh"} {
		if err := done(h.complaints.File(ctx, h.journal, &complaint.Report{
			Agency: d.bank.id, Process: "account", Document: document, Day: d.today.AddDays(-1 - i), Province: said("khuzestan"), Text: lay("report"),
		})); err != nil {
			return err
		}
	}
	all, err := h.complaints.List(ctx, head, &complaint.Filter{})
	if err != nil {
		return err
	}
	if len(all) < 2 {
		return fault.New(fault.Internal, "estelam.desks.few")
	}
	return done(h.complaints.Answer(ctx, h.journal, head, &complaint.Reply{ID: all[0].ID, Text: lay("answer")}))
}

// copies are one that a law demands, and a ticket of an hour in which the
// service did not answer.
func (d *desks) copies(ctx context.Context) error {
	clerk, head := d.actor(d.bank.officer), d.actor(bankHead)
	if err := done(d.h.exceptions.Copied(ctx, clerk, &exception.Copying{
		Process: "loan", Document: "national-card", Reason: exception.LawRequires, Law: lay("law"), Article: lay("article"),
		Number: d.people[76].Number, Reference: lay("shelf"), Until: d.today.AddDays(30),
	})); err != nil {
		return err
	}
	base := filepath.Join(d.dir, "staff", bankHead)
	tickets, err := client.OpenTickets(filepath.Join(d.dir, "tickets"), base+".crt", base+".key")
	if err != nil {
		return err
	}
	p := &d.people[77]
	made, err := tickets.Issue(client.Question{
		Officer: bankHead, Purpose: "account-opening", Process: "account", File: "1405-0200", Service: "predicate", Mode: "verify",
		NationalNumber: p.Number.String(), BirthDate: p.Born.String(), Predicates: []client.Predicate{{Name: "alive"}},
	}, time.Now(), client.Unreachable, "")
	if err != nil {
		return err
	}
	file, err := readFile(tickets.File(made.Number))
	if err != nil {
		return err
	}
	return done(d.h.exceptions.Register(ctx, head, &exception.Handing{Ticket: string(file)}))
}

// comply declares that the bank keeps a clause, hands in a table of its own
// place codes, and computes the evaluation of this year's months as a trial.
func (d *desks) comply(ctx context.Context) error {
	h, head := d.h, d.actor(bankHead)
	share := 0.6
	if err := done(h.compliance.Declare(ctx, h.journal, head, &compliance.Declaration{
		Clause: "B.6b", Done: d.today, Share: &share, Document: d.paper(), Paper: fmt.Sprintf("%x", sha256.Sum256([]byte(d.paper()))),
	})); err != nil {
		return err
	}
	table := "own_code,postal_code\n"
	for i, p := range d.places {
		table += fmt.Sprintf("b%d,%s\n", i+1, p.Code)
	}
	if err := done(h.compliance.Upload(ctx, h.journal, head, &compliance.Table{Name: "branches", Declared: 8, File: []byte(table)})); err != nil {
		return err
	}
	until := d.today
	until.Day = 0
	from := until
	from.Month = 1
	return done(h.compliance.Compute(ctx, h.journal, d.actor("i2"), &compliance.Computing{Period: compliance.Period{From: from, Until: until}}))
}
