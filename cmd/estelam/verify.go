package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/receipt"
	"github.com/estelam/estelam/signature"
)

// verifyCmd verifies receipts with nothing but the log's public key: no server,
// no database, no network.
type verifyCmd struct {
	Receipt []string `arg:"" help:"Receipt files, batch receipts, or answers that 'estelam act -o' keeps; - for standard input."`
	Key     string   `short:"k" required:"" help:"The log's public key (vkey), or a file that holds it." env:"ESTELAM_LOG_KEY"`
	Record  bool     `short:"r" help:"Print the record too. It holds personal data."`
	Signer  string   `placeholder:"FILE" help:"The asking agency's certificate (PEM): the signature of its request, which the record holds, must be this one's."`
}

// Help is shown below the flags.
func (verifyCmd) Help() string {
	return "Exit code 0: every receipt is genuine. 2: at least one is not, or cannot be read. The log's key is served at /log/keys and printed by 'estelam serve'."
}

// Run verifies each file and prints a line for it.
func (v *verifyCmd) Run(io streams) error {
	keys, err := readKeys(v.Key)
	if err != nil {
		return err
	}
	var signer *x509.Certificate
	if v.Signer != "" {
		if signer, err = readCertificate(v.Signer); err != nil {
			return err
		}
	}
	bad := 0
	for _, name := range v.Receipt {
		lines, err := verifyFile(io, name, keys, v.Record, signer)
		if err != nil {
			bad++
			said := "NOT GENUINE"
			if errors.As(err, new(*fs.PathError)) {
				said = "NOT READ   "
			}
			fmt.Fprintf(io.out, "%s  %s: %v\n", said, name, err)
			continue
		}
		for _, l := range lines {
			fmt.Fprintf(io.out, "genuine      %s: %s\n", name, l)
		}
	}
	if bad > 0 {
		return exitCode(fault.Invalid.Exit())
	}
	return nil
}

// ofAct is the receipt in what "estelam act -o FILE" keeps; anything else stays
// as it is.
func ofAct(data []byte) []byte {
	var whole map[string]json.RawMessage
	if json.Unmarshal(data, &whole) == nil && whole["receipt"] != nil && whole["tracking_code"] != nil {
		return whole["receipt"]
	}
	return data
}

// verifyFile verifies one receipt or batch and describes what it proves. With a
// signer the requests must have been signed by it.
func verifyFile(s streams, name string, keys []note.Verifier, record bool, signer *x509.Certificate) ([]string, error) {
	data, err := readInput(s, name)
	if err != nil {
		return nil, err
	}
	data = ofAct(data)
	var all []*receipt.Receipt
	r, err := receipt.Parse(data)
	if err == nil {
		err = r.Verify(keys...)
		all = append(all, r)
	} else if b, batchErr := receipt.ParseBatch(data); batchErr == nil {
		if err = b.Verify(keys...); err == nil {
			all, err = b.Split()
		}
	}
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, r := range all {
		h, err := r.Head()
		if err != nil {
			return nil, err
		}
		line := fmt.Sprintf("%s, code %s, entry %d of %s, %s", h.Kind, group(h.Code), h.Index, h.Log, h.Time.Format("2006-01-02 15:04:05Z"))
		if signer != nil {
			if err := verifySigner(r.Record, signer); err != nil {
				return nil, err
			}
			line += ", request signed by " + signer.Subject.CommonName
		}
		if record {
			line += "\n  " + string(r.Record)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// verifySigner holds the signature of the request that a record holds against
// the certificate of who is said to have asked.
func verifySigner(record []byte, signer *x509.Certificate) error {
	var r struct {
		Signature *struct {
			Certificate string `json:"certificate"`
			Input       string `json:"input"`
			Value       []byte `json:"value"`
		} `json:"signature"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return err
	}
	sum := sha256.Sum256(signer.Raw)
	switch {
	case r.Signature == nil:
		return errors.New("the request was not signed")
	case r.Signature.Certificate != hex.EncodeToString(sum[:]):
		return errors.New("the request was signed with another certificate")
	}
	return signature.Verify(signer.PublicKey, r.Signature.Input, r.Signature.Value)
}

func readInput(s streams, name string) ([]byte, error) {
	in := s.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, receipt.MaxSize+1))
}

// readKeys reads verifier keys, one a line, from text or from a file.
func readKeys(text string) ([]note.Verifier, error) {
	if !strings.Contains(text, "+") {
		data, err := os.ReadFile(text)
		if err != nil {
			return nil, fault.New(fault.NotFound, "estelam.key.file").Because(err)
		}
		text = string(data)
	}
	var keys []note.Verifier
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fault.New(fault.Invalid, "estelam.key.form").Because(err)
		}
		keys = append(keys, v)
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Invalid, "estelam.key.form")
	}
	return keys, nil
}

// group sets a tracking code in groups of four, as it is printed everywhere.
func group(code string) string {
	var b strings.Builder
	for i, c := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
