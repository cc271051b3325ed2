package quarter_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/usage"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx      = context.Background()
	operator = journal.Actor{Role: "operator", ID: "test"}
	nobody   = journal.Actor{}
	change   = store.Q(store.Register, "sample.quarter.change", `UPDATE quarter SET content = $1, digest = $2 WHERE quarter = $3`)
)

// secretariat is a board's with everything that its report is drawn from.
type secretariat struct {
	*testing.T
	db       *store.DB
	journal  *journal.Journal
	agencies *agency.Book
	usage    *usage.Book
	board    *board.Book
	book     *quarter.Book
	now      time.Time
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func must2[T, P any](v T, _ P, err error) func(t testing.TB) T { return must(v, err) }

func decode(digest string) ([]byte, error) { return hex.DecodeString(digest) }

func sum(text []byte) []byte {
	s := sha256.Sum256(text)
	return s[:]
}

func open(t *testing.T, url string) *secretariat {
	t.Helper()
	keys := must(journal.NewKeys(filepath.Join(t.TempDir(), "keys")))(t)
	s := &secretariat{T: t, now: persian.Date{Year: 1405, Month: 5, Day: 10}.Start().Add(10 * time.Hour)}
	clock := func() time.Time { return s.now }
	s.journal = must(journal.Open(ctx, journal.Config{URL: url, Keys: keys, Clock: clock, Logger: slog.New(slog.DiscardHandler)}))(t)
	t.Cleanup(s.journal.Close)
	s.db = must(store.Open(ctx, url, store.Register))(t)
	t.Cleanup(func() { _ = s.db.Close() })
	s.agencies = must(agency.Open(ctx, s.db, clock))(t)
	agreements := must(agreement.Open(ctx, s.db, clock))(t)
	processes := must(process.Open(ctx, process.Config{DB: s.db, Agencies: s.agencies, Agreements: agreements, Clock: clock}))(t)
	complaints := must(complaint.Open(ctx, s.db, s.agencies, processes))(t)
	s.usage = usage.Open(s.db, s.journal)
	s.board = boardtest.Open(t, s.db, clock)
	s.book = quarter.Open(quarter.Config{
		DB: s.db, Journal: s.journal, Agencies: s.agencies, Agreements: agreements, Processes: processes, Usage: s.usage,
		Exceptions: exception.Open(exception.Config{DB: s.db, Journal: s.journal, Agencies: s.agencies, Processes: processes, Clock: clock}),
		Complaints: complaints, Board: s.board, Clock: clock,
		Audits:    audit.Open(audit.Config{DB: s.db, Journal: s.journal, Agencies: s.agencies, Agreements: agreements, Clock: clock}),
		Deadlines: deadline.Open(deadline.Config{Board: s.board, Agencies: s.agencies, Clock: clock}),
	})
	boardtest.Appoint(t, s.board, s.journal)
	return s
}

// asks puts n inquiries of an agency with one outcome into the log.
func (s *secretariat) asks(id ids.LegalID, outcome string, n int) {
	s.Helper()
	for range n {
		body := `"agency":{"id":"` + id.String() + `","name":"بانک"},"officer":"a","purpose":"kyc","file":"1","service":"identity","mode":"verify","question":{},"outcome":"` + outcome + `"`
		must(s.journal.Commit(ctx, journal.Entry{Kind: receipt.Inquiry, Body: []byte(body), Agency: id}))(s.T)
	}
}

func (s *secretariat) wants(err error, key string) {
	s.Helper()
	if got := fault.Of(err); got == nil || got.Key != key {
		s.Errorf("got %v, want %s", err, key)
	}
}

func (s *secretariat) draft(q quarter.Quarter) *quarter.Report {
	s.Helper()
	r, _, err := s.book.Draft(ctx, boardtest.Member(0), &quarter.Drafting{Quarter: q, Remarks: quarter.Remarks{Summary: "خط یک\nخط دو"}})
	return must(r, err)(s.T)
}

const bank = ids.LegalID(14003552272)

var second = quarter.Quarter{Year: 1405, No: 2}

// TestQuarter: a report says what the log says, goes through three hands, is
// closed once, and then never changes.
func TestQuarter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		must(s.agencies.Register(ctx, s.journal, operator, &agency.Agency{ID: bank, Name: "بانک نمونه", Province: "قم", Bound: true}))(t)
		s.asks(bank, "confirmed", 3)
		s.asks(bank, "refused", 2)
		s.asks(bank, "not_found", 1)
		step := func(r *quarter.Report) *quarter.Step { return &quarter.Step{Quarter: second, Digest: r.Digest} }

		s.refusals()
		r := s.draft(second)
		found := must(s.book.Find(ctx, boardtest.Member(1), second))(t)
		d := found.Document
		if c := d.Country; c.Inquiries != 6 || c.Refused != 2 || c.Bodies != 1 || len(d.Agencies) != 1 || d.Agencies[0].Name != "بانک نمونه" {
			t.Errorf("%+v", c)
		}
		if m := d.Months[10]; m.Month != (persian.Date{Year: 1405, Month: 5}) || m.Answered != 3 || m.NotFound != 1 || m.Refused != 2 || len(d.Months) != 12 {
			t.Errorf("%+v", d.Months)
		}
		if p := d.Provinces; len(p) != 1 || p[0].Province != "قم" || p[0].Inquiries != 6 {
			t.Errorf("%+v", p)
		}
		if d.Remarks.Summary != "خط یک\nخط دو" || d.Log.Size == 0 || len(d.Services) != 1 {
			t.Errorf("%+v", d)
		}
		if _, err := s.book.Find(ctx, nobody, second); fault.Of(err).Key != "quarter.unknown" {
			t.Error("a draft is shown to anybody", err)
		}

		_, _, err := s.book.Review(ctx, boardtest.Member(0), step(r))
		s.wants(err, "quarter.hands")
		_, _, err = s.book.Issue(ctx, boardtest.Member(2), step(r))
		s.wants(err, "quarter.open")
		s.now = second.Until().AddDays(3).Start()
		_, _, err = s.book.Issue(ctx, boardtest.Member(2), step(r))
		s.wants(err, "quarter.stale")
		must2(s.book.Review(ctx, boardtest.Member(1), step(r)))(t)
		_, _, err = s.book.Issue(ctx, boardtest.Member(2), step(r))
		s.wants(err, "quarter.early") // its figures are of before the end
		_, _, err = s.book.Draft(ctx, boardtest.Member(0), &quarter.Drafting{Quarter: second})
		s.wants(err, "quarter.reviewed")
		_, _, err = s.book.Return(ctx, boardtest.Member(3), step(r))
		s.wants(err, "quarter.note")
		back := step(r)
		back.Note = "ارقام پایان دوره"
		must2(s.book.Return(ctx, boardtest.Member(3), back))(t)

		old := step(r)
		r = s.draft(second)
		_, _, err = s.book.Review(ctx, boardtest.Member(1), old)
		s.wants(err, "quarter.stale")
		must2(s.book.Review(ctx, boardtest.Member(1), step(r)))(t)
		_, _, err = s.book.Issue(ctx, boardtest.Member(0), step(r))
		s.wants(err, "quarter.hands")
		_, _, err = s.book.Issue(ctx, boardtest.Member(1), step(r))
		s.wants(err, "quarter.hands")
		issued := must2(s.book.Issue(ctx, boardtest.Member(2), step(r)))(t)
		if issued.State != quarter.Issued || issued.Version != 2 || !strings.Contains(issued.Checkpoint, "\n") || len(issued.Code) != 20 {
			t.Errorf("%+v", issued)
		}
		_, _, err = s.book.Issue(ctx, boardtest.Member(2), step(r))
		s.wants(err, "quarter.issued")
		_, _, err = s.book.Draft(ctx, boardtest.Member(0), &quarter.Drafting{Quarter: second})
		s.wants(err, "quarter.issued")
		if last := must(s.book.LastIssued(ctx))(t); !last.Equal(s.now) {
			t.Error(last)
		}

		// What happens later changes nothing.
		before := papers(s)
		s.asks(bank, "confirmed", 5)
		s.now = s.now.AddDate(0, 4, 0)
		if !bytes.Equal(before, papers(s)) {
			t.Error("an issued report has changed")
		}
		s.altered(found.Quarter)
	})
}

