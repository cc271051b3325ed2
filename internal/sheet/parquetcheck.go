package sheet

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// The library allocates what a file says of lengths, runs and sizes. This file
// holds each of those against what there is before the library sees them: the
// footer once, the pages of a row group when it is begun.

// Bounds of a Parquet file.
const (
	maxFooter     = 8 << 20
	maxStructures = 500_000  // in the footer
	maxPage       = 64 << 20 // bytes of one page, unpacked
	maxPages      = 512 << 20
	maxPageValues = 16 << 20
	maxPageHeader = 16 << 20
)

// walk goes over Thrift in the compact protocol.
type walk struct {
	b     []byte
	left  int // structures that may still come
	depth int
}

// The types of the compact protocol that matter to its extent.
const (
	thriftTrue, thriftFalse, thriftByte   = 1, 2, 3
	thriftInt64, thriftFloat, thriftBytes = 6, 7, 8
	thriftList, thriftSet, thriftMap      = 9, 10, 11
	thriftStruct                          = 12
)

// structure passes over a structure; not ok: it says of a length more than
// there is.
func (w *walk) structure() bool {
	if w.left--; w.left < 0 || w.depth > 32 {
		return false
	}
	w.depth++
	defer func() { w.depth-- }()
	for len(w.b) > 0 {
		head := w.b[0]
		w.b = w.b[1:]
		if head == 0 {
			return true
		}
		if head>>4 == 0 { // the field's number stands behind
			if _, ok := w.number(); !ok {
				return false
			}
		}
		if kind := head & 15; kind != thriftTrue && kind != thriftFalse && !w.value(kind) {
			return false
		}
	}
	return false
}

func (w *walk) number() (uint64, bool) {
	v, n := binary.Uvarint(w.b)
	if n <= 0 {
		return 0, false
	}
	w.b = w.b[n:]
	return v, true
}

func (w *walk) pass(n uint64) bool {
	if n > uint64(len(w.b)) {
		return false
	}
	w.b = w.b[n:]
	return true
}

func (w *walk) value(kind byte) bool {
	switch {
	case kind >= thriftTrue && kind <= thriftByte:
		return w.pass(1)
	case kind <= thriftInt64:
		_, ok := w.number()
		return ok
	case kind == thriftFloat:
		return w.pass(8)
	case kind == thriftBytes:
		n, ok := w.number()
		return ok && w.pass(n)
	case kind == thriftList || kind == thriftSet:
		return w.list()
	case kind == thriftStruct:
		return w.structure()
	}
	return false // maps do not occur in Parquet
}

func (w *walk) list() bool {
	if len(w.b) == 0 {
		return false
	}
	head := w.b[0]
	w.b = w.b[1:]
	n := uint64(head >> 4)
	if n == 15 {
		var ok bool
		if n, ok = w.number(); !ok {
			return false
		}
	}
	if n > uint64(len(w.b)) || head&15 == thriftStruct && n > uint64(w.left) { // each takes a byte at least
		return false
	}
	for range n {
		if !w.value(head & 15) {
			return false
		}
	}
	return true
}

// checkGroup checks every page of a row group.
func checkGroup(r io.ReaderAt, f *parquet.File, group int) error {
	meta := f.Metadata().RowGroups[group]
	largest := int64(0)
	for i := range meta.Columns {
		chunk := &meta.Columns[i].MetaData
		for _, e := range chunk.Encoding {
			if e == format.DeltaByteArray { // a few bytes of it become any number
				return notRead(e.String())
			}
		}
		c := pageCheck{chunk: chunk, optional: f.Root().Columns()[i].Optional()}
		if err := c.run(r, f.Size()); err != nil {
			return err
		}
		if largest += c.largest; largest > maxPages {
			return errInflated
		}
	}
	return nil
}

// pageCheck goes over the pages of a column chunk.
type pageCheck struct {
	chunk    *format.ColumnMetaData
	optional bool
	largest  int64
	body     []byte
}

func (c *pageCheck) run(r io.ReaderAt, size int64) error {
	from := c.chunk.DataPageOffset
	if d := c.chunk.DictionaryPageOffset; d != 0 {
		from = d
	}
	length := c.chunk.TotalCompressedSize
	if from < 4 || length < 0 || from > size || length > size-from {
		return errDamaged
	}
	for end := from + length; from < end; {
		page, n, err := readPageHeader(r, from, end)
		if err != nil {
			return err
		}
		if from += n; int64(page.CompressedPageSize) > end-from {
			return errDamaged
		}
		if err := c.page(page, io.NewSectionReader(r, from, end-from)); err != nil {
			return err
		}
		from += int64(page.CompressedPageSize)
	}
	return nil
}

// readPageHeader reads the header at from; it is longer than a few bytes only
// where the least and greatest value stand in it.
func readPageHeader(r io.ReaderAt, from, end int64) (*format.PageHeader, int64, error) {
	for look := int64(4 << 10); ; look *= 16 {
		head := make([]byte, min(look, end-from))
		if n, err := r.ReadAt(head, from); n < len(head) {
			return nil, 0, errDamaged.Because(err)
		}
		w := walk{b: head, left: 100}
		if !w.structure() {
			if look < maxPageHeader && look < end-from {
				continue
			}
			return nil, 0, errDamaged
		}
		n := len(head) - len(w.b)
		page := new(format.PageHeader)
		if err := thrift.Unmarshal(&thrift.CompactProtocol{}, head[:n], page); err != nil {
			return nil, 0, errDamaged.Because(err)
		}
		return page, int64(n), nil
	}
}

