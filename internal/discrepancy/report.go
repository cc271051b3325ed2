package discrepancy

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Reporting is the source of a case that an agency opened. An agency never
// edits the register (note to art. 4): it says what it doubts of what it was
// told, and on what grounds; what comes of it the registry decides.
const Reporting = "agency"

// Report is an agency's doubt about one value that it was told.
type Report struct {
	Code     ids.TrackingCode `json:"code"`  // of its own entry, in which it was told
	Field    string           `json:"field"` // as inquiries name it
	Value    string           `json:"value"` // what it believes
	Evidence string           `json:"evidence"`
	Paper    string           `json:"document_sha256"` // SHA-256 of the document, hexadecimal; it stays with the agency
}

// Reported is a report as the agency sees it: what it has said itself, how far
// the case is, and how it ended. Nothing here comes from the person's record.
type Reported struct {
	ID       int64            `json:"doubt"`
	Code     ids.TrackingCode `json:"code"`
	Officer  string           `json:"officer"`
	Field    string           `json:"field"`
	Value    string           `json:"value"`
	Evidence string           `json:"evidence"`
	Paper    string           `json:"document_sha256,omitempty"`
	Made     time.Time        `json:"made"`
	Deadline persian.Date     `json:"deadline"`
	Overdue  bool             `json:"overdue"`
	Closed   bool             `json:"closed"`
	Outcome  Outcome          `json:"outcome,omitzero"`
	Answer   string           `json:"answer,omitempty"` // in words, of the registry
	Answered time.Time        `json:"answered,omitzero"`

	agency  ids.LegalID
	subject ids.NationalNumber
	file    int64
}

// Check reads a report; all mistakes are told at once.
func (r *Report) Check() error {
	var bad fault.List
	bad.When(r.Code == "", "code", "discrepancy.missing")
	if kind := find(r.Field); kind == nil {
		bad.When(true, "field", "discrepancy.field")
	} else if value, err := kind.read(r.Value); err != nil {
		bad.Add("value", err)
	} else {
		r.Value = value
	}
	bad.Add("", text(&r.Evidence, "evidence"))
	bad.When(r.Evidence == "", "evidence", "discrepancy.missing")
	sum, err := hex.DecodeString(r.Paper)
	bad.When(err != nil || len(sum) != 0 && len(sum) != 32, "document_sha256", "discrepancy.paper")
	return bad.Err()
}

// told is what a record says of what an agency was told.
type told struct {
	Answer struct {
		Fields map[string]string  `json:"fields"`
		Values map[string]*string `json:"values"`
	} `json:"answer"`
	Values  map[string]*string `json:"values"` // of a row of a delivery
	Version int64              `json:"register_version"`
}

// tells finds the entry and what it tells of the field. To everyone but the
// agency that was told, the entry is not there; and where nothing was told,
// because nobody was found or may be shown, there is nothing to doubt.
func tells(ctx context.Context, j *journal.Journal, of ids.LegalID, r *Report) (*journal.Proven, int64, error) {
	p, found, err := j.ByCode(ctx, r.Code)
	switch {
	case err != nil:
		return nil, 0, err
	case !found || p.Agency != of || p.Kind != receipt.Inquiry && p.Kind != receipt.DeliveryRow:
		return nil, 0, fault.New(fault.NotFound, "discrepancy.code").At("code")
	}
	var t told
	if err := json.Unmarshal(p.Record, &t); err != nil {
		return nil, 0, err
	}
	for _, values := range []map[string]*string{t.Answer.Values, t.Values} {
		if _, ok := values[r.Field]; ok && p.Subject != 0 {
			return p, t.Version, nil
		}
	}
	if _, ok := t.Answer.Fields[r.Field]; ok && p.Subject != 0 {
		return p, t.Version, nil
	}
	return nil, 0, fault.New(fault.Invalid, "discrepancy.untold").At("field")
}

var reporters = []string{agency.RoleOfficer, agency.RoleHead}

