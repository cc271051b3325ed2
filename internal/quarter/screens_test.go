package quarter

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
)

// invented is a report with figures that nobody counted.
func invented() *Report {
	q := Quarter{1405, 2}
	d := &Document{
		Quarter: q, From: q.From(), Until: q.Until().AddDays(-1), Log: Log{"estelam.example/log/1405/n1", 123_456, ""},
		Before: Line{Inquiries: 214_000}, Services: []Asked{{"identity", 148_000}, {"card", 34_000}, {"residence", 20_000}, {"predicate", 3500}},
		Remarks: Remarks{Summary: "در این سه‌ماهه دو استان به مرحله نخست پیوستند."},
	}
	for i, name := range []string{"", "اصفهان", "خوزستان", "سمنان", "قم"} {
		n := int64(i)
		p := Line{
			Province: name, Bodies: 9 + n, Agreements: 7 + n, Inquiries: 90_000 / (n + 1), Refused: 700 / (n + 1), Processes: 41 - 6*n,
			Copies: 3 + n, Exceptions: 2, Online: 36 - 7*n, Obstacles: 4, Overdue: n, Reports: 11 - n, Upheld: 4, Sampled: 60, Misuse: 1, Tickets: 3, Unresolved: n / 4,
		}
		d.Provinces = append(d.Provinces, p)
		d.Country.add(&p)
	}
	for i := range 12 {
		n := int64(i)
		d.Months = append(d.Months, Month{month(q.From().AddMonths(i - 9)), 38_100 + n*3500 - n%3*6000, 900 + 20*n, 400 - 10*n})
	}
	for _, l := range deadline.Law[2:6] {
		text := "deadline.text." + l.Name
		d.Deadlines = append(d.Deadlines, Deadline{Clause: l.Clause, Fa: message.Text(message.Fa, text), En: message.Text(message.En, text), State: deadline.Late, Bodies: 55, Met: 41, Late: 14, MostLate: 90})
	}
	at := q.Until().AddDays(8).Start()
	by := func(login string) *Signer { return &Signer{login, 99990000034, at} }
	return &Report{Quarter: q, State: Issued, Drafted: *by("b1"), Reviewed: by("b2"), Issued: by("b3"), Document: d}
}

// TestScreens draws the report's first page into ESTELAM_SCREENS.
func TestScreens(t *testing.T) {
	dir := os.Getenv("ESTELAM_SCREENS")
	if dir == "" {
		t.Skip("ESTELAM_SCREENS names no folder")
	}
	path := filepath.Join(t.TempDir(), "quarter.pdf")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := invented().write(message.Fa, letter.PDF, f); err != nil {
		t.Fatal(err)
	}
	for n, name := range []string{"paper-quarter", "paper-quarter-2"} {
		page := string(rune('1' + n))
		out, err := exec.Command("pdftoppm", "-r", "80", "-png", "-singlefile", "-f", page, "-l", page, path, filepath.Join(dir, name)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}
