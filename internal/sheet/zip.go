package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/estelam/estelam/internal/fault"
)

// Bounds of a workbook, checked before anything is unpacked.
const (
	maxParts     = 10_000
	maxDirectory = 4 << 20 // bytes of the zip's directory
	maxInflated  = 4 << 30 // bytes of all parts
	maxRatio     = 400     // inflated to packed, of a part that is larger than fairPart
	fairPart     = 64 << 20
)

var (
	errDamaged  = fault.New(fault.Malformed, "sheet.damaged")
	errHostile  = fault.New(fault.Invalid, "sheet.hostile")
	errInflated = fault.New(fault.TooLarge, "sheet.inflated")
)

// openZip opens a zip whose directory keeps to the bounds. The library reads
// the directory whole, as long as it goes on, so its extent is checked first.
func openZip(r io.ReaderAt, size int64) (map[string]*zip.File, error) {
	if err := checkDirectory(r, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	if len(archive.File) > maxParts {
		return nil, errInflated
	}
	parts := make(map[string]*zip.File, len(archive.File))
	total := uint64(0)
	for _, f := range archive.File {
		switch total += f.UncompressedSize64; {
		case parts[f.Name] != nil:
			return nil, errHostile
		case f.Flags&1 != 0:
			return nil, fault.New(fault.Unsupported, "sheet.encrypted")
		case f.UncompressedSize64 > maxInflated || total > maxInflated,
			f.UncompressedSize64 > fairPart && f.UncompressedSize64/maxRatio > f.CompressedSize64:
			return nil, errInflated
		}
		parts[f.Name] = f
	}
	return parts, nil
}

// checkDirectory finds the end record and holds its claims against the file.
func checkDirectory(r io.ReaderAt, size int64) error {
	const endRecord, comment, zip64 = 22, 1<<16 - 1, 128
	tail := make([]byte, min(size, endRecord+comment))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endRecord {
		return errDamaged
	}
	count := binary.LittleEndian.Uint16(tail[at+10:])
	length := int64(binary.LittleEndian.Uint32(tail[at+12:]))
	offset := int64(binary.LittleEndian.Uint32(tail[at+16:]))
	gap := size - int64(len(tail)-at) - offset - length // there may stand records for large files
	switch {
	case count == 0xFFFF || length > maxDirectory:
		return errInflated
	case gap < 0 || gap > zip64:
		return errDamaged
	}
	return nil
}

// unpack reads one part, no more of it than the directory says.
type unpack struct {
	io.ReadCloser
	left int64
}

func openPart(f *zip.File) (*unpack, error) {
	part, err := f.Open()
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	return &unpack{part, int64(f.UncompressedSize64)}, nil
}

func (u *unpack) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if u.left -= int64(n); u.left < 0 {
		return 0, errInflated
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = errDamaged.Because(err)
	}
	return n, err
}
