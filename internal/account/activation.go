package account

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// An officer comes to the console like this: who delegates to him has a code
// made and hands it over, on paper or in person; with the code he chooses his
// password, which nobody else ever knows, and sets a second factor before
// anything else. Who has lost his second factor is brought back to this
// beginning: all that he had ends, the password too.

// activationFor is how long a code opens.
const activationFor = 72 * time.Hour

// Activation is a code as its maker hands it over. It is told once.
type Activation struct {
	Who
	Name string
	Code string
	Ends time.Time
}

// mayHelp says who may do this to an officer's account: his highest officer,
// though neither to himself nor to the one who answers for the agency; a
// supervisor of the registry to the highest officers of agencies that keep no
// register; the operator to all. It is who can give the delegation itself, so no
// new power comes with it.
func (b *Book) mayHelp(actor journal.Actor, w Who) (*agency.Officer, error) {
	if err := register.Only(actor, agency.RoleHead, register.Supervisor, register.Operator); err != nil {
		return nil, err
	}
	a, err := b.agencies.ByID(w.Agency)
	if err != nil {
		return nil, err
	}
	o, err := b.agencies.Officer(w.Agency, w.Login)
	switch {
	case actor.Role == agency.RoleHead && actor.Agency != w.Agency:
		return nil, fault.New(fault.NotFound, "agency.officer.unknown").At("officer")
	case err != nil:
		return nil, fault.Of(err).At("officer")
	case actor.Role == agency.RoleHead && w.Login == actor.ID:
		return nil, fault.New(fault.Forbidden, "agency.self").At("officer")
	case actor.Role == agency.RoleHead && w.Login == a.Accountable:
		return nil, fault.New(fault.Forbidden, "agency.accountable").At("officer")
	case actor.Role == register.Supervisor && (o.Role != agency.RoleHead || a.Kind != "" && a.Kind != agency.KindMunicipality):
		return nil, fault.New(fault.Forbidden, "account.not_yours").At("officer")
	}
	return o, nil
}

// Invite makes the code with which an officer who has no password yet sets one.
// An older code that was not used ends. Faults: agency.officer.unknown,
// account.ended, account.active, and of who may not.
func (b *Book) Invite(ctx context.Context, j *journal.Journal, actor journal.Actor, w Who) (*Activation, journal.Proven, error) {
	if err := b.agencies.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	o, err := b.mayHelp(actor, w)
	if err == nil {
		_, _, err = b.find(w)
	}
	if err == nil && o.PasswordHash != "" {
		err = fault.New(fault.Conflict, "account.active").At("officer")
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out := &Activation{Who: w, Name: o.Name, Code: ids.NewSecret()}
	p, err := b.do(ctx, j, actor, "activation", event{of: w, factor: "activation", state: "made"}, func(tx *store.Tx, c *register.Change) error {
		return out.put(tx, c)
	})
	return out, p, err
}

func (a *Activation) put(tx *store.Tx, c *register.Change) error {
	if _, err := tx.Exec(activationVoid, c.Micros(), int64(a.Agency), a.Login); err != nil {
		return err
	}
	a.Ends = c.At.Add(activationFor)
	hash := ids.HashSecret("activation", a.Code)
	_, err := tx.Exec(activationInsert, hash[:], int64(a.Agency), a.Login, c.Micros(), a.Ends.UnixMicro())
	return err
}

// Reset ends all by which an officer signs in, the password too, and all his
// sessions, and makes the code with which he begins anew. reason is a code word,
// such as lost-phone. Faults as of Invite, and register.reason.
func (b *Book) Reset(ctx context.Context, j *journal.Journal, actor journal.Actor, w Who, reason string) (*Activation, journal.Proven, error) {
	if !ids.IsToken(reason) || len(reason) > 40 {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "register.reason").At("reason")
	}
	if err := b.agencies.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	o, err := b.mayHelp(actor, w)
	if err == nil {
		_, _, err = b.find(w)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out := &Activation{Who: w, Name: o.Name, Code: ids.NewSecret()}
	proven, err := b.withPassword(ctx, j, actor, reason, event{of: w, factor: "all", state: "reset"}, "", func(tx *store.Tx, c *register.Change) error {
		for _, q := range []*store.Query{accountClear, recoveryClear, passkeyClear, linkClear} {
			if _, err := tx.Exec(q, w.args()...); err != nil {
				return err
			}
		}
		if err := b.endAll(tx, w); err != nil {
			return err
		}
		return out.put(tx, c)
	})
	return out, proven, err
}

// withPassword is two acts at once: a change of factors, and of the password.
func (b *Book) withPassword(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, e event, hash string, change func(*store.Tx, *register.Change) error) (journal.Proven, error) {
	acts := []register.Act{b.act(actor, why, e.of), b.act(actor, "password", e.of)}
	acts[1].Kind = receipt.OfficerChange
	proven, err := register.DoAll(ctx, b.db, j, acts, func(tx *store.Tx, i int, c *register.Change) ([]byte, error) {
		if i == 0 {
			return e.body(), change(tx, c)
		}
		return agency.PutPassword(tx, e.of.Agency, e.of.Login, hash)
	})
	if err != nil {
		return journal.Proven{}, err
	}
	return proven[0], b.agencies.Reload(ctx)
}

// errActivation is all that a wrong, used or late code is told.
var errActivation = fault.New(fault.NotFound, "account.activation").At("code")

// Invited tells whose a code is, so that he sees it before he chooses a
// password. Fault: account.activation.
func (b *Book) Invited(ctx context.Context, code string) (*agency.Agency, *agency.Officer, error) {
	if len(code) > 60 {
		return nil, nil, errActivation
	}
	hash := ids.HashSecret("activation", code)
	var w Who
	var of int64
	found := false
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.One(activationFind, []any{hash[:], b.clock().UnixMicro()}, &of, &w.Login)
		return err
	})
	if err == nil && !found {
		err = errActivation
	}
	if err != nil {
		return nil, nil, err
	}
	w.Agency = ids.LegalID(of)
	a, o, err := b.find(w)
	if err != nil {
		return nil, nil, errActivation
	}
	return a, o, nil
}

// Activate sets the password of a code's holder. The code is used up, also when
// two requests bring it at once; a password that cannot be taken leaves it as it
// was. The holder is at NeedsFactor then. Faults: account.activation,
// agency.password.
func (b *Book) Activate(ctx context.Context, j *journal.Journal, code, password string) (*agency.Officer, journal.Proven, error) {
	_, o, err := b.Invited(ctx, code)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	hashed, err := agency.HashPassword(password)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	w := Who{o.Agency, o.Login}
	hash := ids.HashSecret("activation", code)
	actor := journal.Actor{Role: o.Role, Agency: o.Agency, ID: o.Login}
	p, err := b.withPassword(ctx, j, actor, "activation", event{of: w, factor: "activation", state: "used"}, hashed, func(tx *store.Tx, c *register.Change) error {
		n, err := tx.Exec(activationUse, c.Micros(), hash[:], c.Micros())
		if err == nil && n != 1 {
			err = errActivation
		}
		if err != nil {
			return err
		}
		return b.endAll(tx, w)
	})
	if err != nil {
		return nil, p, err
	}
	o, err = b.agencies.Officer(w.Agency, w.Login)
	return o, p, err
}
