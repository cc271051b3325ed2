package person

import (
	"context"
	"fmt"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// SlotPlan opens hours at which an office receives applicants, on each day of a
// range. A plan for an hour that stands already changes
// its capacity, which cannot fall below what is taken.
type SlotPlan struct {
	Office   int          `json:"office"`
	From     persian.Date `json:"from"`
	To       persian.Date `json:"to"`
	Hours    []int        `json:"hours"`    // 0 … 23, Tehran time
	Capacity int          `json:"capacity"` // applicants an hour; 0 closes what is free
}

const (
	maxPlanDays     = 92
	maxSlotCapacity = 1000
)

func (in *SlotPlan) check(today persian.Date) error {
	var bad mistakes
	bad.missing(in.From.IsZero(), "from")
	bad.When(!in.From.IsZero() && !in.From.Precise(), "from", "person.date.precise")
	bad.missing(in.To.IsZero(), "to")
	bad.When(!in.To.IsZero() && !in.To.Precise(), "to", "person.date.precise")
	if len(bad.List) == 0 {
		bad.When(in.From.Compare(today) < 0, "from", "person.slot.past")
		bad.When(in.To.Compare(in.From) < 0 || in.To.Days()-in.From.Days() >= maxPlanDays, "to", "person.slot.range")
	}
	bad.missing(len(in.Hours) == 0, "hours")
	bad.When(len(in.Hours) > 24, "hours", "person.slot.hours")
	for _, h := range in.Hours {
		if h < 0 || h > 23 {
			bad.When(true, "hours", "person.slot.hours")
			break
		}
	}
	bad.When(in.Capacity < 0 || in.Capacity > maxSlotCapacity, "capacity", "person.slot.capacity")
	return bad.Err()
}

// PlanSlots registers when an office receives applicants; n is how many hours.
func (b *Book) PlanSlots(ctx context.Context, j *journal.Journal, actor journal.Actor, in *SlotPlan) (n int, p journal.Proven, err error) {
	if err := register.Only(actor, register.Supervisor, register.Operator); err != nil {
		return 0, p, err
	}
	var bad mistakes
	if _, err := bad.office(ctx, b, in.Office); err != nil {
		return 0, p, err
	}
	bad.Add("", in.check(b.today()))
	if err := bad.Err(); err != nil {
		return 0, p, err
	}
	act := register.Act{Kind: receipt.CardEvent, Actor: actor, Why: "card-slots", Clock: b.Clock}
	p, err = register.Do(ctx, b.db, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		n = 0
		for day := in.From; day.Compare(in.To) <= 0; day = day.AddDays(1) {
			for _, hour := range in.Hours {
				if err := in.put(tx, day, hour); err != nil {
					return nil, err
				}
				n++
			}
		}
		return fmt.Appendf(nil, `"slots":{"office":%d,"from":"%s","to":"%s","hours":%d,"capacity":%d}`,
			in.Office, in.From, in.To, len(in.Hours), in.Capacity), nil
	})
	return n, p, err
}

func (in *SlotPlan) put(tx *store.Tx, day persian.Date, hour int) error {
	var capacity, taken int
	if _, err := tx.One(slotAt, []any{in.Office, int64(day.Pack()), hour}, &capacity, &taken); err != nil {
		return err
	}
	if in.Capacity < taken {
		return fault.New(fault.Conflict, "person.slot.taken").At("capacity")
	}
	_, err := tx.Exec(slotPut, in.Office, int64(day.Pack()), hour, in.Capacity)
	return err
}

// SlotQuery asks when an office has hours left.
type SlotQuery struct {
	Office int          `json:"office"`
	From   persian.Date `json:"from,omitzero"` // zero: today
}

// Slot is an hour of an office.
type Slot struct {
	Day      persian.Date `json:"day"`
	Hour     int          `json:"hour"`
	Capacity int          `json:"capacity"`
	Free     int          `json:"free"`
}

const maxSlots = 500

// FreeSlots lists hours with room, soonest first, at most 500.
func (b *Book) FreeSlots(ctx context.Context, actor journal.Actor, in *SlotQuery) (all []Slot, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	var bad mistakes
	if _, err := bad.office(ctx, b, in.Office); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	from := in.From
	if today := b.today(); from.Compare(today) < 0 {
		from = today
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = []Slot{}
		return tx.Each(slotsFree, []any{in.Office, int64(from.Pack()), maxSlots}, func(scan func(...any) error) error {
			var s Slot
			var day int64
			var taken int
			err := scan(&day, &s.Hour, &s.Capacity, &taken)
			s.Day, s.Free = persian.UnpackDate(int32(day)), s.Capacity-taken
			all = append(all, s)
			return err
		})
	})
	return all, err
}

// CardAppointment books an hour at the applicant's office, or moves his booking.
type CardAppointment struct {
	Number  ids.NationalNumber `json:"national_number"`
	Office  int                `json:"office,omitzero"` // 0: the office of the application; another one moves it there
	Day     persian.Date       `json:"day"`
	Hour    int                `json:"hour"`
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
}

// Appoint books an hour. However many book at once, an hour is never overbooked.
func (b *Book) Appoint(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardAppointment) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	bad.missing(in.Day.IsZero(), "day")
	bad.When(!in.Day.IsZero() && !in.Day.Precise(), "day", "person.date.precise")
	bad.When(in.Day.Precise() && in.Day.Compare(b.today()) < 0, "day", "person.slot.past")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: "card_appointed", number: in.Number, version: in.Version}
	return b.alterPending(ctx, j, actor, a, Appoint, func(tx *store.Tx, _ *Person, k *cardRow) (string, error) {
		if err := k.leave(tx); err != nil {
			return "", err
		}
		if in.Office != 0 {
			k.office = int64(in.Office)
		}
		k.day, k.hour = int64(in.Day.Pack()), int64(in.Hour)
		n, err := tx.Exec(slotTake, k.office, k.day, k.hour)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "person.slot.full")
		}
		return fmt.Sprintf(`{"office":"%d","day":"%s","hour":"%d"}`, k.office, in.Day, in.Hour), err
	})
}

// Unappoint gives an applicant's hour back.
func (b *Book) Unappoint(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardHolder) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: "card_unappointed", number: in.Number, version: in.Version}
	return b.alterPending(ctx, j, actor, a, Unappoint, func(tx *store.Tx, _ *Person, k *cardRow) (string, error) {
		return "", k.leave(tx)
	})
}

// leave gives up the hour that is booked, if any.
func (k *cardRow) leave(tx *store.Tx) error {
	if k.day == 0 {
		return nil
	}
	_, err := tx.Exec(slotGive, k.office, k.day, k.hour)
	k.day, k.hour = 0, 0
	return err
}

// Capture registers that the applicant appeared at his appointment, and that
// his photograph and fingerprints are taken: the card can be printed.
func (b *Book) Capture(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardHolder) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: "card_captured", number: in.Number, version: in.Version}
	return b.alterPending(ctx, j, actor, a, Capture, func(_ *store.Tx, _ *Person, k *cardRow) (string, error) {
		if day := persian.UnpackDate(int32(k.day)); day.Compare(b.today()) > 0 {
			return "", fault.New(fault.Conflict, "person.slot.early", day.String())
		}
		return "", nil
	})
}
