package person

import (
	"context"
	"slices"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestScan: every record once, in order, whatever the size of the steps; with
// what stands beside its row.
func TestScan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, nil)
		var want []ids.NationalNumber
		for i := range int64(7) {
			p := sample(t)
			p.Number = nth(1_000_000 + 37*i)
			if i == 3 {
				p.State, p.Successor = Cancelled, nth(1_000_000)
			}
			if i == 5 {
				p.Card.Serial = "ABC"
			}
			save(t, b, j, &p)
			want = append(want, p.Number)
		}
		for _, step := range []int{1, 3, 7, 100} {
			var got []Person
			for after := ids.NationalNumber(0); ; {
				some, err := b.Scan(ctx, after, step)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, some...)
				if len(some) < step {
					break
				}
				after = some[len(some)-1].Number
			}
			if !slices.EqualFunc(got, want, func(p Person, n ids.NationalNumber) bool { return p == find(t, b, n) }) {
				t.Errorf("steps of %d: %d records", step, len(got))
			}
		}
	})
}
