package person

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store/storetest"
)

// lines prints a report's lines as "row column key".
func lines(r *sheet.Report) (all []string) {
	for _, l := range r.Lines {
		all = append(all, fmt.Sprintf("%d %s %s", l.Row, l.Column, l.Key))
	}
	slices.Sort(all)
	return all
}

func tally(r *sheet.Report) string {
	return fmt.Sprintf("rows %d accepted %d refused %d added %d changed %d unchanged %d restored %d",
		r.Rows, r.Accepted, r.Refused, r.Added, r.Changed, r.Unchanged, r.Restored)
}

func TestImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		clock := &ticking{date(t, "1405-08-30").Start()}
		b, j := open(t, url, clock.now)
		first := nth(1_234_567) // 0012345679
		file := "شماره ملی,نام,نام خانوادگی,نام پدر,جنسیت,تاریخ تولد,وضعیت حیات,تاریخ فوت,شماره شناسنامه,سری شناسنامه,سریال شناسنامه,محل صدور,کد پستی,تاریخ سکونت,وضعیت کارت,اعتبار کارت تا,سریال کارت\n" +
			"12345679,محمدرضا,حسینی,علی,مرد,۱۳۵۰/۰۲/۰۳,زنده,,1234,الف/12,001234,تهران,14169-32790,1399/05/06,صادرشده,1409/01/01,0G123\n" +
			nth(20).String() + ",زهرا,کریمی,,female,13690504,deceased,1400/01/01," + nth(20).String() + ",,,,,,,,\n"
		report, err := b.Import(ctx, clerk, j, strings.NewReader(file), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tally(report), "rows 2 accepted 2 refused 0 added 2 changed 0 unchanged 0 restored 1"; got != want {
			t.Errorf("got %s, want %s: %v", got, want, lines(report))
		}
		want := Person{
			Number: first, Given: name(t, "محمدرضا"), Surname: name(t, "حسینی"), Father: name(t, "علی"),
			Born: date(t, "1350-02-03"), Sex: Male, State: Active,
			Shenasnameh: Shenasnameh{Number: 1234, Serie: "الف12", Serial: "001234", IssuePlace: "تهران"},
			Postal:      1416932790, ResidenceSince: date(t, "1399-05-06"),
			Card: Card{State: Issued, Valid: date(t, "1409-01-01"), Serial: "0G123"}, Version: 1,
		}
		if got := find(t, b, first); got != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		if got := find(t, b, nth(20)); got.State != Deceased || got.Shenasnameh.Number != 0 || got.Sex != Female || got.Died != date(t, "1400-01-01") {
			t.Errorf("got %+v", got)
		}
		// Once more: nothing differs. Then one row differs, and a file with
		// fewer columns says nothing about the others.
		report, err = b.Import(ctx, clerk, j, strings.NewReader(file), nil, nil)
		if got := tally(report); err != nil || got != "rows 2 accepted 2 refused 0 added 0 changed 0 unchanged 2 restored 1" {
			t.Error(got, err)
		}
		report, err = b.Import(ctx, clerk, j, strings.NewReader("national_number;given_name;surname;birth_date;postal_code\n0012345679;محمدرضا;حسینی;1350/2/3;5951412749\n"), nil, nil)
		if got := tally(report); err != nil || got != "rows 1 accepted 1 refused 0 added 0 changed 1 unchanged 0 restored 0" {
			t.Error(got, err)
		}
		want.Postal, want.ResidenceSince, want.Version = 5951412749, persian.Date{}, 2
		want.Card.State, want.Card.Reason = MustReplace, Moved
		if got := find(t, b, first); got != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		// A file that speaks of the card is believed, as often as it comes.
		for _, state := range []string{"Changed", "Unchanged"} {
			report, err = b.Import(ctx, clerk, j, strings.NewReader("national_number,given_name,surname,birth_date,postal_code,card_state,card_valid_until\n0012345679,محمدرضا,حسینی,1350/2/3,1416932790,issued,1409-01-01\n"), nil, nil)
			if err != nil || state == "Changed" && report.Changed != 1 || state == "Unchanged" && report.Unchanged != 1 {
				t.Error(state, tally(report), err)
			}
			if got := find(t, b, first); got.Card.State != Issued || got.Version != 3 {
				t.Errorf("%+v", got)
			}
		}
		past, err := b.History(ctx, first)
		if err != nil || len(past) != 2 || past[0].Until.Why != "import" || past[0].Until.Actor != clerk || past[0].Person.Postal != 1416932790 {
			t.Error(past, err)
		}
	})
}

