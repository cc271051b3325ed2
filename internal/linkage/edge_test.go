package linkage

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

// Registers and files of next to nothing are linked like any other, also where
// all that there is lies over the image.
func TestEdges(t *testing.T) {
	person := func(n int) []string {
		return []string{"", "مریم", "احمدی", "حسن", "1360-02-03", "77", "تهران", "female", ""}
	}
	record := func(n int) Record {
		v := person(n)
		v[SexColumn] = fmt.Sprintf("واژه %d", n) // a spelling that the image does not know
		return Record{Key: uint64(1_000_000_000 + n), State: 1, Version: 1, Values: v}
	}
	for _, made := range []int{0, 1, 2} {
		for _, over := range []int{0, 1, 20} {
			b := NewBuilder(Persian())
			for n := range made {
				r := record(n)
				if err := b.Add(&r); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(t.TempDir(), "image")
			if err := b.Write(context.Background(), path, nil, nil); err != nil {
				t.Fatal(err)
			}
			image, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer image.Close()
			r := image
			for n := range over { // one by one: each lies over the last
				r = r.Apply([]Record{record(100 + n), record(100 + n)})
			}
			if r.Len() != made+over {
				t.Fatalf("%d records of %d and %d", r.Len(), made, over)
			}
			for _, rows := range []int{0, 1, 50} {
				table := r.NewTable()
				for n := range rows {
					v := person(n)
					v[SexColumn] = fmt.Sprintf("واژه %d", 100+n%20)
					table.Add(2*n+1, v)
					table.Add(2*n+2, make([]string, len(v)))
				}
				result, err := table.Link(context.Background(), Options{Distinct: rows == 50})
				if err != nil || len(result.Outcomes) != 2*rows {
					t.Fatalf("%d outcomes of %d rows: %v", len(result.Outcomes), 2*rows, err)
				}
				for i := range result.Outcomes {
					if o := &result.Outcomes[i]; o.Linked() && (i%2 == 1 || made+over == 0) {
						t.Errorf("%d and %d records, row %d: %v", made, over, i, o.Status)
					}
					result.Explain(i)
				}
				if _, err := result.Model.MarshalJSON(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestProfileOfNoUse(t *testing.T) {
	for _, key := range []string{"born~", "born:2", "name.year", "no.day", "no~", "else"} {
		_, err := ParseProfile(fmt.Appendf(nil, `{"name": "x", "calendar": "", "script": "latin", "keys": [["%s"]],
			"columns": [{"name": "name", "kind": "name"}, {"name": "born", "kind": "date"}, {"name": "no", "kind": "number"}]}`, key))
		if err == nil {
			t.Errorf("a key of %s", key)
		}
	}
}
