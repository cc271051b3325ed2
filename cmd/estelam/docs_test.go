package main

import (
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/estelam/estelam/internal/persian"
)

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	assignment = regexp.MustCompile(`^[A-Z]+=(\S+)`)
	writtenDay = regexp.MustCompile(`\b1[34]\d\d-\d\d-\d\d\b`)
)

// docsDay is the day that the pages were written for: on it their births are
// of this fortnight, and the first hour of a plan is today's.
var docsDay = persian.Date{Year: 1405, Month: 9, Day: 1}

// asFunction is what the demo prints, but that it waits for a job to be done.
const asFunction = `as() {
	o=demo/staff/$1; shift
	export ESTELAM_CERT=$o.crt ESTELAM_KEY=$o.key
	case "$1" in
	jobs/find)
		for i in $(seq 300); do
			estelam act "$@" >job.out
			if grep -q '"state": "done"' job.out; then cat job.out; return 0; fi
			sleep 0.1
		done
		return 1;;
	esac
	estelam act "$@"
}
`

// try PAGE LETTER_OF runs the lines of the page's shell blocks, one after the
// other, as they stand there, but for two things that a page cannot know: what
// day it is, and the code on the letter to LETTER_OF. What the page says that
// was printed must have been.
func cmdTry(ts *testscript.TestScript, _ bool, args []string) {
	known, printed, lines := "", "", 0
	for _, block := range shellBlock.FindAllStringSubmatch(ts.ReadFile(args[0]), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(writtenDay.ReplaceAllStringFunc(line, today))
			if line == "" {
				continue
			}
			if set := assignment.FindStringSubmatch(line); set != nil {
				if strings.Contains(line, "printed") && !strings.Contains(printed, set[1]) {
					ts.Fatalf("%s: nothing has printed %s", args[0], set[1])
				}
				known += line + "\n"
				continue
			}
			if strings.Contains(line, "…") {
				cmdLetter(ts, false, args[1:])
				line = strings.ReplaceAll(line, "…", ts.Getenv("OBJECTION"))
			}
			if err := ts.Exec("sh", "-ec", asFunction+known+line); err != nil {
				ts.Fatalf("%s: %s: %v", args[0], line, err)
			}
			printed += ts.ReadFile("stdout")
			lines++
		}
	}
	if lines < 10 {
		ts.Fatalf("%s: only %d lines", args[0], lines)
	}
}

// today moves a day of the page as far as today is from the page's day.
func today(day string) string {
	d, err := persian.ParseDate(day)
	if err != nil {
		return day
	}
	return persian.DateOf(time.Now()).AddDays(int(d.Days() - docsDay.Days())).String()
}
