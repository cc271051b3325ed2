package compliance

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// TestFormula: what the published formula makes of figures.
func TestFormula(t *testing.T) {
	sum := int64(0)
	for _, c := range published.Criteria {
		sum += c.Weight
		for _, f := range c.figures() {
			if !message.Known(figureKey + f) {
				t.Errorf("no text for %s", f)
			}
		}
		if !message.Known(criterionKey + c.Code) {
			t.Errorf("no text for %s", c.Code)
		}
	}
	if sum != 100 {
		t.Errorf("the weights sum up to %d", sum)
	}
	all := map[string]int64{
		"volume": 3000, "inquiries": 1000, "volume_on_copies": 750, "reports_upheld": 1, "reports_in_time": 3, "reports_late": 1, "audits_in_time": 0,
		"audits_late": 0, "list_rows": 200, "list_rows_known": 150, "obstacles": 4, "obstacles_overdue": 1,
	}
	for _, c := range []struct {
		change  string // name=value, or name= to take it away
		code    string
		state   string
		points  Points
		total   Points
		counted int64
	}{
		{"", "adoption", Scored, 833, 6333, 100}, // 25 × 0.3333
		{"", "copies", Scored, 1500, 6333, 100},
		{"", "reports", Scored, 1000, 6333, 100}, // 1 − 1×1000/3000
		{"", "answers", Scored, 1125, 6333, 100},
		{"", "quality", Scored, 1125, 6333, 100},
		{"reports_upheld=9", "reports", Scored, 0, 5333, 100},
		{"inquiries=9000", "adoption", Scored, 2500, 8000, 100},
		{"list_rows=", "quality", Missing, 0, 5208, 100},
		{"list_rows=0", "quality", Missing, 0, 5208, 100},
		{"obstacles=0", "obstacles", NotDue, 0, 6203, 90}, // (63.33 − 7.5) / 90
		{"audits_late=", "answers", Missing, 0, 5208, 100},
	} {
		raw := map[string]int64{}
		for k, v := range all {
			raw[k] = v
		}
		if name, value, ok := strings.Cut(c.change, "="); ok {
			delete(raw, name)
			n := int64(0)
			if _, err := fmt.Sscan(value, &n); err == nil {
				raw[name] = n
			}
		}
		r := published.result(raw)
		i := slices.IndexFunc(r.Criteria, func(s Scoring) bool { return s.Criterion == c.code })
		if s := r.Criteria[i]; s.State != c.state || s.Points != c.points || r.Points != c.total || r.Counted != c.counted {
			t.Errorf("%s: %+v, total %d of %d", c.change, s, r.Points, r.Counted)
		}
	}
	if r := published.result(map[string]int64{}); r.Points != 0 || r.Counted != 100 || !published.missing(&r) {
		t.Errorf("of nothing: %+v", r)
	}
}

// TestRank: equal points share a rank; what cannot be ranked has none.
func TestRank(t *testing.T) {
	var all []*Unit
	for i, p := range []Points{5000, 7000, 7000, 1000} {
		all = append(all, &Unit{ID: fmt.Sprint(i), Class: national, Whole: Result{Counted: 100, Points: p}})
	}
	all = append(all, &Unit{ID: "9", Class: national})
	rank(all)
	for i, want := range []int{3, 1, 1, 4, 0} {
		if u := all[i]; u.Rank != want || want > 0 && (u.RankOf != 4 || u.Median != 6000) {
			t.Errorf("%d: %+v", i, u)
		}
	}
}

// TestWeights: what the board may decide, and from which day it counts.
func TestWeights(t *testing.T) {
	w := open(t, storetest.SQLite(t))
	for _, bad := range []string{
		`{}`, `{"adoption":100}`, `{"adoption":25,"copies":20,"reports":15,"answers":15,"quality":15,"obstacles":11}`,
		`{"adoption":-5,"copies":50,"reports":15,"answers":15,"quality":15,"obstacles":10}`,
		`{"adoption":25,"copies":20,"reports":15,"answers":15,"quality":15,"obstacles":10,"looks":0}`,
	} {
		w.refused(checkWeights(json.RawMessage(bad)), "evaluation.weights")
	}
	before, after := persian.Date{Year: 1405, Month: 7, Day: 30}, persian.Date{Year: 1405, Month: 8, Day: 1}
	boardtest.Decide(t, w.board, w.j, effectWeights, `{"adoption":50,"copies":50,"reports":0,"answers":0,"quality":0,"obstacles":0}`, after, "")
	for day, want := range map[persian.Date]int64{before: 25, after: 50} {
		f, err := w.Formula(day)
		w.must(err)
		if f.Criteria[0].Weight != want {
			t.Errorf("%v: %+v", day, f)
		}
	}
	if published.Criteria[0].Weight != 25 {
		t.Error("the published formula has changed")
	}
}

