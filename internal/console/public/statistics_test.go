package public_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/register"
)

// issued has the board issue the report of this quarter, when it is over.
func issued(t *testing.T, s *consoletest.Stage) *quarter.Report {
	t.Helper()
	c, ctx := &s.Config, t.Context()
	now := persian.DateOf(s.Now())
	for _, m := range s.Members() {
		_, _, err := c.Board.Appoint(ctx, c.Journal, s.Actor(consoletest.Registry, "s1"), &board.Appointment{
			Agency: m.Agency, Login: m.ID, From: now.AddYears(-1), Until: now.AddYears(2),
			Grounds: register.Grounds{Reason: "appointment", Document: "12"},
		})
		consoletest.Must(t, err)
	}
	q := quarter.Of(now)
	s.Wait(95 * 24 * time.Hour)
	draft, _, err := c.Quarters.Draft(ctx, s.Actor(consoletest.Registry, "b1"), &quarter.Drafting{Quarter: q, Remarks: quarter.Remarks{Summary: "چکیده هیئت"}})
	consoletest.Must(t, err)
	step := &quarter.Step{Quarter: q, Digest: draft.Digest}
	_, _, err = c.Quarters.Review(ctx, s.Actor(consoletest.PostOffice, "b2"), step)
	consoletest.Must(t, err)
	if p := s.Visitor().Get("/statistics/" + q.String()); p.Status != http.StatusNotFound && !strings.Contains(p.Text(), "هنوز گزارشی صادر نشده است") {
		t.Errorf("a report that is not issued is public: %d", p.Status)
	}
	r, _, err := c.Quarters.Issue(ctx, s.Actor(consoletest.Planning, "b3"), step)
	consoletest.Must(t, err)
	return r
}

func TestStatistics(t *testing.T) {
	s := onStage(t)
	v := s.Visitor()
	v.Get("/statistics").Shows(t, "هنوز گزارشی صادر نشده است")
	asked(t, s)
	asked(t, s)
	r := issued(t, s)
	p := v.Get("/statistics")
	p.Shows(t, "گزارش "+map[int]string{1: "بهار", 2: "تابستان", 3: "پاییز", 4: "زمستان"}[r.Quarter.No], "چکیده هیئت", "استعلام‌ها در دوازده ماه", "۲", "گواه گزارش")
	path := "/statistics/" + r.Quarter.String()
	v.Get(path).Shows(t, "چکیده هیئت")
	for ending, kind := range map[string]string{"/pdf": "%PDF-", "/xlsx": "PK"} {
		if p := v.Get(path + ending); p.Status != http.StatusOK || !strings.HasPrefix(p.Body, kind) {
			t.Errorf("%s: %d %.20q", ending, p.Status, p.Body)
		}
	}
	for _, path := range []string{"/statistics/1405-Q9", "/statistics/x/pdf", "/statistics/1400-Q1", "/statistics/1400-Q1/xlsx"} {
		if p := v.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

func TestLogState(t *testing.T) {
	s := onStage(t)
	asked(t, s)
	state := s.Config.Journal.State()
	p := s.Visitor().Get("/log-state")
	p.Shows(t, persian.Number(state.Size), state.Origin, state.VerifierKey, strings.Fields(string(state.Checkpoint))[2], "/log/keys")
	if n := strings.Count(p.Body, `<path class="s0"`); n == 0 || n > 63 {
		t.Errorf("%d trees are drawn", n)
	}
}

func TestPublicPagesInBrowser(t *testing.T) {
	s := onStage(t)
	asked(t, s)
	issued(t, s)
	b := consoletest.Chromium(t, s.Server.URL)
	b.Size(1280)
	for _, lang := range []string{"fa", "en"} {
		b.Open("/")
		b.Eval(`fetch("/language", {method: "POST", body: new URLSearchParams({lang: "` + lang + `"})}).then(() => "")`)
		for _, path := range []string{"/statistics", "/log-state", "/receipt", "/report", reportPath, "/report/status", "/me"} {
			b.Open(path)
			b.Check(t, lang+" "+path)
		}
	}
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}
