package house

import (
	"cmp"
	"slices"
	"testing"
)

// rule is one rule of the house.
type rule struct {
	name  string
	check func(*tree) []find
}

var real = readPlan(storeys, beside, inTests, libraries)

var rules = []rule{
	{"storeys", real.checkStoreys},
	{"libraries", real.checkLibraries},
	{"comments", checkComments},
	{"budgets", checkBudgets},
	{"sql", checkSQL},
	{"interfaces", checkInterfaces},
	{"persian", checkPersian},
	{"names", checkNames},
	{"clock", checkClock},
	{"skips", checkSkips},
	{"lint", checkLint},
	{"catalogue", checkCatalogue},
	{"keys", checkKeys},
	{"law", checkLaw},
	{"promises", checkPromises},
	{"threats", checkThreats},
	{"words", checkWords},
	{"decisions", checkDecisions},
	{"migrations", checkMigrations},
	{"links", checkLinks},
	{"pictures", checkPictures},
	{"mentions", checkMentions},
}

// TestHouse holds every rule against the whole repository.
func TestHouse(t *testing.T) {
	h := whole(t)
	needed, ran := map[exception]bool{}, map[string]bool{}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			ran[r.name] = true
			for _, f := range sorted(r.check(h)) {
				if e, ok := excepted(r.name, f); ok {
					needed[e] = true
				} else {
					t.Error(f)
				}
			}
		})
	}
	for _, e := range exceptions {
		switch {
		case e.reason == "":
			t.Errorf("the exception of %s for %s gives no reason", e.rule, e.where)
		case ran[e.rule] && !needed[e]:
			t.Errorf("the exception of %s for %s is needed no more", e.rule, e.where)
		}
	}
	_, open := readLaw(h)
	t.Logf("docs/law.md: %d of %d clauses are open", len(open), len(clauses))
}

func excepted(rule string, f find) (exception, bool) {
	i := slices.IndexFunc(exceptions, func(e exception) bool { return e.rule == rule && e.where == f.where })
	if i < 0 {
		return exception{}, false
	}
	return exceptions[i], true
}

func sorted(finds []find) []find {
	slices.SortFunc(finds, func(a, b find) int {
		return cmp.Or(cmp.Compare(a.where, b.where), cmp.Compare(a.what, b.what))
	})
	return slices.Compact(finds)
}
