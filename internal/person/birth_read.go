package person

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Registered is the registration of a birth: what does not stand in version 1
// of the child's record.
type Registered struct {
	Number       ids.NationalNumber
	Notification string
	Order        int
	Office       int
	Father       ids.NationalNumber // 0: not stated
	Mother       ids.NationalNumber // 0: not stated
	MotherName   persian.Name       // as declared; zero: not stated
	Place        string
	Declarant    Declarant
	Document     string
	Late         bool
	By           register.Change
}

// BirthOf finds the registration of a person's birth. Who was on record before
// this register kept births has none.
func (b *Book) BirthOf(ctx context.Context, n ids.NationalNumber) (*Registered, bool, error) {
	r := &Registered{}
	var number, father, mother, motherName, late, agency, at int64
	var declarant string
	var act []byte
	found := false
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.One(birthByNumber, []any{int64(n)}, &r.Notification, &r.Order, &number, &r.Office, &father, &mother, &motherName,
			&r.Place, &declarant, &r.Document, &late, &r.By.Actor.Role, &agency, &r.By.Actor.ID, &at, &act)
		return err
	})
	if err != nil || !found {
		return nil, false, err
	}
	if motherName != 0 {
		name, err := b.names.get(ctx, motherName)
		if err != nil {
			return nil, false, err
		}
		r.MotherName = *name
	}
	r.Number, r.Father, r.Mother = ids.NationalNumber(number), ids.NationalNumber(father), ids.NationalNumber(mother)
	r.Declarant, r.Late = Declarant(declarant), late != 0
	r.By.Actor.Agency, r.By.At = ids.LegalID(agency), time.UnixMicro(at).UTC()
	r.By.Why = (&Birth{Late: r.Late}).why()
	copy(r.By.Act[:], act)
	return r, true, nil
}
