// Command tally reads the events of `go test -json`, prints a line a package
// and what failing tests said, and closes with "N passed, N failed". It exits
// with 1 if anything failed or nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	ok, err := run(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// event is what test2json writes, as far as it matters here.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// counts is what happened so far. Subtests count; a test that failed only
// through its subtests counts as well.
type counts struct {
	passed, failed, skipped int
	said                    map[string]string // by package and test: output not yet printed
	failing                 map[string]bool   // packages in which a test failed
	skips                   []string
	out                     io.Writer
}

func run(r io.Reader, w io.Writer) (ok bool, err error) {
	c := &counts{said: map[string]string{}, failing: map[string]bool{}, out: w}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			c.take(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	slices.Sort(c.skips)
	for _, s := range c.skips {
		fmt.Fprintln(w, "skipped", s)
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", c.passed, c.failed, c.skipped)
	return c.failed == 0 && c.passed > 0, nil
}

func (c *counts) take(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(c.out, "%s", line) // what go itself says, outside any test
		return
	}
	name := e.Package + "." + e.Test
	switch {
	case e.Action == "build-output":
		fmt.Fprint(c.out, e.Output)
	case e.Action == "output" && e.Test == "" && strings.HasPrefix(e.Output, "FAIL"):
		// finish prints a line of its own
	case e.Action == "output":
		c.said[name] += e.Output
	case e.Test == "":
		c.finish(e)
	case e.Action == "pass":
		c.passed++
		delete(c.said, name)
	case e.Action == "skip":
		c.skipped++
		c.skips = append(c.skips, name+": "+reason(c.said[name]))
		delete(c.said, name)
	case e.Action == "fail":
		c.failed++
		c.failing[e.Package] = true
		fmt.Fprint(c.out, c.said[name])
		delete(c.said, name)
	}
}

// finish prints the line of a package. One that failed without a failing test
// (it did not build, it exited, it hung) counts as a failure of its own. What
// unfinished tests and the package itself said is printed.
func (c *counts) finish(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(c.out, "ok    %-50s %6.1f s\n", e.Package, e.Elapsed)
	case "fail":
		if !c.failing[e.Package] {
			c.failed++
		}
		c.printRest(e.Package)
		fmt.Fprintf(c.out, "FAIL  %-50s %6.1f s\n", e.Package, e.Elapsed)
	}
	for name := range c.said {
		if strings.HasPrefix(name, e.Package+".") && e.Action != "start" {
			delete(c.said, name)
		}
	}
}

func (c *counts) printRest(pkg string) {
	var names []string
	for name := range c.said {
		if strings.HasPrefix(name, pkg+".") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprint(c.out, c.said[name])
	}
}

// reason is the line in which a skipped test says why.
func reason(said string) string {
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}
