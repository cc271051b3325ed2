package delivery

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// ReportOf asks for the report on a delivery's file.
type ReportOf struct {
	Delivery int64        `json:"delivery"`
	Lang     message.Lang `json:"language"` // fa or en; "": fa
	Format   string       `json:"format"`   // html or pdf; "": html
}

// telling is a report being written.
type telling struct {
	letter.Paper
	lang    message.Lang
	d       *Delivery
	of      string // name of the agency
	staff   bool   // the registry reads it, not the agency
	report  *Report
	model   *model
	tally   *tally
	learnt  *Calibration
	decided []truth // about all files
}

// model is what a report says of the linkage's model.
type model struct {
	Records float64 `json:"records"`
	Rows    int64   `json:"estimated_from_rows"`
	Rate    float64 `json:"in_register"`
	Columns []struct {
		Name   string `json:"name"`
		Kind   string `json:"kind"`
		Levels []struct {
			Level string  `json:"level"`
			M     float64 `json:"m"`
			U     float64 `json:"u"`
			Bits  float64 `json:"bits"`
		} `json:"levels"`
	} `json:"columns"`
}

// prior is the weight before anything is compared: above it a candidate is
// likelier than nobody.
func (m *model) prior() float64 {
	if m.Records < 1 || m.Rate <= 0 || m.Rate >= 1 {
		return 0
	}
	return math.Log2(m.Rate / (1 - m.Rate) / m.Records)
}

// WriteReport writes the report on a file. It names nobody, and its numbers are
// those of the linkage and of the decisions so far. Faults: delivery.unknown,
// delivery.report.none.
func (b *Book) WriteReport(ctx context.Context, actor journal.Actor, in *ReportOf, w io.Writer) error {
	if err := register.Only(actor, everyone...); err != nil {
		return err
	}
	if in.Lang == "" {
		in.Lang = message.Fa
	}
	if in.Lang != message.Fa && in.Lang != message.En || !slices.Contains([]string{"", "html", letter.PDF}, in.Format) {
		return fault.New(fault.Invalid, "delivery.report.word").At("format")
	}
	d, err := b.own(ctx, actor, in.Delivery)
	if err != nil {
		return err
	}
	if d.report == "" || !d.fit() {
		return fault.New(fault.Conflict, "delivery.report.none")
	}
	t := &telling{lang: in.Lang, d: d, staff: staff(actor), report: new(Report)}
	var m struct {
		Model *model `json:"model"`
	}
	if err := json.Unmarshal([]byte(d.report), t.report); err != nil {
		return errRows.Because(err)
	}
	if err := json.Unmarshal([]byte(d.report), &m); err != nil {
		return errRows.Because(err)
	}
	if t.model = m.Model; t.model == nil {
		t.model = new(model)
	}
	if !t.staff {
		t.report.outside()
	}
	if t.tally, err = b.tallyOf(ctx, d.ID); err == nil {
		t.learnt, err = b.calibration(ctx)
	}
	if err == nil {
		t.decided, err = b.truths(ctx, 0)
	}
	if err != nil {
		return err
	}
	if of, err := b.c.Agencies.ByID(d.Agency); err == nil {
		t.of = letter.Own(of.Name)
	}
	t.begin(w, in.Format)
	return t.write()
}

// fit reports whether the delivery is one of which a report may be given: its
// rows have been linked and the guard has not stopped it.
func (d *Delivery) fit() bool {
	return !d.Linked.IsZero() && d.State != Stopped && d.State != Withdrawn && d.State != Refused
}

func (t *telling) t(key string, args ...string) string { return message.Text(t.lang, key, args...) }
func (t *telling) count(n int64) string                { return letter.Count(t.lang, n) }
func (t *telling) percent(p float64) string            { return letter.Percent(t.lang, p) }

// few writes an expected number: with a decimal if it is small.
func (t *telling) few(v float64) string {
	if v >= 100 {
		return t.count(int64(math.Round(v)))
	}
	return letter.Fraction(t.lang, v, 1)
}

func (t *telling) begin(w io.Writer, format string) {
	title := t.t("delivery.report.title", strconv.FormatInt(t.d.ID, 10))
	subtitle := t.t("delivery.report.subtitle", t.of, t.count(t.report.Rows))
	t.Paper = letter.NewPaper(w, format, t.lang, title, subtitle, persian.DateOf(t.d.Linked))
}

// write writes the parts in their order.
func (t *telling) write() error {
	t.Facts(t.facts())
	t.Paragraph(t.t("delivery.report.intro"))
	t.statuses()
	t.weights()
	t.examples()
	t.review()
	t.calibration()
	t.parameters()
	t.origin()
	return t.End()
}

// linkedRows is how many rows name one person.
func (t *telling) linkedRows() (n int64) {
	for _, s := range linkage.Statuses() {
		o := linkage.Outcome{Status: s}
		if o.Linked() {
			n += t.report.Counts[s.String()]
		}
	}
	return n
}

