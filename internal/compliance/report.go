package compliance

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// PaperOf asks for a paper: of one agency, or the ranking of the country or of a
// province.
type PaperOf struct {
	ID       int64        `json:"evaluation"`
	Agency   ids.LegalID  `json:"agency"`
	Province string       `json:"province"`
	Lang     message.Lang `json:"language"` // fa or en; "": fa

	Format string `json:"-"` // letter.PDF, or a page
}

// telling is a paper being written.
type telling struct {
	letter.Paper
	lang  message.Lang
	found *Found
	class []*Unit // of the unit, or of the ranking, in order of rank
}

func (t *telling) t(key string, args ...string) string { return message.Text(t.lang, key, args...) }

func (t *telling) count(n int64) string { return letter.Count(t.lang, n) }

func (t *telling) points(p Points) string { return letter.Fraction(t.lang, float64(p)/100, 2) }

func (t *telling) date(d persian.Date) string {
	s := strings.ReplaceAll(d.String(), "-", "/")
	if t.lang == message.Fa {
		s = persian.Digits(s)
	}
	return letter.Isolate(s)
}

// WritePaper writes the paper of an agency, or a ranking. An agency's officers
// get that of their own agency or one below it, in which other agencies have no
// names. Faults: as of Find.
func (b *Book) WritePaper(ctx context.Context, j *journal.Journal, actor journal.Actor, in *PaperOf, w io.Writer) error {
	if in.Lang == "" {
		in.Lang = message.Fa
	}
	if in.Lang != message.Fa && in.Lang != message.En {
		return fault.New(fault.Invalid, "compliance.word").At("language")
	}
	if !watches(actor) && in.Agency == 0 {
		in.Agency, in.Province = actor.Agency, ""
	}
	seen, err := b.Find(ctx, j, actor, &OfEvaluation{ID: in.ID, Agency: in.Agency, Province: in.Province})
	if err != nil {
		return err
	}
	all, err := b.whole(ctx, j, &OfEvaluation{ID: in.ID})
	if err != nil {
		return err
	}
	t := &telling{lang: in.Lang, found: seen}
	if in.Agency != 0 {
		t.rank(all.Units, seen.Units[0].Class)
		return t.agency(w, in.Format, seen.Units[0], all.Units)
	}
	class := national
	if in.Province != "" {
		class = in.Province
	}
	t.rank(all.Units, class)
	return t.ranking(w, in.Format, class, all.Units)
}

// rank takes a class in order of rank.
func (t *telling) rank(all []*Unit, class string) {
	for _, u := range all {
		if u.Class == class {
			t.class = append(t.class, u)
		}
	}
	slices.SortFunc(t.class, func(a, b *Unit) int {
		if c := rankKey(a) - rankKey(b); c != 0 {
			return c
		}
		return compareText(a.ID, b.ID)
	})
}

// begin opens the paper.
func (t *telling) begin(w io.Writer, format, subtitle string) {
	e := &t.found.Evaluation
	title := t.t("evaluation.report.trial", t.date(e.From), t.date(e.Until))
	if e.Year != 0 {
		title = t.t("evaluation.report.title", t.date(persian.Date{Year: int16(e.Year)}))
	}
	day := e.Made
	if !e.Frozen.IsZero() {
		day = e.Frozen
	}
	t.Paper = letter.NewPaper(w, format, t.lang, title, subtitle, persian.DateOf(day))
	if e.Frozen.IsZero() {
		t.Paragraph(t.t("evaluation.report.draft", t.date(e.Appeals), t.count(e.Version)))
	}
}

// agency writes the paper of one agency.
func (t *telling) agency(w io.Writer, format string, u *Unit, all []*Unit) error {
	t.begin(w, format, letter.Own(u.Name))
	t.Facts([]letter.Fact{
		{Label: t.t("evaluation.report.points"), Value: t.points(u.Whole.Points), Note: t.t("evaluation.report.hundred")},
		{Label: t.t("evaluation.report.rank"), Value: t.rankOf(u), Note: t.className(u.Class)},
		{Label: t.t("evaluation.report.median"), Value: t.points(u.Median), Note: t.className(u.Class)},
		{Label: t.t("evaluation.report.bodies"), Value: t.count(int64(len(u.Agencies))), Note: t.t("evaluation.report.bodies.note")},
	})
	t.earned(&u.Whole)
	t.place(u)
	t.criteria(u)
	t.below(u, all)
	t.corrections(u)
	t.seal()
	return t.End()
}

