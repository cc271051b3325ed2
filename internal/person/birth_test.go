package person

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/store/storetest"
)

var supervisor = journal.Actor{Role: "supervisor", ID: "chief"}

// spell lists the faults in an error: field and key.
func spell(err error) string {
	if err == nil {
		return ""
	}
	f := fault.Of(err)
	var all []string
	for _, e := range append([]*fault.Error{f}, f.More...) {
		all = append(all, strings.TrimSpace(e.Field+" "+e.Key))
		if !message.Known(e.Key) {
			all = append(all, "no text for "+e.Key)
		}
	}
	return strings.Join(all, ", ")
}

// family is the parents that births of the tests name.
type family struct{ father, mother, boy, dead, void, widow ids.NationalNumber }

func settleFamily(t testing.TB, b *Book) family {
	t.Helper()
	f := family{nth(990_000_001), nth(990_000_002), nth(990_000_003), nth(990_000_004), nth(990_000_005), nth(990_000_006)}
	if _, err := Load(context.Background(), b.db, func(yield func(Person, error) bool) {
		one := sample(t)
		for n, change := range map[ids.NationalNumber]func(p *Person){
			f.father: func(p *Person) { p.Given = name(t, "علی") },
			f.mother: func(p *Person) { p.Sex, p.Given = Female, name(t, "زهرا") },
			f.boy:    func(p *Person) { p.Born = date(t, "1396-01-01") },
			f.dead:   func(p *Person) { p.State, p.Died = Deceased, date(t, "1404-10-19") },
			f.void:   func(p *Person) { p.State = Cancelled },
			f.widow:  func(p *Person) { p.Sex, p.State, p.Died = Female, Deceased, date(t, "1405-08-20") },
		} {
			p := one
			p.Number = n
			change(&p)
			if !yield(p, nil) {
				return
			}
		}
	}, nil); err != nil {
		t.Fatal(err)
	}
	offices(t, b, Office{Code: 10001, Name: "تهران", Province: "تهران", County: "تهران", Prefixes: []Prefix{1}})
	return f
}

// birth is one with nothing wrong, ten days before the tests' day.
func (f *family) birth(t testing.TB, notification string) Birth {
	return Birth{
		Notification: notification, Order: 1, Office: 10001, Given: name(t, "سارا"), Surname: name(t, "حسینی تهرانی"), Sex: Female,
		Born: date(t, "1405-08-20"), Place: "تهران", Father: f.father, Mother: f.mother, Declarant: ByFather,
	}
}

func TestBirth(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, (&ticking{date(t, "1405-08-30").Start()}).now)
		f := settleFamily(t, b)
		in := f.birth(t, "h-17/1")
		born, proven, err := b.RegisterBirth(ctx, j, clerk, &in)
		if err != nil || born.Again || born.Version != 1 || born.Number != number(1, 1) {
			t.Fatal(born, err)
		}
		p := find(t, b, born.Number)
		if p.Father.Display != "علی" || p.Given != in.Given || p.Version != 1 || p.State != Active || p.Shenasnameh.Office != 10001 ||
			p.Shenasnameh.IssuePlace != "تهران" || p.Shenasnameh.Number != 0 || p.Card != (Card{}) {
			t.Errorf("%+v", p)
		}
		want := fmt.Sprintf(`"kind":"life-event","actor":{"role":"clerk","id":"tester"},"why":"birth","birth":{"national_number":"%s","register_version":1,"office":10001,"birth_order":1}}`, born.Number)
		if !strings.HasSuffix(string(proven.Record), want) || proven.Subject != born.Number {
			t.Errorf("record %s", proven.Record)
		}
		r, found, err := b.BirthOf(ctx, born.Number)
		if err != nil || !found || r.Notification != "H-17/1" || r.Father != f.father || r.Mother != f.mother || r.By.Actor != clerk || r.By.Why != "birth" {
			t.Errorf("%+v %v", r, err)
		}
		// The same again, by somebody else and after a restart: the same.
		size := j.State().Size
		other := openBook(t, url)
		other.Clock = b.Clock
		again, proven2, err := other.RegisterBirth(ctx, j, supervisor, &in)
		if err != nil || !again.Again || again.Number != born.Number || !bytes.Equal(proven.Receipt().Append(nil), proven2.Receipt().Append(nil)) {
			t.Error(again, err)
		}
		// Also when the legal period is over meanwhile.
		other.Clock = date(t, "1407-01-01").Start
		if again, _, err := other.RegisterBirth(ctx, j, clerk, &in); err != nil || again.Number != born.Number {
			t.Error(again, err)
		}
		in.Surname = name(t, "تهرانی")
		if _, _, err := b.RegisterBirth(ctx, j, clerk, &in); !fault.Is(err, fault.Conflict) || spell(err) != "notification person.birth.other" {
			t.Error(err)
		}
		if n, err := b.Count(ctx); err != nil || n != 7 || j.State().Size != size {
			t.Error(n, err, j.State().Size, size)
		}
	})
}

