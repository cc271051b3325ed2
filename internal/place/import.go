package place

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
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

// The columns of an import file that are not plain texts; the texts follow.
const (
	colCode = iota
	colState
	colSuccessors
	colTexts
)

var columnNames = [...]string{
	"postal_code", "state", "successors",
	"province", "county", "district", "locality", "locality_kind", "sub_locality",
	"street", "street2", "house_number", "floor", "side", "building", "note",
}

func importColumns() []sheet.Column {
	all := make([]sheet.Column, len(columnNames))
	for i, name := range columnNames {
		all[i] = sheet.Column{
			Name: name,
			Also: sheet.Also("place.column." + name),
			Must: name == "postal_code" || name == "province",
		}
	}
	return all
}

// Import takes a CSV file of places into the register. A place that is not
// there is added; one that differs gets a new version, with the old one in the
// history; one that does not is left alone. Columns that the file does not
// have stay as they are. Bad rows are reported and left out.
//
// Each 5,000 rows are one act: a transaction with its entry in the journal. An
// import that was cut short is resumed by running it again. full, which may be
// nil, receives every line of the report as CSV.
func (b *Book) Import(ctx context.Context, actor journal.Actor, j *journal.Journal, r io.Reader, progress sheet.Progress, full io.Writer) (*sheet.Report, error) {
	im := &importer{
		book: b, journal: j, actor: actor, id: rand.Text(),
		report: sheet.NewReport(full), known: newIntern(nil), texts: map[string]string{}, states: persian.NewWords("place.state.", states[:]),
	}
	load := sheet.Load[incoming]{
		Columns: importColumns(), Chunk: importChunk,
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
	texts   map[string]string // by cell: a text is checked once
	states  persian.Words
	has     [len(columnNames)]bool // which columns the file has
	looked  bool
	bad     fault.List
}

// incoming is what a row says.
type incoming struct {
	place Place
	row   int
}

func (im *importer) wrong(column int, err error) {
	im.bad.Add(columnNames[column], err)
}

// parse reads a row; all its mistakes are reported at once.
func (im *importer) parse(row *sheet.Row, report *sheet.Report) (in incoming, ok bool) {
	if !im.looked {
		for i := range im.has {
			im.has[i] = row.Has(i)
		}
		im.looked = true
	}
	im.bad = im.bad[:0]
	in.row = row.N
	im.parseCells(row, &in.place)
	if len(im.bad) == 0 {
		im.bad.Add("", in.place.check())
	}
	if len(im.bad) == 0 && !im.seen.Add(int64(in.place.Code)) {
		im.bad.Add(columnNames[colCode], sheet.ErrTwice)
	}
	if len(im.bad) > 0 {
		report.Refuse(row.N, im.bad[0].Field, im.bad.Err())
		return in, false
	}
	for _, key := range in.place.Code.Warnings() {
		report.Note(row.N, columnNames[colCode], key)
	}
	return in, true
}

func (im *importer) parseCells(row *sheet.Row, p *Place) {
	var err error
	if cell := row.Cell(colCode); cell == "" {
		im.wrong(colCode, fault.New(fault.Invalid, "place.missing"))
	} else if p.Code, err = ids.ParsePostalCode(cell); err != nil {
		im.wrong(colCode, err)
	}
	p.State = Active
	if cell := row.Cell(colState); cell != "" {
		state, known := im.states.Find(cell)
		if p.State = State(state); !known {
			im.wrong(colState, fault.New(fault.Invalid, "place.word"))
		}
	}
	if p.Successors, err = parseCodes(row.Cell(colSuccessors)); err != nil {
		im.wrong(colSuccessors, err)
	}
	for i, text := range p.all() {
		*text = im.text(colTexts+i, row.Cell(colTexts+i))
	}
}

// maxTexts bounds the memory that checked texts take.
const maxTexts = 100_000

func (im *importer) text(column int, cell string) string {
	if cell == "" {
		return ""
	}
	if s, ok := im.texts[cell]; ok {
		return s
	}
	if len(cell) > 4*maxText {
		im.wrong(column, fault.New(fault.Invalid, "place.long"))
		return ""
	}
	s, err := persian.Display(cell)
	if err != nil {
		im.wrong(column, err)
		return ""
	}
	if len(im.texts) >= maxTexts {
		clear(im.texts)
	}
	s = strings.Clone(s)
	im.texts[strings.Clone(cell)] = s // a cell holds on to its whole row
	return s
}

// onto puts what the file says over what is on record.
func (im *importer) onto(old *Place, in *Place) Place {
	p := *in
	p.Version = old.Version
	if !im.has[colState] {
		p.State = old.State
	}
	if !im.has[colSuccessors] && p.State == old.State {
		p.Successors = old.Successors
	}
	before := old.all()
	for i, text := range p.all() {
		if !im.has[colTexts+i] {
			*text = *before[i]
		}
	}
	return p
}

// sorted is a chunk, sorted by what has to be done.
type sorted struct {
	added, changed []Place
	unchanged      int
}

// sort holds a chunk against the register.
func (im *importer) sort(ctx context.Context, chunk []incoming) (s sorted, err error) {
	codes := make([]ids.PostalCode, len(chunk))
	for i := range chunk {
		codes[i] = chunk[i].place.Code
	}
	olds, err := im.book.ByCodes(ctx, codes)
	if err != nil {
		return s, err
	}
	for i, old := range olds {
		if old == nil {
			s.added = append(s.added, chunk[i].place)
			continue
		}
		if p := im.onto(old, &chunk[i].place); p.same(old) {
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

func (im *importer) write(ctx context.Context, s sorted, first, last int) error {
	var fresh *intern
	a := register.Act{Kind: receipt.RegisterImport, Actor: im.actor, Why: "import", Clock: im.book.Clock}
	_, err := register.Do(ctx, im.book.db, im.journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := take(tx, 0); err != nil { // as in writing
			return nil, err
		}
		fresh = newIntern(im.known)
		if len(s.added) > 0 {
			if err := publishAll(tx, c, s.added); err != nil {
				return nil, err
			}
			if err := insertAll(tx, fresh, s.added); err != nil {
				return nil, err
			}
		}
		for i := range s.changed {
			p := s.changed[i]
			if err := put(tx, c, fresh, &p); err != nil {
				return nil, err
			}
		}
		if err := fresh.write(tx); err != nil {
			return nil, err
		}
		return fmt.Appendf(nil, `"import":{"register":"place","id":"%s","first_row":%d,"last_row":%d,"added":%d,"changed":%d,"unchanged":%d}`,
			im.id, first, last, len(s.added), len(s.changed), s.unchanged), nil
	})
	if err == nil {
		fresh.learn()
	}
	return err
}
