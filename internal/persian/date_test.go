package persian

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

func read(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func TestNowruz(t *testing.T) {
	var file struct {
		Years map[string]struct {
			Nowruz string
			Leap   bool
		}
	}
	read(t, "jalali-nowruz.json", &file)
	if len(file.Years) != LastYear-FirstYear+1 {
		t.Fatalf("%d years", len(file.Years))
	}
	for year, want := range file.Years {
		y, err := strconv.Atoi(year)
		if err != nil {
			t.Fatal(err)
		}
		d := Date{int16(y), 1, 1}
		if got := d.Gregorian().Format(time.DateOnly); got != want.Nowruz || leap(y) != want.Leap {
			t.Fatalf("%d begins on %s, leap %v; want %s, %v", y, got, leap(y), want.Nowruz, want.Leap)
		}
		if from, err := ParseDate(want.Nowruz); err != nil || from != d {
			t.Errorf("%s is %v, %v; want %v", want.Nowruz, from, err, d)
		}
	}
}

// Every day there is goes through every form and comes back, and follows the
// day before it by one.
func TestEveryDay(t *testing.T) {
	day := time.Date(1799, 3, 21, 0, 0, 0, 0, time.UTC)
	for n := range starts[len(starts)-1] {
		d := DateFromDays(n)
		if !d.Valid() || !d.Precise() || d.Days() != n {
			t.Fatalf("day %d is %v, which is day %d", n, d, d.Days())
		}
		if g := d.Gregorian(); !g.Equal(day) {
			t.Fatalf("%v is %v, want %v", d, g, day)
		}
		if got := UnpackDate(d.Pack()); got != d {
			t.Fatalf("%v unpacks to %v", d, got)
		}
		for _, s := range [...]string{d.String(), d.Persian(), day.Format(time.DateOnly), strconv.Itoa(int(d.Pack()))} {
			if got, err := ParseDate(s); err != nil || got != d {
				t.Fatalf("%s is %v, %v; want %v", s, got, err, d)
			}
		}
		if got := DateOf(d.Start()); got != d {
			t.Fatalf("%v begins on %v", d, got)
		}
		if got := DateOf(d.Start().Add(24*time.Hour - time.Nanosecond)); got != d {
			t.Fatalf("%v ends on %v", d, got)
		}
		day = day.AddDate(0, 0, 1)
	}
	if last := (Date{LastYear, 12, 29}); DateFromDays(last.Days()+1) != (Date{}) {
		t.Error("the calendar goes on after its last day")
	}
}

// Node's Intl has a Persian calendar by other hands; every day must agree.
func TestAgainstNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("node is missing")
		}
		t.Skip("node is not here")
	}
	total := starts[len(starts)-1]
	script := fmt.Sprintf(`
		const f = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", {timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric"});
		const out = [];
		for (let n = 0; n < %d; n++) {
			const p = {};
			for (const {type, value} of f.formatToParts((n + %d) * 86400000)) p[type] = value;
			out.push(p.year + "-" + p.month.padStart(2, "0") + "-" + p.day.padStart(2, "0"));
		}
		console.log(process.versions.icu + "\n" + out.join("\n"));`, total, first)
	out, err := exec.Command(node, "-e", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != int(total)+1 {
		t.Fatalf("%d lines for %d days", len(lines), total)
	}
	for n, want := range lines[1:] {
		if got := DateFromDays(int32(n)).String(); got != want {
			t.Fatalf("day %d is %s, ICU %s says %s", n, got, lines[0], want)
		}
	}
}

