package discrepancy_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx        = context.Background()
	clerk      = journal.Actor{Role: register.Clerk, Agency: 14003552272, ID: "c1"}
	colleague  = journal.Actor{Role: register.Clerk, Agency: 14003552272, ID: "c2"}
	supervisor = journal.Actor{Role: register.Supervisor, Agency: 14003552272, ID: "s1"}
)

const (
	number    ids.NationalNumber = 13542419
	home      ids.PostalCode     = 1416932790
	elsewhere ids.PostalCode     = 1416932791
)

// office is a register with one person and what tests do with it.
type office struct {
	t       *testing.T
	db      *store.DB
	journal *journal.Journal
	persons *person.Book
	cases   *discrepancy.Book
}

func open(t *testing.T, url string) *office {
	t.Helper()
	o := &office{t: t}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	o.must(err)
	o.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	o.must(err)
	t.Cleanup(o.journal.Close)
	o.db, err = store.Open(ctx, url, store.Register)
	o.must(err)
	t.Cleanup(func() { _ = o.db.Close() })
	places, err := place.Open(ctx, o.db)
	o.must(err)
	o.persons, err = person.Open(ctx, o.db)
	o.must(err)
	o.persons.Places = places
	o.cases, err = discrepancy.Open(ctx, o.db, o.persons)
	o.must(err)
	operator := journal.Actor{Role: register.Operator, ID: "tester"}
	for _, code := range []ids.PostalCode{home, elsewhere} {
		o.must(o.db.Write(ctx, func(tx *store.Tx) error {
			return place.Put(tx, &register.Change{Actor: operator}, &place.Place{Code: code, Province: "تهران", State: place.Active})
		}))
	}
	p := &person.Person{
		Number: number, Given: o.name("زهرا"), Surname: o.name("کریمی"), Father: o.name("علی"), Sex: person.Female,
		Born: persian.Date{Year: 1365, Month: 4, Day: 2}, State: person.Active, Postal: home,
		ResidenceSince: persian.Date{Year: 1400, Month: 1, Day: 1},
	}
	o.must(o.db.Write(ctx, func(tx *store.Tx) error { return person.Put(tx, &register.Change{Actor: operator}, p) }))
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) name(s string) persian.Name {
	n, err := persian.ParseName(s)
	o.must(err)
	return n
}

// refused checks that err is the fault with this kind and key.
func (o *office) refused(err error, kind fault.Kind, key string) {
	o.t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		o.t.Errorf("got %v, want %v %s", err, kind, key)
	}
}

func (o *office) raise(claims ...discrepancy.Claim) *discrepancy.Case {
	o.t.Helper()
	d := discrepancy.Doubt{Subject: number, Source: discrepancy.Objection, SourceID: 7, Version: 1, Claims: claims, Text: "نام پدرم نادرست است"}
	o.must(d.Check())
	a := register.Act{Kind: receipt.Notice, Actor: journal.Actor{Role: register.Citizen, ID: "letter-7"}, Why: "objection", Subject: number}
	var made *discrepancy.Case
	_, err := register.Do(ctx, o.db, o.journal, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		made, err = o.cases.Raise(tx, c, &d)
		return []byte(`"letter":7`), err
	})
	o.must(err)
	return made
}

func (o *office) take(id int64, who journal.Actor) {
	o.t.Helper()
	_, _, err := o.cases.Take(ctx, o.journal, who, id)
	o.must(err)
}

func (o *office) decide(who journal.Actor, d discrepancy.Decision) (*discrepancy.Case, error) {
	if d.Decision != "release" && d.Reason == "" {
		d.Reason, d.Document = "objection", "نامه ۱۲"
	}
	c, _, err := o.cases.Decide(ctx, o.journal, who, &d)
	return c, err
}

// read is the case as its clerk sees it.
func (o *office) read(id int64) *discrepancy.Case {
	o.t.Helper()
	c, _, err := o.cases.Read(ctx, o.journal, clerk, id)
	o.must(err)
	return c
}

func (o *office) stands(id int64, state discrepancy.State, outcome discrepancy.Outcome) *discrepancy.Case {
	o.t.Helper()
	c := o.read(id)
	if c.State != state || c.Outcome != outcome {
		o.t.Errorf("the case is %v %v, want %v %v", c.State, c.Outcome, state, outcome)
	}
	return c
}

var father = discrepancy.Claim{Field: "father_name", Value: "حسن"}

