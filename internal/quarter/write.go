package quarter

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Reading asks for a report as a paper or a table.
type Reading struct {
	Quarter Quarter      `json:"quarter"`
	Lang    message.Lang `json:"language"` // fa or en; "": fa
	Format  string       `json:"format"`   // of a paper html or pdf, of a table csv or xlsx; "": the first
}

func (in *Reading) check(formats ...string) error {
	if in.Lang == "" {
		in.Lang = message.Fa
	}
	if in.Format == "" {
		in.Format = formats[0]
	}
	if in.Lang != message.Fa && in.Lang != message.En {
		return fault.New(fault.Invalid, "quarter.language").At("language")
	}
	if !slices.Contains(formats, in.Format) {
		return fault.New(fault.Invalid, "quarter.format", strings.Join(formats, ", ")).At("format")
	}
	return nil
}

// Write writes a report as page or PDF: of the document and nothing else, so
// that an issued one is the same for ever.
func (b *Book) Write(ctx context.Context, actor journal.Actor, in *Reading, w io.Writer) error {
	if err := in.check("html", letter.PDF); err != nil {
		return err
	}
	r, err := b.Find(ctx, actor, in.Quarter)
	if err != nil {
		return err
	}
	return r.write(in.Lang, in.Format, w)
}

func (r *Report) write(lang message.Lang, format string, w io.Writer) error {
	t := &telling{lang: lang, r: r, d: r.Document}
	title := t.t("quarter.title."+strconv.Itoa(r.Quarter.No), strconv.Itoa(r.Quarter.Year))
	subtitle := t.t("quarter.subtitle."+r.State.String(), t.day(r.Document.From), t.day(r.Document.Until))
	day := persian.DateOf(r.Drafted.At)
	if r.Issued != nil {
		day = persian.DateOf(r.Issued.At)
	}
	t.Paper = letter.NewPaper(w, format, lang, title, subtitle, day)
	return t.write()
}

// telling is a report being written.
type telling struct {
	letter.Paper
	lang message.Lang
	r    *Report
	d    *Document
}

func (t *telling) t(key string, args ...string) string { return message.Text(t.lang, key, args...) }
func (t *telling) count(n int64) string                { return letter.Count(t.lang, n) }

// share is n of all in percent; of nothing it is a dash.
func (t *telling) share(n, all int64) string {
	if all == 0 {
		return "–"
	}
	return letter.Percent(t.lang, float64(n)/float64(all))
}

func (t *telling) day(d persian.Date) string {
	if d.IsZero() {
		return "–"
	}
	if t.lang == message.Fa {
		return letter.Isolate(d.Persian())
	}
	return d.String()
}

func (t *telling) write() error {
	t.Facts(t.facts())
	t.remark("summary", t.d.Remarks.Summary)
	t.inquiries()
	t.removal()
	t.supervision()
	t.deadlines()
	t.decisions()
	t.remark("obstacles", t.d.Remarks.Obstacles)
	t.remark("proposals", t.d.Remarks.Proposals)
	t.provinces()
	t.agencies()
	t.proof()
	return t.End()
}

func (t *telling) remark(name, text string) {
	if text == "" {
		return
	}
	t.Heading(t.t("quarter.remark." + name))
	for line := range strings.Lines(text) {
		t.Paragraph(letter.Own(strings.TrimSpace(line)))
	}
}

