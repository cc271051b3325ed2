package audit

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Config names the parts that a Book stands on. All of the first group are needed.
type Config struct {
	DB         *store.DB
	Journal    *journal.Journal
	Agencies   *agency.Book
	Agreements *agreement.Book
	Persons    *person.Book
	Jobs       *job.Queue

	Clock  func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default()
}

// Book draws, judges and narrows. It is safe for concurrent use.
type Book struct {
	Least, Most int // the sizes of samples (sizeOf); set before use

	c Config
}

// The usual sizes of an agency's sample of a month.
const (
	least = 10
	most  = 100
)

// Open makes a Book on the register's database.
func Open(c Config) *Book {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	return &Book{Least: least, Most: most, c: c}
}

// program is the actor of what nobody does by hand.
var program = journal.Actor{Role: register.System, ID: "audit"}

var (
	errUnknown = fault.New(fault.NotFound, "audit.unknown").At("audit")
	errState   = fault.New(fault.Conflict, "audit.state").At("audit")
	errOwn     = fault.New(fault.Forbidden, "audit.own")
)

const maxText = 1000 // letters of what somebody says

// say checks what somebody says and cleans it.
func say(bad *fault.List, s *string, field string, must bool) {
	text, err := persian.Display(*s)
	*s = text
	switch {
	case err != nil:
		bad.Add(field, err)
	case must && text == "":
		bad.When(true, field, "audit.missing")
	default:
		bad.When(utf8.RuneCountInString(text) > maxText, field, "audit.text")
	}
}

func scanCase(scan func(...any) error, today persian.Date) (*Case, error) {
	c, d := &Case{}, &Dossier{}
	var of, holder, asked, opened, deadline, state, outcome, disputed, shown, judged, judge, appeal, measure, claimed int64
	var code string
	var paper []byte
	err := scan(&c.ID, &c.Source, &c.SourceID, &of, &holder, &code, &asked, &c.Officer, &c.Service, &c.Process, &c.Purpose, &c.File,
		&c.Agreement, &c.Version, &c.Clause, &opened, &deadline, &state, &outcome, &disputed, &shown, &d.Officer, &d.File, &d.Purpose,
		&d.Words, &d.Ground, &paper, &judged, &judge, &c.judge, &appeal, &measure, &c.How, &claimed, &c.Narrowed)
	c.Agency, c.Holder, c.Code = ids.LegalID(of), ids.LegalID(holder), ids.TrackingCode(code)
	c.Asked, c.Opened, c.Deadline = store.Moment(asked), store.Moment(opened), persian.UnpackDate(int32(deadline))
	c.State, c.Outcome, c.Disputed, c.Judged = State(state), Outcome(outcome), store.Moment(disputed), store.Moment(judged)
	c.judgeAgency, c.Appeal, c.Measure, c.claimed = ids.LegalID(judge), Appeal(appeal), Measure(measure), store.Moment(claimed)
	if shown != 0 {
		d.At, d.Paper = store.Moment(shown), hex.EncodeToString(paper)
		d.FileAgrees, d.PurposeAgrees = alike(d.File, c.File), d.Purpose == c.Purpose
		c.Dossier = d
	}
	c.Overdue = c.State == Awaited && c.Deadline.Compare(today) < 0
	return c, err
}

// read is a case's row within a transaction. Fault: audit.unknown.
func (b *Book) read(tx *store.Tx, id int64) (*Case, error) { return b.one(tx, caseByID, id) }

func (b *Book) one(tx *store.Tx, q *store.Query, key any) (c *Case, err error) {
	err = tx.Each(q, []any{key}, func(scan func(...any) error) (err error) {
		c, err = scanCase(scan, b.today())
		return err
	})
	if err == nil && c == nil {
		err = errUnknown
	}
	return c, err
}

func (b *Book) today() persian.Date { return persian.DateOf(b.c.Clock()) }