// ask commits entries by which an agency was answered on a process.
func (w *world) ask(of ids.LegalID, process, outcome string, n int) {
	w.Helper()
	for range n {
		_, err := w.j.Commit(ctx, journal.Entry{Kind: receipt.Inquiry, Agency: of, Body: []byte(fmt.Sprintf(
			`"agency":{"id":"%v","name":"x"},"officer":"o","purpose":"p","process":"%s","file":"1","service":"identity","mode":"verify","outcome":"%s"`, of, process, outcome))})
		w.must(err)
	}
}

// govern fills the world: a bank with a branch, and an insurer that has done
// nothing.
func (w *world) govern() {
	w.Helper()
	as := func(of ids.LegalID) journal.Actor {
		return journal.Actor{Role: agency.RoleHead, Agency: of, ID: "head"}
	}
	for _, e := range []struct {
		of      ids.LegalID
		code    string
		monthly int64
	}{{bank, "opening", 10}, {bank, "loan", 10}, {branch, "opening", 20}} {
		done[process.Process](w)(w.processes.Put(ctx, w.j, as(e.of), &process.Entry{Code: e.code, Title: "گشایش حساب", Monthly: e.monthly}))
	}
	done[process.Process](w)(w.processes.Turn(ctx, w.j, head, &process.Turning{Code: "opening", State: process.Online, Reason: "استعلام برخط"}))
	done[process.Obstacle](w)(w.processes.PutObstacle(ctx, w.j, head, &process.Hindrance{Process: "loan", Text: "آیین‌نامه داخلی", Owner: "اداره حقوقی", Due: persian.Date{Year: 1405, Month: 8, Day: 12}}))
	w.ask(bank, "opening", "confirmed", 14) // of which 10 count
	w.ask(bank, "opening", "refused", 3)
	w.ask(bank, "loan", "not_found", 2)
	w.ask(bank, "", "confirmed", 5)
	w.ask(branch, "opening", "confirmed", 4)
	w.reports[bank] = map[string]int64{"upheld": 1, "in_time": 2, "late": 1}
	for _, of := range []ids.LegalID{bank, branch} {
		_, _, err := w.quality.Check(ctx, w.j, journal.Actor{Role: "program", Agency: of, ID: "program"}, &quality.List{Name: "customers", Rows: []quality.Pair{{Number: "0012345679"}, {}}})
		w.must(err)
	}
	w.now = w.now.Add(5 * 24 * time.Hour)
}

var thisMonth = Period{persian.Date{Year: 1405, Month: 8}, persian.Date{Year: 1405, Month: 8}}

