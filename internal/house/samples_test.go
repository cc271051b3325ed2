package house

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sample is a small tree that breaks a rule, and what the rule must say.
type sample struct {
	rule  string
	files map[string]string
	want  []string // the findings, each by how it begins
}

var small = readPlan(`
	cmd/estelam
	internal/high internal/peer
	internal/low client
	internal/fault
`, "\n\tinternal/high → internal/peer\n", "internal/trial", "example.com/lib internal/low internal/high")

var samples = []sample{
	{"storeys", map[string]string{
		"cmd/estelam/a.go":       `package main; import _ "m/internal/high"; import _ "m/internal/trial"`,
		"internal/high/a.go":     `package high`,
		"internal/peer/a.go":     `package peer; import _ "m/internal/high"`,
		"internal/low/a.go":      `package low; import _ "m/internal/high"`,
		"internal/low/a_test.go": `package low; import _ "m/internal/high"; import _ "m/internal/trial"`,
		"internal/trial/a.go":    `package trial; import _ "m/internal/high"`,
		"internal/new/a.go":      `package new`,
		"client/a.go":            `package client; import _ "m/internal/fault"`,
	}, []string{
		"client/a.go: imports internal/fault: a public package",
		"cmd/estelam/a.go: imports internal/trial: only test",
		"internal/fault: has a line in storeys and no file",
		"internal/high → internal/peer: is allowed and not used",
		"internal/low/a.go: imports internal/high: that is upwards",
		"internal/new: has no line",
		"internal/peer/a.go: imports internal/high: that is sideways",
	}},
	{"libraries", map[string]string{
		"internal/low/a.go":       `package low; import _ "fmt"; import _ "example.com/lib/sub"; import _ "example.com/library"`,
		"internal/low/a_test.go":  `package low; import _ "example.com/other"`,
		"internal/fault/fault.go": `package fault; import _ "example.com/lib"`,
	}, []string{
		"example.com/lib: is allowed to internal/high and not used",
		"internal/fault/fault.go: imports example.com/lib without",
		"internal/low/a.go: imports example.com/library without",
	}},
	{"comments", map[string]string{
		"a/a.go": "// Package a does.\npackage a", "a/b.go": "// Package a does too.\npackage a",
		"b/b.go": "package b", "c/c.go": "// It is c.\npackage c", "d/d_test.go": "package d",
		"cmd/m.go": "// Command m runs.\npackage main",
	}, []string{"a: 2 package comments", "b: 0 package comments", "c/c.go: the package comment does not begin"}},
	{"budgets", map[string]string{
		"a/a.go":      "package a\nfunc f() {" + strings.Repeat("\n", 80) + "}\nfunc (t *T[int]) g() {" + strings.Repeat("\n", 79) + "}\n",
		"a/b.go":      "package a\n" + strings.Repeat("\n", 500),
		"a/c.go":      "package a\n" + strings.Repeat("\n", 499),
		"a/b_test.go": "package a\n" + strings.Repeat("\n", 500),
		"a/c_test.go": "package a\nfunc TestA() { x := []int{" + strings.Repeat("\n", 100) + "}\n}\nfunc TestB() { x := []int{\n}\n" + strings.Repeat("\n", 80) + "}\n",
	}, []string{"a/c_test.go:TestB: 82 lines", "a/a.go:f: 81 lines", "a/b.go: 501 lines"}},
	{"sql", map[string]string{
		"a/a.go":              "package a\nconst q = `\n  select x from y`\nconst p = \"Update of the select few\"\nconst r = \"BEGIN IMMEDIATE\"",
		"a/b.go":              "package a\nconst q = \"INSERT INTO t VALUES($1)\"\nconst c = `WITH a AS (SELECT 1) SELECT * FROM a`",
		"a/rows.go":           "package a\nconst q = `SELECT 1 FROM y`",
		"a/a_test.go":         "package a\nconst q = `SELECT 1 FROM y`",
		"internal/store/a.go": "package store\nconst q = `PRAGMA x`; const b = `DROP TABLE y`",
	}, []string{"a/a.go: line 2 holds SQL", "a/a.go: line 5 steers", "a/b.go: line 2 holds", "a/b.go: line 3 holds", "internal/store/a.go: line 2 holds"}},
	{"interfaces", map[string]string{
		"a/a.go": "package a\ntype Asker interface{ Ask() }\ntype asker interface{ Ask() }\ntype Whole interface{ ~int | ~int64 }\ntype S struct{}",
	}, []string{"a/a.go:Asker: is an exported interface"}},
	{"persian", map[string]string{
		"a/a.go": "package a\n// سلام\nvar x = \"سلام\"\nvar y = 'ی'\nvar z = \"\\u200c\"", "a/a_test.go": "package a\nvar t = \"سلام\"",
		"internal/persian/a.go": "package persian\nvar x = \"ی\"",
	}, []string{"a/a.go: line 3", "a/a.go: line 4"}},
	{"names", map[string]string{
		"a/a.go": "package a\ntype (\n jobManager int\n UserDTO int\n Serviced int\n Service int\n)", "util/a.go": "package util", "a/helpers.go": "package a",
	}, []string{"a/a.go:Service: ", "a/a.go:UserDTO: ", "a/a.go:jobManager: ", "a/helpers.go: is named", "util/a.go: is named"}},
	{"clock", map[string]string{
		"internal/person/a.go": "package person\nvar clock = time.Now\nvar t = time.Now()", "internal/person/a_test.go": "package person\nvar t = time.Now()", "internal/api/a.go": "package api\nvar t = time.Now()",
	}, []string{"internal/person/a.go: asks the machine"}},
	{"skips", map[string]string{
		"a/a_test.go": "package a\nimport \"testing\"\nfunc TestA(t *testing.T) { t.Skip(\"no\") }\nfunc TestB(t *testing.T) { if os.Getenv(\"CI\") == \"\" { t.Skip() } }\nfunc FuzzC(f *testing.F) { f.Fuzz(func(t *testing.T, s string) { t.Skip() }) }\nfunc TestD(t *testing.T) { rapid.Check(t, func(t *rapid.T) { t.Skip() }) }",
	}, []string{"a/a_test.go:TestA: skips"}},
	{"lint", map[string]string{
		"a/a.go": "package a\n//lint:ignore ST1018\nvar x int\n//lint:ignore ST1018 a letter table\nvar y int //nolint",
	}, []string{"a/a.go: line 2", "a/a.go: line 5"}},
	{"catalogue", map[string]string{
		catalogue + "a.txt": "[a.one]\nfa = سلام {0}\nen = hi {0} {0}\n[a.two]\nfa = سلام {0}\nen = hi {1}\n[a.three]\nfa = سلام\n[a.four]\nfa = hi\nen = سلام\n[a.five]\nfa = علي\nen = Ali\n",
	}, []string{
		catalogue + "a.txt:a.five: the Persian text holds an Arabic", catalogue + "a.txt:a.four: the English", catalogue + "a.txt:a.four: the Persian",
		catalogue + "a.txt:a.three: lacks", catalogue + "a.txt:a.two: the two",
	}},
	{"keys", map[string]string{
		catalogue + "a.txt": "[a.used]\n[a.page]\n[a.idle]\n[a.field.name]\n[a.part]\n",
		"a/a.go":            "package a\nvar _ = fault.New(fault.Invalid, \"a.used\")\nvar _ = message.Text(l, \"a.lost\")\nvar _ = message.Text(l, \"a.field.\" + f)\nvar reason = `a.part`\nvar r = R{Reason: \"a.typo\"}\nvar f = \"a.db\"\nvar q = store.Q(d, \"a.insert\", s)",
		"a/page.html":       `<p>{{t .L "a.page"}} {{t .L "a.gone"}} {{template "head.html"}} {{eq .X "plain"}}</p>`,
	}, []string{"a/a.go: message key a.lost", "a/a.go: message key a.typo", "a/page.html: message key a.gone", catalogue + "a.txt:a.idle: is used nowhere"}},
	{"law", map[string]string{
		"docs/law.md":     lawHead + lawRows("N.a", "C.2a", "B.1") + "| `N.a` | x | | does | `a/a.go` | a.txt, open: the report | |\n| C.2a | x | | | | b.txt | |\n| B.1 | x | | later | `gone.go` | open | |\n| X.9 | x | | | | | |\n",
		stories + "a.txt": "", "a/a.go": "package a",
	}, []string{
		"docs/law.md:C.2a: does not say what does it", "docs/law.md:C.2a: the story b.txt does not exist",
		"docs/law.md:X.9: is no clause", "docs/law.md:X.9: names no story",
	}},
	{"promises", map[string]string{
		"docs/promises.md": "| no | promise | figure | test |\n|--|--|--|--|\n" + promiseRows(2, 17) + "| P1 | x | 0 | `a/a_test.go:TestKill`, `a/a_test.go:TestGone`, open: 1,000 cycles |\n",
		"a/a_test.go":      "package a\nfunc TestKill(t *testing.T) {}",
	}, []string{"docs/promises.md:P1: the test a/a_test.go:TestGone does not", "docs/promises.md:P18: 0 rows"}},
	{"threats", map[string]string{
		"docs/threats.md": "| threat | control | test |\n|--|--|--|\n| replay | | open |\n| clock | it never goes back | |\n",
	}, []string{"docs/threats.md:clock: names no test", "docs/threats.md:replay: has no control"}},
	{"words", map[string]string{
		"docs/words.md": "| واژه | English | identifier |\n|--|--|--|\n| شخص | person | `person.Person`, `person.Person.Born` |\n| شخص | man | open |\n| کارت | card | `person.Card` |\n| x | y | |\n",
		"a/a.go":        "package person\ntype Person struct{ Born int }",
	}, []string{"docs/words.md:card: the identifier person.Card", "docs/words.md:man: stands twice", "docs/words.md:y: lacks"}},
	{"decisions", map[string]string{
		"docs/decisions/0001-a.md": "# A\n\n## Status\n\n## Context\n\n## Decision\n\n## Consequences\n", "docs/decisions/0003-b.md": "# B\n", "docs/decisions/b.md": "",
	}, []string{"docs/decisions: number 0003 stands where 0002", "docs/decisions/0003-b.md: lacks ## Context", "docs/decisions/0003-b.md: lacks ## Cons", "docs/decisions/0003-b.md: lacks ## Dec", "docs/decisions/0003-b.md: lacks ## Status", "docs/decisions/b.md: is not named"}},
	{"migrations", map[string]string{
		"internal/store/migrations/journal/0001_a.sql": "CREATE TABLE a ( -- a\n  id BIGINT, -- the id\n  n BIGINT NOT NULL,\n  PRIMARY KEY (id)\n);\n",
		"internal/store/migrations/journal/0001_b.sql": "", "internal/a.sql": "",
	}, []string{"internal/a.sql: is no migration", "internal/store/migrations/journal/0001_a.sql: the column of line 3", "internal/store/migrations/journal: number 0001 stands where 0002"}},
	{"mentions", map[string]string{
		"docs/a.md": "see b.md and plan.md, and https://x.example/far.md", "docs/b.md": "", "a/a.go": "package a\n\n// As c.md and docs/b.md say (b.md).\n", "a/c.sql": "-- design.md\n",
	}, []string{"a/a.go: speaks of c.md", "a/c.sql: speaks of design.md", "docs/a.md: speaks of plan.md"}},
	{"pictures", map[string]string{
		"docs/a.md": "![a](screens/a.png)\n", "docs/screens/a.png": "", "docs/screens/b.png": "",
	}, []string{"docs/screens/b.png: is shown nowhere"}},
	{"links", map[string]string{
		"docs/a.md": "[b](b.md#L2) [up](../a/a.go#L1-L9) [far](https://x.example/y) `[no](x)`\n[gone](gone.md) [out](../../x.md) [line](b.md#L9)\n", "docs/b.md": "1\n2\n", "a/a.go": "package a\n",
	}, []string{"docs/a.md: links to ../../x.md", "docs/a.md: links to b.md#L9", "docs/a.md: links to gone.md"}},
}

