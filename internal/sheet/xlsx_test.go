package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// TestWorkbook reads what the other library writes: numbers, dates, formulas,
// merged cells, rich text, empty rows and cells.
func TestWorkbook(t *testing.T) {
	file := workbookOf(t, func(f *excelize.File) error {
		const s = "Sheet1"
		_ = f.SetCellStr(s, "A1", "فهرست")
		_ = f.MergeCell(s, "A1", "E1")
		_ = f.SetSheetRow(s, "A2", &[]any{"کد ملی", "نام", "تاریخ تولد", "شماره شناسنامه", "کدپستی"})
		_ = f.SetSheetRow(s, "A3", &[]any{1234567890, "علی", time.Date(1991, 3, 21, 0, 0, 0, 0, time.UTC), 12.0, 1.23e9})
		_ = f.SetSheetRow(s, "A5", &[]any{"0012345679", nil, "1370/01/01", 7, "1345312345"})
		_ = f.SetCellFormula(s, "B5", "A5")
		_ = f.SetCellRichText(s, "B3", []excelize.RichTextRun{{Text: "محمد"}, {Text: " رضا"}})
		date, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		_ = f.SetCellStyle(s, "C3", "C3", date)
		ten := "0000000000"
		zeros, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &ten})
		_ = f.SetCellInt(s, "A6", 12345679)
		_ = f.SetCellStyle(s, "A6", "A6", zeros)
		_ = f.SetCellBool(s, "B6", true)
		custom := `[$-fa-IR]yyyy"y"/mm`
		own, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
		_ = f.SetCellFloat(s, "C6", 33318.75, -1, 64)
		_ = f.SetCellStyle(s, "C6", "C6", own)
		return f.SetCellStr(s, "H6", "beside")
	})
	got, p := table(t, file, ReadOptions{})
	want := []string{
		"3:1234567890|محمد رضا|1991-03-21|12|1230000000|",
		"5:0012345679||1370/01/01|7|1345312345|",
		"6:0012345679|TRUE|1991-03-21|||",
	}
	if !slices.Equal(got, want) || p.Titles != 1 || p.Sheet != "Sheet1" || p.Rows != 3 {
		t.Errorf("got %q %+v", got, p)
	}
}

// TestOwnWorkbookIsReadByOthers: what the writer writes is a workbook to the
// other library too, and holds no number and no formula.
func TestOwnWorkbookIsReadByOthers(t *testing.T) {
	var out bytes.Buffer
	w, err := NewWriter(&out, XLSX, []string{"شماره", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]string{{"0012", "=HYPERLINK(\"x\")"}, {"", "a & <b>"}, {"x"}} {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]string{{"شماره", "b"}, {"0012", "=HYPERLINK(\"x\")"}, {"", "a & <b>"}, {"x"}}; fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("got %q", rows)
	}
	view, err := f.GetSheetView("Sheet1", 0)
	if err != nil || view.RightToLeft == nil || !*view.RightToLeft {
		t.Errorf("not from right to left: %v", err)
	}
	if formula, _ := f.GetCellFormula("Sheet1", "B2"); formula != "" {
		t.Error("a text has become a formula")
	}
}

func TestSheets(t *testing.T) {
	file := workbookOf(t, func(f *excelize.File) error {
		for _, name := range []string{"خالی", "دوم", "پنهان"} {
			_, _ = f.NewSheet(name)
		}
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"نام", "شهرت"})
		_ = f.SetSheetRow("دوم", "A1", &[]any{"کد ملی", "نام"})
		_ = f.SetSheetRow("دوم", "A2", &[]any{"1", "علی"})
		_ = f.SetSheetRow("پنهان", "A1", &[]any{"نام", "شهرت"})
		return f.SetSheetVisible("پنهان", false)
	})
	p, err := Detect(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{})
	if err != nil || !slices.Equal(p.Sheets, []string{"Sheet1", "دوم"}) || p.Sheet != "Sheet1" {
		t.Errorf("%v %+v", err, p)
	}
	for name, key := range map[string]string{"": "sheet.sheets", "nowhere": "sheet.sheet"} {
		_, err := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{Sheet: name})
		if f := fault.Of(err); f == nil || f.Key != key || !message.Known(key) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if got, _ := table(t, file, ReadOptions{Sheet: "دوم"}); !slices.Equal(got, []string{"2:1|علی|"}) {
		t.Errorf("%q", got)
	}
}