func TestImportRefuses(t *testing.T) {
	url := storetest.SQLite(t)
	b, j := open(t, url, (&ticking{date(t, "1405-08-30").Start()}).now)
	header := "national_number,given_name,surname,birth_date,death_date,sex,state,shenasnameh_serial,postal_code,card_state\n"
	good := nth(30).String() + ",زهرا,کریمی,1369/05/04,,,,,,\n"
	rows := []struct {
		row  string
		want []string
	}{
		{nth(31).String() + ",زهرا,کریمی,1404/12/30,,,,,,", []string{"birth_date persian.date.impossible"}},
		{nth(32).String() + ",زهرا,کریمی,1406/01/01,,,,,,", []string{"birth_date person.date.future"}},
		{"0012345678,زهرا,کریمی,1369/05/04,,,,,,", []string{"national_number ids.number.check"}},
		{"1111111111,زهرا,کریمی,1369/05/04,,,,,,", []string{"national_number ids.number.same"}},
		{"1234567,زهرا,کریمی,1369/05/04,,,,,,", []string{"national_number ids.number.length"}},
		{",,,,,,,,,", []string{"birth_date person.missing", "given_name person.missing", "national_number person.missing", "surname person.missing"}},
		{nth(33).String() + ",Zahra,کر\u202eیمی,x,x,x,x,12345,2222222222,x", []string{
			"birth_date persian.date.form", "card_state person.word", "death_date persian.date.form", "given_name persian.name.letter",
			"postal_code ids.postal.area", "sex person.word", "shenasnameh_serial ids.serial.form", "state person.word", "surname persian.text.control",
		}},
		{nth(34).String() + ",زهرا,کریمی,1369/05/04,1300/01/01,,,,,", []string{"death_date person.death.early"}},
		{nth(35).String() + ",زهرا,کریمی,1369/05/04,1400/01/01,,active,,,", []string{"death_date person.death.alive"}},
		{nth(37).String() + ",زهرا,کریمی,1369/05/04,,,deceased,,,", nil},
		{strings.TrimSpace(good), []string{"national_number sheet.twice"}},
		{nth(36).String() + ",=HYPERLINK(1),کریمی,1369/05/04,,,,,,", []string{"given_name persian.name.letter"}},
	}
	file, want := header+good, []string(nil)
	for i, r := range rows {
		file += r.row + "\n"
		for _, w := range r.want {
			want = append(want, fmt.Sprintf("%d %s", i+3, w))
			if key := w[strings.IndexByte(w, ' ')+1:]; !message.Known(key) {
				t.Errorf("no text for %s", key)
			}
		}
	}
	var full bytes.Buffer
	report, err := b.Import(context.Background(), clerk, j, strings.NewReader(file), nil, &full)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if got := lines(report); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if report.Refused != len(rows)-1 || report.Added != 2 {
		t.Error(tally(report))
	}
	records, err := csv.NewReader(&full).ReadAll()
	if err != nil || len(records) != len(want)+1 {
		t.Errorf("%d lines in the full report: %v", len(records), err)
	}
	for _, canary := range []string{"HYPERLINK", "Zahra", "0012345678"} {
		if strings.Contains(full.String(), canary) {
			t.Errorf("the report repeats %s", canary)
		}
	}
}

// TestImportColumns: every column has headers in both languages, and no two
// columns share one.
func TestImportColumns(t *testing.T) {
	seen := map[string]string{}
	for _, c := range headers(columnNames[:], "person.column.") {
		for also := range strings.SplitSeq(c.Name+"|"+c.Also, "|") {
			also = strings.TrimSpace(also)
			if strings.HasPrefix(also, "[") {
				t.Errorf("%s has no headers", c.Name)
			}
			if other, ok := seen[also]; ok && other != c.Name {
				t.Errorf("%q means %s and %s", also, other, c.Name)
			}
			seen[also] = c.Name
		}
	}
	for prefix, words := range map[string][]string{
		"person.sex.": sexes[:], "person.state.": states[:], "person.card.": cardStates[:], "person.reason.": cardReasons[:],
	} {
		for _, w := range words {
			if w != "" && !message.Known(prefix+w) {
				t.Errorf("no text for %s%s", prefix, w)
			}
		}
	}
}

