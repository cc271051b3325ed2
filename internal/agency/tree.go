package agency

import (
	"cmp"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Agencies stand in a tree: a ministry, the organisations below it, their
// bodies in the provinces. What a body may ask stands in its own agreements
// all the same; the tree says who answers for whom.

var (
	errParent = fault.New(fault.Invalid, "agency.parent").At("parent")
	errCycle  = fault.New(fault.Conflict, "agency.cycle").At("parent")
)

// above holds the body above an agency against the register: it is there and
// not closed, a national body stands below a national one only, a provincial
// one below a national one or one of its own province, and nobody below himself.
func above(tx *store.Tx, a *Agency) error {
	seen := map[ids.LegalID]bool{a.ID: true}
	for id := a.Parent; id != 0; {
		if seen[id] {
			return errCycle
		}
		seen[id] = true
		var up *Agency
		err := tx.Each(agencyByID, []any{int64(id)}, func(scan func(...any) error) (err error) {
			up, err = scanAgency(scan)
			return err
		})
		if err != nil {
			return err
		}
		if up == nil {
			return errParent
		}
		if id == a.Parent && (up.State == Closed || up.Province != "" && persian.Key(up.Province) != persian.Key(a.Province)) {
			return errParent
		}
		id = up.Parent
	}
	return nil
}

// Children lists the bodies right below an agency, by id; of 0 those that have
// no body above.
func (b *Book) Children(id ids.LegalID) (all []*Agency) {
	for _, a := range b.all.Get().agencies {
		if a.Parent == id {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(x, y *Agency) int { return cmp.Compare(x.ID, y.ID) })
	return all
}

// Under lists the whole of the tree below an agency, each body before those
// below it.
func (b *Book) Under(id ids.LegalID) (all []*Agency) {
	below := map[ids.LegalID][]*Agency{}
	for _, a := range b.Agencies() {
		below[a.Parent] = append(below[a.Parent], a)
	}
	var descend func(ids.LegalID)
	descend = func(id ids.LegalID) {
		for _, a := range below[id] {
			all = append(all, a)
			descend(a.ID)
		}
	}
	descend(id)
	return all
}
