package store

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Lists are the queries of one list that comes by pages: one for each order and
// each choice of its conditions. So the engine plans every one for itself, along
// an index if there is one: a condition that a value switches off would hide it.
type Lists struct {
	queries map[Order][]*Query // by the set of conditions: bit i is condition i
}

// Order is how the rows of a list follow each other.
type Order struct {
	Behind string // says that a row comes after row $1, which the page before ended with
	By     string
	Start  int64 // $1 of the first page
}

// ByID is the order in which rows were numbered, or the newest first.
func ByID(newest bool) Order {
	if newest {
		return Order{Behind: `id < $1`, By: `id DESC`, Start: math.MaxInt64}
	}
	return Order{Behind: `id > $1`, By: `id`}
}

// List states the queries of a list, as Q does: what is selected from where, the
// orders that it is read in, and its conditions, with ? for each value.
func List(d Database, name, selected string, orders []Order, conditions ...string) *Lists {
	l := &Lists{map[Order][]*Query{}}
	for i, o := range orders {
		for set := range 1 << len(conditions) {
			where, n := o.Behind, 1
			for bit, c := range conditions {
				if set>>bit&1 == 1 {
					where += ` AND ` + c
				}
			}
			sql := selected + ` WHERE ` + where + ` ORDER BY ` + o.By + ` LIMIT ?`
			for strings.Contains(sql, "?") {
				n++
				sql = strings.Replace(sql, "?", "$"+strconv.Itoa(n), 1)
			}
			l.queries[o] = append(l.queries[o], Q(d, fmt.Sprintf("%s.%d.%0*b", name, i, len(conditions), set), sql))
		}
	}
	return l
}

// Page is the query of one page, with its values: at most limit rows behind row
// after, 0: from the start, that meet the conditions which are wanted. There is
// an If for each condition, in the order in which List has them.
func (l *Lists) Page(o Order, after int64, limit int, conditions ...[]any) (*Query, []any) {
	set, args := 0, []any{cmp.Or(after, o.Start)}
	for bit, values := range conditions {
		if values != nil {
			set |= 1 << bit
			args = append(args, values...)
		}
	}
	return l.queries[o][set], append(args, int64(limit))
}

// If is the values of a condition that is wanted; nil: it is not.
func If(wanted bool, values ...any) []any {
	if !wanted {
		return nil
	}
	return append([]any{}, values...)
}
