package durable

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/persian"
)

// The canary: somebody who stands in no population, with a name that no other
// text holds.
const (
	canaryNumber  = "9876543296" // has its right check digit
	canaryWrong   = "9876543295" // has not
	canaryGiven   = "قناریه"
	canarySurname = "چهچهه‌زاده"
	canaryFather  = "قفسعلی"
	canaryBorn    = "1361/11/19"
)

// canaries are all spellings that must not be found.
func canaries() (all [][]byte) {
	for _, s := range []string{
		canaryNumber, canaryWrong, canaryNumber[:9], canaryGiven, canarySurname, canaryFather, canaryBorn,
		strings.ReplaceAll(canaryBorn, "/", "-"), strings.ReplaceAll(canaryBorn, "/", ""),
	} {
		all = append(all, []byte(s), []byte(persian.Digits(s)), []byte(strings.Trim(fmt.Sprintf("%+q", s), `"`)))
	}
	return all
}

func canaryIn(data []byte) string {
	for _, c := range canaries() {
		if bytes.Contains(data, c) {
			return string(c)
		}
	}
	return ""
}

// Promise P17: what is sent in, rightly or wrongly, comes out in an answer to
// who asked and nowhere else: not in logs, metrics, problems, temporary files
// or names of files.
func TestCanary(t *testing.T) {
	bin, s, temp := program(t), liteSite(t, t.TempDir()), t.TempDir()
	s.env = []string{"TMPDIR=" + temp}
	importCanary(t, bin, s)
	srv, err := s.serve(t, bin)
	must(t, err)
	keys := srv.keys(t)
	c, err := s.client(srv, keys)
	must(t, err)
	defer c.Close()

	// Rightly: the answer holds the canary, so it is on record.
	q := client.Question{
		Officer: officer, Purpose: "kyc", File: "canary", Service: "identity", Mode: "disclose",
		NationalNumber: canaryNumber, BirthDate: canaryBorn, Fields: []string{"surname"},
	}
	a, err := c.Inquire(context.Background(), q, client.Key("canary"))
	must(t, err)
	if canaryIn(a.Receipt.Record) == "" || !bytes.Contains(a.Receipt.Record, []byte(canarySurname)) {
		t.Fatalf("the canary is not on record: %s", a.Receipt.Record)
	}
	sendWrongly(t, s, srv)

	status, metrics, err := fetch("http://" + srv.private + "/metrics")
	must(t, err)
	if found := canaryIn(metrics); status != http.StatusOK || found != "" {
		t.Errorf("/metrics: %d, %s in it", status, found)
	}
	searchFiles(t, temp, true)
	must(t, syscall.Kill(srv.cmd.Process.Pid, syscall.SIGQUIT)) // its last words are what every goroutine was doing
	<-srv.exited
	said, err := os.ReadFile(srv.output)
	must(t, err)
	if !bytes.Contains(said, []byte("goroutine ")) {
		t.Error("the server has not said what it was doing")
	}
	if found := canaryIn(said); found != "" {
		t.Errorf("the server's output holds %s", found)
	}
	searchFiles(t, temp, true)
	searchFiles(t, s.data, false)
}

// importCanary takes the canary in beside rows that are refused.
func importCanary(t *testing.T, bin string, s *site) {
	t.Helper()
	dir := t.TempDir()
	file, report := filepath.Join(dir, "persons.csv"), filepath.Join(dir, "report.csv")
	row := func(number, given, surname, born string) string {
		return strings.Join([]string{number, given, surname, canaryFather, born}, ",") + "\n"
	}
	must(t, os.WriteFile(file, []byte("national_number,given_name,surname,father_name,birth_date\n"+
		row(canaryNumber, canaryGiven, canarySurname, canaryBorn)+
		row(canaryWrong, canaryGiven, canarySurname, canaryBorn)+
		row(canaryNumber, canaryGiven+canaryNumber, canarySurname, canaryBorn)+
		row(canaryNumber, canaryGiven, canarySurname, canaryNumber)), 0o600))
	out, err := s.run(bin, "import", "persons", file, "--report", report)
	if err == nil || !strings.Contains(out, "1 taken in, 3 refused") {
		t.Fatalf("the import: %v\n%s", err, out)
	}
	if found := canaryIn([]byte(out)); found != "" {
		t.Errorf("the import prints %s", found)
	}
	data, err := os.ReadFile(report)
	must(t, err)
	if found := canaryIn(data); found != "" {
		t.Errorf("the import's report holds %s", found)
	}
}

// wrongly is a request that is refused.
type wrongly struct {
	method, path, body string
	header             map[string]string
}

