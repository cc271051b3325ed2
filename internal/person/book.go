package person

import (
	"context"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Book reads and changes the register. It is safe for concurrent use.
type Book struct {
	Clock  func() time.Time // decides whether a card has expired; set before use
	Places *place.Book      // where declared residences lie; set before use

	db      *store.DB
	names   dictionary[persian.Name]
	series  dictionary[ids.Serie]
	offices dictionary[office]

	directory *register.Snapshot[directory] // of registry offices
	numbers   *allocator
}

// Open makes a Book on the register db.
func Open(ctx context.Context, db *store.DB) (b *Book, err error) {
	b = &Book{
		Clock:   time.Now,
		db:      db,
		names:   dictionary[persian.Name]{db: db, query: nameByID, read: readName},
		series:  dictionary[ids.Serie]{db: db, query: serieByID, read: readSerie},
		offices: dictionary[office]{db: db, query: officeByID, read: readOffice},
		numbers: newAllocator(db),
	}
	b.directory, err = register.NewSnapshot(ctx, db, officeNoun, b.loadOffices)
	return b, err
}

// ByNumber finds the current version of a record.
func (b *Book) ByNumber(ctx context.Context, n ids.NationalNumber) (*Person, bool, error) {
	p := new(Person)
	found, err := b.Find(ctx, n, p)
	if !found || err != nil {
		return nil, false, err
	}
	return p, true, nil
}

// Find is ByNumber into the caller's own Person, which spares its allocation.
func (b *Book) Find(ctx context.Context, n ids.NationalNumber, p *Person) (found bool, err error) {
	l := landings.Get().(*landing)
	defer landings.Put(l)
	found, err = b.db.Point(ctx, personByNumber, int64(n), l.read)
	if !found || err != nil {
		return false, err
	}
	return true, b.fill(ctx, &l.row, p, persian.DateOf(b.Clock()))
}

// landing is where Find puts a row: kept, so that a look-up allocates nothing.
type landing struct {
	row  row
	read func(store.Row)
}

var landings = sync.Pool{New: func() any {
	l := &landing{}
	l.read = l.row.read
	return l
}}

// ByNumbers finds many records in one go, in the order asked for; nil where
// there is none.
func (b *Book) ByNumbers(ctx context.Context, ns []ids.NationalNumber) ([]*Person, error) {
	keys := make([]int64, len(ns))
	for i, n := range ns {
		keys[i] = int64(n)
	}
	rows := make([]row, len(ns))
	if err := b.db.Points(ctx, personByNumber, keys, func(i int, r store.Row) { rows[i].read(r) }); err != nil {
		return nil, err
	}
	today := persian.DateOf(b.Clock())
	all := make([]*Person, len(ns))
	persons := make([]Person, len(ns))
	for i := range rows {
		if rows[i].number == 0 {
			continue
		}
		if err := b.fill(ctx, &rows[i], &persons[i], today); err != nil {
			return nil, err
		}
		all[i] = &persons[i]
	}
	return all, nil
}

// fill makes a Person of a row.
func (b *Book) fill(ctx context.Context, r *row, p *Person, today persian.Date) error {
	*p = Person{}
	if err := b.resolve(ctx, r, p); err != nil {
		return err
	}
	p.Card = p.Card.at(today)
	if p.State == Cancelled {
		if err := b.succeed(ctx, p); err != nil {
			return err
		}
	}
	if r.serialElsewhere() {
		_, err := b.db.Point(ctx, cardByNumber, r.number, func(s store.Row) { p.Card.Serial = s.Text(0) })
		return err
	}
	return nil
}

// succeed finds the number that counts instead of a cancelled one. A successor
// may have been cancelled later: then it is that one's successor. It was not
// when it was named, so there is no circle; a limit keeps a damaged register
// from hanging a look-up.
func (b *Book) succeed(ctx context.Context, p *Person) error {
	next, found := int64(p.Number), true
	for hops := 0; found && hops < 100; hops++ {
		var err error
		if found, err = b.db.Point(ctx, successorByNumber, next, func(s store.Row) { next = s.Int(0) }); err != nil {
			return err
		}
	}
	if next != int64(p.Number) {
		p.Successor = ids.NationalNumber(next)
	}
	return nil
}

// resolve fills p from a row and the dictionaries.
func (b *Book) resolve(ctx context.Context, r *row, p *Person) error {
	r.unpack(p)
	for _, n := range [3]struct {
		id int64
		to *persian.Name
	}{{r.given, &p.Given}, {r.surname, &p.Surname}, {r.father, &p.Father}} {
		if n.id != 0 {
			name, err := b.names.get(ctx, n.id)
			if err != nil {
				return err
			}
			*n.to = *name
		}
	}
	if id := r.booklet / bookletSerie % (maxSerie + 1); id != 0 {
		s, err := b.series.get(ctx, id)
		if err != nil {
			return err
		}
		p.Shenasnameh.Serie = *s
	}
	if id := r.booklet / bookletOffice; id != 0 {
		o, err := b.offices.get(ctx, id)
		if err != nil {
			return err
		}
		p.Shenasnameh.Office, p.Shenasnameh.IssuePlace = o.code, o.place
	}
	return nil
}

// Count is the number of records.
func (b *Book) Count(ctx context.Context) (n int64, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(personCount, nil, &n)
		return err
	})
	return n, err
}

