package person

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/receipt"
)

// Reading is why somebody of the registry wants to see a person's record. The
// reading is an entry of the log before anything is shown, whether there is
// anything to show or not.
type Reading struct {
	Number ids.NationalNumber `json:"national_number"`
	Reason string             `json:"reason"` // code word
	File   string             `json:"file"`   // number of the dossier that needs it
}

func (in *Reading) check() error {
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	bad.text(&in.File, "file", true, maxFile)
	g := register.Grounds{Reason: in.Reason, Document: "-"}
	bad.Add("", g.Check())
	return bad.Err()
}

const maxFile = 200 // bytes

// ReadRecord shows the record as it stands.
func (b *Book) ReadRecord(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading) (*Person, journal.Proven, error) {
	return read(ctx, b, j, actor, in, "record", func() (*Person, *Person, bool, error) {
		p, found, err := b.ByNumber(ctx, in.Number)
		return p, p, found, err
	})
}

// ReadHistory shows a person's whole story, without what is sealed.
func (b *Book) ReadHistory(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading) (*Timeline, journal.Proven, error) {
	return b.readStory(ctx, j, actor, in, "history", false)
}

// ReadSealed shows a supervisor the story with what is sealed.
func (b *Book) ReadSealed(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading) (*Timeline, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.readStory(ctx, j, actor, in, "sealed", true)
}

func (b *Book) readStory(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading, what string, open bool) (*Timeline, journal.Proven, error) {
	return read(ctx, b, j, actor, in, what, func() (*Timeline, *Person, bool, error) {
		t, found, err := b.timeline(ctx, in.Number, open)
		if !found || err != nil {
			return nil, nil, found, err
		}
		return t, &t.Person, true, nil
	})
}

// read looks something up, records that it was read, and only then hands it
// out. A protected record is for supervisors.
func read[T any](ctx context.Context, b *Book, j *journal.Journal, actor journal.Actor, in *Reading, what string, look func() (T, *Person, bool, error)) (T, journal.Proven, error) {
	var nothing T
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nothing, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nothing, journal.Proven{}, err
	}
	seen, p, found, err := look()
	if err != nil {
		return nothing, journal.Proven{}, err
	}
	hidden := found && p.Hidden(actor)
	version := int64(0)
	if found && !hidden {
		version = p.Version
	}
	e := journal.Entry{Kind: receipt.RegisterReading, Body: in.appendBody(nil, actor, what, version), Subject: in.Number}
	proven, err := j.Commit(ctx, e)
	switch {
	case err != nil:
		return nothing, journal.Proven{}, err
	case !found:
		return nothing, journal.Proven{}, errUnknown.At("national_number")
	case hidden:
		return nothing, journal.Proven{}, ErrProtected
	}
	return seen, proven, nil
}

// Hidden reports whether a record is not for this actor's eyes: one that is
// protected is for supervisors.
func (p *Person) Hidden(actor journal.Actor) bool {
	return p.State == Protected && register.Only(actor, register.Supervisor) != nil
}

// ErrProtected refuses what would show a hidden record.
var ErrProtected = fault.New(fault.Forbidden, "person.protected")

// appendBody is what the journal says of a reading; version 0 says that nothing
// was shown.
func (in *Reading) appendBody(b []byte, actor journal.Actor, what string, version int64) []byte {
	b = actor.AppendTo(append(b, `"actor":`...))
	b = receipt.AppendString(append(b, `,"why":`...), in.Reason)
	b = append(append(append(b, `,"read":"`...), what...), `","national_number":"`...)
	b = receipt.AppendString(append(in.Number.AppendTo(b), `","file":`...), in.File)
	b = strconv.AppendBool(append(b, `,"result":`...), version != 0)
	if version != 0 {
		b = strconv.AppendInt(append(b, `,"register_version":`...), version, 10)
	}
	return b
}
