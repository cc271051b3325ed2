package main

import (
	"context"
	"fmt"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/store"
)

// fsckCmd reads the whole journal.
type fsckCmd struct {
	where `embed:""`
}

// Run finds every altered byte of the journal and of the register's image, what
// the lists by person, agency and officer lack of it, where the kept counts of places
// and plates are wrong, and what the engine itself finds amiss in all three
// databases, and exits 1 if there is anything.
func (c *fsckCmd) Run(ctx context.Context, s streams) error {
	keys, err := loadKeys(c.where)
	if err != nil {
		return err
	}
	found, err := journal.Fsck(ctx, c.url(), keys)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s logs, %s batches, %s entries, %s tiles read; %s faults\n",
		count(found.Logs), count(found.Batches), count(found.Entries), count(found.Tiles), count(int64(len(found.Faults))+found.More))
	for _, f := range found.Faults {
		fmt.Fprintln(s.out, " ", f)
	}
	damaged, err := c.engines(ctx, s)
	if err != nil {
		return err
	}
	lists, err := c.lists(ctx, s)
	if err != nil {
		return err
	}
	places, err := c.places(ctx, s)
	if err != nil {
		return err
	}
	damaged = damaged || lists || places
	if records, found, err := mirror.Verify(imageDir(c.Data)); err != nil {
		damaged = true
		fmt.Fprintln(s.out, "  image of the register: damaged; \"estelam image build\" makes a new one")
	} else if found {
		fmt.Fprintf(s.out, "image of the register: %s persons, all checksums right\n", count(int64(records)))
	}
	if damaged || len(found.Faults) > 0 {
		return exitCode(fault.Internal.Exit())
	}
	return nil
}

// lists holds the lists that tell people who asked about them against the log.
func (c *fsckCmd) lists(ctx context.Context, s streams) (damaged bool, err error) {
	found, err := journal.FsckLists(ctx, c.url())
	if err != nil {
		return false, err
	}
	fmt.Fprintf(s.out, "lists: %s entries by person, %s by agency, %s by officer; %s wrong\n",
		count(found.Persons), count(found.Agencies), count(found.Officers), count(int64(len(found.Faults))+found.More))
	for _, f := range found.Faults {
		fmt.Fprintln(s.out, " ", f)
	}
	return len(found.Faults) > 0, nil
}

// places holds the counts of places and plates against the register.
func (c *fsckCmd) places(ctx context.Context, s streams) (damaged bool, err error) {
	db, err := store.Open(ctx, c.url(), store.Register)
	if err != nil {
		return false, err
	}
	defer func() { _ = db.Close() }()
	b, err := place.Open(ctx, db)
	if err != nil {
		return false, err
	}
	found, err := b.FsckCounts(ctx)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(s.out, "places: %s parts of the country counted; %s wrong\n", count(found.Parts), count(int64(len(found.Faults))))
	for _, f := range found.Faults[:min(len(found.Faults), 20)] {
		fmt.Fprintln(s.out, " ", f)
	}
	return len(found.Faults) > 0, nil
}

// engines has the engine check the structure of each database.
func (c *fsckCmd) engines(ctx context.Context, s streams) (damaged bool, err error) {
	for _, d := range []store.Database{store.Register, store.Journal, store.Projection} {
		db, err := store.Open(ctx, c.url(), d)
		if err != nil {
			return false, err
		}
		lines, err := db.Check(ctx)
		_ = db.Close()
		if err != nil {
			return false, err
		}
		for _, l := range lines {
			damaged = true
			fmt.Fprintf(s.out, "  %s: %s\n", d, l)
		}
	}
	return damaged, nil
}
