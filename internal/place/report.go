package place

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// LineKind is what a line of a report says.
type LineKind uint8

// The kinds; rows store these numbers.
const (
	Added      LineKind = 1 // a place was built
	Demolished LineKind = 2 // a place is gone
	Renamed    LineKind = 3 // a street has another name
	Renumbered LineKind = 4 // a house has another number
)

var lineKinds = [...]string{Added: "added", Demolished: "demolished", Renamed: "renamed", Renumbered: "renumbered"}

// MarshalText is the kind's name.
func (k LineKind) MarshalText() ([]byte, error) { return []byte(lineKinds[k]), nil }

// UnmarshalText finds the kind with this name.
func (k *LineKind) UnmarshalText(text []byte) error {
	for i, name := range lineKinds {
		if name != "" && name == string(text) {
			*k = LineKind(i)
			return nil
		}
	}
	return fault.New(fault.Invalid, "place.word")
}

// LineState is what became of a line.
type LineState uint8

// The states; rows store these numbers.
const (
	Waiting  LineState = 1
	Accepted LineState = 2
	Refused  LineState = 3
)

var lineStates = [...]string{Waiting: "waiting", Accepted: "accepted", Refused: "refused"}

// String is the state's name.
func (s LineState) String() string { return lineStates[s] }

// MarshalText is String.
func (s LineState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Line is one change that a municipality reports.
type Line struct {
	Kind LineKind       `json:"kind"`
	Code ids.PostalCode `json:"postal_code"` // of a place that is there; 0: not known
	Old  Address        `json:"old"`         // all but added
	New  Address        `json:"new"`         // all but demolished
}

// Reporting is a municipality's report of one month: as a form (Lines) or as a
// file (File), or with neither, which says that nothing changed.
type Reporting struct {
	Month    persian.Date `json:"month"`    // Jalali year and month
	Document string       `json:"document"` // number and date of the municipality's letter
	Lines    []Line       `json:"lines"`
	File     string       `json:"file"` // CSV as text
	Raw      []byte       `json:"raw"`  // or its bytes, in whatever encoding
	Area     Area         `json:"-"`    // the municipality's own
}

// maxLines is how many lines a report may have: a city's month, and what one
// transaction may write while others wait.
const maxLines = 5000

// maxBad is how many mistakes of a report are told.
const maxBad = 1000

// Submitted is what became of a report.
type Submitted struct {
	Report   int64     `json:"report"`
	Encoding string    `json:"encoding,omitempty"` // of the file, as recognised
	Taken    int       `json:"taken"`              // lines that wait for the Post's review
	Refused  []BadLine `json:"refused"`            // lines that were left out, and why: the first 1,000 mistakes
}

// BadLine is one thing that is wrong with one line.
type BadLine struct {
	Line  int    `json:"line"` // row of the file, or position in the form from 1
	Field string `json:"field,omitempty"`
	Key   string `json:"key"`
	Fa    string `json:"fa"`
	En    string `json:"en"`
}

// taken is a line that is good so far.
type taken struct {
	Line
	n       int
	address string // JSON as stored
	digest  int64
}

// addresses is how a line's addresses are stored.
type addresses struct {
	Old *Address `json:"old"`
	New *Address `json:"new"`
}

// submission is a report while its lines are looked at.
type submission struct {
	area  *Area
	file  bool   // lines are rows of a file
	code  string // its encoding
	lines []taken
	bad   []BadLine
	n     int // lines that are refused
}

// Submit takes a municipality's report in. Lines that cannot be, or that lie
// outside its area, are left out and answered with the reason; a report of
// which nothing is left is refused as a whole. A month may be reported again:
// what is new in it supplements the first report, a line that is waiting or
// was accepted is not taken twice.
func (b *Book) Submit(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reporting) (*Submitted, journal.Proven, error) {
	if err := register.Only(actor, register.Municipality); err != nil {
		return nil, journal.Proven{}, err
	}
	s := &submission{area: &in.Area, file: len(in.File)+len(in.Raw) > 0}
	if err := b.checkReport(in, s); err != nil {
		return nil, journal.Proven{}, err
	}
	var out *Submitted
	a := register.Act{Kind: receipt.PlaceChange, Actor: actor, Why: "report", Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := take(tx, 0); err != nil { // as in writing: one after the other
			return nil, err
		}
		now := *s // the function may run again
		if err := b.sift(tx, c, in, &now); err != nil {
			return nil, err
		}
		if err := now.hopeless(); err != nil {
			return nil, err
		}
		id, err := now.write(tx, c, in)
		out = &Submitted{Report: id, Encoding: s.code, Taken: len(now.lines), Refused: append([]BadLine{}, now.bad...)}
		body := strconv.AppendInt([]byte(`"change":"report","report":`), id, 10)
		body = append(append(append(body, `,"month":"`...), in.Month.String()...), `","document":`...)
		body = strconv.AppendInt(append(receipt.AppendString(body, in.Document), `,"lines":`...), int64(len(now.lines)), 10)
		return strconv.AppendInt(append(body, `,"refused":`...), int64(now.n), 10), err
	})
	return out, proven, err
}

