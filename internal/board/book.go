package board

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Config names what a Book stands on.
type Config struct {
	DB    *store.DB
	Clock func() time.Time // nil: time.Now

	// Body tells for which of the four bodies an officer may sit in the board;
	// false if he is no member of any.
	Body func(agency ids.LegalID, login string) (body string, ok bool)
	// Known tells whether there is an agency of this id.
	Known func(agency ids.LegalID) bool
}

// Book reads and changes what the board keeps. It is safe for concurrent use.
type Book struct {
	c       Config
	decided *register.Snapshot[[]Decision] // in the order of their days, then as they were decided

	mu      sync.RWMutex
	effects map[string]effect
}

// effect is one that the program knows.
type effect struct {
	check     func(params json.RawMessage) error
	apply     func(tx *store.Tx, c *register.Change, params json.RawMessage) error
	authority string // whose decision it must be; "": anybody's
}

// noun is the board's in store.Bump.
const noun = "board"

// Open makes a Book.
func Open(ctx context.Context, c Config) (*Book, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	b := &Book{c: c, effects: map[string]effect{}}
	b.Obey(repeal, checkRepeal, nil)
	var err error
	b.decided, err = register.NewSnapshot(ctx, c.DB, noun, b.load)
	return b, err
}

// Obey registers an effect that the program knows. check refuses bad params, a
// JSON object, when a decision is drafted. apply carries it out in the
// decision's own transaction, which may run more than once; it may be nil for
// effects that are read (InForce).
func (b *Book) Obey(kind string, check func(params json.RawMessage) error, apply func(tx *store.Tx, c *register.Change, params json.RawMessage) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.effects[kind] = effect{check: check, apply: apply}
}

// Reserve says that only decisions of this authority can have an effect, which
// is known already.
func (b *Book) Reserve(kind, authority string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.effects[kind]
	e.authority = authority
	b.effects[kind] = e
}

func (b *Book) effect(kind string) (effect, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	e, ok := b.effects[kind]
	return e, ok
}

// Params reads an effect's params into v as strictly as a door reads its
// input. Fault: board.params.
func Params(params json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(params))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = more
		}
	}
	var own *fault.Error
	switch {
	case errors.As(err, &own):
		return own
	case err != nil:
		return fault.New(fault.Invalid, "board.params").Because(err)
	}
	return nil
}

// InForce is the decision with this effect that holds on a day: of those whose
// day has come and which nothing has repealed, the one with the latest day;
// of one day, the one decided last.
func (b *Book) InForce(kind string, on persian.Date) (*Decision, bool) {
	all := *b.decided.Get()
	for i := range slices.Backward(all) {
		if all[i].Effect.Kind == kind && all[i].on(on) {
			return &all[i], true
		}
	}
	return nil, false
}

// AllInForce are all decisions with this effect that hold on a day, those that
// overrule others last.
func (b *Book) AllInForce(kind string, on persian.Date) (all []*Decision) {
	decided := *b.decided.Get()
	for i := range decided {
		if decided[i].Effect.Kind == kind && decided[i].on(on) {
			all = append(all, &decided[i])
		}
	}
	return all
}

// load reads all that was decided.
func (b *Book) load(ctx context.Context) (*[]Decision, error) {
	var all []Decision
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		if err := tx.Each(decisionDecided, nil, func(scan func(...any) error) error {
			d, err := scanDecision(scan)
			all = append(all, d)
			return err
		}); err != nil {
			return err
		}
		return b.dates(tx, all)
	})
	for i := range all {
		if by := slices.IndexFunc(all, func(d Decision) bool { return d.ID == all[i].Repealed }); by >= 0 {
			all[i].Over = all[by].From
		}
	}
	return &all, err
}

// dates fills in the days of the sessions.
func (b *Book) dates(tx *store.Tx, all []Decision) error {
	for i := range all {
		s, err := sessionOf(tx, all[i].Session)
		if err != nil {
			return err
		}
		all[i].Date = s.Date
	}
	return nil
}

func (b *Book) today() persian.Date { return persian.DateOf(b.c.Clock()) }

func scanDecision(scan func(...any) error) (d Decision, err error) {
	var day, state, made, ended int64
	var params string
	var digest []byte
	err = scan(&d.ID, &d.Session, &d.Text, &d.Reference, &d.Authority, &d.Effect.Kind, &params, &day, &digest, &state, &made, &d.Member, &ended, &d.Repealed)
	if params != "" {
		d.Effect.Params = json.RawMessage(params)
	}
	d.From, d.State, d.SHA256 = persian.UnpackDate(int32(day)), State(state), hex.EncodeToString(digest)
	d.Made, d.Ended = store.Moment(made), store.Moment(ended)
	return d, err
}
