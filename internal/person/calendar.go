package person

import (
	"context"
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// OfficeHours lists the hours that an office has planned from a day to another,
// full ones too.
func (b *Book) OfficeHours(ctx context.Context, actor journal.Actor, office int, from, to persian.Date) (all []Slot, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(slotsBetween, []any{office, int64(from.Pack()), int64(to.Pack())}, func(scan func(...any) error) error {
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

// Expected is who has an appointment.
type Expected struct {
	Hour    int                `json:"hour"`
	Number  ids.NationalNumber `json:"national_number"`
	Given   string             `json:"given_name,omitzero"` // absent of whom the register protects
	Surname string             `json:"surname,omitzero"`
}

// Expect lists who has an appointment at an office on a day, in the order of
// the hours. That it was read is an entry.
func (b *Book) Expect(ctx context.Context, j *journal.Journal, actor journal.Actor, office int, day persian.Date) ([]Expected, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var all []Expected
	a := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: "card-appointments", Clock: b.Clock}
	proven, err := register.Read(ctx, b.db, j, a, func(tx *store.Tx) ([]byte, error) {
		all = all[:0]
		err := tx.Each(cardsOnDay, []any{office, int64(day.Pack())}, func(scan func(...any) error) error {
			var e Expected
			var number int64
			err := scan(&e.Hour, &number)
			e.Number = ids.NationalNumber(number)
			all = append(all, e)
			return err
		})
		return fmt.Appendf(nil, `"read":"appointments","file":"%d","result":%t`, office, len(all) > 0), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	numbers := make([]ids.NationalNumber, len(all))
	for i := range all {
		numbers[i] = all[i].Number
	}
	persons, err := b.ByNumbers(ctx, numbers)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	for i, p := range persons {
		if p != nil && !p.Hidden(actor) {
			all[i].Given, all[i].Surname = p.Given.Display, p.Surname.Display
		}
	}
	return slices.Clip(all), proven, nil
}
