package process

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/usage"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const bank, branch, insurer = ids.LegalID(14003552272), ids.LegalID(10720172838), ids.LegalID(10100456787)

var (
	ctx        = context.Background()
	operator   = journal.Actor{Role: register.Operator, ID: "tester"}
	head       = journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "head"}
	other      = journal.Actor{Role: agency.RoleHead, Agency: insurer, ID: "head"}
	supervisor = journal.Actor{Role: register.Supervisor, Agency: 1, ID: "s1"}
	inspector  = journal.Actor{Role: register.Inspector, Agency: 1, ID: "i1"}
)

// world is a Book with the registers below it, and a clock.
type world struct {
	*Book
	j   *journal.Journal
	db  *store.DB
	now time.Time
}

func (w *world) day(n int) persian.Date { return persian.DateOf(w.now).AddDays(n) }

func open(t *testing.T, url string) *world {
	t.Helper()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	check(t, err)
	// The tenth of Aban 1405: a month of thirty days, in the middle of the day.
	w := &world{now: persian.Date{Year: 1405, Month: 8, Day: 10}.Start().Add(12 * time.Hour)}
	clock := func() time.Time { return w.now }
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Clock: clock, Logger: slog.New(slog.DiscardHandler)})
	check(t, err)
	t.Cleanup(j.Close)
	db, err := store.Open(ctx, url, store.Register)
	check(t, err)
	t.Cleanup(func() { _ = db.Close() })
	agencies, err := agency.Open(ctx, db, nil)
	check(t, err)
	agreements, err := agreement.Open(ctx, db, nil)
	check(t, err)
	for _, a := range []agency.Agency{
		{ID: bank, Name: "بانک نمونه"}, {ID: branch, Name: "بانک نمونه قم", Parent: bank, Province: "قم"}, {ID: insurer, Name: "بیمه نمونه"},
	} {
		_, err := agencies.Register(ctx, j, operator, &a)
		check(t, err)
	}
	w.j, w.db = j, db
	w.Book, err = Open(ctx, Config{DB: db, Agencies: agencies, Agreements: agreements, Clock: clock})
	check(t, err)
	w.Usage = usage.Open(db, j)
	return w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// done takes an act's outcome and checks that its record is canonical.
func done[T any](t *testing.T) func(*T, journal.Proven, error) *T {
	return func(v *T, p journal.Proven, err error) *T {
		t.Helper()
		check(t, err)
		if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
			t.Errorf("the record is not canonical: %v: %s", err, p.Record)
		}
		return v
	}
}

func refused(t *testing.T, err error, keys ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		t.Errorf("done, want %q", keys)
		return
	}
	var got []string
	for _, e := range append([]*fault.Error{f}, f.More...) {
		got = append(got, e.Key+" "+e.Field)
		if !message.Known(e.Key) {
			t.Errorf("no text for %s", e.Key)
		}
	}
	if len(got) != len(keys) {
		t.Errorf("got %q, want %q", got, keys)
		return
	}
	for i := range got {
		if got[i] != keys[i] {
			t.Errorf("got %q, want %q", got, keys)
		}
	}
}

func loan() *Entry {
	return &Entry{Code: "loan", Title: "پرداخت تسهیلات", Documents: []string{"shenasnameh", "national-card"}, Monthly: 3000, BothKeys: true}
}