// write puts a case's row and the step that led to it.
func write(tx *store.Tx, c *Case, s *Step, act journal.ActID) error {
	d := c.Dossier
	if d == nil {
		d = &Dossier{}
	}
	paper, err := hex.DecodeString(d.Paper)
	if err != nil {
		return err
	}
	_, err = tx.Exec(caseUpdate, int64(c.State), int64(c.Outcome), store.Micros(c.Disputed), store.Micros(d.At), d.Officer, d.File, d.Purpose,
		d.Words, d.Ground, append([]byte{}, paper...), store.Micros(c.Judged), int64(c.judgeAgency), c.judge, int64(c.Appeal),
		int64(c.Measure), c.How, store.Micros(c.claimed), c.Narrowed, int64(c.Deadline.Pack()), c.ID)
	if err != nil || s == nil {
		return err
	}
	return putStep(tx, c.ID, s, act)
}

func putStep(tx *store.Tx, id int64, s *Step, act journal.ActID) error {
	_, err := tx.Exec(stepInsert, id, s.What, s.At.UnixMicro(), s.By.Role, int64(s.By.Agency), s.By.ID, s.Text, act[:])
	return err
}

// inquiry is what a case takes from the record of an inquiry.
type inquiry struct {
	Officer   string `json:"officer"`
	Service   string `json:"service"`
	Process   string `json:"process"`
	Purpose   string `json:"purpose"`
	File      string `json:"file"`
	Outcome   string `json:"outcome"`
	Agreement struct {
		ID      int64 `json:"id"`
		Version int   `json:"version"`
		Clause  int   `json:"clause"`
	} `json:"agreement"`
	Court *struct {
		Until persian.Date `json:"until"`
	} `json:"court"`
}

// file makes the case of an inquiry, without opening it. It is nil if there is
// nothing to audit: the record was purged, or the inquiry was refused.
func (b *Book) file(p *journal.Proven, now time.Time) (*Case, error) {
	if p.Record == nil {
		return nil, nil
	}
	var in inquiry
	if err := json.Unmarshal(p.Record, &in); err != nil {
		return nil, err
	}
	c := &Case{
		Agency: p.Agency, Holder: p.Agency, Code: p.Code, Asked: p.Time, Officer: in.Officer,
		Service: in.Service, Process: in.Process, Purpose: in.Purpose, File: in.File,
		Agreement: in.Agreement.ID, Version: in.Agreement.Version, Clause: in.Agreement.Clause,
		Opened: now, State: Awaited,
	}
	if c.Clause == 0 || in.Outcome == "refused" {
		return nil, nil
	}
	cl, a := b.clause(c)
	if cl == nil {
		cl = &agreement.Clause{} // with the usual time
	} else {
		c.Holder = a.Agency
	}
	c.Deadline = persian.DateOf(now).AddDays(cl.DossierDays())
	return c, nil
}

// clause is the one that permitted the inquiry, as it was then.
func (b *Book) clause(c *Case) (*agreement.Clause, *agreement.Agreement) {
	a, found := b.c.Agreements.Version(c.Agreement, c.Version)
	if !found {
		return nil, nil
	}
	for i := range a.Clauses {
		if a.Clauses[i].No == c.Clause {
			return &a.Clauses[i], a
		}
	}
	return nil, a
}

// open opens a case within the caller's act, if its inquiry has none yet.
func open(tx *store.Tx, ch *register.Change, c *Case, text string) (opened bool, err error) {
	has := false
	if err := tx.Each(caseByCode, []any{string(c.Code)}, func(func(...any) error) error {
		has = true
		return nil
	}); err != nil || has {
		return false, err
	}
	if _, err := tx.One(caseLast, nil, &c.ID); err != nil {
		return false, err
	}
	c.ID++
	_, err = tx.Exec(caseInsert, c.ID, c.Source, c.SourceID, int64(c.Agency), int64(c.Holder), string(c.Code), c.Asked.UnixMicro(), c.Officer,
		c.Service, c.Process, c.Purpose, c.File, c.Agreement, c.Version, c.Clause, c.Opened.UnixMicro(), int64(c.Deadline.Pack()),
		store.Micros(c.Disputed), []byte{}, ch.Act[:])
	if err != nil {
		return false, err
	}
	return true, putStep(tx, c.ID, &Step{What: "opened", At: ch.At, By: ch.Actor, Text: text}, ch.Act)
}
