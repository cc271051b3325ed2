package person

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/sheet"
)

// The columns of a file of births. They bear the names of Birth's members.
const (
	birthNotification = iota
	birthOrder
	birthOffice
	birthGiven
	birthSurname
	birthSayyed
	birthSex
	birthBorn
	birthPlace
	birthFather
	birthFatherName
	birthMother
	birthMotherName
	birthDeclarant
	birthDocument
	birthLate
)

var birthColumns = [...]string{
	birthNotification: "notification", birthOrder: "birth_order", birthOffice: "office",
	birthGiven: "given_name", birthSurname: "surname", birthSayyed: "sayyed", birthSex: "sex", birthBorn: "birth_date",
	birthPlace: "birth_place", birthFather: "father_number", birthFatherName: "father_name",
	birthMother: "mother_number", birthMotherName: "mother_name",
	birthDeclarant: "declarant", birthDocument: "document", birthLate: "late",
}

var declarantWords = sync.OnceValue(func() persian.Words { return persian.NewWords("person.birth.declarant.", declarants) })

// ImportBirths registers the births of a CSV file, each as RegisterBirth does,
// a thousand in a transaction. Good rows go in, bad rows are reported and left
// out. An import that was cut short is resumed by running it again: births that
// are registered get what they have. The report counts them as unchanged.
func (b *Book) ImportBirths(ctx context.Context, actor journal.Actor, j *journal.Journal, r io.Reader, progress sheet.Progress, full io.Writer) (*sheet.Report, error) {
	im := &birthImporter{
		delivery: delivery{book: b, journal: j, actor: actor, known: newIntern(nil), late: &arrears{journal: j}},
		report:   sheet.NewReport(full),
		parser:   parser{columns: birthColumns[:], names: map[string]persian.Name{}},
	}
	if err := im.permitted(); err != nil {
		return im.report, err
	}
	load := sheet.Load[notified]{
		Columns: headers(birthColumns[:], "person.birth.column.",
			birthNotification, birthOffice, birthGiven, birthSurname, birthSex, birthBorn, birthPlace, birthDeclarant),
		Chunk: MaxBirths, Parse: im.parse, Flush: im.flush, Progress: progress,
	}
	err := load.Run(ctx, r, im.report)
	if err == nil {
		err = im.late.settle(0)
	}
	return im.report, err
}

// arrears are acts that are done and whose entries are on their way into the
// log: so the next chunk is written meanwhile. If the import dies, the entries
// get there all the same.
type arrears struct {
	journal *journal.Journal
	chunks  []chan error
}

// maxArrears is how many chunks an import is ahead of the log: beside a server
// it hears of an entry up to a second later.
const maxArrears = 8

func (a *arrears) add(ctx context.Context, acts []journal.ActID) error {
	done := make(chan error, 1)
	go func() { done <- a.journal.Settled(ctx, acts) }()
	a.chunks = append(a.chunks, done)
	return a.settle(maxArrears)
}

// settle waits until at most so many chunks are on their way.
func (a *arrears) settle(most int) error {
	for len(a.chunks) > most {
		if err := <-a.chunks[0]; err != nil {
			return err
		}
		a.chunks = a.chunks[1:]
	}
	return nil
}

type birthImporter struct {
	delivery
	report *sheet.Report
	parser parser
}

// notified is a birth and the row it came from.
type notified struct {
	birth Birth
	row   int
}

// parse reads a row; all its mistakes are reported at once.
func (im *birthImporter) parse(row *sheet.Row, report *sheet.Report) (n notified, ok bool) {
	p := &im.parser
	p.row, p.bad = row, p.bad[:0]
	b := &n.birth
	n.row = row.N
	b.Notification = strings.Clone(p.must(birthNotification)) // a cell holds on to its whole row
	if b.Order = 1; row.Cell(birthOrder) != "" {
		b.Order = optional(p, birthOrder, parseOrder)
	}
	b.Office = optional(p, birthOffice, parseOffice)
	b.Given, b.Surname = p.name(birthGiven, row.Cell(birthGiven)), p.name(birthSurname, row.Cell(birthSurname))
	b.Sayyed = p.word(birthSayyed, vocabularies().sayyed) == 1
	b.Sex = Sex(p.word(birthSex, vocabularies().sex))
	b.Born = p.anyDate(birthBorn, row.Cell(birthBorn))
	b.Place = p.text(birthPlace, maxBirthPlace)
	b.Father = optional(p, birthFather, ids.ParseNationalNumber)
	b.FatherName = p.name(birthFatherName, row.Cell(birthFatherName))
	b.Mother = optional(p, birthMother, ids.ParseNationalNumber)
	b.MotherName = p.name(birthMotherName, row.Cell(birthMotherName))
	if row.Cell(birthDeclarant) != "" {
		b.Declarant = Declarant(declarants[p.word(birthDeclarant, declarantWords())])
	}
	b.Document = p.text(birthDocument, maxDocument)
	b.Late = p.word(birthLate, vocabularies().sayyed) == 1
	if len(p.bad) == 0 {
		if err := b.Check(); err != nil {
			report.Refuse(row.N, fault.Of(err).Field, err)
			return n, false
		}
		return n, true
	}
	first := p.bad.Err()
	report.Refuse(row.N, fault.Of(first).Field, first)
	return n, false
}

