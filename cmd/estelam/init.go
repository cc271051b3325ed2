package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

// initCmd makes a data directory.
type initCmd struct {
	where `embed:""`
	Name  string `default:"Estelam Registry CA" help:"Name of the certificate authority."`
}

// Run makes keys, authority and tables. It overwrites nothing: what is there
// stays, so it can be run again after an interruption.
func (c *initCmd) Run(ctx context.Context, s streams) error {
	said := "ready"
	if !missing(keyDir(c.Data)) {
		said = "was there already, nothing overwritten"
	}
	if err := initialise(ctx, c.where, c.Name); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s\n", said, c.Data)
	fmt.Fprintf(s.out, "  keys of log and codes   %s   keep them secret, keep a copy\n", keyDir(c.Data))
	fmt.Fprintf(s.out, "  certificate authority   %s   agencies need ca.pem\n", caDir(c.Data))
	fmt.Fprintf(s.out, "next: estelam serve, and beside it estelam agency register\n")
	return nil
}

// migrateCmd brings the tables to this version.
type migrateCmd struct {
	where `embed:""`
}

// Run migrates all databases.
func (c *migrateCmd) Run(ctx context.Context, s streams) error {
	if missing(keyDir(c.Data)) {
		return fault.New(fault.NotFound, "estelam.not_initialised")
	}
	if err := store.Migrate(ctx, c.url()); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "the tables are of this version")
	return nil
}

// initialise makes keys, authority and tables, each only if it is not there.
func initialise(ctx context.Context, w where, name string) error {
	if err := os.MkdirAll(w.Data, 0o700); err != nil {
		return err
	}
	for file, add := range map[string]func(dir string) error{"log-1.key": journal.RotateLogKey, "code-1.key": journal.RotateCodeKey} {
		if missing(filepath.Join(keyDir(w.Data), file)) {
			if err := add(keyDir(w.Data)); err != nil {
				return err
			}
		}
	}
	if missing(filepath.Join(caDir(w.Data), "ca.pem")) {
		if _, err := agency.NewCA(caDir(w.Data), name); err != nil {
			return err
		}
	}
	return store.Migrate(ctx, w.url())
}

func missing(file string) bool {
	_, err := os.Stat(file)
	return errors.Is(err, fs.ErrNotExist)
}
