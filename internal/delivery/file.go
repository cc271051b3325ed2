package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"filippo.io/age"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
)

var (
	errNoFile = fault.New(fault.Conflict, "delivery.file.none")
	errDisk   = fault.New(fault.Full, "delivery.disk")
	errSealed = fault.New(fault.Internal, "delivery.sealed")
)

// keyFile is the node's key, to which files at rest are encrypted.
const keyFile = "node.key"

// loadKey reads the key of a directory, and makes both the first time. A key
// that others may read is refused.
func loadKey(dir string) (*age.X25519Identity, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errSealed.Because(err)
	}
	text, err := store.Secret(filepath.Join(dir, keyFile), func() string {
		key, err := age.GenerateX25519Identity()
		if err != nil {
			panic(err) // there is no randomness
		}
		return key.String()
	})
	if err != nil {
		return nil, errSealed.Because(err)
	}
	key, err := age.ParseX25519Identity(text)
	if err != nil {
		return nil, errSealed.Because(err)
	}
	return key, nil
}

// disk names what went wrong with a file of ours: a full disk goes away.
func disk(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return errDisk.Because(err)
	}
	return errSealed.Because(err)
}

// inputPath is where a delivery's file lies.
func (b *Book) inputPath(d *Delivery) string {
	return filepath.Join(b.c.Dir, fmt.Sprintf("%d-%s.input.age", d.ID, d.SHA256[:16]))
}

// Upload takes a delivery's file in, of any length up to MostBytes, and seals
// it while it arrives. Until the delivery is started it can be sent again. The
// fault is that of the file if nobody could read it.
func (b *Book) Upload(ctx context.Context, j *journal.Journal, actor journal.Actor, delivery int64, file io.Reader) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer); err != nil {
		return nil, journal.Proven{}, err
	}
	d, err := b.own(ctx, actor, delivery)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if d.State != Requested && d.State != Approved {
		return nil, journal.Proven{}, errState
	}
	old := *d
	d.Format = "" // of a file that was sent before
	path, err := b.seal(d, file)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	defer func() { _ = os.Remove(path) }() // unless it got its name
	p, err := b.detect(path, d, &Reading{})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if err := disk(errors.Join(os.Rename(path, b.inputPath(d)), store.SyncDir(b.c.Dir))); err != nil {
		return nil, journal.Proven{}, err
	}
	sha, size := d.SHA256, d.Size
	d, proven, err := b.act(ctx, j, actor, "delivery-uploaded", delivery, func(_ *store.Tx, _ *register.Change, d *Delivery) error {
		if d.State != Requested && d.State != Approved {
			return errState
		}
		d.SHA256, d.Size, d.Format, d.node = sha, size, string(p.Format), b.c.Node
		return nil
	})
	if err == nil && old.SHA256 != "" && old.SHA256 != sha {
		_ = os.Remove(b.inputPath(&old)) // what stays behind after a crash is forgotten with the delivery
	}
	return d, proven, err
}