func (b *Book) checkReport(in *Reporting, s *submission) error {
	var bad fault.List
	today := persian.DateOf(b.Clock())
	bad.When(in.Month.Month == 0 || in.Month.Day != 0, "month", "place.report.month")
	bad.When(in.Month.Pack() > today.Pack()/100*100, "month", "place.report.future")
	bad.When(in.Document == "" || len(in.Document) > maxText, "document", "register.document")
	document, err := persian.Display(in.Document)
	bad.Add("document", err)
	in.Document = document
	bad.When(len(in.Lines) > 0 && s.file || in.File != "" && len(in.Raw) > 0, "file", "place.report.both")
	bad.When(len(in.Lines) > maxLines, "lines", "place.report.many")
	bad.When(in.Area.Province == "", "", "place.report.area")
	if err := bad.Err(); err != nil {
		return err
	}
	if s.file {
		return s.readFile(in.File + string(in.Raw))
	}
	for i := range in.Lines {
		s.take(i+1, indexed("lines", i), in.Lines[i])
	}
	return nil
}

// refuse leaves a line out; below is what its fields lie under. Why is told of
// the first mistakes only: a short row would else buy a long answer, and a file
// of nothing but such rows all the memory there is.
func (s *submission) refuse(n int, below string, err error) {
	s.n++
	var all fault.List
	all.Add(below, err)
	for _, f := range all[:min(len(all), maxBad-len(s.bad))] {
		s.bad = append(s.bad, BadLine{n, f.Field, f.Key, message.Text(message.Fa, f.Key, f.Args...), message.Text(message.En, f.Key, f.Args...)})
	}
}

// take checks what can be said of a line without the register.
func (s *submission) take(n int, below string, l Line) {
	if err := l.check(s.area); err != nil {
		s.refuse(n, below, err)
		return
	}
	text, err := json.Marshal(addresses{&l.Old, &l.New})
	if err != nil {
		s.refuse(n, below, err)
		return
	}
	sum := sha256.Sum256([]byte(lineKinds[l.Kind] + l.Code.String() + string(text)))
	s.lines = append(s.lines, taken{l, n, string(text), int64(binary.BigEndian.Uint64(sum[:]))})
}

// check refuses a line that says too little, or that says it of a place
// outside the area. Upper parts of addresses that are left out are the area's.
func (l *Line) check(area *Area) error {
	var bad fault.List
	bad.When(l.Kind == 0, "kind", "place.missing")
	bad.Add("old", l.Old.check())
	bad.Add("new", l.New.check())
	if len(bad) > 0 {
		return bad.Err()
	}
	was, is := !l.Old.isZero(), !l.New.isZero()
	if was {
		area.within(&l.Old)
	}
	if is {
		area.within(&l.New)
	}
	old, now := l.Old.place(), l.New.place()
	bad.When(was && !area.holds(&old), "old", "place.report.outside")
	bad.When(is && !area.holds(&now), "new", "place.report.outside")
	switch l.Kind {
	case Added:
		bad.When(l.Code != 0, "postal_code", "place.report.new")
		bad.When(now.County == "", "new.county", "place.missing")
		bad.When(now.Locality == "", "new.locality", "place.missing")
		bad.When(now.Street == "" && now.Street2 == "", "new.street", "place.missing")
	case Demolished, Renumbered:
		bad.When(l.Code == 0 && (old.Locality == "" || old.Street == "" && old.Street2 == "" || old.House == ""), "old", "place.report.which")
		bad.When(l.Kind == Renumbered && now.House == "", "new.house_number", "place.missing")
	case Renamed:
		bad.When(old.Locality == "", "old.locality", "place.missing")
		bad.When(old.Street == "", "old.street", "place.missing")
		bad.When(old.Street2 == "" && now.Street == "", "new.street", "place.missing")
		bad.When(old.Street2 != "" && now.Street2 == "", "new.street2", "place.missing")
	}
	return bad.Err()
}

