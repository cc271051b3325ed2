package linkage_test

import (
	"path/filepath"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// recordOf writes a person as the image takes him.
func recordOf(p *person.Person) *linkage.Record {
	r := &linkage.Record{Key: uint64(p.Number), State: uint8(p.State), Version: 1}
	booklet := ""
	if p.Shenasnameh.Number != 0 {
		booklet = p.Shenasnameh.Number.String()
	}
	postal := ""
	if p.Postal != 0 {
		postal = p.Postal.String()
	}
	r.Values = []string{
		p.Number.String(), p.Given.Display, p.Surname.Display, p.Father.Display, p.Born.String(),
		booklet, p.Shenasnameh.IssuePlace, p.Sex.String(), postal,
	}
	return r
}

// registerOf is the image of the register that files of the population are about.
func registerOf(t *testing.T, people *synth.Population) *linkage.Register {
	t.Helper()
	b := linkage.NewBuilder(linkage.Persian())
	for p := range people.Persons() {
		if !(synth.Dirt{}).InRegister(int64(p.Number)) {
			continue
		}
		if err := b.Add(recordOf(&p)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "register.image")
	if err := b.Write(t.Context(), path, nil, nil); err != nil {
		t.Fatal(err)
	}
	r, err := linkage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// judged is how a linkage did against the truth.
type judged struct {
	right, wrong, missed int // linked to the person; to somebody else; in the register and not linked
}

func (j *judged) precision() float64 { return float64(j.right) / float64(max(1, j.right+j.wrong)) }
func (j *judged) recall() float64    { return float64(j.right) / float64(max(1, j.right+j.missed)) }
func (j *judged) f1() float64 {
	return 2 * float64(j.right) / float64(max(1, 2*j.right+j.wrong+j.missed))
}

func judge(t *testing.T, rows []*synth.DirtyRow, r *linkage.Result) judged {
	t.Helper()
	if len(r.Outcomes) != len(rows) {
		t.Fatalf("%d outcomes of %d rows", len(r.Outcomes), len(rows))
	}
	keys := map[int]uint64{}
	for i := range r.Outcomes {
		keys[r.Outcomes[i].Row] = r.Outcomes[i].Key
	}
	var j judged
	for i := range r.Outcomes {
		o, row := &r.Outcomes[i], rows[i]
		if o.Row != row.ID {
			t.Fatalf("outcome %d is of row %d", i, o.Row)
		}
		key := o.Key
		if o.Status == linkage.Duplicate {
			key = keys[o.DuplicateOf]
		}
		switch {
		case key == 0 && row.Truth != 0:
			j.missed++
		case key == 0:
		case ids.NationalNumber(key) == ids.NationalNumber(row.Truth):
			j.right++
		default:
			j.wrong++
			if row.Truth != 0 {
				j.missed++
			}
		}
	}
	return j
}

// TestSyntheticFile links what an agency might hand in, and asks of it what a
// user would notice.
func TestSyntheticFile(t *testing.T) {
	people := synth.New(synth.Config{Seed: 11, Persons: 20_000, Places: 6000})
	r := registerOf(t, people)
	for _, c := range []struct {
		name          string
		dirt          synth.Dirt
		f1, precision float64
	}{
		{"usual", synth.Dirt{Seed: 1, Rows: 4000}, 0.99, 0.999},
		{"noisy, without numbers", synth.Dirt{Seed: 2, Rows: 4000, Noise: 200, NoNumbers: true}, 0.97, 0.999},
	} {
		t.Run(c.name, func(t *testing.T) {
			var rows []*synth.DirtyRow
			table := r.NewTable()
			for row := range people.DirtyRows(c.dirt) {
				rows = append(rows, row)
				table.Add(row.ID, row.Values[:])
			}
			result, err := table.Link(t.Context(), linkage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			j := judge(t, rows, result)
			t.Logf("%d right, %d wrong, %d missed: F1 %.4f, precision %.4f, recall %.4f; expected false %.1f (%.1f to %.1f), recall %.4f; %v",
				j.right, j.wrong, j.missed, j.f1(), j.precision(), j.recall(), result.ExpectedFalse, result.FalseLow, result.FalseHigh, result.Recall, result.Counts)
			if j.f1() < c.f1 || j.precision() < c.precision {
				t.Errorf("F1 %.4f and precision %.4f, want %.4f and %.4f", j.f1(), j.precision(), c.f1, c.precision)
			}
		})
	}
}
