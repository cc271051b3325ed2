package complaint

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Report is what a citizen says.
type Report struct {
	Agency   ids.LegalID  `json:"agency"`
	Process  string       `json:"process"`  // of the agency's catalogue; may be left out
	Document string       `json:"document"` // type of document that was demanded
	Day      persian.Date `json:"date"`     // on which it was demanded
	Province string       `json:"province"`
	County   string       `json:"county"` // may be left out, as the following
	Place    string       `json:"place"`
	Text     string       `json:"text"`    // at most 2,000 letters
	Contact  string       `json:"contact"` // may be left out
}

// Filed is what the citizen keeps, with the tracking code.
type Filed struct {
	Secret   string       `json:"secret"` // five groups of four; shown once
	State    State        `json:"state"`
	Deadline persian.Date `json:"deadline,omitzero"` // of the agency's answer
	Message  Message      `json:"message"`
}

// use is what a report's secret is for, among secrets.
const use = "complaint"

const (
	maxText  = 2000
	maxShort = 200

	// flood is how many reports against one agency within an hour are taken as
	// they come, or three times as many as it usually has, if that is more;
	// those after them are held.
	flood       = 15
	floodWithin = time.Hour
	usualWithin = 30 * 24 * time.Hour
)

// check reads a report; all mistakes are told at once.
func (b *Book) check(in *Report) error {
	var bad fault.List
	bad.Add("agency", b.accused(in.Agency))
	if in.Process != "" && in.Agency != 0 {
		_, known := b.processes.Find(in.Agency, in.Process)
		bad.When(!known, "process", "complaint.process")
	}
	_, known := b.processes.Document(in.Document)
	bad.When(!known, "document", "complaint.document")
	today := b.today()
	switch {
	case !in.Day.Precise():
		bad.Add("date", errMissing)
	case in.Day.Compare(today) > 0:
		bad.When(true, "date", "complaint.future")
	case in.Day.Compare(today.AddYears(-1)) < 0:
		bad.When(true, "date", "complaint.old")
	}
	provinces := b.processes.Provinces()
	at := slices.IndexFunc(provinces, func(p string) bool { return persian.Key(p) == persian.Key(in.Province) })
	if bad.When(at < 0, "province", "complaint.province"); at >= 0 {
		in.Province = provinces[at]
	}
	bad.Add("", said(&in.County, "county", maxShort, false))
	bad.Add("", said(&in.Place, "place", maxShort, false))
	bad.Add("", said(&in.Text, "text", maxText, true))
	bad.Add("", said(&in.Contact, "contact", maxShort, false))
	return bad.Err()
}

// accused finds out whether the agency is one that the circular binds.
func (b *Book) accused(id ids.LegalID) error {
	if id == 0 {
		return errMissing
	}
	of, err := b.agencies.ByID(id)
	switch {
	case err != nil:
		return fault.New(fault.Invalid, "complaint.agency")
	case !of.Bound:
		return fault.New(fault.Invalid, "complaint.unbound")
	}
	return nil
}

// said checks what somebody wrote and cleans it.
func said(s *string, field string, most int, must bool) (err error) {
	if utf8.RuneCountInString(*s) > most {
		return fault.New(fault.Invalid, "complaint.long", strconv.Itoa(most)).At(field)
	}
	if *s, err = persian.Display(*s); err != nil {
		return fault.Of(err).At(field)
	}
	if must && *s == "" {
		return errMissing.At(field)
	}
	return nil
}

// anyone is the actor of what a citizen does here: who he is nobody asks.
var anyone = journal.Actor{Role: register.Citizen, ID: "anyone"}

// File takes a report in. Faults: complaint.unbound, complaint.agency,
// complaint.process, complaint.document, complaint.future, complaint.old.
func (b *Book) File(ctx context.Context, j *journal.Journal, in *Report) (Filed, journal.Proven, error) {
	if err := b.check(in); err != nil {
		return Filed{}, journal.Proven{}, err
	}
	secret := ids.NewSecret()
	sum := ids.HashSecret(use, secret)
	digest := in.digest()
	var c *Complaint
	a := register.Act{Kind: receipt.Complaint, Actor: anyone, Why: "complaint-filed", Agency: in.Agency, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
		if c, err = b.sameAs(tx, digest); err == nil && c == nil {
			c, err = b.fresh(tx, ch, in, digest)
		} else if err == nil {
			c.Copies++
			_, err = tx.Exec(update, int64(c.State), packed(c.Deadline), store.Micros(c.Answered), c.Late, store.Micros(c.Judged), c.judge,
				int64(c.Reopened), int64(c.Copies), c.ID)
		}
		if err != nil {
			return nil, err
		}
		if _, err = tx.Exec(secretAdd, c.ID, sum[:], ch.Micros()); err != nil {
			return nil, err
		}
		return c.body(), b.forget(tx)
	})
	if err != nil {
		return Filed{}, journal.Proven{}, err
	}
	if c.Code == "" { // a crash before this leaves a report whose code only its filer has
		err = b.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(setCode, string(proven.Code), c.ID)
			return err
		})
	}
	return Filed{secret, c.State, c.Deadline, b.message(c)}, proven, err
}

