package person

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

var (
	clerk1      = journal.Actor{Role: register.Clerk, ID: "c1"}
	clerk2      = journal.Actor{Role: register.Clerk, ID: "c2"}
	supervisor1 = journal.Actor{Role: register.Supervisor, ID: "s1"}
	supervisor2 = journal.Actor{Role: register.Supervisor, ID: "s2"}
)

// lives is a register in which things happen.
type lives struct {
	*testing.T
	b     *Book
	j     *journal.Journal
	ctx   context.Context
	clock *ticking
	next  int64
}

func eachLives(t *testing.T, f func(l *lives)) {
	storetest.Each(t, func(t *testing.T, url string) {
		clock := &ticking{t: date(t, "1405-08-30").Start()}
		var mu sync.Mutex
		b, j := open(t, url, nil)
		l := &lives{T: t, b: b, j: j, ctx: t.Context(), clock: clock, next: 2_000_000}
		b.Clock = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return clock.now()
		}
		f(l)
	})
}

// born puts a person into the register, with everything on record.
func (l *lives) born(change func(*Person)) Person {
	l.Helper()
	p := sample(l)
	l.next++
	p.Number = nth(l.next)
	if change != nil {
		change(&p)
	}
	save(l, l.b, l.j, &p)
	return p
}

func edit(n ids.NationalNumber) Edit {
	return Edit{Number: n, Grounds: register.Grounds{Reason: "court-order", Document: "12/1405"}}
}

// wrong wants a fault of this kind and key, at a field.
func (l *lives) wrong(err error, kind fault.Kind, key, field string) {
	l.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Key != key || f.Field != field {
		l.Errorf("got %v, want %v %s (%s)", err, kind, key, field)
	}
}

func (l *lives) ok(p journal.Proven, err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
	if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
		l.Errorf("the record is not canonical: %v: %s", err, p.Record)
	}
}

// both proposes an act and has another person approve it.
func (l *lives) both(kind string, in any) *Done {
	l.Helper()
	made, proven, err := l.b.Propose(l.ctx, l.j, clerk1, kind, in)
	l.ok(proven, err)
	done, proven, err := l.b.Approve(l.ctx, l.j, supervisor1, made.ID)
	l.ok(proven, err)
	if done.Proposal != made.ID || done.Event != kind {
		l.Errorf("%+v", done)
	}
	return done
}

func (l *lives) refused(kind string, in any, of fault.Kind, key, field string) {
	l.Helper()
	_, _, err := l.b.Propose(l.ctx, l.j, clerk1, kind, in)
	l.wrong(err, of, key, field)
}

