package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/synth"
	"github.com/estelam/estelam/receipt"
)

// The stories in testdata/stories run the real binary: this test binary, which
// testscript starts again under the name estelam.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"estelam": main})
}

func TestStories(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil && os.Getenv("CI") == "true" {
		t.Fatal("python3 is needed for the second verifier")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOTMPDIR", storetest.TempDir(t)) // where testscript makes the stories' directories
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/stories",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPO", root)
			env.Setenv("LANG", "C")
			env.Setenv("USER", "operator")
			env.Setenv("ESTELAM_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("TMPDIR", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ports":   cmdPorts,
			"ready":   cmdReady,
			"person":  cmdPerson,
			"code":    cmdCode,
			"flip":    cmdFlip,
			"record":  cmdRecord,
			"jalali":  cmdJalali,
			"now":     cmdNow,
			"replace": cmdReplace,
			"fails":   cmdFails,

			"staff":      cmdStaff, // staff_test.go says how these are used
			"as":         cmdAs,
			"get":        cmdGet,
			"receipted":  cmdReceipted,
			"decide":     cmdDecide,     // board_test.go
			"times":      cmdTimes,      // citizens_test.go
			"eventually": cmdEventually, // govern_test.go

			"quarter": cmdQuarter, // quarter_test.go

			"letter":   cmdLetter, // letters_test.go
			"finished": cmdFinished,

			"arrives":  cmdArrives, // feeds_test.go
			"receiver": cmdReceiver,
			"called":   cmdCalled,

			"try": cmdTry, // docs_test.go
		},
	})
}

// ports sets each named variable to a free address of this machine.
func cmdPorts(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer l.Close()
		ts.Setenv(name, l.Addr().String())
	}
}

// fails runs estelam and wants the exit code that stands first.
func cmdFails(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("estelam", args[1:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("estelam %s: %v, want exit code %s", strings.Join(args[1:], " "), err, args[0])
	}
}

// ready waits until the server at an address is ready to answer.
func cmdReady(ts *testscript.TestScript, _ bool, args []string) {
	for range 600 {
		r, err := http.Get("http://" + args[0] + "/readyz")
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("the server at %s is not ready after 30 s", args[0])
}

// person finds somebody of a kind in the population of 'estelam synth
// --persons 3000' and sets NN, BORN, GIVEN, SURNAME, FATHER, SHENASNAMEH,
// POSTAL and BORN_FA; a second argument is put before the names.
func cmdPerson(ts *testscript.TestScript, _ bool, args []string) {
	prefix := ""
	if len(args) > 1 {
		prefix = args[1]
	}
	for p := range synth.New(synth.Config{Seed: 1405, Persons: 3000, Places: 1000}).Persons() {
		if !fits(args[0], &p) {
			continue
		}
		for name, value := range map[string]string{
			"NN": p.Number.String(), "NN_FA": p.Number.Persian(), "BORN": p.Born.String(), "BORN_FA": p.Born.Persian(),
			"GIVEN": p.Given.Display, "SURNAME": p.Surname.Display, "FATHER": p.Father.Display,
			"SHENASNAMEH": p.Shenasnameh.Number.String(), "SERIE": string(p.Shenasnameh.Serie), "SERIAL": string(p.Shenasnameh.Serial),
			"ISSUED": p.Shenasnameh.IssuePlace, "POSTAL": p.Postal.String(), "SEX": p.Sex.String(),
			"SURNAME_AR": arabic(p.Surname.Display), "DAY_BEFORE": p.Born.AddDays(-1).String(),
		} {
			ts.Setenv(prefix+name, value)
		}
		return
	}
	ts.Fatalf("nobody in the population is %s", args[0])
}

func fits(kind string, p *person.Person) bool {
	grown := p.Born.Precise() && p.Father.Key != "" && p.Born.Compare(persian.Date{Year: 1380, Month: 1, Day: 1}) < 0
	switch kind {
	case "customer":
		return grown && p.State == person.Active && p.Postal != 0 && p.Card.State == person.Issued && !p.Card.MustBeReplaced() &&
			hasYeh(p.Surname.Display) && p.Born.Year >= 1368
	case "elder":
		return grown && p.State == person.Active && p.Born.Year < 1350 && p.Shenasnameh.Number != 0
	case "father":
		return grown && p.State == person.Active && p.Sex == person.Male
	case "mother":
		return grown && p.State == person.Active && p.Sex == person.Female
	case "dead":
		return grown && p.State == person.Deceased
	case "cancelled":
		return p.Born.Precise() && p.State == person.Cancelled
	case "protected":
		return p.Born.Precise() && p.State == person.Protected
	case "review":
		return p.Born.Precise() && p.State == person.UnderReview
	case "card-due":
		return grown && p.State == person.Active && p.Card.MustBeReplaced()
	case "expired":
		return grown && p.State == person.Active && p.Postal != 0 && p.Card.State == person.Issued && !p.Card.Valid.IsZero() &&
			p.Card.Valid.Compare(persian.DateOf(time.Now())) < 0
	case "homeless":
		return grown && p.State == person.Active && p.Postal == 0
	}
	return false
}

// code sets a variable to the tracking code of a receipt file.
func cmdCode(ts *testscript.TestScript, _ bool, args []string) {
	r, err := receipt.Parse([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	h, err := r.Head()
	ts.Check(err)
	ts.Setenv(args[1], h.Code)
}

// flip copies a file with one bit of one byte turned: flip FROM TO OFFSET; a
// negative offset counts from the end.
func cmdFlip(ts *testscript.TestScript, _ bool, args []string) {
	data := []byte(ts.ReadFile(args[0]))
	at, err := strconv.Atoi(args[2])
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// record compares members of a receipt's record: record FILE PATH=VALUE …,
// with dots between the names of a path; ! before it wants the member absent.
func cmdRecord(ts *testscript.TestScript, neg bool, args []string) {
	r, err := receipt.Parse([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	for _, want := range args[1:] {
		path, value, _ := strings.Cut(want, "=")
		var got any
		ts.Check(json.Unmarshal(r.Record, &got))
		for name := range strings.SplitSeq(path, ".") {
			m, _ := got.(map[string]any)
			got = m[name]
		}
		text := fmt.Sprint(got)
		if list, ok := got.([]any); ok {
			text = strings.Trim(fmt.Sprint(list), "[]")
		}
		switch {
		case neg && got != nil:
			ts.Fatalf("%s is %s, want nothing", path, text)
		case !neg && text != value:
			ts.Fatalf("%s is %s, want %s", path, text, value)
		}
	}
}

// jalali sets a variable to the Jalali day so many days from today.
func cmdJalali(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], persian.DateOf(time.Now()).AddDays(n).String())
}

// now sets a variable to the moment, RFC 3339.
func cmdNow(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], time.Now().UTC().Format(time.RFC3339))
}

// replace writes a file with its ${VARIABLES} set in.
func cmdReplace(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