// Report opens a case about a value that the actor's agency was told. Faults:
// discrepancy.code, discrepancy.untold, discrepancy.reported.
func (b *Book) Report(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Report) (*Reported, journal.Proven, error) {
	if err := register.Only(actor, reporters...); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	entry, version, err := tells(ctx, j, actor.Agency, in)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Doubt, Actor: actor, Why: "doubt-reported", Subject: entry.Subject, Agency: actor.Agency, Clock: b.Clock}
	var made *Reported
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		open := 0
		if _, err := tx.One(doubtOpen, []any{int64(entry.Subject), int64(actor.Agency), in.Field}, &open); err != nil {
			return nil, err
		}
		if open > 0 {
			return nil, fault.New(fault.Conflict, "discrepancy.reported").At("field")
		}
		made = &Reported{
			Code: in.Code, Officer: actor.ID, Field: in.Field, Value: in.Value, Evidence: in.Evidence, Paper: in.Paper, Made: ch.At,
			agency: actor.Agency, subject: entry.Subject,
		}
		if err := b.putReport(tx, ch, made, version); err != nil {
			return nil, err
		}
		body := strconv.AppendInt([]byte(`"doubt":`), made.ID, 10)
		body = strconv.AppendInt(append(body, `,"case":`...), made.file, 10)
		body = append(append(append(body, `,"of":"`...), in.Code...), `","field":"`...)
		return append(append(body, in.Field...), '"'), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return made, proven, nil
}

// putReport writes the report and opens its case.
func (b *Book) putReport(tx *store.Tx, ch *register.Change, r *Reported, version int64) error {
	if _, err := tx.One(doubtLast, nil, &r.ID); err != nil {
		return err
	}
	r.ID++
	c, err := b.Raise(tx, ch, &Doubt{
		Subject: r.subject, Source: Reporting, SourceID: r.ID, Version: version,
		Claims: []Claim{{Field: r.Field, Value: r.Value}}, Text: r.Evidence,
	})
	if err != nil {
		return err
	}
	r.file, r.Deadline = c.ID, c.Deadline
	paper, err := hex.DecodeString(r.Paper)
	if err != nil {
		return err
	}
	_, err = tx.Exec(doubtInsert, r.ID, int64(r.agency), r.Officer, string(r.Code), int64(r.subject), r.Field, r.Value, r.Evidence,
		append([]byte{}, paper...), r.file, r.Made.UnixMicro(), "", int64(0))
	return err
}

// ReportFilter chooses an agency's own reports.
type ReportFilter struct {
	After int64 `json:"after"` // the last report of the page before
	Limit int   `json:"limit"` // at most 1000; 0: 100
}

