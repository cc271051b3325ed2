// Package receipt is the format of Estelam's receipts and their verification,
// offline, with nothing but the log's public key.
//
// A receipt is one JSON file: the record of an act, its salt, and the proof
// that the record stands in a public append-only log. It is verified so:
//
//  1. Format: the file is canonical JSON with exactly the members format,
//     record, salt and proof, and the proof is a c2sp.org/tlog-proof.
//  2. Record: its head names the log and the index that the proof speaks of.
//  3. Inclusion: the leaf made of record and salt, and the path, give the root
//     hash of the checkpoint (RFC 6962).
//  4. Signature: the checkpoint is signed by the log's key.
//
// Receipt.Verify has the same four steps. docs/journal.md gives every byte, and
// verifiers/verify.py does the same in another language.
package receipt

import (
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Format is the first member of a receipt file.
const Format = "estelam-receipt/1"

// MaxSize bounds what Parse and ParseBatch read: 16 MiB.
const MaxSize = 16 << 20

// Receipt is a record and the proof that it stands in the log.
type Receipt struct {
	Record     []byte   // canonical JSON; its bytes are what is hashed
	Salt       [32]byte // blinds the record in the public leaf
	Index      int64    // position in the log
	Size       int64    // size of the tree that the checkpoint signs
	Path       []tlog.Hash
	Checkpoint []byte // signed note
}

// Step names the step of verification that failed.
type Step string

// The steps, in their order.
const (
	StepFormat    Step = "format"
	StepRecord    Step = "record"
	StepInclusion Step = "inclusion"
	StepSignature Step = "signature"
)

// Error says at which step a receipt failed. Its text holds nothing of the
// receipt's content.
type Error struct {
	Step  Step
	Cause error
}

func (e *Error) Error() string { return fmt.Sprintf("receipt: %s: %v", e.Step, e.Cause) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

func fail(step Step, err error) error { return &Error{Step: step, Cause: err} }

// Parse reads a receipt file. Nothing in it is verified yet.
func Parse(data []byte) (*Receipt, error) {
	r := &Receipt{}
	var proof []byte
	err := file(data, Format, map[string]func([]byte) error{
		"record": func(v []byte) error { r.Record = v; return nil },
		"salt":   text(func(v []byte) error { return decode(r.Salt[:], v) }),
		"proof":  text(func(v []byte) error { proof = v; return nil }),
	})
	if err != nil {
		return nil, fail(StepFormat, err)
	}
	if r.Index, r.Path, r.Checkpoint, err = parseProof(proof); err != nil {
		return nil, fail(StepFormat, err)
	}
	c, err := parseCheckpoint(r.Checkpoint)
	if err != nil {
		return nil, fail(StepFormat, err)
	}
	r.Size = c.size
	return r, nil
}

// file reads a JSON object that has exactly these members and a format.
func file(data []byte, format string, members map[string]func([]byte) error) error {
	if len(data) > MaxSize {
		return errors.New("the file is too large")
	}
	compact, err := Compact(data)
	if err != nil {
		return err
	}
	members["format"] = func(v []byte) error {
		if string(v) != `"`+format+`"` {
			return errors.New("the file has another format")
		}
		return nil
	}
	return exactly(compact, members)
}

// Append appends the receipt file: compact canonical JSON in one line, without
// a line break at its end.
func (r *Receipt) Append(dst []byte) []byte {
	dst = append(dst, `{"format":"`+Format+`","record":`...)
	dst = append(dst, r.Record...)
	dst = append(dst, `,"salt":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, r.Salt[:])
	dst = append(dst, `","proof":"`...)
	dst = appendProof(dst, r.Index, r.Path, r.Checkpoint)
	return append(dst, '"', '}')
}

// Head is the head of the record. It can be trusted only after Verify.
func (r *Receipt) Head() (Head, error) {
	h, _, err := ParseHead(r.Record)
	return h, err
}

// Verify checks the receipt against the public keys of logs. It is nil only
// if the record stands, exactly as it is here, in the log that it names.
func (r *Receipt) Verify(keys ...note.Verifier) error {
	// 1. Format. Parse has done it for a receipt that came as a file.
	c, err := parseCheckpoint(r.Checkpoint)
	if err != nil {
		return fail(StepFormat, err)
	}
	// 2. Record.
	leaf, err := leafOf(r.Record, &r.Salt, c.origin, r.Index)
	if err != nil {
		return fail(StepRecord, err)
	}
	// 3. Inclusion.
	root, err := rootFromPath(r.Index, c.size, leaf, r.Path)
	if err == nil && (root != c.root || r.Size != c.size) {
		err = errors.New("record, salt and path do not lead to the checkpoint's root")
	}
	if err != nil {
		return fail(StepInclusion, err)
	}
	// 4. Signature.
	if err := verifyCheckpoint(r.Checkpoint, c.origin, keys); err != nil {
		return fail(StepSignature, err)
	}
	return nil
}

// leafOf is the leaf hash of a record that must stand at index of log.
func leafOf(record []byte, salt *[32]byte, log string, index int64) (tlog.Hash, error) {
	h, _, err := ParseHead(record)
	switch {
	case err != nil:
		return tlog.Hash{}, err
	case h.Log != log:
		return tlog.Hash{}, errors.New("the record names another log")
	case h.Index != index:
		return tlog.Hash{}, errors.New("the record names another index")
	}
	leaf := Leaf(Version, h.Kind, salt, record)
	return LeafHash(&leaf), nil
}
