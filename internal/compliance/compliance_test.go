package compliance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/usage"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	bank, branch, insurer = ids.LegalID(14003552272), ids.LegalID(10720172838), ids.LegalID(10100456787)

	home, other, gone, next ids.PostalCode = 1416932790, 1416932795, 1416932791, 1416932792
)

var (
	ctx       = context.Background()
	operator  = journal.Actor{Role: register.Operator, ID: "tester"}
	head      = journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "head"}
	officer   = journal.Actor{Role: agency.RoleOfficer, Agency: bank, ID: "one"}
	rival     = journal.Actor{Role: agency.RoleHead, Agency: insurer, ID: "head"}
	inspector = journal.Actor{Role: register.Inspector, Agency: boardtest.Agency(3), ID: "i1"}
	second    = journal.Actor{Role: register.Inspector, Agency: boardtest.Agency(3), ID: "i2"}
	member    = journal.Actor{Role: register.Member, Agency: boardtest.Agency(1), ID: "m1"}

	digest = strings.Repeat("ab", 32)
)

// world is a Book with all that it stands on, and a clock.
type world struct {
	*Book
	*testing.T
	j         *journal.Journal
	agencies  *agency.Book
	processes *process.Book
	quality   *quality.Book
	board     *board.Book
	now       time.Time
	reports   map[ids.LegalID]map[string]int64 // what citizens' reports count
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func open(t *testing.T, url string) *world {
	t.Helper()
	// The tenth of Aban 1405.
	w := &world{T: t, now: persian.Date{Year: 1405, Month: 8, Day: 10}.Start().Add(12 * time.Hour), reports: map[ids.LegalID]map[string]int64{}}
	clock := func() time.Time { return w.now }
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	w.must(err)
	w.j, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Clock: clock, Logger: slog.New(slog.DiscardHandler)})
	w.must(err)
	t.Cleanup(w.j.Close)
	db, err := store.Open(ctx, url, store.Register)
	w.must(err)
	t.Cleanup(func() { _ = db.Close() })
	w.agencies, err = agency.Open(ctx, db, clock)
	w.must(err)
	agreements, err := agreement.Open(ctx, db, clock)
	w.must(err)
	for _, a := range []agency.Agency{
		{ID: bank, Name: "بانک نمونه"}, {ID: branch, Name: "بانک نمونه قم", Parent: bank, Province: "قم"}, {ID: insurer, Name: "بیمه نمونه"},
	} {
		_, err := w.agencies.Register(ctx, w.j, operator, &a)
		w.must(err)
	}
	w.processes, err = process.Open(ctx, process.Config{DB: db, Agencies: w.agencies, Agreements: agreements, Clock: clock})
	w.must(err)
	persons, err := person.Open(ctx, db)
	w.must(err)
	places, err := place.Open(ctx, db)
	w.must(err)
	w.must(db.Write(ctx, func(tx *store.Tx) error {
		c := &register.Change{Actor: operator, At: w.now}
		for _, p := range []place.Place{
			{Code: home, Province: "تهران", State: place.Active}, {Code: other, Province: "تهران", State: place.Active}, {Code: next, Province: "تهران", State: place.Active},
			{Code: gone, Province: "تهران", State: place.Merged, Successors: []ids.PostalCode{next}},
		} {
			if err := place.Put(tx, c, &p); err != nil {
				return err
			}
		}
		return nil
	}))
	w.quality = quality.Open(db, persons, places, feed.Open(db, w.j, persons, agreements))
	w.quality.Clock = clock
	w.board = boardtest.Open(t, db, clock)
	w.Book = Open(Config{
		DB: db, Agencies: w.agencies, Agreements: agreements, Places: places, Quality: w.quality, Processes: w.processes,
		Usage: usage.Open(db, w.j), Board: w.board, Clock: clock, Sources: map[string]Source{
			"process":   Of(w.processes.Figures, w.processes.Rows),
			"complaint": {w.complaints, w.complaintRows},
			"audit":     {w.complaints, w.complaintRows},
		},
	})
	return w
}