// TestCorrected: objection, clerk, proposal, supervisor, corrected record.
func TestCorrected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		c := o.raise(father)
		if want := persian.DateOf(time.Now()).AddMonths(3); c.Deadline != want {
			t.Errorf("deadline %v, want %v", c.Deadline, want)
		}
		_, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct"})
		o.refused(err, fault.Forbidden, "discrepancy.taker")
		o.take(c.ID, clerk)
		_, err = o.decide(colleague, discrepancy.Decision{Case: c.ID, Decision: "correct"})
		o.refused(err, fault.Forbidden, "discrepancy.taker")
		if got, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct"}); err != nil || got.State != discrepancy.Proposed || got.Proposal == 0 {
			t.Fatal(got, err)
		}
		_, err = o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "confirm"})
		o.refused(err, fault.Conflict, "discrepancy.proposed")
		now := o.stands(c.ID, discrepancy.Proposed, 0)
		if len(now.Items) != 1 || now.Items[0] != (discrepancy.Item{Field: "father_name", OnRecord: "علی", Claimed: "حسن"}) {
			t.Errorf("items %+v", now.Items)
		}
		_, _, err = o.persons.Approve(ctx, o.journal, supervisor, now.Proposal)
		o.must(err)
		now = o.stands(c.ID, discrepancy.Closed, discrepancy.Corrected)
		if now.Items[0].OnRecord != "علی" {
			t.Error("the value in doubt is no longer told", now.Items[0])
		}
		last := now.Steps[len(now.Steps)-1]
		if len(now.Steps) != 4 || last.What != "corrected" || last.By != supervisor {
			t.Errorf("steps %+v", now.Steps)
		}
		if p, _, err := o.persons.ByNumber(ctx, number); err != nil || p.Father.Display != "حسن" {
			t.Error("the record is not corrected", err)
		}
		_, _, err = o.cases.Take(ctx, o.journal, clerk, c.ID)
		o.refused(err, fault.Conflict, "discrepancy.closed")
	})
}

// TestRefusedProposal: the case is open again, for anybody.
func TestRefusedProposal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		c := o.raise(father, discrepancy.Claim{Field: "birth_date", Value: "1365/04/03"})
		o.take(c.ID, clerk)
		made, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct"})
		o.must(err)
		_, err = o.persons.Refuse(ctx, o.journal, supervisor, made.Proposal, "گواهی خوانا نیست")
		o.must(err)
		page, err := o.cases.List(ctx, o.journal, clerk, &discrepancy.Filter{State: discrepancy.Opened})
		o.must(err)
		if len(page) != 1 || page[0].State != discrepancy.Opened || page[0].Taker != "" {
			t.Errorf("%+v", page)
		}
		o.take(c.ID, colleague)
		_, err = o.decide(colleague, discrepancy.Decision{Case: c.ID, Decision: "confirm"})
		o.must(err)
		o.stands(c.ID, discrepancy.Closed, discrepancy.Confirmed)
	})
}

// TestPostalCode: a residence is declared, not proposed, and the case closed.
func TestPostalCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		c := o.raise(discrepancy.Claim{Field: "postal_code", Value: elsewhere.Grouped()})
		o.take(c.ID, clerk)
		_, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct", Since: persian.Date{Year: 1403, Month: 2, Day: 1}})
		o.must(err)
		o.stands(c.ID, discrepancy.Closed, discrepancy.Corrected)
		if p, _, err := o.persons.ByNumber(ctx, number); err != nil || p.Postal != elsewhere {
			t.Error("the residence was not declared", err)
		}
	})
}

// TestTake: of many who take a case one gets it.
func TestTake(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		c := o.raise(father)
		var all sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i := range 8 {
			who := clerk
			who.ID += string(rune('a' + i))
			all.Go(func() {
				_, _, err := o.cases.Take(ctx, o.journal, who, c.ID)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else {
					o.refused(err, fault.Conflict, "discrepancy.taken")
				}
			})
		}
		all.Wait()
		if won != 1 {
			t.Errorf("%d took the case", won)
		}
		_, err := o.decide(colleague, discrepancy.Decision{Case: c.ID, Decision: "release"})
		o.refused(err, fault.Forbidden, "discrepancy.taker")
		_, err = o.decide(supervisor, discrepancy.Decision{Case: c.ID, Decision: "release"})
		o.must(err)
		o.stands(c.ID, discrepancy.Opened, 0)
	})
}

// TestAdd: a second doubt from the same source joins the open case.
func TestAdd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		c := o.raise(father)
		again := o.raise(discrepancy.Claim{Field: "father_name", Value: "محمد"}, discrepancy.Claim{Field: "sex", Value: "male"})
		if again.ID != c.ID {
			t.Fatal("another case was opened")
		}
		now := o.read(c.ID)
		if len(now.Items) != 2 || now.Items[0].Claimed != "محمد" || now.Items[1].OnRecord != "female" {
			t.Errorf("%+v", now.Items)
		}
		o.take(c.ID, clerk)
		_, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct", Items: []discrepancy.Claim{father}})
		o.must(err)
		_, err = o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "release"})
		o.refused(err, fault.Conflict, "discrepancy.proposed")
		_, err = o.persons.Withdraw(ctx, o.journal, clerk, o.read(c.ID).Proposal, "")
		o.must(err)
		o.take(c.ID, clerk)
		_, err = o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "reject"})
		o.must(err)
		if next := o.raise(father); next.ID == c.ID {
			t.Error("a closed case took the doubt in")
		}
	})
}

