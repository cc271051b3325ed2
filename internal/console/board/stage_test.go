package board_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/estelam/estelam/internal/audit"
	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/board"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// stage has a board whose four members sit, and inspectors of two bodies.
type stage struct {
	*consoletest.Stage
	codes []ids.TrackingCode // of the bank's inquiries
}

func open(t *testing.T) *stage {
	t.Helper()
	s := &stage{Stage: consoletest.New(t, board.Room())}
	s.Config.Complaints.Clock = s.Now
	office := map[string]string{consoletest.Planning: boards.Chair, consoletest.Registry: boards.Secretary}
	for _, seat := range seats {
		_, _, err := s.Config.Board.Appoint(t.Context(), s.Config.Journal, s.Actor(consoletest.Registry, "s1"), &boards.Appointment{
			Agency: s.Legal(seat[0]), Login: seat[1], Office: office[seat[0]], From: s.today().AddYears(-1), Until: s.today().AddYears(1),
			Grounds: register.Grounds{Reason: "appointment", Document: "نامه ۱"},
		})
		consoletest.Must(t, err)
	}
	return s
}

// seats are the bodies of the board, each with its member: members 1 to 4.
var seats = [][2]string{{consoletest.Registry, "b1"}, {consoletest.PostOffice, "b2"}, {consoletest.Planning, "b3"}, {consoletest.Administered, "b4"}}

func (s *stage) today() persian.Date { return persian.DateOf(s.Now()) }

func (s *stage) member(n int) *consoletest.Visitor { return s.SignedIn(seats[n][0], seats[n][1]) }

func (s *stage) actor(n int) journal.Actor { return s.Actor(seats[n][0], seats[n][1]) }

// inspector is of the registry; colleague of another body.
func (s *stage) inspector() *consoletest.Visitor { return s.SignedIn(consoletest.Registry, "i1") }
func (s *stage) colleague() *consoletest.Visitor { return s.SignedIn(consoletest.Administered, "i2") }

// hold registers a session of all four bodies.
func (s *stage) hold() {
	s.T.Helper()
	_, _, err := s.Config.Board.Hold(s.T.Context(), s.Config.Journal, s.actor(0), &boards.Meeting{
		Date: s.today(), Place: "تهران، سازمان برنامه", Present: []int64{1, 2, 3, 4}, Agenda: "زمان‌بندی حذف رونوشت", Minutes: "گزارش استان‌ها شنیده شد. دو تصمیم گرفته شد.",
	})
	consoletest.Must(s.T, err)
}

func (s *stage) processes() {
	ctx, c := s.T.Context(), &s.Config
	for body, states := range map[string]map[string]process.State{
		consoletest.Bank:  {"deposit": process.Online, "loan": process.Copies, "cheque": process.Exception},
		consoletest.Other: {"enrolment": process.Online},
	} {
		who := s.Actor(body, consoletest.Head)
		for code, state := range states {
			_, _, err := c.Processes.Put(ctx, c.Journal, who, &process.Entry{Code: code, Title: "فرایند " + code, Documents: []string{"national-card"}, Monthly: 900})
			consoletest.Must(s.T, err)
			if state != process.Copies {
				_, _, err = c.Processes.Turn(ctx, c.Journal, who, &process.Turning{Code: code, State: state, Since: s.today(), Reason: "قانون"})
				consoletest.Must(s.T, err)
			}
		}
	}
}

// inquire asks n times about Ali, and once about nobody.
func (s *stage) inquire(n int) {
	s.T.Helper()
	ctx, c := s.T.Context(), &s.Config
	bank, err := c.Agencies.ByID(s.Legal(consoletest.Bank))
	consoletest.Must(s.T, err)
	officer, err := c.Agencies.Officer(bank.ID, consoletest.Officer)
	consoletest.Must(s.T, err)
	for i := range n + 1 {
		f := inquiry.Form{
			Service: "identity", Mode: "verify", NationalNumber: consoletest.Ali, BirthDate: consoletest.Born, Officer: consoletest.Officer,
			Purpose: "account-opening", Process: "deposit", File: fmt.Sprintf("1405-%d", i), Claims: []inquiry.FormClaim{{Field: "surname", Value: "یزدانی‌فرد"}},
		}
		if i == n {
			f.BirthDate = "1371-01-01"
		}
		q, err := f.Parse(s.today())
		consoletest.Must(s.T, err)
		a, err := c.Desk.Ask(ctx, inquiry.Asker{Agency: bank, Officer: officer}, q, inquiry.Once{})
		consoletest.Must(s.T, err)
		s.codes = append(s.codes, a.Code)
	}
	consoletest.Must(s.T, c.Usage.Follow(ctx))
}

