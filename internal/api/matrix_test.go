package api

import (
	"cmp"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/register"
)

// matrix reads testdata/roles.txt: route → who may.
func matrix(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for line := range strings.Lines(string(must(os.ReadFile("testdata/roles.txt"))(t))) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) < 3 || all[words[0]+" "+words[1]] != nil {
			t.Fatalf("roles.txt: %s", line)
		}
		all[words[0]+" "+words[1]] = words[2:]
	}
	return all
}

// TestMatrix is promise P15: every role at every route, against the written
// matrix. The body is "{}", so that whoever may come is refused for his
// question at most, and nobody changes anything.
func TestMatrix(t *testing.T) {
	s := newStack(t)
	want := matrix(t)
	callers := map[string]*client{"nobody": s.nobody, "program": s.bank}
	roles := []string{register.Clerk, register.Supervisor, register.Post, register.Municipality, register.Printer, register.Member, register.Inspector}
	for _, role := range roles {
		callers[role] = s.staff(role)
	}
	for _, role := range []string{agency.RoleOfficer, agency.RoleHead, agency.RoleProgrammer} {
		callers[role] = s.bound(s.bankID, "b."+role, role)
		roles = append(roles, role)
	}
	names := make([]string, 0, len(callers))
	for name := range callers {
		names = append(names, name)
	}
	slices.Sort(names)
	size := s.journal.State().Size
	served := map[string]bool{}
	for _, rt := range s.api.routes {
		route := rt.method + " " + cmp.Or(rt.doc, rt.path)
		served[route] = true
		who := want[route]
		if who == nil {
			t.Errorf("%s has no line in roles.txt", route)
			continue
		}
		for _, name := range who {
			if name != "all" && name != "agencies" && !slices.Contains(roles, name) {
				t.Errorf("%s: roles.txt knows no %s", route, name)
			}
		}
		path := strings.NewReplacer("{path}", "keys", "{key}", "api.busy").Replace(cmp.Or(rt.doc, rt.path))
		for _, name := range names {
			may := slices.Contains(who, "all") || slices.Contains(who, "agencies") && name != "nobody" || slices.Contains(who, name)
			res := callers[name].do(rt.method, path, "{}")
			refused := res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden
			if refused == may || res.StatusCode >= 500 {
				t.Errorf("%s at %s: %d, may: %v: %.200s", name, route, res.StatusCode, may, res.body)
			}
			if rt.access == forOfficers && !may && callers[name] != s.nobody && callers[name] != s.bank && refused {
				if p := res.problem(t); p.Key != "register.role" {
					t.Errorf("%s at %s: refused with %s, not by the act's rule", name, route, p.Key)
				}
			}
		}
	}
	for route := range want {
		if !served[route] {
			t.Errorf("roles.txt: %s is not served", route)
		}
	}
	if now := s.journal.State().Size; now != size {
		t.Errorf("empty questions made the journal grow by %d", now-size)
	}
}
