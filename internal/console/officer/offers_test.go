package officer

import (
	"testing"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/inquiry"
)

// TestSignedClause: a browser does not sign, so a clause that demands it offers
// nothing here.
func TestSignedClause(t *testing.T) {
	a := &agreement.Agreement{Clauses: []agreement.Clause{{
		No: 1, Service: "identity", Modes: []string{"verify"}, SearchKeys: []string{inquiry.KeyBirthDate}, Fields: []string{"surname"}, Signature: true,
	}}}
	if got := offersOf(a); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
