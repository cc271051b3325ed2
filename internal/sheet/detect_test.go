package sheet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
)

// people makes rows of forty persons without a header: number, given name,
// surname, father, birth date, postal code, sex, shenasnameh number, place.
func people() (rows [][]string) {
	given := []string{"فاطمه", "علی", "زهرا", "محمد رضا", "مریم", "حسین", "نازنین", "مهدی"}
	surnames := []string{"احمدی", "کریم‌زاده", "رضا پور", "حسینی نژاد", "شاکری", "محمدیان", "دهقان", "نوری"}
	fathers := []string{"حسن", "اکبر", "غلامرضا", "عباس", "محمود", "رحیم", "ناصر", "کامران"}
	cities := []string{"تهران", "اصفهان", "قم", "بابل", "شیراز"}
	for i := range 40 {
		nine := int64(12345678 + 7_770_001*i)
		rows = append(rows, []string{
			fmt.Sprintf("%09d%d", nine, ids.CheckDigit(nine)), given[i%8], surnames[(i+3)%8], fathers[(i+5)%8],
			fmt.Sprintf("13%02d/%02d/%02d", 40+i, i%12+1, i%28+1), fmt.Sprintf("1345%d%05d", 3+i%5, 17*i),
			[]string{"زن", "مرد"}[i%2], fmt.Sprint(100 + 37*i), cities[i%5], fmt.Sprint(i + 1),
		})
	}
	return rows
}

func text(rows [][]string, separator string) string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = strings.Join(r, separator)
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestHeaderless(t *testing.T) {
	all := people()
	for i := range all {
		all[i] = all[i][:9]
	}
	got, p := table(t, text(all, ";"), ReadOptions{})
	want := []string{
		"national_number/national_number", "given_name/name", "surname/name", "father_name/name", "birth_date/date_jalali",
		"postal_code/postal_code", "sex/sex", "?shenasnameh_number/digits", "issue_place/name",
	}
	if !slices.Equal(meansOf(p), want) || p.HeaderRow || p.Separator != ";" || p.Rows != 40 {
		t.Errorf("got %q, %+v", meansOf(p), p)
	}
	if len(got) != 40 || !strings.HasPrefix(got[0], "1:"+all[0][0]+"|فاطمه|") || !strings.Contains(got[0], "|female|") {
		t.Errorf("%q", got[0])
	}
	if p.Sure() < sureEnough || len(p.Columns[0].Values) != shown {
		t.Errorf("sure %v, values %q", p.Sure(), p.Columns[0].Values)
	}
	// What a person decides holds: the digits are the shenasnameh number, and the
	// names change places.
	_, p = table(t, text(all, ";"), ReadOptions{Map: map[int]string{7: "shenasnameh_number", 1: "father_name", 6: ""}})
	if p.Columns[7].Means != "shenasnameh_number" || p.Columns[1].Means != "father_name" || p.Columns[3].Means != "" || p.Columns[6].Means != "" {
		t.Errorf("%q", meansOf(p))
	}
}

