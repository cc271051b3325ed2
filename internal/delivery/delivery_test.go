package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// desk is a register of persons, an agency with an agreement, and deliveries.
type desk struct {
	*testing.T
	db         *store.DB
	journal    *journal.Journal
	persons    *person.Book
	places     *place.Book
	agencies   *agency.Book
	agreements *agreement.Book
	jobs       *job.Queue
	book       *delivery.Book
	board      *board.Book
	dir        string
	people     []person.Person
	ahead      atomic.Int64 // how far the clock is ahead

	agency               ids.LegalID
	head, officer, other journal.Actor
	supervisor, clerk    journal.Actor
	agreementID          int64
	secret, public       string
	fields               []string
	config               delivery.Config
}

func (k *desk) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *desk) refused(err error, kind fault.Kind, keys ...string) {
	k.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind {
		k.Errorf("got %v, want %v %v", err, kind, keys)
		return
	}
	var got []string
	for _, e := range append([]*fault.Error{f}, f.More...) {
		got = append(got, e.Key)
	}
	slices.Sort(got)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		k.Errorf("got %q, want %q", got, keys)
	}
}

func number(i int) ids.NationalNumber {
	nine := int64(1_000_000 + 7*i)
	return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
}

func legal(n int64) ids.LegalID {
	ten := 1_400_000_000 + n
	return ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
}

var (
	given    = []string{"زهرا", "مریم", "علی", "رضا", "فاطمه", "حسین", "نرگس", "امیر", "سارا", "محمد", "لیلا", "کاظم", "پرویز"}
	surnames = []string{"کریمی", "رضایی", "احمدی", "موسوی", "جعفری", "صادقی", "رستمی", "کاشانی", "شیرازی", "نوری", "یزدانی"}
	fathers  = []string{"علی", "حسن", "احمد", "محمود", "اکبر", "یوسف", "ابراهیم"}
	homes    = []ids.PostalCode{1416932790, 7133333331}
)

// who is what befell a person of the tests.
const (
	died = 300 + iota
	cancelled
	protected
	reviewed
)

func (k *desk) populate(n int) {
	k.Helper()
	name := func(s string) persian.Name {
		v, err := persian.ParseName(s)
		k.must(err)
		return v
	}
	for i := range n {
		p := person.Person{
			Number: number(i), Given: name(given[i%13]), Surname: name(surnames[i%11]), Father: name(fathers[i%7]), Sex: person.Sex(1 + i%2),
			State: person.Active, Born: persian.Date{Year: int16(1330 + i%53), Month: int16(1 + i%12), Day: int16(1 + i%29)},
			Postal: homes[i%2], ResidenceSince: persian.Date{Year: 1400, Month: 1, Day: 1},
		}
		p.Shenasnameh.Number = ids.ShenasnamehNumber(100 + 3*i)
		p.Shenasnameh.Office, p.Shenasnameh.IssuePlace = 10000+i%5, []string{"تهران", "ری", "شیراز", "قم", "کاشان"}[i%5]
		switch i {
		case died:
			p.State, p.Died = person.Deceased, persian.Date{Year: 1402, Month: 1, Day: 1}
		case cancelled:
			p.State = person.Cancelled
		case protected:
			p.State = person.Protected
		case reviewed:
			p.State = person.UnderReview
		}
		k.people = append(k.people, p)
	}
	_, err := place.Load(ctx, k.db, func(yield func(place.Place, error) bool) {
		for i, code := range homes {
			p := place.Place{Code: code, Province: []string{"تهران", "فارس"}[i], County: "ری", Locality: "تهران", Street: "انقلاب", House: "12", State: place.Active}
			if !yield(p, nil) {
				return
			}
		}
	}, nil)
	k.must(err)
	_, err = person.Load(ctx, k.db, func(yield func(person.Person, error) bool) {
		for _, p := range k.people {
			if !yield(p, nil) {
				return
			}
		}
	}, nil)
	k.must(err)
}

func (k *desk) now() time.Time { return time.Now().Add(time.Duration(k.ahead.Load())) }

