package person

import (
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// TestNobodyHasTwoCards: whatever is done to persons in whichever order, by
// acts that succeed or are refused, nobody ever has two cards that hold or two
// applications, no serial stands on two cards, and an hour has as many
// appointments as it counts.
func TestNobodyHasTwoCards(t *testing.T) {
	u := openBureau(t, storetest.SQLite(t))
	next := int64(4_000_000)
	rapid.Check(t, func(t *rapid.T) {
		var people []ids.NationalNumber
		for range 2 {
			next++
			p := bare(u.t, u.b, u.j, next, "1380-01-01")
			people = append(people, p.Number)
		}
		for range rapid.IntRange(4, 16).Draw(t, "acts") {
			n := people[rapid.IntRange(0, 1).Draw(t, "who")]
			if err := u.anything(t, n); err != nil && fault.Of(err).Kind == fault.Internal {
				t.Fatal(err)
			}
			for _, n := range people {
				u.holds(t, n)
			}
		}
	})
	u.hoursAddUp()
}

// anything does one act to n, which may be refused.
func (u *bureau) anything(t *rapid.T, n ids.NationalNumber) (err error) {
	grounds := CardReport{Number: n, Grounds: papers}
	one := CardHolder{Number: n}
	switch rapid.SampledFrom([]string{"apply", "apply", "appoint", "appoint", "capture", "capture", "print", "print", "fail", "give", "give", "give",
		"lose", "damage", "spoil", "withdraw", "unappoint", "move", "die", "live"}).Draw(t, "act") {
	case "apply":
		err = u.apply(n)
	case "appoint":
		err = u.appoint(n)
	case "capture":
		err = u.capture(n)
	case "print", "fail":
		k, failed := u.personalise()
		if failed != nil {
			return failed
		}
		_, err = u.told(k.Batch, rapid.SampledFrom([]string{"printed", "printed", "failed"}).Draw(t, "result"))
	case "give":
		err = u.handOver(n)
	case "lose":
		_, _, err = u.b.ReportLost(u.ctx(), u.j, clerk, &grounds)
	case "damage":
		_, _, err = u.b.ReportDamaged(u.ctx(), u.j, clerk, &grounds)
	case "spoil":
		_, _, err = u.b.SpoilCard(u.ctx(), u.j, clerk, &grounds)
	case "withdraw":
		_, _, err = u.b.WithdrawApplication(u.ctx(), u.j, clerk, &one)
	case "unappoint":
		_, _, err = u.b.Unappoint(u.ctx(), u.j, clerk, &one)
	case "move":
		to := rapid.SampledFrom([]ids.PostalCode{here, there, south}).Draw(t, "where")
		_, _, err = u.b.DeclareResidence(u.ctx(), u.j, clerk, &ResidenceDeclaration{Number: n, Postal: to, Since: u.b.today(), Grounds: papers})
	case "die", "live":
		p := find(u.t, u.b, n)
		p.State = rapid.SampledFrom([]State{Active, Active, Deceased}).Draw(t, "state")
		_, err = u.b.Save(u.ctx(), u.j, chief, receipt.LifeEvent, "test", &p)
	}
	return err
}

// holds checks what must always be true of a person's cards.
func (u *bureau) holds(t *rapid.T, n ids.NationalNumber) {
	p := find(u.t, u.b, n)
	if err := u.b.db.Read(u.ctx(), func(tx *store.Tx) error {
		rows, err := cardsOf(tx, n)
		held, pending := 0, 0
		var serials []string
		for i := range rows {
			k := &rows[i]
			if k.at() == Issued {
				held++
				if p.Card.Serial != k.serial || p.State == Deceased && p.Card.State != Void {
					t.Fatalf("the record says %+v, the card %+v", p.Card, k)
				}
			}
			if k.at().pending() {
				pending++
			}
			if k.serial != "" && slices.Contains(serials, k.serial) {
				t.Fatalf("%s stands on two cards", k.serial)
			}
			serials = append(serials, k.serial)
		}
		if held > 1 || pending > 1 {
			t.Fatalf("%d cards, %d applications", held, pending)
		}
		if held == 0 && (p.Card.State == Issued || p.Card.State == MustReplace) {
			t.Fatalf("the record says %+v, and there is no card", p.Card)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// hoursAddUp: no hour holds more than its capacity, or fewer than none.
func (u *bureau) hoursAddUp() {
	u.t.Helper()
	all, err := u.b.FreeSlots(u.ctx(), chief, &SlotQuery{Office: 11})
	for _, s := range all {
		if s.Free < 0 || s.Free > s.Capacity {
			u.t.Errorf("%+v", s)
		}
	}
	if err != nil {
		u.t.Error(err)
	}
}

// TestCardsAtOnce: two clerks do the same to the same person, and two printers
// make batches, all at once. Each step happens once.
func TestCardsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		persons := make([]Person, 8)
		for i := range persons {
			persons[i] = bare(t, u.b, u.j, 1_000_000+int64(i), "1380-01-01")
		}
		twice := func(what string, act func(n ids.NationalNumber) error) {
			t.Helper()
			var all sync.WaitGroup
			var mu sync.Mutex
			done := map[ids.NationalNumber]int{}
			for i := range 2 * len(persons) {
				n := persons[i/2].Number
				all.Go(func() {
					err := act(n)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						done[n]++
					case fault.Of(err).Kind != fault.Conflict:
						t.Errorf("%s: %v", what, err)
					}
				})
			}
			all.Wait()
			for _, p := range persons {
				if done[p.Number] != 1 {
					t.Errorf("%s happened %d times", what, done[p.Number])
				}
			}
		}
		twice("apply", u.apply)
		for i := range persons {
			if err := u.appoint(persons[i].Number); err != nil {
				t.Fatal(err)
			}
		}
		twice("capture", u.capture)
		var both sync.WaitGroup
		var mu sync.Mutex
		rows := 0
		var batches []int64
		for range 4 {
			both.Go(func() {
				k, _, err := u.b.Personalise(u.ctx(), u.j, press, &BatchOrder{Rows: 3})
				if err != nil && fault.Of(err).Key != "person.batch.none" {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					rows += k.Rows
					batches = append(batches, k.Batch)
				}
			})
		}
		both.Wait()
		if rows != len(persons) {
			t.Errorf("%d rows in %d batches", rows, len(batches))
		}
		for _, id := range batches {
			if _, err := u.told(id, "printed"); err != nil {
				t.Error(err)
			}
		}
		twice("hand-over", func(n ids.NationalNumber) error { return u.handOver(n) })
	})
}

// TestOldVersion: who saw a record that has moved on since changes nothing.
func TestOldVersion(t *testing.T) {
	u := openBureau(t, storetest.SQLite(t))
	p := bare(t, u.b, u.j, 1_000_001, "1380-01-01")
	now := find(t, u.b, p.Number)
	now.Father = name(t, "حسن")
	save(t, u.b, u.j, &now)
	_, _, err := u.b.ApplyForCard(u.ctx(), u.j, clerk, &CardApplication{Number: p.Number, Office: 11, Version: p.Version})
	wants(t, "an application", err, fault.Conflict, "person.version", "version")
	_, _, err = u.b.IssueShenasnameh(u.ctx(), u.j, clerk, &BookletIssue{Number: p.Number, Office: 11, Version: p.Version, Grounds: register.Grounds{Reason: "first", Document: "1"}})
	wants(t, "a booklet", err, fault.Conflict, "person.version", "version")
	if e := events(t, u.b, p.Number); len(e) != 0 {
		t.Errorf("%+v", e)
	}
}
