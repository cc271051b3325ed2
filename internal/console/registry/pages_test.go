package registry_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// busy is a desk at which something waits: a proposal, a search, hours, a card
// that is applied for.
func busy(t *testing.T) *desk {
	t.Helper()
	d := open(t)
	ctx, c := t.Context(), &d.Config
	c1, s1 := d.Actor(consoletest.Registry, "c1"), d.Actor(consoletest.Registry, "s1")
	ali, today := d.Number(consoletest.Ali), persian.DateOf(time.Now())
	g := register.Grounds{Reason: "court-order", Document: "۱۲ مورخ ۱۴۰۵/۰۸/۰۱"}
	_, _, err := c.Persons.PlanSlots(ctx, c.Journal, s1, &person.SlotPlan{Office: 101, From: today, To: today.AddDays(3), Hours: []int{9, 10}, Capacity: 3})
	consoletest.Must(t, err)
	_, _, err = c.Persons.ChangeSurname(ctx, c.Journal, c1, &person.Surname{Edit: person.Edit{Number: ali, Grounds: g}, Surname: d.Name("یزدانی")})
	consoletest.Must(t, err)
	_, _, err = c.Persons.ApplyForCard(ctx, c.Journal, c1, &person.CardApplication{Number: ali, Office: 101})
	consoletest.Must(t, err)
	_, _, err = c.Persons.Propose(ctx, c.Journal, c1, "birth_date", &person.BirthDate{Edit: person.Edit{Number: ali, Grounds: g}, Born: d.Date("1371-05-06")})
	consoletest.Must(t, err)
	_, _, err = c.Persons.SeekByName(ctx, c.Journal, c1, &person.Sought{Given: d.Name("علی اکبر"), Surname: d.Name("یزدانی"), Grounds: g})
	consoletest.Must(t, err)
	return d
}

var (
	controls = regexp.MustCompile(`\sname="([^"]+)"`)
	parts    = strings.NewReplacer("{side}", "husband", "{id}", "1", "{office}", "101", "{day}", "1405-09-02", "{of}", "x", "{paper}", "x")
)

// TestBadInput: whatever is typed into whichever form, behind references that
// are genuine, nothing breaks and nothing comes back as it was.
func TestBadInput(t *testing.T) {
	d := busy(t)
	v := d.supervisor()
	at := d.record(v, consoletest.Ali).Path
	for _, r := range d.Site.Routes {
		if !strings.HasPrefix(r.Path, "/registry") {
			continue
		}
		path := parts.Replace(strings.Replace(r.Path, "/registry/persons/{ref}", at, 1))
		if strings.Contains(path, "{") {
			t.Fatalf("%s: what stands in its braces?", r.Path)
		}
		page := v.Get(path)
		if r.Method == "GET" {
			if page.Status >= 500 {
				t.Errorf("%s: %d", r.Path, page.Status)
			}
			continue
		}
		for _, bad := range []string{"<script>alert(1)</script>", "\u202e1234", "\x00", "-1", "999999999999999999999", strings.Repeat("آ", 3000), consoletest.Departed, "1499/12/29", "a@b"} {
			form := url.Values{}
			for _, m := range controls.FindAllStringSubmatch(page.Body, -1) {
				form.Set(m[1], bad)
			}
			form.Del("once")
			p := v.Post(path, form)
			if p.Status >= 500 || strings.Contains(p.Body, "<script>alert") || strings.Contains(p.Body, "\u202e") || strings.Contains(p.Path, consoletest.Departed) {
				t.Errorf("%s, %.12q: %d %s", r.Path, bad, p.Status, p.Path)
			}
		}
	}
	if strings.Contains(d.Logged.String(), consoletest.Ali) || strings.Contains(d.Logged.String(), consoletest.Departed) {
		t.Error("a national number is in the log")
	}
}

// TestPages holds pages with something on them against axe-core and overflow:
// the common test of all pages has no references to persons.
func TestPages(t *testing.T) {
	d := busy(t)
	b := consoletest.Chromium(t, d.URL)
	b.SignIn(consoletest.Registry, "s1")
	at := d.record(d.supervisor(), consoletest.Ali).Path
	for _, path := range []string{
		"/registry", at, at + "/cards", at + "/correction", at + "/death", "/registry/births", "/registry/proposals/1", "/registry/names/1", "/registry/hours?office=101",
	} {
		b.Open(path)
		b.Check(t, path)
	}
	for _, said := range b.Complaints() {
		t.Error(said)
	}
}