func open(t *testing.T, url string) *desk {
	t.Helper()
	k := &desk{T: t, dir: filepath.Join(t.TempDir(), "deliveries"), agency: legal(1), fields: []string{"national_number", "given_name", "surname", "postal_code"}}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	k.must(err)
	k.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	k.must(err)
	t.Cleanup(k.journal.Close)
	k.db, err = store.Open(ctx, url, store.Register)
	k.must(err)
	t.Cleanup(func() { _ = k.db.Close() })
	k.populate(900)
	k.places, err = place.Open(ctx, k.db)
	k.must(err)
	k.persons, err = person.Open(ctx, k.db)
	k.must(err)
	k.persons.Places = k.places
	k.agencies, err = agency.Open(ctx, k.db, k.now)
	k.must(err)
	k.agreements, err = agreement.Open(ctx, k.db, k.now)
	k.must(err)
	k.jobs, err = job.Open(ctx, k.db)
	k.must(err)
	k.staff()
	k.board = boardtest.Open(t, k.db, k.now)
	image, err := mirror.Open(mirror.Config{Dir: filepath.Join(t.TempDir(), "image"), Persons: k.persons, Journal: k.journal, Register: k.db, Jobs: k.jobs, Node: "n1"})
	k.must(err)
	k.config = delivery.Config{
		DB: k.db, Journal: k.journal, Persons: k.persons, Places: k.places, Agencies: k.agencies, Agreements: k.agreements,
		Board: k.board, Mirror: image, Feeds: feed.Open(k.db, k.journal, k.persons, k.agreements), Jobs: k.jobs, Dir: k.dir, Node: "n1", Clock: k.now,
	}
	k.book, err = delivery.Open(ctx, k.config)
	k.must(err)
	k.book.Serve()
	k.secret, k.public, err = delivery.NewIdentity()
	k.must(err)
	return k
}

// staff registers the registry's people, two agencies and their agreement.
func (k *desk) staff() {
	k.Helper()
	system := journal.Actor{Role: "system", ID: "test"}
	for i, kind := range []string{"", "", agency.KindRegistry} {
		_, err := k.agencies.Register(ctx, k.journal, system, &agency.Agency{ID: legal(int64(i + 1)), Name: "دستگاه آزمایشی", Kind: kind})
		k.must(err)
	}
	k.head = journal.Actor{Role: agency.RoleHead, Agency: k.agency, ID: "h1"}
	k.officer = journal.Actor{Role: agency.RoleOfficer, Agency: k.agency, ID: "o1"}
	k.other = journal.Actor{Role: agency.RoleHead, Agency: legal(2), ID: "h2"}
	k.supervisor = journal.Actor{Role: register.Supervisor, Agency: legal(3), ID: "s1"}
	k.clerk = journal.Actor{Role: register.Clerk, Agency: legal(3), ID: "c1"}
	a := &agreement.Agreement{Agency: k.agency, From: time.Now().Add(-time.Hour), Until: time.Now().AddDate(9, 0, 0), Service: "10031094100", Clauses: []agreement.Clause{{
		No: 4, Service: "delivery", Modes: []string{"disclose"}, SearchKeys: []string{"file"}, Purposes: []string{"pension"},
		Fields: append(slices.Clone(k.fields), "birth_date"),
	}, {
		No: 5, Service: "follow", Modes: []string{"disclose"}, SearchKeys: []string{"national_number"}, Purposes: []string{"pension"}, Fields: []string{"surname"},
	}}}
	_, err := k.agreements.Put(ctx, k.journal, system, a)
	k.must(err)
	k.agreementID = a.ID
}

// request is a good request.
func (k *desk) request() *delivery.Request {
	return &delivery.Request{
		Grounds: register.Grounds{Reason: "pension-act", Document: "نامه ۱۲، ۱۴۰۵-۰۱-۰۱"}, Purpose: "pension", Fields: slices.Clone(k.fields),
		Method: delivery.Media, Coverage: delivery.Declared,
	}
}

// line is a row of an agency's file.
func line(p *person.Person) []string {
	return []string{p.Number.String(), p.Given.Display, p.Surname.Display, p.Father.Display, p.Born.String(), p.Shenasnameh.Number.String()}
}

// csv is an agency's file of these people; the last rows are spelt as given.
func (k *desk) csv(people []int, more ...[]string) string {
	var b strings.Builder
	b.WriteString("کد ملی,نام,نام خانوادگی,نام پدر,تاریخ تولد,شماره شناسنامه\r\n")
	for _, i := range people {
		b.WriteString(strings.Join(line(&k.people[i]), ",") + "\r\n")
	}
	for _, row := range more {
		b.WriteString(strings.Join(row, ",") + "\r\n")
	}
	return b.String()
}

func first(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// approved requests and approves a delivery and hands in its file.
func (k *desk) approved(in *delivery.Request, file string) *delivery.Delivery {
	k.Helper()
	d, _, err := k.book.Request(ctx, k.journal, k.head, in)
	k.must(err)
	d, _, err = k.book.Upload(ctx, k.journal, k.officer, d.ID, strings.NewReader(file))
	k.must(err)
	d, _, err = k.book.Prioritise(ctx, k.journal, k.supervisor, &delivery.Priority{Delivery: d.ID, Priority: 5, Grounds: in.Grounds})
	k.must(err)
	return d
}

// run starts a delivery and waits for its job.
func (k *desk) run(id int64) *delivery.Delivery {
	k.Helper()
	d, _, err := k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: id})
	k.must(err)
	j := k.work(d.Job)
	if j.State != job.Done {
		k.Fatalf("the job ended %v: %s", j.State, j.Fault)
	}
	d, err = k.book.Find(ctx, k.head, &delivery.Of{Delivery: id})
	k.must(err)
	return d
}

