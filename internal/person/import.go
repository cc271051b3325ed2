package person

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// importChunk is how many rows one act of an import takes in.
const importChunk = 5000

// Import takes a CSV file of persons into the register. A person who is not
// there is added; one who differs gets a new version, with the old one in the
// history; one who does not is left alone. Columns that the file does not have
// stay as they are. Bad rows are reported and left out.
//
// Each 5,000 rows are one act: a transaction with its entry in the journal. An
// import that was cut short is resumed by running it again: what is in already
// differs in nothing. full, which may be nil, receives every line of the
// report as CSV.
func (b *Book) Import(ctx context.Context, actor journal.Actor, j *journal.Journal, r io.Reader, progress sheet.Progress, full io.Writer) (*sheet.Report, error) {
	im := &importer{
		book: b, journal: j, actor: actor, id: rand.Text(),
		report: sheet.NewReport(full), known: newIntern(nil),
		parser: parser{columns: columnNames[:], today: persian.DateOf(b.Clock()), names: map[string]persian.Name{}},
	}
	load := sheet.Load[incoming]{
		Columns: headers(columnNames[:], "person.column.", colNumber, colGiven, colSurname, colBorn), Chunk: importChunk,
		Parse: im.parse, Flush: im.flush, Progress: progress,
	}
	err := load.Run(ctx, r, im.report)
	return im.report, err
}

type importer struct {
	book    *Book
	journal *journal.Journal
	actor   journal.Actor
	id      string // of this run, in its entries
	report  *sheet.Report
	known   *intern
	seen    sheet.Seen
	parser  parser
	has     [len(columnNames)]bool // which columns the file has
	looked  bool
}

// incoming is what a row says.
type incoming struct {
	person   Person
	row      int
	restored bool
}

// parse reads a row; all its mistakes are reported at once.
func (im *importer) parse(row *sheet.Row, report *sheet.Report) (in incoming, ok bool) {
	if !im.looked {
		for i := range im.has {
			im.has[i] = row.Has(i)
		}
		im.looked = true
	}
	p := &im.parser
	p.row, p.bad = row, p.bad[:0]
	in.row = row.N
	in.person.Number, in.restored = p.number()
	im.parsePerson(&in.person)
	im.parseRest(&in.person)
	in.person.settle()
	if len(p.bad) == 0 {
		p.bad.Add("", in.person.check())
	}
	if len(p.bad) == 0 && !im.seen.Add(int64(in.person.Number)/10) { // the tenth digit follows from the others
		p.bad.Add(columnNames[colNumber], sheet.ErrTwice)
	}
	if len(p.bad) > 0 {
		report.Refuse(row.N, p.bad[0].Field, p.bad.Err())
		return in, false
	}
	if in.restored {
		report.Restored++
		report.Note(row.N, columnNames[colNumber], "person.restored")
	}
	return in, true
}

func (im *importer) parsePerson(to *Person) {
	p, words := &im.parser, vocabularies()
	to.Given = p.name(colGiven, p.must(colGiven))
	to.Surname = p.name(colSurname, p.must(colSurname))
	to.Father = p.name(colFather, p.row.Cell(colFather))
	to.Sex = Sex(p.word(colSex, words.sex))
	to.Born = p.date(colBorn, p.must(colBorn))
	to.Died = p.date(colDied, p.row.Cell(colDied))
	to.State = State(p.word(colState, words.state))
	dead := p.word(colLife, words.life) == 1 || !to.Died.IsZero()
	if to.State == 0 || to.State == Active && dead && p.row.Cell(colState) == "" {
		to.State = Active
		if dead {
			to.State = Deceased
		}
	}
	if to.State == Active && dead && to.Died.IsZero() {
		p.wrong(colLife, fault.New(fault.Invalid, "person.death.alive"))
	}
	to.Sayyed = p.word(colSayyed, words.sayyed) == 1
	to.Successor = optional(p, colSuccessor, ids.ParseNationalNumber)
}

func (im *importer) parseRest(to *Person) {
	p, words := &im.parser, vocabularies()
	s := &to.Shenasnameh
	s.Number = optional(p, colShenasnameh, func(cell string) (ids.ShenasnamehNumber, error) {
		return ids.ParseShenasnamehNumber(cell, to.Number, to.Born)
	})
	s.Serie = optional(p, colSerie, ids.ParseSerie)
	s.Serial = optional(p, colSerial, ids.ParseSerial)
	s.Office = optional(p, colOffice, parseOffice)
	s.IssuePlace = p.text(colIssuePlace, maxIssuePlace)
	to.Postal = optional(p, colPostal, ids.ParsePostalCode)
	to.ResidenceSince = p.date(colSince, p.row.Cell(colSince))
	to.Card.State = CardState(p.word(colCardState, words.card))
	to.Card.Reason = CardReason(p.word(colCardReason, words.reason))
	to.Card.Valid = p.anyDate(colCardValid, p.row.Cell(colCardValid))
	to.Card.Serial = p.text(colCardSerial, maxCardSerial)
}

// parseOffice reads a registry office's code, at most five digits.
func parseOffice(cell string) (int, error) {
	n, err := strconv.Atoi(persian.ASCII(cell))
	if err != nil || n < 0 || n > 99999 {
		return 0, fault.New(fault.Invalid, "person.office")
	}
	return n, nil
}

