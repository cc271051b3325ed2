package notice

import (
	"cmp"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/store"
)

// pile is what letters, or persons without an address, are counted by.
type pile struct {
	campaign int64
	province string
	state    LetterState // 0: persons without an address
	reason   Reason
	lack     Lack
}

func (l *Letter) pile() pile {
	return pile{campaign: l.Campaign, province: l.Province, state: l.State, reason: l.Reason}
}

// tally is what a transaction adds to the counts and takes from them. It is
// written in the same transaction, so that the counts are always those of the
// letters: nobody has to count a hundred million of them to see how far a
// campaign is.
type tally map[pile]int64

// write puts the tally into the rows, in one order for all transactions:
// otherwise two that meet would wait for each other.
func (t tally) write(tx *store.Tx) error {
	order := slices.SortedFunc(maps.Keys(t), func(a, b pile) int {
		return cmp.Or(cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.province, b.province),
			cmp.Compare(a.state, b.state), cmp.Compare(a.reason, b.reason), cmp.Compare(a.lack, b.lack))
	})
	for _, p := range order {
		if t[p] == 0 {
			continue
		}
		if _, err := tx.Exec(tallyAdd, p.campaign, p.province, int64(p.state), int64(p.reason), int64(p.lack), t[p]); err != nil {
			return err
		}
	}
	return nil
}
