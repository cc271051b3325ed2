package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

// makeParts makes keys, authority and tables, each only if it is not there.
func makeParts(ctx context.Context, w where, name string) error {
	if missing(filepath.Join(keyDir(w.Data), "log-1.key")) {
		if _, err := journal.NewKeys(keyDir(w.Data)); err != nil {
			return err
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

// buildVersion is what the Go tool knows of this build.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	return version + " " + info.GoVersion
}