func (t *telling) facts() []letter.Fact {
	c, late := &t.d.Country, int64(0)
	for _, d := range t.d.Deadlines {
		late += d.Late
	}
	return []letter.Fact{
		{Label: t.t("quarter.fact.inquiries"), Value: t.count(c.Inquiries), Note: t.change(t.d.Before.Inquiries, c.Inquiries)},
		{Label: t.t("quarter.fact.agreements"), Value: t.share(c.Agreements, c.Bodies), Note: t.of(c.Agreements, c.Bodies)},
		{Label: t.t("quarter.fact.online"), Value: t.share(c.Online, c.Processes), Note: t.of(c.Online, c.Processes)},
		{Label: t.t("quarter.fact.copies"), Value: t.count(c.Copies), Note: t.t("quarter.fact.copies.note", t.count(c.Exceptions))},
		{Label: t.t("quarter.fact.reports"), Value: t.count(c.Reports), Note: t.t("quarter.fact.reports.note", t.count(c.Upheld))},
		{Label: t.t("quarter.fact.misuse"), Value: t.count(c.Misuse), Note: t.t("quarter.fact.misuse.note", t.count(c.Sampled))},
		{Label: t.t("quarter.fact.outages"), Value: t.count(c.Tickets), Note: t.t("quarter.fact.outages.note", t.count(c.Unresolved))},
		{Label: t.t("quarter.fact.late"), Value: t.count(late), Note: t.t("quarter.fact.late.note")},
	}
}

func (t *telling) of(n, all int64) string {
	return t.t("quarter.of", t.count(n), t.count(all))
}

// change compares with the quarter before.
func (t *telling) change(before, now int64) string {
	switch {
	case before == 0:
		return t.t("quarter.change.first")
	case now >= before:
		return t.t("quarter.change.more", t.share(now-before, before))
	}
	return t.t("quarter.change.less", t.share(before-now, before))
}

func (t *telling) inquiries() {
	t.Heading(t.t("quarter.inquiries"))
	var labels []string
	lines := []letter.Series{{Name: t.t("quarter.answered")}, {Name: t.t("quarter.not_found")}, {Name: t.t("quarter.refused")}}
	for _, m := range t.d.Months {
		labels = append(labels, t.t("console.month."+strconv.Itoa(int(m.Month.Month))))
		for i, n := range []int64{m.Answered, m.NotFound, m.Refused} {
			lines[i].Values = append(lines[i].Values, n)
		}
	}
	if !slices.ContainsFunc(t.d.Months, func(m Month) bool { return m.Answered+m.NotFound+m.Refused > 0 }) {
		t.Paragraph(t.t("quarter.inquiries.none"))
		return
	}
	t.Lines(t.t("quarter.inquiries.chart"), labels, lines)
	if len(t.d.Services) > 0 {
		var bars []letter.Bar
		for _, s := range t.d.Services {
			name := s.Service
			if key := "agreement.asks." + name; message.Known(key) {
				name = t.t(key)
			}
			bars = append(bars, letter.Bar{Label: name, Value: s.Inquiries})
		}
		t.Bars(t.t("quarter.services.chart"), bars)
	}
	t.Table([]letter.Column{
		{Title: t.t("quarter.month"), Share: .28}, {Title: t.t("quarter.answered"), Share: .24, Number: true},
		{Title: t.t("quarter.not_found"), Share: .24, Number: true}, {Title: t.t("quarter.refused"), Share: .24, Number: true},
	}, func(yield func([]string) bool) {
		for _, m := range t.d.Months[9:] {
			if !yield([]string{
				t.t("console.month."+strconv.Itoa(int(m.Month.Month))) + " " + strconv.Itoa(int(m.Month.Year)),
				t.count(m.Answered), t.count(m.NotFound), t.count(m.Refused),
			}) {
				return
			}
		}
	})
}

// removal is how far copies are gone, by province.
func (t *telling) removal() {
	t.Heading(t.t("quarter.removal"))
	c := &t.d.Country
	t.counted("quarter.removal.text", "quarter.removal.none", c.Processes+c.Obstacles, c.Processes, c.Copies, c.Online, c.Exceptions, c.Obstacles, c.Overdue)
	var national, provinces []letter.Share // a chart each: beside the former the latter would be too short to read
	for i := range t.d.Provinces {
		p := &t.d.Provinces[i]
		bar := letter.Share{Label: t.province(p), Parts: []int64{p.Online, p.Exceptions, p.Copies}}
		switch {
		case p.Processes == 0:
		case p.Province == "":
			national = append(national, bar)
		default:
			provinces = append(provinces, bar)
		}
	}
	parts := []string{t.t("quarter.online"), t.t("quarter.exceptions"), t.t("quarter.copies")}
	if len(national) > 0 {
		t.Shares(t.t("quarter.removal.national"), parts, national)
	}
	if len(provinces) > 0 {
		t.Shares(t.t("quarter.removal.chart"), parts, provinces)
	}
	t.counted("quarter.own.text", "quarter.own.none", c.OwnCopies+c.Tickets, c.OwnCopies, c.Tickets, c.Unresolved)
}