// work runs the queue until a job has ended, and others too.
func (k *desk) work(id int64, more ...int64) *job.Job {
	k.Helper()
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- k.jobs.Work(working) }()
	j, err := k.jobs.Wait(ctx, id)
	for _, id := range more {
		_, late := k.jobs.Wait(ctx, id)
		err = errors.Join(err, late)
	}
	stop()
	<-ended
	k.must(err)
	return j
}

func (k *desk) keys() []note.Verifier {
	k.Helper()
	v, err := note.NewVerifier(k.journal.State().VerifierKey)
	k.must(err)
	return []note.Verifier{v}
}

func (k *desk) recipient() {
	k.Helper()
	_, _, err := k.book.SetRecipient(ctx, k.journal, k.head, &delivery.Recipient{Recipient: k.public})
	k.must(err)
}

// saved collects what a package holds.
type saved map[string]*bytes.Buffer

type nop struct{ *bytes.Buffer }

func (nop) Close() error { return nil }

func (s saved) save(name string) (io.WriteCloser, error) {
	s[name] = &bytes.Buffer{}
	return nop{s[name]}, nil
}

// fetch reads a package part by part.
func (k *desk) fetch(id int64) (*delivery.Package, []byte) {
	k.Helper()
	p, err := k.book.Package(ctx, k.officer, &delivery.Of{Delivery: id})
	k.must(err)
	var all []byte
	for no := range p.Media.Parts {
		part, err := k.book.Part(ctx, k.agency, id, int64(no))
		k.must(err)
		data, err := io.ReadAll(part)
		k.must(err)
		part.Close()
		all = append(all, data...)
	}
	return p, all
}

// TestDelivery: from the request to the acknowledgement, on both engines.
func TestDelivery(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		k := open(t, url)
		k.recipient()
		unknown := []string{"", "ناشناس", "بی‌نشان", "هیچ", "1320-02-02", "999999"}
		people := append(first(200), died, cancelled, protected, reviewed)
		d := k.approved(k.request(), k.csv(people, unknown))
		if d.State != delivery.Approved || d.Format != "csv" || d.Clause != 4 {
			t.Fatalf("%+v", d)
		}
		k.sealed(k.csv(people, unknown))
		d = k.run(d.ID)
		if d.State != delivery.Delivered || d.Rows != 205 || d.Answered != 205 {
			t.Fatalf("%+v", d)
		}
		p, data := k.fetch(d.ID)
		files := saved{}
		u, err := delivery.Unpack(bytes.NewReader(data), k.secret, k.keys(), files.save)
		k.must(err)
		if u.Rows != 205 || u.Manifest.Counts["verified"] != 201 || u.Manifest.Counts["not_found"] != 2 ||
			u.Manifest.Counts["deceased"] != 1 || u.Manifest.Counts["cancelled"] != 1 || u.Manifest.Input.SHA256 != d.SHA256 {
			t.Errorf("%+v", u.Manifest)
		}
		lines := strings.Split(strings.TrimSpace(files["result.csv"].String()), "\n")
		if len(lines) != 206 {
			t.Fatalf("%d lines", len(lines))
		}
		for i, who := range people {
			person := &k.people[who]
			has := strings.Contains(lines[1+i], person.Number.String())
			if has != (who != cancelled && who != protected) {
				t.Errorf("row %d: %s", i+2, lines[1+i])
			}
		}
		if protectedLine, unknownLine := lines[1+202], lines[1+204]; fields(protectedLine, 1) != fields(unknownLine, 1) {
			t.Errorf("a protected person is told apart: %q %q", protectedLine, unknownLine)
		}
		if !strings.Contains(lines[1+203], "under_review") {
			t.Errorf("no warning: %q", lines[1+203])
		}
		k.whoAsked(d, p)
		k.acknowledged(d, p)
	})
}

// fields cuts a row of the result: from the status on, without the code.
func fields(line string, from int) string {
	cells := strings.Split(line, ",")
	return cells[from] + "," + strings.Join(cells[3:], ",")
}

// sealed: nothing of the file stands in clear on the disk.
func (k *desk) sealed(file string) {
	k.Helper()
	name := strings.Split(strings.Split(file, "\n")[5], ",")[2]
	k.must(filepath.WalkDir(k.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(name)) {
			k.Errorf("%s holds a name in clear", filepath.Base(path))
		}
		return err
	}))
}

