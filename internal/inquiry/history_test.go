package inquiry

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func (d *testDesk) history(who Asker, f HistoryFilter) *History {
	d.Helper()
	h, err := d.History(d.ctx, who, f)
	if err != nil {
		d.Fatal(err)
	}
	return h
}

// TestHistory: an officer pages through what he has asked, narrowed as he
// wants; his agency's head sees all of it, other agencies nothing of it; and
// every reading is an entry.
func TestHistory(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	for i := range 7 {
		d.ask(d.bank, func(f *Form) {
			of(ali, "1370-01-01", "surname", "رضایی")(f)
			if f.File = fmt.Sprint("f-", i); i == 3 {
				f.Claims[0].Value = "کریمی"
			}
		})
	}
	d.ask(d.rest, of(ali, "1370-01-01", "surname", "رضایی"))
	other := d.bank
	colleague := *d.bank.Officer
	colleague.Login = "other"
	other.Officer = &colleague
	chief := d.bank
	head := *d.bank.Officer
	head.Login, head.Role = "head", agency.RoleHead
	chief.Officer = &head

	var files []string
	f := HistoryFilter{Limit: 3, Outcome: Confirmed, Service: Identity}
	for {
		h := d.history(d.bank, f)
		if len(h.Inquiries) > 3 {
			t.Fatalf("%d on a page of three", len(h.Inquiries))
		}
		for _, p := range h.Inquiries {
			files = append(files, p.File)
			if p.Officer != "a.b" || p.Code == "" || p.Time.IsZero() || p.Outcome != Confirmed {
				t.Errorf("read %+v", p)
			}
		}
		if f.After = h.Next; h.Next.IsZero() {
			break
		}
	}
	if want := []string{"f-6", "f-5", "f-4", "f-2", "f-1", "f-0"}; !slices.Equal(files, want) {
		t.Errorf("paged through %v, not %v", files, want)
	}
	today := persian.DateOf(d.now)
	for what, n := range map[string]int{
		"all of his own":    len(d.history(d.bank, HistoryFilter{}).Inquiries) - 7,
		"a colleague's":     len(d.history(other, HistoryFilter{Officer: "a.b"}).Inquiries),
		"the agency's":      len(d.history(chief, HistoryFilter{}).Inquiries) - 7,
		"of one officer":    len(d.history(chief, HistoryFilter{Officer: "a.b", Outcome: Differs}).Inquiries) - 1,
		"until yesterday":   len(d.history(d.bank, HistoryFilter{Until: today.AddDays(-1)}).Inquiries),
		"from tomorrow on":  len(d.history(d.bank, HistoryFilter{From: today.AddDays(1)}).Inquiries),
		"of today":          len(d.history(d.bank, HistoryFilter{From: today, Until: today}).Inquiries) - 7,
		"another agency's":  len(d.history(d.rest, HistoryFilter{}).Inquiries) - 1,
		"a word's beginnng": len(d.history(d.bank, HistoryFilter{Service: "ident"}).Inquiries),
	} {
		if n != 0 {
			t.Errorf("%s: %+d", what, n)
		}
	}
	if _, err := d.History(d.ctx, d.bank, HistoryFilter{From: today, Until: today.AddDays(-1)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a time that ends before it begins: %v", err)
	}
	clerk := d.bank
	program := *d.bank.Officer
	program.Role, clerk.Officer = agency.RoleProgrammer, &program
	if _, err := d.History(d.ctx, clerk, HistoryFilter{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a programmer: %v", err)
	}
	rows := 0
	if whole, err := d.EachPast(d.ctx, d.bank, HistoryFilter{}, func(*Past) error { rows++; return nil }); err != nil || !whole || rows != 7 {
		t.Errorf("a sheet of %d rows, whole %v: %v", rows, whole, err)
	}
	l, err := d.journal.ByAgency(d.ctx, d.bank.Agency.ID, journal.Page{Limit: 1})
	if err != nil || l.Entries[0].Kind != receipt.JournalReading {
		t.Errorf("reading is no entry: %v", err)
	}
}

// TestHistoryOfFew: what an officer has asked is on his first page, however
// much his colleagues have asked since.
func TestHistoryOfFew(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	other := d.bank
	colleague := *d.bank.Officer
	colleague.Login = "other"
	other.Officer = &colleague
	d.ask(other, func(f *Form) {
		of(ali, "1370-01-01", "surname", "رضایی")(f)
		f.Officer, f.File = "other", "f-1"
	})
	q := make([]*Question, mostLooked+1)
	for i := range q {
		q[i] = d.question(of(ali, "1370-01-01", "surname", "رضایی"))
	}
	if _, err := d.AskAll(d.ctx, d.bank, q, Once{}); err != nil {
		t.Fatal(err)
	}
	h := d.history(other, HistoryFilter{})
	if len(h.Inquiries) != 1 || h.Inquiries[0].File != "f-1" || h.Looked != 1 || !h.Next.IsZero() {
		t.Errorf("read %+v", h)
	}
	notary := d.notary(10)
	own := *d.bank.Officer
	own.Agency = notary.Agency.ID
	notary.Officer = &own
	d.deed(notary, deedOf(seller()), Once{})
	if h := d.history(notary, HistoryFilter{}); len(h.Inquiries) != 2 {
		t.Errorf("of a deed with one party: %+v", h)
	}
}

// TestHistoryEnds: a list ends on its last day, wherever a cursor says that it
// goes on; and the last day of the calendar is one.
func TestHistoryEnds(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	d.ask(d.bank, of(ali, "1370-01-01", "surname", "رضایی"))
	var newest journal.Cursor
	if err := newest.UnmarshalText([]byte("f_________9__________w")); err != nil {
		t.Fatal(err)
	}
	today := persian.DateOf(d.history(d.bank, HistoryFilter{}).Back)
	for i, c := range []struct {
		f    HistoryFilter
		want int
	}{
		{HistoryFilter{After: newest}, 1},
		{HistoryFilter{After: newest, Until: today}, 1},
		{HistoryFilter{After: newest, Until: today.AddDays(-1)}, 0},
		{HistoryFilter{Until: persian.Date{Year: 1501, Month: 12, Day: 29}}, 1},
		{HistoryFilter{From: persian.Date{Year: 1501, Month: 12, Day: 29}, Until: persian.Date{Year: 1501, Month: 12, Day: 29}}, 0},
	} {
		if h := d.history(d.bank, c.f); len(h.Inquiries) != c.want {
			t.Errorf("%d: read %+v", i, h)
		}
	}
}

// BenchmarkHistory reads the worst page: so many entries looked through, and
// none is meant.
func BenchmarkHistory(b *testing.B) {
	d := openDesk(b, storetest.SQLite(b))
	q := make([]*Question, MaxBatch)
	for i := range q {
		q[i] = d.question(of(ali, "1370-01-01", "surname", "رضایی"))
	}
	for range 5 {
		if _, err := d.AskAll(d.ctx, d.bank, q, Once{}); err != nil {
			b.Fatal(err)
		}
	}
	for range 300 {
		d.ask(d.bank, of(ali, "1370-01-01", "surname", "رضایی"))
	}
	time.Sleep(time.Second) // until the projections have them
	b.ResetTimer()
	for range b.N {
		if h := d.history(d.bank, HistoryFilter{Process: "none"}); h.Looked != mostLooked {
			b.Fatal(h.Looked)
		}
	}
}
