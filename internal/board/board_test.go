package board_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx        = context.Background()
	supervisor = journal.Actor{Role: register.Supervisor, Agency: 14003552272, ID: "s1"}
	grounds    = register.Grounds{Reason: "appointment", Document: "حکم ۲"}
)

// room is where the board meets in tests.
type room struct {
	*testing.T
	journal *journal.Journal
	db      *store.DB
	book    *board.Book
	at      time.Time
}

func (r *room) now() time.Time { return r.at }

func (r *room) today() persian.Date { return persian.DateOf(r.at) }

func open(t *testing.T, url string) *room {
	t.Helper()
	r := &room{T: t, at: time.Now()}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	r.must(err)
	r.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	r.must(err)
	t.Cleanup(r.journal.Close)
	r.db, err = store.Open(ctx, url, store.Register)
	r.must(err)
	t.Cleanup(func() { _ = r.db.Close() })
	r.book = boardtest.Open(t, r.db, r.now)
	return r
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// refused wants these faults and nothing written.
func (r *room) refused(what func() error, keys ...string) {
	r.Helper()
	size := r.journal.State().Size
	var got []string
	if e := fault.Of(what()); e != nil {
		got = append(got, e.Key)
		for _, m := range e.More {
			got = append(got, m.Key)
		}
	}
	if !slices.Equal(got, keys) {
		r.Errorf("got %q, want %q", got, keys)
	}
	if now := r.journal.State().Size; now != size {
		r.Errorf("%v: %d entries were written", keys, now-size)
	}
}

func draft(s *board.Session, kind, params string) *board.Draft {
	return &board.Draft{
		Session: s.ID, Text: "متن", Reference: "مصوبه ۱", From: s.Date,
		Effect: board.Effect{Kind: kind, Params: json.RawMessage(params)},
	}
}

func (r *room) draft(in *board.Draft) *board.Decision {
	r.Helper()
	d, _, err := r.book.Draft(ctx, r.journal, boardtest.Member(0), in)
	r.must(err)
	return d
}

func (r *room) sign(d *board.Decision, n int) error {
	_, _, err := r.book.Sign(ctx, r.journal, boardtest.Member(n), &board.Signing{Decision: d.ID, SHA256: d.SHA256})
	return err
}

// lamp is an effect that lights a lamp.
func (r *room) lamp() (lit *int) {
	lit = new(int)
	r.book.Obey("lamp", func(p json.RawMessage) error {
		var in struct {
			On int `json:"on"`
		}
		return board.Params(p, &in)
	}, func(_ *store.Tx, _ *register.Change, p json.RawMessage) error {
		if bytes.Contains(p, []byte("13")) {
			return fault.New(fault.Conflict, "board.state")
		}
		*lit++
		return nil
	})
	return lit
}

// A decision is decided by the third body's signature, and carried out then.
func TestDecide(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := open(t, url)
		lit := r.lamp()
		boardtest.Appoint(t, r.book, r.journal)
		s := boardtest.Hold(t, r.book, r.journal, r.today())
		d := r.draft(draft(s, "lamp", ` {"on": 1} `))
		if d.State != board.Drafted || string(d.Effect.Params) != `{"on":1}` || d.Authority != board.Board || d.Date != s.Date {
			t.Errorf("%+v", d)
		}
		toSign := func(want int64, who ...int) {
			t.Helper()
			for _, i := range who {
				n, err := r.book.ToSign(ctx, boardtest.Member(i))
				r.must(err)
				all, err := r.book.Decisions(ctx, boardtest.Member(i), &board.Filter{ToSign: true})
				if r.must(err); n != want || int64(len(all)) != want {
					t.Errorf("member %d may sign %d, listed %d, want %d", i, n, len(all), want)
				}
			}
		}
		toSign(1, 0, 1, 3)
		if n, err := r.book.ToSign(ctx, supervisor); err != nil || n != 0 {
			t.Error(n, err)
		}
		r.must(r.sign(d, 0))
		toSign(0, 0)
		r.refused(func() error { return r.sign(d, 0) }, "board.signed")
		r.refused(func() error {
			_, _, err := r.book.Sign(ctx, r.journal, boardtest.Member(1), &board.Signing{Decision: d.ID, SHA256: "00"})
			return err
		}, "board.digest")
		r.must(r.sign(d, 1))
		if _, ok := r.book.InForce("lamp", r.today()); ok || *lit != 0 {
			t.Error("in force before it is decided")
		}
		r.must(r.sign(d, 3))
		got, ok := r.book.InForce("lamp", r.today())
		if !ok || got.ID != d.ID || *lit == 0 {
			t.Errorf("%+v %v, lit %d", got, ok, *lit)
		}
		if _, ok := r.book.InForce("lamp", r.today().AddDays(-1)); ok {
			t.Error("in force before its day")
		}
		got, err := r.book.Find(ctx, supervisor, &board.Of{Decision: d.ID})
		r.must(err)
		if got.State != board.Decided || len(got.Signatures) != 3 || !slices.ContainsFunc(got.Signatures, func(s board.Signature) bool { return s.Body == "administration" }) || got.SHA256 != d.SHA256 {
			t.Errorf("%+v", got)
		}
		// Decided is decided.
		r.refused(func() error { return r.sign(d, 2) }, "board.state")
		r.refused(func() error {
			_, _, err := r.book.Withdraw(ctx, r.journal, boardtest.Member(0), &board.Of{Decision: d.ID})
			return err
		}, "board.state")
		// What was carried out is not repealed.
		r.refused(func() error {
			_, _, err := r.book.Draft(ctx, r.journal, boardtest.Member(0), draft(s, "repeal", `{"decision":1}`))
			return err
		}, "board.repeal")
		// An effect that cannot be carried out leaves the draft as it was.
		d = r.draft(draft(s, "lamp", `{"on":13}`))
		r.must(errors.Join(r.sign(d, 0), r.sign(d, 1)))
		toSign(1, 3)
		newest, err := r.book.Decisions(ctx, supervisor, &board.Filter{Newest: true, Page: board.Page{Limit: 1}})
		r.must(err)
		before, err := r.book.Decisions(ctx, supervisor, &board.Filter{Newest: true, State: board.Decided, Effect: "lamp", Page: board.Page{After: d.ID}})
		r.must(err)
		if len(newest) != 1 || newest[0].ID != d.ID || len(before) != 1 || before[0].ID >= d.ID {
			t.Errorf("the newest first: %+v, then %+v", newest, before)
		}
		r.refused(func() error { return r.sign(d, 2) }, "board.state")
		got, err = r.book.Find(ctx, supervisor, &board.Of{Decision: d.ID})
		r.must(err)
		if got.State != board.Drafted || len(got.Signatures) != 2 {
			t.Errorf("%+v", got)
		}
	})
}