// page checks one page and passes over it.
func (c *pageCheck) page(h *format.PageHeader, in io.Reader) error {
	packed, size := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
	switch {
	case packed < 0 || size < 0:
		return errDamaged
	case packed > maxPage || size > maxPage:
		return errInflated
	}
	c.largest = max(c.largest, size)
	var data bytes.Buffer
	if n, err := io.Copy(&data, io.LimitReader(in, packed)); err != nil {
		return err
	} else if n < packed {
		return errDamaged
	}
	switch {
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		head := &h.DataPageHeader.V
		body, err := c.unpack(data.Bytes(), size)
		if err != nil {
			return err
		}
		if c.optional {
			if len(body) < 4 || head.DefinitionLevelEncoding != format.RLE {
				return errDamaged
			}
			n := int64(binary.LittleEndian.Uint32(body))
			if n > int64(len(body)-4) || !runsFit(body[4:4+n], 1, head.NumValues) {
				return errDamaged
			}
			body = body[4+n:]
		}
		return c.values(body, head.Encoding, head.NumValues)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		return c.pageV2(&h.DataPageHeaderV2.V, data.Bytes(), size)
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		body, err := c.unpack(data.Bytes(), size)
		if err != nil {
			return err
		}
		return c.values(body, format.Plain, h.DictionaryPageHeader.V.NumValues)
	}
	return errDamaged
}

func (c *pageCheck) pageV2(head *format.DataPageHeaderV2, data []byte, size int64) error {
	rep, def := int64(head.RepetitionLevelsByteLength), int64(head.DefinitionLevelsByteLength)
	if rep < 0 || def < 0 || rep+def > int64(len(data)) || !runsFit(data[rep:rep+def], 1, head.NumValues) {
		return errDamaged
	}
	body := data[rep+def:]
	if !head.IsCompressed.Valid || head.IsCompressed.V {
		var err error
		if body, err = c.unpack(body, max(size-rep-def, 0)); err != nil {
			return err
		}
	}
	return c.values(body, head.Encoding, head.NumValues)
}

// unpack gives a page's content if it is no longer than the header says.
func (c *pageCheck) unpack(data []byte, size int64) ([]byte, error) {
	var in io.Reader
	switch c.chunk.Codec {
	case format.Uncompressed:
		return data, nil
	case format.Snappy:
		if n, err := snappy.DecodedLen(data); err != nil || int64(n) > size {
			return nil, errDamaged
		}
		body, err := snappy.Decode(nil, data)
		if err != nil {
			return nil, errDamaged.Because(err)
		}
		return body, nil
	case format.Gzip:
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, errDamaged.Because(err)
		}
		in = z
	case format.Zstd:
		z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxPage))
		if err != nil {
			return nil, errDamaged.Because(err)
		}
		defer z.Close()
		in = z
	default:
		return nil, notRead(c.chunk.Codec.String())
	}
	buf := bytes.NewBuffer(c.body[:0])
	n, err := io.Copy(buf, io.LimitReader(in, size+1))
	c.body = buf.Bytes()
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	if n > size {
		return nil, errInflated
	}
	return c.body, nil
}

// plainDictionary is what RLEDictionary was called by older writers.
const plainDictionary format.Encoding = 2

// values checks what the values of a page say of their number.
func (c *pageCheck) values(body []byte, encoding format.Encoding, n int32) error {
	if n < 0 || n > maxPageValues {
		return errInflated
	}
	fits := true
	switch encoding {
	case format.Plain, format.ByteStreamSplit:
	case plainDictionary, format.RLEDictionary:
		fits = len(body) == 0 || runsFit(body[1:], int(body[0]), n)
	case format.RLE:
		fits = len(body) >= 4 && runsFit(body[4:], 1, n)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		w := walk{b: body}
		_, blocks := w.number()
		_, minis := w.number()
		total, ok := w.number()
		fits = len(body) == 0 || blocks && minis && ok && total <= uint64(n)
	default:
		return notRead(encoding.String())
	}
	if !fits {
		return errDamaged
	}
	return nil
}

// runsFit goes over runs of equal or packed values, of so many bits each, and
// reports whether they are n values, up to the last group of eight.
func runsFit(b []byte, bits int, n int32) bool {
	if bits > 32 {
		return false
	}
	total := int64(0)
	w := walk{b: b}
	for len(w.b) > 0 {
		head, ok := w.number()
		if !ok || head>>1 > maxPageValues {
			return false
		}
		if count := head >> 1; head&1 == 0 {
			total += int64(count)
			ok = w.pass(uint64(bits+7) / 8)
		} else {
			total += int64(count) * 8
			ok = w.pass(min(count*uint64(bits), uint64(len(w.b)))) // some writers cut the last group short
		}
		if !ok || total > int64(n)+maxPageValues/1024 {
			return false
		}
	}
	return true
}