func (l *lives) events(n ids.NationalNumber) (kinds []string) {
	l.Helper()
	t, found, err := l.b.Timeline(l.ctx, n)
	if err != nil || !found {
		l.Fatal(found, err)
	}
	for _, m := range t.Moments {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

func TestDeathAndAnnulment(t *testing.T) {
	eachLives(t, func(l *lives) {
		p := l.born(nil)
		death := func(on string) *Death { return &Death{edit(p.Number), date(l, on)} }
		l.refused("death", death("1350-02-02"), fault.Invalid, "person.death.early", "died_on")
		l.refused("death", death("1350-01"), fault.Invalid, "person.death.early", "died_on")
		l.refused("death", death("1405-09-01"), fault.Invalid, "person.date.future", "died_on")
		l.refused("death", &Death{Edit: edit(p.Number)}, fault.Invalid, "person.missing", "died_on")
		l.refused("death", &Death{edit(nth(77)), date(l, "1405")}, fault.NotFound, "person.unknown", "national_number")
		l.refused("death_annulment", &DeathAnnulment{edit(p.Number)}, fault.Conflict, "person.death.none", "")
		l.both("death", death("1405-08"))
		if got := find(l, l.b, p.Number); got.State != Deceased || got.Died != date(l, "1405-08") || got.Card.State != Void {
			l.Errorf("%+v", got)
		}
		l.refused("death", death("1405-08-02"), fault.Conflict, "person.death.second", "")
		_, _, err := l.b.Rename(l.ctx, l.j, clerk1, &GivenName{edit(p.Number), name(l, "رضا")})
		l.wrong(err, fault.Conflict, "person.dead", "")
		l.both("death_annulment", &DeathAnnulment{edit(p.Number)})
		if got := find(l, l.b, p.Number); got.State != Active || !got.Died.IsZero() || got.Card != p.Card {
			l.Errorf("%+v", got)
		}
		if got := fmt.Sprint(l.events(p.Number)); got != "[record death death_annulment]" {
			l.Error(got)
		}
	})
}

// TestAnnulledDeathRestoresTheCard whatever it was, and whatever happened to
// its time and its holder's items meanwhile.
func TestAnnulledDeathRestoresTheCard(t *testing.T) {
	eachLives(t, func(l *lives) {
		for _, c := range []struct {
			was   Card
			state State
			while func(*Person)
			want  Card
		}{
			{Card{State: Issued, Valid: date(l, "1405-09-10")}, Active, nil, Card{State: Expired, Valid: date(l, "1405-09-10")}},
			{Card{State: Issued, Valid: date(l, "1409-09-10")}, UnderReview, nil, Card{State: Issued, Valid: date(l, "1409-09-10")}},
			{Card{State: MustReplace, Reason: Damaged, Valid: date(l, "1409-09-10")}, Active, nil, Card{State: MustReplace, Reason: Damaged, Valid: date(l, "1409-09-10")}},
			{Card{State: Lost}, Protected, nil, Card{State: Lost}},
			{Card{State: Applied}, Active, nil, Card{State: Applied}},
			{Card{}, Active, nil, Card{}},
			{Card{State: Issued, Valid: date(l, "1409-09-10")}, Active, func(p *Person) { p.Father = name(l, "حسن") }, Card{State: MustReplace, Reason: ItemChanged, Valid: date(l, "1409-09-10")}},
		} {
			l.clock.t = date(l, "1405-08-30").Start()
			p := l.born(func(p *Person) { p.Card, p.State = c.was, c.state })
			l.both("death", &Death{edit(p.Number), date(l, "1405-08-29")})
			dead := find(l, l.b, p.Number)
			if dead.Alive() || dead.Card.State != Void && c.was.State != NoCard || c.state != Active && dead.State != c.state {
				l.Errorf("%+v", dead)
			}
			if c.while != nil {
				c.while(&dead)
				save(l, l.b, l.j, &dead)
			}
			l.clock.t = date(l, "1405-10-01").Start()
			l.both("death_annulment", &DeathAnnulment{edit(p.Number)})
			if got := find(l, l.b, p.Number); got.Card != c.want || got.State != c.state || !got.Alive() {
				l.Errorf("%v: got %+v", c.was, got)
			}
		}
	})
}

func TestProposals(t *testing.T) {
	eachLives(t, func(l *lives) {
		p := l.born(nil)
		in := &Protection{edit(p.Number), true}
		propose := func(by journal.Actor) *Proposal {
			l.Helper()
			made, proven, err := l.b.Propose(l.ctx, l.j, by, "protection", in)
			l.ok(proven, err)
			return made
		}
		_, _, err := l.b.Propose(l.ctx, l.j, journal.Actor{Role: register.Post, ID: "p"}, "protection", in)
		l.wrong(err, fault.Forbidden, "register.role", "")
		_, _, err = l.b.Propose(l.ctx, l.j, clerk1, "surname", in)
		l.wrong(err, fault.Invalid, "person.proposal.kind", "kind")
		_, _, err = l.b.Propose(l.ctx, l.j, clerk1, "protection", &Protection{Edit{Number: p.Number}, true})
		l.wrong(err, fault.Invalid, "register.reason", "reason")
		one := propose(supervisor1)
		_, _, err = l.b.Propose(l.ctx, l.j, clerk2, "protection", in)
		l.wrong(err, fault.Conflict, "person.proposal.waiting", "")
		_, _, err = l.b.Approve(l.ctx, l.j, supervisor1, one.ID)
		l.wrong(err, fault.Forbidden, "person.proposal.same", "")
		_, _, err = l.b.Approve(l.ctx, l.j, clerk2, one.ID)
		l.wrong(err, fault.Forbidden, "register.role", "")
		_, _, err = l.b.Approve(l.ctx, l.j, supervisor2, 99)
		l.wrong(err, fault.NotFound, "person.proposal.unknown", "")
		_, err = l.b.Withdraw(l.ctx, l.j, supervisor2, one.ID, "")
		l.wrong(err, fault.Forbidden, "person.proposal.other", "")
		proven, err := l.b.Withdraw(l.ctx, l.j, supervisor1, one.ID, "اشتباه بود")
		l.ok(proven, err)
		_, _, err = l.b.Approve(l.ctx, l.j, supervisor2, one.ID)
		l.wrong(err, fault.Conflict, "person.proposal.decided", "")

		two := propose(clerk1)
		_, err = l.b.Refuse(l.ctx, l.j, clerk2, two.ID, "")
		l.wrong(err, fault.Forbidden, "register.role", "")
		proven, err = l.b.Refuse(l.ctx, l.j, supervisor2, two.ID, "بی دلیل")
		l.ok(proven, err)
		three := propose(clerk1) // refused ones do not stand in the way

		// The record moves on: nothing is done, and that is registered.
		_, proven, err = l.b.ChangeSurname(l.ctx, l.j, clerk2, &Surname{edit(p.Number), name(l, "رضایی")})
		l.ok(proven, err)
		_, proven, err = l.b.Approve(l.ctx, l.j, supervisor2, three.ID)
		l.wrong(err, fault.Conflict, "person.proposal.overtaken", "")
		if !strings.Contains(string(proven.Record), `"state":"overtaken"`) || find(l, l.b, p.Number).State != Active {
			l.Errorf("%s", proven.Record)
		}
		four := propose(clerk1)
		_, proven, err = l.b.Approve(l.ctx, l.j, supervisor2, four.ID)
		l.ok(proven, err)
		if find(l, l.b, p.Number).State != Protected {
			l.Error("not protected")
		}
		page, more, err := l.b.Proposals(l.ctx, clerk1, &Proposals{})
		states := ""
		for _, q := range page {
			states += q.State + " "
			if q.Body != nil {
				l.Error("the list shows what would be changed")
			}
		}
		if err != nil || more || states != "withdrawn refused overtaken done " {
			l.Error(states, more, err)
		}
		page, more, err = l.b.Proposals(l.ctx, clerk1, &Proposals{Subject: p.Number, Kind: "protection", By: "c1", After: two.ID, Limit: 1})
		if err != nil || !more || len(page) != 1 || page[0].ID != three.ID {
			l.Error(page, more, err)
		}
		got, err := l.b.Proposal(l.ctx, two.ID)
		if err != nil || got.State != "refused" || got.Decider != supervisor2 || got.Note != "بی دلیل" || got.By != clerk1 || len(got.Body) == 0 || got.DecidedAt.IsZero() {
			l.Errorf("%+v %v", got, err)
		}
		tl, _, err := l.b.Timeline(l.ctx, p.Number)
		last := tl.Moments[len(tl.Moments)-1]
		if err != nil || last.Proposer != clerk1 || last.By != supervisor2 || last.Grounds.Document != "12/1405" {
			l.Errorf("%+v %v", last, err)
		}
	})
}

func TestCorrections(t *testing.T) {
	eachLives(t, func(l *lives) {
		p := l.born(nil)
		father, serial, born := name(l, "حسن"), ids.Serial("654321"), date(l, "1351-01-01")
		done, proven, err := l.b.Correct(l.ctx, l.j, clerk1, &Correction{Edit: edit(p.Number), Father: &father, Serial: &serial})
		l.ok(proven, err)
		if got := find(l, l.b, p.Number); got.Father != father || got.Shenasnameh.Serial != serial || got.Given != p.Given || done.Version != 2 {
			l.Errorf("%+v", got)
		}
		_, _, err = l.b.Correct(l.ctx, l.j, clerk1, &Correction{Edit: edit(p.Number), Father: &father})
		l.wrong(err, fault.Conflict, "person.unchanged", "")
		harm := &Correction{Edit: edit(p.Number), Born: &born}
		_, _, err = l.b.Correct(l.ctx, l.j, supervisor1, harm)
		l.wrong(err, fault.Forbidden, "person.proposal.needed", "")
		l.both("correction", harm)
		l.both("birth_date", &BirthDate{edit(p.Number), date(l, "1350-03-04")})
		if got := find(l, l.b, p.Number); got.Born != date(l, "1350-03-04") {
			l.Errorf("%+v", got)
		}
		l.refused("sex", &SexChange{Edit: Edit{p.Number, 0, register.Grounds{Reason: "mistake", Document: "1"}}, Sex: Female}, fault.Invalid, "person.sex.court", "reason")
		given := name(l, "سارا")
		l.both("sex", &SexChange{Edit: edit(p.Number), Sex: Female, Given: &given})
		if got := find(l, l.b, p.Number); got.Sex != Female || got.Given != given || got.Card.State != MustReplace {
			l.Errorf("%+v", got)
		}
		// A booklet keeps its number when the birth moves across 1368.
		q := l.born(func(p *Person) { p.Born, p.Shenasnameh.Number = date(l, "1368-01-01"), 0 })
		l.both("birth_date", &BirthDate{edit(q.Number), date(l, "1367-12-29")})
		if got := find(l, l.b, q.Number); got.Shenasnameh.Number != ids.ShenasnamehNumber(q.Number) {
			l.Errorf("%+v", got.Shenasnameh)
		}
		l.both("birth_date", &BirthDate{edit(q.Number), date(l, "1368-01-02")})
		if got := find(l, l.b, q.Number); got.Shenasnameh.Number != 0 {
			l.Errorf("%+v", got.Shenasnameh)
		}
		bad := &Correction{Edit: Edit{Number: p.Number}, Died: &born, Given: &persian.Name{}}
		_, _, err = l.b.Propose(l.ctx, l.j, clerk1, "correction", bad)
		if f := fault.Of(err); len(f.More) == 0 {
			l.Error("one mistake at a time", err)
		}
	})
}

func TestReviewAndProtection(t *testing.T) {
	eachLives(t, func(l *lives) {
		p := l.born(nil)
		review := func(on bool) error {
			_, _, err := l.b.Review(l.ctx, l.j, clerk1, &Review{edit(p.Number), on})
			return err
		}
		if err := review(true); err != nil || find(l, l.b, p.Number).State != UnderReview {
			l.Error(err)
		}
		l.both("protection", &Protection{edit(p.Number), true})
		l.wrong(review(true), fault.Conflict, "person.flag", "")
		l.wrong(review(false), fault.Conflict, "person.unchanged", "")
		l.both("death", &Death{edit(p.Number), date(l, "1405-08-01")})
		if got := find(l, l.b, p.Number); got.State != Protected || got.Alive() || got.Card.State != Void {
			l.Errorf("%+v", got)
		}
		l.both("protection", &Protection{edit(p.Number), false})
		if got := find(l, l.b, p.Number); got.State != UnderReview || got.Alive() {
			l.Errorf("%+v", got)
		}
		if err := review(false); err != nil || find(l, l.b, p.Number).State != Deceased {
			l.Error(err)
		}
		undated := l.born(func(p *Person) { p.State = Deceased })
		_, _, err := l.b.Review(l.ctx, l.j, clerk1, &Review{edit(undated.Number), true})
		l.wrong(err, fault.Conflict, "person.flag", "")
	})
}

func TestCancellation(t *testing.T) {
	eachLives(t, func(l *lives) {
		a, b, c := l.born(nil), l.born(nil), l.born(nil)
		cancel := func(n, successor ids.NationalNumber) *Cancellation { return &Cancellation{edit(n), successor} }
		l.refused("cancellation", cancel(a.Number, a.Number), fault.Invalid, "person.successor.self", "successor")
		l.refused("cancellation", cancel(a.Number, nth(88)), fault.Invalid, "person.unknown", "successor")
		l.both("cancellation", cancel(a.Number, b.Number))
		l.refused("cancellation", cancel(b.Number, a.Number), fault.Conflict, "person.successor.cancelled", "successor")
		l.both("cancellation", cancel(b.Number, c.Number))
		if got := find(l, l.b, a.Number); got.State != Cancelled || got.Successor != c.Number || got.Surname != a.Surname {
			l.Errorf("%+v", got)
		}
		l.refused("death", &Death{edit(a.Number), date(l, "1405-08-01")}, fault.Conflict, "person.cancelled", "")
		l.refused("cancellation", cancel(a.Number, c.Number), fault.Conflict, "person.cancelled", "")
		l.both("cancellation", cancel(c.Number, 0))
		if got := find(l, l.b, c.Number); got.State != Cancelled || got.Successor != 0 {
			l.Errorf("%+v", got)
		}
		if got := fmt.Sprint(l.events(b.Number)); got != "[record cancellation cancellation]" {
			l.Error(got)
		}

		// b was cancelled wrongly: it counts again, and a leads to it.
		l.both("cancellation_annulment", &CancellationAnnulment{edit(b.Number)})
		if got := find(l, l.b, b.Number); got.State != Active || got.Successor != 0 || got.Card != b.Card {
			l.Errorf("%+v", got)
		}
		if got := find(l, l.b, a.Number); got.State != Cancelled || got.Successor != b.Number {
			l.Errorf("%+v", got)
		}
		l.refused("cancellation", cancel(b.Number, a.Number), fault.Conflict, "person.successor.cancelled", "successor")
		l.refused("cancellation_annulment", &CancellationAnnulment{edit(b.Number)}, fault.Conflict, "person.cancelled.not", "")
		if got := fmt.Sprint(l.events(c.Number)); got != "[record cancellation cancellation cancellation_annulment]" {
			l.Error(got)
		}

		// What stood there before is what stands there again, also of the dead.
		l.both("death", &Death{edit(b.Number), date(l, "1405-08-01")})
		l.both("cancellation", cancel(b.Number, 0))
		l.both("cancellation_annulment", &CancellationAnnulment{edit(b.Number)})
		if got := find(l, l.b, b.Number); got.State != Deceased || got.Died != date(l, "1405-08-01") || got.Card.State != Void {
			l.Errorf("%+v", got)
		}
	})
}

func TestMarriages(t *testing.T) {
	eachLives(t, func(l *lives) {
		man, other := l.born(nil), l.born(nil)
		woman := l.born(func(p *Person) { p.Sex = Female })
		couple := func(h, w ids.NationalNumber, on string) *Couple {
			return &Couple{h, w, date(l, on), register.Grounds{Reason: "deed", Document: "7"}}
		}
		marry := func(c *Couple) error {
			_, p, err := l.b.Marry(l.ctx, l.j, clerk1, c)
			if err == nil {
				l.ok(p, err)
			}
			return err
		}
		divorce := func(c *Couple) error { _, _, err := l.b.Divorce(l.ctx, l.j, clerk1, c); return err }
		l.wrong(marry(couple(man.Number, man.Number, "1380-01-01")), fault.Invalid, "person.self", "wife")
		l.wrong(marry(couple(woman.Number, man.Number, "1380-01-01")), fault.Invalid, "person.sex.other", "husband")
		l.wrong(marry(couple(man.Number, nth(5), "1380-01-01")), fault.Invalid, "person.unknown", "wife")
		l.wrong(marry(couple(man.Number, woman.Number, "1340-01-01")), fault.Invalid, "person.marriage.born", "on")
		l.wrong(divorce(couple(man.Number, woman.Number, "1380-01-01")), fault.Conflict, "person.divorce.none", "")
		if err := marry(couple(man.Number, woman.Number, "1380-01-01")); err != nil {
			l.Fatal(err)
		}
		l.wrong(marry(couple(man.Number, woman.Number, "1381-01-01")), fault.Conflict, "person.marriage.same", "")
		l.wrong(marry(couple(other.Number, woman.Number, "1381-01-01")), fault.Conflict, "person.marriage.wife", "")
		l.wrong(divorce(couple(man.Number, woman.Number, "1379-01-01")), fault.Invalid, "person.divorce.early", "on")
		if err := divorce(couple(man.Number, woman.Number, "1390-01-01")); err != nil {
			l.Fatal(err)
		}
		if err := marry(couple(other.Number, woman.Number, "1391-01-01")); err != nil {
			l.Fatal(err)
		}
		l.both("death", &Death{edit(other.Number), date(l, "1405-01-01")})
		if err := marry(couple(man.Number, woman.Number, "1405-08-01")); err != nil {
			l.Error("a widow may marry:", err)
		}
		l.wrong(marry(couple(other.Number, woman.Number, "1405-08-02")), fault.Invalid, "person.dead", "husband")
		if got := fmt.Sprint(l.events(woman.Number)); got != "[record marriage divorce marriage marriage]" {
			l.Error(got)
		}
		if v := find(l, l.b, woman.Number).Version; v != 1 {
			l.Error("a remark made a version")
		}
	})
}

// TestAdoption: number stays, and nothing that asks for the past is told the
// earlier names, except a supervisor by an act of his own.
func TestAdoption(t *testing.T) {
	eachLives(t, func(l *lives) {
		dad := l.born(nil)
		p := l.born(func(p *Person) { p.Born = date(l, "1399-01-01"); p.Card = Card{} })
		old, oldest := p.Surname.Display, p.Given.Display
		father := name(l, "جعفر")
		_, proven, err := l.b.Correct(l.ctx, l.j, clerk1, &Correction{Edit: edit(p.Number), Father: &father})
		l.ok(proven, err)
		stale, _, err := l.b.Propose(l.ctx, l.j, clerk1, "correction", &Correction{Edit: edit(p.Number), Given: &father})
		if err != nil {
			l.Fatal(err)
		}
		l.clock.t = date(l, "1405-09-10").Start()
		in := &Adoption{Edit: edit(p.Number), Surname: name(l, "کریمی"), Father: name(l, "ناصر"), Dad: nth(3)}
		l.refused("adoption", in, fault.Invalid, "person.unknown", "father_number")
		in.Dad = dad.Number
		l.both("adoption", in)
		l.clock.t = date(l, "1405-09-20").Start()
		_, proven, err = l.b.ChangeSurname(l.ctx, l.j, clerk1, &Surname{edit(p.Number), name(l, "کریمی‌نیا")})
		l.ok(proven, err)

		hidden := []string{old, "جعفر", "علی"}
		clean := func(what, text string) {
			l.Helper()
			for _, h := range hidden {
				if strings.Contains(text, h) {
					l.Errorf("%s tells %s: %s", what, h, text)
				}
			}
		}
		for _, day := range []string{"1399-05-05", "1405-08-30", "1405-09-09", "1405-09-10", "1405-09-15", "1405-09-20"} {
			got, found, err := l.b.AsOf(l.ctx, p.Number, date(l, day))
			if err != nil || !found || got.Given.Display != oldest {
				l.Fatal(day, found, err)
			}
			clean("as of "+day, fmt.Sprintf("%+v", *got))
			want := "کریمی"
			if day == "1405-09-20" {
				want = "کریمی‌نیا"
			}
			if got.Surname.Display != want {
				l.Errorf("%s: %s", day, got.Surname.Display)
			}
		}
		at, _, err := l.b.at(l.ctx, p.Number, date(l, "1405-08-30").Start().UnixMicro())
		clean("At", fmt.Sprintf("%+v %v", *at, err))
		past, err := l.b.History(l.ctx, p.Number)
		clean("History", fmt.Sprintf("%+v %v", past, err))
		tl, _, err := l.b.Timeline(l.ctx, p.Number)
		clean("Timeline", fmt.Sprintf("%+v %v", *tl, err))
		seen, err := l.b.Proposal(l.ctx, stale.ID)
		if err != nil || seen.Body != nil {
			l.Errorf("an old proposal shows %s %v", seen.Body, err)
		}

		l.seesSealed(p.Number, hidden)
		if got := fmt.Sprint(l.events(dad.Number)); got != "[record adoption]" {
			l.Error(got)
		}
		// A second adoption covers the names of the first.
		in2 := &Adoption{Edit: edit(p.Number), Surname: name(l, "مرادی"), Father: name(l, "داوود")}
		l.both("adoption", in2)
		hidden = append(hidden, "کریمی", "ناصر")
		for _, day := range []string{"1405-08-30", "1405-09-10", "1405-09-20"} {
			got, _, err := l.b.AsOf(l.ctx, p.Number, date(l, day))
			clean("as of "+day, fmt.Sprintf("%+v %v", *got, err))
		}
	})
}

// seesSealed: a supervisor does, and the log says so; a clerk does not.
func (l *lives) seesSealed(n ids.NationalNumber, hidden []string) {
	l.Helper()
	reading := &Reading{Number: n, Reason: "court-order", File: "55"}
	_, _, err := l.b.ReadSealed(l.ctx, l.j, clerk1, reading)
	l.wrong(err, fault.Forbidden, "register.role", "")
	story, proven, err := l.b.ReadSealed(l.ctx, l.j, supervisor1, reading)
	l.ok(proven, err)
	text := fmt.Sprintf("%+v", *story)
	for _, h := range hidden {
		if !strings.Contains(text, h) {
			l.Error("a supervisor does not see", h)
		}
	}
	if !strings.Contains(string(proven.Record), `"read":"sealed"`) || !strings.Contains(string(proven.Record), `"file":"55"`) {
		l.Errorf("%s", proven.Record)
	}
}

func TestReadings(t *testing.T) {
	eachLives(t, func(l *lives) {
		p, secret := l.born(nil), l.born(func(p *Person) { p.State = Protected })
		in := &Reading{Number: p.Number, Reason: "dossier", File: "9/1405"}
		got, proven, err := l.b.ReadRecord(l.ctx, l.j, clerk1, in)
		l.ok(proven, err)
		if *got != p || proven.Kind != receipt.RegisterReading || !strings.HasSuffix(string(proven.Record), `"file":"9/1405","result":true,"register_version":1}`) {
			l.Errorf("%+v %s", got, proven.Record)
		}
		story, proven, err := l.b.ReadHistory(l.ctx, l.j, clerk1, in)
		l.ok(proven, err)
		if len(story.Moments) != 1 || story.Person != p {
			l.Errorf("%+v", story)
		}
		size := l.j.State().Size
		_, _, err = l.b.ReadRecord(l.ctx, l.j, clerk1, &Reading{Number: nth(1), Reason: "dossier", File: "9"})
		l.wrong(err, fault.NotFound, "person.unknown", "national_number")
		_, _, err = l.b.ReadRecord(l.ctx, l.j, clerk1, &Reading{Number: secret.Number, Reason: "dossier", File: "9"})
		l.wrong(err, fault.Forbidden, "person.protected", "")
		if now := l.j.State().Size; now != size+2 {
			l.Error("a reading that showed nothing left no entry")
		}
		_, _, err = l.b.ReadRecord(l.ctx, l.j, clerk1, &Reading{Number: p.Number, Reason: "dossier"})
		l.wrong(err, fault.Invalid, "person.missing", "file")
		_, _, err = l.b.ReadRecord(l.ctx, l.j, journal.Actor{Role: register.Post}, in)
		l.wrong(err, fault.Forbidden, "register.role", "")
	})
}

// TestConcurrentEdits: with a version, one of two wins and the other is told;
// without one, both happen and neither is lost.
func TestConcurrentEdits(t *testing.T) {
	eachLives(t, func(l *lives) {
		p := l.born(nil)
		acts := []func(Edit) error{
			func(e Edit) error {
				_, _, err := l.b.ChangeSurname(l.ctx, l.j, clerk1, &Surname{e, name(l, "رضایی")})
				return err
			},
			func(e Edit) error {
				_, _, err := l.b.Rename(l.ctx, l.j, clerk2, &GivenName{e, name(l, "حمید")})
				return err
			},
			func(e Edit) error {
				father := name(l, "حسن")
				_, _, err := l.b.Correct(l.ctx, l.j, clerk2, &Correction{Edit: e, Father: &father})
				return err
			},
		}
		together := func(e Edit) (errs []error) {
			var all sync.WaitGroup
			results := make([]error, len(acts))
			for i, act := range acts {
				all.Go(func() { results[i] = act(e) })
			}
			all.Wait()
			return results
		}
		won := 0
		e := edit(p.Number)
		e.Version = p.Version
		for _, err := range together(e) {
			if err == nil {
				won++
				continue
			}
			l.wrong(err, fault.Conflict, "person.version", "version")
		}
		if got := find(l, l.b, p.Number); won != 1 || got.Version != 2 {
			l.Errorf("%d won: %+v", won, got)
		}
		p = l.born(nil)
		if err := errors.Join(together(edit(p.Number))...); err != nil {
			l.Error(err)
		}
		got := find(l, l.b, p.Number)
		if got.Version != 4 || got.Surname.Display != "رضایی" || got.Given.Display != "حمید" || got.Father.Display != "حسن" {
			l.Errorf("%+v", got)
		}
		if kinds := l.events(p.Number); len(kinds) != 4 {
			l.Error(kinds)
		}
		// One proposal approved by two at once is carried out once.
		made, _, err := l.b.Propose(l.ctx, l.j, clerk1, "death", &Death{edit(p.Number), date(l, "1405-08-01")})
		if err != nil {
			l.Fatal(err)
		}
		var all sync.WaitGroup
		results := make([]error, 2)
		for i, by := range []journal.Actor{supervisor1, supervisor2} {
			all.Go(func() { _, _, results[i] = l.b.Approve(l.ctx, l.j, by, made.ID) })
		}
		all.Wait()
		if (results[0] == nil) == (results[1] == nil) {
			l.Error(results)
		}
		l.wrong(errors.Join(results...), fault.Conflict, "person.proposal.decided", "")
	})
}

// TestManyProposals: proposals made at the same time get numbers of their own,
// and pages of the queue hold each of them once.
func TestManyProposals(t *testing.T) {
	eachLives(t, func(l *lives) {
		const n = 12
		var all sync.WaitGroup
		for range n {
			p := l.born(nil)
			all.Go(func() {
				if _, _, err := l.b.Propose(l.ctx, l.j, clerk1, "protection", &Protection{edit(p.Number), true}); err != nil {
					l.Error(err)
				}
			})
		}
		all.Wait()
		seen := map[int64]bool{}
		for after, more := int64(0), true; more; {
			var page []Proposal
			var err error
			page, more, err = l.b.Proposals(l.ctx, clerk1, &Proposals{State: "waiting", After: after, Limit: 5})
			if err != nil || len(page) == 0 {
				l.Fatal(page, err)
			}
			for i := range page {
				after, seen[page[i].ID] = page[i].ID, true
			}
		}
		if len(seen) != n {
			l.Errorf("%d proposals, want %d", len(seen), n)
		}
	})
}
