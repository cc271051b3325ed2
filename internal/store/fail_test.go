package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// What PostgreSQL reports becomes what a door can tell apart.
func TestClassifyPostgres(t *testing.T) {
	for code, want := range map[string]string{
		"53100": "store.full",       // disk_full
		"53300": "store.lost",       // too_many_connections
		"57P01": "store.lost",       // admin_shutdown
		"57P03": "store.lost",       // cannot_connect_now
		"08006": "store.lost",       // connection_failure
		"25006": "store.lost",       // read_only_sql_transaction: this server is no longer the primary
		"58030": "store.failed",     // io_error
		"42P01": "store.schema.old", // undefined_table
		"42703": "store.schema.old", // undefined_column
		"XX001": "store.damaged",    // data_corrupted
		"40001": "store.busy",       // serialization_failure
		"40P01": "store.busy",       // deadlock_detected
		"22021": "store.text",       // character_not_in_repertoire: what a stranger wrote
		"22012": "fault.internal",   // division_by_zero: our mistake
	} {
		cause := &pgconn.PgError{Code: code}
		err := classify(fmt.Errorf("noun.verb: %w", cause))
		if f := fault.Of(err); f.Key != want || !message.Known(f.Key) || !errors.Is(err, cause) {
			t.Errorf("%s: got %v, want %s with its cause", code, err, want)
		}
		if again := classify(err); again != err {
			t.Errorf("%s: classified twice", code)
		}
	}
	if classify(nil) != nil {
		t.Error("no error became one")
	}
}

// Only a plain INSERT goes through COPY, which would ignore the rest.
func TestCopyTarget(t *testing.T) {
	if table, columns, ok := copyTarget("INSERT INTO Name (ID, display)\n VALUES ($1, $2)"); !ok || table != "name" || fmt.Sprint(columns) != "[id display]" {
		t.Errorf("got %s %v %v", table, columns, ok)
	}
	for _, sql := range []string{
		"INSERT INTO a (b) VALUES ($1) ON CONFLICT DO NOTHING",
		"INSERT INTO a (b, c) VALUES ($2, $1)",
		"INSERT INTO a (b, c) VALUES ($1, 0)",
		"INSERT INTO a (b, c) VALUES ($1)",
		"INSERT INTO a SELECT $1",
		"UPDATE a SET b = $1",
	} {
		if _, _, ok := copyTarget(sql); ok {
			t.Errorf("%s was taken for plain", sql)
		}
	}
}
