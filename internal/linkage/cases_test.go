package linkage_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// town is a register and a file about it, to which tests add rows of their own.
type town struct {
	r      *linkage.Register
	people []person.Person
	file   [][]string
}

func newTown(t *testing.T) *town {
	t.Helper()
	people := synth.New(synth.Config{Seed: 12, Persons: 20_000, Places: 6000})
	w := &town{r: registerOf(t, people)}
	for p := range people.Persons() {
		if (synth.Dirt{}).InRegister(int64(p.Number)) {
			w.people = append(w.people, p)
		}
	}
	for row := range people.DirtyRows(synth.Dirt{Seed: 3, Rows: 1500}) {
		w.file = append(w.file, row.Values[:])
	}
	return w
}

// someone is the n-th active grown-up of whom all is on record and whose full
// name nobody shares.
func (w *town) someone(n int) *person.Person {
	names := map[string]int{}
	for i := range w.people {
		names[w.people[i].Given.Key+" "+w.people[i].Surname.Key]++
	}
	for i := range w.people {
		p := &w.people[i]
		if p.State == person.Active && p.Born.Year < 1367 && p.Born.Year > 1340 && p.Shenasnameh.Number != 0 && p.Father.Key != "" &&
			p.Number > 1e9 && names[p.Given.Key+" "+p.Surname.Key] == 1 && p.Born.Day > 1 {
			if n--; n < 0 {
				return p
			}
		}
	}
	return nil
}

// link links rows in the company of the file.
func (w *town) link(t *testing.T, o linkage.Options, rows ...[]string) (*linkage.Result, []linkage.Outcome) {
	t.Helper()
	table := w.r.NewTable()
	for i, row := range append(slices.Clone(w.file), rows...) {
		table.Add(i+1, row)
	}
	r, err := table.Link(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r, r.Outcomes[len(w.file):]
}

func TestStatuses(t *testing.T) {
	w := newTown(t)
	p, other := w.someone(0), w.someone(40)
	full := func() []string { return recordOf(p).Values }
	with := func(changes ...string) []string {
		v := full()
		for i := 0; i < len(changes); i += 2 {
			v[linkage.Persian().ColumnNamed(changes[i])] = changes[i+1]
		}
		return v
	}
	slipped := func(n string) string { // its third digit is another
		d := byte('0' + (n[2]-'0'+4)%10)
		return n[:2] + string(d) + n[3:]
	}
	dead := func(s person.State) []string {
		for i := range w.people {
			if q := &w.people[i]; q.State == s && q.Born.Day > 1 && q.Father.Key != "" {
				return recordOf(q).Values
			}
		}
		t.Fatal("nobody in that state")
		return nil
	}
	for _, c := range []struct {
		name string
		row  []string
		want linkage.Status
		key  bool // the person's key is told
	}{
		{"as it is on record", full(), linkage.Verified, true},
		{"Arabic letters, Persian digits", with("birth_date", persian.Digits(p.Born.String()), "surname", strings.ReplaceAll(p.Surname.Display, "ی", "ي")), linkage.Verified, true},
		{"a Gregorian date", with("birth_date", p.Born.Gregorian().Format("2006/01/02")), linkage.Verified, true},
		{"year only", with("birth_date", p.Born.String()[:4]), linkage.Verified, true},
		{"no number", with("national_number", ""), linkage.Corrected, true},
		{"a digit of the number is another", with("national_number", slipped(p.Number.String())), linkage.Corrected, true},
		{"somebody else's number", with("national_number", other.Number.String()), linkage.Corrected, true},
		{"another place of issue", with("issue_place", other.Shenasnameh.IssuePlace+" نو"), linkage.Discrepant, true},
		{"who has died", dead(person.Deceased), linkage.Deceased, true},
		{"a given name alone", []string{"", p.Given.Display, "", "", "", "", "", "", ""}, linkage.TooSparse, false},
		{"nothing at all", make([]string, 9), linkage.TooSparse, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, out := w.link(t, linkage.Options{}, c.row)
			if o := out[0]; o.Status != c.want {
				t.Errorf("%v, want %v (probability %v)", o.Status, c.want, o.Probability)
			} else if c.key && c.want != linkage.Deceased && o.Key != uint64(p.Number) {
				t.Error("somebody else's number")
			} else if !c.key && o.Key != 0 {
				t.Error("a row that is not linked names somebody")
			}
		})
	}
}

// A twin shares surname, father, place, day of birth, even the number of the
// house. A row of a twin who is not registered must not become his brother's.
func TestTwinIsNotMerged(t *testing.T) {
	w := newTown(t)
	p := w.someone(3)
	for _, name := range []string{"هوشنگ", "فرامرز", "کیومرث"} {
		if name == p.Given.Display {
			continue
		}
		row := recordOf(p).Values
		row[linkage.NumberColumn], row[linkage.ShenasnamehColumn], row[linkage.GivenColumn] = "", "", name
		_, out := w.link(t, linkage.Options{}, row)
		if out[0].Linked() {
			t.Errorf("%v with probability %v", out[0].Status, out[0].Probability)
		}
	}
}