// dispute opens case 1, and the bank shows its dossier.
func (s *stage) dispute() {
	s.T.Helper()
	ctx, c := s.T.Context(), &s.Config
	_, _, err := c.Audits.Dispute(ctx, c.Journal, s.Number(consoletest.Ali), s.codes[0], "من در این بانک حسابی ندارم")
	consoletest.Must(s.T, err)
	_, _, err = c.Audits.Show(ctx, c.Journal, s.Actor(consoletest.Bank, consoletest.Head), &audit.Showing{
		Audit: 1, File: "1405-99", Purpose: "account-opening", Words: "افتتاح سپرده", Ground: "درخواست حضوری مشتری",
	})
	consoletest.Must(s.T, err)
}

// complain files n reports against the bank.
func (s *stage) complain(n int) {
	s.T.Helper()
	for i := range n {
		_, _, err := s.Config.Complaints.File(s.T.Context(), s.Config.Journal, &complaint.Report{
			Agency: s.Legal(consoletest.Bank), Document: "national-card", Day: s.today().AddDays(-1), Province: "تهران", County: "تهران",
			Text: fmt.Sprintf("در شعبه شماره %d گفتند بدون رونوشت کارت ملی حساب باز نمی‌شود.", i), Contact: "۰۹۱۲۰۰۰۰۰۰۰",
		})
		consoletest.Must(s.T, err)
	}
}

// evaluated computes a trial over this month.
func (s *stage) evaluated() int64 {
	s.T.Helper()
	month := s.today()
	month.Day = 0
	e, _, err := s.Config.Compliance.Compute(s.T.Context(), s.Config.Journal, s.Actor(consoletest.Registry, "i1"), &compliance.Computing{Period: compliance.Period{From: month, Until: month}})
	consoletest.Must(s.T, err)
	return e.ID
}

// patternPut writes what a draw of a large traffic would find.
var patternPut = store.Q(store.Register, "sample.board.pattern",
	`INSERT INTO audit_pattern (id, draw, kind, agency, officer, observed, asked, expected, chance, codes, found, state, decided, decider, reason)
	 VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 0, '', '')`)

// patterns puts two findings of one officer: chances of one in a billion and of
// one in fifty million.
func (s *stage) patterns() {
	s.T.Helper()
	consoletest.Must(s.T, s.DB.Write(s.T.Context(), func(tx *store.Tx) error {
		for i, p := range []struct {
			kind               string
			observed, expected int64
			chance             int64
		}{{"repeat", 14, 2_000_000, 9_000}, {"off_hours", 40, 9_500_000, 7_700}} {
			if _, err := tx.Exec(patternPut, i+1, p.kind, int64(s.Legal(consoletest.Bank)), consoletest.Officer, p.observed, int64(400), p.expected, p.chance,
				`["`+string(s.codes[1+i])+`"]`, s.Now().UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	}))
}

// full is a stage with something of everything.
func full(t *testing.T) *stage {
	t.Helper()
	s := open(t)
	s.processes()
	s.inquire(8)
	s.hold()
	s.dispute()
	s.patterns()
	s.complain(18)
	s.evaluated()
	return s
}

// paths are all pages that a GET opens on a full stage, by who opens them.
func (s *stage) paths(role string) (all []string) {
	s.T.Helper()
	fill := map[string]string{
		"{session}": "1", "{decision}": "1", "{kind}": "text", "{follow}": "1", "{name}": "agreement", "{evaluation}": "1", "{agency}": consoletest.Bank,
		"{criterion}": "adoption", "{quarter}": s.quarter(), "{audit}": "1", "{draw}": "1", "{pattern}": "1", "{report}": "1", "{appeal}": "1", "{clause}": "B.6b",
	}
	for _, r := range board.Room().Routes {
		if r.Method != "GET" || !slices.Contains(r.Roles, role) {
			continue
		}
		path := r.Path
		for name, value := range fill {
			path = replace(path, name, value)
		}
		all = append(all, path)
	}
	return all
}
