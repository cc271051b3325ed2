package store_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the schema files anew")

var names = []string{"register", "journal", "projection"}

// The files schema/*.sql are the whole schema, readable without following the
// migrations: what the migrations make, with their comments.
func TestSchemaFiles(t *testing.T) {
	url := storetest.SQLite(t)
	for _, name := range names {
		got := schema(t, url, name)
		file := filepath.Join("schema", name+".sql")
		if *update {
			must(t, os.MkdirAll("schema", 0o755))
			must(t, os.WriteFile(file, []byte(got), 0o644))
			continue
		}
		want, err := os.ReadFile(file)
		must(t, err)
		if got != string(want) {
			t.Errorf("%s is not what the migrations make: run go test ./internal/store -run Schema -update", file)
		}
	}
}

// Every column says what it holds, on its own line.
func TestColumnComments(t *testing.T) {
	url := storetest.SQLite(t)
	for _, name := range names {
		text := schema(t, url, name)
		for table, columns := range liteColumns(t, url, name) {
			_, body, ok := strings.Cut(text, "CREATE TABLE "+table+" (")
			if !ok {
				t.Errorf("%s: table %s is not in the schema", name, table)
				continue
			}
			body, _, _ = strings.Cut(body, "\n)")
			for _, c := range columns {
				if !commented(body, c) {
					t.Errorf("%s: column %s.%s has no comment on its line", name, table, c)
				}
			}
		}
	}
}

func commented(body, column string) bool {
	return regexp.MustCompile(`(?m)^\s*` + column + `\s.*-- \S`).MatchString(body)
}

func TestCommented(t *testing.T) {
	if body := "\n  id INTEGER, -- the number\n  n BIGINT,\n"; !commented(body, "id") || commented(body, "n") {
		t.Error("a missing comment is not noticed")
	}
}

// Both engines have the same tables and columns.
func TestSameSchema(t *testing.T) {
	lite, url := storetest.SQLite(t), storetest.Postgres(t)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	found, err := conn.Query(t.Context(), `SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE '%\_version'
		AND table_name NOT IN (SELECT inhrelid::regclass::text FROM pg_inherits) ORDER BY table_name, ordinal_position`)
	must(t, err)
	var postgres []string
	var table, column string
	_, err = pgx.ForEachRow(found, []any{&table, &column}, func() error {
		postgres = append(postgres, table+"."+column)
		return nil
	})
	must(t, err)
	var sqlite []string
	for _, name := range names {
		for table, columns := range liteColumns(t, lite, name) {
			for _, c := range columns {
				sqlite = append(sqlite, table+"."+c)
			}
		}
	}
	slices.Sort(postgres)
	slices.Sort(sqlite)
	if len(sqlite) == 0 || !slices.Equal(sqlite, postgres) {
		t.Errorf("columns differ:\nsqlite   %v\npostgres %v", sqlite, postgres)
	}
}

// schema prints a database: tables in order of name, each with the comment
// its migration gives it and its indexes.
func schema(t *testing.T, url, name string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(url, name+".db"))
	must(t, err)
	defer func() { _ = db.Close() }()
	about := headings(t, name)
	b := new(strings.Builder)
	fmt.Fprintf(b, "-- The %s database, as the migrations make it on SQLite.\n-- Written by go test ./internal/store -run Schema -update; do not edit.\n", name)
	found, err := db.Query(`SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE '%\_version' ESCAPE '\'
		AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY tbl_name, type DESC, name`)
	must(t, err)
	for found.Next() {
		var name, text string
		must(t, found.Scan(&name, &text))
		fmt.Fprintf(b, "\n%s%s;\n", about[name], text)
	}
	must(t, found.Err())
	return b.String()
}

var heading = regexp.MustCompile(`(?m)((?:^--[^\n]*\n)+)CREATE (?:UNIQUE )?(?:TABLE|INDEX) (?:IF NOT EXISTS )?(\w+)`)

// headings are the comments that stand above the tables and indexes.
func headings(t *testing.T, name string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("migrations", name, "*.sql"))
	must(t, err)
	all := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		must(t, err)
		for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
			lines := slices.DeleteFunc(strings.SplitAfter(m[1], "\n"), func(l string) bool { return strings.HasPrefix(l, "-- +goose") })
			all[m[2]] = strings.Join(lines, "")
		}
	}
	return all
}

// liteColumns is the columns of each table.
func liteColumns(t *testing.T, url, name string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(url, name+".db"))
	must(t, err)
	defer func() { _ = db.Close() }()
	found, err := db.Query(`SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE '%\_version' ESCAPE '\' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY 1, c.cid`)
	must(t, err)
	all := map[string][]string{}
	for found.Next() {
		var table, column string
		must(t, found.Scan(&table, &column))
		all[table] = append(all[table], column)
	}
	must(t, found.Err())
	return all
}

// The store itself states queries that both engines take; those of the nouns
// are prepared by the house's own test.
func TestPrepareAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		withSample(t, url)
		bad := store.PrepareAll(t.Context(), url)
		if len(bad) != 1 || !strings.Contains(bad[0].Error(), "sample.gone") {
			t.Errorf("want one refusal, of the query on a missing table; got %v", bad)
		}
	})
}
