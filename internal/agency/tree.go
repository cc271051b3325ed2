package agency

import (
	"cmp"
	"errors"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
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
	seen, misplaced := map[ids.LegalID]bool{a.ID: true}, false
	for id := a.Parent; id != 0; {
		if seen[id] {
			return errCycle
		}
		seen[id] = true
		up, err := read(tx, id)
		if errors.Is(err, errAgency) {
			return errParent
		}
		if err != nil {
			return err
		}
		if id == a.Parent {
			misplaced = up.State == Closed || up.Province != "" && persian.Key(up.Province) != persian.Key(a.Province)
		}
		id = up.Parent
	}
	if misplaced {
		return errParent
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

// Listed is an agency as lists show it.
type Listed struct {
	ID          ids.LegalID `json:"agency"`
	Name        string      `json:"name"`
	Kind        string      `json:"kind,omitempty"`
	Level       string      `json:"level"`
	Parent      ids.LegalID `json:"parent,omitzero"`
	Province    string      `json:"province,omitempty"`
	County      string      `json:"county,omitempty"`
	Locality    string      `json:"locality,omitempty"`
	Bound       bool        `json:"bound"`
	Accountable string      `json:"accountable,omitempty"`
	State       string      `json:"state"`
	Version     int64       `json:"version"`
}

func (a *Agency) listed() *Listed {
	return &Listed{
		ID: a.ID, Name: a.Name, Kind: a.Kind, Level: a.Level(), Parent: a.Parent, Province: a.Province, County: a.County, Locality: a.Locality,
		Bound: a.Bound, Accountable: a.Accountable, State: a.State.String(), Version: a.Version,
	}
}

// overseers see every agency; highest officers their own.
var overseers = []string{register.Supervisor, register.Member, register.Inspector}

// seen is the agency that an actor means, if it is his to see: to an agency's
// own people another agency is not there.
func (b *Book) seen(actor journal.Actor, id ids.LegalID) (*Agency, error) {
	if !slices.Contains(overseers, actor.Role) {
		if id != 0 && id != actor.Agency {
			return nil, fault.Of(errAgency).At("agency")
		}
		id = actor.Agency
	}
	a, err := b.ByID(id)
	if err != nil {
		return nil, fault.Of(err).At("agency")
	}
	return a, nil
}

// See finds an agency: his own to a highest officer. Fault: agency.unknown.
func (b *Book) See(actor journal.Actor, in *One) (*Listed, error) {
	if err := register.Only(actor, append([]string{RoleHead}, overseers...)...); err != nil {
		return nil, err
	}
	a, err := b.seen(actor, in.Agency)
	if err != nil {
		return nil, err
	}
	return a.listed(), nil
}

// Filter chooses agencies.
type Filter struct {
	Province string      `json:"province"` // "": all
	State    string      `json:"state"`    // "": all
	After    ids.LegalID `json:"after"`    // the last one of the page before
	Limit    int         `json:"limit"`    // at most 1000; 0: 100
}

// List lists agencies by id; to a highest officer his own alone. Faults:
// agency.limit, agency.state.
func (b *Book) List(actor journal.Actor, f *Filter) ([]*Listed, error) {
	if err := register.Only(actor, append([]string{RoleHead}, overseers...)...); err != nil {
		return nil, err
	}
	var bad fault.List
	bad.When(f.Limit < 0 || f.Limit > 1000, "limit", "agency.limit")
	if f.State != "" {
		_, err := ParseState(f.State)
		bad.Add("state", err)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	all := []*Listed{}
	for _, a := range b.Agencies() {
		switch {
		case a.ID <= f.After, !slices.Contains(overseers, actor.Role) && a.ID != actor.Agency:
		case f.State != "" && f.State != a.State.String():
		case f.Province != "" && persian.Key(f.Province) != persian.Key(a.Province):
		case len(all) < cmp.Or(f.Limit, 100):
			all = append(all, a.listed())
		}
	}
	return all, nil
}

// Branch is a body in the tree.
type Branch struct {
	Listed
	Depth int `json:"depth"` // 0: the first of its tree
}

// Tree lists an agency and all below it, each body before those below it; of 0
// the whole country. A highest officer sees his own agency's. Fault: agency.unknown.
func (b *Book) Tree(actor journal.Actor, in *One) ([]Branch, error) {
	if err := register.Only(actor, append([]string{RoleHead}, overseers...)...); err != nil {
		return nil, err
	}
	var all []*Agency
	if in.Agency == 0 && slices.Contains(overseers, actor.Role) {
		all = b.Under(0)
	} else {
		a, err := b.seen(actor, in.Agency)
		if err != nil {
			return nil, err
		}
		all = append([]*Agency{a}, b.Under(a.ID)...)
	}
	branches := make([]Branch, len(all))
	depth := map[ids.LegalID]int{}
	for i, a := range all {
		if d, ok := depth[a.Parent]; ok {
			depth[a.ID] = d + 1
		} else {
			depth[a.ID] = 0
		}
		branches[i] = Branch{*a.listed(), depth[a.ID]}
	}
	return branches, nil
}
