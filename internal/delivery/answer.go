package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// answer answers the rows in units. A unit is one commit of the journal, whose
// key says which unit of which delivery it is: after a crash between the commit
// and the rows, the journal gives the same entries again, with the same codes
// and the same items, whatever the register says by then.
func (b *Book) answer(ctx context.Context, r *job.Run, d *Delivery) error {
	for unit := d.Answered / unitRows; d.State == Running && unit*unitRows < d.Rows; unit++ {
		if _, err := b.permit(d); err != nil {
			return err
		}
		p, err := b.commitUnit(ctx, d, unit)
		if err != nil {
			return err
		}
		if err := b.keepCodes(ctx, r, d, unit, p); err != nil {
			return err
		}
	}
	return nil
}

// unitKey is the idempotency key of a unit, and the digest that goes with it.
func (d *Delivery) unitKey(unit int64) (key, digest [16]byte) {
	k := sha256.Sum256(fmt.Appendf(nil, "estelam/delivery/%d/unit/%d", d.ID, unit))
	g := sha256.Sum256(fmt.Appendf(nil, "estelam/delivery/%d/unit/%d/%s", d.ID, unit, d.SHA256))
	return [16]byte(k[:]), [16]byte(g[:])
}

// commitUnit writes the entries of a unit into the log, or finds them there.
func (b *Book) commitUnit(ctx context.Context, d *Delivery, unit int64) (*journal.ProvenBatch, error) {
	key, digest := d.unitKey(unit)
	if p, found, err := b.c.Journal.ReplayAll(ctx, key, digest); err != nil || found {
		return p, err
	}
	rows, err := b.RowsFrom(ctx, d.ID, unit*unitRows, unitRows)
	if err != nil {
		return nil, err
	}
	of, err := b.c.Agencies.ByID(d.Agency)
	if err != nil {
		return nil, err
	}
	numbers := make([]ids.NationalNumber, len(rows))
	for i := range rows {
		numbers[i] = rows[i].Subject
	}
	persons, err := b.c.Persons.ByNumbers(ctx, numbers)
	if err != nil {
		return nil, err
	}
	covered, err := b.covers(ctx, d, persons)
	if err != nil {
		return nil, err
	}
	entries := make([]journal.Entry, len(rows))
	for i := range rows {
		rows[i].Status = fate(&rows[i], persons[i], covered[i])
		entries[i] = d.entry(of, &rows[i], persons[i])
	}
	return b.c.Journal.CommitAll(ctx, entries, key, digest)
}

// fate is the status of a row as the register stands at this moment.
func fate(r *Row, p *person.Person, covered bool) linkage.Status {
	switch {
	case !r.Linked() && r.Status != linkage.Duplicate:
		return r.Status
	case p == nil:
		return linkage.NotFound
	case p.State == person.Protected: // each row that names him, not the first alone
		return linkage.Protected
	case r.Status == linkage.Duplicate:
		return r.Status
	case p.State == person.Cancelled:
		return linkage.Cancelled
	case !covered:
		return linkage.NotCovered
	case !p.Alive():
		return linkage.Deceased
	case r.Status != linkage.Deceased && r.Status != linkage.Cancelled:
		return r.Status
	case r.Differs != 0: // linked as deceased or cancelled, which has been taken back
		return linkage.Discrepant
	}
	return linkage.Verified
}

// outside is the status that the agency is told: who may not be shown is not
// found.
func outside(s linkage.Status) linkage.Status {
	if s == linkage.Protected {
		return linkage.NotFound
	}
	return s
}

// entry is what the journal says of one row. A person whom the row names, told
// or not, sees it among those who asked about him.
func (d *Delivery) entry(of *agency.Agency, r *Row, p *person.Person) journal.Entry {
	e := journal.Entry{Kind: receipt.DeliveryRow, Agency: d.Agency, Body: d.appendRow(make([]byte, 0, 512), of, r, p)}
	if r.Linked() || r.Status == linkage.Protected {
		e.Subject = r.Subject
	}
	return e
}

// appendRow writes the members of a row's record, in the order of
// docs/events.md.
func (d *Delivery) appendRow(b []byte, of *agency.Agency, r *Row, p *person.Person) []byte {
	b = of.ID.AppendTo(append(b, `"agency":{"id":"`...))
	b = receipt.AppendString(append(b, `","name":`...), of.Name)
	b = receipt.AppendString(append(b, `},"officer":`...), d.Officer)
	b = receipt.AppendString(append(b, `,"purpose":`...), d.Purpose)
	b = d.appendPermission(b)
	b = strconv.AppendInt(append(b, `,"delivery":{"id":`...), d.ID, 10)
	b = strconv.AppendInt(append(b, `,"row":`...), r.Line, 10)
	b = append(append(append(b, `},"status":"`...), outside(r.Status).String()...), '"')
	if r.Status == linkage.Duplicate && r.Twin != 0 {
		b = strconv.AppendInt(append(b, `,"duplicate_of":`...), r.Twin, 10)
	}
	if r.Padded {
		b = append(b, `,"zeros_restored":true`...)
	}
	if !r.Linked() {
		return b
	}
	b = strconv.AppendInt(append(b, `,"weight":`...), int64(r.Weight), 10)
	b = strconv.AppendInt(append(b, `,"probability_ppm":`...), int64(r.Probability*1e6+.5), 10)
	if names := columnNames(r.Differs); len(names) > 0 {
		b = appendList(append(b, `,"differs":`...), names)
	}
	if names := columnNames(r.Variants); len(names) > 0 {
		b = appendList(append(b, `,"variants":`...), names)
	}
	if r.Status == linkage.Cancelled || p == nil {
		return b // a void number says nothing more, and not which one counts
	}
	b = strconv.AppendInt(append(b, `,"register_version":`...), p.Version, 10)
	if p.State == person.UnderReview {
		b = append(b, `,"warnings":["under_review"]`...)
	}
	return append(appendValues(append(b, `,"answer":{"values":{`...), d.Fields, p), '}', '}')
}