// sameAs finds the report that says the same of the same agency and is not yet
// judged.
func (b *Book) sameAs(tx *store.Tx, digest []byte) (c *Complaint, err error) {
	err = tx.Each(same, []any{digest}, func(row func(...any) error) (err error) {
		c, err = scan(row, b.today())
		return err
	})
	return c, err
}

// fresh writes a new report.
func (b *Book) fresh(tx *store.Tx, ch *register.Change, in *Report, digest []byte) (*Complaint, error) {
	c := &Complaint{
		Agency: in.Agency, Process: in.Process, Document: in.Document, Day: in.Day,
		Province: in.Province, County: in.County, Place: in.Place, Text: in.Text, Contact: in.Contact,
		Made: ch.At, Copies: 1,
	}
	held, err := flooded(tx, in.Agency, ch.At)
	if err != nil {
		return nil, err
	}
	if c.State = Held; !held {
		c.State, c.Deadline = Opened, b.due(ch.At)
	}
	if _, err := tx.One(last, nil, &c.ID); err != nil {
		return nil, err
	}
	c.ID++
	_, err = tx.Exec(insert, c.ID, int64(c.Agency), c.Process, c.Document, int64(c.Day.Pack()), c.Province, c.County, c.Place, c.Text, c.Contact,
		int64(c.State), ch.Micros(), packed(c.Deadline), int64(0), int64(0), int64(0), "", int64(0), int64(1), "", digest)
	if err == nil {
		err = putStep(tx, c.ID, "filed", "", ch)
	}
	if err == nil && c.State == Held {
		err = putStep(tx, c.ID, "held", "", &register.Change{Actor: journal.Actor{Role: register.System}, At: ch.At, Act: ch.Act})
	}
	return c, err
}

// flooded reports whether there are more reports against an agency than can be
// by chance.
func flooded(tx *store.Tx, of ids.LegalID, now time.Time) (bool, error) {
	var lately, usually int64
	if _, err := tx.One(recent, []any{int64(of), now.Add(-floodWithin).UnixMicro()}, &lately); err != nil {
		return false, err
	}
	if _, err := tx.One(recent, []any{int64(of), now.Add(-usualWithin).UnixMicro()}, &usually); err != nil {
		return false, err
	}
	return lately >= max(flood, 3*usually/int64(usualWithin/floodWithin)), nil
}

// due is the last day for an answer.
func (b *Book) due(from time.Time) persian.Date {
	day := persian.DateOf(from)
	return day.AddDays(b.days(day))
}

// forget takes out how citizens can be reached, when the time for it is over.
func (b *Book) forget(tx *store.Tx) error {
	_, err := tx.Exec(forget, b.today().AddMonths(-keepMonths).Start().UnixMicro())
	return err
}

// digest knows the same report again, however its letters are written: the same
// text of the same document, process, day and place. The few words that many
// write alike do not make two persons' reports one.
func (in *Report) digest() []byte {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64([]byte("estelam/complaint/"), uint64(in.Agency)))
	for _, part := range []string{in.Text, in.Document, in.Process, in.Day.String(), in.Province, in.County, in.Place} {
		h.Write(append([]byte(strings.Join(strings.Fields(persian.Key(part)), " ")), '\n'))
	}
	return h.Sum(nil)
}

// body is what the journal says of a report: not who filed it, nor what it says.
func (c *Complaint) body() []byte {
	b := strconv.AppendInt([]byte(`"complaint":`), c.ID, 10)
	b = append(c.Agency.AppendTo(append(b, `,"agency":"`...)), '"')
	if c.Process != "" {
		b = receipt.AppendString(append(b, `,"process":`...), c.Process)
	}
	b = receipt.AppendString(append(b, `,"document":`...), c.Document)
	b = receipt.AppendString(append(b, `,"province":`...), c.Province)
	return append(append(append(b, `,"state":"`...), c.State.String()...), '"')
}
