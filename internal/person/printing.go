package person

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// BatchOrder asks for a batch of cards to print.
type BatchOrder struct {
	Rows int `json:"rows,omitzero"` // at most so many; 0: 1000
}

const (
	usualBatch = 1000
	maxBatch   = 5000 // rows: one transaction, some 700 kB
)

// CardBatch is a batch made.
type CardBatch struct {
	Batch  int64  `json:"batch"`
	Rows   int    `json:"rows"`
	Passed int    `json:"passed_over"` // applications that cannot be printed now: no residence, a death, a review
	Digest string `json:"sha256"`      // of the file
}

// batchHeader is the first line of the printer's file. Each card is a row; the
// last line is "end", the batch, the number of rows, the SHA-256 of all bytes
// before that line, and empty cells: a file cut short is noticed.
var batchHeader = []string{"batch", "row", "serial", "national_number", "given_name", "surname", "father_name", "birth_date", "valid_until", "postal_code"}

// printRun is a batch in the making.
type printRun struct {
	b     *Book
	c     *register.Change
	id    int64
	valid persian.Date
	file  bytes.Buffer
	csv   *csv.Writer
	CardBatch
}

// Personalise makes the next batch for the printer: of the cards that are ready
// those that were applied for first. Each gets the serial of a blank card.
func (b *Book) Personalise(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BatchOrder) (*CardBatch, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Printer); err != nil {
		return nil, journal.Proven{}, err
	}
	if in.Rows < 0 || in.Rows > maxBatch {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "person.batch.rows", strconv.Itoa(maxBatch)).At("rows")
	}
	rows := in.Rows
	if rows == 0 {
		rows = usualBatch
	}
	var made CardBatch
	act := register.Act{Kind: receipt.CardEvent, Actor: actor, Why: "card-batch", Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		k := &printRun{b: b, c: c}
		if err := k.open(tx); err != nil {
			return nil, err
		}
		if err := k.fill(tx, rows); err != nil {
			return nil, err
		}
		if err := k.close(tx); err != nil {
			return nil, err
		}
		made = k.CardBatch
		return fmt.Appendf(nil, `"batch":{"id":"%d","rows":%d,"sha256":"%s"}`, k.id, k.Rows, k.Digest), nil
	})
	return &made, proven, err
}

func (k *printRun) open(tx *store.Tx) (err error) {
	if _, err = tx.One(batchLast, nil, &k.id); err != nil {
		return err
	}
	k.id++
	k.CardBatch.Batch = k.id
	k.csv = csv.NewWriter(&k.file)
	_ = k.csv.Write(batchHeader) // into memory
	k.valid, err = validUntil(tx, k.b.today())
	return err
}

// fill takes ready cards until the batch has so many rows.
func (k *printRun) fill(tx *store.Tx, rows int) error {
	for last := int64(0); k.Rows < rows; {
		var ready []cardRow
		if err := tx.Each(cardsReady, []any{last, rows - k.Rows}, func(scan func(...any) error) error {
			var card cardRow
			err := scan(card.columns()...)
			ready = append(ready, card)
			return err
		}); err != nil {
			return err
		}
		if len(ready) == 0 {
			break
		}
		for i := range ready {
			err := k.add(tx, &ready[i])
			if errors.Is(err, errExhausted) && k.Rows > 0 {
				return nil // the others wait for blanks
			}
			if err != nil {
				return err
			}
			last = ready[i].id
		}
	}
	if k.Rows == 0 {
		return fault.New(fault.Conflict, "person.batch.none")
	}
	return nil
}

