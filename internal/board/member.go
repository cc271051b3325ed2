package board

import (
	"context"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// readers may see what the board keeps.
var readers = []string{register.Member, register.Inspector, register.Supervisor, register.Clerk, register.Post}

// Appointment makes an officer of one of the four bodies a member, by his
// body's letter.
type Appointment struct {
	Agency ids.LegalID  `json:"agency"`
	Login  string       `json:"login"`
	Office string       `json:"office"` // chair, secretary or nothing
	From   persian.Date `json:"from"`
	Until  persian.Date `json:"until"`
	register.Grounds
}

// Appoint registers a membership. Whom a body sends is the body's business, so
// the officer must already be its member in the register of agencies; the
// registry's supervisor keeps the list. Faults: board.body, board.member.twice,
// board.office.taken.
func (b *Book) Appoint(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Appointment) (*Member, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", in.Check())
	bad.When(in.Agency == 0, "agency", "board.missing")
	bad.When(in.Login == "", "login", "board.missing")
	bad.When(!slices.Contains([]string{"", Chair, Secretary}, in.Office), "office", "board.word")
	bad.When(!in.From.Precise(), "from", "board.day")
	bad.When(!in.Until.Precise() || in.Until.Compare(in.From) < 0, "until", "board.until")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	body, ok := b.c.Body(in.Agency, in.Login)
	if !ok || !slices.Contains(Bodies, body) {
		return nil, journal.Proven{}, fault.New(fault.Conflict, "board.body").At("login")
	}
	m := &Member{
		Body: body, Agency: in.Agency, Login: in.Login, Office: in.Office, From: in.From, Until: in.Until,
		Reason: in.Reason, Document: in.Document,
	}
	proven, err := b.do(ctx, j, actor, "board-member", func(tx *store.Tx, c *register.Change) ([]byte, error) {
		all, err := members(tx)
		if err != nil {
			return nil, err
		}
		if err := m.collides(all); err != nil {
			return nil, err
		}
		if m.ID, err = next(tx, memberLast); err != nil {
			return nil, err
		}
		_, err = tx.Exec(memberInsert, m.ID, m.Body, int64(m.Agency), m.Login, m.Office, int64(m.From.Pack()), int64(m.Until.Pack()), m.Reason, m.Document, c.Act[:])
		return m.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return m, proven, nil
}

// collides refuses a membership of who is a member in that time, and an office
// that somebody has.
func (m *Member) collides(all []Member) error {
	for i := range all {
		o := &all[i]
		switch {
		case o.Until.Compare(m.From) < 0 || m.Until.Compare(o.From) < 0:
		case o.Agency == m.Agency && o.Login == m.Login:
			return fault.New(fault.Conflict, "board.member.twice").At("login")
		case m.Office != "" && o.Office == m.Office:
			return fault.New(fault.Conflict, "board.office.taken").At("office")
		}
	}
	return nil
}

// Ending ends a membership before its time.
type Ending struct {
	Member int64        `json:"member"`
	Until  persian.Date `json:"until"` // its last day
	register.Grounds
}

// Dismiss ends a membership. What the member did stays.
func (b *Book) Dismiss(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Ending) (*Member, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", in.Check())
	bad.When(!in.Until.Precise(), "until", "board.day")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	var m Member
	proven, err := b.do(ctx, j, actor, "board-member", func(tx *store.Tx, c *register.Change) ([]byte, error) {
		all, err := members(tx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(m Member) bool { return m.ID == in.Member })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "board.member.unknown").At("member")
		}
		m = all[i]
		if in.Until.Compare(m.Until) >= 0 || in.Until.AddDays(1).Compare(m.From) < 0 {
			return nil, fault.New(fault.Conflict, "board.until").At("until")
		}
		m.Until, m.Reason, m.Document = in.Until, in.Reason, in.Document
		_, err = tx.Exec(memberEnd, int64(m.Until.Pack()), m.Reason, m.Document, c.Act[:], m.ID)
		return m.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &m, proven, nil
}

// Members lists the memberships there are and were.
func (b *Book) Members(ctx context.Context, actor journal.Actor) (all []Member, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all, err = members(tx)
		return err
	})
	return all, err
}

// Seat is the actor's membership today; nil: he has none.
func (b *Book) Seat(ctx context.Context, actor journal.Actor) (m *Member, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		m, err = seat(tx, actor, persian.DateOf(b.c.Clock()))
		return err
	})
	return m, err
}

// seat is the actor's membership on a day; nil: he has none.
func seat(tx *store.Tx, actor journal.Actor, day persian.Date) (*Member, error) {
	all, err := members(tx)
	for i := range slices.Backward(all) {
		m := &all[i]
		if m.Agency == actor.Agency && m.Login == actor.ID && m.From.Compare(day) <= 0 && day.Compare(m.Until) <= 0 {
			return m, err
		}
	}
	return nil, err
}

func members(tx *store.Tx) (all []Member, err error) {
	err = tx.Each(memberAll, nil, func(scan func(...any) error) error {
		var m Member
		var agency, from, until int64
		err := scan(&m.ID, &m.Body, &agency, &m.Login, &m.Office, &from, &until, &m.Reason, &m.Document)
		m.Agency, m.From, m.Until = ids.LegalID(agency), persian.UnpackDate(int32(from)), persian.UnpackDate(int32(until))
		all = append(all, m)
		return err
	})
	return all, err
}

// Sitting is the actor's membership today. Faults: board.member.none if he
// never had one, board.member.ended if it is not in force.
func (b *Book) Sitting(tx *store.Tx, actor journal.Actor) (*Member, error) {
	all, err := members(tx)
	if err != nil {
		return nil, err
	}
	var e *fault.Error = fault.New(fault.Forbidden, "board.member.none")
	for i := range slices.Backward(all) {
		switch m := &all[i]; {
		case m.Agency != actor.Agency || m.Login != actor.ID:
		case m.on(b.today()):
			return m, nil
		default:
			e = fault.New(fault.Forbidden, "board.member.ended")
		}
	}
	return nil, e
}

// do performs an act of the board.
func (b *Book) do(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, change func(*store.Tx, *register.Change) ([]byte, error)) (journal.Proven, error) {
	a := register.Act{Kind: receipt.BoardDecision, Actor: actor, Why: why, Clock: b.c.Clock}
	return register.Do(ctx, b.c.DB, j, a, change)
}

// next is the number after the last one.
func next(tx *store.Tx, last *store.Query) (id int64, err error) {
	_, err = tx.One(last, nil, &id)
	return id + 1, err
}

func (m *Member) body() []byte {
	b := strconv.AppendInt([]byte(`"member":{"id":`), m.ID, 10)
	b = receipt.AppendString(append(b, `,"body":`...), m.Body)
	b = append(append(append(b, `,"agency":"`...), m.Agency.String()...), '"')
	b = receipt.AppendString(append(b, `,"login":`...), m.Login)
	if m.Office != "" {
		b = receipt.AppendString(append(b, `,"office":`...), m.Office)
	}
	b = m.From.AppendTo(append(b, `,"from":"`...))
	b = m.Until.AppendTo(append(b, `","until":"`...))
	return append(receipt.AppendString(append(b, `","document":`...), m.Document), '}')
}