// Of several decisions the one with the latest day counts; a repealed one ends
// on the day of what repeals it.
func TestInForce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := open(t, url)
		r.book.Obey("rule", func(p json.RawMessage) error { return board.Params(p, &struct{ N int }{}) }, nil)
		today := r.today()
		in := func(kind, params string, from persian.Date) *board.Decision {
			return boardtest.Decide(t, r.book, r.journal, kind, params, from, "")
		}
		first := in("rule", `{"n":1}`, today.AddDays(-20))
		later := in("rule", `{"n":2}`, today.AddDays(5))
		earlier := in("rule", `{"n":3}`, today.AddDays(-30))
		is := func(day persian.Date, want *board.Decision) {
			t.Helper()
			d, ok := r.book.InForce("rule", day)
			if ok != (want != nil) || ok && d.ID != want.ID {
				t.Errorf("%v: %+v", day, d)
			}
		}
		is(today.AddDays(-31), nil)
		is(today.AddDays(-25), earlier)
		is(today, first)
		is(today.AddDays(5), later)
		in("repeal", `{"decision":1}`, today)
		is(today.AddDays(-1), first)
		is(today, earlier)
		if all := r.book.AllInForce("rule", today.AddDays(9)); len(all) != 2 || all[1].ID != later.ID {
			t.Errorf("%+v", all)
		}
		// A book that opens later reads the same.
		r.book = boardtest.Open(t, r.db, r.now)
		is(today, earlier)
		d, err := r.book.Find(ctx, supervisor, &board.Of{Decision: first.ID})
		r.must(err)
		if d.Repealed == 0 || d.Over != today {
			t.Errorf("%+v", d)
		}
	})
}

