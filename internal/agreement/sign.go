package agreement

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Word is what somebody says of a draft's text, which he names by its digest.
type Word struct {
	Draft  int64  `json:"draft"`
	Digest string `json:"digest"` // SHA-256, hexadecimal
}

// Request hands a draft to the registry, by the head who answers for the
// agency. Every clause must say why it is needed and what could go wrong.
// Faults: agreement.signer, agreement.draft.unknown, agreement.draft.state,
// agreement.digest, agreement.missing, agreement.overlap, agreement.version,
// agreement.ended.
func (b *Book) Request(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Word) (*Draft, journal.Proven, error) {
	if err := b.asHead(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.step(ctx, j, actor, &stepping{
		id: in.Draft, digest: in.Digest, why: "requested", from: []DraftState{Drafted, Returned}, to: Requested,
		also: func(tx *store.Tx, c *register.Change, d *Draft) ([]byte, error) {
			if err := d.Form.complete(); err != nil {
				var bad fault.List
				bad.Add("text", err)
				return nil, bad.Err()
			}
			return nil, d.possible(tx, c)
		},
	})
}

// Review is the registry's word that the text may be signed: from here on it
// is fixed. Faults: agreement.draft.unknown, agreement.draft.state,
// agreement.digest, agreement.overlap, agreement.version, agreement.ended.
func (b *Book) Review(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Word) (*Draft, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.step(ctx, j, actor, &stepping{
		id: in.Draft, digest: in.Digest, why: "reviewed", from: []DraftState{Requested}, to: Reviewed,
		also: func(tx *store.Tx, c *register.Change, d *Draft) ([]byte, error) { return nil, d.possible(tx, c) },
	})
}

// Returning gives a draft back.
type Returning struct {
	Word
	Note string `json:"note"` // what is to be changed, in words
}

// Return gives a draft back to the agency with a reason, until it is
// countersigned: it may be changed again, and begins anew. Faults:
// agreement.draft.unknown, agreement.draft.state, agreement.digest,
// agreement.missing.
func (b *Book) Return(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Returning) (*Draft, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	words(&bad, "note", &in.Note)
	bad.When(in.Note == "", "note", "agreement.missing")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.step(ctx, j, actor, &stepping{
		id: in.Draft, digest: in.Digest, why: "returned", note: in.Note, from: []DraftState{Requested, Reviewed, Signed}, to: Returned,
	})
}

// Sign is the signature of the agency's head: under the digest of the reviewed
// text, with the certificate that is bound to him. Faults: agreement.signer,
// agreement.draft.unknown, agreement.draft.state, agreement.digest.
func (b *Book) Sign(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Word) (*Draft, journal.Proven, error) {
	if err := b.asHead(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.step(ctx, j, actor, &stepping{id: in.Draft, digest: in.Digest, why: "signed-by-agency", from: []DraftState{Reviewed}, to: Signed})
}

// Countersign puts a signed draft in force as a version, by a supervisor who is
// not the one who reviewed it. What begins before now begins now. Faults:
// agreement.signer.second, agreement.draft.unknown, agreement.draft.state,
// agreement.digest, agreement.overlap, agreement.version, agreement.ended,
// agreement.order.
func (b *Book) Countersign(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Word) (*Draft, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	d, err := b.draft(ctx, actor, in.Draft)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	why := "signed"
	if d.Agreement != 0 {
		why = "amended"
	}
	return b.step(ctx, j, actor, &stepping{
		id: in.Draft, digest: in.Digest, why: why, from: []DraftState{Signed}, to: Effective,
		also: func(tx *store.Tx, c *register.Change, d *Draft) ([]byte, error) {
			if d.reviewedBy(actor) {
				return nil, fault.New(fault.Forbidden, "agreement.signer.second")
			}
			a := d.agreement()
			a.From = later(a.From, c.At)
			if !a.From.Before(a.Until) {
				return nil, fault.New(fault.Conflict, "agreement.over").At("draft")
			}
			if err := next(tx, c, a); err != nil {
				return nil, err
			}
			d.Agreement, d.Version = a.ID, a.Version
			return append(a.body(), ','), nil
		},
	})
}

// asHead refuses who is not the head who answers for his agency.
func (b *Book) asHead(actor journal.Actor) error {
	if err := register.Only(actor, head); err != nil {
		return err
	}
	return b.signer(actor)
}

// reviewedBy reports whether the last review was the actor's.
func (d *Draft) reviewedBy(actor journal.Actor) (is bool) {
	for _, s := range d.Steps {
		if s.State == Reviewed {
			is = s.Agency == actor.Agency && s.Officer == actor.ID
		}
	}
	return is
}

// agreement is the version that the draft would become.
func (d *Draft) agreement() *Agreement {
	a := d.Form.agreement()
	a.ID, a.Version, a.Draft = d.Agreement, d.Version, d.ID
	return a
}

// possible refuses a draft that could not come into force as things stand.
func (d *Draft) possible(tx *store.Tx, c *register.Change) error {
	a := d.agreement()
	if a.ID != 0 {
		list, err := readAll(tx, agreementVersions, a.ID)
		if err != nil {
			return err
		}
		if err := follows(list, a); err != nil {
			return err
		}
	}
	if !c.At.Before(a.Until) {
		return fault.New(fault.Invalid, "agreement.over").At("text.until")
	}
	a.From = later(a.From, c.At)
	return overlap(tx, a)
}

func clauseAt(i int) string { return "clauses." + strconv.Itoa(i) }
