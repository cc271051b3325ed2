package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name, in string
		ok       bool
		want     []string
	}{
		{"passing", `{"Action":"output","Package":"p","Test":"TestA","Output":"says {\"Action\":\"fail\"}\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: no tool\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Elapsed":1.5}
`, true, []string{"ok    p", "skipped p.TestB: b_test.go:3: no tool", "1 passed, 0 failed, 1 skipped"}},
		{"failing", `{"Action":"output","Package":"p","Test":"TestA","Output":"broken\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p","Elapsed":1}
`, false, []string{"broken", "FAIL  p", "0 passed, 1 failed, 0 skipped"}},
		{"not built", `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: no\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"pass","Package":"q","Test":"TestA"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`, false, []string{"p.go:1: no", "FAIL  p", "1 passed, 1 failed, 0 skipped"}},
		{"stopped in the middle", `{"Action":"output","Package":"p","Test":"TestA","Output":"panic: oh\n"}
{"Action":"fail","Package":"p"}
`, false, []string{"panic: oh", "0 passed, 1 failed"}},
		{"nothing ran", "go: no such module\n", false, []string{"go: no such module", "0 passed, 0 failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			ok, err := run(strings.NewReader(c.in), &out)
			if err != nil || ok != c.ok {
				t.Errorf("ok = %v, %v, want %v", ok, err, c.ok)
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("does not say %q:\n%s", w, out.String())
				}
			}
		})
	}
}
