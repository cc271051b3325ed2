package compliance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// An agency hands in, file by file, which postal code has taken the place of
// each of its own place codes (clause B.8):
//
//  1. The file is read whole: CSV, XLSX or Parquet, two columns. Own codes that
//     stand twice are told; if their postal codes contradict each other all
//     their rows are refused, for nobody here knows which one is right.
//  2. Postal codes are looked up in the place register. One of a place that is no
//     more is refused with its successors, which the agency may choose from.
//  3. One transaction writes the new version: what changed, what is new, and, of
//     a whole file, what is gone.

// MostRows of one file; longer tables come in parts.
const MostRows = 250_000

// mostLines is how many remarks an answer holds.
const mostLines = 10_000

// Table is a file that is handed in.
type Table struct {
	Name     string `json:"table"`    // the agency's own code word for it
	Declared int64  `json:"declared"` // how many own codes it has in all
	Part     bool   `json:"part"`     // adds to what is there; else the file is the whole table
	File     []byte `json:"file"`
}

// Check tells all that is wrong with a table by itself.
func (t *Table) Check() error {
	var bad fault.List
	bad.When(!word(t.Name), "table", "compliance.table")
	bad.When(t.Declared < 1 || t.Declared > 1_000_000_000, "declared", "compliance.declared")
	bad.When(len(t.File) == 0, "file", "compliance.missing")
	return bad.Err()
}

