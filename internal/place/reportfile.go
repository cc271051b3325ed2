package place

import (
	"errors"
	"io"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/sheet"
)

// The columns of a report file: kind, postal code, then the parts of the old
// and those of the new address.
const (
	lineKind = iota
	lineCode
	lineOld
	lineNew = lineOld + len(columnNames) - colTexts
)

func lineColumns() []sheet.Column {
	all := []sheet.Column{
		{Name: "kind", Also: sheet.Also("place.report.kind"), Must: true},
		{Name: columnNames[colCode], Also: sheet.Also("place.column." + columnNames[colCode])},
	}
	for _, which := range []string{"old", "new"} {
		for _, name := range columnNames[colTexts:] {
			also := ""
			for one := range strings.SplitSeq(message.Text(message.Fa, "place.column."+name), "|") {
				also += "|" + message.Text(message.Fa, "place.report.column."+which, strings.TrimSpace(one))
			}
			all = append(all, sheet.Column{Name: which + "_" + name, Also: also})
		}
	}
	return all
}

// readFile takes the rows of a file as lines. Rows that cannot be read are
// left out like lines that cannot be.
func (s *submission) readFile(file string) error {
	in, err := sheet.NewReader(strings.NewReader(file))
	if err != nil {
		return fault.Of(err).At("file")
	}
	if err := in.Match(lineColumns(), sheet.NewReport(nil)); err != nil {
		return fault.Of(err).At("file")
	}
	s.code = in.Encoding()
	kinds := persian.NewWords("place.report.kind.", lineKinds[:])
	for {
		row, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(s.lines)+s.n == maxLines:
			return fault.New(fault.Invalid, "place.report.many").At("file")
		case row.Fault != nil:
			s.refuse(row.N, "", row.Fault)
			continue
		}
		l, err := lineOf(row, kinds)
		if err != nil {
			s.refuse(row.N, "", err)
			continue
		}
		s.take(row.N, "", l)
	}
}

// lineOf reads a row.
func lineOf(row *sheet.Row, kinds persian.Words) (l Line, err error) {
	var bad fault.List
	kind, known := kinds.Find(row.Cell(lineKind))
	l.Kind = LineKind(kind)
	bad.When(!known, "kind", "place.word")
	if cell := row.Cell(lineCode); cell != "" {
		l.Code, err = ids.ParsePostalCode(cell)
		bad.Add("postal_code", err)
	}
	for first, address := range map[int]*Address{lineOld: &l.Old, lineNew: &l.New} {
		for i, part := range address.parts() {
			if cell := strings.Clone(row.Cell(first + i)); cell != "" {
				*part = &cell
			}
		}
	}
	return l, bad.Err()
}