// TestOverdue: the day after the deadline a case is overdue until it is closed.
func TestOverdue(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	c := o.raise(father)
	overdue := func() int {
		t.Helper()
		page, err := o.cases.List(ctx, o.journal, clerk, &discrepancy.Filter{Overdue: true})
		o.must(err)
		return len(page)
	}
	later := c.Deadline.Start()
	o.cases.Clock = func() time.Time { return later }
	if overdue() != 0 {
		t.Error("overdue on its last day")
	}
	later = c.Deadline.AddDays(1).Start()
	if overdue() != 1 || !o.read(c.ID).Overdue {
		t.Error("not overdue the day after")
	}
	o.take(c.ID, clerk)
	_, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "withdraw"})
	o.must(err)
	if overdue() != 0 {
		t.Error("a closed case is overdue")
	}
}

// TestBad: what cannot be read is refused, everything at once.
func TestBad(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	claims := []discrepancy.Claim{{"birth_date", "1365/13/01"}, {"national_number", "1"}, {"sex", "x"}, {"surname", "Smith1"}, {"surname", "کریمی"}}
	f := fault.Of(discrepancy.Check(claims))
	if f == nil || len(f.More) != 4 || f.Field != "items.0.value" || f.More[0].Field != "items.1.field" || f.More[3].Key != "discrepancy.twice" {
		t.Errorf("%+v", f)
	}
	for _, d := range []discrepancy.Doubt{{}, {Text: "‮"}} {
		if d.Check() == nil {
			t.Error("taken in", d)
		}
	}
	c := o.raise() // words only
	o.take(c.ID, clerk)
	_, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct"})
	o.refused(err, fault.Invalid, "discrepancy.nothing")
	_, err = o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "forget"})
	o.refused(err, fault.Invalid, "discrepancy.word")
	_, err = o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "reject", Reason: "No Reason"})
	o.refused(err, fault.Invalid, "register.reason")
	_, err = o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "reject", Items: []discrepancy.Claim{father}, Reason: "x", Document: "x"})
	o.refused(err, fault.Invalid, "discrepancy.items")
	_, _, err = o.cases.Take(ctx, o.journal, clerk, 99)
	o.refused(err, fault.NotFound, "discrepancy.unknown")
	_, _, err = o.cases.Read(ctx, o.journal, journal.Actor{Role: register.Post, ID: "p"}, c.ID)
	o.refused(err, fault.Forbidden, "register.role")
}

// TestHiddenSubjects: what was claimed before an adoption is sealed with the
// names, and a protected person's case is not for clerks.
func TestHiddenSubjects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		c := o.raise(father, discrepancy.Claim{Field: "sex", Value: "male"})
		g := register.Grounds{Reason: "court-order", Document: "12/1405"}
		approved := func(kind string, in any) {
			t.Helper()
			made, _, err := o.persons.Propose(ctx, o.journal, clerk, kind, in)
			o.must(err)
			_, _, err = o.persons.Approve(ctx, o.journal, supervisor, made.ID)
			o.must(err)
		}
		approved("adoption", &person.Adoption{Edit: person.Edit{Number: number, Grounds: g}, Surname: o.name("مرادی"), Father: o.name("ناصر")})
		now := o.read(c.ID)
		if now.Text != "" || len(now.Items) != 2 || now.Items[0] != (discrepancy.Item{Field: "father_name", OnRecord: "ناصر"}) || now.Items[1].Claimed != "male" {
			t.Errorf("%+v", now)
		}
		o.take(c.ID, clerk)
		_, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "reject"})
		o.must(err)
		if next := o.read(o.raise(father).ID); next.Items[0].Claimed != "حسن" || next.Text == "" {
			t.Errorf("what is claimed now is hidden: %+v", next)
		}
		approved("protection", &person.Protection{Edit: person.Edit{Number: number, Grounds: g}, On: true})
		_, _, err = o.cases.Read(ctx, o.journal, clerk, c.ID)
		o.refused(err, fault.Forbidden, "person.protected")
		_, _, err = o.cases.Read(ctx, o.journal, supervisor, c.ID)
		o.must(err)
	})
}

