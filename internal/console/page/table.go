package page

// Table is a list. On a telephone each row becomes a card.
type Table struct {
	Title   string
	Note    string
	Columns []Column
	Rows    []Row
	Empty   string // what stands there instead of no rows
	More    string // the next page of the list; "": there is none
	Export  string // the same as a spreadsheet; "": not offered
	Filter  *Filter
}

// Column is one of its columns.
type Column struct {
	Title  string
	Number bool // figures: aligned at their ends
}

// Row is one line.
type Row struct {
	Cells []Cell
	Tone  string
}

// Cell is one value, with what can be done there.
type Cell struct {
	Text, Small string
	Code        string // a tracking code; stands instead of the text
	Number      bool   // digits, dates: they keep their direction
	Tone        string // shows the text as a badge
	Path        string // makes it a link
	Acts        []Press
}

// Groups is the code as printed.
func (c Cell) Groups() []string { return Groups(c.Code) }

// Press is a button that performs an act: a Form without controls.
type Press struct {
	Path, Text string
	Hidden     []Hidden
	Once       string // of NewOnce
	Ghost      bool
	Ask        string // a question to confirm first; with a script only
}

// Hidden is a value that a form carries along.
type Hidden struct{ Name, Value string }

// Filter is a form above a list that narrows it. It is sent by GET: it must
// not ask for anything about a person.
type Filter struct {
	Path     string
	Controls []Input
	Hidden   []Hidden
}

// Head makes columns of titles.
func Head(titles ...string) (all []Column) {
	for _, t := range titles {
		all = append(all, Column{Title: t})
	}
	return all
}

// Cells makes a row of texts.
func Cells(texts ...string) (r Row) {
	for _, t := range texts {
		r.Cells = append(r.Cells, Cell{Text: t})
	}
	return r
}
