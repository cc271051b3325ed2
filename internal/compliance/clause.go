package compliance

import (
	_ "embed" // the items
	"encoding/json"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Clause is one item of the law that agencies must have done. Clauses are data:
// clauses.json.
type Clause struct {
	Clause string `json:"clause"`           // as in docs/law.md
	Fa     string `json:"fa"`               // what it asks
	En     string `json:"en"`               // the same
	Months int    `json:"months,omitempty"` // from the law's entry into force; 0: from the day on which it applies
	Of     string `json:"of,omitempty"`     // only of agencies whose agreement has this service; "": of all
	Share  bool   `json:"share,omitempty"`  // what is declared has a share
}

//go:embed clauses.json
var clausesFile []byte

// Clauses lists them in the order of the law.
var Clauses = func() (all []Clause) {
	if err := json.Unmarshal(clausesFile, &all); err != nil {
		panic(err) // embedded
	}
	return all
}()

func clause(name string) *Clause {
	for i := range Clauses {
		if Clauses[i].Clause == name {
			return &Clauses[i]
		}
	}
	return nil
}

// due is the last day for an item; zero while its clock has not begun, and of
// what the law asks from the day on which it applies.
func (b *Book) due(c *Clause) persian.Date {
	entry, _ := b.c.Board.Start(board.LawEntry, persian.DateOf(b.c.Clock()))
	if entry.IsZero() || c.Months == 0 {
		return persian.Date{}
	}
	return entry.AddMonths(c.Months)
}

// concerns reports whether an item is one of an agency's.
func (b *Book) concerns(c *Clause, of ids.LegalID) bool {
	if c.Of == "" {
		return true
	}
	in, ok := b.c.Agreements.InForce(of, b.c.Clock())
	if !ok {
		return false
	}
	for i := range in.Clauses {
		if in.Clauses[i].Service == c.Of {
			return true
		}
	}
	return false
}
