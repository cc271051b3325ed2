package main

import (
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdTimes runs what follows it so many times, with {} as the number of the
// turn: times 3 as nobody act complaints 'text=گزارش {}' ….
func cmdTimes(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	if args[1] != "as" {
		ts.Fatalf("times knows as, not %s", args[1])
	}
	for i := range n {
		turn := make([]string, len(args)-2)
		for k, a := range args[2:] {
			turn[k] = strings.ReplaceAll(a, "{}", strconv.Itoa(i+1))
		}
		cmdAs(ts, neg, turn)
	}
}