// sift holds the lines against the register: places named by a code must
// stand, inside the area, and no line is taken twice.
func (b *Book) sift(tx *store.Tx, c *register.Change, in *Reporting, s *submission) error {
	before := map[int64]bool{}
	if err := tx.Each(lineDigests, []any{int64(c.Actor.Agency), int64(in.Month.Pack())}, func(scan func(...any) error) error {
		var digest int64
		err := scan(&digest)
		before[digest] = true
		return err
	}); err != nil {
		return err
	}
	lines := s.lines
	s.lines, s.bad = nil, append([]BadLine(nil), s.bad...)
	for _, l := range lines {
		below := ""
		if !s.file {
			below = indexed("lines", l.n-1)
		}
		if before[l.digest] {
			s.refuse(l.n, below, fault.New(fault.Conflict, "place.report.twice"))
			continue
		}
		before[l.digest] = true
		why, err := b.reported(tx, s.area, &l)
		switch {
		case err != nil:
			return err
		case why != nil:
			s.refuse(l.n, below, why.At("postal_code"))
		default:
			s.lines = append(s.lines, l)
		}
	}
	return nil
}

// reported tells what is wrong with the place that a line names, if anything.
func (b *Book) reported(tx *store.Tx, area *Area, l *taken) (*fault.Error, error) {
	if l.Code == 0 {
		return nil, nil
	}
	p, err := b.read(tx, l.Code)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return errUnknown, nil
	case !area.holds(p):
		return fault.New(fault.Invalid, "place.report.outside"), nil
	}
	return fault.Of(p.stands()), nil
}

// hopeless refuses a report with lines of which none is good.
func (s *submission) hopeless() error {
	if len(s.lines) > 0 || len(s.bad) == 0 {
		return nil
	}
	var all fault.List
	for i, b := range s.bad {
		if i == most {
			break
		}
		field := b.Field
		if s.file {
			field = strings.TrimSuffix(indexed("file", b.Line)+"."+field, ".")
		}
		all = append(all, fault.New(fault.Invalid, b.Key).At(field))
	}
	return all.Err()
}

// write stores the report and its lines.
func (s *submission) write(tx *store.Tx, c *register.Change, in *Reporting) (id int64, err error) {
	if _, err = tx.One(reportLast, nil, &id); err != nil {
		return 0, err
	}
	id++
	origin := int64(1)
	if s.file {
		origin = 2
	}
	if _, err = tx.Exec(reportInsert, id, int64(c.Actor.Agency), int64(in.Month.Pack()), in.Area.Province, in.Area.County, in.Area.Locality,
		in.Document, origin, int64(len(s.lines)), int64(s.n), int64(len(s.lines)), c.Micros(), c.Actor.ID, c.Act[:]); err != nil {
		return 0, err
	}
	for i := range s.lines {
		l := &s.lines[i]
		if _, err = tx.Exec(lineInsert, id, int64(l.n), int64(l.Kind), int64(l.Code), l.address, l.digest,
			int64(Waiting), "", "", "", int64(0), int64(0), int64(0), "", []byte{}); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// Report is a municipality's report of a month.
type Report struct {
	ID       int64        `json:"report"`
	Agency   ids.LegalID  `json:"agency"`
	Month    persian.Date `json:"month"`
	Document string       `json:"document"`
	File     bool         `json:"file"`    // it came as a file
	Lines    int          `json:"lines"`   // taken; 0: nothing changed
	Refused  int          `json:"refused"` // not taken
	Waiting  int          `json:"waiting"` // without a decision
	At       time.Time    `json:"at"`
	Officer  string       `json:"officer"`
	Reply    []Reply      `json:"reply,omitempty"` // a page of the lines

	area Area
}

// Reply is a line with the Post's decision.
type Reply struct {
	Number  int              `json:"line"`
	Kind    LineKind         `json:"kind"`
	Code    ids.PostalCode   `json:"postal_code,omitzero"` // as reported
	Old     Address          `json:"old,omitzero"`
	New     Address          `json:"new,omitzero"`
	State   LineState        `json:"state"`
	Reason  string           `json:"reason,omitempty"` // of a refusal: a code word
	Note    string           `json:"note,omitempty"`   // the Post's words
	Codes   []ids.PostalCode `json:"postal_codes,omitempty"`
	Places  int              `json:"places"` // how many places the line changed
	Decided time.Time        `json:"decided,omitzero"`
	Officer string           `json:"officer,omitempty"` // of the Post, who decided
}
