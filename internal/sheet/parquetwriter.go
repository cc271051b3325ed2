package sheet

import (
	"io"
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// parquetWriter writes columns of optional text, compressed with zstd; an
// empty cell is null.
type parquetWriter struct {
	out  *parquet.GenericWriter[any]
	rows []parquet.Row
	n    int
}

// parquetGroup is the rows of a Parquet file: as large as it is, so much of the
// table is held in memory.
const parquetGroup = 100_000

func newParquetWriter(w io.Writer, heads []string) (*parquetWriter, error) {
	schema := parquet.NewSchema("table", inOrder{parquet.Group{}, heads})
	p := &parquetWriter{
		out:  parquet.NewGenericWriter[any](w, schema, parquet.MaxRowsPerRowGroup(parquetGroup), parquet.CreatedBy("estelam", "1", "0")),
		rows: make([]parquet.Row, 256),
	}
	for i := range p.rows {
		p.rows[i] = make(parquet.Row, len(heads))
	}
	return p, nil
}

func (p *parquetWriter) write(cells []string) error {
	row := p.rows[p.n]
	for i := range row {
		v := parquet.NullValue()
		if i < len(cells) && cells[i] != "" {
			v = parquet.ByteArrayValue([]byte(cells[i])).Level(0, 1, i)
		} else {
			v = v.Level(0, 0, i)
		}
		row[i] = v
	}
	if p.n++; p.n == len(p.rows) {
		return p.flush()
	}
	return nil
}

func (p *parquetWriter) flush() error {
	_, err := p.out.WriteRows(p.rows[:p.n])
	p.n = 0
	return err
}

func (p *parquetWriter) close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.out.Close()
}

// inOrder is a group whose columns stand in the order they are named in; the
// library's own sorts them.
type inOrder struct {
	parquet.Group
	heads []string
}

func (g inOrder) Fields() []parquet.Field {
	fields := make([]parquet.Field, len(g.heads))
	for i, head := range g.heads {
		fields[i] = textField{parquet.Compressed(parquet.Optional(parquet.String()), &parquet.Zstd), head}
	}
	return fields
}

type textField struct {
	parquet.Node
	name string
}

func (f textField) Name() string { return f.name }

// Value is for rows that are structs; ours are cells.
func (f textField) Value(reflect.Value) reflect.Value { panic("sheet: rows are not structs") }