func (t *telling) rankOf(u *Unit) string {
	if u.Rank == 0 {
		return t.t("evaluation.report.none")
	}
	return t.t("evaluation.report.rank.of", t.count(int64(u.Rank)), t.count(int64(u.RankOf)))
}

func (t *telling) className(class string) string {
	switch class {
	case national:
		return t.t("evaluation.report.national")
	case provinces:
		return t.t("evaluation.report.provinces")
	}
	return t.t("evaluation.report.province", letter.Own(class))
}

// earned shows, criterion by criterion, what was earned of its weight.
func (t *telling) earned(r *Result) {
	var bars []letter.Share
	for _, s := range r.Criteria {
		if s.Weight == 0 {
			continue
		}
		label := t.t(criterionKey + s.Criterion)
		if s.State != Scored {
			label += " (" + t.t(stateKey+s.State) + ")"
		}
		got := (int64(s.Points) + 50) / 100
		if s.State != NotDue {
			bars = append(bars, letter.Share{Label: label, Parts: []int64{got, s.Weight - got}})
		}
	}
	t.Shares(t.t("evaluation.report.chart.criteria"), []string{t.t("evaluation.report.earned"), t.t("evaluation.report.lost")}, bars)
}

// around is how many of a class a chart shows on either side.
const around = 6

// place shows where the unit stands: those before and behind it, without their
// names, and the median.
func (t *telling) place(u *Unit) {
	at := slices.IndexFunc(t.class, func(o *Unit) bool { return o.ID == u.ID })
	if at < 0 || u.Rank == 0 {
		return
	}
	bars := []letter.Share{}
	for _, o := range t.class[max(0, at-around):min(len(t.class), at+around+1)] {
		parts := []int64{0, whole(o.Whole.Points)}
		if o.ID == u.ID {
			slices.Reverse(parts)
		}
		if o.Rank > 0 {
			bars = append(bars, letter.Share{Label: t.t("evaluation.report.place", t.count(int64(o.Rank))), Parts: parts})
		}
	}
	bars = append(bars, letter.Share{Label: t.t("evaluation.report.median"), Parts: []int64{0, whole(u.Median)}})
	t.Shares(t.t("evaluation.report.chart.place", t.className(u.Class)), []string{t.t("evaluation.report.this"), t.t("evaluation.report.others")}, bars)
}

func whole(p Points) int64 { return (int64(p) + 50) / 100 }

// stateKey and a state are the key of what it is called.
const stateKey = "evaluation.state."

// criteria tells how each criterion was computed.
func (t *telling) criteria(u *Unit) {
	t.Heading(t.t("evaluation.report.how"))
	t.Paragraph(t.t("evaluation.report.how.text", t.count(int64(t.found.Formula.Version)), letter.Own(t.found.Formula.Reference)))
	var rows [][]string
	for _, s := range u.Whole.Criteria {
		share, points := t.t(stateKey+s.State), t.t("evaluation.report.none")
		if s.State == Scored {
			share = letter.Percent(t.lang, float64(s.Share)/perShare)
		}
		if s.State != NotDue {
			points = t.points(s.Points)
		}
		rows = append(rows, []string{t.t(criterionKey + s.Criterion), t.count(s.Weight), share, points})
	}
	t.Table([]letter.Column{
		{Title: t.t("evaluation.report.criterion"), Share: .4},
		{Title: t.t("evaluation.report.weight"), Share: .18, Number: true},
		{Title: t.t("evaluation.report.share"), Share: .24, Number: true},
		{Title: t.t("evaluation.report.points"), Share: .18, Number: true},
	}, each(rows))
	if u.Whole.Counted < 100 {
		t.Paragraph(t.t("evaluation.report.counted", t.count(u.Whole.Counted)))
	}
	t.figures(u)
}

