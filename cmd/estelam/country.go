package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/synth"
)

// country is an invented country in a data directory: a population, and
// agencies that may ask about it. Demo and bench stand on it.
type country struct {
	dir     string
	people  *synth.Population
	persons int
	bank    invented // may verify, little else
	welfare invented // may be told much
}

// invented is an agency with its certificate on disk.
type invented struct {
	id      ids.LegalID
	name    string
	officer string
	cert    string // files
	key     string
}

// buildCountry makes a data directory with everything in it, and leaves it
// closed.
func buildCountry(ctx context.Context, dir string, c synth.Config, show func(what string) *progress) (*country, error) {
	if err := initialise(ctx, where{Data: dir}, "Estelam Sample CA"); err != nil {
		return nil, err
	}
	h, err := open(ctx, siteIn(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer h.close()
	if err := account.MarkDemo(ctx, h.register, time.Now()); err != nil {
		return nil, err
	}
	k := &country{dir: dir, people: synth.New(c), persons: c.Persons}
	if err := settle(ctx, h, k.people, int64(c.Places), int64(c.Persons), show); err != nil {
		return nil, err
	}
	k.bank = invented{id: sampleID(1), name: message.Text(message.Fa, "estelam.demo.bank"), officer: "b.sample"}
	k.welfare = invented{id: sampleID(2), name: message.Text(message.Fa, "estelam.demo.welfare"), officer: "w.sample"}
	if err := k.found(ctx, h, &k.bank, bankClauses()); err != nil {
		return nil, err
	}
	if err := k.found(ctx, h, &k.welfare, welfareClauses()); err != nil {
		return nil, err
	}
	return k, os.WriteFile(filepath.Join(dir, "log.vkey"), []byte(h.journal.State().VerifierKey+"\n"), 0o644)
}

// sampleID is a legal id with a right check digit that no body bears: those of
// this range have not been given out.
func sampleID(n int64) ids.LegalID {
	first := 9_999_000_000 + n
	return ids.LegalID(first*10 + ids.LegalCheckDigit(first))
}

// found registers an agency with officer, certificate and agreement.
func (k *country) found(ctx context.Context, h *house, a *invented, clauses []agreement.Clause) error {
	who := operator()
	if _, err := h.agencies.Register(ctx, h.journal, who, &agency.Agency{ID: a.id, Name: a.name}); err != nil {
		return err
	}
	today := persian.DateOf(time.Now())
	officer := &agency.Officer{Agency: a.id, Login: a.officer, Name: message.Text(message.Fa, "estelam.demo.officer"), Role: "officer", Until: today.AddYears(1)}
	if _, err := h.agencies.AddOfficer(ctx, h.journal, who, officer); err != nil {
		return err
	}
	var err error
	base := filepath.Join(k.dir, "agencies", a.id.String())
	if a.cert, a.key, err = enroll(ctx, h, a.id, "", base); err != nil {
		return err
	}
	_, err = h.agreements.Put(ctx, h.journal, who, &agreement.Agreement{
		Agency: a.id, Service: "10031094100", From: today.Start(), Until: today.AddYears(1).Start(), Clauses: clauses,
	})
	return err
}

func bankClauses() []agreement.Clause {
	both := []string{"national_number+birth_date", "national_number+shenasnameh_number"}
	verify := []string{"verify"}
	return []agreement.Clause{
		{No: 1, Service: "identity", Modes: verify, SearchKeys: both, Fields: []string{"given_name", "surname", "father_name", "sex", "birth_date"}, Purposes: []string{"account-opening", "loan"}},
		{No: 2, Service: "predicate", Modes: verify, SearchKeys: both, Fields: []string{"alive", "age_at_least"}, Purposes: []string{"account-opening", "loan"}},
		{No: 3, Service: "residence", Modes: verify, SearchKeys: both, Fields: []string{"postal_code"}, Purposes: []string{"account-opening", "loan"}},
		{No: 4, Service: "card", Modes: verify, SearchKeys: both, Fields: []string{"card_state", "card_valid_until"}, Purposes: []string{"account-opening", "loan"}},
		{No: 5, Service: "delivery", Modes: []string{"disclose"}, SearchKeys: []string{"file"}, Purposes: []string{"account-opening"},
			Fields: []string{"given_name", "surname", "father_name", "birth_date", "national_number", "postal_code"}},
	}
}

func welfareClauses() []agreement.Clause {
	both := []string{"verify", "disclose"}
	var clauses []agreement.Clause
	for i, s := range agreement.Services {
		modes := both
		if s.Name == "predicate" {
			modes = both[:1]
		}
		clauses = append(clauses, agreement.Clause{No: i + 1, Service: s.Name, Modes: modes, SearchKeys: s.Keys, Fields: s.Fields})
	}
	return clauses
}
