package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// fieldScript answers, in Node, what field.js makes of lists of inputs.
const fieldScript = `
const f = require("./field.js"), months = %s;
const input = JSON.parse(require("fs").readFileSync(0));
const of = (list) => list || [], size = { national: 10, legal: 11, postal: 10, code: 20 };
const said = (r) => r.why || r.date.join("-");
const days = [];
for (let n = 0; n < input.days; n++) days.push([n, ...f.onDay(n), f.days(f.onDay(n)), f.weekday(n)].join(" "));
const long = [];
for (let y = 1200; y <= 1500; y++) for (let m = 1; m <= 12; m++) long.push(f.monthDays(y, m));
process.stdout.write(JSON.stringify({
	days, long,
	dates: of(input.dates).map((s) => said(f.parse(s, months))),
	shown: of(input.dates).map((s) => { const r = f.parse(s, months); return r.why ? "" : f.written(r.date); }),
	numbers: of(input.numbers).map(([kind, s]) => (s.length === size[kind] ? f.wrong(kind, s) : "length")),
	unusual: of(input.numbers).map(([kind, s]) => f.unusual(s)),
	found: of(input.texts).map(([kind, s]) => f.find(kind, s)),
}));`

type fieldInput struct {
	Days    int32       `json:"days"`
	Dates   []string    `json:"dates"`
	Numbers [][2]string `json:"numbers"` // kind, digits
	Texts   [][2]string `json:"texts"`   // kind, text around a number
}

type fieldAnswer struct {
	Days                    []string
	Long                    []int
	Dates, Shown            []string
	Numbers, Unusual, Found []string
}

// node runs the script of the fields over inputs.
func node(t *testing.T, in fieldInput) (out fieldAnswer) {
	t.Helper()
	bin, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("node is not installed")
		}
		t.Skip("node is not installed")
	}
	dir := t.TempDir()
	source, err := staticFiles.ReadFile("static/field.js")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "field.js"), source, 0o600))
	names, err := json.Marshal(monthNames)
	must(t, err)
	data, err := json.Marshal(in)
	must(t, err)
	var said bytes.Buffer
	cmd := exec.Command(bin, "-e", fmt.Sprintf(fieldScript, names))
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(data), &said
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	must(t, json.Unmarshal(answer, &out))
	return out
}

