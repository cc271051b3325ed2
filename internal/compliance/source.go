package compliance

import (
	"context"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
)

// Source gives the figures of a noun for a stretch of time, and the rows behind
// one of them.
type Source struct {
	Figures func(ctx context.Context, from, until time.Time) (map[ids.LegalID]map[string]int64, error)
	Rows    func(ctx context.Context, of ids.LegalID, figure string, from, until time.Time) ([]register.Row, error)
}

// Of makes a source of a noun's Figures and Rows, which all nouns have alike:
// the members of a struct of counts are the figures, their names in snake case.
func Of[F any](figures func(ctx context.Context, from, until time.Time) (map[ids.LegalID]F, error),
	rows func(ctx context.Context, of ids.LegalID, figure string, from, until time.Time) ([]register.Row, error),
) Source {
	return Source{Rows: rows, Figures: func(ctx context.Context, from, until time.Time) (map[ids.LegalID]map[string]int64, error) {
		of, err := figures(ctx, from, until)
		all := make(map[ids.LegalID]map[string]int64, len(of))
		for id, f := range of {
			all[id] = counts(f)
		}
		return all, err
	}}
}

// counts are the int64 members of a struct.
func counts(f any) map[string]int64 {
	v := reflect.ValueOf(f)
	all := map[string]int64{}
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Int64 {
			all[snake(v.Type().Field(i).Name)] = v.Field(i).Int()
		}
	}
	return all
}

// snake spells InTime as in_time.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// taken says which figure of the formula is which member of which source. The
// others are counted by this package (count.go).
var taken = []struct{ figure, source, member string }{
	{"reports_upheld", "complaint", "upheld"},
	{"reports_in_time", "complaint", "in_time"},
	{"reports_late", "complaint", "late"},
	{"audits_in_time", "audit", "in_time"},
	{"audits_late", "audit", "late"},
	{"obstacles", "process", "obstacles"},
	{"obstacles_overdue", "process", "overdue"},
}