// appendValues writes the permitted items as the register has them; null: not
// on record.
func appendValues(b []byte, fields []string, p *person.Person) []byte {
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f...), '"', ':')
		if v, known := itemOf(f, p); known {
			b = receipt.AppendString(b, v)
		} else {
			b = append(b, `null`...)
		}
	}
	return b
}

func itemOf(item string, p *person.Person) (string, bool) {
	if item == "national_number" {
		return p.Number.String(), true
	}
	return inquiry.ValueOf(item, p)
}

// columnNames are the names of the columns whose bits are set.
func columnNames(bits uint32) (names []string) {
	for i, c := range columns() {
		if bits>>i&1 == 1 {
			names = append(names, c.Name)
		}
	}
	return names
}

// keepCodes writes the codes and statuses of an answered unit into its rows.
func (b *Book) keepCodes(ctx context.Context, r *job.Run, d *Delivery, unit int64, p *journal.ProvenBatch) error {
	mark, err := json.Marshal(Of{d.ID})
	if err != nil {
		return err
	}
	return b.c.DB.Write(ctx, func(tx *store.Tx) error {
		now, err := running(tx, d.ID)
		if err != nil {
			return err
		}
		rows, err := rowsOf(tx, d.ID, unit*unitRows, unitRows)
		if err != nil {
			return err
		}
		if len(rows) != len(p.Entries) {
			return errRows
		}
		for i := range rows {
			a, err := parseAnswer(p.Entries[i].Record)
			if err != nil {
				return err
			}
			row := &rows[i]
			if outside(row.Status) != a.Status {
				row.Status = a.Status // the register has moved on since the row was linked
			}
			row.Version, row.Code = max(a.Version, row.Version), a.Code
			if err := row.put(tx, d.ID); err != nil {
				return err
			}
		}
		now.Answered = unit*unitRows + int64(len(rows))
		*d = *now
		if err := now.put(tx); err != nil {
			return err
		}
		return r.StepIn(tx, now.Rows+now.Answered, 2*now.Rows, mark)
	})
}

// put writes what may change of a row.
func (r *Row) put(tx *store.Tx, delivery int64) error {
	_, err := tx.Exec(rowPut, int64(r.Status), int64(r.Subject), r.Version, r.Code, delivery, r.No)
	return err
}

// Answer is what the agency is told of one row: what its entry in the journal
// says.
type Answer struct {
	Row      int64              `json:"row"` // its number in the sheet
	Status   linkage.Status     `json:"status"`
	Code     string             `json:"tracking_code"`
	Values   map[string]*string `json:"values,omitzero"` // items; null: not on record
	Differs  []string           `json:"differs,omitzero"`
	Variants []string           `json:"variants,omitzero"`
	Restored bool               `json:"zeros_restored,omitzero"`
	Twin     int64              `json:"duplicate_of,omitzero"`
	Weight   int64              `json:"weight,omitzero"`          // bits
	Chance   int64              `json:"probability_ppm,omitzero"` // in millionths
	Warnings []string           `json:"warnings,omitzero"`
	Version  int64              `json:"-"`
}

// parseAnswer reads the record of a row.
func parseAnswer(record []byte) (*Answer, error) {
	var r struct {
		Code     string
		Delivery struct{ Row int64 }
		Status   string
		Answer   struct{ Values map[string]*string }
		Differs  []string
		Variants []string
		Restored bool     `json:"zeros_restored"`
		Twin     int64    `json:"duplicate_of"`
		Chance   int64    `json:"probability_ppm"`
		Weight   int64    `json:"weight"`
		Warnings []string `json:"warnings"`
		Version  int64    `json:"register_version"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, errRows.Because(err)
	}
	a := &Answer{
		Row: r.Delivery.Row, Code: r.Code, Values: r.Answer.Values, Differs: r.Differs, Variants: r.Variants, Restored: r.Restored,
		Twin: r.Twin, Weight: r.Weight, Chance: r.Chance, Warnings: r.Warnings, Version: r.Version,
	}
	for _, s := range linkage.Statuses() {
		if s.String() == r.Status {
			a.Status = s
		}
	}
	if a.Status == 0 {
		return nil, errRows
	}
	return a, nil
}
