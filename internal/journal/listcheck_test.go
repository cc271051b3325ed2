package journal

import (
	"context"
	"slices"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestListsAreThoseOfTheLog takes entries out of the lists, puts some in where
// they do not belong and moves one to another person: each is found, and
// nothing else.
func TestListsAreThoseOfTheLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		ctx := context.Background()
		j := d.open()
		var last Proven
		for i := range 40 {
			e := entry(i)
			e.Agency = 14003552272
			if i%2 == 0 {
				e.Officer = KeyOf(e.Agency, "a.b")
			}
			if i%4 != 0 { // some are about nobody
				e.Subject = ids.NationalNumber(10_000_000*(1+i%3) + 9)
			}
			last = commit(t, j, e)
		}
		if err := j.projectOnceForTest(); err != nil {
			t.Fatal(err)
		}
		upTo, err := j.ListedUpTo(ctx)
		if err != nil || upTo[last.Origin] != last.Index+1 {
			t.Fatalf("complete up to %v, want %d: %v", upTo, last.Index+1, err)
		}
		j.Close()

		found := lists(t, url)
		if len(found.Faults) != 0 || found.Persons != 30 || found.Agencies != 40 || found.Officers != 20 {
			t.Fatalf("of right lists: %+v", found)
		}
		for _, c := range []struct {
			what  string
			list  int
			alter func([]item) []item
			want  int
		}{
			{"one is missing", listPerson, func(all []item) []item { return slices.Delete(all, 3, 4) }, 1},
			{"the last is missing", listAgency, func(all []item) []item { return all[:len(all)-1] }, 1},
			{"one of an officer's is missing", listOfficer, func(all []item) []item { return all[1:] }, 1},
			{"one stands twice", listPerson, func(all []item) []item { return append(all, all[0]) }, 1},
			{"one is in another's list", listPerson, func(all []item) []item { all[5].key += 10; return all }, 2},
			{"two change places", listPerson, func(all []item) []item { all[1].key, all[29].key = all[29].key, all[1].key; return all }, 4},
		} {
			right := rewrite(t, url, c.list, c.alter)
			if found := lists(t, url); len(found.Faults) != c.want {
				t.Errorf("%s: %d faults, want %d: %v", c.what, len(found.Faults), c.want, found.Faults)
			}
			rewrite(t, url, c.list, func([]item) []item { return right })
		}
		if found := lists(t, url); len(found.Faults) != 0 {
			t.Errorf("restored: %v", found.Faults)
		}
	})
}

func lists(t *testing.T, url string) *ListReport {
	t.Helper()
	r, err := FsckLists(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rewrite replaces the items of a list and returns the old ones.
func rewrite(t *testing.T, url string, list int, alter func([]item) []item) (old []item) {
	t.Helper()
	do(t, url, store.Projection, func(tx *store.Tx) error {
		c := &listChecker{report: &ListReport{}, lists: tx}
		old = old[:0]
		if err := c.each(list, func(i item) { old = append(old, i) }); err != nil {
			return err
		}
		var runs []int64
		err := tx.Each(listRuns, []any{list}, func(scan func(...any) error) error {
			var number, skip int64
			err := scan(&number, &skip, &skip)
			runs = append(runs, number)
			return err
		})
		for _, number := range runs {
			if err == nil {
				_, err = tx.Exec(deleteBlocks, number)
			}
			if err == nil {
				_, err = tx.Exec(deleteRun, number)
			}
		}
		if err != nil {
			return err
		}
		items := alter(slices.Clone(old))
		slices.SortFunc(items, item.compare)
		return addRun(tx, nodeHash("n1"), list, items)
	})
	return old
}
