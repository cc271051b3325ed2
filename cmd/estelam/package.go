package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
)

// packageCmd is the agency's side of a delivery: its key, its file, its
// package.
type packageCmd struct {
	Key    packageKeyCmd    `cmd:"" help:"Make the agency's key: the secret stays in a file, the public part is registered (act deliveries/recipient)."`
	Send   packageSendCmd   `cmd:"" help:"Hand in the file of a delivery."`
	Fetch  packageFetchCmd  `cmd:"" help:"Fetch manifest, receipt and package of a delivery; goes on where it broke off."`
	Verify packageVerifyCmd `cmd:"" help:"Verify offline what was fetched; with the agency's key everything in it."`
	Open   packageOpenCmd   `cmd:"" help:"Decrypt a package offline, verify all of it, and take the files out."`
}

// Names of files in the directory of a fetched package.
const (
	indexFile   = "package.json"
	packageFile = "package.age"
)

type packageKeyCmd struct {
	Out string `arg:"" help:"File of the secret key; it must not exist." type:"path"`
}

// Run makes a key pair. The file is what age calls an identity file.
func (c *packageKeyCmd) Run(s streams) error {
	secret, public, err := delivery.NewIdentity()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.New(fault.Conflict, "estelam.package.exists").Because(err)
	}
	_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", public, secret)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "recipient  %s\nsecret     %s\n", public, c.Out)
	return nil
}

type packageSendCmd struct {
	agencyClient `embed:""`

	Delivery int64  `arg:"" help:"Number of the delivery."`
	File     string `arg:"" help:"CSV, XLSX or Parquet." type:"existingfile"`
}

// Run sends the file and prints what it was taken for.
func (c *packageSendCmd) Run(ctx context.Context, s streams) error {
	cl, err := c.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	done, err := cl.Upload(ctx, c.Delivery, f)
	if err != nil {
		return clientFault(s, err)
	}
	var d struct {
		Format, SHA256 string
		Size           int64
	}
	if err := json.Unmarshal(done.Result, &d); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "file       %s, %d bytes\nsha256     %s\ncode       %s\n", d.Format, d.Size, d.SHA256, group(done.Code))
	return nil
}

type packageFetchCmd struct {
	agencyClient `embed:""`

	Delivery int64  `arg:"" help:"Number of the delivery."`
	Dir      string `short:"o" required:"" help:"Directory for what is fetched." type:"path"`
}

// index is what the service says of a package.
type index struct {
	Manifest string          `json:"manifest_text"`
	SHA256   string          `json:"manifest_sha256"`
	Receipt  json.RawMessage `json:"file_receipt"`
	Package  *delivery.MediaPackage
}

// Run fetches what is missing. Each part is checked when it is whole, and
// fetched again if it is not right; what was fetched before is kept.
func (c *packageFetchCmd) Run(ctx context.Context, s streams) error {
	cl, err := c.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	var in index
	done, err := cl.Read(ctx, "deliveries/package", map[string]any{"delivery": c.Delivery}, &in)
	if err != nil {
		return clientFault(s, err)
	}
	for name, text := range map[string][]byte{
		indexFile: done.Result, delivery.ManifestName: []byte(in.Manifest), delivery.ReceiptName: in.Receipt,
	} {
		if err := os.WriteFile(filepath.Join(c.Dir, name), text, 0o600); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "manifest   %s\n", in.SHA256)
	if in.Package == nil {
		return nil
	}
	if err := c.parts(ctx, cl, in.Package, s.out); err != nil {
		return clientFault(s, err)
	}
	fmt.Fprintf(s.out, "package    %s, %d bytes\n", filepath.Join(c.Dir, packageFile), in.Package.Size)
	return nil
}