// TestManyAdditions: one letter does not fill a case without end.
func TestManyAdditions(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	d := discrepancy.Doubt{Subject: number, Source: discrepancy.Objection, SourceID: 7, Version: 1, Claims: []discrepancy.Claim{father}}
	a := register.Act{Kind: receipt.Notice, Actor: journal.Actor{Role: register.Citizen, ID: "letter-7"}, Why: "objection", Subject: number}
	taken := 0
	for range 60 {
		_, err := register.Do(ctx, o.db, o.journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
			_, err := o.cases.Raise(tx, c, &d)
			return []byte(`"letter":7`), err
		})
		if err != nil {
			o.refused(err, fault.Conflict, "discrepancy.many")
			break
		}
		taken++
	}
	if taken != 50 || len(o.read(1).Steps) != 50 {
		t.Error(taken, "were taken")
	}
}

// TestList: a case whose proposal has been decided is found as it stands now,
// whatever is asked for and however small the pages are, and a page moves no
// case but its own.
func TestList(t *testing.T) {
	overdue := func(o *office) { // all are
		now := time.Now().AddDate(1, 0, 0)
		o.cases.Clock = func() time.Time { return now }
	}
	for _, filter := range []struct {
		name string
		discrepancy.Filter
		want string
	}{
		{"all", discrepancy.Filter{}, "[1 closed 2 open 3 open 4 closed 5 open 6 open 7 closed 8 open 9 open 10 proposed]"},
		{"open", discrepancy.Filter{State: discrepancy.Opened}, "[2 open 3 open 5 open 6 open 8 open 9 open]"},
		{"closed", discrepancy.Filter{State: discrepancy.Closed}, "[1 closed 4 closed 7 closed]"},
		{"proposed", discrepancy.Filter{State: discrepancy.Proposed}, "[10 proposed]"},
		{"overdue", discrepancy.Filter{Overdue: true}, "[2 open 3 open 5 open 6 open 8 open 9 open 10 proposed]"},
		{"overdue and closed", discrepancy.Filter{Overdue: true, State: discrepancy.Closed}, "[]"},
		{"person", discrepancy.Filter{Subject: number, State: discrepancy.Closed}, "[1 closed 4 closed 7 closed]"},
		{"somebody else", discrepancy.Filter{Subject: number + 1}, "[]"},
	} {
		t.Run(filter.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				o := open(t, url)
				o.many(10)
				if filter.Overdue {
					overdue(o)
				}
				got := []string{}
				for f := filter.Filter; ; {
					f.Limit = 2
					size := o.journal.State().Size
					page, err := o.cases.List(ctx, o.journal, clerk, &f)
					o.must(err)
					if moved := o.journal.State().Size - size; f.State == 0 && !f.Overdue && moved > 2 {
						t.Errorf("a page of two moved %d cases", moved)
					}
					for _, c := range page {
						got = append(got, fmt.Sprint(c.ID, " ", c.State))
						if f.After = c.ID; c.Overdue != (filter.Overdue && c.State != discrepancy.Closed) {
							t.Errorf("case %d is overdue: %v", c.ID, c.Overdue)
						}
					}
					if len(page) < 2 {
						break
					}
				}
				if fmt.Sprint(got) != filter.want {
					t.Errorf("got %v, want %s", got, filter.want)
				}
			})
		})
	}
}

// many opens n cases. Of three, the first's correction is approved and the
// second's refused, which the cases do not know yet; nothing is done with the
// third. The last case's correction waits.
func (o *office) many(n int) {
	o.t.Helper()
	for i := range n {
		claim := discrepancy.Claim{Field: "father_name", Value: []string{"حسن", "محمد", "رضا", "کریم"}[i%4]}
		d := discrepancy.Doubt{Subject: number, Source: discrepancy.Objection, SourceID: int64(i + 1), Version: 1, Claims: []discrepancy.Claim{claim}}
		a := register.Act{Kind: receipt.Notice, Actor: journal.Actor{Role: register.Citizen, ID: "letter"}, Why: "objection", Subject: number}
		var c *discrepancy.Case
		_, err := register.Do(ctx, o.db, o.journal, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
			c, err = o.cases.Raise(tx, ch, &d)
			return []byte(`"letter":1`), err
		})
		o.must(err)
		if i%3 == 2 {
			continue
		}
		o.take(c.ID, clerk)
		made, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct"})
		o.must(err)
		switch {
		case i == n-1:
		case i%3 == 0:
			_, _, err = o.persons.Approve(ctx, o.journal, supervisor, made.Proposal)
		default:
			_, err = o.persons.Refuse(ctx, o.journal, supervisor, made.Proposal, "گواهی خوانا نیست")
		}
		o.must(err)
	}
}