func TestParseDate(t *testing.T) {
	whole := Date{1370, 1, 1}
	for s, want := range map[string]Date{
		"13700101": whole, "۱ فروردین ۱۳۷۰": whole, "1 فروردين 1370": whole, "1370/01/01": whole, "۱۳۷۰/۰۱/۰۱": whole, "1370-01-01": whole, "1370.1.1": whole,
		"٠١/٠١/١٣٧٠": whole, "1/1/1370": whole, "01-01-1370": whole, " 1370/01/01\n": whole, "۱۳۷۰0101": whole,
		"1991-03-21": whole, "19910321": whole, "1991/3/21": whole,
		"1370": {Year: 1370}, "۱۳۷۰": {Year: 1370}, "13700000": {Year: 1370}, "1370/00/00": {Year: 1370},
		"1370/01": {Year: 1370, Month: 1}, "13700100": {Year: 1370, Month: 1}, "1370-01-00": {Year: 1370, Month: 1},
		"1403/12/30": {1403, 12, 30}, "1178-01-01": {1178, 1, 1}, "1501-12-29": {1501, 12, 29}, "1799-03-21": {1178, 1, 1},
		"31/06/1400": {1400, 6, 31},
	} {
		if got, err := ParseDate(s); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", s, got, err, want)
		}
	}
	for s, key := range map[string]string{
		"": "form", "x": "form", "137": "form", "70/01/01": "form", "1370/01/01/": "form", "1370/01-01": "form", "/1370": "form",
		"1370//01": "form", "1370 01 01": "form", "137001011": "form", "1370010": "form", "13/070/0101": "form", "1370/001/01": "form",
		"1991": "form", "1991-03": "form", "21/03/1991": "form", "03-21-1991": "form", "\u200f1370/01/01": "form", "\xdb\xb1": "form",
		"1370-01-01T00:00:00Z": "form", "-1370-01-01": "form",
		"1404/12/30": "impossible", "1370/13/01": "impossible", "1370/07/31": "impossible", "1370/00/05": "impossible", "1370/01/32": "impossible",
		"1991-02-29": "impossible", "1900-02-29": "impossible", "30/12/1404": "impossible", "13701301": "impossible", "1991-13-01": "impossible",
		"1177/12/29": "year", "1502/01/01": "year", "0000": "year", "1600-01-01": "year", "1799-03-20": "year", "2124-01-01": "year", "9999": "year",
	} {
		_, err := ParseDate(s)
		f := fault.Of(err)
		if f == nil || f.Key != "persian.date."+key || !message.Known(f.Key) {
			t.Errorf("%q: %v, want persian.date.%s", s, err, key)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	for _, c := range []struct {
		got, want Date
	}{
		{Date{1403, 12, 30}.AddYears(1), Date{1404, 12, 29}},
		{Date{1403, 12, 30}.AddYears(-4), Date{1399, 12, 30}},
		{Date{1370, 6, 31}.AddMonths(1), Date{1370, 7, 30}},
		{Date{1371, 6, 31}.AddMonths(6), Date{1371, 12, 29}},
		{Date{1370, 1, 31}.AddMonths(-1), Date{1369, 12, 29}},
		{Date{1370, 1, 15}.AddMonths(-25), Date{1367, 12, 15}},
		{Date{1370, 1, 0}.AddMonths(11), Date{1370, 12, 0}},
		{Date{1370, 0, 0}.AddMonths(1), Date{}},
		{Date{1370, 0, 0}.AddYears(18), Date{1388, 0, 0}},
		{Date{1403, 12, 30}.AddDays(1), Date{1404, 1, 1}},
		{Date{1404, 1, 1}.AddDays(-1), Date{1403, 12, 30}},
		{Date{1404, 1, 0}.AddDays(1), Date{}},
		{Date{1501, 12, 29}.AddDays(1), Date{}},
		{Date{1178, 1, 1}.AddDays(-1), Date{}},
		{Date{1501, 1, 1}.AddYears(1), Date{}},
		{Date{1370, 1, 1}.AddYears(-1 << 40), Date{}},
		{Date{1370, 1, 1}.AddDays(1 << 40), Date{}},
		{Date{}.AddYears(1), Date{}},
		{Date{}.AddMonths(1), Date{}},
		{DateOf(time.Date(2024, 3, 19, 20, 29, 59, 0, time.UTC)), Date{1402, 12, 29}},
		{DateOf(time.Date(2024, 3, 19, 20, 30, 0, 0, time.UTC)), Date{1403, 1, 1}},
		{DateOf(time.Date(1960, 1, 1, 0, 0, 0, 0, Tehran)), Date{1338, 10, 10}}, // before the Unix epoch
		{DateOf(time.Time{}), Date{}},
		{DateOf(time.Unix(1<<50, 0)), Date{}},
		{UnpackDate(14041230), Date{}},
		{UnpackDate(-5), Date{}},
		{UnpackDate(13700000), Date{1370, 0, 0}},
		{DateFromDays(-1), Date{}},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestDateText(t *testing.T) {
	for _, c := range []struct {
		d               Date
		ascii, persians string
	}{
		{Date{1370, 1, 9}, "1370-01-09", "۱۳۷۰/۰۱/۰۹"}, {Date{1370, 12, 0}, "1370-12", "۱۳۷۰/۱۲"}, {Date{1370, 0, 0}, "1370", "۱۳۷۰"}, {Date{}, "", ""},
	} {
		if c.d.String() != c.ascii || c.d.Persian() != c.persians {
			t.Errorf("%q %q, want %q %q", c.d.String(), c.d.Persian(), c.ascii, c.persians)
		}
		data, err := json.Marshal(c.d)
		var back Date
		if err != nil || json.Unmarshal(data, &back) != nil || back != c.d {
			t.Errorf("%v became %s became %v, %v", c.d, data, back, err)
		}
	}
	if err := json.Unmarshal([]byte(`"1404-12-30"`), new(Date)); err == nil {
		t.Error("an impossible date came in by JSON")
	}
	order := []Date{{}, {Year: 1370}, {Year: 1370, Month: 1}, {1370, 1, 1}, {1370, 1, 2}, {Year: 1370, Month: 2}, {Year: 1371}}
	for i := range order {
		for j := range order {
			if got := order[i].Compare(order[j]); got != min(max(i-j, -1), 1) {
				t.Errorf("%v against %v is %d", order[i], order[j], got)
			}
		}
	}
}

func anyDate() *rapid.Generator[Date] {
	return rapid.Custom(func(t *rapid.T) Date {
		return DateFromDays(rapid.Int32Range(0, starts[len(starts)-1]-1).Draw(t, "day"))
	})
}

// Moving by months is moving by years where twelve of them are meant, never
// leaves the month aimed at, and order is kept.
func TestMonthsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, o := anyDate().Draw(t, "d"), anyDate().Draw(t, "o")
		n := rapid.IntRange(-400, 400).Draw(t, "n")
		if d.AddMonths(12*n) != d.AddYears(n) {
			t.Fatalf("%v: %d years are %v, their months %v", d, n, d.AddYears(n), d.AddMonths(12*n))
		}
		m := d.AddMonths(n)
		if !m.IsZero() {
			months := 12*int(m.Year-d.Year) + int(m.Month-d.Month)
			if months != n || !m.Valid() || m.Day > d.Day {
				t.Fatalf("%v moved by %d months is %v", d, n, m)
			}
		}
		if (d.Compare(o) < 0) != (d.Days() < o.Days()) || (d.Compare(o) < 0) != (d.String() < o.String()) {
			t.Fatalf("%v and %v are ordered in two ways", d, o)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"13700101", "1370/01/01", "۱۳۷۰/۰۱/۰۱", "٠١-٠١-١٣٧٠", "1370", "1404/12/30", "۳۰ اسفند ۱۴۰۴", "۴ بهمن ۱۳۳۸", "1991-03-21", "", "\xdb", "1370/", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if d != (Date{}) || !message.Known(fault.Of(err).Key) {
				t.Fatalf("%v beside %v", d, err)
			}
			return
		}
		if !d.Valid() {
			t.Fatalf("%q is %v, which does not exist", s, d)
		}
		for _, form := range []string{d.String(), d.Persian()} {
			if again, err := ParseDate(form); err != nil || again != d {
				t.Fatalf("%q is %v, whose form %q is %v, %v", s, d, form, again, err)
			}
		}
	})
}

func BenchmarkParseDatePlain(b *testing.B) {
	for b.Loop() {
		_, _ = ParseDate("1370-01-01")
	}
}

func BenchmarkParseDatePersian(b *testing.B) {
	for b.Loop() {
		_, _ = ParseDate("۱۳۷۰/۰۱/۰۱")
	}
}

func BenchmarkDateOf(b *testing.B) {
	t := time.Unix(1800000000, 0)
	for b.Loop() {
		DateOf(t)
	}
}