// whoAsked: each person of the file sees who was told about him; the row's
// code is genuine.
func (k *desk) whoAsked(d *delivery.Delivery, p *delivery.Package) {
	k.Helper()
	rows, err := k.book.RowsFrom(ctx, d.ID, 0, 1000)
	k.must(err)
	for _, i := range []int{0, 57, 202} { // the last may not be shown, and sees it all the same
		proven, found, err := k.journal.ByCode(ctx, ids.TrackingCode(rows[i].Code))
		k.must(err)
		if !found || proven.Kind != receipt.DeliveryRow || proven.Subject != rows[i].Subject || proven.Subject == 0 || proven.Agency != k.agency {
			k.Errorf("row %d: %+v", i, proven)
		}
		k.must(proven.Receipt().Verify(k.keys()...))
	}
	m, r, err := delivery.VerifyManifest([]byte(p.Text), p.Receipt, k.keys())
	k.must(err)
	if m.Delivery != d.ID || r == nil {
		k.Errorf("%+v", m)
	}
	if _, _, err := delivery.VerifyManifest([]byte(p.Text+" "), p.Receipt, k.keys()); err == nil {
		k.Error("an altered manifest verifies")
	}
}

// acknowledged: the agency says what it has; after a while all is forgotten.
func (k *desk) acknowledged(d *delivery.Delivery, p *delivery.Package) {
	k.Helper()
	_, _, err := k.book.Acknowledge(ctx, k.journal, k.officer, &delivery.Acknowledgement{Delivery: d.ID, Manifest: strings.Repeat("0", 64)})
	k.refused(err, fault.Invalid, "delivery.manifest")
	d, _, err = k.book.Acknowledge(ctx, k.journal, k.officer, &delivery.Acknowledgement{Delivery: d.ID, Manifest: p.SHA256})
	k.must(err)
	if d.State != delivery.Acknowledged || d.Acknowledged.IsZero() {
		k.Errorf("%+v", d)
	}
	k.must(k.book.Forget(ctx))
	if d, err = k.book.ByID(ctx, d.ID); err != nil || !d.Purged.IsZero() {
		k.Error("forgotten too early", err)
	}
	k.ahead.Add(int64(31 * 24 * time.Hour))
	k.must(k.book.Forget(ctx))
	left, err := filepath.Glob(filepath.Join(k.dir, "*.age"))
	k.must(err)
	rows, err := k.book.RowsFrom(ctx, d.ID, 0, 10)
	k.must(err)
	if len(left) != 0 || len(rows) != 0 {
		k.Errorf("%d files and %d rows are left", len(left), len(rows))
	}
	_, err = k.book.Package(ctx, k.officer, &delivery.Of{Delivery: d.ID})
	k.refused(err, fault.NotFound, "delivery.purged")
	k.must(k.book.Forget(ctx))
}

