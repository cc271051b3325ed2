package place

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func day(text string) persian.Date {
	d, err := persian.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func (s *stage) today(text string) {
	s.Clock = func() time.Time { return day(text).Start().Add(9 * time.Hour) }
}

func TestPlates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, s := context.Background(), on(t, url)
		s.today("1405-08-20")
		a, b := s.assigned(14169, "house_number", "1", "floor", "اول"), s.assigned(14169, "house_number", "1", "floor", "دوم")
		c := s.assigned(14169, "house_number", "3")
		e, proven, err := s.Order(ctx, s.j, townsman, &Ordering{Grounds: grounds, Address: inTehran("house_number", "1"), Within: tehran})
		s.good(proven, err)
		if !slices.Equal(e.Codes, []ids.PostalCode{a.Code, b.Code}) || e.State != Ordered || e.Since != day("1405-08-20") || e.Version != 1 {
			t.Errorf("%+v", e)
		}
		_, _, err = s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Codes: []ids.PostalCode{a.Code}})
		s.bad("conflict  place.plate.ordered", err)
		_, _, err = s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Codes: []ids.PostalCode{a.Code, c.Code}})
		s.bad("invalid postal_codes.1 place.plate.apart", err)
		_, _, err = s.Order(ctx, s.j, townsman, &Ordering{Grounds: grounds, Codes: []ids.PostalCode{c.Code}, Within: Area{Province: "البرز"}})
		s.bad("forbidden postal_codes.0 place.outside", err)
		_, _, err = s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Address: inTehran("house_number", "77")})
		s.bad("not-found address place.nowhere", err)
		_, _, err = s.Lose(ctx, s.j, townsman, &Losing{Grounds: grounds, Entrance: e.ID, State: Missing, Within: tehran})
		s.bad("conflict entrance place.plate.down", err)

		up := &Installing{Grounds: grounds, Entrance: e.ID, Version: 1, Installer: "شرکت پلاک‌سازان", Within: tehran}
		_, _, err = s.Install(ctx, s.j, postman, &Installing{Grounds: grounds, Entrance: e.ID, Installer: "x", On: day("1405-08-01")})
		s.bad("invalid on place.plate.early", err)
		_, _, err = s.Install(ctx, s.j, postman, &Installing{Grounds: grounds, Entrance: e.ID, Installer: "x", On: day("1405-08-21")})
		s.bad("invalid on place.day", err)
		e, proven, err = s.Install(ctx, s.j, townsman, up)
		s.good(proven, err)
		if e.State != Installed || e.Installer != up.Installer || e.Version != 2 {
			t.Errorf("%+v", e)
		}
		_, _, err = s.Install(ctx, s.j, townsman, up)
		s.bad("conflict version place.version", err)
		// The flats of a split place stand behind the same entrance.
		done, _, err := s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: b.Code, Into: make([]Successor, 2)})
		if err != nil {
			t.Fatal(err)
		}
		e, proven, err = s.Lose(ctx, s.j, postman, &Losing{Grounds: grounds, Entrance: e.ID, State: Damaged})
		s.good(proven, err)
		if want := []ids.PostalCode{a.Code, done.Places[0].Code, done.Places[1].Code}; e.State != Damaged || !slices.Equal(e.Codes, want) {
			t.Errorf("%+v", e)
		}
		s.platesInAll(e, c)
	})
}