// Reports lists what the actor's agency has reported, in order, as it stands
// now. Fault: discrepancy.limit.
func (b *Book) Reports(ctx context.Context, j *journal.Journal, actor journal.Actor, f *ReportFilter) ([]Reported, error) {
	if err := register.Only(actor, reporters...); err != nil {
		return nil, err
	}
	limit := f.Limit
	if limit == 0 {
		limit = usualCases
	}
	if limit < 0 || limit > mostCases {
		return nil, fault.New(fault.Invalid, "discrepancy.limit").At("limit")
	}
	all := []Reported{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(doubtList, []any{int64(actor.Agency), f.After, int64(limit)}, func(scan func(...any) error) error {
			r, err := scanReport(scan)
			all = append(all, *r)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := b.standing(ctx, j, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Reported is one report of the actor's agency, as it stands now. Faults:
// discrepancy.missing, discrepancy.doubt.
func (b *Book) Reported(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Reported, error) {
	if err := register.Only(actor, reporters...); err != nil {
		return nil, err
	}
	r, err := b.report(ctx, id)
	if err == nil && r.agency != actor.Agency {
		err = errDoubt
	}
	if err != nil {
		return nil, err
	}
	return r, b.standing(ctx, j, r)
}

// standing fills in how far the case of a report is. Of a person who may not be
// shown the agency learns no more than that the case is closed.
func (b *Book) standing(ctx context.Context, j *journal.Journal, r *Reported) error {
	c, err := b.current(ctx, j, r.file)
	if err != nil {
		return err
	}
	r.Deadline, r.Overdue, r.Closed = c.Deadline, c.Overdue, c.State == Closed
	p, found, err := b.persons.ByNumber(ctx, r.subject)
	switch {
	case err != nil:
		return err
	case found && p.State == person.Protected, !r.Closed:
		r.Answer, r.Answered = "", time.Time{}
	default:
		r.Outcome = c.Outcome
	}
	return nil
}

func scanReport(scan func(...any) error) (*Reported, error) {
	r := &Reported{}
	var code string
	var of, subject, made, answered int64
	var paper []byte
	err := scan(&r.ID, &of, &r.Officer, &code, &subject, &r.Field, &r.Value, &r.Evidence, &paper, &r.file, &made, &r.Answer, &answered)
	r.agency, r.Code, r.subject, r.Paper = ids.LegalID(of), ids.TrackingCode(code), ids.NationalNumber(subject), hex.EncodeToString(paper)
	r.Made = time.UnixMicro(made).UTC()
	if answered != 0 {
		r.Answered = time.UnixMicro(answered).UTC()
	}
	return r, err
}

var errDoubt = fault.New(fault.NotFound, "discrepancy.doubt").At("doubt")

// Reply is what the registry tells the agency of a closed case in words: no
// more of the person than the agency has been told before.
type Reply struct {
	ID   int64  `json:"doubt"`
	Text string `json:"text"`
}

// Answer sends the reply to a report whose case is closed, once. Faults:
// discrepancy.doubt, discrepancy.early, discrepancy.answered.
func (b *Book) Answer(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reply) (*Reported, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", text(&in.Text, "text"))
	bad.When(in.Text == "", "text", "discrepancy.missing")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	r, err := b.report(ctx, in.ID)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	p, found, err := b.persons.ByNumber(ctx, r.subject)
	switch {
	case err != nil:
		return nil, journal.Proven{}, err
	case found && p.Hidden(actor):
		return nil, journal.Proven{}, person.ErrProtected
	}
	if _, err := b.current(ctx, j, r.file); err != nil { // which may close it
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Doubt, Actor: actor, Why: "doubt-answered", Subject: r.subject, Agency: r.agency, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		c, err := b.read(tx, r.file)
		if err != nil {
			return nil, err
		}
		if c.State != Closed {
			return nil, fault.New(fault.Conflict, "discrepancy.early").At("doubt")
		}
		n, err := tx.Exec(doubtAnswer, in.Text, ch.Micros(), r.ID)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "discrepancy.answered").At("doubt")
		}
		r.Deadline, r.Closed, r.Outcome, r.Answer, r.Answered = c.Deadline, true, c.Outcome, in.Text, ch.At
		body := strconv.AppendInt([]byte(`"doubt":`), r.ID, 10)
		body = strconv.AppendInt(append(body, `,"case":`...), r.file, 10)
		body = append(append(append(body, `,"of":"`...), r.Code...), `","outcome":"`...)
		return append(append(body, c.Outcome.String()...), '"'), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return r, proven, nil
}

// report is one report, of whatever agency.
func (b *Book) report(ctx context.Context, id int64) (r *Reported, err error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "discrepancy.missing").At("doubt")
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(doubtByID, []any{id}, func(scan func(...any) error) (err error) {
			r, err = scanReport(scan)
			return err
		})
	})
	if err == nil && r == nil {
		err = errDoubt
	}
	return r, err
}

// Reporter is who doubts, as staff see it in the case.
type Reporter struct {
	Agency   ids.LegalID      `json:"agency"`
	Officer  string           `json:"officer"`
	Code     ids.TrackingCode `json:"code"` // of the entry in which the agency was told
	Paper    string           `json:"document_sha256,omitempty"`
	Answer   string           `json:"answer,omitempty"`
	Answered time.Time        `json:"answered,omitzero"`
}

// reporter fills in who doubts, if an agency does.
func (b *Book) reporter(ctx context.Context, c *Case) error {
	if c.Source != Reporting {
		return nil
	}
	r, err := b.report(ctx, c.Doubt)
	if err != nil {
		return err
	}
	c.Reporter = &Reporter{r.agency, r.Officer, r.Code, r.Paper, r.Answer, r.Answered}
	return nil
}

// resides makes sure that a postal code which an agency believes is the
// person's own declaration by now: a residence is his to declare.
func (b *Book) resides(ctx context.Context, c *Case, code ids.PostalCode) error {
	p, found, err := b.persons.ByNumber(ctx, c.Subject)
	if err == nil && (!found || p.Postal != code) {
		err = fault.New(fault.Conflict, "discrepancy.residence").At("items")
	}
	return err
}