// TestRefusals: who may not, and what is not right.
func TestRefusals(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	_, _, err := k.book.Request(ctx, k.journal, k.officer, k.request())
	k.refused(err, fault.Forbidden, "register.role")
	_, _, err = k.book.Request(ctx, k.journal, k.other, k.request())
	k.refused(err, fault.Forbidden, "delivery.agreement")
	_, _, err = k.book.Request(ctx, k.journal, k.head, &delivery.Request{})
	k.refused(err, fault.Invalid, "register.reason", "delivery.missing", "delivery.missing", "delivery.word", "delivery.word")
	in := k.request()
	in.Fields = append(in.Fields, "father_name")
	_, _, err = k.book.Request(ctx, k.journal, k.head, in)
	k.refused(err, fault.Forbidden, "delivery.agreement")
	in = k.request()
	in.Fields, in.Method = append(in.Fields, "card_serial", "surname"), delivery.API
	_, _, err = k.book.Request(ctx, k.journal, k.head, in)
	k.refused(err, fault.Invalid, "delivery.item", "delivery.twice", "delivery.method")

	d, _, err := k.book.Request(ctx, k.journal, k.head, k.request())
	k.must(err)
	of := delivery.Of{Delivery: d.ID}
	_, _, err = k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
	k.refused(err, fault.Conflict, "delivery.not_approved")
	_, err = k.book.Find(ctx, k.other, &of)
	k.refused(err, fault.NotFound, "delivery.unknown")
	_, _, err = k.book.Upload(ctx, k.journal, k.other, d.ID, strings.NewReader("x"))
	k.refused(err, fault.NotFound, "delivery.unknown")
	_, err = k.book.Preview(ctx, k.officer, &delivery.Previewing{Delivery: d.ID})
	k.refused(err, fault.Conflict, "delivery.file.none")
	_, _, err = k.book.Upload(ctx, k.journal, k.officer, d.ID, strings.NewReader(""))
	k.refused(err, fault.Invalid, "delivery.file.empty")
	var other bytes.Buffer // a file may be sent again in another format
	w, err := sheet.NewWriter(&other, sheet.XLSX, []string{"کد ملی", "نام"})
	k.must(err)
	k.must(w.Write([]string{k.people[0].Number.String(), k.people[0].Given.Display}))
	k.must(w.Close())
	for _, file := range []string{other.String(), k.csv(first(2))} {
		_, _, err = k.book.Upload(ctx, k.journal, k.officer, d.ID, strings.NewReader(file))
		k.must(err)
	}
	k.book.MostBytes = 100
	_, _, err = k.book.Upload(ctx, k.journal, k.officer, d.ID, strings.NewReader(strings.Repeat("a", 101)))
	k.refused(err, fault.TooLarge, "delivery.file.large")
	k.book.MostBytes = 1 << 20
	_, _, err = k.book.Upload(ctx, k.journal, k.officer, d.ID, io.MultiReader(strings.NewReader("a,b\n"), broken{}))
	k.refused(err, fault.Malformed, "delivery.file.cut")
	if left, err := filepath.Glob(filepath.Join(k.dir, ".upload-*")); err != nil || len(left) > 0 {
		t.Error("uploads that failed are left", left, err)
	}
	_, _, err = k.book.Refuse(ctx, k.journal, k.clerk, &delivery.Refusal{Delivery: d.ID})
	k.refused(err, fault.Forbidden, "register.role")
	d, _, err = k.book.Refuse(ctx, k.journal, k.supervisor, &delivery.Refusal{Delivery: d.ID, Grounds: register.Grounds{Reason: "no-ground", Document: "3"}})
	k.must(err)
	if d.State != delivery.Refused || d.Note != "no-ground" {
		t.Errorf("%+v", d)
	}
	_, _, err = k.book.Withdraw(ctx, k.journal, k.head, &of)
	k.refused(err, fault.Conflict, "delivery.state")
	all, err := k.book.List(ctx, k.supervisor, &delivery.Filter{State: delivery.Refused})
	k.must(err)
	none, err := k.book.List(ctx, k.other, &delivery.Filter{Agency: k.agency})
	k.must(err)
	if len(all) != 1 || len(none) != 0 {
		t.Error(all, none)
	}
	n, err := k.book.Counts(ctx, k.head)
	k.must(err)
	strange, err := k.book.Counts(ctx, k.other)
	k.must(err)
	newest, err := k.book.List(ctx, k.head, &delivery.Filter{Newest: true, Limit: 1})
	k.must(err)
	end, err := k.book.List(ctx, k.supervisor, &delivery.Filter{Newest: true, After: 1})
	if k.must(err); n[delivery.Refused] != 1 || len(strange) != 0 || len(newest) != 1 || len(end) != 0 {
		t.Error(n, strange, newest, end)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

// TestQueue: the priority counts, then who came first; by API rows come
// page by page.
func TestQueue(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	from := persian.Date{Year: 1400, Month: 1, Day: 1}
	boardtest.Decide(t, k.board, k.journal, delivery.MethodsEffect, `{"methods":["api","media"]}`, from, "")
	in := k.request()
	in.Method = delivery.API
	var err error
	var made []*delivery.Delivery
	for i := range 3 {
		d := k.approved(in, k.csv(first(30+i)))
		if i == 2 {
			d, _, err = k.book.Prioritise(ctx, k.journal, k.supervisor, &delivery.Priority{Delivery: d.ID, Priority: 1, Grounds: in.Grounds})
			k.must(err)
		}
		made = append(made, d)
	}
	var jobs []int64
	for _, d := range made {
		d, _, err = k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
		k.must(err)
		jobs = append(jobs, d.Job)
	}
	if j := k.work(jobs[2], jobs[:2]...); j.State != job.Done {
		t.Fatalf("%v %s", j.State, j.Fault)
	}
	var done []*delivery.Delivery
	for _, d := range made {
		d, err = k.book.Find(ctx, k.clerk, &delivery.Of{Delivery: d.ID})
		k.must(err)
		done = append(done, d)
	}
	if !done[2].Delivered.Before(done[0].Delivered) || !done[0].Delivered.Before(done[1].Delivered) {
		t.Errorf("out of order: %v %v %v", done[0].Delivered, done[1].Delivered, done[2].Delivered)
	}
	page, err := k.book.Result(ctx, k.officer, &delivery.Page{Delivery: made[1].ID, Limit: 20})
	k.must(err)
	rest, err := k.book.Result(ctx, k.officer, &delivery.Page{Delivery: made[1].ID, After: page.Next})
	k.must(err)
	if len(page.Rows) != 20 || len(rest.Rows) != 11 || rest.Next != 0 || page.Total != 31 {
		t.Errorf("%d rows, then %d", len(page.Rows), len(rest.Rows))
	}
	for i, r := range append(page.Rows, rest.Rows...) {
		if r.Status != linkage.Verified || r.Row != int64(i+2) || *r.Values["national_number"] != k.people[i].Number.String() || len(r.Code) != 20 {
			t.Errorf("%+v", r)
		}
	}
	_, err = k.book.Result(ctx, k.clerk, &delivery.Page{Delivery: made[1].ID})
	k.refused(err, fault.Forbidden, "register.role")
}

// TestStrangers: people whom the agency does not cover are not told of; a file
// of another agency's people is stopped, and so is a list of guesses.
func TestStrangers(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	k.recipient()
	in := k.request()
	in.Coverage, in.Provinces = delivery.Provinces, []string{"تهران"}
	var here, there []int
	for i := range 120 {
		if i%2 == 0 {
			here = append(here, i)
		} else {
			there = append(there, i)
		}
	}
	d := k.run(k.approved(in, k.csv(append(slices.Clone(here), there[:5]...))).ID)
	_, data := k.fetch(d.ID)
	u, err := delivery.Unpack(bytes.NewReader(data), k.secret, k.keys(), nil)
	k.must(err)
	if u.Manifest.Counts["verified"] != 60 || u.Manifest.Counts["not_covered"] != 5 {
		t.Errorf("%v", u.Manifest.Counts)
	}
	k.followed(d.ID, here)
	size := k.journal.State().Size
	d = k.run(k.approved(in, k.csv(append(slices.Clone(there), here[:5]...))).ID)
	if d.State != delivery.Stopped || d.Note != "delivery.not_covered" || d.Answered != 0 {
		t.Errorf("%+v", d)
	}
	if _, err := k.book.Package(ctx, k.officer, &delivery.Of{Delivery: d.ID}); fault.Of(err) == nil {
		t.Error("a stopped delivery has a package")
	}
	var guesses [][]string
	for i := range 200 {
		guesses = append(guesses, []string{number(2000 + i).String(), "", "", "", "", ""})
	}
	d = k.run(k.approved(k.request(), k.csv(first(10), guesses...)).ID)
	if d.State != delivery.Stopped || !strings.HasPrefix(d.Note, "delivery.guard.") {
		t.Errorf("%+v", d)
	}
	if grown := k.journal.State().Size - size; grown != 2*5 { // request, upload, priority, start, stop
		t.Errorf("%d entries", grown)
	}
}

// followed: whom the agency follows, by an earlier delivery, it covers.
func (k *desk) followed(id int64, people []int) {
	k.Helper()
	rows, err := k.book.RowsFrom(ctx, id, 0, 40)
	k.must(err)
	set := &feed.Setting{Until: persian.DateOf(k.now()).AddDays(30), Terms: feed.Terms{Items: []string{"surname"}, Purpose: "pension"}}
	for _, r := range rows {
		set.Codes = append(set.Codes, ids.TrackingCode(r.Code))
	}
	_, err = k.config.Feeds.Set(ctx, k.officer, set)
	k.must(err)
	in := k.request()
	in.Coverage = delivery.Follows
	d := k.run(k.approved(in, k.csv(people)).ID)
	_, data := k.fetch(d.ID)
	u, err := delivery.Unpack(bytes.NewReader(data), k.secret, k.keys(), nil)
	k.must(err)
	if u.Manifest.Counts["verified"] != 40 || u.Manifest.Counts["not_covered"] != 20 {
		k.Errorf("%v", u.Manifest.Counts)
	}
}

// TestResume: a job that was interrupted anywhere goes on with the same codes
// and the same bytes, whatever happened to the register meanwhile.
func TestResume(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	k.recipient()
	var people []int
	for i := range 2600 { // three units: everybody about three times
		people = append(people, i%900)
	}
	d := k.approved(k.request(), k.csv(people))
	d, _, err := k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
	k.must(err)
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- k.jobs.Work(working) }()
	for {
		now, err := k.book.ByID(ctx, d.ID)
		k.must(err)
		if now.Answered > 0 || now.State == delivery.Delivered {
			break
		}
		if j, _, err := k.jobs.ByID(ctx, d.Job); err != nil || j.State.Ended() {
			t.Fatalf("the job ended before a row was answered: %+v %v", j, err)
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	<-ended
	before, err := k.book.RowsFrom(ctx, d.ID, 0, 1000)
	k.must(err)
	k.must(k.jobs.Cancel(ctx, k.supervisor, d.Job))
	d = k.run(d.ID)
	after, err := k.book.RowsFrom(ctx, d.ID, 0, 1000)
	k.must(err)
	if !slices.Equal(before, after) || d.State != delivery.Delivered || d.Answered != 2600 {
		t.Errorf("%+v", d)
	}
	_, data := k.fetch(d.ID)
	files := saved{}
	u, err := delivery.Unpack(bytes.NewReader(data), k.secret, k.keys(), files.save)
	k.must(err)
	if len(u.Manifest.Receipts) != 3 {
		t.Errorf("%d units", len(u.Manifest.Receipts))
	}
	k.alterations(data, files)
}

// alterations: whatever is changed in a package, it does not verify.
func (k *desk) alterations(data []byte, files saved) {
	k.Helper()
	for _, at := range []int{0, 100, len(data) / 2, len(data) - 1} {
		bad := bytes.Clone(data)
		bad[at] ^= 1
		if _, err := delivery.Unpack(bytes.NewReader(bad), k.secret, k.keys(), nil); err == nil {
			k.Errorf("byte %d was flipped and nobody sees it", at)
		}
	}
	if _, err := delivery.Unpack(bytes.NewReader(data[:len(data)-70_000]), k.secret, k.keys(), nil); err == nil {
		k.Error("a package that was cut verifies")
	}
	other, _, err := delivery.NewIdentity()
	k.must(err)
	_, err = delivery.Unpack(bytes.NewReader(data), other, k.keys(), nil)
	k.refused(err, fault.Invalid, "delivery.identity.other")
	if files["manifest.json"].Len() == 0 || !json.Valid(files["manifest.json"].Bytes()) {
		k.Error("no manifest")
	}
}

// TestWithdraw: a delivery that is taken back while it runs ends, and nothing
// of it can be fetched.
func TestWithdraw(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	k.recipient()
	d := k.approved(k.request(), k.csv(first(50)))
	d, _, err := k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
	k.must(err)
	_, _, err = k.book.Withdraw(ctx, k.journal, k.head, &delivery.Of{Delivery: d.ID})
	k.must(err)
	if j := k.work(d.Job); j.State != job.Done {
		t.Errorf("%v %s", j.State, j.Fault)
	}
	d, err = k.book.ByID(ctx, d.ID)
	if err != nil || d.State != delivery.Withdrawn || d.Answered != 0 {
		t.Errorf("%+v %v", d, err)
	}
}

// TestFiles: whatever form the file has, and whatever is wrong in it, each row
// has its answer.
func TestFiles(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	k.recipient()
	rows := [][]string{}
	for i := range 60 {
		rows = append(rows, line(&k.people[i]))
	}
	long := slices.Clone(rows[7])
	long[2] = strings.Repeat("x", 1<<20)
	heads := []string{"کد ملی", "نام", "نام خانوادگی", "نام پدر", "تاریخ تولد", "شماره شناسنامه"}
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX, sheet.Parquet} {
		var file bytes.Buffer
		w, err := sheet.NewWriter(&file, format, heads)
		k.must(err)
		for _, row := range rows {
			k.must(w.Write(row))
		}
		k.must(w.Close())
		unread := 0
		if format == sheet.CSV {
			file.WriteString(strings.Join(long, ",") + "\n")
			unread = 1
		}
		d := k.run(k.approved(k.request(), file.String()).ID)
		_, data := k.fetch(d.ID)
		u, err := delivery.Unpack(bytes.NewReader(data), k.secret, k.keys(), nil)
		k.must(err)
		if d.Format != string(format) || u.Manifest.Counts["verified"] != 60 || u.Manifest.Counts["too_sparse"] != unread {
			t.Errorf("%s: %v", d.Format, u.Manifest.Counts)
		}
	}
	k.book.MostRows = 10
	d := k.approved(k.request(), k.csv(first(11)))
	d, _, err := k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
	if err == nil {
		j := k.work(d.Job)
		if j.State != job.Failed || !strings.HasPrefix(j.Fault, "sheet.") {
			t.Errorf("a file of too many rows: %v %s", j.State, j.Fault)
		}
	}
}

// TestSuspended: an agreement that ends while the delivery waits ends it; when
// it is in force again the delivery goes on.
func TestSuspended(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	k.recipient()
	d := k.approved(k.request(), k.csv(first(40)))
	d, _, err := k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
	k.must(err)
	_, err = k.agreements.Suspend(ctx, k.journal, journal.Actor{Role: "system", ID: "test"}, k.agreementID, "audit")
	k.must(err)
	if j := k.work(d.Job); j.State != job.Failed || j.Fault != "delivery.agreement" {
		t.Errorf("%v %s", j.State, j.Fault)
	}
	_, _, err = k.book.Start(ctx, k.journal, k.head, &delivery.Starting{Delivery: d.ID})
	k.refused(err, fault.Forbidden, "delivery.agreement")
	_, err = k.agreements.Resume(ctx, k.journal, journal.Actor{Role: "system", ID: "test"}, k.agreementID, "audit")
	k.must(err)
	if d = k.run(d.ID); d.State != delivery.Delivered || d.Answered != 40 {
		t.Errorf("%+v", d)
	}
}

// TestOrder: whose delivery comes first the board decides, and what it decided
// last counts when a delivery's turn comes.
func TestOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		k := open(t, url)
		one, two := k.head, k.other
		mine := k.approved(k.request(), k.csv(first(20)))
		a, _ := k.agreements.InForce(one.Agency, k.now())
		other := &agreement.Agreement{Agency: two.Agency, From: a.From, Until: a.Until, Service: a.Service, Clauses: a.Clauses}
		_, err := k.agreements.Put(ctx, k.journal, journal.Actor{Role: "system", ID: "test"}, other)
		k.must(err)
		k.head, k.officer = two, two
		theirs := k.approved(k.request(), k.csv(first(20)))
		today := persian.DateOf(k.now())
		order := func(ids ...ids.LegalID) string {
			text, err := json.Marshal(delivery.Order{Agencies: ids})
			k.must(err)
			return string(text)
		}
		for _, bad := range []string{order(), order(one.Agency, one.Agency), order(legal(99)), `{"agencies":["x"]}`} {
			boardtest.Appoint(t, k.board, k.journal)
			s := boardtest.Hold(t, k.board, k.journal, today)
			if _, _, err := k.board.Draft(ctx, k.journal, boardtest.Member(0), &board.Draft{
				Session: s.ID, Text: "متن", Reference: "۱", From: today, Effect: board.Effect{Kind: delivery.PriorityEffect, Params: json.RawMessage(bad)},
			}); err == nil {
				t.Error(bad)
			}
		}
		boardtest.Decide(t, k.board, k.journal, delivery.PriorityEffect, order(one.Agency, two.Agency), today, "")
		start := func(who journal.Actor, d *delivery.Delivery) int64 {
			recipient := &delivery.Recipient{Recipient: k.public}
			_, _, err := k.book.SetRecipient(ctx, k.journal, who, recipient)
			k.must(err)
			d, _, err = k.book.Start(ctx, k.journal, who, &delivery.Starting{Delivery: d.ID})
			k.must(err)
			return d.Job
		}
		jobs := []int64{start(one, mine), start(two, theirs)}
		boardtest.Decide(t, k.board, k.journal, delivery.PriorityEffect, order(two.Agency), today, "")
		k.work(jobs[0], jobs[1])
		find := func(d *delivery.Delivery) *delivery.Delivery {
			d, err := k.book.Find(ctx, k.clerk, &delivery.Of{Delivery: d.ID})
			k.must(err)
			return d
		}
		mine, theirs = find(mine), find(theirs)
		if !theirs.Delivered.Before(mine.Delivered) || theirs.Rank != 1 || mine.Rank != 0 {
			t.Errorf("%v (%d), then %v (%d)", theirs.Delivered, theirs.Rank, mine.Delivered, mine.Rank)
		}
	})
}

