package person

import (
	"strconv"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// row is a row of person as stored: ids of dictionaries, packed digits. Its
// fields stand in the order of the columns.
type row struct {
	number                 int64
	given, surname, father int64
	born, died             int64
	flags                  int64
	version                int64
	shenasnameh            int64
	booklet                int64
	postal                 int64
	since, cardValid       int64
}

// read takes the columns of a hot query.
func (r *row) read(from store.Row) {
	r.number = from.Int(0)
	r.given, r.surname, r.father = from.Int(1), from.Int(2), from.Int(3)
	r.born, r.died = from.Int(4), from.Int(5)
	r.flags, r.version = from.Int(6), from.Int(7)
	r.shenasnameh, r.booklet = from.Int(8), from.Int(9)
	r.postal, r.since, r.cardValid = from.Int(10), from.Int(11), from.Int(12)
}

// columns are the places to scan into, or the values to write.
func (r *row) columns() []any {
	return []any{
		&r.number, &r.given, &r.surname, &r.father, &r.born, &r.died, &r.flags, &r.version,
		&r.shenasnameh, &r.booklet, &r.postal, &r.since, &r.cardValid,
	}
}

// values are the columns as arguments of a statement, appended to dst.
func (r *row) values(dst []any) []any {
	return append(dst, r.number, r.given, r.surname, r.father, r.born, r.died, r.flags, r.version,
		r.shenasnameh, r.booklet, r.postal, r.since, r.cardValid)
}

// The places of the digits CCSXY in flags. CC is the card's state, or 10 and
// its reason for MustReplace.
const (
	flagSex   = 10
	flagState = 100
	flagCard  = 1000
	ccReplace = 10
)

func packFlags(p *Person) int64 {
	card := int64(p.Card.State)
	if p.Card.State == MustReplace {
		card = ccReplace + int64(p.Card.Reason)
	}
	n := card*flagCard + int64(p.State)*flagState + int64(p.Sex)*flagSex
	if p.Sayyed {
		n++
	}
	return n
}

func unpackFlags(n int64, p *Person) {
	p.Sayyed = n%flagSex != 0
	p.Sex = Sex(n / flagSex % 10)
	p.State = State(n / flagState % 10)
	p.Card.State, p.Card.Reason = CardState(n/flagCard), 0
	if n/flagCard >= ccReplace {
		p.Card.State, p.Card.Reason = MustReplace, CardReason(n/flagCard-ccReplace)
	}
}

// The places of the digits in booklet: serial, serie.id, office.id.
const (
	bookletSerie  = 1e6
	bookletOffice = 1e10
	maxSerie      = bookletOffice/bookletSerie - 1
)

func packBooklet(serial ids.Serial, serie, office int64) int64 {
	n, _ := strconv.ParseInt(string(serial), 10, 64) // six digits, or empty: 0
	return office*bookletOffice + serie*bookletSerie + n
}

func serialOf(booklet int64) ids.Serial {
	n := booklet % bookletSerie
	if n == 0 {
		return "" // 000000 does not exist
	}
	s := [6]byte{}
	for i := 5; i >= 0; i-- {
		s[i] = byte('0' + n%10)
		n /= 10
	}
	return ids.Serial(s[:])
}

func packDay(d persian.Date) int64 {
	if d.IsZero() {
		return 0
	}
	return int64(d.Days())
}

func unpackDay(n int64) persian.Date {
	if n == 0 {
		return persian.Date{}
	}
	return persian.DateFromDays(int32(n))
}

// pack fills what needs no dictionary.
func (r *row) pack(p *Person) {
	r.number = int64(p.Number)
	r.born, r.died = int64(p.Born.Pack()), int64(p.Died.Pack())
	r.flags, r.version = packFlags(p), p.Version
	r.shenasnameh = int64(p.Shenasnameh.Number)
	r.postal, r.since = int64(p.Postal), packDay(p.ResidenceSince)
	r.cardValid = packDay(p.Card.Valid)
}

// unpack fills what needs no dictionary.
func (r *row) unpack(p *Person) {
	p.Number = ids.NationalNumber(r.number)
	p.Born, p.Died = persian.UnpackDate(int32(r.born)), persian.UnpackDate(int32(r.died))
	unpackFlags(r.flags, p)
	p.Version = r.version
	p.Shenasnameh.Number = ids.ShenasnamehNumber(r.shenasnameh)
	p.Shenasnameh.Serial = serialOf(r.booklet)
	p.Postal, p.ResidenceSince = ids.PostalCode(r.postal), unpackDay(r.since)
	p.Card.Valid = unpackDay(r.cardValid)
}
