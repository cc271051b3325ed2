package house

import (
	"context"
	"go/ast"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"

	// Every package that has queries: importing it registers them.
	_ "github.com/estelam/estelam/internal/account"
	_ "github.com/estelam/estelam/internal/agency"
	_ "github.com/estelam/estelam/internal/agreement"
	_ "github.com/estelam/estelam/internal/audit"
	_ "github.com/estelam/estelam/internal/board"
	_ "github.com/estelam/estelam/internal/citizen"
	_ "github.com/estelam/estelam/internal/complaint"
	_ "github.com/estelam/estelam/internal/compliance"
	_ "github.com/estelam/estelam/internal/console/consoletest"
	_ "github.com/estelam/estelam/internal/delivery"
	_ "github.com/estelam/estelam/internal/discrepancy"
	_ "github.com/estelam/estelam/internal/exception"
	_ "github.com/estelam/estelam/internal/feed"
	_ "github.com/estelam/estelam/internal/job"
	_ "github.com/estelam/estelam/internal/journal"
	_ "github.com/estelam/estelam/internal/notice"
	_ "github.com/estelam/estelam/internal/person"
	_ "github.com/estelam/estelam/internal/place"
	_ "github.com/estelam/estelam/internal/process"
	_ "github.com/estelam/estelam/internal/quality"
	_ "github.com/estelam/estelam/internal/quarter"
	_ "github.com/estelam/estelam/internal/usage"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// TestPrepare prepares every query of the program on both engines, against
// the newest schema.
func TestPrepare(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		for _, err := range store.PrepareAll(context.Background(), url) {
			t.Error(err)
		}
	})
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// placeholders lists the numbers of a statement's placeholders, each once, in
// the order in which they first appear.
func placeholders(text string) (list []int) {
	seen := map[int]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && !seen[n] {
			seen[n] = true
			list = append(list, n)
		}
	}
	return list
}

// foreign is what one of the engines has and the common dialect has not.
var foreign = regexp.MustCompile(`(?i)\bnow\s*\(|::|\bFOR\s+UPDATE\b|\bANY\s*\(|->|\bjson|\bCAST\s*\(|\bCURRENT_|\bdatetime\s*\(|\bunnest\b|\?`)

// TestDialect holds the spelling that both engines share to the common
// dialect. A query with two spellings says why, and may use what it needs.
func TestDialect(t *testing.T) {
	for _, q := range store.Queries() {
		text := q.SQL(store.SQLite)
		for i, n := range placeholders(text) {
			if n != i+1 {
				t.Errorf("%s: $%d stands where $%d belongs", q.Name(), n, i+1)
				break
			}
		}
		if text != q.SQL(store.PostgreSQL) {
			continue
		}
		if m := foreign.FindString(text); m != "" {
			t.Errorf("%s: %s is not of the common dialect", q.Name(), m)
		}
	}
}

// ofList is what store.List adds to its name for each of its queries.
var ofList = regexp.MustCompile(`\.\d\.[01]*$`)

// TestAllImported finds queries in the sources that this test does not see,
// because it does not import their package.
func TestAllImported(t *testing.T) {
	registered := map[string]bool{}
	for _, q := range store.Queries() {
		registered[q.Name()] = true
		registered[ofList.ReplaceAllString(q.Name(), "")] = true
	}
	for _, s := range whole(t).sites {
		if s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || !statesQuery(c) {
				return true
			}
			if lit, ok := c.Args[1].(*ast.BasicLit); ok && !registered[unquote(lit)] {
				t.Errorf("%s: the query %s is prepared by no test: import its package here", s.path, unquote(lit))
			}
			return true
		})
	}
	for _, q := range store.Queries() {
		if noun, _, ok := strings.Cut(q.Name(), "."); !ok || noun == "" {
			t.Errorf("%s: a query is named noun.verb", q.Name())
		}
	}
}