// A process goes into the catalogue, online, and out of it; another agency sees
// nothing of it.
func TestCatalogue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		if w.Has(bank) {
			t.Error("a catalogue before the first process")
		}
		p := done[Process](t)(w.Put(ctx, w.j, head, loan()))
		if p.State != Copies || p.Version != 1 || p.Since != w.day(0) || !p.BothKeys || p.Documents[0] != "national-card" {
			t.Errorf("%+v", p)
		}
		if got, ok := w.Find(bank, "loan"); !ok || got.Title != p.Title || !w.Has(bank) || w.Has(insurer) {
			t.Errorf("%+v %v", got, ok)
		}
		_, _, err := w.Put(ctx, w.j, head, loan())
		refused(t, err, "process.version version")
		again := loan()
		again.Version, again.Monthly = 1, 5000
		done[Process](t)(w.Put(ctx, w.j, head, again))

		_, _, err = w.Turn(ctx, w.j, other, &Turning{Code: "loan", State: Online, Reason: "x"})
		refused(t, err, "process.unknown process")
		_, _, err = w.Turn(ctx, w.j, head, &Turning{Code: "loan", State: Copies, Reason: "x"})
		refused(t, err, "process.same state")
		_, _, err = w.Turn(ctx, w.j, head, &Turning{Since: w.day(1)})
		refused(t, err, "process.code.missing process", "process.state state", "process.since since", "process.missing reason")
		done[Process](t)(w.Turn(ctx, w.j, head, &Turning{Code: "loan", State: Online, Reason: "استعلام برخط شد"}))
		if all, err := w.List(other, &Filter{}); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
		_, err = w.List(other, &Filter{Agency: bank})
		refused(t, err, "agency.unknown agency")
		if all, err := w.List(inspector, &Filter{State: Online}); err != nil || len(all) != 1 {
			t.Errorf("%v %v", all, err)
		}
		if all, err := w.List(inspector, &Filter{After: bank.String() + "/loan"}); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
		_, err = w.List(inspector, &Filter{Limit: 1001})
		refused(t, err, "process.limit limit")

		done[Process](t)(w.End(ctx, w.j, head, &Closing{Code: "loan", Reason: "ادغام شد"}))
		_, _, err = w.End(ctx, w.j, head, &Closing{Code: "loan", Reason: "باز"})
		refused(t, err, "process.ended process")
		again.Version = 4
		_, _, err = w.Put(ctx, w.j, head, again)
		refused(t, err, "process.ended process")
		if p, ok := w.Find(bank, "loan"); !ok || !p.Ended || w.Has(bank) {
			t.Errorf("%+v", p)
		}
	})
}

func TestBadProcess(t *testing.T) {
	w := open(t, storetest.SQLite(t))
	for _, c := range []struct {
		change func(*Entry)
		want   []string
	}{
		{func(e *Entry) { e.Code = "" }, []string{"process.code.missing process"}},
		{func(e *Entry) { e.Code = "وام" }, []string{"process.code process"}},
		{func(e *Entry) { e.Title = " " }, []string{"process.missing title"}},
		{func(e *Entry) { e.Title = string(bytes.Repeat([]byte("a"), 501)) }, []string{"process.long title"}},
		{func(e *Entry) { e.Documents = []string{"national-card", "photo"} }, []string{"process.document documents.1"}},
		{func(e *Entry) { e.Monthly = 0 }, []string{"process.monthly monthly"}},
		{func(e *Entry) { *e = Entry{} }, []string{"process.code.missing process", "process.missing title", "process.monthly monthly"}},
	} {
		in := loan()
		c.change(in)
		_, _, err := w.Put(ctx, w.j, head, in)
		refused(t, err, c.want...)
	}
	for _, who := range []journal.Actor{supervisor, {Role: agency.RoleOfficer, Agency: bank, ID: "x"}, {}} {
		if _, _, err := w.Put(ctx, w.j, who, loan()); fault.Of(err).Key != "register.role" {
			t.Errorf("%s: %v", who.Role, err)
		}
	}
	if w.Has(bank) {
		t.Error("a refused process is in the catalogue")
	}
}

// A type of document is a row: who may add one adds it, and it counts at once.
func TestDocumentTypes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		if _, ok := w.Document("shenasnameh"); !ok || len(w.DocumentTypes()) < 10 || len(w.Provinces()) != 31 {
			t.Errorf("%v", w.DocumentTypes())
		}
		in := &DocumentType{Code: "hunting-licence", Fa: "پروانه شکار", En: "hunting licence"}
		_, _, err := w.AddDocument(ctx, w.j, head, in)
		if fault.Of(err).Key != "register.role" {
			t.Error(err)
		}
		done[DocumentType](t)(w.AddDocument(ctx, w.j, supervisor, in))
		if d, ok := w.Document(in.Code); !ok || d != *in {
			t.Errorf("%+v", d)
		}
		_, _, err = w.AddDocument(ctx, w.j, supervisor, in)
		refused(t, err, "process.document.exists code")
		_, _, err = w.AddDocument(ctx, w.j, supervisor, &DocumentType{Code: "A"})
		refused(t, err, "process.document.code code", "process.missing fa", "process.missing en")
	})
}

