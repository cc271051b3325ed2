package agreement

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

var (
	inspector = journal.Actor{Role: register.Inspector, Agency: 14000278880, ID: "i1"}
	machine   = journal.Actor{Role: register.System, ID: "audit"}
)

// shape prints the clauses of the version that holds at a moment: number,
// modes, quota.
func shape(b *Book, at time.Time) string {
	a, ok := b.InForce(bank, at)
	if !ok {
		return "none"
	}
	var all []string
	for _, c := range a.Clauses {
		all = append(all, fmt.Sprintf("%d%s%d", c.No, strings.Join(c.Modes, ""), c.DailyQuota))
	}
	return fmt.Sprintf("%d: %s", a.Version, strings.Join(all, " "))
}

func TestNarrow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{day(t, "1405-02-01")}
		b, j := open(t, url, c.now)
		a := sample(t)
		put(t, b, j, &a)
		narrow := func(clause int, how, why, want string) {
			t.Helper()
			c.t = c.t.Add(time.Hour)
			if _, _, err := b.Narrow(ctx, j, machine, 1, clause, how, why); err != nil {
				t.Fatal(err)
			}
			if got := shape(b, c.t); got != want {
				t.Errorf("%s of %d: %s, want %s", how, clause, got, want)
			}
		}
		restore := func(clause int, why, want string) {
			t.Helper()
			c.t = c.t.Add(time.Hour)
			if _, _, err := b.Restore(ctx, j, inspector, 1, clause, why); err != nil {
				t.Fatal(err)
			}
			if got := shape(b, c.t); got != want {
				t.Errorf("restored %d: %s, want %s", clause, got, want)
			}
		}
		narrow(2, Misuse, "audit-1", "2: 1verify10 2verify6 7disclose0")
		narrow(2, Misuse, "audit-1", "2: 1verify10 2verify6 7disclose0") // once
		if size := j.State().Size; size != 2 {
			t.Error(size, "entries")
		}
		narrow(2, Silence, "audit-2", "3: 1verify10 2verify3 7disclose0")
		restore(2, "audit-2", "4: 1verify10 2verify6 7disclose0")
		restore(2, "audit-2", "4: 1verify10 2verify6 7disclose0") // once
		restore(2, "audit-1", "5: 1verify10 2verifydisclose6 7disclose0")
		_, _, err := b.Restore(ctx, j, inspector, 1, 2, "audit-9")
		wantFault(t, err, fault.Conflict, "agreement.whole")
		narrow(1, Misuse, "audit-3", "6: 2verifydisclose6 7disclose0") // it only verified
		narrow(7, Silence, "audit-4", "7: 2verifydisclose6")
		narrow(2, Misuse, "audit-5", "8: 2verify6")
		narrow(2, Misuse, "audit-6", "none") // its last clause
		_, _, err = b.Narrow(ctx, j, machine, 1, 1, Misuse, "audit-7")
		wantFault(t, err, fault.NotFound, "agreement.clause")
		restore(2, "appeal-6", "10: 2verify6")
		restore(1, "appeal-3", "11: 1verify10 2verify6")
		_, _, err = b.Narrow(ctx, j, machine, 1, 1, "whim", "audit-7")
		wantFault(t, err, fault.Invalid, "agreement.how")
		_, _, err = b.Narrow(ctx, j, clerk, 1, 1, Misuse, "audit-7")
		wantFault(t, err, fault.Forbidden, "register.role")
		_, _, err = b.Narrow(ctx, j, machine, 1, 1, Misuse, "")
		wantFault(t, err, fault.Invalid, "agreement.token")
		_, _, err = b.Narrow(ctx, j, machine, 2, 1, Misuse, "audit-7")
		wantFault(t, err, fault.NotFound, "agreement.unknown")
	})
}

// TestNarrowReachesTheAmendment: what is signed for later is narrowed with what
// holds now, and neither hides the other.
func TestNarrowReachesTheAmendment(t *testing.T) {
	c := &clock{day(t, "1405-02-01")}
	b, j := open(t, storetest.SQLite(t), c.now)
	a := sample(t)
	put(t, b, j, &a)
	later := day(t, "1405-06-01")
	a.From = later
	a.Clauses = slices.Clone(a.Clauses)
	a.Clauses[0].DailyQuota = 99
	put(t, b, j, &a)
	for _, step := range []struct {
		restore   bool
		why       string
		now, then string
	}{
		{false, "audit-1", "3: 1verify10 2verify6 7disclose0", "4: 1verify99 2verify6 7disclose0"},
		{true, "audit-1", "5: 1verify10 2verifydisclose6 7disclose0", "6: 1verify99 2verifydisclose6 7disclose0"},
	} {
		var err error
		if step.restore {
			_, _, err = b.Restore(ctx, j, inspector, 1, 2, step.why)
		} else {
			_, _, err = b.Narrow(ctx, j, inspector, 1, 2, Misuse, step.why)
		}
		if err != nil {
			t.Fatal(err)
		}
		if now, then := shape(b, c.t), shape(b, later); now != step.now || then != step.then {
			t.Errorf("%s, later %s; want %s, later %s", now, then, step.now, step.then)
		}
	}
	// What is agreed on after a narrowing stands.
	if _, _, err := b.Narrow(ctx, j, inspector, 1, 2, Misuse, "audit-2"); err != nil {
		t.Fatal(err)
	}
	n, _ := b.ByID(1)
	amended := *n
	amended.Clauses = slices.Clone(n.Clauses)
	amended.Clauses[1].Fields = []string{"surname"}
	amended.From = c.t
	put(t, b, j, &amended)
	_, _, err := b.Restore(ctx, j, inspector, 1, 2, "appeal-2")
	wantFault(t, err, fault.Conflict, "agreement.restore")
}

// TestNarrowLeavesTheAmendment: an amendment signed for later that gives the
// clause up, or changes it after the narrowing, is not undone by either act.
func TestNarrowLeavesTheAmendment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{day(t, "1405-02-01")}
		b, j := open(t, url, c.now)
		a := sample(t)
		put(t, b, j, &a)
		later := day(t, "1405-06-01")
		a.From = later
		a.Clauses = slices.DeleteFunc(slices.Clone(a.Clauses), func(c Clause) bool { return c.No == 2 })
		a.Clauses[0].DailyQuota = 99
		put(t, b, j, &a)
		check := func(now, then string) {
			t.Helper()
			if is, will := shape(b, c.t), shape(b, later); is != now || will != then {
				t.Errorf("%s, later %s; want %s, later %s", is, will, now, then)
			}
		}
		if _, _, err := b.Narrow(ctx, j, machine, 1, 2, Misuse, "audit-1"); err != nil {
			t.Fatal(err)
		}
		check("3: 1verify10 2verify6 7disclose0", "4: 1verify99 7disclose0")
		if _, _, err := b.Restore(ctx, j, machine, 1, 2, "audit-1"); err != nil {
			t.Fatal(err)
		}
		check("5: 1verify10 2verifydisclose6 7disclose0", "6: 1verify99 7disclose0")
	})
}
