package store

import (
	"context"
	"fmt"
)

// PrepareAll has the engine at url compile every query that the program
// states, and returns what it refuses: a misspelt column, a table that no
// migration makes, SQL of the other dialect. Nothing is run.
func PrepareAll(ctx context.Context, url string) []error {
	var bad []error
	for _, d := range databases {
		db, err := Open(ctx, url, d)
		if err != nil {
			return append(bad, fmt.Errorf("open %s: %w", d, err))
		}
		for _, q := range Queries() {
			if q.database != d {
				continue
			}
			if err := db.prepare(ctx, q); err != nil {
				bad = append(bad, fmt.Errorf("%s on %s: %w", q.name, db.kind, err))
			}
		}
		if err := db.Close(); err != nil {
			bad = append(bad, err)
		}
	}
	return bad
}

// Check has SQLite walk through the whole file and returns what it finds
// damaged: pages, keys out of order, rows missing in an index. It does not see
// a changed value inside a row. PostgreSQL checks pages itself as it reads
// them, where the cluster was made with --data-checksums; Check does nothing.
func (db *DB) Check(ctx context.Context) (damage []string, err error) {
	if db.kind != SQLite {
		return nil, nil
	}
	err = db.Read(ctx, func(tx *Tx) error {
		return tx.Each(checks[db.database], nil, func(scan func(...any) error) error {
			var line string
			if err := scan(&line); err != nil || line == "ok" {
				return err
			}
			damage = append(damage, line)
			return nil
		})
	})
	return damage, err
}

func (db *DB) prepare(ctx context.Context, q *Query) error {
	switch e := db.engine.(type) {
	case *lite:
		s := <-e.writer
		defer func() { e.writer <- s }()
		_, err := s.prepare(q)
		return err
	case *postgres:
		c, err := e.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer c.Release()
		return prepare(ctx, c.Conn(), q)
	}
	return nil
}