// What is wrong with a draft is told, and nothing is written.
func TestBadDraft(t *testing.T) {
	r := open(t, storetest.SQLite(t))
	r.lamp()
	r.book.Obey("cards", func(json.RawMessage) error { return nil }, nil)
	r.book.Reserve("cards", board.Ministers)
	boardtest.Appoint(t, r.book, r.journal)
	s := boardtest.Hold(t, r.book, r.journal, r.today())
	for _, c := range []struct {
		change func(*board.Draft)
		keys   []string
	}{
		{func(d *board.Draft) { d.Effect.Kind = "sunshine" }, []string{"board.effect"}},
		{func(d *board.Draft) { d.Effect.Params = json.RawMessage(`{"off":1}`) }, []string{"board.params"}},
		{func(d *board.Draft) { d.Effect.Params = json.RawMessage(`{"on":1.5}`) }, []string{"board.params"}},
		{func(d *board.Draft) { d.Effect.Params = json.RawMessage(`[1]`) }, []string{"board.params"}},
		{func(d *board.Draft) { d.Effect.Params = nil }, []string{"board.params"}},
		{func(d *board.Draft) { d.Effect.Kind = "" }, []string{"board.missing"}},
		{func(d *board.Draft) { d.Effect.Kind, d.Effect.Params = "cards", json.RawMessage(`{}`) }, []string{"board.authority"}},
		{func(d *board.Draft) { d.Authority = "king" }, []string{"board.word"}},
		{func(d *board.Draft) { d.Text, d.Reference, d.From = "", "", persian.Date{Year: 1405} }, []string{"board.missing", "board.missing", "board.day"}},
		{func(d *board.Draft) { d.From = s.Date.AddDays(-1) }, []string{"board.from"}},
		{func(d *board.Draft) { d.Session = 9 }, []string{"board.session.unknown"}},
		{func(d *board.Draft) {
			d.Effect = board.Effect{Kind: "repeal", Params: json.RawMessage(`{"decision":7}`)}
		}, []string{"board.decision.unknown"}},
		{func(d *board.Draft) { d.Effect = board.Effect{Kind: "repeal", Params: json.RawMessage(`{}`)} }, []string{"board.missing"}},
	} {
		in := draft(s, "lamp", `{"on":1}`)
		c.change(in)
		r.refused(func() error {
			_, _, err := r.book.Draft(ctx, r.journal, boardtest.Member(0), in)
			return err
		}, c.keys...)
	}
	in := draft(s, "", "")
	in.Effect.Params = nil
	if d := r.draft(in); d.Effect.Kind != "" { // a decision that only says something
		t.Errorf("%+v", d)
	}
	r.refused(func() error {
		_, _, err := r.book.Draft(ctx, r.journal, supervisor, in)
		return err
	}, "register.role")
}

