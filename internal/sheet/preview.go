package sheet

import (
	"slices"

	"github.com/estelam/estelam/internal/fault"
)

// Preview is what a file seems to be. It is for the eyes of who handed the file
// in: it shows the first values.
type Preview struct {
	Format    Format          `json:"format"`
	Encoding  string          `json:"encoding"`
	Separator string          `json:"separator,omitempty"`
	Sheet     string          `json:"sheet,omitempty"`  // the one that is read
	Sheets    []string        `json:"sheets,omitempty"` // all that hold something, when there are several
	Titles    int             `json:"titles,omitempty"` // rows above the header that are passed over
	HeaderRow bool            `json:"header_row"`
	Rows      int64           `json:"rows"` // data rows, an estimate for text; 0: unknown
	Columns   []PreviewColumn `json:"columns"`
	chosen    bool            // the sheet was named, or there is only one
}

// PreviewColumn is what a column seems to be.
type PreviewColumn struct {
	Index   int      `json:"index"`
	Header  string   `json:"header,omitempty"`
	Means   string   `json:"means,omitempty"`  // the Column that it is taken for
	Likely  string   `json:"likely,omitempty"` // the Column that it may be, which nobody has said: it is not taken
	Kind    string   `json:"kind"`             // what its cells look like
	Form    string   `json:"form,omitempty"`   // of dates: the order of year, month and day
	Sure    float64  `json:"sure"`             // how sure Means is, or else Likely: 0 to 1
	Samples int      `json:"samples"`          // cells looked at that are not empty
	Values  []string `json:"values,omitempty"` // the first few

	stats *cells
}

// sureEnough is from when on contents alone decide what a column means.
const sureEnough = 0.8

// Sure is how sure the least sure of the columns is that are taken.
func (p *Preview) Sure() float64 {
	least := 1.0
	for _, c := range p.Columns {
		if c.Means != "" {
			least = min(least, c.Sure)
		}
	}
	return least
}

// check refuses what may not be guessed.
func (p *Preview) check(columns []Column) error {
	var bad fault.List
	bad.When(!p.chosen && len(p.Sheets) > 1, "sheet", "sheet.sheets")
	taken := map[string]int{}
	for _, c := range p.Columns {
		if c.Means != "" {
			taken[c.Means]++
		}
	}
	for _, c := range columns {
		bad.When(taken[c.Name] > 1, c.Name, "sheet.column.twice", c.Name)
		bad.When(c.Must && taken[c.Name] == 0, c.Name, "sheet.column.missing", c.Name)
	}
	bad.When(len(taken) == 0 && len(bad) == 0, "columns", "sheet.column.none")
	return bad.Err()
}

// detect finds the header, the kinds of the columns and what they mean.
func (t *TableReader) detect(columns []Column, o ReadOptions) error {
	p := &t.preview
	means := meanings(columns)
	width := t.width()
	head := t.header(means, width, o)
	p.Columns = make([]PreviewColumn, width)
	for j := range p.Columns {
		c := &p.Columns[j]
		c.Index = j
		if j < len(head) {
			c.Header = head[j]
		}
		c.stats = look(t.sample, j)
		c.Kind, c.Form, c.Samples, c.Values = c.stats.kind(), c.stats.form(), c.stats.filled, c.stats.first
	}
	if p.HeaderRow {
		p.byHeader(means, columns)
	} else {
		p.byContent(columns)
	}
	if err := p.byHand(columns, o.Map); err != nil {
		return err
	}
	t.settle(columns)
	return nil
}

// width is how many columns the table has: of a text, as many as most rows
// have; else as many as the widest row.
func (t *TableReader) width() int {
	count := map[int]int{}
	for _, r := range t.sample {
		if r.Fault == nil {
			count[len(r.cells)]++
		}
	}
	width, most := len(t.preview.Columns), 0
	for n, rows := range count {
		switch {
		case t.preview.Format != CSV:
			width = max(width, n)
		case rows > most || rows == most && n > width:
			width, most = n, rows
		}
	}
	return width
}

// titleRows is how many rows may stand above the header.
const titleRows = 20

// header takes the header, and what stands above it, off the sample.
func (t *TableReader) header(means map[string]int, width int, o ReadOptions) []string {
	if t.preview.HeaderRow { // the format has said so: Parquet
		head := make([]string, width)
		for j := range head {
			head[j] = t.preview.Columns[j].Header
		}
		return head
	}
	if o.Header != nil && !*o.Header || len(t.sample) == 0 {
		return nil
	}
	best, most := -1, 0
	for i, r := range t.sample[:min(len(t.sample), titleRows+1)] {
		if n := named(r, means); n > most {
			best, most = i, n
		}
	}
	switch asked := o.Header != nil; {
	case most >= 2, most == 1 && (asked || !dataLike(t.sample[best])):
	case asked || t.contrast(width):
		best = 0
	default:
		return nil
	}
	head := t.sample[best].cells
	if t.sample[best].Fault != nil {
		return nil
	}
	t.preview.HeaderRow, t.preview.Titles = true, best
	t.sample = t.sample[best+1:]
	return head
}

// named counts the cells of a row that name a column.
func named(r *Row, means map[string]int) int {
	seen := map[int]bool{}
	for _, c := range r.cells {
		if i, ok := means[fold(c)]; ok {
			seen[i] = true
		}
	}
	return len(seen)
}

// dataLike: a cell with digits in it stands in data rather than in a header.
func dataLike(r *Row) bool { return slices.ContainsFunc(r.cells, hasDigit) }

// contrast reports whether the first row has words only where the rows below
// have digits: then it is a header, of columns that mean nothing here.
func (t *TableReader) contrast(width int) bool {
	first := t.sample[0]
	if first.Fault != nil || dataLike(first) || len(t.sample) < 2 {
		return false
	}
	for j := range width {
		if j < len(first.cells) && first.cells[j] != "" {
			if s := look(t.sample[1:], j); s.filled > 0 && s.digits*10 >= s.filled*9 {
				return true
			}
		}
	}
	return false
}

// byHeader gives columns the meaning that their headers name. Contents do not
// overrule a header; where they speak against it, it is less sure.
func (p *Preview) byHeader(means map[string]int, columns []Column) {
	for j := range p.Columns {
		c := &p.Columns[j]
		if i, ok := means[fold(c.Header)]; ok {
			c.Means, c.Sure = columns[i].Name, c.stats.fits(columns[i].Kind)
		}
	}
}

// byHand does what a person has decided.
func (p *Preview) byHand(columns []Column, decided map[int]string) error {
	for j, name := range decided {
		known := name == "" || slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name })
		if !known || j < 0 || j >= len(p.Columns) {
			return fault.New(fault.Invalid, "sheet.map").At("map")
		}
		for k := range p.Columns { // a column moves: where detection has put it, it is no more
			if _, also := decided[k]; !also && name != "" && p.Columns[k].Means == name {
				p.Columns[k].Means, p.Columns[k].Likely = "", name
			}
		}
		c := &p.Columns[j]
		c.Means, c.Likely, c.Sure = name, "", 1
	}
	return nil
}

// settle fixes where each column stands and how its cells are read.
func (t *TableReader) settle(columns []Column) {
	t.at = make([]int, len(columns))
	t.reads = make([]func(string) string, len(columns))
	for i, col := range columns {
		t.at[i] = -1
		for j := range t.preview.Columns {
			if c := &t.preview.Columns[j]; c.Means == col.Name && t.at[i] < 0 {
				t.at[i] = j
				t.reads[i] = c.stats.reading(col.Kind)
			}
		}
	}
}
