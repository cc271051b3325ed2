package agency

import (
	"context"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// do performs an act and takes its outcome into the snapshot.
func (b *Book) do(ctx context.Context, j *journal.Journal, a register.Act, change func(*store.Tx, *register.Change) ([]byte, error)) (journal.Proven, error) {
	a.Clock = b.clock
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		body, err := change(tx, c)
		if err == nil {
			err = store.Bump(tx, noun)
		}
		return body, err
	})
	if err == nil {
		err = b.all.Reload(ctx)
	}
	return proven, err
}

// Register takes an agency into the register (a.Version 0) or changes its name,
// area and place in the tree; its kind stays. On success a.Version is the new
// one. Faults: agency.version, agency.kind.fixed, agency.parent, agency.cycle.
func (b *Book) Register(ctx context.Context, j *journal.Journal, actor journal.Actor, a *Agency) (journal.Proven, error) {
	why := "change"
	if a.Version == 0 {
		why, a.Bound, a.State = "registration", true, max(a.State, Active)
	}
	if err := a.check(); err != nil {
		return journal.Proven{}, err
	}
	return b.save(ctx, j, actor, register.Grounds{Reason: why}, a)
}

// SetState suspends, resumes or closes an agency. Fault: agency.unknown.
func (b *Book) SetState(ctx context.Context, j *journal.Journal, actor journal.Actor, id ids.LegalID, s State, why string) (journal.Proven, error) {
	if s < Active || s > Closed {
		return journal.Proven{}, fault.New(fault.Invalid, "agency.state").At("state")
	}
	if err := b.all.Reload(ctx); err != nil {
		return journal.Proven{}, err
	}
	old, err := b.ByID(id)
	if err != nil {
		return journal.Proven{}, err
	}
	a := *old
	a.State = s
	return b.save(ctx, j, actor, register.Grounds{Reason: why}, &a)
}

func (b *Book) save(ctx context.Context, j *journal.Journal, actor journal.Actor, g register.Grounds, a *Agency) (journal.Proven, error) {
	act := register.Act{Kind: receipt.AgencyChange, Actor: actor, Why: g.Reason, Agency: a.ID}
	proven, err := b.do(ctx, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		return a.appendBody(nil, g.Document), put(tx, c, a)
	})
	if err == nil {
		a.Version++
	}
	return proven, err
}

// appendBody is what the journal says of an agency, and the paper it rests on.
func (a *Agency) appendBody(b []byte, document string) []byte {
	b = append(append(b, `"agency":{"id":"`...), a.ID.String()...)
	b = receipt.AppendString(append(b, `","name":`...), a.Name)
	for _, m := range [][2]string{{`,"kind":`, a.Kind}, {`,"province":`, a.Province}, {`,"county":`, a.County}, {`,"locality":`, a.Locality}, {`,"accountable":`, a.Accountable}} {
		if m[1] != "" || m[0] == `,"province":` {
			b = receipt.AppendString(append(b, m[0]...), m[1])
		}
	}
	if a.Parent != 0 {
		b = append(append(append(b, `,"parent":"`...), a.Parent.String()...), '"')
	}
	if !a.Bound {
		b = append(b, `,"bound":false`...)
	}
	b = append(append(append(b, `,"state":"`...), a.State.String()...), `"}`...)
	if document != "" {
		b = receipt.AppendString(append(b, `,"document":`...), document)
	}
	return b
}

var errVersion = fault.New(fault.Conflict, "agency.version")

// put writes the version after a.Version.
func put(tx *store.Tx, c *register.Change, a *Agency) error {
	var old *Agency
	err := tx.Each(agencyByID, []any{int64(a.ID)}, func(scan func(...any) error) (err error) {
		old, err = scanAgency(scan)
		return err
	})
	if err != nil {
		return err
	}
	if old == nil || old.Parent != a.Parent || old.Province != a.Province { // a body above may close later
		if err := above(tx, a); err != nil {
			return err
		}
	}
	if old == nil {
		if a.Version != 0 {
			return errVersion
		}
		_, err = tx.Exec(agencyInsert, int64(a.ID), a.Name, a.Kind, int64(a.Parent), a.Province, a.County, a.Locality,
			number(a.Bound), a.Accountable, int64(a.State), int64(1))
		if store.IsDuplicate(err) {
			err = errVersion.Because(err)
		}
		return err
	}
	if old.Version != a.Version {
		return errVersion
	}
	if old.Kind != a.Kind { // its officers' roles hang on it
		return fault.New(fault.Conflict, "agency.kind.fixed").At("kind")
	}
	_, err = tx.Exec(agencyHistory, int64(old.ID), old.Name, old.Kind, int64(old.Parent), old.Province, old.County, old.Locality,
		number(old.Bound), old.Accountable, int64(old.State), old.Version, c.Micros(), c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Act[:])
	if err != nil {
		return err
	}
	_, err = tx.Exec(agencyUpdate, a.Name, int64(a.Parent), a.Province, a.County, a.Locality, number(a.Bound), a.Accountable,
		int64(a.State), a.Version+1, int64(a.ID), a.Version)
	return err
}