// refusals: drafts that cannot be.
func (s *secretariat) refusals() {
	s.Helper()
	_, _, err := s.book.Draft(ctx, operator, &quarter.Drafting{Quarter: second})
	s.wants(err, "register.role")
	_, _, err = s.book.Draft(ctx, boardtest.Member(0), &quarter.Drafting{Quarter: quarter.Quarter{Year: 1405, No: 3}})
	s.wants(err, "quarter.future")
	_, _, err = s.book.Draft(ctx, boardtest.Member(0), &quarter.Drafting{})
	s.wants(err, "quarter.form")
	_, _, err = s.book.Draft(ctx, boardtest.Member(0), &quarter.Drafting{Quarter: second, Remarks: quarter.Remarks{Proposals: strings.Repeat("ا", 4001)}})
	s.wants(err, "quarter.long")
}

// papers is everything that is made of the report.
func papers(s *secretariat) []byte {
	s.Helper()
	var b bytes.Buffer
	for _, in := range []quarter.Reading{{Quarter: second}, {Quarter: second, Format: letter.PDF}, {Quarter: second, Lang: message.En, Format: letter.PDF}} {
		if err := s.book.Write(ctx, nobody, &in, &b); err != nil {
			s.Fatal(err)
		}
	}
	if err := s.book.WriteTable(ctx, nobody, &quarter.Reading{Quarter: second}, &b); err != nil {
		s.Fatal(err)
	}
	s.wants(s.book.Write(ctx, nobody, &quarter.Reading{Quarter: second, Format: "doc"}, &b), "quarter.format")
	s.wants(s.book.WriteTable(ctx, nobody, &quarter.Reading{Quarter: second, Lang: "de"}, &b), "quarter.language")
	s.wants(s.book.Write(ctx, nobody, &quarter.Reading{Quarter: second.Before()}, &b), "quarter.unknown")
	return b.Bytes()
}