func (s *stage) platesInAll(e *Entrance, c Place) {
	ctx, t := context.Background(), s.t
	if _, _, err := s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Codes: []ids.PostalCode{c.Code}}); err != nil {
		t.Fatal(err)
	}
	alborz := at("province", "البرز", "county", "کرج", "locality", "کرج", "street", "بهار")
	if _, _, err := s.Assign(ctx, s.j, postman, &Assigning{Grounds: grounds, Area: 31111, Address: alborz}); err != nil {
		t.Fatal(err)
	}
	table, err := s.Progress(ctx, postman, &Counting{})
	want := []Progress{{Name: "البرز", Places: 1, Without: 1}, {Name: "تهران", Places: 4, Ordered: 1, Damaged: 1}}
	if err != nil || len(table.Rows) != 2 || *table.Rows[0] != want[0] || *table.Rows[1] != want[1] {
		t.Errorf("%+v %v", table, err)
	}
	table, err = s.Progress(ctx, townsman, &Counting{Within: tehran})
	if err != nil || len(table.Rows) != 1 || table.Rows[0].Name != "" || table.Rows[0].Places != 4 {
		t.Errorf("%+v %v", table, err)
	}
	_, err = s.Progress(ctx, townsman, &Counting{Within: tehran, Address: at("province", "البرز")})
	s.bad("forbidden address place.outside", err)
	_, err = s.Entrances(ctx, clerk2, &Looking{})
	s.bad("forbidden  register.role", err)
	page, err := s.Entrances(ctx, townsman, &Looking{Within: tehran, Limit: 1})
	if err != nil || len(page.Entrances) != 1 || page.Entrances[0].ID != e.ID || page.Next == "" {
		t.Fatalf("%+v %v", page, err)
	}
	page, err = s.Entrances(ctx, townsman, &Looking{Within: tehran, Limit: 1, After: page.Next})
	if err != nil || len(page.Entrances) != 1 || page.Entrances[0].ID == e.ID || page.Next != "" {
		t.Errorf("%+v %v", page, err)
	}
	page, err = s.Entrances(ctx, postman, &Looking{State: Missing})
	if err != nil || len(page.Entrances) != 0 {
		t.Errorf("%+v %v", page, err)
	}
	_, err = s.Entrances(ctx, postman, &Looking{After: "x"})
	s.bad("malformed after place.cursor", err)
}

var clerk2 = journal.Actor{Role: register.Clerk, ID: "c1"}

func TestReport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, s := context.Background(), on(t, url)
		s.today("1405-08-20")
		a, b := s.assigned(14169, "house_number", "1"), s.assigned(14169, "house_number", "2", "floor", "اول")
		c := s.assigned(14169, "house_number", "2", "floor", "دوم")
		in := func() *Reporting {
			return &Reporting{Month: day("1405-07"), Document: "۱۲۳", Area: tehran, Lines: []Line{
				{Kind: Added, New: at("street", "آزادی", "house_number", "5")},
				{Kind: Demolished, Code: a.Code},
				{Kind: Renamed, Old: at("street", "انقلاب"), New: at("street", "جمهوری")},
				{Kind: Renumbered, Old: at("street", "انقلاب", "house_number", "۲"), New: at("house_number", "4")},
				{Kind: Demolished, Old: at("province", "البرز", "street", "بهار", "house_number", "2")},
				{Kind: Demolished, Code: 1999999999},
			}}
		}
		done, proven, err := s.Submit(ctx, s.j, townsman, in())
		s.good(proven, err)
		if done.Report != 1 || done.Taken != 4 || len(done.Refused) != 2 || done.Refused[0].Line != 5 ||
			done.Refused[0].Field != "lines.4.old" || done.Refused[0].Key != "place.report.outside" || done.Refused[1].Key != "place.unknown" {
			t.Errorf("%+v", done)
		}
		_, _, err = s.Submit(ctx, s.j, townsman, in())
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || len(f.More) != 5 {
			t.Error("the same again:", err)
		}
		again := in()
		again.Lines = append(again.Lines[:2], Line{Kind: Added, New: at("street", "آزادی", "house_number", "7")})
		if done, _, err = s.Submit(ctx, s.j, townsman, again); err != nil || done.Report != 2 || done.Taken != 1 || len(done.Refused) != 2 {
			t.Errorf("a supplement: %+v %v", done, err)
		}
		nothing := &Reporting{Month: day("1405-08"), Document: "۱۲۴", Area: tehran}
		if done, _, err = s.Submit(ctx, s.j, townsman, nothing); err != nil || done.Taken != 0 || done.Report != 3 {
			t.Errorf("nothing changed: %+v %v", done, err)
		}
		s.refusedReports()
		s.review(a, b, c)
	})
}

