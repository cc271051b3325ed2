// Package fault holds the one error type of the house.
//
// A fault has a kind (which decides the HTTP status and the exit code), a
// message key (resolved in Persian and English at the door), the name of the
// offending field, and a cause that only the log ever shows. It never holds a
// value that a person or program sent in: no personal data can leak through it.
package fault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
)

// Kind says what went wrong, coarsely. Doors map it to a status; nothing else
// branches on it.
type Kind uint8

// The kinds, with the HTTP status each one becomes.
const (
	Malformed       Kind = iota + 1 // 400: cannot be read
	Unauthenticated                 // 401: who is asking is unknown
	Forbidden                       // 403: known, but may not
	NotFound                        // 404
	Method                          // 405
	Conflict                        // 409: the state has moved on
	TooLarge                        // 413
	Unsupported                     // 415: media type or encoding
	Invalid                         // 422: read, but wrong
	TooMany                         // 429: slow down
	Internal                        // 500: our mistake
	Unavailable                     // 503: not now
	Full                            // 507: no room to write
)

var kinds = [...]struct {
	name   string
	status int
	exit   int
}{
	Malformed:       {"malformed", 400, 2},
	Unauthenticated: {"unauthenticated", 401, 3},
	Forbidden:       {"forbidden", 403, 3},
	NotFound:        {"not-found", 404, 4},
	Method:          {"method", 405, 2},
	Conflict:        {"conflict", 409, 5},
	TooLarge:        {"too-large", 413, 2},
	Unsupported:     {"unsupported", 415, 2},
	Invalid:         {"invalid", 422, 2},
	TooMany:         {"too-many", 429, 6},
	Internal:        {"internal", 500, 1},
	Unavailable:     {"unavailable", 503, 6},
	Full:            {"full", 507, 6},
}

// String is the kind's stable name, as problems and metrics print it.
func (k Kind) String() string { return kinds[k].name }

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return kinds[k].status }

// Exit is the process exit code of the kind.
func (k Kind) Exit() int { return kinds[k].exit }

// Error is the one error type that crosses package borders.
type Error struct {
	Kind  Kind
	Key   string   // message key, such as "ids.number.check"; the problem's stable type
	Field string   // path of the offending field in the input, such as "claims.birth_date"
	Args  []string // values for the message's {0}, {1} …; never personal data
	ID    string   // ties what the user sees to the log line; set for Internal only
	More  []*Error // further faults of the same input, each with its Field

	cause error
}

// New makes a fault with a message key.
func New(kind Kind, key string, args ...string) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// At returns a copy of e that names the offending field. Called again on the
// way up, it puts the outer name in front.
func (e *Error) At(field string) *Error {
	c := *e
	if c.Field == "" {
		c.Field = field
	} else {
		c.Field = field + "." + c.Field
	}
	return &c
}

// Because returns a copy of e that hides cause: it is logged, never shown.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is for logs and developers; people see the message of Key.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Key
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the hidden cause.
func (e *Error) Unwrap() error { return e.cause }

// Of finds the fault in err. An error that is none becomes Internal with a
// fresh id and err as its hidden cause. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		if e.Kind == Internal && e.ID == "" {
			c := *e
			c.ID = newID()
			return &c
		}
		return e
	}
	return &Error{Kind: Internal, Key: "fault.internal", ID: newID(), cause: err}
}

// Is reports whether err holds a fault of kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}