func parseOrder(cell string) (int, error) {
	n, err := strconv.Atoi(persian.ASCII(cell))
	if err != nil {
		return 0, fault.New(fault.Invalid, "person.birth.order")
	}
	return n, nil
}

// flush registers a chunk. What the register has against some rows is reported,
// and the others go in without them.
func (im *birthImporter) flush(ctx context.Context, chunk []notified) error {
	for len(chunk) > 0 {
		births, faults := make([]Birth, len(chunk)), make([]error, len(chunk))
		for i := range chunk {
			births[i] = chunk[i].birth
		}
		if err := im.register(ctx, births, faults); err != nil {
			return err
		}
		var good []notified
		for i, err := range faults {
			if err == nil {
				good = append(good, chunk[i])
				continue
			}
			im.report.Refuse(chunk[i].row, fault.Of(err).Field, err)
		}
		if len(good) == len(chunk) {
			im.count()
			return nil
		}
		chunk = good
	}
	return nil
}

func (im *birthImporter) count() {
	for _, b := range im.born {
		if b.Again {
			im.report.Unchanged++
		} else {
			im.report.Added++
		}
	}
	im.report.Accepted += len(im.born)
}

// The columns of a file of registry offices.
const (
	officeCode = iota
	officeName
	officeProvince
	officeCounty
	officePrefixes
)

var officeColumns = [...]string{
	officeCode: "code", officeName: "name", officeProvince: "province", officeCounty: "county", officePrefixes: "prefixes",
}

// ImportOffices takes a CSV file of registry offices into the register, with a
// report row by row. Each thousand rows are one act. The prefixes of an office
// stand in one cell, with spaces between.
func (b *Book) ImportOffices(ctx context.Context, actor journal.Actor, j *journal.Journal, r io.Reader, progress sheet.Progress, full io.Writer) (*sheet.Report, error) {
	im := &officeImporter{
		book: b, journal: j, actor: actor, report: sheet.NewReport(full),
		parser: parser{columns: officeColumns[:]},
	}
	load := sheet.Load[officeRow]{
		Columns: headers(officeColumns[:], "person.office.column.", officeCode, officeName, officePrefixes),
		Chunk:   maxOffices, Parse: im.parse, Flush: im.flush, Progress: progress,
	}
	err := load.Run(ctx, r, im.report)
	return im.report, err
}

type officeImporter struct {
	book    *Book
	journal *journal.Journal
	actor   journal.Actor
	report  *sheet.Report
	parser  parser
	seen    sheet.Seen
}

type officeRow struct {
	office Office
	row    int
}

func (im *officeImporter) parse(row *sheet.Row, report *sheet.Report) (o officeRow, ok bool) {
	p := &im.parser
	p.row, p.bad = row, p.bad[:0]
	o.row = row.N
	if p.must(officeCode) != "" {
		o.office.Code = optional(p, officeCode, parseOffice)
	}
	o.office.Name = p.text(officeName, maxIssuePlace)
	o.office.Province = p.text(officeProvince, maxIssuePlace)
	o.office.County = p.text(officeCounty, maxIssuePlace)
	for cell := range strings.FieldsSeq(row.Cell(officePrefixes)) {
		prefix, err := ParsePrefix(cell)
		if err != nil {
			p.wrong(officePrefixes, err)
		}
		o.office.Prefixes = append(o.office.Prefixes, prefix)
	}
	err := p.bad.Err()
	if err == nil {
		err = o.office.Check()
	}
	if err == nil && !im.seen.Add(int64(o.office.Code)) {
		err = sheet.ErrTwice.At(officeColumns[officeCode])
	}
	if err != nil {
		report.Refuse(row.N, fault.Of(err).Field, err)
		return o, false
	}
	return o, true
}

func (im *officeImporter) flush(ctx context.Context, chunk []officeRow) error {
	if err := im.book.directory.Reload(ctx); err != nil {
		return err
	}
	have := im.book.directory.Get().byCode
	var offices []Office
	added := 0
	for i := range chunk {
		switch old := have[chunk[i].office.Code]; {
		case old == nil:
			added++
			offices = append(offices, chunk[i].office)
		case !old.equal(&chunk[i].office):
			offices = append(offices, chunk[i].office)
		}
	}
	if len(offices) > 0 {
		if _, err := im.book.PutOffices(ctx, im.journal, im.actor, offices); err != nil {
			return fmt.Errorf("rows %d to %d: %w", chunk[0].row, chunk[len(chunk)-1].row, err)
		}
	}
	im.report.Added += added
	im.report.Changed += len(offices) - added
	im.report.Unchanged += len(chunk) - len(offices)
	im.report.Accepted += len(chunk)
	return nil
}