// TestClock: the six months count from the law's entry into force, also for an
// agency that never asked.
func TestClock(t *testing.T) {
	k := open(t, storetest.SQLite(t))
	c, err := k.book.Clock(ctx, k.clerk)
	k.must(err)
	if !c.Entry.IsZero() || len(c.Agencies) != 0 {
		t.Errorf("%+v", c)
	}
	today := persian.DateOf(k.now())
	k.board.Obey(board.StartDate, func(p json.RawMessage) error { return board.Params(p, new(board.Start)) }, nil)
	boardtest.Decide(t, k.board, k.journal, board.StartDate, `{"name":"law-entry","day":"`+today.AddMonths(-7).String()+`"}`, today, "")
	c, err = k.book.Clock(ctx, k.clerk)
	k.must(err)
	if c.Due != today.AddMonths(-7).AddMonths(6) || len(c.Agencies) != 2 || c.Agencies[0].Late < 28 || c.Agencies[1].Late < 28 {
		t.Errorf("%+v", c)
	}
	// Who has asked and was not answered yet is late as well.
	_, _, err = k.book.Request(ctx, k.journal, k.head, k.request())
	k.must(err)
	if c, err = k.book.Clock(ctx, k.clerk); err != nil || len(c.Agencies) != 2 || c.Agencies[0].Deliveries+c.Agencies[1].Deliveries != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	_, _, err = k.book.SetRecipient(ctx, k.journal, k.head, &delivery.Recipient{Recipient: "age1nonsense"})
	k.refused(err, fault.Invalid, "delivery.recipient")
}
