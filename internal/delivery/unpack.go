package delivery

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/receipt"
)

// NewIdentity makes a key pair for an agency: the secret stays with it, the
// public part is registered by its highest officer.
func NewIdentity() (secret, public string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return id.String(), id.Recipient().String(), nil
}

// Unpacked is what Unpack found in a package.
type Unpacked struct {
	Manifest *Manifest
	Receipt  *receipt.Receipt
	Rows     int64
}

var errPackage = fault.New(fault.Invalid, "delivery.package.broken")

func broken(format string, args ...any) error {
	return errPackage.Because(fmt.Errorf(format, args...))
}

// Unpack decrypts a media package with the agency's key (the text of a file of
// age identities) and checks all of it, offline, with nothing but the log's
// public keys:
//
//  1. The receipt of the file verifies, and cites the SHA-256 of the manifest.
//  2. Every file is as the manifest says.
//  3. The receipts of all rows verify, and are of this delivery.
//  4. The result is, byte for byte, what those receipts say.
//
// Each file is handed to save as it comes; until Unpack has returned nil
// nothing of it is proven.
func Unpack(r io.Reader, identity string, keys []note.Verifier, save func(name string) (io.WriteCloser, error)) (*Unpacked, error) {
	ids, err := age.ParseIdentities(strings.NewReader(identity))
	if err != nil {
		return nil, fault.New(fault.Invalid, "delivery.identity").Because(err)
	}
	plain, err := age.Decrypt(r, ids...)
	if err != nil {
		return nil, fault.New(fault.Invalid, "delivery.identity.other").Because(err)
	}
	small, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, broken("zstd: %w", err)
	}
	defer small.Close()
	u := &unpacking{in: tar.NewReader(small), keys: keys, save: save}
	if err := u.run(); err != nil {
		return nil, err
	}
	return &u.Unpacked, nil
}

// unpacking is a package on its way out.
type unpacking struct {
	Unpacked
	in     *tar.Reader
	keys   []note.Verifier
	save   func(name string) (io.WriteCloser, error)
	result *measured // what the rows' receipts say the result is
}