const (
	catalogue = "internal/message/catalogue/"
	lawHead   = "| clause | who → what | deadline | what the product does | where | story | diverges |\n|--|--|--|--|--|--|--|\n"
)

// lawRows gives an open row for every clause but some.
func lawRows(but ...string) (s string) {
	for _, id := range clauses {
		if !slices.Contains(but, id) {
			s += "| " + id + " | x | | | | open | |\n"
		}
	}
	return s
}

func promiseRows(from, to int) (s string) {
	for i := from; i <= to; i++ {
		s += fmt.Sprintf("| P%d | x | 0 | open |\n", i)
	}
	return s
}

// TestRules shows that each rule finds what breaks it, and nothing else.
func TestRules(t *testing.T) {
	check := map[string]func(*tree) []find{"storeys": small.checkStoreys, "libraries": small.checkLibraries}
	for _, r := range rules {
		if check[r.name] == nil {
			check[r.name] = r.check
		}
		if !slices.ContainsFunc(samples, func(s sample) bool { return s.rule == r.name }) {
			t.Errorf("the rule %s has no sample that breaks it", r.name)
		}
	}
	for _, s := range samples {
		t.Run(s.rule, func(t *testing.T) {
			fsys := fstest.MapFS{"go.mod": {Data: []byte("module m\nrequire (\n\texample.com/lib v1.0.0\n\texample.com/library v1.0.0\n)\n")}}
			for p, text := range s.files {
				fsys[p] = &fstest.MapFile{Data: []byte(text)}
			}
			h, err := load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			got := sorted(check[s.rule](h))
			slices.SortFunc(s.want, func(a, b string) int {
				return cmp.Compare(strings.Replace(a, ": ", "\x00", 1), strings.Replace(b, ": ", "\x00", 1))
			})
			for i := range max(len(got), len(s.want)) {
				switch {
				case i >= len(got):
					t.Errorf("not found: %s", s.want[i])
				case i >= len(s.want):
					t.Errorf("found besides: %s", got[i])
				case !strings.HasPrefix(got[i].String(), s.want[i]):
					t.Errorf("found %q, want %q", got[i], s.want[i])
				}
			}
		})
	}
}
