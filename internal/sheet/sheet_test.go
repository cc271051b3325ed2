package sheet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

var columns = []Column{
	{Name: "number", Also: "شماره | number of person", Must: true},
	{Name: "name", Also: "نام"},
}

// rows reads everything; bad rows are "!key".
func rows(t *testing.T, r io.Reader) (all []string, report *Report) {
	t.Helper()
	report = NewReport(nil)
	load := Load[string]{
		Columns: columns, Chunk: 3,
		Parse: func(row *Row, _ *Report) (string, bool) {
			return fmt.Sprintf("%d:%s|%s", row.N, row.Cell(0), row.Cell(1)), true
		},
		Flush: func(_ context.Context, chunk []string) error {
			all = append(all, chunk...)
			return nil
		},
	}
	if err := load.Run(context.Background(), r, report); err != nil {
		t.Fatal(err)
	}
	for _, l := range report.Lines {
		all = append(all, fmt.Sprintf("%d!%s", l.Row, l.Key))
	}
	return all, report
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"plain", "number,name\n1,a\n2,b\n", []string{"2:1|a", "3:2|b"}},
		{"windows lines, no last end", "number,name\r\n1,a\r\n2,b", []string{"2:1|a", "3:2|b"}},
		{"other order", "name,number\na,1\n", []string{"2:1|a"}},
		{"persian headers", "نام,شماره\na,1\n", []string{"2:1|a"}},
		{"arabic yeh, spaces and case do no harm", "  Number_of Person ;نام\n1;a\n", []string{"2:1|a"}},
		{"semicolons", "number;name\n1;a,b\n", []string{"2:1|a,b"}},
		{"tabs", "number\tname\n1\ta b\n", []string{"2:1|a b"}},
		{"quotes", "number,name\n\"1\",\"a,\"\"b\"\"\nc\"\n2,d\n", []string{"2:1|a,\"b\"\nc", "3:2|d"}},
		{"blank lines count", "number,name\n\n1,a\n  \n2,b\n", []string{"3:1|a", "5:2|b"}},
		{"missing optional column", "number\n1\n", []string{"2:1|"}},
		{"unknown column", "number,name,what\n1,a,x\n", []string{"2:1|a", "1!sheet.column.unknown"}},
		{"too few and too many cells", "number,name\n1\n2,b,c\n3,d\n", []string{"4:3|d", "2!sheet.cells", "3!sheet.cells"}},
		{"stray quote", "number,name\n\"1,a\n2,b\n3,c\n", []string{"3:2|b", "4:3|c", "2!sheet.quote"}},
		{"text after a quote", "number,name\n\"1\"x,a\n2,b\n", []string{"3:2|b", "2!sheet.quote"}},
		{"a quote inside a cell is text", "number,name\n1,a\"b\"\n", []string{`2:1|a"b"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{
				"whole": strings.NewReader(c.file), "by bytes": iotest.OneByteReader(strings.NewReader(c.file)),
			} {
				if got, _ := rows(t, r); !slices.Equal(got, c.want) {
					t.Errorf("%s: got %.300q, want %.300q", name, got, c.want)
				}
			}
		})
	}
}

// TestTornEncoding: a row in another encoding, too late to be noticed at the
// beginning, is refused alone.
func TestTornEncoding(t *testing.T) {
	long := strings.Repeat("x", probe/2)
	got, report := rows(t, strings.NewReader("number,name\n1,"+long+"\n2,"+long+"\n3,\xff\n4,d\n"))
	if len(got) != 4 || got[2] != "5:4|d" || got[3] != "4!sheet.encoding" || report.Encoding != UTF8 {
		t.Errorf("%.40q", got)
	}
}

func TestRefusedFiles(t *testing.T) {
	for _, c := range []struct{ file, key, field string }{
		{"", "sheet.empty", ""},
		{"\n \n", "sheet.empty", ""},
		{"name\na\n", "sheet.column.missing", "number"},
		{"number,شماره\n1,2\n", "sheet.column.twice", "number"},
		{"PK\x03\x04\x00\x00", "sheet.damaged", ""},
		{"number\x00\x01\n", "sheet.binary", ""},
		{"\"number\n", "sheet.quote", ""},
	} {
		load := Load[int]{Columns: columns, Chunk: 1}
		f := fault.Of(load.Run(context.Background(), strings.NewReader(c.file), NewReport(nil)))
		if f == nil || f.Key != c.key || f.Field != c.field {
			t.Errorf("%q: %v, want %s at %q", c.file, f, c.key, c.field)
		}
		if f != nil && !message.Known(f.Key) {
			t.Errorf("no text for %s", f.Key)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "شماره,نام\n1,پیرژی گچک\n2,میرزا‌زاده\n"
	legacy := strings.NewReplacer("ی", "ي", "ک", "ك").Replace(text)
	windows, err := charmap.Windows1256.NewEncoder().String(legacy)
	if err != nil {
		t.Fatal(err)
	}
	var little, big bytes.Buffer
	for _, u := range utf16.Encode([]rune("\uFEFF" + text + "3,😀\n")) {
		little.Write([]byte{byte(u), byte(u >> 8)})
		big.Write([]byte{byte(u >> 8), byte(u)})
	}
	want := []string{"2:1|پیرژی گچک", "3:2|میرزا‌زاده"}
	for _, c := range []struct {
		file, encoding string
		want           []string
	}{
		{text, UTF8, want},
		{"\uFEFF" + text, UTF8, want},
		{windows, Windows1256, []string{"2:1|پيرژي گچك", "3:2|ميرزا‌زاده"}},
		{little.String(), UTF16LE, append(slices.Clone(want), "4:3|😀")},
		{big.String(), UTF16BE, append(slices.Clone(want), "4:3|😀")},
	} {
		got, report := rows(t, iotest.HalfReader(strings.NewReader(c.file)))
		if !slices.Equal(got, c.want) || report.Encoding != c.encoding {
			t.Errorf("%s read as %s: got %q, want %q", c.encoding, report.Encoding, got, c.want)
		}
	}
}

// TestWindows1256 holds the table against another one.
func TestWindows1256(t *testing.T) {
	for i, r := range windows1256 {
		if want := charmap.Windows1256.DecodeByte(byte(0x80 + i)); rune(r) != want {
			t.Errorf("%#x: %#x, want %#x", 0x80+i, r, want)
		}
	}
}

func TestTornUTF16(t *testing.T) {
	got, _ := rows(t, bytes.NewReader([]byte("\xff\xfen\x00u\x00m\x00b\x00e\x00r\x00\n\x001\x00\x00\xd82\x00\x00\xdc3")))
	if want := []string{"2:1\uFFFD2\uFFFD\uFFFD|"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLongRows: what is too long is refused in bounded memory, and the rows
// behind it are read.
func TestLongRows(t *testing.T) {
	for name, long := range map[string]string{
		"one line":      strings.Repeat("x", 10*maxRecord),
		"just too long": strings.Repeat("x", maxRecord),
		"stray quote":   "\"" + strings.Repeat("x\n", 4*maxRecord),
		"quoted":        "\"" + strings.Repeat("x", 4*maxRecord) + "\"",
	} {
		got, report := rows(t, strings.NewReader("number,name\n1,"+long+"\n2,b\n"))
		if last := got[len(got)-1-len(report.Lines)]; !strings.HasSuffix(last, ":2|b") {
			t.Errorf("%s: the row behind it is lost: %q", name, last)
		}
		if report.Refused == 0 {
			t.Errorf("%s: not refused", name)
		}
	}
}

// TestQuotedRoundTrip: whatever cells are written by the rules come back.
func TestQuotedRoundTrip(t *testing.T) {
	cell := rapid.StringMatching(`[a-zآ-ی0-9,;"\n\t ]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(cell, 2, 40).Draw(t, "cells")
		var file strings.Builder
		file.WriteString("number,name\n")
		var want []string
		for i := 0; i+1 < len(in); i += 2 {
			a, b := "n"+in[i], in[i+1]
			fmt.Fprintf(&file, "\"%s\",\"%s\"\n", strings.ReplaceAll(a, `"`, `""`), strings.ReplaceAll(b, `"`, `""`))
			want = append(want, strings.TrimSpace(a)+"|"+strings.TrimSpace(b))
		}
		r, err := NewReader(strings.NewReader(file.String()))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Match(columns, NewReport(nil)); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			row, err := r.Next()
			if err != nil || row.Fault != nil {
				t.Fatal(err, row.Fault)
			}
			if got := row.Cell(0) + "|" + row.Cell(1); got != w {
				t.Fatalf("got %q, want %q", got, w)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("number,name\n\"1,a\n2,\"b\"\"\"\n"))
	f.Add([]byte("\xff\xfen\x00"))
	f.Add([]byte("number;name\n\x81;\xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		last := 1
		for {
			row, err := r.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				break
			}
			if row.N <= last {
				t.Fatal("row numbers do not grow")
			}
			last = row.N
		}
		if int64(len(data)) != r.Bytes() {
			t.Fatalf("read %d of %d bytes", r.Bytes(), len(data))
		}
	})
}

func TestReport(t *testing.T) {
	var full bytes.Buffer
	report := NewReport(&full)
	for row := range MaxLines + 5 {
		report.Refuse(row, "=cmd()", fault.New(fault.Invalid, "sheet.twice"))
	}
	if err := report.Flush(); err != nil {
		t.Fatal(err)
	}
	if len(report.Lines) != MaxLines || report.Cut != 5 || report.Refused != MaxLines+5 {
		t.Errorf("lines %d, cut %d, refused %d", len(report.Lines), report.Cut, report.Refused)
	}
	if n := strings.Count(full.String(), "\n"); n != MaxLines+6 {
		t.Errorf("%d lines in the full report", n)
	}
	if strings.Contains(full.String(), ",=") || !strings.Contains(full.String(), ",'=cmd()") {
		t.Error("a cell could be taken for a formula")
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "=1": "'=1", "+1": "'+1", "-1": "-1", "-1+cmd": "'-1+cmd", "@a": "'@a", "\ta": "'\ta", "1-2": "1-2"} {
		if got := Cell(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// What Cell has made safe is read as it was.
func TestCellIsReadBack(t *testing.T) {
	for _, text := range []string{"=1+1", "-1+cmd|x", "@a", "'", "'a", "-5", "+", "''=1"} {
		in, err := NewReader(strings.NewReader("name,b\n\"" + Cell(text) + "\",x\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Match([]Column{{Name: "name"}, {Name: "b"}}, NewReport(nil)); err != nil {
			t.Fatal(err)
		}
		row, err := in.Next()
		if err != nil || row.Fault != nil || row.Cell(0) != text {
			t.Errorf("%q is read as %q %v", text, row.Cell(0), err)
		}
	}
}

func TestSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var seen Seen
		model := map[int64]bool{}
		for _, n := range rapid.SliceOf(rapid.Int64Range(0, 1<<34)).Draw(t, "numbers") {
			n &= 0x3ff000f // so that some come twice
			if seen.Add(n) == model[n] {
				t.Fatalf("%d", n)
			}
			model[n] = true
		}
	})
}

func TestLetter(t *testing.T) {
	for j, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA"} {
		if got := letter(j); got != want {
			t.Errorf("%d: %s, want %s", j, got, want)
		}
	}
}

func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	load := Load[int]{
		Columns: columns, Chunk: 2,
		Parse:    func(*Row, *Report) (int, bool) { return 0, true },
		Flush:    func(context.Context, []int) error { n++; return nil },
		Progress: func(rows, bytes, total int64) { cancel() },
	}
	file := strings.NewReader("number\n1\n2\n3\n4\n5\n")
	if err := load.Run(ctx, file, NewReport(nil)); !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%v after %d chunks", err, n)
	}
}

func BenchmarkRead(b *testing.B) {
	line := "0012345679,محمدرضا,حسینی تهرانی,علی,1370-05-12,1234567890,الف12,123456\n"
	file := "a,b,c,d,e,f,g,h\n" + strings.Repeat(line, 10_000)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		r, err := NewReader(strings.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		for range 10_000 {
			if _, err := r.Next(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