func number(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// AddOfficer takes an officer into the register. Faults: agency.unknown,
// agency.officer.exists.
func (b *Book) AddOfficer(ctx context.Context, j *journal.Journal, actor journal.Actor, o *Officer) (journal.Proven, error) {
	if o.State == 0 {
		o.State = Active
	}
	return b.putOfficer(ctx, j, actor, "added", o.Agency, o.Login, func(old *Officer) (*Officer, error) {
		if old != nil {
			return nil, fault.New(fault.Conflict, "agency.officer.exists").At("login")
		}
		return o, nil
	})
}

// ChangeOfficer changes name, role, end or state of an officer; the password
// stays. Fault: agency.officer.unknown.
func (b *Book) ChangeOfficer(ctx context.Context, j *journal.Journal, actor journal.Actor, o *Officer) (journal.Proven, error) {
	return b.putOfficer(ctx, j, actor, "changed", o.Agency, o.Login, func(old *Officer) (*Officer, error) {
		if old == nil {
			return nil, errOfficer
		}
		changed := *o
		changed.PasswordHash = old.PasswordHash
		return &changed, nil
	})
}

// SetPassword gives an officer a new password. Faults: agency.password,
// agency.officer.unknown.
func (b *Book) SetPassword(ctx context.Context, j *journal.Journal, actor journal.Actor, agency ids.LegalID, login, password string) (journal.Proven, error) {
	hash, err := HashPassword(password)
	if err != nil {
		return journal.Proven{}, err
	}
	return b.putOfficer(ctx, j, actor, "password", agency, login, func(old *Officer) (*Officer, error) {
		if old == nil {
			return nil, errOfficer
		}
		changed := *old
		changed.PasswordHash = hash
		return &changed, nil
	})
}

func (b *Book) putOfficer(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, agency ids.LegalID, login string, change func(old *Officer) (*Officer, error)) (journal.Proven, error) {
	act := register.Act{Kind: receipt.OfficerChange, Actor: actor, Why: why, Agency: agency}
	return b.do(ctx, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		return putOfficer(tx, agency, login, change)
	})
}

// putOfficer writes what change makes of an officer (nil: there is none yet).
func putOfficer(tx *store.Tx, agency ids.LegalID, login string, change func(old *Officer) (*Officer, error)) ([]byte, error) {
	owner, err := read(tx, agency)
	if err != nil {
		return nil, err
	}
	var known *Officer
	err = tx.Each(officerOne, []any{int64(agency), login}, func(scan func(...any) error) (err error) {
		known, err = scanOfficer(scan)
		return err
	})
	if err != nil {
		return nil, err
	}
	o, err := change(known)
	if err != nil {
		return nil, err
	}
	if err := o.check(owner); err != nil {
		return nil, err
	}
	_, err = tx.Exec(officerPut, int64(o.Agency), o.Login, o.Name, o.Role, int64(o.Until.Pack()), int64(o.State), o.PasswordHash)
	return o.appendBody(nil), err
}

// read is the agency as it is in this transaction. Fault: agency.unknown.
func read(tx *store.Tx, id ids.LegalID) (a *Agency, err error) {
	err = tx.Each(agencyByID, []any{int64(id)}, func(scan func(...any) error) (err error) {
		a, err = scanAgency(scan)
		return err
	})
	if err == nil && a == nil {
		err = errAgency
	}
	return a, err
}

// appendBody is what the journal says of an officer: no name, no password.
func (o *Officer) appendBody(b []byte) []byte {
	b = append(append(b, `"agency":"`...), o.Agency.String()...)
	b = append(append(b, `","officer":"`...), o.Login...)
	b = append(append(b, `","role":"`...), o.Role...)
	b = append(append(b, `","until":"`...), o.Until.String()...)
	return append(append(append(b, `","state":"`...), o.State.String()...), '"')
}