// complaints and complaintRows are a source whose figures the test sets.
func (w *world) complaints(context.Context, time.Time, time.Time) (map[ids.LegalID]map[string]int64, error) {
	return w.reports, nil
}

func (w *world) complaintRows(_ context.Context, of ids.LegalID, figure string, _, _ time.Time) (all []register.Row, err error) {
	for i := range w.reports[of][figure] {
		all = append(all, register.Row{Noun: "complaint", ID: fmt.Sprint(i + 1), At: w.now})
	}
	return all, nil
}

// done takes an act's outcome and checks that its record is canonical.
func done[T any](w *world) func(*T, journal.Proven, error) *T {
	return func(v *T, p journal.Proven, err error) *T {
		w.Helper()
		w.must(err)
		if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
			w.Errorf("the record is not canonical: %v: %s", err, p.Record)
		}
		return v
	}
}

// refused wants a fault with these keys, the first one at a field where one is
// named behind it.
func (w *world) refused(err error, keys ...string) {
	w.Helper()
	f := fault.Of(err)
	if f == nil {
		w.Errorf("done, want %q", keys)
		return
	}
	var got []string
	for _, e := range append([]*fault.Error{f}, f.More...) {
		got = append(got, strings.TrimSpace(e.Key+" "+e.Field))
		if !message.Known(e.Key) {
			w.Errorf("no text for %s", e.Key)
		}
	}
	if strings.Join(got, ", ") != strings.Join(keys, ", ") {
		w.Errorf("got %q, want %q", got, keys)
	}
}

func ptr[T any](v T) *T { return &v }

// waits wants these clauses and versions, and no others, among the declarations
// that nobody has judged, read a line a page.
func (w *world) waits(want ...string) {
	w.Helper()
	var got []string
	for after := (Place{}); ; {
		some, err := w.Waiting(ctx, inspector, after, 1)
		w.must(err)
		if len(some) == 0 {
			break
		}
		s := &some[0]
		if got = append(got, fmt.Sprintf("%s/%d", s.Clause, s.Version)); s.State != Declared || s.Name == "" || s.Fa == "" {
			w.Errorf("%+v", s)
		}
		after = Place{s.At, s.Agency, s.Clause}
	}
	if !slices.Equal(got, want) {
		w.Errorf("%q wait, want %q", got, want)
	}
}

