package agreement

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Form is an agreement as it is written and signed: the members of the
// operator's file. From and Until are days in Tehran, both included.
type Form struct {
	Agency  ids.LegalID  `json:"agency"`
	Service string       `json:"service"`
	From    persian.Date `json:"from"`
	Until   persian.Date `json:"until"`
	Clauses []Clause     `json:"clauses"`
}

// agreement is what the form would put in force.
func (f *Form) agreement() *Agreement {
	a := &Agreement{Agency: f.Agency, State: InForce, Service: f.Service, Clauses: slices.Clone(f.Clauses)}
	if f.From.Precise() {
		a.From = f.From.Start()
	}
	if f.Until.Precise() {
		a.Until = f.Until.AddDays(1).Start()
	}
	return a
}

// FormOf is the form of a version. Its days are whole: a version that began or
// ended within a day has that day.
func FormOf(a *Agreement) *Form {
	return &Form{
		Agency: a.Agency, Service: a.Service, From: persian.DateOf(a.From),
		Until: persian.DateOf(a.Until.Add(-time.Microsecond)), Clauses: slices.Clone(a.Clauses),
	}
}

// check brings a form into the shape in which it is signed, and tells all its
// mistakes.
func (f *Form) check() error {
	var bad fault.List
	bad.When(!f.From.Precise(), "from", "agreement.day")
	bad.When(!f.Until.Precise(), "until", "agreement.day")
	a := f.agreement()
	if len(bad) > 0 { // what is said of the days is enough
		a.From, a.Until = time.Unix(0, 0), time.Unix(1, 0)
	}
	a.check(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	a.sort()
	f.Clauses = a.Clauses
	return nil
}

// complete finds clauses that do not say why they are needed and what could go
// wrong: nobody signs those.
func (f *Form) complete() error {
	var bad fault.List
	for i := range f.Clauses {
		bad.When(f.Clauses[i].Statement == "", clauseAt(i)+".statement", "agreement.missing")
		bad.When(f.Clauses[i].Risk == "", clauseAt(i)+".risk", "agreement.missing")
	}
	return bad.Err()
}

// text is the form as it is stored and signed: JSON with its members in one
// order and no blanks, so that the same agreement is the same bytes.
func (f *Form) text() (string, [32]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		return "", [32]byte{}, err
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return string(text), sha256.Sum256(text), nil
}
