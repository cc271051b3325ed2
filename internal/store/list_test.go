package store

import (
	"fmt"
	"testing"
)

var (
	pages = []Order{ByID(false), ByID(true)}
	paged = List(Register, "test.paged", `SELECT id FROM delivery`, pages, `agency = ?`, `state = 3`, `(queued = ? OR priority = ?)`)
)

// Parameters stand in their order, whatever is wanted; the first page of the
// newest begins at the end.
func TestList(t *testing.T) {
	for _, c := range []struct {
		order      Order
		after      int64
		conditions [][]any
		want       string
	}{
		{pages[0], 0, nil, "SELECT id FROM delivery WHERE id > $1 ORDER BY id LIMIT $2 [0 9]"},
		{pages[1], 0, [][]any{If(false, 7), If(true), If(false)}, "SELECT id FROM delivery WHERE id < $1 AND state = 3 ORDER BY id DESC LIMIT $2 [9223372036854775807 9]"},
		{pages[1], 5, [][]any{If(true, 7), If(false), If(true, 1, 2)}, "SELECT id FROM delivery WHERE id < $1 AND agency = $2 AND (queued = $3 OR priority = $4) ORDER BY id DESC LIMIT $5 [5 7 1 2 9]"},
	} {
		q, args := paged.Page(c.order, c.after, 9, c.conditions...)
		if got := fmt.Sprint(q.SQL(SQLite), " ", args); got != c.want {
			t.Errorf("%s\nnot %s", got, c.want)
		}
	}
}