// counted adds a sentence of counts, or that there was nothing to count.
func (t *telling) counted(text, none string, sum int64, counts ...int64) {
	if sum == 0 {
		t.Paragraph(t.t(none))
		return
	}
	var args []string
	for _, n := range counts {
		args = append(args, t.count(n))
	}
	t.Paragraph(t.t(text, args...))
}

func (t *telling) province(l *Line) string {
	if l.Province == "" {
		return t.t("quarter.national")
	}
	return l.Province
}

// supervision is what citizens reported and what inspectors found.
func (t *telling) supervision() {
	t.Heading(t.t("quarter.supervision"))
	c := &t.d.Country
	t.counted("quarter.reports.text", "quarter.reports.none", c.Reports+c.Upheld+c.Late, c.Reports, c.Upheld, c.Late)
	t.counted("quarter.audits.text", "quarter.audits.none", c.Sampled+c.Misuse+c.Narrowed, c.Sampled, c.Misuse, c.Narrowed)
	var bars []letter.Bar
	for i := range t.d.Agencies {
		if l := &t.d.Agencies[i]; l.Upheld > 0 {
			bars = append(bars, letter.Bar{Label: l.Name, Value: l.Upheld})
		}
	}
	slices.SortStableFunc(bars, func(x, y letter.Bar) int { return int(y.Value - x.Value) })
	if len(bars) > 0 {
		t.Bars(t.t("quarter.reports.chart"), bars[:min(len(bars), 10)])
	}
}

func (t *telling) deadlines() {
	if len(t.d.Deadlines) == 0 {
		return
	}
	t.Heading(t.t("quarter.deadlines"))
	var unknown []string
	var rows [][]string
	for i := range t.d.Deadlines {
		d := &t.d.Deadlines[i]
		switch clause := letter.Isolate(d.Clause); d.State {
		case deadline.Repealed:
		case deadline.NotMeasured:
			if !slices.Contains(unknown, clause) {
				unknown = append(unknown, clause)
			}
		default:
			rows = append(rows, t.deadline(d))
		}
	}
	if len(rows) > 0 {
		t.Table([]letter.Column{
			{Title: t.t("quarter.clause"), Share: .12}, {Title: t.t("quarter.duty"), Share: .34}, {Title: t.t("quarter.due"), Share: .16},
			{Title: t.t("quarter.met"), Share: .14, Number: true}, {Title: t.t("quarter.late"), Share: .1, Number: true}, {Title: t.t("quarter.most_late"), Share: .14, Number: true},
		}, slices.Values(rows))
	}
	if len(unknown) > 0 {
		t.Paragraph(t.t("quarter.unmeasured", strings.Join(unknown, t.t("place.address.comma")+" ")))
	}
	t.Paragraph(t.t("quarter.law"))
}

// deadline is a row of the table of deadlines.
func (t *telling) deadline(d *Deadline) []string {
	met, late, most := t.of(d.Met, d.Bodies), t.count(d.Late), t.count(d.MostLate)
	if d.Bodies == 0 {
		met, late, most = t.t("quarter.state."+strings.ReplaceAll(d.State, "-", "_")), "–", "–"
	}
	duty := d.Fa
	if t.lang == message.En {
		duty = d.En
	}
	return []string{letter.Isolate(d.Clause), duty, t.day(d.Due), met, late, most}
}

