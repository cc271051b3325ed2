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
	life                   int64
	flags                  int64
	shenasnameh            int64
	booklet                int64
	residence              int64
	card                   int64
}

// read takes the columns of a hot query.
func (r *row) read(from store.Row) {
	r.number = from.Int(0)
	r.given, r.surname, r.father = from.Int(1), from.Int(2), from.Int(3)
	r.life, r.flags = from.Int(4), from.Int(5)
	r.shenasnameh, r.booklet = from.Int(6), from.Int(7)
	r.residence, r.card = from.Int(8), from.Int(9)
}

// columns are the places to scan into.
func (r *row) columns() []any {
	return []any{
		&r.number, &r.given, &r.surname, &r.father, &r.life, &r.flags,
		&r.shenasnameh, &r.booklet, &r.residence, &r.card,
	}
}

// values are the columns as arguments of a statement, appended to dst.
func (r *row) values(dst []any) []any {
	return append(dst, r.number, r.given, r.surname, r.father, r.life, r.flags,
		r.shenasnameh, r.booklet, r.residence, r.card)
}

// The place of the date of death in life.
const lifeDeath = 1e8

// The places of the digits VSXY in flags: V is one less than the version.
const (
	flagSex     = 10
	flagState   = 100
	flagVersion = 1000
)

// version is the row's version; 0 for no row.
func (r *row) version() int64 {
	if r.number == 0 {
		return 0
	}
	return r.flags/flagVersion + 1
}

// packFlags packs p as the version after changes.
func packFlags(p *Person, changes int64) int64 {
	n := changes*flagVersion + int64(p.State)*flagState + int64(p.Sex)*flagSex
	if p.Sayyed {
		n++
	}
	return n
}

// The place of the declaration's day in residence.
const residenceSince = 1e10

// The places of the digits in card: CC is the card's state, or 10 and the
// reason for MustReplace; then six digits of the day, then the serial.
const (
	cardReplace = 10
	cardValid   = 100
	cardSerial  = 1e8
	dayDigits   = 1e6
)

func packCard(c *Card) int64 {
	cc := int64(c.State)
	if c.State == MustReplace {
		cc = cardReplace + int64(c.Reason)
	}
	return packSerial(c.Serial)*cardSerial + packDay(c.Valid)*cardValid + cc
}

func unpackCard(n int64) Card {
	c := Card{State: CardState(n % cardValid), Valid: unpackDay(n / cardValid % dayDigits), Serial: unpackSerial(n / cardSerial)}
	if c.State >= cardReplace {
		c.State, c.Reason = MustReplace, CardReason(c.State-cardReplace)
	}
	return c
}

// A card's serial of the usual form, a digit, a capital letter and eight
// digits such as 9G12345678, is packed as the letter's place in the alphabet,
// the digit, the eight digits: 7912345678. Any other serial is elsewhere: it
// stands in the table card.
const elsewhere = 90 * 1e9

func packSerial(s string) int64 {
	if s == "" {
		return 0
	}
	if len(s) != 10 || s[1] < 'A' || s[1] > 'Z' {
		return elsewhere
	}
	digits := [9]byte{s[0]}
	copy(digits[1:], s[2:])
	n := int64(s[1]-'A') + 1
	for _, d := range digits {
		if d < '0' || d > '9' {
			return elsewhere
		}
		n = n*10 + int64(d-'0')
	}
	return n
}

func unpackSerial(n int64) string {
	if n == 0 || n == elsewhere {
		return ""
	}
	var s [10]byte
	for i := 9; i >= 2; i-- {
		s[i] = byte('0' + n%10)
		n /= 10
	}
	s[0], s[1] = byte('0'+n%10), byte('A'-1+n/10)
	return string(s[:])
}

// serialElsewhere reports whether the card's serial stands in the table card.
func (r *row) serialElsewhere() bool { return r.card/cardSerial == elsewhere }

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

// Day numbers in rows count from 1378-01-01, which is 1: residences are declared
// and cards issued since the bylaw of that year, and small numbers take fewer
// bytes. An earlier day, which a legacy file may hold, is earlier plus its
// persian.Date.Days; 0 is unknown.
const earlier = 100_000

var firstDay = int64(persian.Date{Year: 1378, Month: 1, Day: 1}.Days()) - 1

func packDay(d persian.Date) int64 {
	if d.IsZero() {
		return 0
	}
	n := int64(d.Days())
	if n <= firstDay {
		return earlier + n
	}
	return n - firstDay
}

func unpackDay(n int64) persian.Date {
	switch {
	case n == 0:
		return persian.Date{}
	case n >= earlier:
		return persian.DateFromDays(int32(n - earlier))
	}
	return persian.DateFromDays(int32(n + firstDay))
}

// pack fills what needs no dictionary, as a version of so many changes.
func (r *row) pack(p *Person, changes int64) {
	r.number = int64(p.Number)
	r.life = int64(p.Died.Pack())*lifeDeath + int64(p.Born.Pack())
	r.flags = packFlags(p, changes)
	r.shenasnameh = int64(p.Shenasnameh.Number)
	r.residence = packDay(p.ResidenceSince)*residenceSince + int64(p.Postal)
	r.card = packCard(&p.Card)
}

// unpack fills what needs no dictionary.
func (r *row) unpack(p *Person) {
	p.Number = ids.NationalNumber(r.number)
	p.Born, p.Died = persian.UnpackDate(int32(r.life%lifeDeath)), persian.UnpackDate(int32(r.life/lifeDeath))
	p.State, p.Sex, p.Sayyed = State(r.flags/flagState%10), Sex(r.flags/flagSex%10), r.flags%flagSex != 0
	p.Version = r.version()
	p.Shenasnameh.Number = ids.ShenasnamehNumber(r.shenasnameh)
	p.Shenasnameh.Serial = serialOf(r.booklet)
	p.Postal, p.ResidenceSince = ids.PostalCode(r.residence%residenceSince), unpackDay(r.residence/residenceSince)
	p.Card = unpackCard(r.card)
}
