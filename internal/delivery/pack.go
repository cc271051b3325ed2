package delivery

import (
	"archive/tar"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

// partSize is how large the parts of a package are: what is fetched again when
// a connection breaks.
const partSize = 8 << 20

func (b *Book) packPath(d *Delivery) string {
	return filepath.Join(b.c.Dir, fmt.Sprintf("%d.package.age", d.ID))
}

// unpacked: all is done but the package.
func (d *Delivery) unpacked() bool {
	return d.State == Delivered && d.Method == Media && d.pack == ""
}

// pack makes the media package: a tar of manifest, receipt, result and the
// receipts of its rows, compressed by zstd, encrypted by age to the agency's
// key. It is written beside and renamed; a crash leaves none, and the next run
// makes it of the same bytes anew. Only its encryption differs then.
func (b *Book) pack(ctx context.Context, _ *job.Run, d *Delivery) error {
	if !d.unpacked() {
		return nil
	}
	var m Manifest
	if err := json.Unmarshal([]byte(d.manifest), &m); err != nil {
		return errRows.Because(err)
	}
	proven, err := b.filed(ctx, d)
	if err != nil {
		return err
	}
	var to string
	err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		to, err = recipient(tx, d.Agency)
		return err
	})
	if err != nil {
		return err
	}
	key, err := parseRecipient(to)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(b.c.Dir, ".package-*")
	if err != nil {
		return disk(err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // unless it got its name
	parts := &partSums{MediaPackage: MediaPackage{Recipient: to, PartSize: partSize, Parts: []string{}}, whole: newMeasured(), part: newMeasured()}
	err = b.writePackage(ctx, d, &m, proven, key, io.MultiWriter(f, parts))
	if full := disk(errors.Join(f.Sync(), f.Close())); err == nil {
		err = full
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = errDisk.Because(err)
	}
	if err != nil {
		return err
	}
	parts.end()
	if err := disk(errors.Join(os.Rename(f.Name(), b.packPath(d)), store.SyncDir(b.c.Dir))); err != nil {
		return err
	}
	text, err := json.Marshal(parts.MediaPackage)
	if err != nil {
		return err
	}
	return b.c.DB.Write(ctx, func(tx *store.Tx) error {
		now, err := byID(tx, d.ID)
		if err != nil {
			return err
		}
		now.pack = string(text)
		return now.put(tx)
	})
}

// writePackage writes the package from the inside out.
func (b *Book) writePackage(ctx context.Context, d *Delivery, m *Manifest, proven journal.Proven, key age.Recipient, w io.Writer) error {
	sealed, err := age.Encrypt(w, key)
	if err != nil {
		return err
	}
	small, err := zstd.NewWriter(sealed, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	out := tar.NewWriter(small)
	add := func(name string, size int64) error {
		return out.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: d.Delivered, Format: tar.FormatUSTAR})
	}
	receipt := proven.Receipt().Append(nil)
	for _, f := range []struct {
		name string
		text []byte
	}{{ManifestName, []byte(d.manifest)}, {ReceiptName, receipt}} {
		if err := add(f.name, int64(len(f.text))); err != nil {
			return err
		}
		if _, err := out.Write(f.text); err != nil {
			return err
		}
	}
	if err := add(m.Result.Name, m.Result.Size); err != nil {
		return err
	}
	if err := b.writeResult(ctx, d, out, func(int64, *journal.ProvenBatch, []*Answer) error { return nil }); err != nil {
		return err
	}
	for i, r := range m.Receipts {
		p, err := b.unit(ctx, d, int64(i))
		if err != nil {
			return err
		}
		if err := add(r.Name, r.Size); err != nil {
			return err
		}
		if _, err := out.Write(p.Receipts().Append(nil)); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), small.Close(), sealed.Close())
}

// Names of the files of a package beside those that the manifest names.
const (
	ManifestName = "manifest.json"
	ReceiptName  = "receipt.json"
)

// partSums hashes a package as a whole and part by part.
type partSums struct {
	MediaPackage
	whole, part *measured
}

func (s *partSums) Write(p []byte) (int, error) {
	n := len(p)
	_, _ = s.whole.Write(p) // hashes never fail
	for len(p) > 0 {
		room := min(int64(len(p)), s.PartSize-s.part.size)
		_, _ = s.part.Write(p[:room])
		if p = p[room:]; s.part.size == s.PartSize {
			s.cut()
		}
	}
	return n, nil
}

func (s *partSums) cut() {
	s.Parts = append(s.Parts, hex.EncodeToString(s.part.Sum(nil)))
	s.part = newMeasured()
}

func (s *partSums) end() {
	if s.part.size > 0 {
		s.cut()
	}
	f := s.whole.file("")
	s.Size, s.SHA256 = f.Size, f.SHA256
}

// Part is a piece of a media package, to be read at any place.
type Part struct {
	*io.SectionReader
	SHA256 string
	file   *os.File
}

// Close closes the package.
func (p *Part) Close() { _ = p.file.Close() }

// Part opens part no, from 0, of an agency's media package. It is encrypted to
// the agency, so its program may fetch it.
func (b *Book) Part(ctx context.Context, of ids.LegalID, id, no int64) (*Part, error) {
	d, err := b.ByID(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case d.Agency != of:
		return nil, errUnknown
	case !d.Purged.IsZero():
		return nil, errPurged
	case d.pack == "" || d.node != b.c.Node:
		return nil, errState
	}
	var m MediaPackage
	if err := json.Unmarshal([]byte(d.pack), &m); err != nil {
		return nil, errRows.Because(err)
	}
	if no < 0 || no >= int64(len(m.Parts)) {
		return nil, errPart
	}
	f, err := os.Open(b.packPath(d))
	if err != nil {
		return nil, disk(err)
	}
	start := no * m.PartSize
	return &Part{io.NewSectionReader(f, start, min(m.PartSize, m.Size-start)), m.Parts[no], f}, nil
}

var errPart = fault.New(fault.NotFound, "delivery.part").At("part")
