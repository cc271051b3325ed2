package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// benchSeed makes the bench's people other ones than the demo's.
const benchSeed = 1998

// kept is what a kept directory says of itself.
type kept struct{ Persons, Places int }

// benchCountry makes an invented country in dir, or opens the one that is
// there if it has as many persons.
func benchCountry(ctx context.Context, dir string, persons int, show func(what string) *progress) (*country, error) {
	mark := filepath.Join(dir, "bench.json")
	want := kept{persons, max(persons/3, 10)}
	config := synth.Config{Seed: benchSeed, Persons: want.Persons, Places: want.Places}
	data, err := os.ReadFile(mark)
	switch {
	case err == nil:
		var is kept
		if err := json.Unmarshal(data, &is); err != nil || is != want {
			return nil, fmt.Errorf("%s holds another country (%d persons)", dir, is.Persons)
		}
		return reopen(dir, config), nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	k, err := buildCountry(ctx, dir, config, show)
	if err != nil {
		return nil, err
	}
	if err := limitBank(ctx, k); err != nil {
		return nil, err
	}
	data, err = json.Marshal(want)
	if err != nil {
		return nil, err
	}
	return k, os.WriteFile(mark, data, 0o644)
}

// reopen is the country that buildCountry has made in dir before.
func reopen(dir string, c synth.Config) *country {
	k := &country{dir: dir, people: synth.New(c), persons: c.Persons}
	k.bank = invented{id: sampleID(1), name: message.Text(message.Fa, "estelam.demo.bank"), officer: "b.sample"}
	base := filepath.Join(dir, "agencies", k.bank.id.String())
	k.bank.cert, k.bank.key = base+".crt", base+".key"
	return k
}

// limitBank gives the bank a daily quota, as agreements have it: counting it
// belongs to the price of an inquiry.
func limitBank(ctx context.Context, k *country) error {
	h, err := open(ctx, siteIn(k.dir), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer h.close()
	a := *h.agreements.Of(k.bank.id)[0]
	a.Clauses = append(a.Clauses[:0:0], a.Clauses...)
	for i := range a.Clauses {
		a.Clauses[i].DailyQuota = 1_000_000_000
	}
	_, err = h.agreements.Put(ctx, h.journal, operator(), &a)
	return err
}

// sample picks persons spread evenly over the register, of whom the register
// knows everything that the bench claims.
func sample(k *country, n int) []person.Person {
	step := max(1, k.persons/n)
	var all []person.Person
	i := 0
	for p := range k.people.Persons() {
		i++
		if i%step != 0 {
			continue
		}
		if (p.State == person.Active || p.State == person.Deceased) && p.Born.Precise() && p.Father.Display != "" {
			all = append(all, p)
		}
	}
	return all
}

// serverFiles writes a server certificate of the country's authority to files.
func serverFiles(k *country, certFile, keyFile string) error {
	ca, err := agency.LoadCA(caDir(k.dir))
	if err != nil {
		return err
	}
	pair, err := ca.ServerCertificate([]string{"localhost", "127.0.0.1"})
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return err
	}
	var chain []byte
	for _, der := range pair.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return errors.Join(
		os.WriteFile(certFile, chain, 0o644),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
	)
}
