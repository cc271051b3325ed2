package compliance

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// State is how an item stands.
type State uint8

// The states; rows store these numbers.
const (
	Undeclared State = 0 // nothing is declared
	Declared   State = 1 // and waits for an inspector
	Accepted   State = 2
	Returned   State = 3 // with a reason; it may be declared again
)

var states = [...]string{"open", "declared", "accepted", "returned"}

// String is the state's name.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *State) UnmarshalText(b []byte) error {
	i := slices.Index(states[:], string(b))
	if i < 0 {
		return fault.New(fault.Invalid, "compliance.word")
	}
	*s = State(i)
	return nil
}

// Item is one version of what an agency has done of one clause.
type Item struct {
	Agency   ids.LegalID  `json:"agency"`
	Clause   string       `json:"clause"`
	Version  int64        `json:"version"` // 1, 2, 3 …; 0: nothing is declared
	State    State        `json:"state"`
	Done     persian.Date `json:"done,omitzero"` // since when it is done
	Share    *float64     `json:"share,omitempty"`
	Document string       `json:"document,omitempty"`
	Paper    string       `json:"sha256,omitempty"` // of the paper that proves it
	Note     string       `json:"note,omitempty"`
	At       time.Time    `json:"at,omitzero"`
	By       string       `json:"by,omitempty"` // login
	Role     string       `json:"role,omitempty"`
}

// Declaration is what the highest officer declares.
type Declaration struct {
	Clause   string       `json:"clause"`
	Done     persian.Date `json:"done"`
	Share    *float64     `json:"share"`    // 0 to 1, where the clause has one
	Document string       `json:"document"` // number and date of the paper
	Paper    string       `json:"sha256"`   // of the paper's file
	Note     string       `json:"note"`
}

const (
	maxDocument = 200 // bytes
	maxText     = 1000
	perShare    = 10_000 // shares are stored in ten-thousandths
)

// Check tells all that is wrong with a declaration by itself.
func (d *Declaration) Check(today persian.Date) error {
	var bad fault.List
	c := clause(d.Clause)
	bad.When(c == nil, "clause", "compliance.clause")
	bad.When(!d.Done.Precise() || today.Compare(d.Done) < 0, "done", "compliance.done")
	if c != nil {
		bad.When(c.Share && d.Share == nil, "share", "compliance.share.missing")
		bad.When(!c.Share && d.Share != nil, "share", "compliance.share.none")
	}
	bad.When(d.Share != nil && !(*d.Share >= 0 && *d.Share <= 1), "share", "compliance.share")
	bad.Add("document", document(&d.Document))
	_, err := paper(d.Paper)
	bad.Add("sha256", err)
	bad.Add("note", text(&d.Note, false))
	return bad.Err()
}

// document checks the reference of a paper and cleans it.
func document(s *string) (err error) {
	if *s == "" || len(*s) > maxDocument {
		return fault.New(fault.Invalid, "register.document")
	}
	*s, err = persian.Display(*s)
	return err
}

// paper reads the SHA-256 of a paper.
func paper(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 {
		return nil, fault.New(fault.Invalid, "compliance.paper")
	}
	return b, nil
}

// text checks what somebody wrote and cleans it.
func text(s *string, must bool) (err error) {
	if *s, err = persian.Display(*s); err != nil {
		return err
	}
	if must && *s == "" || utf8.RuneCountInString(*s) > maxText {
		return fault.New(fault.Invalid, "compliance.text")
	}
	return nil
}

// Declare says in an agency's name that an item is done. Faults:
// compliance.clause, compliance.done, compliance.share and those of its form;
// compliance.concern where the clause is none of the agency's.
func (b *Book) Declare(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Declaration) (*Item, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(persian.DateOf(b.c.Clock())); err != nil {
		return nil, journal.Proven{}, err
	}
	if !b.concerns(clause(in.Clause), actor.Agency) {
		return nil, journal.Proven{}, fault.New(fault.Conflict, "compliance.concern").At("clause")
	}
	return b.act(ctx, j, actor, "declared", actor.Agency, in.Clause, func(i *Item) error {
		i.State, i.Done, i.Share, i.Document, i.Paper, i.Note = Declared, in.Done, in.Share, in.Document, in.Paper, in.Note
		return nil
	})
}