// Version is one past version of a record and the change that ended it.
type Version struct {
	Person Person
	Until  register.Change
}

// AsOf is the record as this register would have answered at the end of a day:
// the version that was registered then, without facts dated later. Before the
// birth there is none.
func (b *Book) AsOf(ctx context.Context, n ids.NationalNumber, day persian.Date) (*Person, bool, error) {
	end := day.AddDays(1).Start().UnixMicro() - 1 // the last moment of the day
	p, found, err := b.at(ctx, n, end)
	if !found || err != nil {
		return nil, false, err
	}
	if !p.Born.IsZero() && p.Born.Compare(day) > 0 {
		return nil, false, nil
	}
	if p.Died.Compare(day) > 0 {
		p.Died = persian.Date{}
		if p.State == Deceased {
			p.State = Active
		}
	}
	if p.ResidenceSince.Compare(day) > 0 {
		p.Postal, p.ResidenceSince = 0, persian.Date{}
	}
	p.Card = p.Card.at(day)
	return p, true, nil
}

// at is the version that was registered at a moment.
func (b *Book) at(ctx context.Context, n ids.NationalNumber, micros int64) (p *Person, found bool, err error) {
	var past pastRow
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		if found, err = tx.One(historyAt, []any{int64(n), micros}, past.columns()...); err != nil {
			return err
		}
		if found {
			return coverOne(tx, &past.row)
		}
		if found, err = tx.One(personByNumber, []any{int64(n)}, past.row.columns()...); !found || err != nil {
			return err
		}
		return past.readBeside(tx)
	})
	if !found || err != nil {
		return nil, false, err
	}
	v, err := b.version(ctx, &past)
	return &v.Person, err == nil, err
}

// History lists the past versions of a record, oldest first. What is sealed in
// them shows what came after it (seal.go).
func (b *Book) History(ctx context.Context, n ids.NationalNumber) ([]Version, error) {
	var rows []pastRow
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = versions(tx, n, false)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	past := rows[:len(rows)-1]
	all := make([]Version, len(past))
	for i := range past {
		if all[i], err = b.version(ctx, &past[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// versions are all rows of a record from the first on, the current one last;
// none if the number is unknown. open leaves what is sealed as it was.
func versions(tx *store.Tx, n ids.NationalNumber, open bool) (rows []pastRow, err error) {
	err = tx.Each(historyAll, []any{int64(n)}, func(scan func(...any) error) error {
		var r pastRow
		err := scan(r.columns()...)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	var now pastRow
	found, err := tx.One(personByNumber, []any{int64(n)}, now.row.columns()...)
	if !found || err != nil {
		return nil, err
	}
	if err := now.readBeside(tx); err != nil {
		return nil, err
	}
	rows = append(rows, now)
	if open {
		return rows, nil
	}
	s, err := sealsOf(tx, n)
	if err != nil {
		return nil, err
	}
	return rows, s.coverAll(rows)
}

// Residence is one declaration of residence.
type Residence struct {
	Postal ids.PostalCode `json:"postal_code"`
	Since  persian.Date   `json:"since,omitzero"` // as declared
}

// Residences lists a person's declarations, oldest first.
func (b *Book) Residences(ctx context.Context, n ids.NationalNumber) ([]Residence, error) {
	past, err := b.History(ctx, n)
	if err != nil {
		return nil, err
	}
	now, found, err := b.ByNumber(ctx, n)
	if err != nil {
		return nil, err
	}
	if found {
		past = append(past, Version{Person: *now})
	}
	var all []Residence
	for i := range past {
		r := Residence{past[i].Person.Postal, past[i].Person.ResidenceSince}
		if r.Postal != 0 && (len(all) == 0 || all[len(all)-1] != r) {
			all = append(all, r)
		}
	}
	return all, nil
}
