package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	lite3 "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/estelam/estelam/internal/fault"
)

// errBusy: too many tries, or another process writes for too long.
var errBusy = fault.New(fault.Unavailable, "store.busy")

// IsDuplicate reports whether err says that a unique key exists already.
func IsDuplicate(err error) bool {
	switch code := liteCode(err); code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return true
	}
	return pgCode(err) == "23505"
}

// classify turns what an engine reports into a fault where a door must tell
// it apart; other errors pass and become Internal at the door. Each fault
// keeps its cause.
func classify(err error) error {
	if err == nil {
		return nil // apart, so that success allocates nothing
	}
	return name(err)
}

func name(err error) error {
	var f *fault.Error
	if errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if code := liteCode(err); code != 0 {
		return classifyLite(err, code)
	}
	return classifyPostgres(err)
}

func classifyLite(err error, code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return fault.New(fault.Full, "store.full").Because(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return errBusy.Because(err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Internal, "store.damaged").Because(err)
	case sqlite3.SQLITE_IOERR:
		return fault.New(fault.Unavailable, "store.failed").Because(err)
	case sqlite3.SQLITE_CANTOPEN:
		return fault.New(fault.Unavailable, "store.lost").Because(err)
	case sqlite3.SQLITE_ERROR:
		if s := err.Error(); strings.Contains(s, "no such table") || strings.Contains(s, "no such column") ||
			strings.Contains(s, "has no column named") {
			return schemaOld.Because(err)
		}
	}
	return err
}

func classifyPostgres(err error) error {
	switch code := pgCode(err); {
	case code == "53100":
		return fault.New(fault.Full, "store.full").Because(err)
	case code == "58030":
		return fault.New(fault.Unavailable, "store.failed").Because(err)
	case code == "42P01", code == "42703":
		return schemaOld.Because(err)
	case code == "XX001", code == "XX002":
		return fault.New(fault.Internal, "store.damaged").Because(err)
	case code == "40001", code == "40P01", code == "55P03":
		return errBusy.Because(err)
	case code == "22021": // a zero byte, or what is no UTF-8: no text of the registers has it
		return fault.New(fault.Malformed, "store.text").Because(err)
	case lost(err), strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "53"), code == "25006":
		return fault.New(fault.Unavailable, "store.lost").Because(err)
	}
	return err
}

// collided reports whether PostgreSQL asks to run the transaction again.
func collided(err error) bool {
	code := pgCode(err)
	return code == "40001" || code == "40P01"
}

// decisive: the write must run again, or the database must stop.
func decisive(err error) bool {
	return err != nil && (collided(err) || liteCode(err)&0xff == sqlite3.SQLITE_IOERR)
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// lost: the connection to the server could not be made or has broken.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network interface{ Timeout() bool }
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF")
}

// liteCode is the extended result code of SQLite in err, else 0.
func liteCode(err error) int {
	var e *lite3.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	var h *liteError
	if errors.As(err, &h) {
		return h.code
	}
	return 0
}