// word: lower-case Latin letters, digits and dashes, at most 40.
func word(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// Remark is what is said of one row of the file; it holds no value of the row.
type Remark struct {
	Row        int              `json:"row"`
	Column     string           `json:"column,omitempty"`
	Key        string           `json:"key"`
	Fa         string           `json:"fa"`
	En         string           `json:"en"`
	Refused    bool             `json:"refused"`
	Successors []ids.PostalCode `json:"successors,omitempty"` // places that count today instead
}

// TableVersion is one version of a table.
type TableVersion struct {
	Version  int64     `json:"version"` // 1, 2, 3 …
	Part     bool      `json:"part,omitempty"`
	Declared int64     `json:"declared"`
	Rows     int64     `json:"rows"` // of the file
	Accepted int64     `json:"accepted"`
	Gone     int64     `json:"gone"`    // refused, because the place is no more
	Refused  int64     `json:"refused"` // for other reasons
	Held     int64     `json:"held"`    // own codes with a postal code
	Share    float64   `json:"share"`   // held of declared
	Format   string    `json:"format"`
	File     string    `json:"sha256"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
}

// Uploaded is the answer of Upload.
type Uploaded struct {
	Name string `json:"table"`
	TableVersion
	Added   int64    `json:"added"`
	Changed int64    `json:"changed"`
	Removed int64    `json:"removed"`
	Report  []Remark `json:"report"`
	Cut     int64    `json:"report_cut,omitzero"` // remarks beyond the most
}

// upload is a file under way.
type upload struct {
	Uploaded
	found map[string]*found
	order []*found
}

// found is what the file says of an own code.
type found struct {
	own    string
	row    int // the first
	rows   int64
	postal ids.PostalCode
	bad    bool // contradicts itself
}

func tableColumns() []sheet.Column {
	return []sheet.Column{
		{Name: "own_code", Also: sheet.Also("compliance.column.own"), Must: true},
		{Name: "postal_code", Also: sheet.Also("sheet.person.postal_code"), Must: true, Kind: sheet.KindPostal},
	}
}

// Upload takes in a file of a table. Faults: those of its form, of package
// sheet, and compliance.rows.
func (b *Book) Upload(ctx context.Context, j *journal.Journal, actor journal.Actor, t *Table) (*Uploaded, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead, agency.RoleOfficer); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := t.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	u := &upload{found: map[string]*found{}}
	sum := sha256.Sum256(t.File)
	u.Name, u.Declared, u.Part, u.File, u.By, u.Report = t.Name, t.Declared, t.Part, hex.EncodeToString(sum[:]), actor.ID, []Remark{}
	if err := u.read(t.File); err != nil { // 1
		return nil, journal.Proven{}, err
	}
	if err := b.locate(ctx, u); err != nil { // 2
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Compliance, Actor: actor, Why: "conversion", Agency: actor.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) { // 3
		if err := u.write(tx, c, actor.Agency); err != nil {
			return nil, err
		}
		return u.body(), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &u.Uploaded, proven, nil
}

// read takes the file apart.
func (u *upload) read(file []byte) error {
	in, err := sheet.OpenTable(bytes.NewReader(file), int64(len(file)), tableColumns(), sheet.ReadOptions{MaxRows: MostRows})
	if err != nil {
		return fault.Of(err).At("file")
	}
	u.Format = string(in.Preview().Format)
	for {
		row, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fault.Of(err).At("file")
		}
		u.Rows++
		if row.Fault != nil {
			u.refuse(row.N, "", row.Fault)
			continue
		}
		u.take(row)
	}
}

// maxOwn is the longest own code, in letters.
const maxOwn = 64

// ownCode is an own code as it is stored and looked up: without space around
// it, its digits ASCII.
func ownCode(s string) (string, error) {
	own, err := persian.Display(strings.TrimSpace(s))
	if err != nil {
		return "", err
	}
	own = persian.ASCII(own)
	if own == "" || utf8.RuneCountInString(own) > maxOwn {
		return "", fault.New(fault.Invalid, "compliance.own")
	}
	return own, nil
}

func (u *upload) take(row *sheet.Row) {
	own, err := ownCode(row.Cell(0))
	if err != nil {
		u.refuse(row.N, "own_code", err)
		return
	}
	postal, err := ids.ParsePostalCode(row.Cell(1))
	if err != nil {
		u.refuse(row.N, "postal_code", err)
		return
	}
	own = strings.Clone(own) // the row is read into again
	f := u.found[own]
	switch {
	case f == nil:
		f = &found{own: own, row: row.N, postal: postal}
		u.found[own] = f
		u.order = append(u.order, f)
	case f.bad || f.postal != postal:
		f.bad = true
		u.refuse(row.N, "own_code", errContradicts)
		return
	default:
		u.remark(row.N, "own_code", "compliance.twice", false, nil)
	}
	f.rows++
}

var errContradicts = fault.New(fault.Invalid, "compliance.contradicts")

func (u *upload) refuse(row int, column string, err error) {
	u.Refused++
	f := fault.Of(err)
	u.remark(row, column, f.Key, true, nil, f.Args...)
}

func (u *upload) remark(row int, column, key string, refused bool, successors []ids.PostalCode, args ...string) {
	if len(u.Report) == mostLines {
		u.Cut++
		return
	}
	u.Report = append(u.Report, Remark{
		Row: row, Column: column, Key: key, Fa: message.Text(message.Fa, key, args...), En: message.Text(message.En, key, args...),
		Refused: refused, Successors: successors,
	})
}

// locate holds every postal code against the place register, and leaves out
// what is not to be taken.
func (b *Book) locate(ctx context.Context, u *upload) error {
	kept := u.order[:0]
	const chunk = 1000
	for from := 0; from < len(u.order); from += chunk {
		part := u.order[from:min(from+chunk, len(u.order))]
		codes := make([]ids.PostalCode, len(part))
		for i, f := range part {
			codes[i] = f.postal
		}
		places, err := b.c.Places.ByCodes(ctx, codes)
		if err != nil {
			return err
		}
		for i, f := range part {
			ok, err := b.judge(ctx, u, f, places[i])
			if err != nil {
				return err
			}
			if ok {
				kept = append(kept, f)
			}
		}
	}
	u.order = kept
	return nil
}

func (b *Book) judge(ctx context.Context, u *upload, f *found, p *place.Place) (bool, error) {
	switch {
	case f.bad:
		u.Refused += f.rows
		u.remark(f.row, "own_code", errContradicts.Key, true, nil)
	case p == nil:
		u.Refused += f.rows
		u.remark(f.row, "postal_code", "compliance.place", true, nil)
	case p.State != place.Active:
		u.Gone += f.rows
		if len(u.Report) == mostLines { // nobody would be told where the place went
			u.Cut++
			break
		}
		current, err := b.c.Places.Current(ctx, f.postal)
		if err != nil {
			return false, err
		}
		next := []ids.PostalCode{}
		for _, n := range current {
			next = append(next, n.Code)
		}
		u.remark(f.row, "postal_code", "compliance.gone", true, next)
	default:
		u.Accepted += f.rows
		return true, nil
	}
	return false, nil
}

// body is what the journal says of a file.
func (u *upload) body() []byte {
	b := receipt.AppendString([]byte(`"table":`), u.Name)
	b = strconv.AppendInt(append(b, `,"version":`...), u.Version, 10)
	b = receipt.AppendString(append(b, `,"sha256":`...), u.File)
	for _, n := range []struct {
		name  string
		count int64
	}{{"declared", u.Declared}, {"rows", u.Rows}, {"accepted", u.Accepted}, {"held", u.Held}} {
		b = append(append(append(b, `,"`...), n.name...), `":`...)
		b = strconv.AppendInt(b, n.count, 10)
	}
	return b
}
