package store

import (
	"fmt"
	"slices"
	"sync"
)

// Query is one SQL statement, stated once as a package-level variable.
type Query struct {
	database Database
	name     string
	sql      [PostgreSQL + 1]string // by engine
	id       int                    // position in the registry: indexes statement caches
}

var registry struct {
	sync.Mutex
	list  []*Query
	names map[string]bool
}

// Q states a query and registers it, so that a test can prepare all of them on
// both engines. The name is "noun.verb", unique, at most 60 characters. A name
// that stands twice is a mistake in the program and panics.
func Q(d Database, name, sql string) *Query {
	q := &Query{database: d, name: name}
	q.sql[SQLite], q.sql[PostgreSQL] = sql, sql
	registry.Lock()
	defer registry.Unlock()
	if registry.names == nil {
		registry.names = map[string]bool{}
	}
	if registry.names[name] || name == "" || len(name) > 60 {
		panic("store: bad or repeated query name " + name)
	}
	registry.names[name] = true
	q.id = len(registry.list)
	registry.list = append(registry.list, q)
	return q
}

// On gives the query a second spelling on one engine; the reason stands in a
// comment beside it.
func (q *Query) On(e Engine, sql string) *Query {
	q.sql[e] = sql
	return q
}

// Name is the query's name.
func (q *Query) Name() string { return q.name }

// Database is where the query runs.
func (q *Query) Database() Database { return q.database }

// SQL is the query's text on engine e.
func (q *Query) SQL(e Engine) string { return q.sql[e] }

// Queries lists every query of the program, in order of registration.
func Queries() []*Query {
	registry.Lock()
	defer registry.Unlock()
	return slices.Clone(registry.list)
}

func (q *Query) of(d Database) error {
	if q.database != d {
		return fmt.Errorf("store: query %s belongs to %s, not %s", q.name, q.database, d)
	}
	return nil
}
