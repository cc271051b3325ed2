package agreement

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// DelegationState is how far a delegation is.
type DelegationState uint8

// The states; rows store these numbers.
const (
	Proposed  DelegationState = 1 // by the principal's head
	Accepted  DelegationState = 2 // by the delegate's head
	Confirmed DelegationState = 3 // by a supervisor: in force on its days
	Over      DelegationState = 4 // ended by one of them
)

var delegationStates = [...]string{Proposed: "proposed", Accepted: "accepted", Confirmed: "in_force", Over: "ended"}

// String is the state's name in answers and records.
func (s DelegationState) String() string {
	if int(s) < len(delegationStates) {
		return delegationStates[s]
	}
	return ""
}

// MarshalText is String.
func (s DelegationState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Delegation lets one body ask in the name of another, under the other's
// agreement and within its quota.
type Delegation struct {
	ID        int64           `json:"delegation"`
	Principal ids.LegalID     `json:"principal"` // in whose name
	Delegate  ids.LegalID     `json:"delegate"`  // who asks
	Services  []string        `json:"services"`
	From      persian.Date    `json:"from"`
	Until     persian.Date    `json:"until"`     // its last day
	Reference string          `json:"reference"` // the paper that it rests on
	State     DelegationState `json:"state"`

	// Who did what when; logins of officers.
	Proposed    time.Time `json:"proposed"`
	ProposedBy  string    `json:"proposed_by"`
	Accepted    time.Time `json:"accepted,omitzero"`
	AcceptedBy  string    `json:"accepted_by,omitempty"`
	Confirmed   time.Time `json:"confirmed,omitzero"`
	ConfirmedBy string    `json:"confirmed_by,omitempty"`
	Ended       time.Time `json:"ended,omitzero"`
	EndedBy     string    `json:"ended_by,omitempty"`

	start, end time.Time // of the days, not before it was confirmed
}

type pair struct{ principal, delegate ids.LegalID }

// DelegationAt finds the delegation by which delegate may ask for a service in
// the name of principal at a moment. It takes no lock.
func (b *Book) DelegationAt(principal, delegate ids.LegalID, service string, at time.Time) (*Delegation, bool) {
	for _, d := range b.all.Get().inForce[pair{principal, delegate}] {
		if !at.Before(d.start) && at.Before(d.end) && slices.Contains(d.Services, service) {
			return d, true
		}
	}
	return nil, false
}

// delegate takes the delegations into the snapshot.
func (s *snapshot) delegate(all []*Delegation) {
	s.delegations, s.inForce = all, map[pair][]*Delegation{}
	for _, d := range all {
		if d.State == Confirmed {
			p := pair{d.Principal, d.Delegate}
			s.inForce[p] = append(s.inForce[p], d)
		}
	}
}

func readDelegations(tx *store.Tx, q *store.Query, args ...any) (all []*Delegation, err error) {
	err = tx.Each(q, args, func(scan func(...any) error) error {
		d := &Delegation{}
		var principal, delegate, from, until, state, proposed, accepted, confirmed, ended int64
		var services string
		err := scan(&d.ID, &principal, &delegate, &services, &from, &until, &d.Reference, &state,
			&proposed, &d.ProposedBy, &accepted, &d.AcceptedBy, &confirmed, &d.ConfirmedBy, &ended, &d.EndedBy)
		if err != nil {
			return err
		}
		d.Principal, d.Delegate, d.State = ids.LegalID(principal), ids.LegalID(delegate), DelegationState(state)
		d.From, d.Until = persian.UnpackDate(int32(from)), persian.UnpackDate(int32(until))
		d.start, d.end = later(d.From.Start(), store.Moment(confirmed)), d.Until.AddDays(1).Start()
		d.Proposed, d.Accepted, d.Confirmed, d.Ended = store.Moment(proposed), store.Moment(accepted), store.Moment(confirmed), store.Moment(ended)
		all = append(all, d)
		return json.Unmarshal([]byte(services), &d.Services)
	})
	return all, err
}