// parts makes a zip of a workbook's parts; those of the writer stand around.
func parts(t *testing.T, own map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range xlsxParts {
		if _, ok := own[p[0]]; !ok {
			w, _ := z.Create(p[0])
			_, _ = io.WriteString(w, p[1])
		}
	}
	for name, text := range own {
		w, _ := z.Create(name)
		_, _ = io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const sheet1 = "xl/worksheets/sheet1.xml"

func cell(s string) string { return `<c t="inlineStr"><is><t>` + s + `</t></is></c>` }

func data(rows string) string {
	return "<worksheet><sheetData><row>" + cell("نام") + cell("شهرت") + "</row>" + rows + "</sheetData></worksheet>"
}

// TestOddWorkbooks: what is unusual and right is read, a bad row is left out.
func TestOddWorkbooks(t *testing.T) {
	for name, c := range map[string]struct{ rows, want string }{
		"prefixes, CDATA, comments, references": {
			`<x:row x:r='7'><x:c t="inlineStr"><x:is><x:t><![CDATA[<a>&]]></x:t></x:is></x:c><!-- <c> --><c t="str"><f>1&lt;2</f><v>&#1593;&#x644;&amp;&nosuch;</v></c></x:row>`,
			"7:<a>&|عل&&nosuch;|",
		},
		"said how to pronounce":    {`<row><c t="inlineStr"><is><r><t>a</t></r><rPh><t>x</t></rPh><r><t>b</t></r></is></c></row>`, "2:ab||"},
		"a cell without a value":   {`<row><c/><c s="1"/></row><row><c><v></v></c>` + cell("b") + "</row>", "3:|b|"},
		"a megabyte in a cell":     {"<row>" + cell(strings.Repeat("x", 1<<20)) + "</row><row>" + cell("b") + "</row>", "2!sheet.long 3:b||"},
		"a text that is not there": {`<row><c t="s"><v>99</v></c></row><row>` + cell("b") + "</row>", "2!sheet.encoding 3:b||"},
		"cells out of order":       {`<row><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>`, "2!sheet.cells"},
		"another encoding":         {"<row>" + cell("\xff") + "</row>", "2!sheet.encoding"},
		"a cell far to the right":  {`<row><c r="XFD2"><v>1</v></c></row>`, "2!sheet.cells"},
	} {
		file := parts(t, map[string]string{sheet1: data(c.rows)})
		if got, _ := table(t, file, ReadOptions{}); strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %.200q, want %q", name, got, c.want)
		}
	}
}

// TestHostileWorkbooks: each is refused by name, and quickly.
func TestHostileWorkbooks(t *testing.T) {
	good := parts(t, map[string]string{sheet1: data("<row>" + cell("a") + "</row>")})
	bomb := inflating(t, sheet1, 80<<20)
	twice := func() string {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for range 2 {
			w, _ := z.Create("xl/workbook.xml")
			_, _ = io.WriteString(w, "<workbook/>")
		}
		_ = z.Close()
		return out.String()
	}()
	crowd := func() string {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for i := range maxParts + 1 {
			_, _ = z.Create(fmt.Sprint(i))
		}
		_ = z.Close()
		return out.String()
	}()
	locked := []byte(good)
	for i := 0; ; {
		at := bytes.Index(locked[i:], []byte("PK\x01\x02"))
		if at < 0 {
			break
		}
		locked[i+at+8] |= 1
		i += at + 4
	}
	lying := []byte(good) // says of its parts that they are short
	for i := 0; ; {
		at := bytes.Index(lying[i:], []byte("PK\x01\x02"))
		if at < 0 {
			break
		}
		binary.LittleEndian.PutUint32(lying[i+at+24:], 10)
		i += at + 4
	}
	for name, c := range map[string]struct{ file, key string }{
		"entities":         {parts(t, map[string]string{sheet1: `<!DOCTYPE x [<!ENTITY a "aaaa">]>` + data("<row>"+cell("&a;")+"</row>")}), "sheet.hostile"},
		"bomb":             {bomb, "sheet.inflated"},
		"truncated":        {good[:len(good)/2], "sheet.damaged"},
		"end is missing":   {good[:len(good)-10], "sheet.damaged"},
		"sheet is cut":     {parts(t, map[string]string{sheet1: "<worksheet><sheetData><row>" + cell("نام")}), "sheet.damaged"},
		"endless tag":      {parts(t, map[string]string{sheet1: "<worksheet " + strings.Repeat("a", 1<<20)}), "sheet.hostile"},
		"rows go back":     {parts(t, map[string]string{sheet1: data(`<row r="5"/><row r="4"/>`)}), "sheet.hostile"},
		"row far away":     {parts(t, map[string]string{sheet1: data(`<row r="99999999"/>`)}), "sheet.hostile"},
		"part twice":       {twice, "sheet.hostile"},
		"crowd":            {crowd, "sheet.inflated"},
		"password":         {string(locked), "sheet.encrypted"},
		"lengths that lie": {string(lying), "sheet."},
		"no workbook":      {parts(t, map[string]string{"xl/workbook.xml": "", "_rels/.rels": "<a/>"}), "sheet.empty"},
		"other zip": {func() string {
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			_, _ = z.Create("a")
			_ = z.Close()
			return b.String()
		}(), "sheet.format"},
		"empty": {parts(t, map[string]string{sheet1: "<worksheet><sheetData/></worksheet>"}), "sheet.empty"},
	} {
		_, err := readAll(c.file)
		f := fault.Of(err)
		if f == nil || f.Kind == fault.Internal || !strings.HasPrefix(f.Key, c.key) || !message.Known(f.Key) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

// readAll reads a table to its end.
func readAll(file string) (rows int, err error) {
	r, err := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{})
	if err != nil {
		return 0, err
	}
	for {
		if _, err := r.Next(); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		rows++
	}
}

// inflating makes a workbook one of whose parts is so long, and small in the
// zip.
func inflating(t *testing.T, name string, length int) string {
	t.Helper()
	var packed bytes.Buffer
	deflate, _ := flate.NewWriter(&packed, flate.BestSpeed)
	_, _ = deflate.Write([]byte(data("")[:len(data(""))-len("</sheetData></worksheet>")]))
	_, _ = io.Copy(deflate, io.LimitReader(spaces{}, int64(length)))
	_ = deflate.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range xlsxParts {
		w, _ := z.Create(p[0])
		_, _ = io.WriteString(w, p[1])
	}
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(length)})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(packed.Bytes())
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestLargeWorkbook: 20 MB of rows stream by in a few megabytes of memory.
func TestLargeWorkbook(t *testing.T) {
	var out bytes.Buffer
	w, err := NewWriter(&out, XLSX, []string{"کد ملی", "نام", "نام خانوادگی"})
	if err != nil {
		t.Fatal(err)
	}
	const n = 100_000
	for i := range n {
		if err := w.Write([]string{fmt.Sprintf("%010d", i), "علی", "محمدی"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := out.String()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r, err := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Preview(); p.Rows < n*9/10 || p.Rows > n*11/10 {
		t.Errorf("estimated %d rows", p.Rows)
	}
	rows, most := 0, uint64(0)
	for ; ; rows++ {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if rows%20_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapAlloc)
		}
	}
	if rows != n {
		t.Errorf("%d rows", rows)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d bytes held", grown)
	}
}

func BenchmarkWrite(b *testing.B) {
	row := []string{"0012345679", "محمدرضا", "حسینی تهرانی", "علی", "1370-05-12", "1234567890", "تهران", "male", "1345312345"}
	for _, f := range []Format{CSV, XLSX, Parquet} {
		b.Run(string(f), func(b *testing.B) {
			var n counted
			w, err := NewWriter(&n, f, row)
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				row[0] = fmt.Sprintf("%010d", i*7919)
				if err := w.Write(row); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(n)/float64(b.N), "B/row")
		})
	}
}

type counted int64

func (c *counted) Write(p []byte) (int, error) { *c += counted(len(p)); return len(p), nil }