// TestItems: declared, returned, declared again, accepted; each is a version,
// and what the program counts stands beside it.
func TestItems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		say := func(clause string, share *float64) *Declaration {
			return &Declaration{Clause: clause, Done: persian.Date{Year: 1405, Month: 7, Day: 1}, Share: share, Document: "نامه ۱۲", Paper: digest}
		}
		_, _, err := w.Declare(ctx, w.j, officer, say("B.8", ptr(.5)))
		w.refused(err, "register.role")
		_, _, err = w.Declare(ctx, w.j, head, &Declaration{Clause: "B.13", Paper: "x", Share: ptr(2.)})
		w.refused(err, "compliance.clause clause", "compliance.done done", "compliance.share share", "register.document document", "compliance.paper sha256")
		_, _, err = w.Declare(ctx, w.j, head, say("B.10", ptr(.5)))
		w.refused(err, "compliance.share.none share")
		_, _, err = w.Declare(ctx, w.j, head, say("B.11", nil))
		w.refused(err, "compliance.concern clause")

		w.board.Obey(board.StartDate, func(json.RawMessage) error { return nil }, nil) // as package deadline does
		boardtest.Decide(t, w.board, w.j, board.StartDate, `{"name":"law-entry","day":"1404-01-01"}`, persian.Date{Year: 1405, Month: 1, Day: 1}, "")
		made := done[Item](w)(w.Declare(ctx, w.j, head, say("B.8", ptr(.5))))
		w.waits("B.8/1")
		w.now = w.now.Add(time.Hour)
		done[Item](w)(w.Declare(ctx, w.j, head, say("B.10", nil)))
		w.waits("B.8/1", "B.10/1")
		w.now = w.now.Add(-time.Hour)
		_, _, err = w.Judge(ctx, w.j, journal.Actor{Role: register.Inspector, Agency: bank, ID: "own"}, &Judgement{Agency: bank, Clause: "B.8", Version: made.Version, Accept: true})
		w.refused(err, "compliance.self")
		_, _, err = w.Judge(ctx, w.j, inspector, &Judgement{Agency: bank, Clause: "B.8", Version: made.Version})
		w.refused(err, "compliance.text note")
		_, _, err = w.Judge(ctx, w.j, inspector, &Judgement{Agency: bank, Clause: "B.4", Version: 1, Accept: true})
		w.refused(err, "compliance.undeclared clause")
		done[Item](w)(w.Judge(ctx, w.j, inspector, &Judgement{Agency: bank, Clause: "B.8", Version: made.Version, Note: "جدول ناقص است"}))
		_, _, err = w.Judge(ctx, w.j, inspector, &Judgement{Agency: bank, Clause: "B.8", Version: made.Version, Accept: true})
		w.refused(err, "compliance.version version")
		_, _, err = w.Judge(ctx, w.j, inspector, &Judgement{Agency: bank, Clause: "B.8", Version: 2, Accept: true})
		w.refused(err, "compliance.state")
		w.waits("B.10/1")
		w.now = w.now.Add(24 * time.Hour)
		done[Item](w)(w.Declare(ctx, w.j, head, say("B.8", ptr(.9))))
		w.waits("B.10/1", "B.8/3")
		w.now = w.now.Add(time.Minute)
		made = done[Item](w)(w.Declare(ctx, w.j, head, say("B.8", ptr(1.)))) // instead of the one that waits
		w.waits("B.10/1", "B.8/4")
		done[Item](w)(w.Judge(ctx, w.j, inspector, &Judgement{Agency: bank, Clause: "B.8", Version: made.Version, Accept: true}))

		all, err := w.List(ctx, head, &Filter{})
		w.must(err)
		if len(all) != 5 { // neither deeds nor properties
			t.Fatalf("%d items", len(all))
		}
		b8 := all[3]
		if b8.Clause != "B.8" || b8.State != Accepted || len(b8.Versions) != 5 || *b8.Share != 1 || b8.Due.String() != "1405-01-01" || b8.Late != 226 ||
			b8.Counted == nil || b8.Counted.Share != nil || b8.Versions[1].Note != "جدول ناقص است" {
			t.Errorf("%+v", b8)
		}
		w.waits("B.10/1")
		_, err = w.Waiting(ctx, head, Place{}, 1)
		w.refused(err, "register.role")
		w.now = w.now.Add(240 * time.Hour)
		again, err := w.List(ctx, inspector, &Filter{Agency: bank, Clause: "B.8"})
		w.must(err)
		if len(again) != 1 || again[0].Late != 226 { // what is met stays as late as it was
			t.Errorf("%+v", again)
		}
		_, err = w.List(ctx, rival, &Filter{Agency: bank})
		w.refused(err, "compliance.unknown agency")
		open, err := w.List(ctx, member, &Filter{State: "accepted"})
		w.must(err)
		if len(open) != 1 || open[0].Counted != nil {
			t.Errorf("%+v", open)
		}
	})
}