// TestNotGuessed: what could be one thing as well as another is left to a
// person.
func TestNotGuessed(t *testing.T) {
	all := people()
	pick := func(columns ...int) (rows [][]string) {
		for _, r := range all {
			var row []string
			for _, c := range columns {
				row = append(row, r[c])
			}
			rows = append(rows, row)
		}
		return rows
	}
	for _, c := range []struct {
		name    string
		columns []int
		want    []string
	}{
		{"two numbers", []int{0, 0, 2}, []string{"?national_number/national_number", "?national_number/national_number", "surname/name"}},
		{"two dates", []int{4, 4, 0}, []string{"?birth_date/date_jalali", "?birth_date/date_jalali", "national_number/national_number"}},
		{"numbers of rows", []int{9, 7, 0}, []string{"/digits", "?shenasnameh_number/digits", "national_number/national_number"}},
		{"names of men alone", []int{3, 2, 0}, []string{"?given_name/name", "surname/name", "national_number/national_number"}},
	} {
		_, p := table(t, text(pick(c.columns...), ","), ReadOptions{})
		if !slices.Equal(meansOf(p), c.want) {
			t.Errorf("%s: got %q", c.name, meansOf(p))
		}
	}
	for _, c := range []struct {
		name, file, key string
		o               ReadOptions
	}{
		{"nothing is known", "ab cd\nef gh\n", "sheet.column.none", ReadOptions{}},
		{"a column that is not there", "نام\nعلی\n", "sheet.map", ReadOptions{Map: map[int]string{9: "surname"}}},
		{"a meaning that is not there", "نام\nعلی\n", "sheet.map", ReadOptions{Map: map[int]string{0: "shoe_size"}}},
		{"twice", "نام,اسم\nعلی,علی\n", "sheet.column.twice", ReadOptions{}},
		{"another format", "نام\nعلی\n", "sheet.format.other", ReadOptions{Format: XLSX}},
		{"unknown encoding", "نام\nعلی\n", "sheet.encoding.name", ReadOptions{Encoding: "EBCDIC"}},
		{"unknown separator", "نام\nعلی\n", "sheet.separator", ReadOptions{Separator: "::"}},
		{"web page", "\n<HTML><table><tr>", "sheet.markup", ReadOptions{}},
		{"old workbook", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....W\x00o\x00r\x00k\x00", "sheet.xls", ReadOptions{}},
		{"PDF", "%PDF-1.7\n", "sheet.format", ReadOptions{}},
		{"empty", "", "sheet.empty", ReadOptions{}},
	} {
		_, err := OpenTable(strings.NewReader(c.file), int64(len(c.file)), PersonColumns(), c.o)
		if f := fault.Of(err); f == nil || f.Key != c.key || !message.Known(f.Key) {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want, rows []string
	}{
		{"titles above", "فهرست کارکنان,,\n,,\nکدملی,نام و نام خانوادگي,نام پدر\n1,a,b\n", []string{"national_number/digits", "/text", "father_name/text"}, []string{"4:1|b|"}},
		{"spouses are others", "کد ملی همسر,کد ملی\n1,2\n", []string{"/digits", "national_number/digits"}, []string{"2:2|"}},
		{"a header of strangers", "alpha,beta\n12,x\n13,y\n", []string{"/digits", "/text"}, nil},
		{"one column", "surname\nعلوی\n", []string{"surname/name"}, []string{"2:علوی|"}},
		{"Latin headings", "NationalCode|LAST_NAME|Birth-Date\n1|علوی|1370/1/2\n", []string{"national_number/digits", "surname/name", "birth_date/date_jalali"}, []string{"2:1|علوی|1370/1/2|"}},
	} {
		p, err := Detect(strings.NewReader(c.file), int64(len(c.file)), PersonColumns(), ReadOptions{})
		if err != nil || !slices.Equal(meansOf(p), c.want) || !p.HeaderRow {
			t.Errorf("%s: %v, %+v", c.name, err, p)
			continue
		}
		if c.rows != nil {
			if got, _ := table(t, c.file, ReadOptions{}); !slices.Equal(got, c.rows) {
				t.Errorf("%s: got %q", c.name, got)
			}
		}
	}
	no := false
	if got, _ := table(t, "نام\nعلی\n", ReadOptions{Header: &no, Map: map[int]string{0: "surname"}}); !slices.Equal(got, []string{"1:نام|", "2:علی|"}) {
		t.Errorf("%q", got)
	}
}

// TestDates: every form of writing dates is known by its column, and read as
// year, month, day.
func TestDates(t *testing.T) {
	for _, c := range []struct {
		name, kind, form string
		cells, want      []string
	}{
		{"strokes", "date_jalali", "y-m-d", []string{"1370/01/01", "1369/12/3"}, []string{"1370/01/01", "1369/12/3"}},
		{"digits", "date_jalali", "y-m-d", []string{"13700101", "13691203"}, []string{"13700101", "13691203"}},
		{"Persian digits", "date_jalali", "y-m-d", []string{"۱۳۷۰/۰۱/۰۱"}, []string{"۱۳۷۰/۰۱/۰۱"}},
		{"day first", "date_jalali", "d-m-y", []string{"21/03/1370", "1/2/1371"}, []string{"1370-03-21", "1371-2-1"}},
		{"two digits", "date_jalali", "yy-m-d", []string{"70/01/02", "69.12.3"}, []string{"70/01/02", "69.12.3"}},
		{"two digits, day first", "date_jalali", "d-m-yy", []string{"25/1/70", "31/2/69"}, []string{"70-1-25", "69-2-31"}},
		{"six digits", "date_jalali", "yy-m-d", []string{"700102", "691203"}, []string{"700102", "691203"}},
		{"year only", "year", "y", []string{"1370", "1351"}, []string{"1370", "1351"}},
		{"days unknown", "date_jalali", "y-m-d", []string{"1370/00/00", "1351/01"}, []string{"1370/00/00", "1351/01"}},
		{"month's name", "date_jalali", "y-m-d", []string{"۴ بهمن ۱۳۳۸"}, []string{"۴ بهمن ۱۳۳۸"}},
		{"Gregorian", "date_gregorian", "y-m-d", []string{"1991-03-21", "1985-12-31"}, []string{"1991-03-21", "1985-12-31"}},
		{"with a time of day", "date_gregorian", "y-m-d", []string{"1991-03-21 00:00:00", "1985-12-31T10:00:00Z"}, []string{"1991-03-21", "1985-12-31"}},
		{"American", "date_gregorian", "m-d-y", []string{"3/21/1991", "3/4/1985"}, []string{"1991-3-21", "1985-3-4"}},
		{"European", "date_gregorian", "d-m-y", []string{"21/3/1991", "3/4/1985"}, []string{"1991-3-21", "1985-4-3"}},
		{"either", "date_gregorian", "d-m-y", []string{"1/3/1991", "3/4/1985"}, []string{"1/3/1991", "3/4/1985"}},
	} {
		got, p := table(t, "تاریخ تولد\n"+strings.Join(c.cells, "\n")+"\n", ReadOptions{})
		for i, line := range got {
			if line != fmt.Sprintf("%d:%s|", i+2, c.want[i]) {
				t.Errorf("%s: got %q, want %q", c.name, line, c.want[i])
			}
		}
		if col := p.Columns[0]; col.Kind != c.kind || col.Form != c.form || (col.Sure < 1) != (c.name == "either") {
			t.Errorf("%s: %+v", c.name, col)
		}
	}
}

// TestDigits: what spreadsheets make of digits is undone where no digit is lost.
func TestDigits(t *testing.T) {
	got, _ := table(t, "کد ملی\n1234567890.0\n1.234567890E9\n1.23457E+09\n12345-67890\n", ReadOptions{})
	if want := []string{"2:1234567890|", "3:1234567890|", "4:1.23457E+09|", "5:12345-67890|"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestSexWords(t *testing.T) {
	got, _ := table(t, "جنسیت\nمرد\nمونث\nF\n1\n2\nخانم\n؟\n", ReadOptions{})
	if want := []string{"2:male|", "3:female|", "4:female|", "5:male|", "6:female|", "7:female|", "8:؟|"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestRowsLimit and long rows: the table ends with a fault, a row does not end
// the table.
func TestLimits(t *testing.T) {
	file := "نام\nعلی\nرضا\nحسن\n"
	r, err := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{MaxRows: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Next(); fault.Of(err).Key != "sheet.rows" {
		t.Error(err)
	}
	got, _ := table(t, "نام,شهرت\nعلی,"+strings.Repeat("x", 1<<20)+"\nرضا,ب\n", ReadOptions{})
	if want := []string{"2!sheet.long", "3:رضا|ب|"}; !slices.Equal(got, want) {
		t.Errorf("got %.100q", got)
	}
}

// The vectors of Iran System are records of files of the social security
// organisation, as published by others.
func TestIranSystem(t *testing.T) {
	for raw, want := range map[string]string{
		"\xfc\xf3\xe4":                     "علی",
		"\xf6\xfe\xa8\x9f\xa2\xf5\x9f\xf5": "محمدحسین",
		"\xf6\xa8\x9f":                     "حسن",
		"\x9e\xa2\xf5":                     "مدح",
		"\xf2\xf5 \x81\x82\x83":            "۱۲۳ ملا",
		"12,\xfc\xf3\xe4;x\n\xf6\xa8\x9f":  "12,علی;x\nحسن",
	} {
		in := &iranSystemReader{visual: true}
		got := ""
		for line := range strings.Lines(raw) {
			got += string(in.decode([]byte(line)))
		}
		if got != want {
			t.Errorf("% x: got %q, want %q", raw, got, want)
		}
	}
	line := "\xfc\xf3\xe4,\xf6\xfe\xa8\x9f\xa2\xf5\x9f\xf5,1370\n"
	got, p := table(t, "given name,surname,birth date\n"+strings.Repeat(line, 3), ReadOptions{})
	if p.Encoding != IranSystem || got[0] != "2:علی|محمدحسین|1370|" {
		t.Errorf("%s %q", p.Encoding, got)
	}
	logical := []byte(line) // as programs that kept reading order wrote it
	slices.Reverse(logical[:3])
	slices.Reverse(logical[4:12])
	got, p = table(t, "given name,surname,birth date\n"+strings.Repeat(string(logical), 3), ReadOptions{})
	if p.Encoding != IranSystem || got[0] != "2:علی|محمدحسین|1370|" {
		t.Errorf("%s %q", p.Encoding, got)
	}
}

// TestEncodingNamed: a person's word goes before the bytes' look.
func TestEncodingNamed(t *testing.T) {
	windows, err := charmap.Windows1256.NewEncoder().String("نام\nعلي\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, p := table(t, windows, ReadOptions{}); p.Encoding != Windows1256 || got[0] != "2:علي|" {
		t.Errorf("%s %q", p.Encoding, got)
	}
	got, _ := table(t, "first name\n\xfc\xf3\xe4\n", ReadOptions{Encoding: "iran-system"})
	if !slices.Equal(got, []string{"2:علی|"}) {
		t.Errorf("%q", got)
	}
	var little strings.Builder // UTF-16 without a mark
	for _, r := range "نام,تولد\nعلی,1370\n" {
		little.WriteString(string([]byte{byte(r), byte(r >> 8)}))
	}
	if got, p := table(t, little.String(), ReadOptions{}); p.Encoding != UTF16LE || !slices.Equal(got, []string{"2:علی|1370|"}) {
		t.Errorf("%s %q", p.Encoding, got)
	}
}

// FuzzTable: whatever a file is, it is refused or read, with row numbers that
// grow, and its preview fits what is read.
func FuzzTable(f *testing.F) {
	f.Add([]byte(text(people()[:3], ",")))
	f.Add([]byte("نام;شهرت\nعلی;\"x\n"))
	f.Add([]byte("first name\n\xfc\xf3\xe4,\xf6\xa8\x9f\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("PAR1\x15\x04\x00\x00\x00\x00PAR1"))
	for _, format := range []Format{XLSX, Parquet} {
		f.Add(small(format))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := OpenTable(strings.NewReader(string(data)), int64(len(data)), PersonColumns(), ReadOptions{MaxRows: 10_000})
		if err != nil {
			if f := fault.Of(err); f.Kind == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		last := 0
		for {
			row, err := r.Next()
			if err != nil {
				if f := fault.Of(err); err.Error() != "EOF" && f.Kind == fault.Internal {
					t.Fatal(err)
				}
				return
			}
			if row.N <= last || row.Fault == nil && len(row.cells) < len(r.Preview().Columns) {
				t.Fatal("a row that does not fit")
			}
			last = row.N
		}
	})
}

func small(format Format) []byte {
	var out strings.Builder
	w, err := NewWriter(&out, format, []string{"نام", "کد ملی"})
	if err == nil {
		_ = w.Write([]string{"علی", "0012345679"})
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return []byte(out.String())
}
