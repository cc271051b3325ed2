// Package quarter writes the report that the board owes the Council of
// Ministers every three months (bylaw of 1378, note to art. 13).
//
// A report is drawn from live data (draw.go) into one document of canonical
// JSON, to which people add their remarks. It goes through three hands, each a
// member of the board with a certificate of his own: one drafts, one of another
// body reviews or sends it back, a third issues it when the quarter is over.
//
// From then on it is frozen. The entry of the issue holds the SHA-256 of the
// document and the log's checkpoint just before, and the entry is in the public
// log. Whoever reads an issued report reads the document, never the data of
// today; and if one byte of it were altered, its digest is not the one in the
// log and nothing is shown (fault quarter.altered). Page, PDF and table are
// made of the document alone (write.go, table.go).
package quarter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Quarter is three months of a Jalali year, written 1405-Q3.
type Quarter struct {
	Year int
	No   int // 1 … 4
}

// Of is the quarter of a day.
func Of(d persian.Date) Quarter { return Quarter{int(d.Year), (int(d.Month) + 2) / 3} }

// Parse reads a quarter as String writes it. Fault: quarter.form.
func Parse(s string) (Quarter, error) {
	year, no, ok := strings.Cut(persian.ASCII(s), "-Q")
	y, err1 := strconv.Atoi(year)
	n, err2 := strconv.Atoi(no)
	if !ok || err1 != nil || err2 != nil || len(year) != 4 || len(no) != 1 || y < 1399 || y > 1499 || n < 1 || n > 4 {
		return Quarter{}, fault.New(fault.Invalid, "quarter.form")
	}
	return Quarter{y, n}, nil
}

func (q Quarter) String() string { return strconv.Itoa(q.Year) + "-Q" + strconv.Itoa(q.No) }

// MarshalText writes a quarter as String does.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads what Parse reads.
func (q *Quarter) UnmarshalText(b []byte) (err error) {
	*q, err = Parse(string(b))
	return err
}

// From is the first day of the quarter.
func (q Quarter) From() persian.Date {
	return persian.Date{Year: int16(q.Year), Month: int16(3*q.No - 2), Day: 1}
}

// Until is the first day after it.
func (q Quarter) Until() persian.Date { return q.From().AddMonths(3) }

// Before is the quarter before it.
func (q Quarter) Before() Quarter { return Of(q.From().AddDays(-1)) }

func (q Quarter) key() int64 { return int64(q.Year)*10 + int64(q.No) }

// State is how far a report is.
type State uint8

// The states; rows store these numbers.
const (
	Draft    State = 1
	Reviewed State = 2
	Issued   State = 3 // for ever
)

var states = [...]string{Draft: "draft", Reviewed: "reviewed", Issued: "issued"}

// String is the state's name in answers and records.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Signer is whose hand a step was.
type Signer struct {
	Login string      `json:"login"`
	Body  ids.LegalID `json:"body"`
	At    time.Time   `json:"at"`
}

// Report is one quarter's report.
type Report struct {
	Quarter    Quarter          `json:"quarter"`
	State      State            `json:"state"`
	Version    int64            `json:"version"`
	Digest     string           `json:"digest"` // SHA-256 of the document, in hex
	Drafted    Signer           `json:"drafted"`
	Reviewed   *Signer          `json:"reviewed,omitempty"`
	Issued     *Signer          `json:"issued,omitempty"`
	Note       string           `json:"note,omitempty"`          // what it was sent back for
	Checkpoint string           `json:"checkpoint,omitempty"`    // of the log, just before the issue
	Code       ids.TrackingCode `json:"tracking_code,omitempty"` // of the issue
	Document   *Document        `json:"document,omitempty"`      // of find

	content []byte
	digest  []byte
	act     journal.ActID
}

// Staff who may read drafts. An issued report is for everybody.
var readers = []string{register.Member, register.Supervisor, register.Inspector}

var (
	errUnknown = fault.New(fault.NotFound, "quarter.unknown").At("quarter")
	errIssued  = fault.New(fault.Conflict, "quarter.issued").At("quarter")
	errStale   = fault.New(fault.Conflict, "quarter.stale").At("digest")
	errAltered = fault.New(fault.Internal, "quarter.altered")
)

// List gives all reports without their documents, the newest first; to those
// who are not of the board's staff the issued ones.
func (b *Book) List(ctx context.Context, actor journal.Actor) ([]Report, error) {
	all := []Report{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(quarterList, nil, func(scan func(...any) error) error {
			r, err := scanReport(scan)
			if err == nil && (r.State == Issued || may(actor)) {
				all = append(all, *r)
			}
			return err
		})
	})
	return all, err
}

func may(actor journal.Actor) bool { return register.Only(actor, readers...) == nil }

// Find gives one report with its document. An issued one is held against the
// log first. Faults: quarter.unknown, quarter.altered.
func (b *Book) Find(ctx context.Context, actor journal.Actor, q Quarter) (*Report, error) {
	var r *Report
	err := b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = find(tx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	if r == nil || r.State != Issued && !may(actor) {
		return nil, errUnknown
	}
	if err := b.check(ctx, r); err != nil {
		return nil, err
	}
	r.Document = new(Document)
	if err := json.Unmarshal(r.content, r.Document); err != nil {
		return nil, errAltered.Because(err)
	}
	r.Document.text = r.content
	return r, nil
}

// whole holds a report against its digest.
func (r *Report) whole() error {
	if sum := sha256.Sum256(r.content); !bytes.Equal(sum[:], r.digest) {
		return errAltered
	}
	return nil
}

// check holds a report against its digest, and an issued one against the entry
// of its issue.
func (b *Book) check(ctx context.Context, r *Report) error {
	if err := r.whole(); err != nil || r.State != Issued {
		return err
	}
	p, err := b.c.Journal.Settle(ctx, r.act)
	if err != nil {
		return err
	}
	r.Code = p.Code
	if p.Record == nil { // purged: only the leaf is left, and the receipt that others hold
		return nil
	}
	var said struct {
		Report struct {
			Quarter    Quarter `json:"quarter"`
			State      string  `json:"state"`
			Digest     string  `json:"digest"`
			Checkpoint string  `json:"checkpoint"`
		} `json:"report"`
	}
	if err := json.Unmarshal(p.Record, &said); err != nil {
		return errAltered.Because(err)
	}
	if s := said.Report; s.Quarter != r.Quarter || s.State != Issued.String() || s.Digest != hex.EncodeToString(r.digest) || s.Checkpoint != r.Checkpoint {
		return errAltered
	}
	return nil
}
