package delivery_test

import (
	"testing"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestRelease: what the guard has stopped goes on when a supervisor says so, and
// nothing else does.
func TestRelease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		k := open(t, url)
		in := k.request()
		in.Method = delivery.Terminal
		var guesses [][]string
		for i := range 30 {
			guesses = append(guesses, []string{number(2000 + 13*i).String(), "", "", "", "", ""})
		}
		d := k.run(k.approved(in, k.csv(first(10), guesses...)).ID)
		if d.State != delivery.Stopped || d.Note != "delivery.guard.bare" {
			t.Fatalf("%+v", d)
		}
		out := &delivery.Releasing{Delivery: d.ID, Grounds: register.Grounds{Reason: "asked", Document: "نامه ۷"}}
		_, _, err := k.book.Release(ctx, k.journal, k.clerk, out)
		k.refused(err, fault.Forbidden, "register.role")
		_, _, err = k.book.Release(ctx, k.journal, k.head, out)
		k.refused(err, fault.Forbidden, "register.role")
		d, _, err = k.book.Release(ctx, k.journal, k.supervisor, out)
		k.must(err)
		k.work(d.Job)
		d, err = k.book.Find(ctx, k.head, &delivery.Of{Delivery: d.ID})
		k.must(err)
		if d.State != delivery.Delivered || d.Rows != 40 || d.Note != "delivery.released" {
			t.Errorf("%+v", d)
		}
		_, _, err = k.book.Release(ctx, k.journal, k.supervisor, out)
		k.refused(err, fault.Conflict, "delivery.state")
		out.Delivery = 99
		_, _, err = k.book.Release(ctx, k.journal, k.supervisor, out)
		k.refused(err, fault.NotFound, "delivery.unknown")
	})
}