func (t *telling) decisions() {
	if len(t.d.Decisions) == 0 {
		return
	}
	t.Heading(t.t("quarter.decisions"))
	t.Table([]letter.Column{
		{Title: t.t("quarter.date"), Share: .16}, {Title: t.t("quarter.reference"), Share: .24}, {Title: t.t("quarter.text"), Share: .6},
	}, func(yield func([]string) bool) {
		for _, d := range t.d.Decisions {
			if !yield([]string{t.day(d.Date), d.Reference, d.Text}) {
				return
			}
		}
	})
}

func (t *telling) provinces() {
	t.Heading(t.t("quarter.provinces"))
	t.lines(t.t("quarter.province"), t.d.Provinces, t.province)
}

func (t *telling) agencies() {
	t.Heading(t.t("quarter.agencies"))
	t.lines(t.t("quarter.agency"), t.d.Agencies, func(l *Line) string {
		if l.Name == "" {
			return letter.Isolate(l.Agency.String())
		}
		return l.Name
	})
}

// lines is a table of figures, a line each.
func (t *telling) lines(head string, all []Line, name func(*Line) string) {
	if len(all) == 0 {
		t.Paragraph(t.t("quarter.none"))
		return
	}
	columns := []letter.Column{{Title: head, Share: .23}}
	for _, key := range []string{"bodies", "agreements", "asked", "online", "copies", "obstacles_open", "upheld"} {
		columns = append(columns, letter.Column{Title: t.t("quarter." + key), Share: .11, Number: true})
	}
	t.Table(columns, func(yield func([]string) bool) {
		for i := range all {
			l := &all[i]
			cells := []string{name(l)}
			for _, n := range []int64{l.Bodies, l.Agreements, l.Inquiries, l.Online, l.Copies, l.Obstacles, l.Upheld} {
				cells = append(cells, t.count(n))
			}
			if !yield(cells) {
				return
			}
		}
	})
}

// proof is how a stranger finds out that nobody has changed the report.
func (t *telling) proof() {
	t.Heading(t.t("quarter.proof"))
	if t.r.Issued == nil {
		t.Paragraph(t.t("quarter.proof.draft"))
	} else {
		t.Paragraph(t.t("quarter.proof.text"))
	}
	t.Table([]letter.Column{{Title: t.t("quarter.proof.what"), Share: .3}, {Title: t.t("quarter.proof.value"), Share: .7}}, func(yield func([]string) bool) {
		rows := [][2]string{
			{"quarter.proof.digest", letter.Isolate(grouped(t.r.Digest))},
			{"quarter.proof.drawn", t.t("quarter.proof.drawn.value", letter.Isolate(t.d.Log.Origin), t.count(t.d.Log.Size))},
		}
		for _, s := range []struct {
			key string
			by  *Signer
		}{{"quarter.proof.drafted", &t.r.Drafted}, {"quarter.proof.reviewed", t.r.Reviewed}, {"quarter.proof.issued", t.r.Issued}} {
			if s.by != nil {
				rows = append(rows, [2]string{s.key, t.t("quarter.proof.by", letter.Isolate(s.by.Login), s.by.Body.String(), t.day(persian.DateOf(s.by.At)))})
			}
		}
		if t.r.Code != "" {
			rows = append(rows, [2]string{"quarter.proof.code", letter.Isolate(t.r.Code.Grouped())})
		}
		for i, line := range strings.Split(strings.TrimSpace(t.r.Checkpoint), "\n") {
			key := ""
			if i == 0 {
				key = "quarter.proof.checkpoint"
			}
			if line != "" {
				rows = append(rows, [2]string{key, "\u2066" + line + "\u2069"})
			}
		}
		for _, row := range rows {
			name := ""
			if row[0] != "" {
				name = t.t(row[0])
			}
			if !yield([]string{name, row[1]}) {
				return
			}
		}
	})
}

// grouped breaks a long digest where a line may end.
func grouped(hex string) string {
	var b strings.Builder
	for i := range len(hex) {
		if i > 0 && i%8 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(hex[i])
	}
	return b.String()
}