// What an agency says is held against what was asked on the process.
func TestEvidence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		done[Process](t)(w.Put(ctx, w.j, head, loan()))
		card := loan()
		card.Code, card.Monthly = "card", 30
		done[Process](t)(w.Put(ctx, w.j, head, card))
		for code, n := range map[string]int{"loan": 29, "card": 1} {
			for range n {
				w.asked(t, code, "confirmed")
			}
			w.asked(t, code, "refused")
		}
		check(t, w.Usage.Follow(ctx))
		months := func() map[string]Month {
			t.Helper()
			all, err := w.Evidence(ctx, head, &EvidenceFilter{})
			check(t, err)
			of := map[string]Month{}
			for _, e := range all {
				if len(e.Months) != 3 || e.Flagged != e.Months[2].Flagged {
					t.Errorf("%+v", e)
				}
				of[e.Code] = e.Months[2]
			}
			return of
		}
		if m := months()["loan"]; m.Inquiries != 29 || m.Refused != 1 || m.Expected != 0 || m.Flagged {
			t.Errorf("with copies nothing is expected: %+v", m)
		}
		// Online since the month began: nine whole days of thirty.
		for _, code := range []string{"loan", "card"} {
			done[Process](t)(w.Turn(ctx, w.j, head, &Turning{Code: code, State: Online, Since: w.day(-9), Reason: "برخط شد"}))
		}
		of := months()
		if m := of["loan"]; m.Expected != 900 || !m.Flagged {
			t.Errorf("29 of 900: %+v", m)
		}
		if m := of["card"]; m.Expected != 9 || m.Flagged {
			t.Errorf("1 of 9: %+v", m)
		}
		all, err := w.Evidence(ctx, inspector, &EvidenceFilter{Flagged: true, From: persian.Date{Year: 1405, Month: 8}})
		if err != nil || len(all) != 1 || all[0].Code != "loan" || len(all[0].Months) != 1 {
			t.Errorf("%+v %v", all, err)
		}
		_, err = w.Evidence(ctx, head, &EvidenceFilter{Process: "none"})
		refused(t, err, "process.unknown process")
		_, err = w.Evidence(ctx, head, &EvidenceFilter{From: w.day(0)})
		refused(t, err, "process.month from")
		_, err = w.Evidence(ctx, head, &EvidenceFilter{From: persian.Date{Year: 1400, Month: 1}})
		refused(t, err, "process.months from")
	})
}

// asked puts an inquiry of the bank into the journal.
func (w *world) asked(t *testing.T, process, outcome string) {
	t.Helper()
	body := `"agency":{"id":"` + bank.String() + `","name":"x"},"officer":"o","purpose":"p","process":"` + process +
		`","file":"1","service":"identity","mode":"verify","outcome":"` + outcome + `"`
	_, err := w.j.Commit(ctx, journal.Entry{Kind: receipt.Inquiry, Body: []byte(body), Agency: bank})
	check(t, err)
}