// parts fetches the parts that are missing, one after the other, into one file.
func (c *packageFetchCmd) parts(ctx context.Context, cl *client.Client, p *delivery.MediaPackage, out io.Writer) error {
	f, err := os.OpenFile(filepath.Join(c.Dir, packageFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	for no := range p.Parts {
		start := int64(no) * p.PartSize
		size := min(p.PartSize, p.Size-start)
		for try := 0; ; try++ {
			got := min(max(have-start, 0), size)
			sum := sha256.New()
			if _, err := io.Copy(sum, io.NewSectionReader(f, start, got)); err != nil {
				return err
			}
			if got < size {
				if _, err := f.Seek(start+got, io.SeekStart); err != nil {
					return err
				}
				n, err := cl.PackagePart(ctx, c.Delivery, no, got, io.MultiWriter(f, sum))
				have = max(have, start+got+n)
				if err != nil && try >= 5 || ctx.Err() != nil {
					return errors.Join(err, ctx.Err())
				}
				if err != nil {
					continue
				}
			}
			if hex.EncodeToString(sum.Sum(nil)) == p.Parts[no] {
				break
			}
			if have = start; try >= 5 { // this part anew
				return fault.New(fault.Invalid, "delivery.package.broken")
			}
			if err := f.Truncate(start); err != nil {
				return err
			}
		}
		fmt.Fprintf(out, "part       %d of %d\n", no+1, len(p.Parts))
	}
	return errors.Join(f.Truncate(p.Size), f.Sync())
}

// offline is what the commands take that need no service.
type offline struct {
	Dir    string `arg:"" help:"Directory of a fetched package." type:"path"`
	LogKey string `required:"" env:"ESTELAM_LOG_KEY" help:"The log's public keys, or a file that holds them."`
}

// check verifies manifest and receipt, and that the package is whole.
func (o *offline) check() (*delivery.Manifest, []note.Verifier, error) {
	keys, err := readKeys(o.LogKey)
	if err != nil {
		return nil, nil, err
	}
	var text [3][]byte
	for i, name := range []string{delivery.ManifestName, delivery.ReceiptName, indexFile} {
		if text[i], err = readFile(filepath.Join(o.Dir, name)); err != nil {
			return nil, nil, err
		}
	}
	m, _, err := delivery.VerifyManifest(text[0], text[1], keys)
	if err != nil {
		return nil, nil, err
	}
	var in index
	if err := json.Unmarshal(text[2], &in); err != nil {
		return nil, nil, fault.New(fault.Invalid, "delivery.package.broken").Because(err)
	}
	if in.Package == nil {
		return m, keys, nil
	}
	f, err := os.Open(filepath.Join(o.Dir, packageFile))
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "estelam.package.missing").Because(err)
	}
	defer func() { _ = f.Close() }()
	var sum hash.Hash = sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != in.Package.SHA256 {
		return nil, nil, fault.New(fault.Invalid, "delivery.package.broken")
	}
	return m, keys, nil
}

// unpack decrypts the package and checks what is in it.
func (o *offline) unpack(identity string, keys []note.Verifier, save func(string) (io.WriteCloser, error)) (*delivery.Unpacked, error) {
	secret, err := readFile(identity)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(o.Dir, packageFile))
	if err != nil {
		return nil, fault.New(fault.NotFound, "estelam.package.missing").Because(err)
	}
	defer func() { _ = f.Close() }()
	return delivery.Unpack(f, string(secret), keys, save)
}

type packageVerifyCmd struct {
	offline  `embed:""`
	Identity string `short:"i" help:"The agency's secret key: verifies every row too."`
}

// Run verifies and says what was delivered.
func (c *packageVerifyCmd) Run(s streams) error {
	m, keys, err := c.check()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "delivery   %d, agency %s\nrows       %d\n", m.Delivery, m.Agency, m.Rows)
	if c.Identity == "" {
		fmt.Fprintln(s.out, "verified   manifest and package; --identity verifies the rows")
		return nil
	}
	u, err := c.unpack(c.Identity, keys, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "verified   manifest, package and %d rows\n", u.Rows)
	return nil
}

type packageOpenCmd struct {
	offline  `embed:""`
	Identity string `short:"i" required:"" help:"The agency's secret key."`
	Out      string `short:"o" required:"" help:"New directory for the files." type:"path"`
}

// Run takes the files out, into a directory that gets its name when all of
// them are verified.
func (c *packageOpenCmd) Run(s streams) error {
	m, keys, err := c.check()
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Out); !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Conflict, "estelam.package.exists")
	}
	dir, err := os.MkdirTemp(filepath.Dir(c.Out), ".package-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // unless it got its name
	if err := os.Mkdir(filepath.Join(dir, "receipts"), 0o700); err != nil {
		return err
	}
	u, err := c.unpack(c.Identity, keys, func(name string) (io.WriteCloser, error) {
		if strings.Contains(name, "..") || filepath.IsAbs(name) {
			return nil, fault.New(fault.Invalid, "delivery.package.broken")
		}
		return os.OpenFile(filepath.Join(dir, filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	})
	if err != nil {
		return err
	}
	if err := os.Rename(dir, c.Out); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "delivery   %d\nverified   %d rows\nresult     %s\n", m.Delivery, u.Rows, filepath.Join(c.Out, m.Result.Name))
	return nil
}