// add makes a card the batch's next row, if its holder can have it now.
func (k *printRun) add(tx *store.Tx, card *cardRow) error {
	p, err := known(tx, k.b, ids.NationalNumber(card.number), 0)
	if err != nil {
		return err
	}
	if holder(p) != nil || p.Postal == 0 {
		k.Passed++
		return nil
	}
	serie, n, err := take(tx, blanks, 0, func(serie string, serial int64) (bool, error) {
		var b, r int64
		return tx.One(printSerial, []any{blank(serie, serial)}, &b, &r)
	})
	if err != nil {
		return err
	}
	if err := card.to(Batch); err != nil {
		return err
	}
	k.Rows++
	items := p.items(k.valid)
	card.batch, card.serial, card.valid, card.printed = k.id, blank(serie, n), int64(k.valid.Pack()), digestOf(items)
	_ = k.csv.Write(append([]string{strconv.FormatInt(k.id, 10), strconv.Itoa(k.Rows), card.serial}, items...))
	if _, err := tx.Exec(printInsert, k.id, k.Rows, card.id, card.serial, 0, ""); err != nil {
		return err
	}
	detail := fmt.Sprintf(`{"batch":"%d","row":"%d"}`, k.id, k.Rows)
	if err := putEvent(tx, k.c, &Event{Number: p.Number, Kind: "card_printing", Detail: detail}); err != nil {
		return err
	}
	return card.save(tx)
}

func blank(serie string, n int64) string { return fmt.Sprintf("%s%08d", serie, n) }

// items are what is printed on a card beside its serial, safe to open in a
// spreadsheet.
func (p *Person) items(valid persian.Date) []string {
	all := []string{
		p.Number.String(), p.Given.Display, p.Surname.Display, p.Father.Display, p.Born.String(), valid.String(), p.Postal.String(),
	}
	for i := range all {
		all[i] = sheet.Cell(all[i])
	}
	return all
}

// digestOf tells later whether the items are still what was printed.
func digestOf(items []string) []byte {
	h := sha256.New()
	for _, item := range items {
		_, _ = h.Write(append([]byte(item), 0))
	}
	return h.Sum(nil)
}

func (k *printRun) close(tx *store.Tx) error {
	k.csv.Flush()
	whole := sha256.Sum256(k.file.Bytes())
	_, _ = fmt.Fprintf(&k.file, "end,%d,%d,%x%s\n", k.id, k.Rows, whole, strings.Repeat(",", len(batchHeader)-4)) // into memory
	file := k.file.Bytes()
	digest := sha256.Sum256(file)
	k.Digest = hex.EncodeToString(digest[:])
	printer := int64(0)
	if k.c.Actor.Role == register.Printer {
		printer = int64(k.c.Actor.Agency)
	}
	_, err := tx.Exec(batchInsert, k.id, k.c.Micros(), k.Rows, k.Rows, digest[:], file, printer)
	return err
}

// storedBatch is a batch as its printer finds it.
type storedBatch struct {
	size, open   int
	digest, file []byte
}

// batchFor finds a batch for a printer. One that another printing house has
// made or fetched is not there for him; one that nobody has is his from now on.
func batchFor(tx *store.Tx, actor journal.Actor, id int64) (*storedBatch, error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "person.missing").At("batch")
	}
	var s storedBatch
	var agency int64
	found, err := tx.One(batchByID, []any{id}, &s.size, &s.open, &s.digest, &s.file, &agency)
	switch {
	case err != nil:
		return nil, err
	case !found, agency != 0 && agency != int64(actor.Agency):
		return nil, errBatch
	case agency == 0:
		_, err = tx.Exec(batchTake, int64(actor.Agency), id)
	}
	return &s, err
}

// BatchQuery names a batch.
type BatchQuery struct {
	Batch int64 `json:"batch"`
}

// BatchFile is the file of a batch: the same bytes each time, until the printer
// has told the result of every row; then it is gone. That somebody read it is
// an entry.
func (b *Book) BatchFile(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BatchQuery) (file []byte, proven journal.Proven, err error) {
	if err := register.Only(actor, register.Printer); err != nil {
		return nil, proven, err
	}
	act := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: "card-batch", Clock: b.Clock}
	proven, err = register.Do(ctx, b.db, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		s, err := batchFor(tx, actor, in.Batch)
		if err != nil {
			return nil, err
		}
		if s.open == 0 {
			return nil, fault.New(fault.Conflict, "person.batch.complete")
		}
		file = s.file
		return fmt.Appendf(nil, `"batch":{"id":"%d","rows":%d,"sha256":"%x"}`, in.Batch, s.size, s.digest), nil
	})
	return file, proven, err
}

var errBatch = fault.New(fault.NotFound, "person.batch.unknown").At("batch")