// TestEvaluation: computed, appealed against, decided by somebody else,
// corrected, frozen, and an altered row is seen.
func TestEvaluation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := open(t, url)
		w.govern()
		_, _, err := w.Compute(ctx, w.j, inspector, &Computing{Year: 1405})
		w.refused(err, "evaluation.year year")
		_, _, err = w.Compute(ctx, w.j, inspector, &Computing{Period: Period{thisMonth.From, persian.Date{Year: 1405, Month: 9}}})
		w.refused(err, "evaluation.period until")
		_, _, err = w.Compute(ctx, w.j, head, &Computing{Period: thisMonth})
		w.refused(err, "register.role")
		e := done[Evaluation](w)(w.Compute(ctx, w.j, inspector, &Computing{Period: thisMonth}))

		own, err := w.Find(ctx, w.j, head, &OfEvaluation{ID: e.ID})
		w.must(err)
		if len(own.Units) != 2 {
			t.Fatalf("the head sees %d units", len(own.Units))
		}
		u := own.Units[0]
		raw := `map[audits_in_time:2 audits_late:1 inquiries:12 list_rows:2 list_rows_known:0 obstacles:1 obstacles_overdue:1 ` +
			`reports_in_time:2 reports_late:1 reports_upheld:1 volume:20 volume_on_copies:10]`
		if u.ID != bank.String() || fmt.Sprint(u.Raw) != raw || len(u.Agencies) != 2 {
			t.Errorf("%s %v\nwant %s", u.ID, u.Raw, raw)
		}
		// 25×0.6 + 20×0.5 + 0 + 15×4/6 + 0 + 0; with the branch 25×16/40 + 20×10/40 + 10.
		if u.Own.Points != 3500 || u.Whole.Points != 2500 || u.Rank != 1 || u.RankOf != 2 {
			t.Errorf("%v %v, rank %d of %d: %+v", u.Own.Points, u.Whole.Points, u.Rank, u.RankOf, u.Whole)
		}
		_, err = w.Find(ctx, w.j, head, &OfEvaluation{ID: e.ID, Agency: insurer})
		w.refused(err, "evaluation.unit agency")
		all, err := w.Find(ctx, w.j, member, &OfEvaluation{ID: e.ID})
		w.must(err)
		if len(all.Units) != 5 { // three agencies, a province, the country
			t.Errorf("%d units", len(all.Units))
		}
		w.trace(e)
		w.appeals(e)

		_, _, err = w.Freeze(ctx, w.j, inspector, &Freezing{ID: e.ID})
		w.refused(err, "evaluation.missing note")
		frozen := done[Evaluation](w)(w.Freeze(ctx, w.j, inspector, &Freezing{ID: e.ID, Note: "بیمه نمونه هنوز تفاهم‌نامه ندارد"}))
		if len(frozen.SHA256) != 64 || !strings.Contains(frozen.Checkpoint, "\n") || frozen.Version != 2 {
			t.Errorf("%+v", frozen)
		}
		_, _, err = w.Freeze(ctx, w.j, inspector, &Freezing{ID: e.ID, Note: "دوباره"})
		w.refused(err, "evaluation.frozen")
		_, _, err = w.Appeal(ctx, w.j, head, &Appealing{ID: e.ID, Criterion: "copies", Grounds: "دیر", Document: "۱", Paper: digest})
		w.refused(err, "evaluation.frozen")
		w.reckon(frozen)
		w.papers(e)
		w.alter(e)
	})
}

