package person

import (
	"slices"
	"strings"
	"sync"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/sheet"
)

// The columns of an import file. A file without an optional column says
// nothing about it; one whose cell is empty says "not on record".
const (
	colNumber = iota
	colGiven
	colSurname
	colFather
	colSex
	colBorn
	colState
	colLife
	colDied
	colShenasnameh
	colSerie
	colSerial
	colOffice
	colIssuePlace
	colPostal
	colSince
	colCardState
	colCardReason
	colCardValid
	colCardSerial
	colSayyed
	colSuccessor
)

var columnNames = [...]string{
	colNumber: "national_number", colGiven: "given_name", colSurname: "surname", colFather: "father_name", colSex: "sex",
	colBorn: "birth_date", colState: "state", colLife: "life_status", colDied: "death_date",
	colShenasnameh: "shenasnameh_number", colSerie: "shenasnameh_serie", colSerial: "shenasnameh_serial",
	colOffice: "issue_office", colIssuePlace: "issue_place", colPostal: "postal_code", colSince: "residence_since",
	colCardState: "card_state", colCardReason: "card_reason", colCardValid: "card_valid_until", colCardSerial: "card_serial",
	colSayyed: "sayyed", colSuccessor: "successor",
}

// headers gives columns their headers in both languages; must says which of
// them a file cannot do without.
func headers(names []string, prefix string, must ...int) []sheet.Column {
	all := make([]sheet.Column, len(names))
	for i, name := range names {
		all[i] = sheet.Column{
			Name: name,
			Also: sheet.Also(prefix + name),
			Must: slices.Contains(must, i),
		}
	}
	return all
}

var vocabularies = sync.OnceValue(func() (v struct{ sex, state, life, card, reason, sayyed persian.Words }) {
	v.sex = persian.NewWords("person.sex.", sexes[:])
	v.state = persian.NewWords("person.state.", states[:])
	v.life = persian.NewWords("person.life.", []string{"alive", "deceased"})
	v.card = persian.NewWords("person.card.", cardStates[:])
	v.reason = persian.NewWords("person.reason.", cardReasons[:])
	v.sayyed = persian.NewWords("person.sayyed.", []string{"no", "yes"})
	return v
})

// parser reads the cells of one row; it gathers every mistake of the row.
type parser struct {
	columns []string // their names
	row     *sheet.Row
	today   persian.Date
	names   map[string]persian.Name // by cell: a name is parsed once a file
	bad     fault.List
}

func (p *parser) wrong(column int, err error) {
	p.bad.Add(p.columns[column], err)
}

// must is a cell that may not be empty.
func (p *parser) must(column int) string {
	cell := p.row.Cell(column)
	if cell == "" {
		p.wrong(column, fault.New(fault.Invalid, "person.missing"))
	}
	return cell
}

// maxNames bounds the memory that parsed names take.
const maxNames = 200_000

func (p *parser) name(column int, cell string) persian.Name {
	if cell == "" {
		return persian.Name{}
	}
	if n, ok := p.names[cell]; ok {
		return n
	}
	n, err := persian.ParseName(cell)
	if err != nil {
		p.wrong(column, err)
		return n
	}
	if len(p.names) >= maxNames {
		clear(p.names)
	}
	p.names[strings.Clone(cell)] = n // a cell holds on to its whole row
	return n
}

// date reads a day that has come.
func (p *parser) date(column int, cell string) persian.Date {
	d := p.anyDate(column, cell)
	if d.Compare(p.today) > 0 {
		p.wrong(column, fault.New(fault.Invalid, "person.date.future"))
	}
	return d
}

func (p *parser) anyDate(column int, cell string) persian.Date {
	if cell == "" {
		return persian.Date{}
	}
	d, err := persian.ParseDate(cell)
	if err != nil {
		p.wrong(column, err)
	}
	return d
}

func (p *parser) word(column int, v persian.Words) int {
	cell := p.row.Cell(column)
	if cell == "" {
		return 0
	}
	i, ok := v.Find(cell)
	if !ok {
		p.wrong(column, fault.New(fault.Invalid, "person.word"))
	}
	return i
}

// text reads a short free text.
func (p *parser) text(column, limit int) string {
	cell := p.row.Cell(column)
	if len(cell) > limit {
		p.wrong(column, fault.New(fault.Invalid, "person.long"))
		return ""
	}
	text, err := persian.Display(cell)
	if err != nil {
		p.wrong(column, err)
	}
	return strings.Clone(text)
}

// optional reads a cell with parse unless it is empty.
func optional[T any](p *parser, column int, parse func(string) (T, error)) (v T) {
	cell := p.row.Cell(column)
	if cell == "" {
		return v
	}
	v, err := parse(cell)
	if err != nil {
		p.wrong(column, err)
	}
	return v
}

// number reads the row's national number and tells whether its leading zeros
// had to be restored.
func (p *parser) number() (n ids.NationalNumber, restored bool) {
	cell := p.must(colNumber)
	if cell == "" {
		return 0, false
	}
	n, restored, err := ids.RestoreNationalNumber(cell)
	if err != nil {
		p.wrong(colNumber, err)
	}
	return n, restored
}