// Members sit for their body and their time; sessions need a quorum and have
// been held; each body signs once, by who was there.
func TestMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := open(t, url)
		today := r.today()
		boardtest.Appoint(t, r.book, r.journal)
		appoint := func(agency ids.LegalID, login, office string, from, until persian.Date) error {
			_, _, err := r.book.Appoint(ctx, r.journal, supervisor, &board.Appointment{Agency: agency, Login: login, Office: office, From: from, Until: until, Grounds: grounds})
			return err
		}
		r.refused(func() error { return appoint(14003552272, "x1", "", today, today) }, "board.body")
		r.refused(func() error { return appoint(boardtest.Agency(1), "m1", "", today, today) }, "board.member.twice")
		r.refused(func() error { return appoint(boardtest.Agency(1), "x1", board.Chair, today, today) }, "board.office.taken")
		r.refused(func() error { return appoint(0, "", "king", today, today.AddDays(-1)) }, "board.missing", "board.missing", "board.word", "board.until")
		r.must(appoint(boardtest.Agency(0), "x1", "", today.AddDays(-9), today.AddDays(9))) // 5: the registry's second
		r.must(appoint(boardtest.Agency(1), "x2", "", today.AddDays(-9), today.AddDays(-1)))

		hold := func(on persian.Date, present ...int64) error {
			_, _, err := r.book.Hold(ctx, r.journal, boardtest.Member(0), &board.Meeting{Date: on, Place: "تهران", Present: present, Agenda: "الف", Minutes: "ب"})
			return err
		}
		r.refused(func() error { return hold(today.AddDays(1), 1, 2, 3) }, "board.future")
		r.refused(func() error { return hold(today, 1, 2, 5) }, "board.quorum")
		r.refused(func() error { return hold(today, 1, 2, 3, 6) }, "board.present")
		r.refused(func() error { return hold(today, 1, 2, 3, 99) }, "board.present")
		r.must(hold(today, 1, 2, 3, 5, 3))

		all, err := r.book.Sessions(ctx, supervisor, &board.Page{})
		r.must(err)
		if len(all) != 1 || !slices.Equal(all[0].Present, []int64{1, 2, 3, 5}) {
			t.Fatalf("%+v", all)
		}
		in := draft(&all[0], "", "")
		in.Effect.Params = nil
		d := r.draft(in)
		r.must(r.sign(d, 0))
		second := journal.Actor{Role: register.Member, Agency: boardtest.Agency(0), ID: "x1"}
		sign := func(who journal.Actor) error {
			_, _, err := r.book.Sign(ctx, r.journal, who, &board.Signing{Decision: d.ID, SHA256: d.SHA256})
			return err
		}
		r.refused(func() error { return sign(second) }, "board.signed.body")
		r.refused(func() error { return r.sign(d, 3) }, "board.absent")
		r.refused(func() error {
			return sign(journal.Actor{Role: register.Member, Agency: boardtest.Agency(1), ID: "x2"})
		}, "board.member.ended")
		r.refused(func() error {
			return sign(journal.Actor{Role: register.Member, Agency: boardtest.Agency(1), ID: "x9"})
		}, "board.member.none")
		withdraw := func(n int) error {
			_, _, err := r.book.Withdraw(ctx, r.journal, boardtest.Member(n), &board.Of{Decision: d.ID})
			return err
		}
		r.refused(func() error { return withdraw(1) }, "board.drafter")
		_, _, err = r.book.Dismiss(ctx, r.journal, supervisor, &board.Ending{Member: 1, Until: today.AddDays(-1), Grounds: grounds})
		r.must(err)
		r.refused(func() error { return withdraw(0) }, "board.member.ended")
		r.must(appoint(boardtest.Agency(0), "m0", board.Chair, today, today.AddDays(9)))
		r.must(withdraw(0))
		if all, err := r.book.Decisions(ctx, supervisor, &board.Filter{State: board.Withdrawn}); err != nil || len(all) != 1 || all[0].Ended.IsZero() {
			t.Errorf("%+v %v", all, err)
		}
		if all, err := r.book.Decisions(ctx, supervisor, &board.Filter{State: board.Decided}); err != nil || len(all) != 0 {
			t.Errorf("%+v %v", all, err)
		}
	})
}

// A follow-up item has somebody who is responsible, and a last day.
func TestFollowUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		r := open(t, url)
		today := r.today()
		boardtest.Appoint(t, r.book, r.journal)
		follow := func(in board.Task) (*board.FollowUp, error) {
			f, _, err := r.book.Follow(ctx, r.journal, boardtest.Member(2), &in)
			return f, err
		}
		r.refused(func() error { _, err := follow(board.Task{}); return err }, "board.missing", "board.day", "board.responsible")
		r.refused(func() error {
			_, err := follow(board.Task{Text: "بودجه", Responsible: 14003552272, Due: today, Decision: 3})
			return err
		}, "board.decision.unknown")
		f, err := follow(board.Task{Text: "تأمین اعتبار", Responsible: boardtest.Agency(1), Due: today.AddDays(-3)})
		r.must(err)
		if f.Late != 3 {
			t.Errorf("%+v", f)
		}
		_, err = follow(board.Task{Text: "کار دیگر", Responsible: boardtest.Agency(1), Due: today})
		r.must(err)
		late, err := r.book.FollowUps(ctx, supervisor, &board.Following{Overdue: true})
		if err != nil || len(late) != 1 || late[0].ID != f.ID {
			t.Errorf("%+v %v", late, err)
		}
		done := func(on persian.Date) error {
			_, _, err := r.book.Done(ctx, r.journal, boardtest.Member(0), &board.Fulfilment{FollowUp: f.ID, On: on, Evidence: "نامه ۹"})
			return err
		}
		r.refused(func() error { return done(today.AddDays(1)) }, "board.future")
		r.must(done(today.AddDays(-1)))
		r.refused(func() error { return done(today) }, "board.follow_up.done")
		all, err := r.book.FollowUps(ctx, supervisor, &board.Following{})
		if err != nil || len(all) != 2 || all[0].Late != 2 || all[0].Evidence == "" || all[1].Late != 0 {
			t.Errorf("%+v %v", all, err)
		}
		r.refused(func() error {
			_, err := r.book.FollowUps(ctx, supervisor, &board.Following{Page: board.Page{Limit: 1001}})
			return err
		}, "board.limit")
	})
}
