package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

// town is the area of the invented municipality: that of the first place.
func (t *tour) town() (area [3]string) {
	for p := range t.people.Places() {
		return [3]string{p.Province, p.County, p.Locality}
	}
	return area
}

// as is a client with an officer's own certificate.
func (t *tour) as(login, logKey string) (*client.Client, error) {
	base := filepath.Join(t.dir, "staff", login)
	return client.New(client.Config{
		URL: t.api, CertFile: base + ".crt", KeyFile: base + ".key", CAFile: filepath.Join(t.dir, "ca", "ca.pem"),
		LogKey: logKey, English: terminalLang() == message.En,
	})
}

// farewellTo registers a death: an act of great harm, which takes two persons
// with two keys. What it prints to be repeated is about another person.
func (t *tour) farewellTo(ctx context.Context, p, other *person.Person) error {
	key, err := readFile(filepath.Join(t.dir, "log.vkey"))
	if err != nil {
		return err
	}
	first, err := t.as("s1", string(key))
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := t.as("s2", string(key))
	if err != nil {
		return err
	}
	defer second.Close()

	fmt.Fprintf(t.out, "%d. Somebody has died. That takes two persons, each with a key of his own.\n", t.step+2)
	day := persian.DateOf(time.Now()).AddDays(-1).String()
	death := map[string]any{
		"national_number": p.Number, "died_on": day, "reason": "hospital-report", "document": "1405-17",
	}
	var proposal struct {
		ID int64 `json:"proposal"`
	}
	done, err := first.Act(ctx, "events/death", death, &proposal)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "   proposes   supervisor s1: proposal %d, code %s\n", proposal.ID, group(done.Code))
	approval := map[string]any{"proposal": proposal.ID}
	_, err = first.Act(ctx, "proposals/approve", approval, nil)
	var refused *client.Problem
	if !errors.As(err, &refused) {
		return fmt.Errorf("s1 approved what he had proposed himself: %w", err)
	}
	fmt.Fprintf(t.out, "   approves   s1 himself → %s\n", refused.Detail)
	if done, err = second.Act(ctx, "proposals/approve", approval, nil); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "   approves   supervisor s2: done, code %s, receipt verified\n", group(done.Code))
	a, err := t.asBank.Inquire(ctx, client.Question{
		Officer: t.bank.officer, Purpose: "account-opening", File: "1405-0100", Service: "predicate", Mode: "verify",
		NationalNumber: p.Number.String(), BirthDate: p.Born.String(), Predicates: []client.Predicate{{Name: "alive"}},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "   the bank   asks again: %s\n", message.Text(terminalLang(), "inquiry.outcome."+a.Outcome))
	next := proposal.ID + 1
	if !t.bare {
		next += deskProposals
	}
	t.again(day, next, other)
	return nil
}

// again says how to act as one of the staff: from wherever the program is run.
func (t *tour) again(day string, proposal int64, p *person.Person) {
	in := func(name ...string) string { return filepath.Join(append([]string{t.dir}, name...)...) }
	fmt.Fprintf(t.out, `   again      export ESTELAM_URL=%s ESTELAM_CA=%s ESTELAM_LOG_KEY=%s
              as() { o=%s/$1; shift; ESTELAM_CERT=$o.crt ESTELAM_KEY=$o.key %s act "$@"; }
              as c1 events/death national_number=%s died_on=%s reason=hospital-report document=1405-18
              as s1 proposals/approve proposal=%d
              as c1 persons/history national_number=%s reason=routine file=1405-18
              as c1 events/death --help     the members of an act; 'as c1' alone lists all acts

`, t.api, in("ca", "ca.pem"), in("log.vkey"), in("staff"), self(), p.Number, day, proposal, p.Number)
}
