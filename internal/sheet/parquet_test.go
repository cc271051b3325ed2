package sheet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// particulars is a table as data frames write it.
type particulars struct {
	Number *float64  `parquet:"national_code"`
	Given  string    `parquet:"first name,dict,zstd"`
	Born   time.Time `parquet:"birth_date,timestamp"`
	Day    int32     `parquet:"day,date"`
	ID     int64     `parquet:"shenasnameh_number,delta,gzip"`
	Amount int64     `parquet:"amount,decimal(2:9)"`
	Place  *string   `parquet:"issue_place,snappy"`
	Yes    bool      `parquet:"yes"`
	Small  int32     `parquet:"postal_code"`
	Text   string    `parquet:"surname"`
}

func parquetOf[T any](t *testing.T, rows []T, options ...parquet.WriterOption) string {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestParquetTypes(t *testing.T) {
	number, place := 1234567890.0, "تهران"
	born := time.Date(1991, 3, 21, 12, 0, 0, 0, time.UTC)
	rows := []particulars{
		{&number, "علی", born, 7384, 12, -150, &place, true, 42, "ب"},
		{nil, "علی", born.AddDate(-40, 0, 0), -1, 3, 7, nil, false, 0, ""},
	}
	file := parquetOf(t, rows)
	r, err := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{})
	if fault.Of(err) != nil {
		t.Fatal(err)
	}
	var got []string
	for range rows {
		row, err := r.Next()
		if err != nil || row.Fault != nil {
			t.Fatal(err, row.Fault)
		}
		got = append(got, strings.Join(row.cells, "|"))
	}
	want := []string{"1234567890|علی|1991-03-21|1990-03-21|12|-1.5|تهران|TRUE|42|ب", "|علی|1951-03-21|1969-12-31|3|0.07||FALSE|0|"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if p := r.Preview(); p.Columns[2].Means != "birth_date" || p.Columns[2].Kind != KindGregorian || p.Rows != 2 {
		t.Errorf("%+v", p)
	}
}

type wide struct {
	Given string `parquet:"given_name,dict,zstd"`
	Other string `parquet:"surname,snappy,optional"`
}

// TestParquetPages: many pages and row groups, of both kinds of pages.
func TestParquetPages(t *testing.T) {
	rows := make([]wide, 20_000)
	for i := range rows {
		rows[i] = wide{strings.Repeat("ا", i%7), strings.Repeat("b", i%11)}
	}
	for version := range 2 {
		file := parquetOf(t, rows, parquet.MaxRowsPerRowGroup(3000), parquet.PageBufferSize(4000), parquet.DataPageVersion(version+1))
		n, err := readAll(file)
		if err != nil || n != len(rows) {
			t.Errorf("version %d: %d rows, %v", version+1, n, err)
		}
		r, _ := OpenTable(strings.NewReader(file), int64(len(file)), PersonColumns(), ReadOptions{})
		for i := range rows {
			row, err := r.Next()
			if err != nil || row.Cell(1) != rows[i].Given || row.Cell(2) != rows[i].Other || row.N != i+2 {
				t.Fatalf("row %d: %v", i, err)
			}
		}
	}
}

func TestParquetRefused(t *testing.T) {
	good := parquetOf(t, []wide{{"a", "b"}})
	long := strings.Repeat("x", 200<<10)
	for name, c := range map[string]struct{ file, key string }{
		"truncated":   {good[:len(good)-20], "sheet.damaged"},
		"only a mark": {"PAR1", "sheet.damaged"},
		"long footer": {good[:len(good)-8] + "\xff\xff\xff\x7fPAR1", "sheet.damaged"},
		"encrypted":   {"PARE" + good[4:len(good)-4] + "PARE", "sheet.encrypted"},
		"nested":      {parquetOf(t, []struct{ A []string }{{}}), "sheet.parquet"},
		"bytes":       {parquetOf(t, []struct{ Given [16]byte }{{}}), "sheet.parquet"},
		"brotli":      {parquetOf(t, []struct{ Given string }{{"a"}}, parquet.Compression(&parquet.Brotli)), "sheet.parquet"},
		"delta of texts": {parquetOf(t, []struct {
			Given string `parquet:",delta"`
		}{{"a"}}), "sheet.parquet"},
		"too many rows": {parquetOf(t, make([]wide, 11)), "sheet.rows"},
	} {
		_, err := OpenTable(strings.NewReader(c.file), int64(len(c.file)), PersonColumns(), ReadOptions{MaxRows: 10})
		if f := fault.Of(err); f == nil || !strings.HasPrefix(f.Key, c.key) || !message.Known(f.Key) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	got, _ := table(t, parquetOf(t, []wide{{"a", long}, {"b", "c"}}), ReadOptions{})
	if want := []string{"2!sheet.long", "3:b|c|"}; !slices.Equal(got, want) {
		t.Errorf("got %.100q", got)
	}
}

// TestThriftLengths: lengths that say more than there is are seen before
// anything is allocated for them.
func TestThriftLengths(t *testing.T) {
	for name, b := range map[string][]byte{
		"list":    append([]byte{0x19, 0xFC}, binary.AppendUvarint(nil, 1<<31-1)...),
		"bytes":   append([]byte{0x18}, binary.AppendUvarint(nil, 1<<31-1)...),
		"map":     {0x1B, 1, 0x55, 0},
		"endless": bytes.Repeat([]byte{0x1C}, 1000),
	} {
		if w := (walk{b: b, left: 100}); w.structure() {
			t.Errorf("%s is taken", name)
		}
	}
	if runsFit(binary.AppendUvarint(nil, 1<<31), 1, 10) || !runsFit([]byte{20, 1}, 1, 10) || runsFit([]byte{0xFE, 0xFF, 0x3F, 1}, 1, 10) {
		t.Error("runs")
	}
}

// TestParquetDamaged: a byte that is another one gives a fault or other rows,
// never a panic or a heap of memory.
func TestParquetDamaged(t *testing.T) {
	rows := make([]wide, 300)
	for i := range rows {
		rows[i] = wide{strings.Repeat("ا", i%7), strings.Repeat("b", i%11)}
	}
	good := parquetOf(t, rows)
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		bad := []byte(good)
		for range 1 + random.IntN(3) {
			bad[random.IntN(len(bad))] = byte(random.Uint32())
		}
		if _, err := readAll(string(bad)); err != nil && fault.Of(err).Kind == fault.Internal {
			t.Fatal(err)
		}
	}
}