// figures lists what the points were made of.
func (t *telling) figures(u *Unit) {
	columns := []letter.Column{
		{Title: t.t("evaluation.report.criterion"), Share: .24},
		{Title: t.t("evaluation.report.figure"), Share: .56},
		{Title: t.t("evaluation.report.value"), Share: .2, Number: true},
	}
	shared := len(u.Agencies) > 1 && len(u.Lacking) > 0
	if shared {
		columns[1].Share = .4
		columns = append(columns, letter.Column{Title: t.t("evaluation.report.lacking"), Share: .16, Number: true})
	}
	var rows [][]string
	for _, s := range u.Whole.Criteria {
		criterion := t.t(criterionKey + s.Criterion)
		for _, name := range t.found.Formula.criterion(s.Criterion).figures() {
			value := t.t("evaluation.state.missing")
			if v, ok := s.Figures[name]; ok {
				value = t.count(v)
			}
			row := []string{criterion, t.t(figureKey + name), value}
			if shared {
				row = append(row, t.count(u.Lacking[name]))
			}
			rows, criterion = append(rows, row), "" // once is enough
		}
	}
	t.Heading(t.t("evaluation.report.figures"))
	t.Table(columns, each(rows))
}

// each gives rows to a table.
func each(rows [][]string) func(yield func([]string) bool) { return slices.Values(rows) }

// below lists the bodies under an agency, each by its own figures.
func (t *telling) below(u *Unit, all []*Unit) {
	if len(u.Agencies) < 2 {
		return
	}
	var rows [][]string
	for _, id := range u.Agencies {
		i := slices.IndexFunc(all, func(o *Unit) bool { return o.ID == id.String() })
		if i < 0 || all[i].Own == nil {
			continue
		}
		rows = append(rows, []string{letter.Own(all[i].Name), letter.Own(all[i].Province), t.points(all[i].Own.Points), t.missing(all[i].Own)})
	}
	t.Heading(t.t("evaluation.report.below"))
	t.Paragraph(t.t("evaluation.report.below.text"))
	t.Table([]letter.Column{
		{Title: t.t("evaluation.report.agency"), Share: .4},
		{Title: t.t("evaluation.report.of"), Share: .2},
		{Title: t.t("evaluation.report.points"), Share: .15, Number: true},
		{Title: t.t("evaluation.report.missing"), Share: .25},
	}, each(rows))
}

// missing names the criteria whose figures are missing.
func (t *telling) missing(r *Result) string {
	var all []string
	for _, s := range r.Criteria {
		if s.State == Missing {
			all = append(all, t.t(criterionKey+s.Criterion))
		}
	}
	return strings.Join(all, t.t("evaluation.report.and")+" ")
}

func (t *telling) corrections(u *Unit) {
	if len(u.Corrections) == 0 {
		return
	}
	var rows [][]string
	for _, c := range u.Corrections {
		was := t.t("evaluation.state.missing")
		if c.Was != nil {
			was = t.count(*c.Was)
		}
		rows = append(rows, []string{t.count(c.Appeal), t.t(figureKey + c.Figure), was, t.count(c.Value)})
	}
	t.Heading(t.t("evaluation.report.corrections"))
	t.Table([]letter.Column{
		{Title: t.t("evaluation.report.appeal"), Share: .16, Number: true},
		{Title: t.t("evaluation.report.figure"), Share: .48},
		{Title: t.t("evaluation.report.was"), Share: .18, Number: true},
		{Title: t.t("evaluation.report.now"), Share: .18, Number: true},
	}, each(rows))
}

// seal says how to prove that nothing was changed after the freezing.
func (t *telling) seal() {
	e := &t.found.Evaluation
	if e.Frozen.IsZero() {
		return
	}
	t.Heading(t.t("evaluation.report.seal"))
	t.Paragraph(t.t("evaluation.report.seal.text", t.date(persian.DateOf(e.Frozen))))
	for i := 0; i < len(e.SHA256); i += 32 {
		t.Paragraph(letter.Isolate(e.SHA256[i:min(i+32, len(e.SHA256))]))
	}
	if lines := strings.Split(e.Checkpoint, "\n"); len(lines) > 2 {
		t.Paragraph(t.t("evaluation.report.checkpoint", letter.Isolate(lines[0]), letter.Isolate(lines[1])))
		t.Paragraph(letter.Isolate(lines[2]))
	}
	if e.Note != "" {
		t.Paragraph(t.t("evaluation.report.note", letter.Own(e.Note)))
	}
}
