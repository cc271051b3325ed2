package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"github.com/estelam/estelam/internal/fault"
)

// xlsxWriter streams one sheet, from right to left and with its header frozen,
// into a zip. Texts stand in their cells: a table of shared strings would have
// to be held until the end.
type xlsxWriter struct {
	zip  *zip.Writer
	out  io.Writer // the sheet's part
	buf  []byte
	rows int
}

// The parts around the sheet. Style 1 is text with its prefix kept, style 2 the
// header.
var xlsxParts = [...][2]string{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<fonts count="2"><font><sz val="11"/><name val="Tahoma"/></font><font><b/><sz val="11"/><name val="Tahoma"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`},
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// xlsxTime stands in the zip for every part: equal tables are equal bytes.
var xlsxTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func newXLSXWriter(w io.Writer, heads []string) (*xlsxWriter, error) {
	x := &xlsxWriter{zip: zip.NewWriter(w), buf: make([]byte, 0, 80<<10)}
	x.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, part := range xlsxParts {
		out, err := x.part(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(out, xmlHead+part[1]); err != nil {
			return nil, err
		}
	}
	var err error
	if x.out, err = x.part("xl/worksheets/sheet1.xml"); err != nil {
		return nil, err
	}
	x.buf = append(x.buf, xmlHead+`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+
		`<sheetViews><sheetView rightToLeft="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`...)
	if len(heads) > 0 {
		x.buf = fmt.Appendf(x.buf, `<cols><col min="1" max="%d" width="18" customWidth="1"/></cols>`, len(heads))
	}
	x.buf = append(x.buf, "<sheetData>"...)
	return x, x.row(heads, '2')
}

func (x *xlsxWriter) part(name string) (io.Writer, error) {
	return x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: xlsxTime})
}

func (x *xlsxWriter) write(cells []string) error { return x.row(cells, '1') }

func (x *xlsxWriter) row(cells []string, style byte) error {
	if x.rows++; x.rows > maxSheetRow {
		return fault.New(fault.TooLarge, "sheet.write.rows")
	}
	x.buf = append(x.buf, "<row>"...)
	for _, c := range cells {
		switch {
		case c == "":
			x.buf = append(x.buf, "<c/>"...)
			continue
		case c != strings.TrimSpace(c):
			x.buf = append(append(x.buf, `<c t="inlineStr" s="`...), style)
			x.buf = append(x.buf, `"><is><t xml:space="preserve">`...)
		default:
			x.buf = append(append(x.buf, `<c t="inlineStr" s="`...), style)
			x.buf = append(x.buf, `"><is><t>`...)
		}
		x.buf = appendXML(x.buf, c)
		x.buf = append(x.buf, "</t></is></c>"...)
	}
	x.buf = append(x.buf, "</row>"...)
	if len(x.buf) < 64<<10 {
		return nil
	}
	_, err := x.out.Write(x.buf)
	x.buf = x.buf[:0]
	return err
}

// appendXML escapes text; control characters, which XML cannot hold, become
// U+FFFD.
func appendXML(out []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		with := ""
		switch c := s[i]; {
		case c == '<':
			with = "&lt;"
		case c == '>':
			with = "&gt;"
		case c == '&':
			with = "&amp;"
		case c == '\r':
			with = "&#13;"
		case c < 0x20 && c != '\t' && c != '\n':
			with = "\uFFFD"
		case c == 0xEF && (strings.HasPrefix(s[i:], "\uFFFE") || strings.HasPrefix(s[i:], "\uFFFF")):
			out = append(append(out, s[from:i]...), "\uFFFD"...)
			i += 2
			from = i + 1
			continue
		default:
			continue
		}
		out = append(append(out, s[from:i]...), with...)
		from = i + 1
	}
	return append(out, s[from:]...)
}

func (x *xlsxWriter) close() error {
	x.buf = append(x.buf, "</sheetData></worksheet>"...)
	if _, err := x.out.Write(x.buf); err != nil {
		return err
	}
	return x.zip.Close()
}