// onto puts what the file says over what is on record.
func (im *importer) onto(old *Person, in *Person) Person {
	p := *in
	p.Version = old.Version
	keep := func(column int, back func()) {
		if !im.has[column] {
			back()
		}
	}
	keep(colFather, func() { p.Father = old.Father })
	keep(colSex, func() { p.Sex = old.Sex })
	if !im.has[colState] && (!im.has[colLife] && !im.has[colDied] || old.State > Deceased) {
		p.State, p.Died = old.State, old.Died // life's end says nothing of cancelled, reviewed, protected
	}
	keep(colDied, func() {
		if p.State == Deceased {
			p.Died = old.Died
		}
	})
	keep(colSuccessor, func() { p.Successor = old.Successor })
	keep(colShenasnameh, func() { p.Shenasnameh.Number = old.Shenasnameh.Number.Normal(p.Number, p.Born) })
	keep(colSerie, func() { p.Shenasnameh.Serie = old.Shenasnameh.Serie })
	keep(colSerial, func() { p.Shenasnameh.Serial = old.Shenasnameh.Serial })
	keep(colOffice, func() { p.Shenasnameh.Office = old.Shenasnameh.Office })
	keep(colIssuePlace, func() { p.Shenasnameh.IssuePlace = old.Shenasnameh.IssuePlace })
	keep(colPostal, func() { p.Postal = old.Postal })
	keep(colSince, func() {
		if p.Postal == old.Postal {
			p.ResidenceSince = old.ResidenceSince
		}
	})
	keep(colCardState, func() { p.Card.State, p.Card.Reason = old.Card.State, old.Card.Reason })
	keep(colCardValid, func() { p.Card.Valid = old.Card.Valid })
	keep(colCardSerial, func() { p.Card.Serial = old.Card.Serial })
	keep(colSayyed, func() { p.Sayyed = old.Sayyed })
	return p
}

// sorted is a chunk, sorted by what has to be done.
type sorted struct {
	added, changed []Person
	unchanged      int
}

// sort holds a chunk against the register.
func (im *importer) sort(ctx context.Context, chunk []incoming) (s sorted, err error) {
	numbers := make([]ids.NationalNumber, len(chunk))
	for i := range chunk {
		numbers[i] = chunk[i].person.Number
	}
	olds, err := im.book.ByNumbers(ctx, numbers)
	if err != nil {
		return s, err
	}
	for i, old := range olds {
		if old == nil {
			s.added = append(s.added, chunk[i].person)
			continue
		}
		old.settle() // an expired card is stored as issued
		p := im.onto(old, &chunk[i].person)
		if p == *old {
			s.unchanged++
		} else {
			s.changed = append(s.changed, p)
		}
	}
	return s, nil
}

// flush takes a chunk in as one act. If the register moves on between reading
// and writing, it begins again.
func (im *importer) flush(ctx context.Context, chunk []incoming) error {
	const tries = 5
	for try := 1; ; try++ {
		s, err := im.sort(ctx, chunk)
		if err != nil {
			return err
		}
		if len(s.added)+len(s.changed) > 0 {
			err = im.write(ctx, s, chunk[0].row, chunk[len(chunk)-1].row)
		}
		if err == nil {
			im.report.Added += len(s.added)
			im.report.Changed += len(s.changed)
			im.report.Unchanged += s.unchanged
			im.report.Accepted += len(chunk)
			return nil
		}
		if try == tries || !fault.Is(err, fault.Conflict) && !store.IsDuplicate(err) {
			return err
		}
		time.Sleep(20 * time.Millisecond) // another process's rows are seen by then
	}
}

func (im *importer) write(ctx context.Context, s sorted, first, end int) error {
	var fresh *intern
	a := register.Act{Kind: receipt.RegisterImport, Actor: im.actor, Why: "import", Clock: im.book.Clock}
	_, err := register.Do(ctx, im.book.db, im.journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		fresh = newIntern(im.known)
		last, err := takeChanges(tx, len(s.added)+len(s.changed))
		if err != nil {
			return nil, err
		}
		var rows batch
		for i := range s.added {
			if err := rows.add(tx, fresh, &s.added[i]); err != nil {
				return nil, err
			}
		}
		if err := rows.insert(tx); err != nil {
			return nil, err
		}
		if err := tellNew(tx, c, last-int64(len(s.changed)), numbersOf(s.added), "import"); err != nil {
			return nil, err
		}
		for i := range s.changed {
			p := s.changed[i]
			if err := put(tx, c, fresh, &p, im.has[colCardState]); err != nil {
				return nil, err
			}
			// A row that changed nothing after all has a change too: whoever hears of
			// it finds the version that he has.
			seq := last - int64(len(s.changed)-1-i)
			if _, err := tx.Exec(changeInsert, seq, int64(p.Number), p.Version, "import", c.Micros()); err != nil {
				return nil, err
			}
		}
		return im.body(s, first, end), nil
	})
	if err == nil {
		fresh.learn()
	}
	return err
}

func numbersOf(persons []Person) []ids.NationalNumber {
	numbers := make([]ids.NationalNumber, len(persons))
	for i := range persons {
		numbers[i] = persons[i].Number
	}
	return numbers
}

// body is what the journal says of a chunk.
func (im *importer) body(s sorted, first, last int) []byte {
	return fmt.Appendf(nil, `"import":{"register":"person","id":"%s","first_row":%d,"last_row":%d,"added":%d,"changed":%d,"unchanged":%d}`,
		im.id, first, last, len(s.added), len(s.changed), s.unchanged)
}
