package delivery_test

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestProtectedInFile: who is protected is not found, in whichever and however
// many rows he stands, and nothing of such a row differs from one that finds
// nobody. Numbers alone say nothing either.
func TestProtectedInFile(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	in := k.request()
	in.Method = delivery.Terminal
	him := line(&k.people[protected])
	badly := line(&k.people[protected])
	badly[0], badly[4] = "", badly[4][:4]
	nobody := []string{"", "پرویز", "تهرانی", "کاوه", "1331-01-01", ""}
	is, not := []string{number(50).String(), "", "", "", "", ""}, []string{number(5000).String(), "", "", "", "", ""}
	d := k.run(k.approved(in, k.csv(first(30), him, him, badly, nobody, is, not)).ID)
	page, err := k.book.Result(ctx, k.head, &delivery.Page{Delivery: d.ID, After: 30})
	k.must(err)
	for i, want := range []linkage.Status{linkage.NotFound, linkage.NotFound, linkage.NotFound, linkage.NotFound, linkage.TooSparse, linkage.TooSparse} {
		a := page.Rows[i]
		if a.Status != want || a.Twin != 0 || a.Weight != 0 || len(a.Values)+len(a.Differs)+len(a.Variants) > 0 {
			t.Errorf("row %d: %+v", a.Row, a)
		}
	}
}

// TestReportForGuessers: the agency's copy of the report does not say how rows
// agree with somebody to whom they were not linked; the registry's does.
func TestReportForGuessers(t *testing.T) {
	k := newReviewing(t, storetest.SQLite(t))
	example := func(text string) bool {
		return strings.Contains(text, message.Text(message.En, "delivery.report.examples"))
	}
	if !example(k.report(k.clerk, "en", "html")) {
		t.Fatal("the file has no example")
	}
	if example(k.report(k.head, "en", "html")) {
		t.Error("the agency is shown how near its ambiguous rows have come")
	}
}
