package inquiry

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

var seven = agency.Agency{ID: 7, Version: 1}

// Guesses between questions whose answers are known are guesses.
func TestGuardIsNotWashedClean(t *testing.T) {
	person := func(n int) *Question { return &Question{Service: Identity, Number: ids.NationalNumber(n)} }
	place := func(n int) *Question { return &Question{Service: Place, Postal: ids.PostalCode(n)} }
	for name, known := range map[string]func(i int) *Question{
		"one person":     func(int) *Question { return person(1) },
		"a few persons":  func(i int) *Question { return person(1 + i%50) },
		"known places":   func(i int) *Question { return place(1 + i) },
		"nobody between": nil,
	} {
		var g guard
		guesses := 0
		for i := 0; !g.stopped(&seven) && i < 1000; i++ {
			if known != nil && i%2 == 1 {
				g.saw(&seven, testDay, known(i), &answer{outcome: Confirmed})
			} else if g.saw(&seven, testDay, person(1_000_000+i), &answer{outcome: NotFound}) {
				guesses++
			}
		}
		if most := 25 + 50*3; guesses > most || known == nil && guesses > 25 {
			t.Errorf("%s: %d guesses", name, guesses)
		}
		if g.stopped(&agency.Agency{ID: 8}) {
			t.Errorf("%s: another agency is stopped", name)
		}
	}
}

// Questions that are asked at the same time are stopped like others.
func TestGuardStopsAmongManyAtOnce(t *testing.T) {
	var g guard
	var told atomic.Int64
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			if g.saw(&seven, testDay, &Question{Service: Identity, Number: ids.NationalNumber(i + 1)}, &answer{outcome: NotFound}) {
				told.Add(1)
			}
		})
	}
	all.Wait()
	if n := told.Load(); n > 25 {
		t.Errorf("%d guesses were answered", n)
	}
}

// A refusal keeps nothing of the answer that it replaces.
func TestRefuseForgets(t *testing.T) {
	values := []string{"1"}
	a := answer{outcome: Answered, results: []string{match}, values: values, warnings: []string{"deceased"}, version: 7}
	a.refuse("agreement.guard")
	if a.outcome != Refused || len(a.results)+len(a.values)+len(a.warnings) > 0 || a.version != 0 || values[0] != "" {
		t.Errorf("%+v, %q", a, values)
	}
}

// A file number, or a claim, of marks that nobody sees is none.
func TestBlank(t *testing.T) {
	for _, blank := range []string{" ", "\u200b", "\u200f\u200e", "\u064b", "\u00a0"} {
		f := goodForm(Identity)
		f.File = blank
		if _, err := f.Parse(testDay); err == nil || fault.Of(err).Field != "file" {
			t.Errorf("file %q: %v", blank, err)
		}
		f = goodForm(Place)
		f.Claims[0].Value = blank
		if _, err := f.Parse(testDay); err == nil || fault.Of(err).Field != "claims.province" {
			t.Errorf("province %q: %v", blank, err)
		}
	}
}

// An agency that asks about the same few people each day, and mistypes one
// number in twenty, goes on.
func TestGuardKnowsRegulars(t *testing.T) {
	var g guard
	for day := range 1000 {
		today := testDay.AddDays(day)
		for i := range 200 {
			q, a := &Question{Service: Identity, Number: ids.NationalNumber(1 + i)}, &answer{outcome: Confirmed}
			if i%20 == 7 {
				a.outcome = NotFound
			}
			if !g.saw(&seven, today, q, a) {
				t.Fatalf("stopped on day %d", day)
			}
		}
	}
}
