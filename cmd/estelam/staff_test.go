package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Commands of stories for those who keep the registers.
//
//	staff [PROVINCE COUNTY LOCALITY]
//
// registers an invented registry with clerks c1 and c2 and supervisors s1 and
// s2, a Post with p1, a municipality of that area (without arguments: Tehran)
// with m1, a printer with r1; for the board b1 of the registry, b2 of the
// planning organisation, b3 of the Post and b4 of the administrative one, which
// also has the inspectors i1 and i2. Each has a certificate of his own, in the folder
// staff. REGISTRY, POST, MUNICIPALITY, PRINTER, PLANNING and ADMINISTRATION are their legal ids. It comes after "estelam init", before or beside the server.
//
//	as clerk1 act births …           as that officer: runs estelam with his certificate
//	as 3:clerk1 act events/death …   and wants the exit code 3 (package fault lists them)
//	as nobody act objections …       without a certificate, at the public address
//
// Names are clerk1, clerk2, supervisor1, supervisor2, post1, municipality1,
// printer1, member1 to member4, inspector1 and inspector2. "estelam act" keeps the whole answer in answer.json unless -o says
// another file. stdout and stderr match what was printed, as after exec. The
// server's addresses are taken from $API and $PUBLIC.
//
//	get NN result.national_number [FILE]
//
// sets a variable from a member of answer.json, or of another JSON file; items
// of lists are numbers.
//
//	receipted [FILE]
//
// wants the receipt of an act's answer to verify offline.

var roleLetters = map[string]string{"clerk": "c", "supervisor": "s", "post": "p", "municipality": "m", "printer": "r", "member": "b", "inspector": "i"}

func cmdStaff(ts *testscript.TestScript, _ bool, args []string) {
	area := [3]string{"تهران", "تهران", "تهران"}
	copy(area[:], args)
	s := siteIn(ts.Getenv("ESTELAM_DATA"))
	s.Origin = ts.Getenv("ESTELAM_ORIGIN")
	if d := ts.Getenv("ESTELAM_DATABASE"); d != "" {
		s.Database = d
	}
	h, err := visit(context.Background(), s)
	ts.Check(err)
	defer h.close()
	ts.Check(employ(context.Background(), h, ts.MkAbs("staff"), area))
	for _, o := range officers {
		ts.Setenv(strings.ToUpper(o.kind), staffID(o.kind).String())
	}
}

// cmdAs runs estelam as an officer.
func cmdAs(ts *testscript.TestScript, neg bool, args []string) {
	want := 0
	name := args[0]
	if code, rest, ok := strings.Cut(name, ":"); ok {
		n, err := strconv.Atoi(code)
		ts.Check(err)
		want, name = n, rest
	}
	run := args[1:]
	if run[0] == "act" && !strings.Contains(" "+strings.Join(run, " ")+" ", " -o ") {
		run = append([]string{"act", "-o", "answer.json"}, run[1:]...)
	}
	ts.Setenv("ESTELAM_URL", "https://"+ts.Getenv("API"))
	ts.Setenv("ESTELAM_CA", filepath.Join(ts.Getenv("ESTELAM_DATA"), "ca", "ca.pem"))
	ts.Setenv("ESTELAM_LOG_KEY", logKey(ts))
	if name == "nobody" {
		ts.Setenv("ESTELAM_URL", "http://"+ts.Getenv("PUBLIC"))
		ts.Setenv("ESTELAM_CERT", "")
		ts.Setenv("ESTELAM_KEY", "")
	} else {
		base := ts.MkAbs(filepath.Join("staff", roleLetters[strings.TrimRight(name, "0123456789")]+strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz")))
		ts.Setenv("ESTELAM_CERT", base+".crt")
		ts.Setenv("ESTELAM_KEY", base+".key")
	}
	err := ts.Exec("estelam", run...)
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if neg && got != 0 {
		return
	}
	if neg || got != want {
		ts.Fatalf("estelam %s: exit code %d, want %d (neg: %v)", strings.Join(run, " "), got, want, neg)
	}
}

// logKey gets the log's public keys once, into a file.
func logKey(ts *testscript.TestScript) string {
	file := ts.MkAbs(filepath.Join("staff", "log.vkey"))
	if _, err := os.Stat(file); err == nil {
		return file
	}
	res, err := http.Get("http://" + ts.Getenv("PUBLIC") + "/log/keys")
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(file, data, 0o600))
	return file
}

// cmdGet sets a variable from a member of a JSON file.
func cmdGet(ts *testscript.TestScript, _ bool, args []string) {
	file := "answer.json"
	if len(args) > 2 {
		file = args[2]
	}
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	decoder.UseNumber()
	var at any
	ts.Check(decoder.Decode(&at))
	for step := range strings.SplitSeq(args[1], ".") {
		switch in := at.(type) {
		case map[string]any:
			at = in[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(in) {
				ts.Fatalf("%s: no %s in %s", file, step, args[1])
			}
			at = in[n]
		default:
			at = nil
		}
	}
	if at == nil {
		ts.Fatalf("%s has no %s", file, args[1])
	}
	ts.Setenv(args[0], fmt.Sprint(at))
}

// cmdReceipted verifies the receipt of an act's answer with nothing but the
// log's key.
func cmdReceipted(ts *testscript.TestScript, _ bool, args []string) {
	file := "answer.json"
	if len(args) > 0 {
		file = args[0]
	}
	var answer struct{ Receipt json.RawMessage }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &answer))
	alone := ts.MkAbs("receipt-" + filepath.Base(file))
	ts.Check(os.WriteFile(alone, answer.Receipt, 0o600))
	ts.Check(ts.Exec("estelam", "verify", "-k", logKey(ts), alone))
}