// An obstacle has an owner and a day; the day that was given first stays.
func TestObstacles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		in := &Hindrance{Text: "آیین‌نامه رونوشت می‌خواهد", Owner: "اداره حقوقی", Due: w.day(5)}
		o := done[Obstacle](t)(w.PutObstacle(ctx, w.j, head, in))
		later := *in
		later.ID, later.Due = o.ID, w.day(9)
		_, _, err := w.PutObstacle(ctx, w.j, other, &later)
		refused(t, err, "process.obstacle obstacle")
		o = done[Obstacle](t)(w.PutObstacle(ctx, w.j, head, &later))
		if o.First != w.day(5) || o.Due != w.day(9) || o.Overdue {
			t.Errorf("%+v", o)
		}
		_, _, err = w.PutObstacle(ctx, w.j, head, &Hindrance{Process: "none", Due: w.day(-1)})
		refused(t, err, "process.unknown process", "process.missing text", "process.missing owner", "process.due due")
		overdue := func() int {
			all, err := w.ListObstacles(ctx, inspector, &ObstacleFilter{Overdue: true})
			check(t, err)
			return len(all)
		}
		if overdue() != 0 {
			t.Error("overdue before its day")
		}
		w.now = w.now.AddDate(0, 0, 10)
		if all, err := w.ListObstacles(ctx, other, &ObstacleFilter{}); err != nil || len(all) != 0 || overdue() != 1 {
			t.Errorf("%v %v", all, err)
		}
		f, err := w.Figures(ctx, time.Time{}, w.now)
		if err != nil || f[bank] != (Figures{Obstacles: 1, Overdue: 1}) {
			t.Errorf("%+v %v", f, err)
		}
		_, _, err = w.Remove(ctx, w.j, head, &Removal{})
		refused(t, err, "process.missing obstacle", "process.missing evidence")
		o = done[Obstacle](t)(w.Remove(ctx, w.j, head, &Removal{ID: o.ID, Evidence: "بخشنامه ۱۲"}))
		if o.State != "removed" || overdue() != 0 {
			t.Errorf("%+v", o)
		}
		_, _, err = w.Remove(ctx, w.j, head, &Removal{ID: o.ID, Evidence: "باز"})
		refused(t, err, "process.removed obstacle")
		_, err = w.ListObstacles(ctx, head, &ObstacleFilter{State: "gone"})
		refused(t, err, "process.obstacle.state state")
		_, err = w.ListObstacles(ctx, head, &ObstacleFilter{Order: "owner"})
		refused(t, err, "process.obstacle.order order")
	})
}

// Pages of obstacles follow each other in every order, without a gap and
// without one twice.
func TestObstaclePages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		for _, due := range []int{7, 3, 9, 3, 5} {
			done[Obstacle](t)(w.PutObstacle(ctx, w.j, head, &Hindrance{Text: "x", Owner: "y", Due: w.day(due)}))
		}
		done[Obstacle](t)(w.Remove(ctx, w.j, head, &Removal{ID: 5, Evidence: "z"}))
		for _, c := range []struct {
			f    ObstacleFilter
			want []int64
		}{
			{ObstacleFilter{}, []int64{1, 2, 3, 4, 5}},
			{ObstacleFilter{Order: ByNewest}, []int64{5, 4, 3, 2, 1}},
			{ObstacleFilter{Order: ByDue, State: "open"}, []int64{2, 4, 1, 3}},
			{ObstacleFilter{Order: ByNewest, State: "removed"}, []int64{5}},
			{ObstacleFilter{Process: "none"}, nil},
		} {
			for limit := 1; limit < 4; limit++ {
				var got []int64
				f := c.f
				for f.Limit = limit; ; {
					some, err := w.ListObstacles(ctx, head, &f)
					if check(t, err); len(some) == 0 {
						break
					}
					for _, o := range some {
						got, f.After = append(got, o.ID), o.ID
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%+v: %v, not %v", c.f, got, c.want)
				}
			}
		}
		// Where another agency's obstacle would stand among one's own would tell
		// when it is due.
		for _, strange := range []int64{1, -1, 99} {
			_, err := w.ListObstacles(ctx, other, &ObstacleFilter{Order: ByDue, After: strange})
			refused(t, err, "process.obstacle after")
		}
		w.now = w.now.AddDate(0, 0, 6)
		all, err := w.ListObstacles(ctx, inspector, &ObstacleFilter{Overdue: true})
		if check(t, err); len(all) != 2 || !all[0].Overdue {
			t.Errorf("%+v", all)
		}
	})
}

