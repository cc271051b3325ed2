package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/estelam/estelam/internal/fault"
)

// draft is a file that is not in its place yet: half of it is never there.
type draft struct {
	f    *os.File
	w    *bufio.Writer
	hash hash.Hash
	path string
}

// newDraft begins a file. What an interrupted command left is written over.
func newDraft(path string) (*draft, error) {
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	d := &draft{f: f, path: path, hash: sha256.New()}
	d.w = bufio.NewWriterSize(io.MultiWriter(f, d.hash), 1<<18)
	return d, nil
}

func (d *draft) Write(b []byte) (int, error) { return d.w.Write(b) }

// finish makes all of it durable.
func (d *draft) finish() error {
	err := d.w.Flush()
	if err == nil {
		err = d.f.Sync()
	}
	return err
}

func (d *draft) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }

// place puts the file where it belongs.
func (d *draft) place() error {
	if err := os.Rename(d.path+".part", d.path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(d.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// drop closes the file, and removes it unless it is in its place.
func (d *draft) drop() {
	_ = d.f.Close()
	_ = os.Remove(d.path + ".part")
}

// full names the fault of a disk without room.
func full(err error) error {
	var already *fault.Error
	switch {
	case errors.As(err, &already):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fault.New(fault.Full, "estelam.link.full").Because(err)
	}
	return err
}