func TestTwins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, (&ticking{date(t, "1405-08-30").Start()}).now)
		f := settleFamily(t, b)
		one, between, two := f.birth(t, "T1"), f.birth(t, "S1"), f.birth(t, "T1")
		two.Order, two.Given = 2, name(t, "ساره")
		born, proven, err := b.RegisterBirths(ctx, j, clerk, []Birth{one, between, two})
		if err != nil || middle(born[2].Number) != middle(born[0].Number)+1 {
			t.Fatal(born, err)
		}
		for i, p := range proven {
			if p.Subject != born[i].Number {
				t.Error("the proofs are in another order")
			}
		}
		three := two
		three.Order, three.Given = 3, name(t, "سمیرا")
		more, again, err := b.RegisterBirths(ctx, j, clerk, []Birth{two, three})
		if err != nil || !more[0].Again || more[0].Number != born[2].Number || more[1].Again || !bytes.Equal(again[0].Record, proven[2].Record) {
			t.Error(more, err)
		}
	})
}

// TestBirthOnce: whoever sends a birth, however many at once on two nodes, it
// is registered once.
func TestBirthOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, nil)
		other := openBook(t, url)
		f := settleFamily(t, b)
		b.Clock, other.Clock = date(t, "1405-08-30").Start, date(t, "1405-08-30").Start
		var writers sync.WaitGroup
		numbers := make([]ids.NationalNumber, 24)
		for w := range numbers {
			writers.Go(func() {
				in := f.birth(t, fmt.Sprint("N", w%4))
				book := b
				if w%2 == 1 {
					book = other
				}
				born, _, err := book.RegisterBirth(ctx, j, clerk, &in)
				if err != nil {
					t.Error(err)
					return
				}
				numbers[w] = born.Number
			})
		}
		writers.Wait()
		for w, n := range numbers {
			if n != numbers[w%4] {
				t.Error("one birth has two numbers")
			}
		}
		if n, err := b.Count(ctx); err != nil || n != 10 || j.State().Size != 4 {
			t.Error(n, err, j.State().Size)
		}
	})
}

// TestBirthTaken: a number that an import has brought after the block was
// reserved is passed over.
func TestBirthTaken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, (&ticking{date(t, "1405-08-30").Start()}).now)
		f := settleFamily(t, b)
		if _, err := b.Allocate(ctx, 10001, 1); err != nil {
			t.Fatal(err)
		}
		onRecordAlready(t, b, 1, 2, 3, 5, 6)
		for i, want := range []int64{4, 7} {
			in := f.birth(t, fmt.Sprint("N", i))
			born, _, err := b.RegisterBirth(ctx, j, clerk, &in)
			if err != nil || middle(born.Number) != want {
				t.Error(born, err)
			}
		}
	})
}