func (u *unpacking) run() error {
	text, err := u.small(ManifestName)
	if err != nil {
		return err
	}
	proof, err := u.small(ReceiptName)
	if err != nil {
		return err
	}
	if u.Manifest, u.Receipt, err = VerifyManifest(text, proof, u.keys); err != nil {
		return err
	}
	if err := u.file(u.Manifest.Result, nil); err != nil {
		return err
	}
	u.result = newMeasured()
	d := &Delivery{Fields: u.Manifest.Fields}
	out, err := sheet.NewWriter(u.result, sheet.CSV, d.heads())
	if err != nil {
		return err
	}
	for _, f := range u.Manifest.Receipts {
		var all bytes.Buffer
		if f.Size > receipt.MaxSize {
			return broken("%s is too large", f.Name)
		}
		if err := u.file(f, &all); err != nil {
			return err
		}
		if err := u.batch(all.Bytes(), d, out); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	switch got := u.result.file(resultName); {
	case got != u.Manifest.Result:
		return broken("the result is not what the receipts of its rows say")
	case u.Rows != u.Manifest.Rows:
		return broken("there are %d rows, the manifest says %d", u.Rows, u.Manifest.Rows)
	}
	if _, err := u.in.Next(); !errors.Is(err, io.EOF) {
		return broken("there is more than the manifest says")
	}
	return nil
}

// next goes to the next file, which must have this name.
func (u *unpacking) next(name string) (int64, error) {
	h, err := u.in.Next()
	if err != nil {
		return 0, broken("%s is missing: %w", name, err)
	}
	if h.Name != name || h.Typeflag != tar.TypeReg {
		return 0, broken("%s is not where it should be", name)
	}
	return h.Size, nil
}

// mostManifest bounds a manifest: of ten million rows it has two megabytes.
const mostManifest = 16 << 20

// small reads a file that fits into memory.
func (u *unpacking) small(name string) ([]byte, error) {
	size, err := u.next(name)
	if err != nil {
		return nil, err
	}
	if size > mostManifest {
		return nil, broken("%s is too large", name)
	}
	text, err := io.ReadAll(u.in)
	if err != nil {
		return nil, broken("%s: %w", name, err)
	}
	return text, u.keep(name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// file takes out a file that the manifest names, also into beside.
func (u *unpacking) file(f File, beside io.Writer) error {
	size, err := u.next(f.Name)
	if err != nil {
		return err
	}
	if size != f.Size {
		return broken("%s has another size than the manifest says", f.Name)
	}
	sum := newMeasured()
	to := []io.Writer{sum}
	if beside != nil {
		to = append(to, beside)
	}
	err = u.keep(f.Name, func(w io.Writer) error {
		if _, err := io.Copy(io.MultiWriter(append(to, w)...), u.in); err != nil {
			return broken("%s: %w", f.Name, err)
		}
		return nil
	})
	if err == nil && sum.file(f.Name) != f {
		err = broken("%s is not the file that the manifest names", f.Name)
	}
	return err
}

func (u *unpacking) keep(name string, write func(io.Writer) error) error {
	if u.save == nil {
		return write(io.Discard)
	}
	w, err := u.save(name)
	if err != nil {
		return err
	}
	return errors.Join(write(w), w.Close())
}

// batch verifies the receipts of some rows and writes the result that they say.
func (u *unpacking) batch(text []byte, d *Delivery, out *sheet.Writer) error {
	batch, err := receipt.ParseBatch(text)
	if err == nil {
		err = batch.Verify(u.keys...)
	}
	if err != nil {
		return errPackage.Because(err)
	}
	for i := range batch.Entries {
		var r struct {
			Kind     string
			Agency   struct{ ID string }
			Delivery struct{ ID int64 }
		}
		if err := json.Unmarshal(batch.Entries[i].Record, &r); err != nil {
			return errPackage.Because(err)
		}
		if r.Kind != receipt.DeliveryRow.String() || r.Delivery.ID != u.Manifest.Delivery || r.Agency.ID != u.Manifest.Agency.String() {
			return broken("a receipt is of something else")
		}
		a, err := parseAnswer(batch.Entries[i].Record)
		if err != nil {
			return errPackage.Because(err)
		}
		if err := out.Write(d.cells(a)); err != nil {
			return err
		}
		u.Rows++
	}
	return nil
}

// VerifyManifest checks a manifest, byte for byte as it was handed over,
// against the receipt of the file that cites it.
func VerifyManifest(text, proof []byte, keys []note.Verifier) (*Manifest, *receipt.Receipt, error) {
	r, err := receipt.Parse(proof)
	if err == nil {
		err = r.Verify(keys...)
	}
	if err != nil {
		return nil, nil, errPackage.Because(err)
	}
	var said struct{ Kind, Manifest string }
	if err := json.Unmarshal(r.Record, &said); err != nil {
		return nil, nil, errPackage.Because(err)
	}
	sum := sha256.Sum256(text)
	if said.Kind != receipt.Delivery.String() || said.Manifest != hex.EncodeToString(sum[:]) {
		return nil, nil, broken("the receipt does not cite this manifest")
	}
	m := new(Manifest)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil || m.Format != ManifestFormat {
		return nil, nil, broken("the manifest is not in its form: %w", err)
	}
	if err := m.named(); err != nil {
		return nil, nil, err
	}
	return m, r, nil
}

// named checks that files have the names that a package gives them: each becomes
// a file on the agency's disk.
func (m *Manifest) named() error {
	if m.Result.Name != resultName {
		return broken("the result has another name")
	}
	for i, f := range m.Receipts {
		if f.Name != receiptsName(int64(i)) {
			return broken("receipts %d have another name", i)
		}
	}
	return nil
}
