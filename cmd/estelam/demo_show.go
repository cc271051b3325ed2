package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// Letters of old keyboards and forms, for the question that is spelt so.
const (
	persianYeh, arabicYeh = '\u06cc', '\u064a'
	persianKaf, arabicKaf = '\u06a9', '\u0643'
)

func hasYeh(s string) bool { return strings.ContainsRune(s, persianYeh) }

// arabic spells a name with the Arabic letters that agencies' files are full of.
func arabic(s string) string {
	return strings.NewReplacer(string(persianYeh), string(arabicYeh), string(persianKaf), string(arabicKaf)).Replace(s)
}

func (t *tour) welcome(took time.Duration) {
	fmt.Fprintf(t.out, `  population   %s persons, invented; nobody in it exists
  agencies     %s may verify, %s may be told
  API          %s   (mutual TLS)
  pages        %s   (check a code; officers sign in)
  files        %s   (go there for the curl lines)
  ready        in %.1f s

`, count(int64(t.persons)), t.bank.name, t.welfare.name, t.api, t.pages, t.dir, took.Seconds())
}

// verify shows the four ways to believe an answer: by code, by code and number,
// by receipt and key alone, and what happens when one byte is changed.
func (t *tour) verify(ctx context.Context) error {
	a := t.first
	fmt.Fprintf(t.out, "%d. A year later somebody shows the first answer. Is it genuine?\n", t.step+1)
	anyone, err := client.New(client.Config{URL: t.pages, Unverified: true})
	if err != nil {
		return err
	}
	defer anyone.Close()
	genuine, err := anyone.CheckCode(ctx, a.Code)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "   by code    %s → %s   (anyone, %s/check)\n", group(a.Code), yesNo(genuine, "genuine", "not genuine"), t.pages)
	wrong := flipDigit(a.Code)
	if _, err := anyone.CheckCode(ctx, wrong); err == nil {
		return fmt.Errorf("the code %s with a wrong digit was taken", group(wrong))
	}
	fmt.Fprintf(t.out, "   mistyped   %s → the check digits say so before anything is looked up\n", group(wrong))

	file := filepath.Join(t.dir, "receipt.json")
	data := a.Receipt.Append(nil)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	keys, err := readKeys(filepath.Join(t.dir, "log.vkey"))
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := a.Receipt.Verify(keys...); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "   by receipt %d bytes, verified offline in %.1f ms with nothing but the log's public key\n", len(data), float64(time.Since(begun).Microseconds())/1000)
	key := filepath.Join(t.dir, "log.vkey")
	fmt.Fprintf(t.out, "              %s verify -k %s %s\n", self(), key, file)
	fmt.Fprintf(t.out, "              python3 receipt/verifiers/verify.py %s %s   (no code in common with the first)\n", file, key)
	forged := filepath.Join(t.dir, "forged.json")
	if err := os.WriteFile(forged, []byte(strings.Replace(string(data), `"outcome":"confirmed"`, `"outcome":"confirmeD"`, 1)), 0o600); err != nil {
		return err
	}
	_, err = verifyFile(streams{}, forged, keys, false, nil)
	if err == nil {
		return fmt.Errorf("a forged receipt was taken for genuine")
	}
	fmt.Fprintf(t.out, "   forged     one letter changed → %v\n\n", err)
	return nil
}

// self is how to call this program again: "go run" leaves no binary behind.
func self() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/estelam"
	}
	return os.Args[0]
}

// wrongFather is a man's name that is not the father's.
func wrongFather(c cast) string {
	for _, p := range []person.Person{c.customer, c.dead, c.moved} {
		if p.Father.Key != c.variant.Father.Key {
			return p.Father.Display
		}
	}
	return c.variant.Father.Display + " " + c.variant.Given.Display
}

// flipDigit changes one digit of a code, as a tired reader would.
func flipDigit(code string) string {
	b := []byte(code)
	b[7] = '0' + (b[7]-'0'+1)%10
	return string(b)
}

func yesNo(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// farewell says who is who: everybody signs in by one click.
func (t *tour) farewell(h *house, once bool) {
	fmt.Fprintf(t.out, "For the curl lines:  cd %s\n", t.dir)
	fmt.Fprintf(t.out, "One click signs in at %s/sign-in, where two of each role stand. Everybody there is:\n", t.pages)
	area := t.town()
	people, roles := map[string][]string{}, []string{}
	for _, a := range h.agencies.Agencies() {
		for _, o := range h.agencies.Officers(a.ID) {
			body := a.Name
			if o.Role == register.Municipality {
				body += " (" + strings.Join(area[:], ", ") + ")"
			}
			if people[o.Role] == nil {
				roles = append(roles, o.Role)
			}
			people[o.Role] = append(people[o.Role], fmt.Sprintf("%-9s  %s  %s", o.Login, a.ID, body))
		}
	}
	for _, role := range roles {
		fmt.Fprintf(t.out, "  %s\n", message.Text(terminalLang(), "register.role."+role))
		for _, p := range people[role] {
			fmt.Fprintf(t.out, "    %s\n", p)
		}
	}
	fmt.Fprint(t.out, "For the lines with 'as' above there are certificates in staff/: of all but the agencies' officers and programmers\n\n")
	if !once {
		fmt.Fprintln(t.out, "Stays up until Ctrl-C.")
	}
}