// TestConversion: a table row by row, its versions, and what it covers.
func TestConversion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		file := fmt.Sprintf("کد شعبه,کد پستی\nA1,%v\nA2,%v\nA2,%v\nA3,12\nA4,%v\nA5,1416932799\n,%v\nA6,%v\nA6,%v\nA7,%v\n", home, home, home, gone, home, home, other, other)
		up := func(name string, part bool, text string) *Uploaded {
			return done[Uploaded](w)(w.Upload(ctx, w.j, officer, &Table{Name: name, Declared: 10, Part: part, File: []byte(text)}))
		}
		_, _, err := w.Upload(ctx, w.j, officer, &Table{Name: "B 1"})
		w.refused(err, "compliance.table table", "compliance.declared declared", "compliance.missing file")
		_, _, err = w.Upload(ctx, w.j, officer, &Table{Name: "b", Declared: 1, File: []byte("one,two\n1,2\n")})
		if fault.Of(err) == nil {
			t.Error("a file without its columns was taken")
		}
		u := up("branches", false, file)
		if u.Version != 1 || u.Rows != 10 || u.Accepted != 4 || u.Gone != 1 || u.Refused != 5 || u.Held != 3 || u.Added != 3 || u.Share != .3 {
			t.Errorf("%+v", u.TableVersion)
		}
		keys := map[int]string{}
		for _, r := range u.Report {
			keys[r.Row] = r.Key
			if r.Fa == "" || strings.Contains(r.Fa+r.En, "A") {
				t.Errorf("%+v", r)
			}
			if r.Key == "compliance.gone" && (len(r.Successors) != 1 || r.Successors[0] != next) {
				t.Errorf("%+v", r)
			}
		}
		want := map[int]string{
			4: "compliance.twice", 5: "ids.postal.length", 6: "compliance.gone", 7: "compliance.place", 8: "compliance.own",
			9: "compliance.contradicts", 10: "compliance.contradicts",
		}
		if fmt.Sprint(keys) != fmt.Sprint(want) {
			t.Errorf("got %v\nwant %v", keys, want)
		}
		u = up("branches", true, fmt.Sprintf("own_code,postal_code\nA1,%v\nA6,%v\n", other, home))
		if u.Version != 2 || u.Held != 4 || u.Added != 1 || u.Changed != 1 || u.Removed != 0 {
			t.Errorf("%+v", u)
		}
		u = up("branches", false, fmt.Sprintf("own_code,postal_code\n۱,%v\nA6,%v\n", other, home))
		if u.Version != 3 || u.Held != 2 || u.Added != 1 || u.Removed != 3 {
			t.Errorf("%+v", u)
		}
		found := func(version int64, own string) ids.PostalCode {
			t.Helper()
			c, err := w.FindOwn(ctx, officer, &Own{TableOf{Name: "branches", Version: version}, own})
			if err != nil {
				w.refused(err, "compliance.own.unknown own_code")
				return 0
			}
			return c.Postal
		}
		for i, c := range []struct {
			version int64
			own     string
			want    ids.PostalCode
		}{{1, "A1", home}, {2, "A1", other}, {0, "A1", 0}, {3, "1", other}, {1, "A6", 0}, {2, " A6", home}, {0, "A6", home}} {
			if got := found(c.version, c.own); got != c.want {
				t.Errorf("%d: %v, want %v", i, got, c.want)
			}
		}
		_, err = w.FindOwn(ctx, rival, &Own{TableOf{Name: "branches"}, "A6"})
		w.refused(err, "compliance.table.unknown table")
		var out bytes.Buffer
		w.must(w.WriteTable(ctx, inspector, &Download{TableOf: TableOf{Agency: bank, Name: "branches", Version: 2}}, &out))
		if got := strings.ReplaceAll(out.String(), "\uFEFF", ""); got != fmt.Sprintf("own_code,postal_code\nA1,%v\nA2,%v\nA6,%v\nA7,%v\n", other, home, home, other) {
			t.Errorf("%q", got)
		}
		out.Reset()
		w.must(w.WriteTable(ctx, officer, &Download{TableOf: TableOf{Name: "branches"}, Format: sheet.XLSX}, &out))
		u = up("again", false, out.String()) // what was written is read
		if u.Format != "xlsx" || u.Held != 2 {
			t.Errorf("%+v", u)
		}
		cover, err := w.Coverage(ctx, member, &TableOf{Agency: bank})
		w.must(err)
		if len(cover.Tables) != 2 || len(cover.Tables[0].Versions) != 3 || cover.Declared != 20 || cover.Held != 4 || cover.Share != .2 {
			t.Errorf("%+v", cover)
		}
		items, err := w.List(ctx, head, &Filter{Clause: "B.8"})
		w.must(err)
		if e := items[0].Counted; e == nil || *e.Share != .2 || len(e.Series) != 4 {
			t.Errorf("%+v", e)
		}
	})
}