// reckon makes the digest from what a reader is given, as docs/evaluation.md says.
func (w *world) reckon(frozen *Evaluation) {
	w.Helper()
	e, err := w.Find(ctx, w.j, inspector, &OfEvaluation{ID: frozen.ID})
	w.must(err)
	formula, err := json.Marshal(e.Formula)
	w.must(err)
	h := sha256.New()
	fmt.Fprintf(h, `{"evaluation":%d,"version":%d,"year":%d,"from":"%s","until":"%s","formula":%s,"note":"%s"}`+"\n",
		e.ID, e.Version, e.Year, e.From.AppendTo(nil), e.Until.AppendTo(nil), formula, e.Note)
	slices.SortFunc(e.Units, func(a, b *Unit) int { return strings.Compare(a.ID, b.ID) })
	for _, u := range e.Units {
		text, err := u.MarshalJSON()
		w.must(err)
		fmt.Fprintf(h, "%s\n", text)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != frozen.SHA256 {
		w.Errorf("what is given out has the digest %s, stated is %s", got, frozen.SHA256)
	}
}

// trace holds every figure of every criterion against the rows behind it.
func (w *world) trace(e *Evaluation) {
	w.Helper()
	for _, c := range published.Criteria {
		for _, own := range []bool{true, false} {
			traced, err := w.Trace(ctx, w.j, head, &Tracing{ID: e.ID, Criterion: c.Code, Own: own})
			w.must(err)
			for _, f := range traced.Figures {
				want := f.Sum
				if f.Figure == "inquiries" { // more was asked than is declared
					want -= 4
				}
				if f.Value == nil || *f.Value != want || f.Sum > 0 && len(f.Rows) == 0 {
					w.Errorf("%s: %+v", c.Code, f)
				}
			}
		}
	}
	province, err := w.Trace(ctx, w.j, inspector, &Tracing{ID: e.ID, Province: "قم", Criterion: "adoption"})
	w.must(err)
	if province.Unit != "قم" || *province.Figures[0].Value != 4 || province.Figures[0].Rows[0].Agency != branch {
		w.Errorf("%+v", province)
	}
	_, err = w.Trace(ctx, w.j, head, &Tracing{ID: e.ID, Criterion: "looks"})
	w.refused(err, "evaluation.criterion criterion")
}

// appeals has one upheld and one rejected.
func (w *world) appeals(e *Evaluation) {
	w.Helper()
	in := &Appealing{ID: e.ID, Criterion: "answers", Grounds: "پاسخ در مهلت داده شد", Document: "نامه ۳", Paper: digest}
	_, _, err := w.Appeal(ctx, w.j, officer, in)
	w.refused(err, "register.role")
	_, _, err = w.Appeal(ctx, w.j, head, &Appealing{})
	w.refused(err, "compliance.missing evaluation", "evaluation.criterion criterion", "compliance.text grounds", "register.document document", "compliance.paper sha256")
	first := done[Appeal](w)(w.Appeal(ctx, w.j, head, in))
	_, _, err = w.Appeal(ctx, w.j, head, in)
	w.refused(err, "evaluation.appeals.again criterion")
	_, _, err = w.Freeze(ctx, w.j, inspector, &Freezing{ID: e.ID, Note: "اکنون"})
	w.refused(err, "evaluation.appeals.open")

	right := &Ruling{Appeal: first.ID, Uphold: true, Reason: "پاسخ ثبت شده بود", Figure: "reports_late", Value: ptr(int64(0))}
	_, _, err = w.Rule(ctx, w.j, inspector, right)
	w.refused(err, "evaluation.decider")
	_, _, err = w.Rule(ctx, w.j, second, &Ruling{Appeal: first.ID, Uphold: true, Reason: "x", Figure: "volume", Value: ptr(int64(0))})
	w.refused(err, "evaluation.figure figure")
	_, _, err = w.Rule(ctx, w.j, second, &Ruling{Appeal: 77, Reason: "x"})
	w.refused(err, "evaluation.appeal.unknown appeal")
	_, _, err = w.Rule(ctx, w.j, journal.Actor{Role: register.Member, Agency: bank, ID: "own"}, right)
	w.refused(err, "evaluation.own")
	ruled := done[Appeal](w)(w.Rule(ctx, w.j, second, right))
	if ruled.Was != 1 || ruled.Outcome != Upheld {
		w.Errorf("%+v", ruled)
	}
	_, _, err = w.Rule(ctx, w.j, second, right)
	w.refused(err, "evaluation.appeal.decided appeal")

	in.Criterion = "copies"
	again := done[Appeal](w)(w.Appeal(ctx, w.j, head, in))
	done[Appeal](w)(w.Rule(ctx, w.j, member, &Ruling{Appeal: again.ID, Reason: "فرایند هنوز کپی می‌گیرد"}))

	found, err := w.Find(ctx, w.j, head, &OfEvaluation{ID: e.ID, Agency: bank})
	w.must(err)
	u := found.Units[0]
	// 15 × 4/5 for answers now.
	if found.Version != 2 || u.Own.Points != 3700 || u.Whole.Points != 2700 || len(u.Corrections) != 1 || *u.Corrections[0].Was != 1 || len(found.Open) != 2 {
		w.Errorf("version %d, %v %v, %+v, %d appeals", found.Version, u.Own.Points, u.Whole.Points, u.Corrections, len(found.Open))
	}
	before, err := w.Find(ctx, w.j, head, &OfEvaluation{ID: e.ID, Agency: bank, Version: 1})
	w.must(err)
	if before.Units[0].Own.Points != 3500 || before.Units[0].Corrections != nil {
		w.Errorf("%+v", before.Units[0])
	}
}

// papers are written for everybody who may have one.
func (w *world) papers(e *Evaluation) {
	w.Helper()
	for _, format := range []string{letter.PDF, "html"} {
		for _, lang := range []message.Lang{message.Fa, message.En} {
			for _, c := range []struct {
				who journal.Actor
				of  PaperOf
			}{{head, PaperOf{}}, {inspector, PaperOf{}}, {inspector, PaperOf{Province: "قم"}}, {member, PaperOf{Agency: insurer}}} {
				var out bytes.Buffer
				in := c.of
				in.ID, in.Lang, in.Format = e.ID, lang, format
				w.must(w.WritePaper(ctx, w.j, c.who, &in, &out))
				if out.Len() < 10_000 {
					w.Errorf("%s: %d bytes", format, out.Len())
				}
				if format == "html" && c.who == head && strings.Contains(out.String(), "بیمه نمونه<") {
					w.Error("an agency's paper names another agency")
				}
			}
		}
	}
	var out bytes.Buffer
	w.must(w.WriteExport(ctx, w.j, inspector, &Export{OfEvaluation: OfEvaluation{ID: e.ID}}, &out))
	rows, err := csv.NewReader(&out).ReadAll()
	w.must(err)
	if len(rows) != 6 || rows[0][1] != "id" {
		w.Errorf("%q", rows)
	}
}

var spoil = store.Q(store.Register, "test.evaluation.spoil", `UPDATE evaluation_unit SET body = REPLACE(body, '"reports_upheld":1', '"reports_upheld":0') WHERE evaluation = $1`)

// alter changes one figure behind the program's back.
func (w *world) alter(e *Evaluation) {
	w.Helper()
	if _, err := w.Find(ctx, w.j, inspector, &OfEvaluation{ID: e.ID}); err != nil {
		w.Fatal(err)
	}
	w.must(w.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(spoil, e.ID)
		return err
	}))
	_, err := w.Find(ctx, w.j, inspector, &OfEvaluation{ID: e.ID})
	w.refused(err, "evaluation.altered")
	_, err = w.Trace(ctx, w.j, head, &Tracing{ID: e.ID, Criterion: "copies"})
	w.refused(err, "evaluation.altered")
	if err := w.WritePaper(ctx, w.j, head, &PaperOf{ID: e.ID}, &bytes.Buffer{}); !fault.Is(err, fault.Conflict) {
		w.Errorf("a paper of altered figures: %v", err)
	}
}

