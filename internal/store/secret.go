package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Secret reads the line of a file that only its owner may read, and writes a
// fresh one where there is no file.
func Secret(path string, fresh func() string) (line string, err error) {
	line, err = ReadSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return line, err
	}
	if err := WriteSecret(path, fresh()); err != nil && !errors.Is(err, fs.ErrExist) { // another process may be faster
		return "", err
	}
	return ReadSecret(path)
}

// ReadSecret reads the line of a file; one that others may read is refused.
func ReadSecret(path string) (line string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("key file %s can be read by others", path)
	}
	text, err := os.ReadFile(path)
	return strings.TrimSuffix(string(text), "\n"), err
}

// WriteSecret makes a file of one line that only its owner may read; one that is
// there stays, with fs.ErrExist. A crash leaves it whole or absent: it is written
// beside and linked to its name.
func WriteSecret(path, line string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".key-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(line + "\n")
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return SyncDir(dir)
}

// SyncDir makes new names in dir survive a power cut.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
