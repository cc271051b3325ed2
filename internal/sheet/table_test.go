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

	"github.com/xuri/excelize/v2"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// table reads a file by the columns of persons: rows of cells with | between,
// of the columns that the file has.
func table(t *testing.T, file string, o ReadOptions) (all []string, p *Preview) {
	t.Helper()
	r, err := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), o)
	if err != nil {
		t.Fatal(err)
	}
	return readTable(t, r), r.Preview()
}

func readTable(t *testing.T, r *TableReader) (all []string) {
	t.Helper()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Fault != nil {
			all = append(all, fmt.Sprintf("%d!%s", row.N, row.Fault.Key))
			continue
		}
		line := fmt.Sprint(row.N, ":")
		for i := range r.at {
			if row.Has(i) {
				line += row.Cell(i) + "|"
			}
		}
		all = append(all, line)
	}
}

// meansOf says what each column is taken for, ? likely, and its kind.
func meansOf(p *Preview) (all []string) {
	for _, c := range p.Columns {
		means := c.Means
		if means == "" && c.Likely != "" {
			means = "?" + c.Likely
		}
		all = append(all, means+"/"+c.Kind)
	}
	return all
}

// workbookOf makes a workbook by the other library.
func workbookOf(t *testing.T, fill func(f *excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWritersAreReadBack(t *testing.T) {
	heads := []string{"کد ملی", "نام", "نام خانوادگی"}
	rows := [][]string{
		{"0012345679", "محمد‌رضا", "=1+1"},
		{"", "<b>&\"'", "-5"},
		{"@x", " ب\tپ ", "😀\nخط دوم"},
		{"0000000001"},
	}
	want := []string{"2:0012345679|محمد‌رضا|=1+1|", "3:|<b>&\"'|-5|", "4:@x|ب\tپ|😀\nخط دوم|", "5:0000000001|||"}
	for _, f := range []Format{CSV, XLSX, Parquet} {
		var out bytes.Buffer
		w, err := NewWriter(&out, f, heads)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, p := table(t, out.String(), ReadOptions{})
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q", f, got)
		}
		if p.Format != f || !p.HeaderRow || p.Rows != 4 || p.Columns[2].Header != heads[2] || p.Columns[1].Means != "given_name" {
			t.Errorf("%s: %+v", f, p)
		}
	}
}

// TestImportsTakeEveryFormat: a load reads a workbook as it reads text.
func TestImportsTakeEveryFormat(t *testing.T) {
	file := workbookOf(t, func(f *excelize.File) error {
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"what", "شماره", "نام"})
		_ = f.SetSheetRow("Sheet1", "A2", &[]any{"x", "0012345679", "علی"})
		return f.SetSheetRow("Sheet1", "A4", &[]any{"", 12, ""})
	})
	got, report := rows(t, strings.NewReader(file))
	if want := []string{"2:0012345679|علی", "4:12|", "1!sheet.column.unknown"}; !slices.Equal(got, want) || report.Encoding != UTF8 {
		t.Errorf("got %q", got)
	}
	load := Load[int]{Columns: []Column{{Name: "elsewhere", Must: true}}, Chunk: 1}
	f := fault.Of(load.Run(context.Background(), strings.NewReader(file), NewReport(nil)))
	if f.Key != "sheet.column.missing" || !message.Known(f.Key) {
		t.Errorf("%v", f)
	}
}
