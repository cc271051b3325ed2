package person

import (
	"context"
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// ware is what a stock holds serials of.
type ware int64

// The wares; rows store these numbers.
const (
	booklets ware = 1 // of an office
	blanks   ware = 2 // cards, of the printer: office 0
)

// digits is how wide a serial of the ware is.
func (w ware) digits() int {
	if w == blanks {
		return 8
	}
	return 6
}

// BookletStock is a range of booklets that an office received.
type BookletStock struct {
	Office int        `json:"office"`
	Serie  ids.Serie  `json:"serie"`
	First  ids.Serial `json:"first"`
	Last   ids.Serial `json:"last"`
	register.Grounds
}

// CardStock is a range of blank cards that the printer received.
type CardStock struct {
	Prefix string `json:"prefix"` // a digit and a capital letter, such as 9G
	First  string `json:"first"`  // eight digits
	Last   string `json:"last"`
	register.Grounds
}

// StockLevel is how much of a range, or of all ranges of an office, is left.
type StockLevel struct {
	Office    int   `json:"office,omitzero"` // absent: blank cards
	Remaining int64 `json:"remaining"`
}

// ReceiveBooklets registers booklets that an office received; from then on it
// can issue them.
func (b *Book) ReceiveBooklets(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BookletStock) (*StockLevel, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	if in.Serie == "" {
		bad.missing(true, "serie")
	} else if serie, err := ids.ParseSerie(string(in.Serie)); err != nil {
		bad.Add("serie", err)
	} else {
		in.Serie = serie
	}
	first, last := bad.serial(string(in.First), "first"), bad.serial(string(in.Last), "last")
	bad.When(last != 0 && first > last, "last", "person.stock.range")
	if _, err := bad.office(ctx, b, in.Office); err != nil {
		return nil, journal.Proven{}, err
	}
	bad.Add("", in.Grounds.Check())
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.receive(ctx, j, actor, booklets, in.Office, string(in.Serie), first, last, in.Grounds)
}

func (m *mistakes) serial(s, field string) int64 {
	if s == "" {
		m.missing(true, field)
		return 0
	}
	serial, err := ids.ParseSerial(s)
	if err != nil {
		m.Add(field, err)
		return 0
	}
	n, _ := strconv.ParseInt(string(serial), 10, 64) // six digits
	return n
}

// ReceiveCards registers blank cards.
func (b *Book) ReceiveCards(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardStock) (*StockLevel, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	for _, m := range []struct {
		text, whole, field, key string
	}{
		{in.Prefix, in.Prefix + "00000001", "prefix", "person.stock.prefix"},
		{in.First, "0A" + in.First, "first", "person.stock.serial"},
		{in.Last, "0A" + in.Last, "last", "person.stock.serial"},
	} {
		bad.missing(m.text == "", m.field)
		bad.When(m.text != "" && !blankSerial(m.whole), m.field, m.key)
	}
	bad.When(in.Last != "" && in.First > in.Last, "last", "person.stock.range") // of equal width
	bad.Add("", in.Grounds.Check())
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	first, _ := strconv.ParseInt(in.First, 10, 64) // eight digits
	last, _ := strconv.ParseInt(in.Last, 10, 64)
	return b.receive(ctx, j, actor, blanks, 0, in.Prefix, first, last, in.Grounds)
}

// blankSerial reports whether s is a card's serial of the usual form.
func blankSerial(s string) bool {
	n := packSerial(s)
	return n != 0 && n != elsewhere
}

// receive registers a range.
func (b *Book) receive(ctx context.Context, j *journal.Journal, actor journal.Actor, w ware, office int, serie string, first, last int64, g register.Grounds) (*StockLevel, journal.Proven, error) {
	kind := receipt.PersonChange
	if w == blanks {
		kind = receipt.CardEvent
	}
	level := &StockLevel{Office: office}
	act := register.Act{Kind: kind, Actor: actor, Why: g.Reason, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		var n int64
		if _, err := tx.One(stockOverlap, []any{int64(w), serie, first, last}, &n); err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, fault.New(fault.Conflict, "person.stock.overlap")
		}
		if _, err := tx.Exec(stockInsert, int64(w), serie, first, last, first, office, c.Micros()); err != nil {
			return nil, err
		}
		if _, err := tx.One(stockRemaining, []any{int64(w), office}, &level.Remaining); err != nil {
			return nil, err
		}
		body := fmt.Appendf(nil, `"stock":{"office":%d,"serie":`, office)
		body = receipt.AppendString(body, serie)
		return fmt.Appendf(body, `,"first":"%0*d","last":"%0*d","document":%s}`, w.digits(), first, w.digits(), last, receipt.AppendString(nil, g.Document)), nil
	})
	return level, proven, err
}

var errExhausted = fault.New(fault.Conflict, "person.stock.exhausted")

// take hands out the next serial of an office: of its ranges the one that
// begins lowest. Serials that the register knows already, from elsewhere, are
// passed over. spent tells whether it knows one.
//
// The row of the range is what concurrent issues collide on, so that no two
// share a serial; a crash before the commit gives the serial back.
func take(tx *store.Tx, w ware, office int, spent func(serie string, serial int64) (bool, error)) (serie string, serial int64, err error) {
	for {
		var first, last int64
		found, err := tx.One(stockNext, []any{int64(w), office}, &serie, &first, &last, &serial)
		if err != nil {
			return "", 0, err
		}
		if !found {
			return "", 0, errExhausted
		}
		next := serial
		for used := true; used && next <= last; next++ {
			serial = next
			if used, err = spent(serie, serial); err != nil {
				return "", 0, err
			}
			if !used {
				_, err = tx.Exec(stockTake, serial+1, int64(w), office, serie, first)
				return serie, serial, err
			}
		}
		if _, err := tx.Exec(stockTake, last+1, int64(w), office, serie, first); err != nil {
			return "", 0, err
		}
	}
}

// StockQuery asks for stocks of booklets that run low.
type StockQuery struct {
	Below int64 `json:"below,omitzero"` // offices with fewer left than this; 0: all that ever had any
}

// BookletStocks lists how many booklets offices have left, the lowest first.
func (b *Book) BookletStocks(ctx context.Context, actor journal.Actor, in *StockQuery) ([]StockLevel, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Operator); err != nil {
		return nil, err
	}
	return b.stocks(ctx, booklets, in.Below)
}

// CardStocks tells how many blank cards are left.
func (b *Book) CardStocks(ctx context.Context, actor journal.Actor) ([]StockLevel, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator, register.Printer); err != nil {
		return nil, err
	}
	return b.stocks(ctx, blanks, 0)
}

func (b *Book) stocks(ctx context.Context, w ware, below int64) (all []StockLevel, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = []StockLevel{}
		return tx.Each(stockLevels, []any{int64(w)}, func(scan func(...any) error) error {
			var l StockLevel
			err := scan(&l.Office, &l.Remaining)
			if below == 0 || l.Remaining < below {
				all = append(all, l)
			}
			return err
		})
	})
	return all, err
}
