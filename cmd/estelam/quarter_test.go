package main

import (
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/estelam/estelam/internal/persian"
)

// cmdQuarter sets a variable to a quarter of the Jalali year as reports name
// it: quarter NAME OFFSET, with 0 for the one of today.
func cmdQuarter(ts *testscript.TestScript, _ bool, args []string) {
	offset, err := strconv.Atoi(args[1])
	ts.Check(err)
	day := persian.DateOf(time.Now())
	day.Day = 1
	day = day.AddMonths(3 * offset)
	ts.Setenv(args[0], strconv.Itoa(int(day.Year))+"-Q"+strconv.Itoa((int(day.Month)+2)/3))
}