func TestBirthRefused(t *testing.T) {
	b, j := open(t, storetest.SQLite(t), date(t, "1405-08-30").Start)
	f := settleFamily(t, b)
	for want, change := range map[string]func(in *Birth){
		"":                                          func(in *Birth) { in.Born = date(t, "1405-08-15") },
		"notification person.birth.notification":    func(in *Birth) { in.Notification = "۱۲-" },
		"notification person.missing":               func(in *Birth) { in.Notification = " " },
		"birth_order person.missing":                func(in *Birth) { in.Order = 0 },
		"birth_order person.birth.order":            func(in *Birth) { in.Order = 10 },
		"office person.missing":                     func(in *Birth) { in.Office = 0 },
		"office person.office":                      func(in *Birth) { in.Office = 100_000 },
		"office person.office.unknown":              func(in *Birth) { in.Office = 10002 },
		"given_name person.missing":                 func(in *Birth) { in.Given.Display = "" },
		"birth_date person.date.precise":            func(in *Birth) { in.Born.Day = 0 },
		"birth_date person.date.future":             func(in *Birth) { in.Born = date(t, "1405-09-01") },
		"birth_place person.missing":                func(in *Birth) { in.Place = " " },
		"birth_place person.long":                   func(in *Birth) { in.Place = strings.Repeat("ن", 101) },
		"birth_place persian.text.control":          func(in *Birth) { in.Place = "ت\u202eن" },
		"sex person.missing":                        func(in *Birth) { in.Sex = 0 },
		"declarant person.missing":                  func(in *Birth) { in.Declarant = "" },
		"declarant person.word":                     func(in *Birth) { in.Declarant = "neighbour" },
		"father_name person.missing":                func(in *Birth) { in.Father = 0 },
		"mother_number person.birth.parent.same":    func(in *Birth) { in.Mother = in.Father },
		"father_number person.birth.parent.unknown": func(in *Birth) { in.Father = nth(990_000_099) },
		"father_number person.birth.parent.sex, mother_number person.birth.parent.sex": func(in *Birth) { in.Father, in.Mother = in.Mother, in.Father },
		"father_number person.birth.parent.young":                                      func(in *Birth) { in.Father = f.boy },
		"father_number person.birth.parent.dead":                                       func(in *Birth) { in.Father = f.dead },
		"father_number person.birth.parent.cancelled":                                  func(in *Birth) { in.Father = f.void },
		"mother_number person.birth.parent.dead":                                       func(in *Birth) { in.Mother, in.Born = f.widow, date(t, "1405-08-21") },
		"father_name person.birth.parent.name":                                         func(in *Birth) { in.FatherName = name(t, "رضا") },
		"late person.birth.late":                                                       func(in *Birth) { in.Born = date(t, "1405-08-14") },
		"late person.birth.timely":                                                     func(in *Birth) { in.Late, in.Document = true, "۱" },
		"document person.missing":                                                      func(in *Birth) { in.Born, in.Late = date(t, "1405-08-14"), true },
		"birth_date person.birth.supervisor":                                           func(in *Birth) { in.Born, in.Late, in.Document = date(t, "1404-08-29"), true, "۱" },
		"birth_date person.birth.old": func(in *Birth) {
			in.Born, in.Late, in.Document, in.Father, in.Mother, in.FatherName = date(t, "1285-08-29"), true, "۱", 0, 0, name(t, "علی")
		},
		"birth_order person.birth.order, given_name person.missing, sex person.missing": func(in *Birth) {
			in.Order, in.Given, in.Sex = 10, in.MotherName, 3
		},
	} {
		in := f.birth(t, "N1")
		if want == "" {
			in.Notification = "N0"
		}
		change(&in)
		_, _, err := b.RegisterBirth(context.Background(), j, clerk, &in)
		if got := spell(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if n, err := b.Count(context.Background()); err != nil || n != 7 {
		t.Error(n, err)
	}
	in := f.birth(t, "N2")
	for _, role := range []string{"post", "municipality", "printer", "citizen", "", "officer"} {
		if _, _, err := b.RegisterBirth(context.Background(), j, journal.Actor{Role: role, ID: "x"}, &in); !fault.Is(err, fault.Forbidden) {
			t.Error(role, err)
		}
	}
	in.Born, in.Late, in.Document = date(t, "1404-08-29"), true, "رأی ۱۲"
	if _, p, err := b.RegisterBirth(context.Background(), j, supervisor, &in); err != nil || !strings.Contains(string(p.Record), `"why":"late-birth"`) {
		t.Error(err)
	}
}

// TestBirthBatch: all or none, with every mistake.
func TestBirthBatch(t *testing.T) {
	b, j := open(t, storetest.SQLite(t), date(t, "1405-08-30").Start)
	f := settleFamily(t, b)
	in := []Birth{f.birth(t, "A"), f.birth(t, "B"), f.birth(t, "A"), f.birth(t, "C")}
	in[1].Father, in[3].Place = nth(990_000_099), ""
	_, _, err := b.RegisterBirths(context.Background(), j, clerk, in)
	if want := "births.1.father_number person.birth.parent.unknown, births.2.notification sheet.twice, births.3.birth_place person.missing"; spell(err) != want {
		t.Errorf("got %s\nwant %s", spell(err), want)
	}
	for _, n := range []int{0, 1001} {
		if _, _, err := b.RegisterBirths(context.Background(), j, clerk, make([]Birth, n)); spell(err) != "births person.birth.batch" {
			t.Error(n, err)
		}
	}
	if n, err := b.Count(context.Background()); err != nil || n != 6 || j.State().Size != 0 {
		t.Error(n, err)
	}
	in = nil
	for i := range MaxBirths {
		in = append(in, f.birth(t, fmt.Sprint("M", i)))
	}
	born, proven, err := b.RegisterBirths(context.Background(), j, clerk, in)
	if err != nil || len(born) != MaxBirths || len(proven) != MaxBirths || j.State().Size != MaxBirths {
		t.Fatal(len(born), err)
	}
	v, err := note.NewVerifier(j.State().VerifierKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := proven[999].Receipt().Verify(v); err != nil {
		t.Error(err)
	}
}

const birthFile = `شناسه گواهی ولادت,office,نام,surname,sex,birth_date,birth_place,father_number,mother_number,اعلام‌کننده,ترتیب تولد,late,document
A-1,10001,سارا,حسینی,زن,1405/08/20,تهران,9900000014,9900000022,پدر,,,
A-1,10001,ساره,حسینی,زن,1405/08/20,تهران,9900000014,9900000022,پدر,۲,,
A-2,10009,سینا,حسینی,مرد,1405/08/20,تهران,9900000014,,mother,,,
A-3,10001,سینا,حسینی,مرد,1405/08/20,تهران,123,,mother,x,,
A-4,10001,سینا,حسینی,مرد,1405/08/20,تهران,9900000014,,mother,,,
`

func TestBirthImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, date(t, "1405-08-30").Start)
		f := settleFamily(t, b)
		file := strings.NewReplacer("9900000014", f.father.String(), "9900000022", f.mother.String()).Replace(birthFile)
		r, err := b.ImportBirths(ctx, clerk, j, strings.NewReader(file), nil, nil)
		if got := tally(r); err != nil || got != "rows 5 accepted 3 refused 2 added 3 changed 0 unchanged 0 restored 0" {
			t.Fatal(got, err)
		}
		var got []string
		for _, l := range r.Lines {
			got = append(got, fmt.Sprintf("%d %s %s", l.Row, l.Column, l.Key))
		}
		if want := "5 birth_order person.birth.order|5 father_number ids.number.length|4 office person.office.unknown"; strings.Join(got, "|") != want {
			t.Errorf("got %q", got)
		}
		r, err = b.ImportBirths(ctx, clerk, j, strings.NewReader(file), nil, nil)
		if got := tally(r); err != nil || got != "rows 5 accepted 3 refused 2 added 0 changed 0 unchanged 3 restored 0" {
			t.Error(got, err)
		}
		if n, err := b.Count(ctx); err != nil || n != 9 || j.State().Size != 3 {
			t.Error(n, err)
		}
		if _, err := b.ImportBirths(ctx, journal.Actor{Role: "post", ID: "p"}, j, strings.NewReader(file), nil, nil); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}

func TestOfficeImport(t *testing.T) {
	ctx := context.Background()
	b, j := open(t, storetest.SQLite(t), nil)
	load := func(file string) string {
		r, err := b.ImportOffices(ctx, supervisor, j, strings.NewReader(file), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := tally(r)
		for _, l := range r.Lines {
			text += fmt.Sprintf("; %d %s %s", l.Row, l.Column, l.Key)
		}
		return text
	}
	file := "کد اداره,نام اداره,استان,شهرستان,پیش‌شماره‌ها\n10001,تهران,تهران,تهران,001 ۰۰۲\n10372,سنندج,کردستان,سنندج,372\n"
	if got := load(file); got != "rows 2 accepted 2 refused 0 added 2 changed 0 unchanged 0 restored 0" {
		t.Error(got)
	}
	if got := load(strings.Replace(file, ",372", ",372 373", 1)); got != "rows 2 accepted 2 refused 0 added 0 changed 1 unchanged 1 restored 0" {
		t.Error(got)
	}
	if got := load("code,name,prefixes\n1,الف,1\n10001,تهران,001\n10001,تهران,001\n,x,\n"); got !=
		"rows 4 accepted 1 refused 3 added 0 changed 1 unchanged 0 restored 0; 2 prefixes person.office.prefix; 4 code sheet.twice; 5 code person.missing" {
		t.Error(got)
	}
	if o, err := b.Office(ctx, 10372); err != nil || len(o.Prefixes) != 2 || j.State().Size != 3 {
		t.Error(o, err, j.State().Size)
	}
}

// TestBirthTexts: every header means one column.
func TestBirthTexts(t *testing.T) {
	for _, columns := range [][]string{birthColumns[:], officeColumns[:]} {
		prefix := "person.birth.column."
		if len(columns) == len(officeColumns) {
			prefix = "person.office.column."
		}
		seen := map[string]bool{}
		for _, c := range headers(columns, prefix) {
			for also := range strings.SplitSeq(c.Name+"|"+c.Also, "|") {
				if seen[also] && also != c.Name || strings.HasPrefix(also, "[") {
					t.Errorf("%q means two columns, or nothing", also)
				}
				seen[also] = true
			}
		}
	}
}