func wrongRequests() []wrongly {
	good := fmt.Sprintf(`{"officer":%q,"purpose":"kyc","file":"canary","service":"identity","mode":"verify","national_number":%q,"birth_date":%q,"claims":{"surname":"%s"}}`,
		officer, canaryNumber, canaryBorn, canarySurname)
	post := func(path, body string) wrongly { return wrongly{method: "POST", path: path, body: body} }
	instead := func(old, by string) wrongly { return post("/v1/inquiries", strings.Replace(good, old, by, 1)) }
	list := []wrongly{
		post("/v1/inquiries", good[:len(good)-3]),
		post("/v1/inquiries", good+good),
		post("/v1/inquiries", "["+good+"]"),
		post("/v1/inquiries/batch", good),
		post("/v1/inquiries/batch", `{"officer":"b.sample","questions":[`+good+`]}`),
		post("/v1/inquiries", `{"`+canarySurname+`":1}`),
		post("/v1/inquiries", `{"`+canaryNumber+`":"`+canaryNumber+`"}`),
		post("/v1/inquiries", strings.Repeat(good, 1000)),
		instead(canaryNumber, canaryWrong),
		instead(canaryNumber, canaryNumber+"1"),
		instead(`"`+canaryNumber+`"`, canaryNumber),
		instead(canaryNumber, canarySurname),
		instead(canaryBorn, canaryNumber),
		instead(canaryBorn, "1361/13/"+canaryNumber),
		instead(canarySurname, canarySurname+"\u202e"),
		instead(canarySurname, canarySurname+" "+canaryNumber),
		instead(`"surname"`, `"`+canarySurname+`"`),
		instead("identity", canaryNumber),
		instead("verify", canarySurname),
		instead(`"kyc"`, `"`+canarySurname+`"`),
		instead(`"mode"`, `"mode":"verify","mode"`),
		{"POST", "/v1/inquiries", good, map[string]string{"Content-Type": "text/" + canaryNumber}},
		{"POST", "/v1/inquiries", good, map[string]string{"Idempotency-Key": canarySurname}},
		{"POST", "/v1/inquiries", good, map[string]string{"Idempotency-Key": "canary"}}, // was used for another question
		{"POST", "/v1/inquiries?" + canaryNumber, good[1:], nil},
		{"POST", "/v1/" + canaryNumber, good, nil},
		{"GET", "/v1/inquiries/" + canaryNumber + "?surname=" + canaryNumber, "", nil},
		{canaryNumber, "/v1/inquiries", good, nil},
		{"GET", "/problems/" + canaryNumber, "", nil},
		{"GET", "/log/" + canaryNumber + "/checkpoint", "", nil},
		post("/v1/codes/check", `{"code":"`+canaryNumber+canaryNumber+`"}`),
		post("/v1/codes/match", `{"officer":"b.sample","code":"`+canaryNumber+`","national_number":"`+canaryNumber+`"}`),
		post("/v1/receipts", `{"officer":"`+canaryNumber+`","code":"`+canaryNumber+`"}`),
		post("/v1/receipts/check", good),
		post("/v1/diagnosis", instead(canaryNumber, canaryWrong).body),
		{"POST", "/check", "code=" + canaryNumber, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
		{"POST", "/officer/sign-in", "login=" + canaryNumber + "&password=" + canaryNumber, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
		{"GET", "/officer/" + canaryNumber, "", nil},
	}
	return list
}

// typed is what a page's form shows again to the person who typed it.
var typed = regexp.MustCompile(`<input [^>]*value="[^"]*"`)

// sendWrongly sends every wrong request to both doors and wants no canary back.
func sendWrongly(t *testing.T, s *site, srv *server) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.agency, "bank.crt"), filepath.Join(s.agency, "bank.key"))
	must(t, err)
	pem, err := os.ReadFile(filepath.Join(s.data, "ca", "ca.pem"))
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	caller := &http.Client{
		Timeout:       callLimit,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer caller.CloseIdleConnections()
	for i, w := range wrongRequests() {
		for _, door := range []string{"https://" + srv.api, "http://" + srv.pages} {
			req, err := http.NewRequest(w.method, door+w.path, strings.NewReader(w.body))
			must(t, err)
			req.Header.Set("Content-Type", "application/json")
			for name, value := range w.header {
				req.Header.Set(name, value)
			}
			res, err := caller.Do(req)
			if err != nil {
				t.Errorf("request %d, %s %s: %v", i, w.method, door, err)
				continue
			}
			body, err := io.ReadAll(res.Body)
			must(t, err)
			must(t, res.Body.Close())
			var head bytes.Buffer
			must(t, res.Header.Write(&head))
			if res.StatusCode/100 != 4 && w.path != "/v1/receipts/check" { // which says that it is none
				t.Errorf("request %d to %s: %d %s", i, door, res.StatusCode, body)
			}
			body = typed.ReplaceAll(body, nil)
			if found := canaryIn(append(body, head.Bytes()...)); found != "" {
				t.Errorf("request %d to %s: %s comes back: %d %s", i, door, found, res.StatusCode, body)
			}
		}
	}
}

// searchFiles looks for canaries in the names of files, and in the files.
func searchFiles(t *testing.T, dir string, inside bool) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if found := canaryIn([]byte(path)); found != "" {
			t.Errorf("a file is named after %s", found)
		}
		if !inside || entry.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		if found := canaryIn(data); found != "" {
			t.Errorf("the temporary file %s holds %s", path, found)
		}
		return err
	}))
}
