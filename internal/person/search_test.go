package person

import (
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func (l *lives) seek(given, surname string, change func(*Sought)) Sought {
	in := Sought{Given: name(l, given), Surname: name(l, surname), Grounds: register.Grounds{Reason: "lost-number", Document: "7/1405"}}
	if change != nil {
		change(&in)
	}
	return in
}

// TestNameSearch: one asks, another allows, and then the asker alone sees who
// fits, for an hour.
func TestNameSearch(t *testing.T) {
	eachLives(t, func(l *lives) {
		call := func(given, surname, father string, state State) Person {
			return l.born(func(p *Person) {
				p.Given, p.Surname, p.Father, p.State = name(l, given), name(l, surname), name(l, father), state
			})
		}
		want := call("طاهره", "حسینی نژاد", "علی", Active)
		other := call("طاهره", "حسینی‌نژاد", "رضا", Active)
		call("تاهره", "کریمی", "علی", Active)
		call("طاهره", "حسینی نژاد", "علی", Protected)

		in := l.seek("تاهره", "حسيني نژاد", nil)
		made, proven, err := l.b.SeekByName(l.ctx, l.j, clerk1, &in)
		l.ok(proven, err)
		_, _, err = l.b.FoundByName(l.ctx, l.j, clerk1, made.ID)
		l.wrong(err, fault.Conflict, "person.search.closed", "")
		me := journal.Actor{Role: register.Supervisor, ID: clerk1.ID}
		_, err = l.b.DecideSearch(l.ctx, l.j, me, made.ID, true, "")
		l.wrong(err, fault.Forbidden, "person.search.same", "")
		_, err = l.b.DecideSearch(l.ctx, l.j, clerk2, made.ID, true, "")
		l.wrong(err, fault.Forbidden, "register.role", "")
		if waits, err := l.b.NameSearches(l.ctx, supervisor1, true); err != nil || len(waits) != 1 || waits[0].ID != made.ID {
			t.Errorf("%v %+v", err, waits)
		}
		proven, err = l.b.DecideSearch(l.ctx, l.j, supervisor1, made.ID, true, "")
		l.ok(proven, err)
		_, err = l.b.DecideSearch(l.ctx, l.j, supervisor2, made.ID, false, "")
		l.wrong(err, fault.Conflict, "person.search.decided", "")
		_, _, err = l.b.FoundByName(l.ctx, l.j, supervisor1, made.ID)
		l.wrong(err, fault.Forbidden, "person.search.other", "")
		_, err = l.b.NameSearch(l.ctx, clerk2, made.ID)
		l.wrong(err, fault.NotFound, "person.search.unknown", "")

		before := l.j.State().Size
		found, look, err := l.b.FoundByName(l.ctx, l.j, clerk1, made.ID)
		if err != nil || len(look.Entries) != 3 || look.Entries[0].Code == "" || len(found) != 2 || found[0].Number != want.Number || found[1].Number != other.Number {
			t.Fatalf("%v %+v", err, found)
		}
		if n := l.j.State().Size - before; n != 3 {
			t.Errorf("%d entries, want one of the look and one a person", n)
		}
		l.clock.t = l.clock.t.Add(2 * time.Hour)
		_, _, err = l.b.FoundByName(l.ctx, l.j, clerk1, made.ID)
		l.wrong(err, fault.Conflict, "person.search.over", "")
	})
}

// TestNameSearchNarrows: a name of many people is not searched for as such, and
// what narrows it down counts.
func TestNameSearchNarrows(t *testing.T) {
	eachLives(t, func(l *lives) {
		var last Person
		for i := range MaxFound + 1 {
			last = l.born(func(p *Person) {
				p.Given, p.Surname, p.Father = name(l, "محمد"), name(l, "محمدی"), name(l, "حسن")
				p.Born = persian.Date{Year: int16(1340 + i), Month: 1, Day: 1}
			})
		}
		in := l.seek("محمد", "محمدی", nil)
		_, _, err := l.b.SeekByName(l.ctx, l.j, clerk1, &in)
		l.wrong(err, fault.Invalid, "person.search.many", "")
		in.BornYear = int(last.Born.Year)
		made, proven, err := l.b.SeekByName(l.ctx, l.j, clerk1, &in)
		l.ok(proven, err)
		proven, err = l.b.DecideSearch(l.ctx, l.j, supervisor1, made.ID, true, "")
		l.ok(proven, err)
		if found, _, err := l.b.FoundByName(l.ctx, l.j, clerk1, made.ID); err != nil || len(found) != 1 || found[0].Number != last.Number {
			t.Errorf("%v %+v", err, found)
		}
		in.Father = name(l, "ناشناس")
		made, proven, err = l.b.SeekByName(l.ctx, l.j, clerk1, &in)
		l.ok(proven, err)
		proven, err = l.b.DecideSearch(l.ctx, l.j, supervisor1, made.ID, true, "")
		l.ok(proven, err)
		if found, _, err := l.b.FoundByName(l.ctx, l.j, clerk1, made.ID); err != nil || len(found) != 0 {
			t.Errorf("%v %+v", err, found)
		}
		_, _, err = l.b.SeekByName(l.ctx, l.j, clerk1, &Sought{BornYear: 3})
		l.wrong(err, fault.Invalid, "person.missing", "given_name")
	})
}