// Figures tell how things stood at a moment, whatever has changed since.
func TestFigures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		begin := w.now
		done[Process](t)(w.Put(ctx, w.j, head, loan()))
		w.now = begin.Add(time.Hour)
		done[Process](t)(w.Turn(ctx, w.j, head, &Turning{Code: "loan", State: Exception, Reason: "ماده ۵ قانون"}))
		w.now = begin.Add(2 * time.Hour)
		done[Process](t)(w.End(ctx, w.j, head, &Closing{Code: "loan", Reason: "پایان"}))
		for at, want := range map[time.Duration]Figures{
			0: {}, time.Minute: {Processes: 1, Copies: 1}, 61 * time.Minute: {Processes: 1, Exception: 1}, 3 * time.Hour: {},
		} {
			f, err := w.Figures(ctx, time.Time{}, begin.Add(at))
			if err != nil || f[bank] != want {
				t.Errorf("after %s: %+v %v, want %+v", at, f[bank], err, want)
			}
		}
		rows, err := w.Rows(ctx, bank, "exception", time.Time{}, begin.Add(61*time.Minute))
		if err != nil || len(rows) != 1 || rows[0].ID != "loan" || rows[0].Noun != "process" {
			t.Errorf("%+v %v", rows, err)
		}
		_, err = w.Rows(ctx, bank, "x", time.Time{}, w.now)
		refused(t, err, "process.figure figure")
	})
}

// A wave counts the bodies that are bound, in its provinces, of its agencies.
func TestWaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		in := func() *Wave {
			return &Wave{Name: "پایلوت", Provinces: []string{"قم", "خوزستان"}, Agencies: []ids.LegalID{bank}, From: w.day(-5), Until: w.day(20)}
		}
		one := done[Wave](t)(w.PutWave(ctx, w.j, supervisor, in()))
		if one.ID != 1 || one.Version != 1 || one.Provinces[0] != "خوزستان" {
			t.Errorf("%+v", one)
		}
		bad := in()
		bad.Provinces, bad.Agencies, bad.Until = []string{"قم", "آتلانتیس"}, []ids.LegalID{99}, w.day(-6)
		_, _, err := w.PutWave(ctx, w.j, supervisor, bad)
		refused(t, err, "process.province provinces.1", "agency.unknown agencies.0", "process.until until")
		_, _, err = w.PutWave(ctx, w.j, supervisor, &Wave{})
		refused(t, err, "process.missing name", "process.missing provinces", "process.day from", "process.day until")
		stale := *one
		stale.Version = 7
		_, _, err = w.PutWave(ctx, w.j, supervisor, &stale)
		refused(t, err, "process.wave.version version")
		stale.ID = 9
		_, _, err = w.PutWave(ctx, w.j, supervisor, &stale)
		refused(t, err, "process.wave wave")
		_, _, err = w.PutWave(ctx, w.j, head, in())
		if fault.Of(err).Key != "register.role" {
			t.Error(err)
		}

		local := journal.Actor{Role: agency.RoleHead, Agency: branch, ID: "head"}
		done[Process](t)(w.Put(ctx, w.j, local, loan()))
		done[Process](t)(w.Turn(ctx, w.j, local, &Turning{Code: "loan", State: Online, Reason: "برخط"}))
		p, err := w.Progress(inspector, &WaveOf{ID: 1})
		want := Standing{Bodies: 1, Processes: 1, Online: 1}
		if err != nil || p.Total != want || len(p.Bodies) != 1 || p.Bodies[0].Agency != branch {
			t.Errorf("%+v %v", p, err)
		}
		a, err := w.c.Agencies.ByID(branch)
		check(t, err)
		free := *a
		free.Bound = false
		_, err = w.c.Agencies.Register(ctx, w.j, operator, &free)
		check(t, err)
		if p, err := w.Progress(inspector, &WaveOf{ID: 1}); err != nil || len(p.Bodies) != 0 {
			t.Errorf("a body that is not bound: %+v %v", p, err)
		}
		_, err = w.Progress(inspector, &WaveOf{ID: 2})
		refused(t, err, "process.wave wave")
		if all, err := w.ListWaves(head); err != nil || len(all) != 1 {
			t.Errorf("%v %v", all, err)
		}
	})
}