func (t *telling) facts() []letter.Fact {
	r, linked := t.report, t.linkedRows()
	share := float64(linked) / float64(max(r.Rows, 1))
	precision := 1 - r.ExpectedFalse/float64(max(linked, 1))
	ambiguous := r.Counts[linkage.Ambiguous.String()]
	return []letter.Fact{
		{Label: t.t("delivery.report.fact.rows"), Value: t.count(r.Rows), Note: t.t("delivery.report.fact.unreadable", t.count(r.Unreadable))},
		{Label: t.t("delivery.report.fact.linked"), Value: t.percent(share), Note: t.t("delivery.report.fact.linked.note", t.count(linked))},
		{
			Label: t.t("delivery.report.fact.false"), Value: t.few(r.ExpectedFalse),
			Note: t.t("delivery.report.fact.false.note", t.few(r.FalseLow), t.few(r.FalseHigh)),
		},
		{Label: t.t("delivery.report.fact.recall"), Value: t.percent(r.Recall), Note: t.t("delivery.report.fact.recall.note")},
		{Label: t.t("delivery.report.fact.precision"), Value: t.percent(precision), Note: t.t("delivery.report.fact.precision.note")},
		{
			Label: t.t("delivery.report.fact.ambiguous"), Value: t.count(ambiguous),
			Note: t.t("delivery.report.fact.ambiguous.note", t.count(t.tally.ambiguous.decided())),
		},
		{Label: t.t("delivery.report.fact.automatic"), Value: t.percent(r.Automatic), Note: t.t("delivery.report.fact.automatic.note")},
		{Label: t.t("delivery.report.fact.review"), Value: t.percent(r.Review), Note: t.t("delivery.report.fact.review.note")},
	}
}

// statuses counts rows by status. Who may not be shown is not found, here too.
func (t *telling) statuses() {
	t.Heading(t.t("delivery.report.status"))
	counts := map[linkage.Status]int64{}
	for _, s := range linkage.Statuses() {
		counts[outside(s)] += t.report.Counts[s.String()]
	}
	var bars []letter.Bar
	for _, s := range linkage.Statuses() {
		if n := counts[s]; n > 0 {
			bars = append(bars, letter.Bar{Label: t.t("delivery.report.status." + s.String()), Value: n})
		}
	}
	t.Bars(t.t("delivery.report.status.count"), bars)
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.status.head"), Share: .2}, {Title: t.t("delivery.report.status.meaning"), Share: .5},
		{Title: t.t("delivery.report.rows"), Share: .16, Number: true}, {Title: t.t("delivery.report.share"), Share: .14, Number: true},
	}, func(yield func([]string) bool) {
		for _, s := range linkage.Statuses() {
			n := counts[s]
			if n > 0 && !yield([]string{
				t.t("delivery.report.status." + s.String()), t.t("delivery.report.meaning." + s.String()), t.count(n),
				t.percent(float64(n) / float64(max(t.report.Rows, 1))),
			}) {
				return
			}
		}
	})
}

func (t *telling) weights() {
	if len(t.report.Histogram) == 0 {
		return
	}
	t.Heading(t.t("delivery.report.weights"))
	t.Paragraph(t.t("delivery.report.weights.text"))
	h := &letter.Histogram{
		Title: t.t("delivery.report.weights.chart"), Axis: t.t("delivery.report.weights.axis"),
		All: t.t("delivery.report.weights.all"), Chose: t.t("delivery.report.weights.linked"),
	}
	for _, b := range t.report.Histogram {
		h.Bins = append(h.Bins, letter.HistogramBin{From: b.From, To: b.To, All: int64(b.Rows), Some: int64(b.Linked)})
	}
	t.Histogram(h)
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.weights.from"), Share: .34}, {Title: t.t("delivery.report.rows"), Share: .22, Number: true},
		{Title: t.t("delivery.report.weights.linked"), Share: .22, Number: true}, {Title: t.t("delivery.report.weights.false"), Share: .22, Number: true},
	}, func(yield func([]string) bool) {
		for _, b := range t.report.Histogram {
			between := letter.Signed(t.lang, b.From, 0) + " … " + letter.Signed(t.lang, b.To, 0)
			if b.Rows > 0 && !yield([]string{between, t.count(int64(b.Rows)), t.count(int64(b.Linked)), letter.Fraction(t.lang, b.ExpectedFalse, 2)}) {
				return
			}
		}
	})
}

// examples draws how some rows were judged.
func (t *telling) examples() {
	if len(t.report.Examples) == 0 {
		return
	}
	t.Heading(t.t("delivery.report.examples"))
	t.Paragraph(t.t("delivery.report.examples.text"))
	for _, e := range t.report.Examples {
		status := t.t("delivery.report.status." + e.Status)
		for i := range e.Candidates {
			title := t.t("delivery.report.example", strconv.FormatInt(e.Row, 10), status, t.percent(e.Probability))
			if len(e.Candidates) > 1 {
				title = t.t("delivery.report.example.of", strconv.FormatInt(e.Row, 10), status, strconv.Itoa(i+1))
			}
			t.Waterfall(t.steps(title, &e.Candidates[i]))
		}
	}
}

func (t *telling) steps(title string, of *Weights) *letter.Waterfall {
	w := &letter.Waterfall{Title: title, Sum: t.t("delivery.report.sum")}
	prior := t.model.prior()
	w.Steps = append(w.Steps, letter.Step{Label: t.t("delivery.report.prior"), Note: t.t("delivery.report.prior.note"), Value: prior})
	sum := 0.0
	for _, c := range of.Columns {
		sum += c.Weight
		if c.Level == "missing" && !slices.Contains(t.report.Columns, c.Column) {
			continue // the file has no such column
		}
		w.Steps = append(w.Steps, letter.Step{Label: t.t("delivery.report.column." + c.Column), Note: t.t("delivery.report.level." + c.Level), Value: c.Weight})
	}
	if kin := of.Total - sum; math.Abs(kin) >= 0.05 {
		w.Steps = append(w.Steps, letter.Step{Label: t.t("delivery.report.kin"), Note: t.t("delivery.report.kin.note"), Value: kin})
	}
	return w
}
