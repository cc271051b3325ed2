package person

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestAsOfReplays: whatever was changed when, also by a clock that jumps, the
// record at any moment is what replaying the changes up to it gives.
func TestAsOfReplays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, err := Open(ctx, openStore(t, url))
		if err != nil {
			t.Fatal(err)
		}
		given, next := names(t, 5, "مه"), int64(1_000_000)
		rapid.Check(t, func(t *rapid.T) {
			next++
			replay(t, ctx, b, nth(next), given)
		})
	})
}

// version is a version of the model: what was registered from when on.
type version struct {
	from   time.Time
	person Person
}

func replay(t *rapid.T, ctx context.Context, b *Book, n ids.NationalNumber, given []persian.Name) {
	p := Person{Number: n, Given: given[0], Surname: given[1], State: Active}
	clock := persian.Date{Year: 1400, Month: 1, Day: 1}.Start()
	var model []version
	for range rapid.IntRange(1, 8).Draw(t, "changes") {
		clock = clock.Add(time.Duration(rapid.IntRange(-2, 30).Draw(t, "hours")) * time.Hour)
		alter(t, &p, given)
		before := p.Version
		if err := b.db.Write(ctx, func(tx *store.Tx) error {
			return Put(tx, &register.Change{Actor: clerk, Why: "test", At: clock}, &p)
		}); err != nil {
			t.Fatal(err)
		}
		if p.Version == before {
			continue
		}
		from := clock
		if len(model) == 0 {
			from = time.Time{} // counts from ever
		} else if from.Before(model[len(model)-1].from) {
			from = model[len(model)-1].from // a version never ends before it began
		}
		model = append(model, version{from, p})
	}
	for _, v := range model[1:] {
		for _, at := range []time.Time{v.from.Add(-time.Microsecond), v.from, v.from.Add(time.Microsecond)} {
			compare(t, ctx, b, n, model, at)
		}
	}
	compare(t, ctx, b, n, model, clock.AddDate(1, 0, 0))
	compare(t, ctx, b, n, model, clock.AddDate(-50, 0, 0))
	for range 3 {
		day := persian.DateOf(clock).AddDays(-rapid.IntRange(0, 10).Draw(t, "day"))
		compareDay(t, ctx, b, n, model, day)
	}
}

// alter changes something, or nothing.
func alter(t *rapid.T, p *Person, given []persian.Name) {
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		p.Given = rapid.SampledFrom(given).Draw(t, "given")
	case 1:
		p.Postal = ids.PostalCode(rapid.Int64Range(1, 9_999_999_999).Draw(t, "postal"))
	case 2:
		p.State = rapid.SampledFrom([]State{Active, Deceased, UnderReview, Protected, Cancelled}).Draw(t, "state")
		p.Successor = 0
	case 3:
		p.Card.State = rapid.SampledFrom([]CardState{NoCard, Issued, Lost}).Draw(t, "card")
		p.Card.Reason = 0
	case 4:
		p.Card.Serial = rapid.StringMatching(`[0-9][A-Z][0-9]{8}|[A-Z0-9]{3,10}|`).Draw(t, "serial")
	case 5:
		p.State, p.Successor = Cancelled, p.Number+rapid.SampledFrom([]ids.NationalNumber{1, 2}).Draw(t, "successor")
	}
}

func at(model []version, t time.Time) *Person {
	var p *Person
	for i := range model {
		if !model[i].from.After(t) {
			p = &model[i].person
		}
	}
	return p
}

func compare(t *rapid.T, ctx context.Context, b *Book, n ids.NationalNumber, model []version, moment time.Time) {
	got, found, err := b.at(ctx, n, moment.UnixMicro())
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if want := at(model, moment); *got != *want {
		t.Fatalf("at %v: got %+v\nwant %+v", moment, *got, *want)
	}
}

func compareDay(t *rapid.T, ctx context.Context, b *Book, n ids.NationalNumber, model []version, day persian.Date) {
	got, found, err := b.AsOf(ctx, n, day)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if want := at(model, day.AddDays(1).Start().Add(-time.Microsecond)); *got != *want {
		t.Fatalf("on %v: got %+v\nwant %+v", day, *got, *want)
	}
}