// TestImportResumes: an import that was cut short and is run again ends as if
// it had not been.
func TestImportResumes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		const n = 3 * importChunk
		file := people(t, n)
		ctx, cancel := context.WithCancel(context.Background())
		progress := func(rows, done, total int64) {
			if total != int64(len(file)) || done > total {
				t.Errorf("%d of %d bytes", done, total)
			}
			if rows == importChunk {
				cancel()
			}
		}
		report, err := b.Import(ctx, clerk, j, bytes.NewReader(file), progress, nil)
		if err == nil || report.Added != importChunk {
			t.Fatal(tally(report), err)
		}
		report, err = b.Import(context.Background(), clerk, j, bytes.NewReader(file), nil, nil)
		if err != nil || report.Unchanged != importChunk || report.Added != n-importChunk {
			t.Fatal(tally(report), err)
		}
		if n, err := b.Count(context.Background()); n != 3*importChunk || err != nil {
			t.Error(n, err)
		}
	})
}

// people is a CSV file of n persons.
func people(t testing.TB, n int) []byte {
	var file bytes.Buffer
	file.WriteString("national_number,given_name,surname,father_name,sex,birth_date,life_status,death_date,shenasnameh_number,shenasnameh_serie,shenasnameh_serial,issue_place,postal_code,residence_since,card_state,card_valid_until,card_serial\n")
	for p := range population(t, n) {
		if p.Postal != 0 && !strings.ContainsAny(p.Postal.String()[:5], "02") {
			fmt.Fprintf(&file, "%s,%s,%s,%s,%s,%s,%s,%s,%d,%s,%s,%s,%s,%s,%s,%s,%s\n", p.Number, p.Given.Display, p.Surname.Display, p.Father.Display,
				p.Sex, p.Born, [...]string{"alive", "deceased"}[max(0, int(p.State)-1)], p.Died, p.Shenasnameh.Number, p.Shenasnameh.Serie, p.Shenasnameh.Serial,
				"تهران", p.Postal, p.ResidenceSince, p.Card.State, p.Card.Valid, "0G12345678")
			continue
		}
		fmt.Fprintf(&file, "%s,%s,%s,,,%s,,,,,,,,,,,\n", p.Number, p.Given.Display, p.Surname.Display, p.Born)
	}
	return file.Bytes()
}

// TestImportConflict: rows that somebody else registers between reading and
// writing are taken up, not lost and not fatal.
func TestImportConflict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, nil)
		im := &importer{book: b, journal: j, actor: clerk, report: sheet.NewReport(nil), known: newIntern(nil)}
		p := sample(t)
		stale, err := im.sort(ctx, []incoming{{person: p}})
		if err != nil || len(stale.added) != 1 {
			t.Fatal(err)
		}
		save(t, b, j, &p)
		if err := im.write(ctx, stale, 2, 2); err == nil {
			t.Fatal("one person was registered twice")
		}
		for i := range im.has {
			im.has[i] = true
		}
		if err := im.flush(ctx, []incoming{{person: p}}); err != nil {
			t.Fatal(err)
		}
		stale = sorted{changed: []Person{p}}
		stale.changed[0].Version = 7
		if f := fault.Of(im.write(ctx, stale, 2, 2)); f == nil || f.Key != "person.version" {
			t.Fatal(f)
		}
	})
}

func BenchmarkImport(b *testing.B) {
	n := many(b)
	file := people(b, n)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		book, j := open(b, storetest.SQLite(b), nil)
		began := time.Now()
		report, err := book.Import(context.Background(), clerk, j, io.NopCloser(bytes.NewReader(file)), nil, nil)
		if err != nil || report.Added != n {
			b.Fatal(tally(report), err, lines(report)[:min(3, len(report.Lines))])
		}
		b.Logf("%d persons in %v", n, time.Since(began).Round(time.Millisecond))
	}
}