func (s *stage) refusedReports() {
	ctx := context.Background()
	for want, change := range map[string]func(*Reporting){
		"invalid month place.report.month":       func(r *Reporting) { r.Month = day("1405-07-01") },
		"invalid month place.report.future":      func(r *Reporting) { r.Month = day("1405-09") },
		"invalid  place.report.area":             func(r *Reporting) { r.Area = Area{} },
		"invalid document register.document":     func(r *Reporting) { r.Document = "" },
		"invalid file place.report.both":         func(r *Reporting) { r.File, r.Lines = "x", make([]Line, 1) },
		"invalid lines place.report.many":        func(r *Reporting) { r.Lines = make([]Line, maxLines+1) },
		"invalid lines.0.kind place.missing":     func(r *Reporting) { r.Lines = make([]Line, 1) },
		"invalid lines.0.old place.report.which": func(r *Reporting) { r.Lines = []Line{{Kind: Demolished, Old: at("street", "x")}} },
		"invalid lines.0.postal_code place.report.new": func(r *Reporting) {
			r.Lines = []Line{{Kind: Added, Code: 1416932790, New: at("street", "x")}}
		},
		"invalid lines.0.new place.report.outside": func(r *Reporting) {
			r.Lines = []Line{{Kind: Added, New: at("locality", "ری", "street", "x")}}
		},
		"invalid file.kind sheet.column.missing": func(r *Reporting) { r.File = "a,b\n1,2\n" },
		"invalid file.2.kind place.word":         func(r *Reporting) { r.File = "kind,new_street\nx,y\n" },
	} {
		in := &Reporting{Month: day("1405-07"), Document: "۱۲۳", Area: tehran}
		change(in)
		_, _, err := s.Submit(ctx, s.j, townsman, in)
		s.bad(want, err)
	}
	_, _, err := s.Submit(ctx, s.j, postman, &Reporting{})
	s.bad("forbidden  register.role", err)
}

