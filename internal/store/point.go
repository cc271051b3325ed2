package store

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"
)

// Row is what Point has found; columns count from 0. It is valid only in the
// function it was handed to.
type Row struct {
	lite   *sqlite.Stmt
	raw    [][]byte // PostgreSQL's wire form
	fields []pgconn.FieldDescription
}

// Int is an integer column; NULL is 0.
func (r Row) Int(i int) int64 {
	if r.lite != nil {
		return r.lite.ColumnInt64(i)
	}
	b := r.raw[i]
	if r.fields[i].Format != pgx.BinaryFormatCode {
		n, _ := strconv.ParseInt(string(b), 10, 64) // the server's own digits
		return n
	}
	switch len(b) {
	case 8:
		return int64(binary.BigEndian.Uint64(b))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b)))
	}
	return 0
}

// Text is a text column; NULL is "".
func (r Row) Text(i int) string {
	if r.lite != nil {
		return r.lite.ColumnText(i)
	}
	return string(r.raw[i])
}

// Bytes is a BYTEA column; NULL is nil.
func (r Row) Bytes(i int) []byte {
	if r.lite != nil {
		var s sink
		_, _ = s.from(r.lite.ColumnReader(i)) // neither end can fail
		return s.bytes
	}
	return r.raw[i]
}

// Null reports whether the column is NULL.
func (r Row) Null(i int) bool {
	if r.lite != nil {
		return r.lite.ColumnIsNull(i)
	}
	return r.raw[i] == nil
}

// sink takes the bytes out of a bytes.Reader, which hands over its own slice:
// the engine's wrapper has copied it once already, and blobs can be large.
type sink struct{ bytes []byte }

func (s *sink) from(r *bytes.Reader) (int64, error) { return r.WriteTo(s) }

func (s *sink) Write(p []byte) (int, error) {
	s.bytes = p
	return len(p), nil
}