var monthNames = []string{"فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The calendar in the browser is the one on the server: every day that there
// is, its day of the week, and the length of every month.
func TestFieldCalendar(t *testing.T) {
	first := persian.Date{Year: persian.FirstYear, Month: 1, Day: 1}
	end := persian.Date{Year: persian.LastYear, Month: 12, Day: 29}.Days() + 1
	out := node(t, fieldInput{Days: end})
	if len(out.Days) != int(end) {
		t.Fatalf("%d days", len(out.Days))
	}
	for n, got := range out.Days {
		d := first.AddDays(n)
		weekday := (int(d.Gregorian().Weekday()) + 1) % 7 // Saturday is 0
		if want := fmt.Sprint(n, d.Year, d.Month, d.Day, n, weekday); got != want {
			t.Fatalf("day %d is %s, want %s", n, got, want)
		}
	}
	for i, got := range out.Long {
		month := persian.Date{Year: int16(1200 + i/12), Month: int16(1 + i%12), Day: 1}
		if want := month.AddMonths(1).Days() - month.Days(); int32(got) != want {
			t.Fatalf("%v has %d days, want %d", month, got, want)
		}
	}
}

// Every form that the server takes is read the same; what it refuses as no
// date is refused, or read as what people meant. What the field then shows is
// taken by the server and means the same.
func TestFieldDates(t *testing.T) {
	dates := []string{
		"13700101", "۱ فروردین ۱۳۷۰", "1 فروردين 1370", "1370/01/01", "۱۳۷۰/۰۱/۰۱", "1370-01-01", "1370.1.1", "٠١/٠١/١٣٧٠", "1/1/1370", "01-01-1370",
		" 1370/01/01\n", "۱۳۷۰0101", "1991-03-21", "19910321", "1991/3/21", "1370", "۱۳۷۰", "13700000", "1370/00/00", "1370/01", "13700100", "1370-01-00",
		"1403/12/30", "1178-01-01", "1501-12-29", "1799-03-21", "31/06/1400", "30 آبان 1399", "29 اسفند 1400", "30 اسفند 1400",
		"x", "137", "70/01/01", "/1370", "1370//01", "137001011", "1370010", "1370/001/01", "1991", "1991-03", "21/03/1991", "03-21-1991", "-1370-01-01",
		"1404/12/30", "1370/13/01", "1370/07/31", "1370/00/05", "1370/01/32", "1991-02-29", "1900-02-29", "30/12/1404", "13701301", "1991-13-01",
		"1177/12/29", "1502/01/01", "0000", "1600-01-01", "1799-03-20", "2124-01-01", "9999", "0 مهر 1370", "1 سپتامبر 1370",
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		dates = append(dates, fmt.Sprintf("%d/%d/%d", 1170+r.IntN(340), r.IntN(14), r.IntN(34)), fmt.Sprintf("%d-%02d-%02d", 1795+r.IntN(335), 1+r.IntN(13), 1+r.IntN(32)))
	}
	out := node(t, fieldInput{Dates: dates})
	for i, s := range dates {
		d, err := persian.ParseDate(s)
		want := fmt.Sprintf("%d-%d-%d", d.Year, d.Month, d.Day)
		if err != nil {
			want = strings.TrimPrefix(fault.Of(err).Key, "persian.date.")
		}
		if out.Dates[i] != want {
			t.Errorf("%q is %s, want %s", s, out.Dates[i], want)
		}
		if err != nil {
			continue
		}
		for _, shown := range []string{out.Shown[i], persian.Digits(out.Shown[i])} {
			if back, err := persian.ParseDate(shown); err != nil || back != d {
				t.Errorf("%q is shown as %q, which the server takes for %v, %v", s, shown, back, err)
			}
		}
	}
	meant := node(t, fieldInput{Dates: []string{"1370 1 1", "1370 / 1 / 1", "\u200f۱۳۷۰/۱/۱", "1370،1،1", "۱۳۷۰–۱–۱", "۱فروردین۱۳۷۰"}})
	for i, got := range meant.Dates {
		if got != "1370-1-1" {
			t.Errorf("untidy date %d is %s", i, got)
		}
	}
}

// Check digits are those of package ids, on the vectors of its tests and at
// random.
func TestFieldCheckDigits(t *testing.T) {
	var numbers [][2]string
	for kind, file := range map[string]string{"national": "national-number", "legal": "legal-id", "postal": "postal-code"} {
		var vectors struct{ Cases []struct{ Input string } }
		data, err := os.ReadFile("../../ids/testdata/" + file + ".json")
		must(t, err)
		must(t, json.Unmarshal(data, &vectors))
		for _, c := range vectors.Cases {
			if strings.Trim(c.Input, "0123456789") == "" { // other forms are tidied before: TestFieldFindsNumbers
				numbers = append(numbers, [2]string{kind, c.Input})
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	key, err := ids.NewCodeKey(3, [32]byte{7})
	must(t, err)
	for i := range 3000 {
		code := []byte(key.Code(i%10, int64(i)))
		if i%3 > 0 {
			code[r.IntN(20)] = byte('0' + r.IntN(10))
		}
		numbers = append(numbers, [2]string{"national", fmt.Sprintf("%010d", r.Int64N(1e10))}, [2]string{"legal", fmt.Sprintf("%011d", r.Int64N(1e11))},
			[2]string{"postal", fmt.Sprintf("%010d", r.Int64N(1e10))}, [2]string{"code", string(code)},
			[2]string{"code", string(code[16:]) + string(code[12:16]) + string(code[8:12]) + string(code[4:8]) + string(code[:4])})
	}
	out := node(t, fieldInput{Numbers: numbers})
	seen := map[string]int{}
	for i, n := range numbers {
		key, unusual := wrongOf(n[0], n[1])
		if key == "digits" || key == "length" { // the field says so before it asks
			continue
		}
		if out.Numbers[i] != key {
			t.Errorf("%s %s: %q, want %q", n[0], n[1], out.Numbers[i], key)
		}
		if n[0] == "postal" && key == "" && out.Unusual[i] != unusual {
			t.Errorf("%s is unusual as %q, want %q", n[1], out.Unusual[i], unusual)
		}
		seen[n[0]+" "+key]++
	}
	for _, kind := range []string{"national ", "national check", "national same", "legal ", "legal check", "legal same", "postal ", "postal area", "code ", "code check", "code reversed"} {
		if seen[kind] == 0 {
			t.Errorf("no number was %q", kind)
		}
	}
}

// wrongOf is what package ids says, by the last part of its key.
func wrongOf(kind, s string) (key, unusual string) {
	var err error
	switch kind {
	case "national":
		_, err = ids.ParseNationalNumber(s)
	case "legal":
		_, err = ids.ParseLegalID(s)
	case "postal":
		var p ids.PostalCode
		if p, err = ids.ParsePostalCode(s); err == nil {
			for _, w := range p.Warnings()[:min(1, len(p.Warnings()))] {
				unusual = strings.TrimPrefix(w, "ids.postal.warning.")
			}
		}
	default:
		_, err = ids.ParseTrackingCode(s)
	}
	if err != nil {
		key = fault.Of(err).Key
		key = key[strings.LastIndexByte(key, '.')+1:]
	}
	return key, unusual
}

// A number is found in whatever stands around it.
func TestFieldFindsNumbers(t *testing.T) {
	texts := [][3]string{
		{"national", "کد ملی: ۰۰۶-۷۷۴۹۸۲-۸", "0067749828"},
		{"national", "‏کد ملی ۰۰۶۷۷۴۹۸۲۸ تلفن ۰۹۱۲۱۲۳۴۵۶۷", "0067749828"},
		{"national", "0912123456 0067749828", "0067749828"}, // the one whose check digit is right
		{"national", "٠٠٦٧٧٤٩٨٢٨", "0067749828"},
		{"national", "００６７７４９８２８", "0067749828"},
		{"national", "०० ६७७ ४९८ २८", "0067749828"},
		{"national", "𝟎𝟎𝟔𝟕𝟕𝟒𝟗𝟖𝟐𝟖", "0067749828"},
		{"national", "0067749829", "0067749829"}, // wrong, and yet what was meant
		{"national", "123", ""},
		{"national", "بدون شماره", ""},
		{"legal", "شناسه ملی: 1400-3552-272", "14003552272"},
		{"postal", "کدپستی ۱۵۱۶۷-۶۳۵۱۱، تهران", "1516763511"},
		{"code", "1983 0240 9144 1922 6477", "19830240914419226477"},
		{"code", "کد رهگیری: ۱۹۸۳-۰۲۴۰-۹۱۴۴-۱۹۲۲-۶۴۷۷ مورخ ۱۴۰۵/۰۸/۳۰", "19830240914419226477"},
	}
	in := fieldInput{}
	for _, x := range texts {
		in.Texts = append(in.Texts, [2]string{x[0], x[1]})
	}
	for i, got := range node(t, in).Found {
		if got != texts[i][2] {
			t.Errorf("in %q the %s number is %q, want %q", texts[i][1], texts[i][0], got, texts[i][2])
		}
	}
}