// altered changes one figure in the row, with its digest or without: the log
// knows better.
func (s *secretariat) altered(q quarter.Quarter) {
	s.Helper()
	r := must(s.book.Find(ctx, nobody, q))(s.T)
	text := must(r.Document.MarshalJSON())(s.T) // what a reader is given has the digest that he is told
	if hex.EncodeToString(sum(text)) != r.Digest || bytes.Contains(text, []byte("null")) {
		s.Errorf("%s is not the digest of %s", r.Digest, text)
	}
	text = bytes.Replace(text, []byte(`"bodies":`), []byte(`"bodies":1`), 1)
	for _, digest := range [][]byte{must(decode(r.Digest))(s.T), sum(text)} {
		if err := s.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(change, string(text), digest, int64(q.Year)*10+int64(q.No))
			return err
		}); err != nil {
			s.Fatal(err)
		}
		_, err := s.book.Find(ctx, nobody, q)
		s.wants(err, "quarter.altered")
	}
}

// TestAlteredDraft: what was altered before its review goes no further; drawn
// anew it does.
func TestAlteredDraft(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	r := s.draft(second)
	if err := s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(change, "{}", must(decode(r.Digest))(t), int64(14052))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.book.Review(ctx, boardtest.Member(1), &quarter.Step{Quarter: second, Digest: r.Digest})
	s.wants(err, "quarter.altered")
	r = s.draft(second)
	must2(s.book.Review(ctx, boardtest.Member(1), &quarter.Step{Quarter: second, Digest: r.Digest}))(t)
}

// TestName: a quarter's name in digits of either kind, and nothing else.
func TestName(t *testing.T) {
	for text, want := range map[string]quarter.Quarter{"1405-Q3": {Year: 1405, No: 3}, "۱۴۰۵-Q1": {Year: 1405, No: 1}} {
		if q, err := quarter.Parse(text); err != nil || q != want {
			t.Error(text, q, err)
		}
	}
	for _, text := range []string{"", "1405", "1405-3", "1405-Q0", "1405-Q5", "405-Q1", "1405-Q+1", "1405-Q1 "} {
		if _, err := quarter.Parse(text); err == nil {
			t.Errorf("%q is no quarter", text)
		}
	}
	q := quarter.Quarter{Year: 1405, No: 1}
	if q.Before() != (quarter.Quarter{Year: 1404, No: 4}) || q.Until() != (persian.Date{Year: 1405, Month: 4, Day: 1}) || quarter.Of(persian.Date{Year: 1405, Month: 12, Day: 29}).No != 4 {
		t.Error(q.Before(), q.Until())
	}
}