// TestYear: a year must be over, waits for its appeals, and is computed again
// while nobody has appealed.
func TestYear(t *testing.T) {
	w := open(t, storetest.SQLite(t))
	w.govern()
	w.now = persian.Date{Year: 1406, Month: 2, Day: 1}.Start().Add(time.Hour)
	e := done[Evaluation](w)(w.Compute(ctx, w.j, inspector, &Computing{Year: 1405}))
	again := done[Evaluation](w)(w.Compute(ctx, w.j, inspector, &Computing{Year: 1405}))
	if again.ID != e.ID || again.Version != 2 || again.From.String() != "1405-01" || again.Until.String() != "1405-12" || again.Appeals.String() != "1406-02-31" {
		t.Errorf("%+v", again)
	}
	_, _, err := w.Freeze(ctx, w.j, inspector, &Freezing{ID: e.ID, Note: "زود"})
	w.refused(err, "evaluation.appeals.running")
	in := &Appealing{ID: e.ID, Criterion: "answers", Grounds: "پاسخ در مهلت داده شد", Document: "نامه ۳", Paper: digest}
	done[Appeal](w)(w.Appeal(ctx, w.j, head, in))
	_, _, err = w.Compute(ctx, w.j, inspector, &Computing{Year: 1405})
	w.refused(err, "evaluation.appealed")
	w.now = w.now.Add(31 * 24 * time.Hour)
	in.Criterion = "copies"
	_, _, err = w.Appeal(ctx, w.j, head, in)
	w.refused(err, "evaluation.appeals.over")
	done[Appeal](w)(w.Rule(ctx, w.j, second, &Ruling{Appeal: 1, Reason: "رد"}))
	done[Evaluation](w)(w.Freeze(ctx, w.j, inspector, &Freezing{ID: e.ID, Note: "بیمه نمونه داده ندارد"}))
	_, _, err = w.Compute(ctx, w.j, inspector, &Computing{Year: 1405})
	w.refused(err, "evaluation.frozen")
	list, err := w.Evaluations(ctx, head, &Listing{})
	w.must(err)
	if len(list) != 1 || list[0].Year != 1405 || list[0].Frozen.IsZero() {
		t.Errorf("%+v", list)
	}
}
