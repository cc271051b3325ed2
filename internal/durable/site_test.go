package durable

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// site is one installation: a data directory, perhaps a PostgreSQL database,
// and an agency with its certificate, made through the command line.
type site struct {
	data     string
	database string // URL; empty: SQLite in data
	agency   string // directory of the agency's own files
	env      []string
}

const (
	bankID  = "14003552272"
	officer = "b.sample"
	seed    = 1405
	persons = 2000
	places  = 700
)

// newSite sets up in dir, which must exist.
func newSite(bin, dir, database string) (*site, error) {
	s := &site{data: filepath.Join(dir, "data"), database: database, agency: filepath.Join(dir, "agency")}
	if err := os.MkdirAll(s.agency, 0o700); err != nil {
		return nil, err
	}
	today := persian.DateOf(now())
	agreement := filepath.Join(s.agency, "agreement.json")
	text := fmt.Sprintf(`{"agency":%q,"service":"10031094100","from":%q,"until":%q,"clauses":[{"no":1,"service":"identity",
		"modes":["verify","disclose"],"search_keys":["national_number+birth_date"],"fields":["given_name","surname","father_name"],
		"purposes":["kyc"],"daily_quota":100000000}]}`, bankID, today.AddDays(-1), today.AddDays(300))
	if err := os.WriteFile(agreement, []byte(text), 0o600); err != nil {
		return nil, err
	}
	bank := filepath.Join(s.agency, "bank")
	for _, args := range [][]string{
		{"init"},
		{"synth", "--persons", fmt.Sprint(persons), "--places", fmt.Sprint(places), "--seed", fmt.Sprint(seed)},
		{"agency", "register", bankID, "بانک نمونه"},
		{"agency", "officer", bankID, officer, "--name", "کارشناس نمونه", "--until", today.AddDays(300).String()},
		{"agency", "agreement", agreement},
		{"agency", "request", bank},
		{"agency", "enroll", bankID, bank + ".csr", "-o", bank + ".crt"},
	} {
		if out, err := s.run(bin, args...); err != nil {
			return nil, fmt.Errorf("estelam %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return s, nil
}

// run runs a command of the program on the site.
func (s *site) run(bin string, args ...string) (string, error) {
	out, err := s.command(bin, args...).CombinedOutput()
	return string(out), err
}

func (s *site) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "ESTELAM_DATA="+s.data, "ESTELAM_DATABASE="+s.database, "LC_ALL=C", "USER=operator")
	cmd.Env = append(cmd.Env, s.env...)
	return cmd
}

// template is a site on SQLite that others are copied from.
var template = sync.OnceValues(func() (*site, error) {
	bin, err := binary()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(scratch, "template")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return newSite(bin, dir, "")
})

// liteSite is a new site on SQLite with its data below dir.
func liteSite(t testing.TB, dir string) *site {
	t.Helper()
	from, err := template()
	must(t, err)
	s := &site{data: filepath.Join(dir, "data"), agency: from.agency}
	_, err = command("cp", "-a", from.data, s.data)
	must(t, err)
	return s
}

func (s *site) client(srv *server, keys string) (*client.Client, error) {
	return client.New(client.Config{
		URL: "https://" + srv.api, CAFile: filepath.Join(s.data, "ca", "ca.pem"), LogKey: keys, Unverified: keys == "",
		CertFile: filepath.Join(s.agency, "bank.crt"), KeyFile: filepath.Join(s.agency, "bank.key"),
		Tries: 1, Timeout: callLimit, English: true,
	})
}

// people are those of the population whom questions are about.
var people = sync.OnceValue(func() []person.Person {
	var list []person.Person
	for p := range synth.New(synth.Config{Seed: seed, Persons: persons, Places: places}).Persons() {
		if p.Born.Precise() && p.State == person.Active {
			list = append(list, p)
		}
	}
	return list
})

// question is about the i-th of them: is this the surname?
func question(i int, file string) client.Question {
	p := people()[i%len(people())]
	return client.Question{
		Officer: officer, Purpose: "kyc", File: file, Service: "identity", Mode: "verify",
		NationalNumber: p.Number.String(), BirthDate: p.Born.String(),
		Claims: map[string]string{"surname": p.Surname.Display},
	}
}
