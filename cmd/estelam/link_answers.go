package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// unreadable is the status of a row that linkage never saw.
const unreadable = "unreadable"

// linkReport is OUT.report.json. The same file, register and options give the
// same bytes: nothing in it tells when or how fast.
type linkReport struct {
	Rows       int              `json:"rows"`
	Statuses   map[string]int   `json:"statuses"`
	Linked     int              `json:"linked"`
	False      interval         `json:"expected_false_links"`
	Recall     float64          `json:"estimated_recall"`
	Automatic  float64          `json:"automatic_from"` // probability
	Review     float64          `json:"review_from"`
	Distinct   bool             `json:"distinct"`
	Register   *mirror.Position `json:"register,omitempty"`
	Records    int              `json:"register_records"`
	SHA256     string           `json:"sha256"` // of the file that was linked
	File       fileReport       `json:"file"`
	Model      *linkage.Model   `json:"model"`
	Histogram  []linkage.Bin    `json:"histogram"`
	AnswersSum string           `json:"answers_sha256"` // of OUT
}

type interval struct {
	Expected float64 `json:"expected"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

type fileReport struct {
	Format    sheet.Format   `json:"format"`
	Encoding  string         `json:"encoding,omitempty"`
	Separator string         `json:"separator,omitempty"`
	Header    bool           `json:"header"`
	Columns   map[int]string `json:"columns"` // counted from 1; those that were taken
}

// deliver hands the answers out once it is recorded that they were read.
func (l *linking) deliver(ctx context.Context, s streams, a *against) error {
	answers, err := newDraft(l.c.Out)
	if err != nil {
		return full(err)
	}
	defer answers.drop()
	if err := l.write(answers, a); err != nil {
		return full(err)
	}
	if err := answers.finish(); err != nil {
		return full(err)
	}
	about := l.report(a, answers.sum())
	text, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return err
	}
	report, err := newDraft(l.c.Out + ".report.json")
	if err != nil {
		return full(err)
	}
	defer report.drop()
	if _, err := report.Write(append(text, '\n')); err != nil {
		return full(err)
	}
	if err := report.finish(); err != nil {
		return full(err)
	}
	if err := a.record(ctx, about); err != nil {
		return err
	}
	if err := report.place(); err != nil {
		return full(err)
	}
	if err := answers.place(); err != nil {
		return full(err)
	}
	_ = os.Remove(l.c.work())
	about.print(s.out, l.c.Out)
	return nil
}

// write writes one row for each row of the file, in its order.
func (l *linking) write(to *draft, a *against) error {
	format, err := formatFor(l.c.Out)
	if err != nil {
		return err
	}
	key := "national_number"
	if a.position == nil {
		key = "key"
	}
	heads := []string{"row", "status", key, "weight", "probability", "disagrees", "variants", "zeros_restored", "duplicate_of", "candidate"}
	w, err := sheet.NewWriter(to, format, heads)
	if err != nil {
		return err
	}
	cells := make([]string, len(heads))
	bad := l.unreadable
	for i := range l.result.Outcomes {
		o := &l.result.Outcomes[i]
		for ; len(bad) > 0 && bad[0] < o.Row; bad = bad[1:] {
			if err := w.Write(blank(cells, bad[0])); err != nil {
				return err
			}
		}
		if err := w.Write(l.answer(cells, i, a)); err != nil {
			return err
		}
	}
	for _, n := range bad {
		if err := w.Write(blank(cells, n)); err != nil {
			return err
		}
	}
	return w.Close()
}

func blank(cells []string, row int) []string {
	clear(cells)
	cells[0], cells[1] = strconv.Itoa(row), unreadable
	return cells
}

// answer is one row of OUT. Only a linked row names a person; who stands for an
// ambiguous row or for one that another row has overtaken is a candidate.
func (l *linking) answer(cells []string, i int, a *against) []string {
	clear(cells)
	o := &l.result.Outcomes[i]
	cells[0], cells[1] = strconv.Itoa(o.Row), o.Status.String()
	switch {
	case o.Linked():
		cells[2] = a.number(o.Key)
	case o.Status == linkage.Ambiguous || o.Status == linkage.Duplicate:
		key, _ := l.result.Best(i)
		if p, ok := a.register.Find(key); ok && person.State(p.State) != person.Protected {
			cells[9] = a.number(key)
		}
	}
	if o.Status != linkage.NotFound && o.Status != linkage.TooSparse {
		cells[3] = strconv.FormatFloat(float64(o.Weight), 'f', 2, 32)
		cells[4] = strconv.FormatFloat(float64(o.Probability), 'f', 6, 32)
	}
	cells[5], cells[6] = l.names(o.Fields), l.names(o.Variants)
	if o.Padded {
		cells[7] = "yes"
	}
	if o.DuplicateOf != 0 {
		cells[8] = strconv.Itoa(o.DuplicateOf)
	}
	return cells
}

// number writes a key: national numbers have ten digits.
func (a *against) number(key uint64) string {
	if a.position != nil {
		return fmt.Sprintf("%010d", key)
	}
	return strconv.FormatUint(key, 10)
}

// names lists columns by their bits.
func (l *linking) names(bits uint32) string {
	if bits == 0 {
		return ""
	}
	var all []string
	for i := range l.columns {
		if bits>>i&1 != 0 {
			all = append(all, l.columns[i].Name)
		}
	}
	return strings.Join(all, " ")
}

// report sums up.
func (l *linking) report(a *against, answers string) *linkReport {
	r, p := l.result, l.preview
	all := &linkReport{
		Rows: len(r.Outcomes) + len(l.unreadable), Statuses: map[string]int{},
		False: interval{r.ExpectedFalse, r.FalseLow, r.FalseHigh}, Recall: r.Recall,
		Automatic: r.Automatic, Review: r.Review, Distinct: l.c.Distinct,
		Register: a.position, Records: a.register.Len(), SHA256: l.digest(), AnswersSum: answers,
		File:  fileReport{p.Format, p.Encoding, p.Separator, p.HeaderRow, map[int]string{}},
		Model: r.Model, Histogram: r.Histogram,
	}
	for _, s := range linkage.Statuses() {
		all.Statuses[s.String()] = r.Counts[s]
	}
	if len(l.unreadable) > 0 {
		all.Statuses[unreadable] = len(l.unreadable)
	}
	for i := range r.Outcomes {
		if r.Outcomes[i].Linked() {
			all.Linked++
		}
	}
	for _, c := range p.Columns {
		if c.Means != "" {
			all.File.Columns[c.Index+1] = c.Means
		}
	}
	return all
}

// print says the most important of it on the terminal.
func (r *linkReport) print(w io.Writer, out string) {
	for _, s := range append(linkage.Statuses(), 0) {
		name := s.String()
		if s == 0 {
			name = unreadable
		}
		if n := r.Statuses[name]; n > 0 {
			fmt.Fprintf(w, "%12s  %-24s %5.1f %%\n", count(int64(n)), name, 100*float64(n)/float64(r.Rows))
		}
	}
	fmt.Fprintf(w, "%12s  rows, %s linked; expected false links %.1f (%.1f to %.1f); estimated recall %.2f %%\n",
		count(int64(r.Rows)), count(int64(r.Linked)), r.False.Expected, r.False.Low, r.False.High, 100*r.Recall)
	fmt.Fprintf(w, "%s\n%s.report.json\n", out, out)
}

// record writes the entry that says what was read of the register: which file
// was linked, by its hash, and how many persons it found.
func (a *against) record(ctx context.Context, r *linkReport) error {
	if a.house == nil {
		return nil
	}
	act := register.Act{Kind: receipt.RegisterReading, Actor: operator(), Why: "linkage"}
	_, err := register.Do(ctx, a.house.register, a.house.journal, act, func(*store.Tx, *register.Change) ([]byte, error) {
		return fmt.Appendf(nil, `"read":"linkage","sha256":"%s","rows":%d,"linked":%d,"register_change":%d`,
			r.SHA256, r.Rows, r.Linked, r.Register.Change), nil
	})
	return err
}
