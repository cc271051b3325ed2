package agreement

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Picking names one text: a version of an agreement, or a draft.
type Picking struct {
	Agreement int64 `json:"agreement"`
	Version   int   `json:"version"` // 0: the newest
	Draft     int64 `json:"draft"`
}

// Check refuses what names no text, or two. Fault: agreement.pick.
func (in *Picking) Check() error {
	if (in.Agreement == 0) == (in.Draft == 0) || in.Draft != 0 && in.Version != 0 {
		return fault.New(fault.Invalid, "agreement.pick").At("agreement")
	}
	return nil
}

// Paper is an agreement as it is printed for signature.
type Paper struct {
	Form      *Form
	Digest    string // SHA-256 of the text
	Agreement int64  // 0: not yet one
	Version   int
	State     DraftState // of the draft; 0: the operator registered it without one
	Steps     []Step
	Time      time.Time        // of the last step
	Code      ids.TrackingCode // of its entry

	// Set by the door.
	Name string // of the agency
	Page string // address where codes are checked, as printed
	Link string // the same with the code
	Demo bool
}

// Paper gathers what is printed of a text that the actor may see. Faults:
// agreement.pick, agreement.unknown, agreement.version.unknown,
// agreement.draft.unknown.
func (b *Book) Paper(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Picking) (*Paper, error) {
	f, err := b.Find(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	d := f.Draft
	switch {
	case d == nil && f.Version.Draft == 0:
		return b.paperOf(ctx, j, f.Version)
	case d == nil:
		if d, err = b.draft(ctx, actor, f.Version.Draft); err != nil {
			return nil, err
		}
	}
	last := d.Steps[len(d.Steps)-1]
	p := &Paper{Form: d.Form, Digest: d.Digest, Agreement: d.Agreement, Version: d.Version, State: d.State, Steps: d.Steps, Time: last.At}
	return p.proven(ctx, j, last.act)
}

// paperOf is the paper of a version that was made without a draft.
func (b *Book) paperOf(ctx context.Context, j *journal.Journal, a *Agreement) (*Paper, error) {
	f := FormOf(a)
	_, digest, err := f.text()
	if err != nil {
		return nil, err
	}
	p := &Paper{Form: f, Digest: hex.EncodeToString(digest[:]), Agreement: a.ID, Version: a.Version, Time: a.Made}
	var act journal.ActID
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		act, err = actOf(tx, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.proven(ctx, j, act)
}

// proven finds the tracking code of the paper's last act.
func (p *Paper) proven(ctx context.Context, j *journal.Journal, act journal.ActID) (*Paper, error) {
	entry, err := j.Settle(ctx, act)
	if err != nil {
		return nil, err
	}
	p.Code = entry.Code
	return p, nil
}

// Write writes the paper as a PDF.
func (p *Paper) Write(w io.Writer, lang message.Lang) error {
	t := func(key string, args ...string) string { return message.Text(lang, key, args...) }
	r := letter.NewReport(w, lang, t("agreement.paper.title"), t("agreement.paper.parties", isolated(p.Name)), persian.DateOf(p.Time))
	if p.Demo {
		r.Remark(letter.Remark{Text: t("letter.demo"), Tone: letter.Bad})
	}
	if p.State != 0 && p.State != Effective {
		r.Remark(letter.Remark{Text: t("agreement.paper.draft"), Tone: letter.Bad})
	}
	r.Paragraph(t("agreement.paper.law"))
	table := func(head string, rows [][2]string) {
		two := []letter.Column{{Title: head, Share: 0.3}, {Title: t("agreement.paper.text"), Share: 0.7}}
		r.Table(two, func(yield func([]string) bool) {
			for _, row := range rows {
				if !yield(row[:]) {
					return
				}
			}
		})
	}
	table(t("agreement.paper.item"), p.facts(lang))
	for i := range p.Form.Clauses {
		c := &p.Form.Clauses[i]
		r.Heading(t("agreement.paper.clause", strconv.Itoa(c.No), said{"service", one(c.Service)}.inWords(lang)))
		table(t("agreement.paper.item.clause", strconv.Itoa(c.No)), c.rows(lang)) // the head is repeated where a page ends
	}
	if len(p.Steps) > 0 {
		r.Heading(t("agreement.paper.steps"))
		p.writeSteps(r, lang)
	}
	r.Heading(t("agreement.paper.signatures"))
	r.Sign(p.signatures(lang))
	return p.seal(r)
}

// rows are a clause as its table has it: why it is needed and what could go
// wrong come first; the service is the heading.
func (c *Clause) rows(lang message.Lang) (rows [][2]string) {
	all := c.says()[1:]
	words := len(all) - 2
	for _, m := range slices.Concat(all[words:], all[:words]) {
		rows = append(rows, [2]string{label(lang, m.name), m.inWords(lang)})
	}
	return rows
}

// seal ends the paper with its tracking code.
func (p *Paper) seal(r *letter.Report) error {
	if err := r.Proof(p.Code, p.Page, p.Link, "agreement.paper.proof"); err != nil {
		return err
	}
	return r.End()
}

// facts are what an agreement says beside its clauses.
func (p *Paper) facts(lang message.Lang) [][2]string {
	t := func(key string, args ...string) string { return message.Text(lang, "agreement.paper."+key, args...) }
	number, version := t("new"), ""
	if p.Agreement != 0 {
		number, version = p.digits(lang, strconv.FormatInt(p.Agreement, 10)), p.digits(lang, strconv.Itoa(p.Version))
	}
	rows := [][2]string{
		{t("first"), message.Text(lang, "letter.registry")},
		{t("second"), t("named", isolated(p.Name), p.Form.Agency.String())},
		{t("number"), number},
	}
	switch {
	case version != "" && p.State != 0 && p.State != Effective:
		rows = append(rows, [2]string{t("amends"), version})
	case version != "":
		rows = append(rows, [2]string{t("version"), version})
	}
	for _, m := range p.Form.says() {
		rows = append(rows, [2]string{label(lang, m.name), m.inWords(lang)})
	}
	return append(rows, [2]string{t("digest"), grouped(p.Digest)})
}

func (p *Paper) digits(lang message.Lang, s string) string {
	if lang == message.Fa {
		return persian.Digits(s)
	}
	return s
}

// writeSteps lists who did what when.
func (p *Paper) writeSteps(r *letter.Report, lang message.Lang) {
	t := func(key string) string { return message.Text(lang, "agreement.paper."+key) }
	r.Table([]letter.Column{{Title: t("step"), Share: 0.24}, {Title: t("time"), Share: 0.22}, {Title: t("who"), Share: 0.4}, {Title: t("digest.short"), Share: 0.14}}, func(yield func([]string) bool) {
		for _, s := range p.Steps {
			row := []string{message.Text(lang, "agreement.step."+s.State.String()), when(lang, s.At), s.who(lang), "\u2066" + s.Digest[:8] + "\u2069"}
			if !yield(row) {
				return
			}
		}
	})
}

// who is role and login.
func (s *Step) who(lang message.Lang) string {
	return message.Text(lang, "register.role."+s.Role) + " \u2066(" + s.Officer + ")\u2069"
}

// signatures are the three that put an agreement in force, as far as they are
// given; each one's last counts.
func (p *Paper) signatures(lang message.Lang) []letter.Signature {
	all := []letter.Signature{
		{Title: message.Text(lang, "agreement.paper.sign.head")},
		{Title: message.Text(lang, "agreement.paper.sign.review")},
		{Title: message.Text(lang, "agreement.paper.sign.counter")},
	}
	for _, s := range p.Steps {
		switch s.State {
		case Signed:
			all[0].Lines = s.signature(lang)
		case Reviewed:
			all[1].Lines = s.signature(lang)
		case Effective:
			all[2].Lines = s.signature(lang)
		default: // it begins anew
			all[0].Lines, all[1].Lines = nil, nil
		}
	}
	return all
}

func (s *Step) signature(lang message.Lang) []string {
	return []string{message.Text(lang, "agreement.paper.signed"), s.who(lang), when(lang, s.At)}
}

// when is a moment in Tehran.
func when(lang message.Lang, t time.Time) string {
	hour := t.In(persian.Tehran).Format("15:04")
	if lang == message.Fa {
		hour = persian.Digits(hour)
	}
	return message.Text(lang, "agreement.paper.when", dated(lang, persian.DateOf(t).String()), "\u2066"+hour+"\u2069")
}

// isolated lets a name run as its first letter does.
func isolated(s string) string { return "\u2068" + s + "\u2069" }

// grouped parts a digest so that lines can break in it.
func grouped(digest string) string {
	var parts []string
	for chunk := range slices.Chunk([]byte(digest), 8) {
		parts = append(parts, string(chunk))
	}
	return "\u2066" + strings.Join(parts, " ") + "\u2069"
}
