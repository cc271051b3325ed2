package deadline

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func date(t *testing.T, s string) persian.Date {
	t.Helper()
	d, err := persian.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The table of the law is whole: its words are known, its names are different,
// each has its text in both languages, and every clause of docs/law.md that has
// a deadline is there.
func TestLaw(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Law {
		if seen[d.Name] || d.Clause == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		if !slices.Contains([]string{Agencies, Registry, Post, Municipalities, Board, Planning, Persons}, d.Who) {
			t.Errorf("%s: who is %s?", d.Name, d.Who)
		}
		if !slices.Contains([]string{Months, Days, Monthly, Quarterly, Yearly, Always, Own, Repealed}, d.Unit) {
			t.Errorf("%s: what is %s?", d.Name, d.Unit)
		}
		if clock := d.Unit != Always && d.Unit != Own && d.Unit != Repealed; clock != (d.Start != "") || (d.Amount > 0) != (d.Unit == Months || d.Unit == Days) {
			t.Errorf("%+v", d)
		}
		if _, ok := starts[d.Start]; d.Start != "" && !ok {
			t.Errorf("%s counts from %s", d.Name, d.Start)
		}
		for _, lang := range []message.Lang{message.Fa, message.En} {
			if text := message.Text(lang, "deadline.text."+d.Name); text == "" || strings.Contains(text, "deadline.") {
				t.Errorf("%s: %q", d.Name, text)
			}
		}
	}
	text, err := os.ReadFile(filepath.FromSlash("../../docs/law.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		c := strings.Split(line, "|")
		if len(c) < 5 || strings.TrimSpace(c[1]) == "clause" || strings.HasPrefix(c[1], "-") {
			continue
		}
		if when := strings.TrimSpace(c[3]); when == "–" || strings.HasPrefix(when, "see ") {
			continue
		}
		rows++
		clause := strings.TrimSpace(c[1])
		if !slices.ContainsFunc(Law, func(d Deadline) bool { return d.Clause == clause }) {
			t.Errorf("%s has a deadline, and none here", clause)
		}
	}
	if rows < 15 {
		t.Errorf("%d rows of docs/law.md were read", rows)
	}
}

// The table of docs/deadlines.md is the data's.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../docs/deadlines.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, d := range Law {
		when, start := d.Unit, "–"
		if d.Amount > 0 {
			when = strconv.Itoa(d.Amount) + " " + d.Unit
		}
		if d.Start != "" {
			start = "`" + d.Start + "`"
		}
		want = append(want, strings.Join([]string{"`" + d.Name + "`", d.Clause, d.Who, when, start, message.Text(message.En, "deadline.text."+d.Name)}, " | "))
	}
	for line := range strings.Lines(string(text)) {
		if c := strings.Split(line, " | "); len(c) == 7 && strings.HasPrefix(line, "| `") {
			got = append(got, strings.TrimPrefix(strings.Join(c[:6], " | "), "| "))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, name := range slices.Sorted(maps.Keys(starts)) {
		if !strings.Contains(string(text), "| `"+name+"` | ") {
			t.Errorf("the page does not say when %s is", name)
		}
	}
}

// Days are counted in Jalali months, clipped at their ends; what recurs counts
// from the last time.
func TestDue(t *testing.T) {
	for _, c := range []struct {
		d                 Deadline
		start, last, want string
	}{
		{Deadline{Unit: Months, Amount: 1}, "1399-06-17", "", "1399-07-17"},
		{Deadline{Unit: Months, Amount: 1}, "1399-06-31", "", "1399-07-30"},
		{Deadline{Unit: Months, Amount: 6}, "1404-06-31", "", "1404-12-29"}, // 1404 is no leap year
		{Deadline{Unit: Months, Amount: 6}, "1403-06-31", "", "1403-12-30"}, // 1403 is
		{Deadline{Unit: Months, Amount: 12}, "1403-12-30", "", "1404-12-29"},
		{Deadline{Unit: Days, Amount: 10}, "1404-12-25", "", "1405-01-06"},
		{Deadline{Unit: Quarterly}, "1404-07-01", "", "1404-10-01"},
		{Deadline{Unit: Quarterly}, "1404-07-01", "1404-12-05", "1405-03-05"},
		{Deadline{Unit: Yearly}, "1399-06-17", "1404-12-29", "1405-12-29"},
		{Deadline{Unit: Monthly}, "1404-01-31", "", "1404-02-31"},
		{Deadline{Unit: Always}, "1404-01-31", "", ""},
		{Deadline{Unit: Months, Amount: 3}, "", "", ""},
	} {
		var start, last persian.Date
		if c.start != "" {
			start = date(t, c.start)
		}
		if c.last != "" {
			last = date(t, c.last)
		}
		if got := c.d.due(start, last).String(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// What is done in time is met, late is late, and what has not begun is neither.
func TestState(t *testing.T) {
	start, today := date(t, "1404-01-01"), date(t, "1404-03-01")
	once, often := Deadline{Unit: Months, Amount: 1}, Deadline{Unit: Monthly}
	for _, c := range []struct {
		d     Deadline
		s     Standing
		start persian.Date
		state string
		late  int
	}{
		{once, Standing{}, start, Late, 31},
		{once, Standing{Met: date(t, "1404-02-01")}, start, Met, 0},
		{once, Standing{Met: date(t, "1404-02-04")}, start, Met, 3},
		{once, Standing{Done: true}, start, Met, 0},
		{once, Standing{}, persian.Date{}, NotBegun, 0},
		{once, Standing{Met: start}, persian.Date{}, Met, 0},
		{once, Standing{Due: date(t, "1404-03-01")}, start, Running, 0},
		{once, Standing{Due: date(t, "1404-02-31")}, start, Late, 1},
		{often, Standing{Met: date(t, "1404-02-10")}, start, Running, 0},
		{often, Standing{Met: date(t, "1404-01-20")}, start, Late, 12},
		{often, Standing{}, persian.Date{}, NotBegun, 0},
		{Deadline{Unit: Own}, Standing{}, persian.Date{}, Met, 0},
		{Deadline{Unit: Own}, Standing{Open: 2, Due: date(t, "1404-02-30")}, persian.Date{}, Late, 2},
	} {
		if state, _, late := c.d.state(&c.s, c.start, today); state != c.state || late != c.late {
			t.Errorf("%+v %+v: %s, %d days", c.d, c.s, state, late)
		}
	}
}

// A day ends in Tehran: in the last minute of the last day nobody is late, a
// minute later he is.
func TestTehran(t *testing.T) {
	d, s := Deadline{Unit: Months, Amount: 1}, Standing{}
	start := date(t, "1404-01-01")
	midnight := date(t, "1404-02-02").Start() // 20:30 UTC of the day before
	for minutes, want := range map[int]string{-1: Running, 0: Late} {
		today := persian.DateOf(midnight.Add(time.Duration(minutes) * time.Minute))
		if state, _, _ := d.state(&s, start, today); state != want {
			t.Errorf("%d: %s", minutes, state)
		}
	}
}

// The board decides from which day clocks count; who may not see others sees
// his own; what nothing measures is never met.
func TestList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
		must(t, err)
		j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
		must(t, err)
		t.Cleanup(j.Close)
		db, err := store.Open(ctx, url, store.Register)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		agencies, err := agency.Open(ctx, db, nil)
		must(t, err)
		bank := boardtest.Agency(8)
		_, err = agencies.Register(ctx, j, journal.Actor{Role: register.System, ID: "test"}, &agency.Agency{ID: bank, Name: "بانک نمونه"})
		must(t, err)
		today := persian.DateOf(time.Now())
		other := boardtest.Agency(9)
		b := Open(Config{Board: boardtest.Open(t, db, nil), Agencies: agencies, Measures: map[string]Measure{
			"delivery": func(context.Context) ([]Standing, error) {
				return []Standing{{Agency: bank}, {Agency: other, Met: today.AddMonths(-6)}}, nil
			},
		}})
		member, head := boardtest.Member(0), journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "h"}
		one := func(who journal.Actor, f Filter) Clock {
			t.Helper()
			f.Deadline = "delivery"
			all, err := b.List(ctx, who, &f)
			must(t, err)
			if len(all) != 1 {
				t.Fatalf("%+v", all)
			}
			return all[0]
		}
		if c := one(member, Filter{}); c.State != NotBegun || c.Late != 0 || !c.Due.IsZero() {
			t.Errorf("%+v", c)
		}
		for _, bad := range []string{`{"name":"law_entry","day":"1404-01-01"}`, `{"name":"law-entry","day":"1404-01"}`, `{"name":"law-entry"}`, `{}`, `{"name":1}`} {
			if err := checkStart([]byte(bad)); err == nil {
				t.Error(bad)
			}
		}
		boardtest.Decide(t, b.c.Board, j, board.StartDate, `{"name":"law-entry","day":"`+today.AddMonths(-7).String()+`"}`, today, "")
		c := one(member, Filter{})
		if c.State != Late || c.Met != 1 || c.Late != 1 || c.Due != today.AddMonths(-7).AddMonths(6) || c.Lines[0].Agency != bank || c.Lines[0].Name != "بانک نمونه" {
			t.Errorf("%+v", c)
		}
		if c := one(head, Filter{}); len(c.Lines) != 1 || c.Lines[0].Agency != bank {
			t.Errorf("%+v", c)
		}
		missed, err := b.Missed(ctx, head, &Filter{})
		must(t, err)
		if len(missed) != 1 || missed[0].Line.Late < 28 {
			t.Errorf("%+v", missed)
		}
		// A later decision moves the day.
		boardtest.Decide(t, b.c.Board, j, board.StartDate, `{"name":"law-entry","day":"`+today.AddMonths(-1).String()+`"}`, today, "")
		if c := one(member, Filter{}); c.State != Running || c.Late != 0 {
			t.Errorf("%+v", c)
		}
		for _, s := range b.Starts() {
			if (s.Name == "law-entry") != (s.Decision != 0) || (s.Name == "circular") != (s.Day == date(t, "1399-06-17")) {
				t.Errorf("%+v", s)
			}
		}
		all, err := b.List(ctx, member, &Filter{})
		must(t, err)
		for _, c := range all {
			if c.Name != "delivery" && c.Name != "tariffs" && (c.State != NotMeasured || c.Met != 0) {
				t.Errorf("%+v", c)
			}
		}
		_, err = b.List(ctx, head, &Filter{Agency: other})
		if fault.Of(err).Key != "deadline.agency" {
			t.Error(err)
		}
		_, err = b.List(ctx, journal.Actor{Role: agency.RoleOfficer, Agency: bank}, &Filter{})
		if fault.Of(err).Key != "register.role" {
			t.Error(err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
