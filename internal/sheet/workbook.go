package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
)

// A workbook is read part by part as it streams out of the zip: nothing is
// written to disk, since what stands in it is personal data, and only the
// table of shared strings is held in memory, within maxStrings.
//
// (The library excelize, which the tests use, unpacks large sheets into files
// and holds the zip in memory.)
type workbook struct {
	parts   map[string]*zip.File
	sheets  []sheetPart
	strings sharedStrings
	dates   map[int]bool // styles that show a number as a date
	zeros   map[int]int  // styles that show leading zeros, up to so many digits
	since   int64        // day 0 of serial dates, in days since 1970
}

type sheetPart struct {
	name   string
	part   *zip.File
	hidden bool
}

const (
	maxSheets  = 256
	maxStrings = 256 << 20 // bytes of text
	days1900   = -25569    // 1899-12-30: a serial date is right from March 1900 on
	days1904   = -24107
)

func openWorkbook(r io.ReaderAt, size int64) (*workbook, error) {
	w := &workbook{since: days1900}
	var err error
	if w.parts, err = openZip(r, size); err != nil {
		return nil, err
	}
	book, relations := w.main()
	if book == nil {
		return nil, fault.New(fault.Unsupported, "sheet.format")
	}
	target, err := w.relations(relations, path.Dir(book.Name))
	if err != nil {
		return nil, err
	}
	if err := w.list(book, target); err != nil {
		return nil, err
	}
	for _, t := range target {
		f := w.parts[t.path]
		switch {
		case f == nil:
		case strings.HasSuffix(t.kind, "/sharedStrings"):
			err = w.loadStrings(f)
		case strings.HasSuffix(t.kind, "/styles"):
			err = w.loadStyles(f)
		}
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

// main is the part that lists the sheets, and the one that says where they are.
func (w *workbook) main() (book, relations *zip.File) {
	name := "xl/workbook.xml"
	if root := w.parts["_rels/.rels"]; root != nil {
		if all, err := w.relations(root, ""); err == nil {
			for _, t := range all {
				if strings.HasSuffix(t.kind, "/officeDocument") && w.parts[t.path] != nil {
					name = t.path
				}
			}
		}
	}
	if path.Ext(name) != ".xml" { // XLSB and the like
		return nil, nil
	}
	return w.parts[name], w.parts[path.Join(path.Dir(name), "_rels", path.Base(name)+".rels")]
}

// relation is where another part of the workbook stands.
type relation struct{ path, kind string }

func (w *workbook) relations(f *zip.File, dir string) (map[string]relation, error) {
	all := map[string]relation{}
	if f == nil {
		return all, nil
	}
	err := w.each(f, func(m *markup) error {
		if string(m.name) == "Relationship" && !m.close && m.attr("TargetMode") != "External" {
			target := m.attr("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			all[m.attr("Id")] = relation{strings.TrimPrefix(target, "/"), m.attr("Type")}
		}
		if len(all) > maxParts {
			return errHostile
		}
		return nil
	})
	return all, err
}

// each calls f for every tag of a part.
func (w *workbook) each(part *zip.File, f func(*markup) error) error {
	in, err := openPart(part)
	if err != nil {
		return err
	}
	defer in.Close()
	m, err := newMarkup(in)
	if err != nil {
		return err
	}
	for {
		t, err := m.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && t == tokenTag {
			err = f(m)
		}
		if err != nil {
			return err
		}
	}
}

// list reads which sheets there are; hidden ones count only when named.
func (w *workbook) list(book *zip.File, target map[string]relation) error {
	return w.each(book, func(m *markup) error {
		if m.close {
			return nil
		}
		switch string(m.name) {
		case "workbookPr":
			if v := m.attr("date1904"); v == "1" || v == "true" {
				w.since = days1904
			}
		case "sheet":
			t := target[m.attr("id")]
			if part := w.parts[t.path]; part != nil && strings.HasSuffix(t.kind, "/worksheet") {
				w.sheets = append(w.sheets, sheetPart{m.attr("name"), part, strings.Contains(strings.ToLower(m.attr("state")), "hidden")})
			}
			if len(w.sheets) > maxSheets {
				return errHostile
			}
		}
		return nil
	})
}

// loadStyles notes which styles of cells make a number a date, or give it
// leading zeros.
func (w *workbook) loadStyles(f *zip.File) error {
	codes := map[int]string{}
	w.dates, w.zeros = map[int]bool{}, map[int]int{}
	inside, style := false, 0
	return w.each(f, func(m *markup) error {
		switch string(m.name) {
		case "numFmt":
			if id, err := strconv.Atoi(m.attr("numFmtId")); err == nil && len(codes) < maxParts {
				codes[id] = m.attr("formatCode")
			}
		case "cellXfs":
			inside = !m.close && !m.empty
		case "xf":
			if !inside || m.close {
				return nil
			}
			id, _ := strconv.Atoi(m.attr("numFmtId"))
			code, own := codes[id]
			if own && dateCode(code) || !own && (id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58) {
				w.dates[style] = true
			}
			if own && code != "" && strings.Trim(code, "0") == "" {
				w.zeros[style] = len(code)
			}
			if style++; style > 1<<17 {
				return errHostile
			}
		}
		return nil
	})
}

// dateCode reports whether a format code shows a day: d, m or y outside of
// quotation marks and brackets.
func dateCode(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case bytes.IndexByte([]byte("dmyDMY"), c) >= 0:
			return true
		}
	}
	return false
}

// sharedStrings are the texts of a workbook, one behind the other.
type sharedStrings struct {
	text []byte
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]]), true
}

// loadStrings reads the shared strings: runs of rich text are joined, how they
// are pronounced (rPh) is left out. One that is too long for a row keeps so
// much of it that the row is refused.
func (w *workbook) loadStrings(f *zip.File) error {
	in, err := openPart(f)
	if err != nil {
		return err
	}
	defer in.Close()
	m, err := newMarkup(in)
	if err != nil {
		return err
	}
	s, from := &w.strings, 0
	s.text = make([]byte, 0, min(in.left, maxStrings+2*maxRecord)) // never grown: text is shorter than its XML
	inText, spoken := false, false
	for {
		t, err := m.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case t == tokenText:
			if inText && !spoken && len(s.text)-from <= maxRecord {
				s.text = appendPiece(s.text, m)
			}
		default:
			switch string(m.name) {
			case "t":
				inText = !m.close && !m.empty
			case "rPh":
				spoken = !m.close && !m.empty
			case "si":
				if m.close || m.empty {
					s.ends = append(s.ends, uint32(len(s.text)))
					from = len(s.text)
				}
			}
		}
		if len(s.text) > maxStrings || 4*len(s.ends) > maxStrings {
			return errInflated
		}
	}
}

func appendPiece(out []byte, m *markup) []byte {
	if m.raw {
		return append(out, m.text...)
	}
	return appendText(out, m.text)
}
