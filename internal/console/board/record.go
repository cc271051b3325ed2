package board

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// record is an inquiry's record as far as it is told here in words.
type record struct {
	Time     time.Time
	Agency   struct{ ID, Name string }
	Behalf   *struct{ ID, Name string } `json:"on_behalf_of"`
	Officer  string
	Purpose  string
	Process  string
	File     string
	Court    *struct{ Reference, Until string }
	Service  string
	Mode     string
	Question struct {
		Number      string `json:"national_number"`
		Born        string `json:"birth_date"`
		Shenasnameh string `json:"shenasnameh_number"`
		Postal      string `json:"postal_code"`
		Claims      map[string]string
		Fields      []string
		Predicates  []struct{ Name string }
		AsOf        string `json:"as_of"`
	}
	Outcome string
	Answer  struct {
		Fields     map[string]string
		Values     map[string]*string
		Predicates map[string]string
	}
	Warnings  []string
	Successor string
	Signature *struct{ Certificate string }
}

// recordBlocks shows the record of an inquiry: who asked what and why, and what
// he was told. A record that has been purged is said to be.
func recordBlocks(v *page.Visit, data []byte) ([]any, error) {
	if data == nil {
		return []any{page.Note{Tone: page.Warn, Title: v.T("console.board.record.title"), Text: v.T("console.board.record.purged")}}, nil
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	asks := []page.Fact{
		fact(v, "time", v.Moment(r.Time)), fact(v, "agency", r.Agency.Name), fact(v, "officer", page.Isolated(r.Officer)), fact(v, "purpose", v.Word(r.Purpose)),
		fact(v, "process", v.Word(r.Process)), fact(v, "file", v.Digits(r.File)), fact(v, "service", v.Known("agreement.asks.", r.Service)),
		fact(v, "outcome", v.T("console.outcome."+r.Outcome)),
	}
	if r.Behalf != nil {
		asks = append(asks, fact(v, "behalf", page.OrDash(r.Behalf.Name)))
	}
	if r.Court != nil {
		asks = append(asks, fact(v, "court", v.T("console.board.record.court", r.Court.Reference, v.Digits(r.Court.Until))))
	}
	if r.Signature != nil {
		asks = append(asks, numberFact(v, "certificate", page.Grouped(r.Signature.Certificate)))
	}
	all := []any{page.Facts{Title: v.T("console.board.record.title"), List: asks}}
	if about := r.about(v); len(about) > 0 {
		all = append(all, page.Facts{Title: v.T("console.board.record.about"), List: about})
	}
	return append(all, r.told(v)), nil
}

// about is the person or the place that was asked about.
func (r *record) about(v *page.Visit) (all []page.Fact) {
	q := &r.Question
	for _, f := range []struct{ field, value string }{
		{"national_number", q.Number}, {"birth_date", q.Born}, {"shenasnameh_number", q.Shenasnameh}, {"postal_code", q.Postal}, {"as_of", q.AsOf}, {"successor", r.Successor},
	} {
		if f.value != "" {
			all = append(all, page.Fact{Label: v.Known("console.field.", f.field), Value: v.Value(f.field, f.value), Number: f.field != "birth_date"})
		}
	}
	return all
}

// told is the answer, item by item.
func (r *record) told(v *page.Visit) *page.Table {
	t := &page.Table{Title: v.T("console.board.record.answer"), Empty: v.T("console.board.record.nothing"), Columns: heads(v, "item", "claimed", "answer")}
	add := func(item, claimed, answer string) {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.Known("console.field.", item)}, {Text: claimed}, {Text: answer}}})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Answer.Fields)) {
		add(name, page.OrDash(v.Value(name, r.Question.Claims[name])), v.Known("console.result.", r.Answer.Fields[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Answer.Values)) {
		value := "–"
		if got := r.Answer.Values[name]; got != nil {
			value = v.Value(name, *got)
		}
		add(name, "–", value)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Answer.Predicates)) {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Known("console.predicate.", name)}, {Text: "–"}, {Text: v.Known("console.result.", r.Answer.Predicates[name])},
		}})
	}
	return t
}