// review decides report 1, of which line 1 is an added place, 2 the end of a,
// 3 the new name of the street of a, b and c, 4 the new number of b and c.
func (s *stage) review(a, b, c Place) {
	ctx, t := context.Background(), s.t
	for want, d := range map[string]Decision{
		"not-found lines.0.line place.report.line":       {Line: 9, Accept: true},
		"invalid lines.0.area_code place.code.one":       {Line: 1, Accept: true},
		"invalid lines.0.reason register.reason":         {Line: 1},
		"invalid lines.0.reason place.report.reason":     {Line: 1, Accept: true, Reason: "no"},
		"conflict lines.0.postal_code place.taken":       {Line: 1, Accept: true, Codes: []ids.PostalCode{a.Code}},
		"not-found lines.0.postal_codes.0 place.unknown": {Line: 4, Accept: true, Codes: []ids.PostalCode{1999999999}},
	} {
		_, _, err := s.Review(ctx, s.j, postman, &Reviewing{Report: 1, Lines: []Decision{d}})
		s.bad(want, err)
	}
	_, _, err := s.Review(ctx, s.j, townsman, &Reviewing{})
	s.bad("forbidden  register.role", err)
	report, proven, err := s.Review(ctx, s.j, postman, &Reviewing{Report: 1, Lines: []Decision{
		{Line: 2, Accept: true}, {Line: 4, Accept: true}, {Line: 3, Accept: true},
	}})
	s.good(proven, err)
	if report.Waiting != 1 {
		t.Errorf("%+v", report)
	}
	for code, want := range map[ids.PostalCode]string{a.Code: "انقلاب 1 retired 2", b.Code: "جمهوری 4 active 3", c.Code: "جمهوری 4 active 3"} {
		p := find(t, s.Book, code)
		if got := fmt.Sprintf("%s %s %s %d", p.Street, p.House, p.State, p.Version); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	_, proven, err = s.Review(ctx, s.j, postman, &Reviewing{Report: 1, Lines: []Decision{{Line: 1, Accept: true, Area: 14169, Note: "پلاک سفارش دهید"}}})
	s.good(proven, err)
	_, proven, err = s.Review(ctx, s.j, postman, &Reviewing{Report: 2, Lines: []Decision{{Line: 3, Reason: "no-permit"}}})
	s.good(proven, err)
	_, _, err = s.Review(ctx, s.j, postman, &Reviewing{Report: 1, Lines: []Decision{{Line: 1, Reason: "no-permit"}}})
	s.bad("conflict lines.0.line place.report.decided", err)

	report, err = s.Report(ctx, townsman, &ReportOf{Report: 1})
	if err != nil || report.Waiting != 0 || len(report.Reply) != 4 {
		t.Fatalf("%+v %v", report, err)
	}
	first := report.Reply[0]
	if first.State != Accepted || len(first.Codes) != 1 || first.Codes[0] != 1416900004 || first.Note != "پلاک سفارش دهید" || first.Officer != "p1" || *first.New.House != "5" {
		t.Errorf("%+v", first)
	}
	if n := report.Reply[2].Places; n != 2 {
		t.Error(n, "places renamed, want 2: the third is gone")
	}
	_, err = s.Report(ctx, journal.Actor{Role: register.Municipality, Agency: 1, ID: "x"}, &ReportOf{Report: 1})
	s.bad("not-found report place.report.unknown", err)
	for want, in := range map[int]Listing{3: {}, 0: {Waiting: true}, 2: {After: 1}} {
		if all, err := s.Reports(ctx, postman, &in); err != nil || len(all.Reports) != want {
			t.Errorf("%+v: %+v %v", in, all, err)
		}
	}
	// A refused line may be reported again.
	again := &Reporting{Month: day("1405-07"), Document: "۱۲۶", Area: tehran, Lines: []Line{{Kind: Added, New: at("street", "آزادی", "house_number", "7")}}}
	if _, _, err := s.Submit(ctx, s.j, townsman, again); err != nil {
		t.Error(err)
	}
}

// What moves into a street between the search and the transaction is renamed too.
func TestReviewRace(t *testing.T) {
	ctx, s := context.Background(), on(t, storetest.SQLite(t))
	s.today("1405-08-20")
	s.assigned(14169, "house_number", "1")
	in := &Reporting{Month: day("1405-07"), Document: "۱۲۳", Area: tehran, Lines: []Line{{Kind: Renamed, Old: at("street", "انقلاب"), New: at("street", "جمهوری")}}}
	if _, _, err := s.Submit(ctx, s.j, townsman, in); err != nil {
		t.Fatal(err)
	}
	found, err := s.searchAll(ctx, &Reviewing{Report: 1, Lines: []Decision{{Line: 1, Accept: true}}})
	if err != nil || len(found.codes[1]) != 1 {
		t.Fatal(found, err)
	}
	late := s.assigned(14169, "house_number", "2")
	if err := s.db.Read(ctx, func(tx *store.Tx) error {
		v := &review{writing: &writing{tx: tx, book: s.Book}, found: found, report: &Report{area: tehran}}
		old := at("street", "انقلاب")
		places, err := v.meant(&lineRow{kind: int64(Renamed)}, &Decision{Line: 1}, &old)
		if len(places) != 2 || places[1].Code != late.Code {
			t.Error(places)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestReportFile(t *testing.T) {
	ctx, s := context.Background(), on(t, storetest.SQLite(t))
	s.today("1405-08-20")
	a := s.assigned(14169, "house_number", "1")
	file := "نوع تغییر;کد پستی;خیابان قدیم;پلاک پیشین;خیابان جدید;پلاک جدید;شهر جدید\n" +
		"احداث;;;;آزادی;۵;\n" +
		"تخریب;" + a.Code.Grouped() + ";;;;;\n" +
		"تغییر پلاک;;انقلاب;1;;3;\n" +
		"احداث;;;;آزادی;6;ری\n" +
		"added;12;;;آزادی;7;\n" +
		"نامعلوم;;;;;;\n"
	done, _, err := s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-07"), Document: "۱", Area: tehran, File: file})
	if err != nil || done.Taken != 3 {
		t.Fatalf("%+v %v", done, err)
	}
	var got []string
	for _, b := range done.Refused {
		got = append(got, fmt.Sprint(b.Line, " ", b.Field, " ", b.Key))
	}
	if want := []string{"5 new place.report.outside", "6 postal_code ids.postal.length", "7 kind place.word"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	report, err := s.Report(ctx, townsman, &ReportOf{Report: 1})
	if err != nil || !report.File || report.Refused != 3 || report.Reply[2].Number != 4 || *report.Reply[2].New.House != "3" || *report.Reply[2].Old.Street != "انقلاب" {
		t.Errorf("%+v %v", report, err)
	}
	raw, err := charmap.Windows1256.NewEncoder().String("kind,new_street,new_house_number\nadded,خيابان,8\n")
	if err != nil {
		t.Fatal(err)
	}
	done, _, err = s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-07"), Document: "۱", Area: tehran, Raw: []byte(raw)})
	if err != nil || done.Encoding != "Windows-1256" || done.Taken != 1 {
		t.Errorf("%+v %v", done, err)
	}
	_, _, err = s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-07"), Document: "۱", Area: tehran, File: file, Raw: []byte(raw)})
	s.bad("invalid file place.report.both", err)
	long := "kind,new_street,new_house_number\n"
	var rows strings.Builder
	for i := range maxLines + 1 {
		fmt.Fprintf(&rows, "added,x,%d\n", i)
	}
	_, _, err = s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-07"), Document: "۱", Area: tehran, File: long + rows.String()})
	s.bad("invalid file place.report.many", err)
	// Rows that mean nothing count, and a small file does not buy a huge answer.
	junk := "kind,new_street,new_house_number\nadded,x,1\n" + strings.Repeat("x\n", maxLines-1)
	done, _, err = s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-06"), Document: "۱", Area: tehran, File: junk})
	if err != nil || done.Taken != 1 || len(done.Refused) != maxBad {
		t.Errorf("%d lines, %d mistakes told: %v", done.Taken, len(done.Refused), err)
	}
	if report, err = s.Report(ctx, townsman, &ReportOf{Report: done.Report}); err != nil || report.Refused != maxLines-1 {
		t.Errorf("%d lines were counted as refused: %v", report.Refused, err)
	}
	_, _, err = s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-05"), Document: "۱", Area: tehran, File: junk + "x\n"})
	s.bad("invalid file place.report.many", err)
}

func TestOverdue(t *testing.T) {
	ctx, s := context.Background(), on(t, storetest.SQLite(t))
	s.today("1405-06-20")
	if _, _, err := s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-05"), Document: "۱", Area: tehran}); err != nil {
		t.Fatal(err)
	}
	who := []Reporter{{townsman.Agency, "شهرداری تهران"}, {10100000012, "شهرداری کرج"}}
	list := func(actor journal.Actor, since string) string {
		all, err := s.Overdue(ctx, actor, day(since), who)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, o := range all {
			text += fmt.Sprint(o.Agency.String(), o.Months, " ")
		}
		return text
	}
	s.today("1405-07-10") // Farvardin to Shahrivar are over; Shahrivar may be reported today
	if got, want := list(postman, "1405-04"), "14003552272[1405-04] 10100000012[1405-04 1405-05] "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.today("1405-07-11")
	if got, want := list(townsman, "1405-05"), "14003552272[1405-06] "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.ReportDay = 15
	if got := list(townsman, "1405-05"); got != "" {
		t.Errorf("got %q", got)
	}
	_, err := s.Overdue(ctx, postman, day("1405"), who)
	s.bad("invalid since place.report.month", err)
}

// Many municipalities report on the same day, and order plates.
func TestReportConcurrently(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const towns = 8
		ctx, s := context.Background(), on(t, url)
		s.today("1405-08-20")
		var codes []ids.PostalCode
		for i := range towns {
			codes = append(codes, s.assigned(14169, "house_number", fmt.Sprint(i)).Code)
		}
		var all sync.WaitGroup
		for i := range towns {
			all.Go(func() {
				who := journal.Actor{Role: register.Municipality, Agency: ids.LegalID(i + 1), ID: "m"}
				in := &Reporting{Month: day("1405-07"), Document: "۱", Area: tehran, Lines: []Line{{Kind: Demolished, Code: codes[i]}}}
				if _, _, err := s.Submit(ctx, s.j, who, in); err != nil {
					t.Error(err)
				}
				if _, _, err := s.Order(ctx, s.j, who, &Ordering{Grounds: grounds, Codes: codes[i : i+1], Within: tehran}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if all, err := s.Reports(ctx, postman, &Listing{}); err != nil || len(all.Reports) != towns || all.Reports[towns-1].ID != towns {
			t.Errorf("%+v %v", all, err)
		}
		if page, err := s.Entrances(ctx, postman, &Looking{}); err != nil || len(page.Entrances) != towns || page.Entrances[towns-1].ID != towns {
			t.Errorf("%+v %v", page, err)
		}
	})
}