// seal writes a file as it arrives, encrypted to the node's key, and tells d
// its size and SHA-256.
func (b *Book) seal(d *Delivery, file io.Reader) (path string, err error) {
	f, err := os.CreateTemp(b.c.Dir, ".upload-*")
	if err != nil {
		return "", disk(err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	w, err := age.Encrypt(f, b.key.Recipient())
	if err != nil {
		return "", errSealed.Because(err)
	}
	sum := sha256.New()
	in := &arriving{r: io.LimitReader(file, b.MostBytes+1)}
	n, err := io.Copy(io.MultiWriter(w, sum), in)
	switch {
	case fault.Is(in.err, fault.Unsupported):
		return "", in.err
	case in.err != nil:
		return "", fault.New(fault.Malformed, "delivery.file.cut").Because(in.err)
	case err != nil:
		return "", disk(err)
	case n > b.MostBytes:
		return "", fault.New(fault.TooLarge, "delivery.file.large", fmt.Sprint(b.MostBytes>>20))
	case n == 0:
		return "", fault.New(fault.Invalid, "delivery.file.empty")
	}
	if err := disk(errors.Join(w.Close(), f.Sync(), f.Close())); err != nil {
		return "", err
	}
	d.SHA256, d.Size = hex.EncodeToString(sum.Sum(nil)), n
	return f.Name(), nil
}

// arriving tells an error of the sender from one of our disk.
type arriving struct {
	r   io.Reader
	err error
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		a.err = err
	}
	return n, err
}

// Reading says how a file's columns are to be read, where a person has decided
// it; the zero value leaves all to recognition.
type Reading struct {
	Encoding  string   `json:"encoding,omitzero"`
	Separator string   `json:"separator,omitzero"`
	Header    *bool    `json:"header,omitzero"`  // whether the first row names the columns
	Sheet     string   `json:"sheet,omitzero"`   // of a workbook
	Columns   []string `json:"columns,omitzero"` // what each column is, by position; "": nothing
}

func (in *Reading) options(format string, most int64) sheet.ReadOptions {
	o := sheet.ReadOptions{
		Format: sheet.Format(format), Encoding: in.Encoding, Separator: in.Separator, Header: in.Header, Sheet: in.Sheet, MaxRows: most,
	}
	if len(in.Columns) > 0 {
		o.Map = map[int]string{}
		for i, name := range in.Columns {
			o.Map[i] = name
		}
	}
	return o
}

// columns of an agency's file, in the order of linkage.Persian.
func columns() []sheet.Column { return sheet.PersonColumns() }

// sealed is a file of ours, opened and decrypted piece by piece as it is read.
type sealed struct {
	io.ReaderAt
	size int64
	file *os.File
}

func (s *sealed) Close() { _ = s.file.Close() }

func (b *Book) open(path string) (*sealed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errNoFile.Because(err)
	}
	info, err := f.Stat()
	if err == nil {
		s := &sealed{file: f}
		if s.ReaderAt, s.size, err = age.DecryptReaderAt(f, info.Size(), b.key); err == nil {
			return s, nil
		}
	}
	_ = f.Close()
	return nil, errSealed.Because(err)
}

// detect looks at a sealed file.
func (b *Book) detect(path string, d *Delivery, in *Reading) (*sheet.Preview, error) {
	s, err := b.open(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return sheet.Detect(s, s.size, columns(), in.options(d.Format, b.MostRows))
}

// preview is what the delivery's columns would be taken for.
func (b *Book) preview(d *Delivery, in *Reading) (*sheet.Preview, error) {
	if d.SHA256 == "" || d.node != b.c.Node {
		return nil, errNoFile
	}
	p, err := b.detect(b.inputPath(d), d, in)
	if err != nil {
		return nil, err
	}
	for _, c := range p.Columns {
		if c.Means != "" {
			return p, nil
		}
	}
	return nil, fault.New(fault.Invalid, "delivery.columns")
}

// Previewing asks what a file's columns are taken for.
type Previewing struct {
	Delivery int64 `json:"delivery"`
	Reading
}

// Preview shows the agency's own people what the columns of their file would
// be taken for, with the first values. Nothing runs.
func (b *Book) Preview(ctx context.Context, actor journal.Actor, in *Previewing) (*sheet.Preview, error) {
	if err := register.Only(actor, agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer); err != nil {
		return nil, err
	}
	d, err := b.own(ctx, actor, in.Delivery)
	if err != nil {
		return nil, err
	}
	return b.preview(d, &in.Reading)
}

// Table is a delivery's file, row by row in the order of linkage.Persian.
type Table struct {
	*sheet.TableReader
	file *sealed
}

// Close closes the file.
func (t *Table) Close() { t.file.Close() }

// Table opens the file of a delivery, as it was started with.
func (b *Book) Table(d *Delivery) (*Table, error) {
	if d.SHA256 == "" || d.node != b.c.Node {
		return nil, errNoFile
	}
	s, err := b.open(b.inputPath(d))
	if err != nil {
		return nil, err
	}
	r, err := sheet.OpenTable(s, s.size, columns(), d.reading.options(d.Format, b.MostRows))
	if err != nil {
		s.Close()
		return nil, err
	}
	return &Table{r, s}, nil
}

// Values reads the next row: its number in the sheet and its values. A row
// that cannot be read has none, and read is false. At the end: io.EOF.
func (t *Table) Values(values []string) (line int, read bool, err error) {
	row, err := t.Next()
	if err != nil {
		return 0, false, err
	}
	for i := range values {
		values[i] = ""
		if row.Fault == nil {
			values[i] = row.Cell(i)
		}
	}
	return row.N, row.Fault == nil, nil
}
