package main

import (
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdEventually runs estelam until what it prints matches: eventually PATTERN
// args…. The counts of what was asked come a moment after the answers.
func cmdEventually(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[0])
	for range 100 {
		if err := ts.Exec("estelam", args[1:]...); err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("estelam %s: nothing like %s", strings.Join(args[1:], " "), args[0])
}
