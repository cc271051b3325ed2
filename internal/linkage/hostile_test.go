package linkage_test

import (
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
)

// nobodys is a number near p's that nobody has.
func (w *town) nobodys(p *person.Person) string {
	for serial := int64(p.Number)/10 + 3; ; serial++ {
		n := ids.NationalNumber(serial*10 + ids.CheckDigit(serial))
		if _, taken := w.r.Find(uint64(n)); !taken {
			return n.String()
		}
	}
}

// TestBareNumberSaysNothing: a number with nothing beside it that tells persons
// apart is the same row whether it is somebody's or nobody's, and so is what is
// told of the whole file.
func TestBareNumberSaysNothing(t *testing.T) {
	w := newTown(t)
	p := w.someone(0)
	number := linkage.Persian().ColumnNamed("shenasnameh_number")
	for _, beside := range []map[int]string{
		{},
		{linkage.Persian().ColumnNamed("sex"): p.Sex.String()},
		{linkage.Persian().ColumnNamed("sex"): p.Sex.String(), linkage.Persian().ColumnNamed("issue_place"): p.Shenasnameh.IssuePlace},
		{number: "itself"},
	} {
		told := func(n string) (linkage.Outcome, [3]float64) {
			row := make([]string, 9)
			row[linkage.NumberColumn] = n
			for c, v := range beside {
				if row[c] = v; v == "itself" {
					row[c] = n
				}
			}
			r, out := w.link(t, linkage.Options{}, row)
			return out[0], [3]float64{r.ExpectedFalse, r.Recall, r.Automatic}
		}
		is, file := told(p.Number.String())
		not, other := told(w.nobodys(p))
		if is.Status != linkage.TooSparse || is != not {
			t.Errorf("%v: somebody's number is %v, nobody's %v", beside, is, not)
		}
		if file != other {
			t.Errorf("%v: estimates of the file tell whether the number is somebody's: %v, %v", beside, file, other)
		}
	}
}

// TestProtectedLeaveNoTrace: rows that speak of a protected person, well or
// badly, once or twice, are all the same, and the file's figures do not count
// them.
func TestProtectedLeaveNoTrace(t *testing.T) {
	w := newTown(t)
	var p *person.Person
	for i := range w.people {
		if q := &w.people[i]; q.State == person.Protected && q.Born.Day > 1 && q.Father.Key != "" {
			p = q
			break
		}
	}
	if p == nil {
		t.Fatal("nobody is protected")
	}
	with := func(changes ...string) []string {
		v := recordOf(p).Values
		for i := 0; i < len(changes); i += 2 {
			v[linkage.Persian().ColumnNamed(changes[i])] = changes[i+1]
		}
		return v
	}
	rows := [][]string{
		with(), with(),
		with("national_number", "", "shenasnameh_number", "", "birth_date", "", "issue_place", ""),
		with("national_number", "", "shenasnameh_number", "", "father_name", "", "issue_place", "", "birth_date", p.Born.String()[:4]),
		with("birth_date", "1311-03-04"),
		with("birth_date", "", "given_name", "", "father_name", "", "shenasnameh_number", "", "issue_place", ""),
	}
	r, out := w.link(t, linkage.Options{}, rows...)
	for i, o := range out {
		if o.Status != linkage.Protected && o.Status != linkage.NotFound || o.DuplicateOf != 0 {
			t.Errorf("row %d: %v, duplicate of %d", i, o.Status, o.DuplicateOf)
		}
		if key, _ := r.Best(len(w.file) + i); key == uint64(p.Number) {
			t.Errorf("row %d: the best candidate is named", i)
		}
		for _, c := range r.Explain(len(w.file) + i).Candidates {
			if c.Key == uint64(p.Number) {
				t.Errorf("row %d: he stands among the candidates", i)
			}
		}
	}
	linked, counted := 0, 0
	for _, b := range r.Histogram {
		linked += b.Linked
	}
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; o.Linked() || o.Status == linkage.Duplicate {
			counted++
		}
	}
	if linked != counted {
		t.Errorf("the histogram counts %d linked rows, of %d that are told", linked, counted)
	}
}