// Judgement is what an inspector finds of a declared item.
type Judgement struct {
	Agency  ids.LegalID `json:"agency"`
	Clause  string      `json:"clause"`
	Version int64       `json:"version"` // that he saw
	Accept  bool        `json:"accept"`
	Note    string      `json:"note"` // the reason, of a returned one
}

// Judge accepts a declared item or returns it with a reason, of another body than
// his own. Faults: compliance.clause, compliance.self, compliance.version,
// compliance.state.
func (b *Book) Judge(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Judgement) (*Item, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(clause(in.Clause) == nil, "clause", "compliance.clause")
	bad.When(in.Agency == 0, "agency", "compliance.missing")
	bad.Add("note", text(&in.Note, !in.Accept))
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	if in.Agency == actor.Agency {
		return nil, journal.Proven{}, fault.New(fault.Forbidden, "compliance.self")
	}
	why, state := "returned", Returned
	if in.Accept {
		why, state = "accepted", Accepted
	}
	return b.act(ctx, j, actor, why, in.Agency, in.Clause, func(i *Item) error {
		switch {
		case i.Version == 0:
			return fault.New(fault.NotFound, "compliance.undeclared").At("clause")
		case i.Version != in.Version:
			return fault.New(fault.Conflict, "compliance.version").At("version")
		case i.State != Declared:
			return fault.New(fault.Conflict, "compliance.state")
		}
		i.State, i.Note = state, in.Note
		return nil
	})
}

// act writes the next version of an item: change makes it of the newest one.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, of ids.LegalID, name string, change func(*Item) error) (*Item, journal.Proven, error) {
	i := &Item{}
	a := register.Act{Kind: receipt.Compliance, Actor: actor, Why: why, Agency: of, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		*i = Item{Agency: of, Clause: name}
		if err := tx.Each(itemNewest, []any{int64(of), name}, func(scan func(...any) error) error { return scanItem(scan, i) }); err != nil {
			return nil, err
		}
		if err := change(i); err != nil {
			return nil, err
		}
		i.Version++
		i.At, i.By, i.Role = c.At.UTC(), actor.ID, actor.Role
		sum, err := paper(i.Paper)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(itemInsert, int64(of), name, i.Version, int64(i.State), int64(i.Done.Pack()), i.share(), i.Document, sum, i.Note,
			c.Micros(), actor.Role, int64(actor.Agency), actor.ID, c.Act[:])
		if store.IsDuplicate(err) {
			err = fault.New(fault.Conflict, "compliance.version").Because(err)
		}
		if err == nil {
			err = i.queue(tx)
		}
		return i.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return i, proven, nil
}

// queue puts a declared item among those that wait, and takes a judged one out.
func (i *Item) queue(tx *store.Tx) (err error) {
	if i.State == Declared {
		_, err = tx.Exec(waitingPut, int64(i.Agency), i.Clause, i.Version, i.At.UnixMicro())
	} else {
		_, err = tx.Exec(waitingEnd, int64(i.Agency), i.Clause)
	}
	return err
}

func (i *Item) share() int64 {
	if i.Share == nil {
		return -1
	}
	return int64(*i.Share*perShare + 0.5)
}

// body is what the journal says of an item.
func (i *Item) body() []byte {
	b := receipt.AppendString([]byte(`"clause":`), i.Clause)
	b = strconv.AppendInt(append(b, `,"version":`...), i.Version, 10)
	b = append(append(append(b, `,"state":"`...), i.State.String()...), '"')
	if i.State == Declared {
		b = receipt.AppendString(append(b, `,"document":`...), i.Document)
		b = receipt.AppendString(append(b, `,"sha256":`...), i.Paper)
		if i.Share != nil {
			b = strconv.AppendInt(append(b, `,"share":`...), i.share(), 10)
		}
	}
	return b
}

func scanItem(scan func(...any) error, i *Item) error {
	var of, state, done, share, at int64
	var sum []byte
	err := scan(&of, &i.Clause, &i.Version, &state, &done, &share, &i.Document, &sum, &i.Note, &at, &i.Role, &i.By)
	i.Agency, i.State, i.Done, i.At = ids.LegalID(of), State(state), persian.UnpackDate(int32(done)), store.Moment(at)
	i.Paper, i.Share = hex.EncodeToString(sum), nil
	if share >= 0 {
		s := float64(share) / perShare
		i.Share = &s
	}
	return err
}