// A number alone proves nothing: whoever writes his brother's is not his brother.
func TestNumberAloneLinksNobody(t *testing.T) {
	w := newTown(t)
	p, q := w.someone(5), w.someone(17)
	row := recordOf(p).Values
	row[linkage.GivenColumn], row[linkage.BirthColumn], row[linkage.ShenasnamehColumn] = q.Given.Display, q.Born.String(), ""
	_, out := w.link(t, linkage.Options{}, row)
	if out[0].Linked() {
		t.Errorf("%v", out[0].Status)
	}
}

func TestDuplicatesAndCoverage(t *testing.T) {
	w := newTown(t)
	p := w.someone(8)
	weaker := recordOf(p).Values
	weaker[linkage.PlaceColumn], weaker[linkage.SexColumn] = "", ""
	_, out := w.link(t, linkage.Options{}, weaker, recordOf(p).Values)
	if out[0].Status != linkage.Duplicate || out[0].DuplicateOf != out[1].Row || out[1].Status != linkage.Verified {
		t.Errorf("%v of row %d, and %v", out[0].Status, out[0].DuplicateOf, out[1].Status)
	}
	_, out = w.link(t, linkage.Options{Allowed: func(key uint64) bool { return key != uint64(p.Number) }}, recordOf(p).Values)
	if out[0].Status != linkage.NotCovered || out[0].Linked() {
		t.Errorf("%v of a person who is not covered", out[0].Status)
	}
}

// What has changed since the image was made lies over it.
func TestOverlay(t *testing.T) {
	w := newTown(t)
	p := w.someone(9)
	renamed := recordOf(p)
	renamed.Values[linkage.SurnameColumn], renamed.Version = "نوآوران سپیدرود", 2
	changed := w.r.Apply([]linkage.Record{*recordOf(p), *renamed})
	if changed.Len() != w.r.Len() {
		t.Errorf("%d records of %d", changed.Len(), w.r.Len())
	}
	if rec, ok := changed.Find(uint64(p.Number)); !ok || rec.Version != 2 {
		t.Error("the change is not found by its key")
	}
	old := w.r
	w.r = changed
	row := slices.Clone(renamed.Values)
	row[linkage.NumberColumn] = ""
	_, out := w.link(t, linkage.Options{}, row)
	if out[0].Status != linkage.Corrected || out[0].Version != 2 {
		t.Errorf("by the new name: %v, version %d", out[0].Status, out[0].Version)
	}
	w.r = old
	if _, out = w.link(t, linkage.Options{}, row); out[0].Status == linkage.Corrected {
		t.Error("the image itself has changed")
	}
}

// The weights that an explanation shows are the ones that decided.
func TestExplain(t *testing.T) {
	w := newTown(t)
	r, out := w.link(t, linkage.Options{}, recordOf(w.someone(2)).Values)
	e := r.Explain(len(w.file))
	if len(e.Candidates) == 0 || e.Candidates[0].Key != out[0].Key {
		t.Fatal("the best candidate is another one")
	}
	sum := 0.
	for _, c := range e.Candidates[0].Columns {
		sum += c.Weight
	}
	if whole := e.Candidates[0].Weight; math.Abs(sum-whole) > 2.5 { // both names together say less than each
		t.Errorf("columns weigh %.2f bits, the candidate %.2f", sum, whole)
	}
	if len(e.Candidates) > 3 || !slices.Contains(e.Values, w.someone(2).Given.Display) {
		t.Error("values or candidates")
	}
}

func TestIsotonic(t *testing.T) {
	var points []linkage.Point
	for i := range 1000 { // right half as often as estimated
		p := float64(i%100) / 100
		points = append(points, linkage.Point{Probability: p, True: float64(i/100)/10+.05 < p/2})
	}
	c := linkage.Isotonic(points)
	last := -1.
	for p := 0.; p <= 1; p += .01 {
		at := c.At(p)
		if at < last {
			t.Fatalf("falls at %.2f", p)
		}
		if math.Abs(at-p/2) > .08 {
			t.Errorf("%.2f at %.2f", at, p)
		}
		last = at
	}
	data, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var again linkage.Curve
	if err := again.UnmarshalJSON(data); err != nil || again.At(.7) != c.At(.7) {
		t.Error("the curve is another one when it is read back")
	}
	if (*linkage.Curve)(nil).At(.3) != .3 {
		t.Error("no curve changes something")
	}
	if err := again.UnmarshalJSON([]byte(`{"estimated":[0.5,0.1],"shown":[0,1]}`)); err == nil {
		t.Error("a curve that falls is read")
	}
}
