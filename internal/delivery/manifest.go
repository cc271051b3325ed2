package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// ManifestFormat is the first member of a manifest.
const ManifestFormat = "estelam-delivery/1"

// Manifest says what a delivery consists of. The entry of the file cites its
// SHA-256, so the log's signed checkpoint is the signature on it.
type Manifest struct {
	Format    string          `json:"format"`
	Delivery  int64           `json:"delivery"`
	Agency    ids.LegalID     `json:"agency"`
	Officer   string          `json:"officer"`
	Agreement ManifestClause  `json:"agreement"`
	Purpose   string          `json:"purpose"`
	Fields    []string        `json:"fields"`
	Method    string          `json:"method"`
	Coverage  string          `json:"coverage"`
	Provinces []string        `json:"provinces,omitempty"`
	Input     File            `json:"input"` // as the agency handed it in
	Rows      int64           `json:"rows"`
	Counts    map[string]int  `json:"counts"` // rows by status
	Result    File            `json:"result"`
	Receipts  []File          `json:"receipts"` // of the rows, in their order
	Register  mirror.Position `json:"register"` // as of which rows were linked
	Linked    time.Time       `json:"linked"`
	Estimates Estimates       `json:"estimates"`
}

// ManifestClause is what permitted the delivery.
type ManifestClause struct {
	ID      int64 `json:"id"`
	Version int   `json:"version"`
	Clause  int   `json:"clause"`
}

// File is one file of a delivery.
type File struct {
	Name   string `json:"name,omitempty"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Estimates tell how far the links can be trusted.
type Estimates struct {
	ExpectedFalse float64 `json:"expected_false_links"`
	FalseLow      float64 `json:"expected_false_links_low"`
	FalseHigh     float64 `json:"expected_false_links_high"`
	Recall        float64 `json:"estimated_recall"`
	Automatic     float64 `json:"threshold_automatic"`
	Review        float64 `json:"threshold_review"`
}

// measured hashes and counts what is written.
type measured struct {
	hash.Hash
	size int64
}

func newMeasured() *measured { return &measured{Hash: sha256.New()} }

func (m *measured) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	return m.Hash.Write(p)
}

func (m *measured) file(name string) File {
	return File{name, m.size, hex.EncodeToString(m.Sum(nil))}
}

// resultName and receiptsName are the files' names in a package.
const resultName = "result.csv"

func receiptsName(unit int64) string { return fmt.Sprintf("receipts/%06d.json", unit) }

// unit reads an answered unit from the journal.
func (b *Book) unit(ctx context.Context, d *Delivery, unit int64) (*journal.ProvenBatch, error) {
	key, digest := d.unitKey(unit)
	p, found, err := b.c.Journal.ReplayAll(ctx, key, digest)
	if err == nil && !found {
		err = errRows
	}
	return p, err
}

// heads are the headers of the result.
func (d *Delivery) heads() []string {
	heads := append([]string{"row", "status", "tracking_code"}, d.Fields...)
	return append(heads, "differs", "variants", "zeros_restored", "duplicate_of", "weight", "probability_ppm", "warnings")
}

// cells is one row of the result.
func (d *Delivery) cells(a *Answer) []string {
	cells := []string{strconv.FormatInt(a.Row, 10), a.Status.String(), a.Code}
	for _, f := range d.Fields {
		v := ""
		if p := a.Values[f]; p != nil {
			v = *p
		}
		cells = append(cells, v)
	}
	optional := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	restored := ""
	if a.Restored {
		restored = "yes"
	}
	return append(cells, strings.Join(a.Differs, " "), strings.Join(a.Variants, " "), restored,
		optional(a.Twin), optional(a.Weight), optional(a.Chance), strings.Join(a.Warnings, " "))
}

// writeResult writes the result, unit by unit as the journal has it. see gets
// each unit and its answers.
func (b *Book) writeResult(ctx context.Context, d *Delivery, w io.Writer, see func(unit int64, p *journal.ProvenBatch, all []*Answer) error) error {
	out, err := sheet.NewWriter(w, sheet.CSV, d.heads())
	if err != nil {
		return err
	}
	for unit := int64(0); unit*unitRows < d.Rows; unit++ {
		p, err := b.unit(ctx, d, unit)
		if err != nil {
			return err
		}
		all := make([]*Answer, len(p.Entries))
		for i := range p.Entries {
			if all[i], err = parseAnswer(p.Entries[i].Record); err != nil {
				return err
			}
			if err := out.Write(d.cells(all[i])); err != nil {
				return err
			}
		}
		if err := see(unit, p, all); err != nil {
			return err
		}
	}
	return out.Close()
}

// compose makes the manifest: twice the same of the same delivery.
func (b *Book) compose(ctx context.Context, d *Delivery) (*Manifest, error) {
	var report Report
	if err := json.Unmarshal([]byte(d.report), &report); err != nil {
		return nil, errRows.Because(err)
	}
	m := &Manifest{
		Format: ManifestFormat, Delivery: d.ID, Agency: d.Agency, Officer: d.Officer,
		Agreement: ManifestClause{d.Agreement, d.Version, d.Clause}, Purpose: d.Purpose, Fields: d.Fields, Method: d.Method,
		Coverage: d.Coverage, Provinces: d.Provinces, Input: File{Size: d.Size, SHA256: d.SHA256},
		Rows: d.Rows, Counts: map[string]int{}, Receipts: []File{}, Register: report.Position, Linked: d.Linked,
		Estimates: report.Estimates,
	}
	result := newMeasured()
	err := b.writeResult(ctx, d, result, func(unit int64, p *journal.ProvenBatch, all []*Answer) error {
		receipts := newMeasured()
		_, _ = receipts.Write(p.Receipts().Append(nil)) // a hash never fails
		m.Receipts = append(m.Receipts, receipts.file(receiptsName(unit)))
		for _, a := range all {
			m.Counts[a.Status.String()]++
		}
		return nil
	})
	m.Result = result.file(resultName)
	return m, err
}

// finish makes the entry of the file, which cites the manifest. From then on
// the result can be fetched.
func (b *Book) finish(ctx context.Context, _ *job.Run, d *Delivery) error {
	if d.State != Running {
		return nil
	}
	m, err := b.compose(ctx, d)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	a := register.Act{Kind: receipt.Delivery, Actor: system, Why: "delivery-done", Agency: d.Agency, Clock: b.c.Clock}
	_, err = register.Do(ctx, b.c.DB, b.c.Journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		now, err := running(tx, d.ID)
		if err != nil {
			return nil, err
		}
		now.State, now.Delivered, now.act, now.manifest = Delivered, c.At, c.Act[:], string(text)
		*d = *now
		return d.appendManifest(d.body(), m, text), now.put(tx)
	})
	return err
}

// appendManifest is what the entry of the file says of it.
func (d *Delivery) appendManifest(b []byte, m *Manifest, text []byte) []byte {
	sum := sha256.Sum256(text)
	b = append(append(append(b, `,"manifest":"`...), hex.EncodeToString(sum[:])...), '"')
	b = append(append(append(b, `,"result":"`...), m.Result.SHA256...), '"')
	b = strconv.AppendInt(append(b, `,"rows":`...), m.Rows, 10)
	b = append(b, `,"counts":{`...)
	first := true
	for _, s := range linkage.Statuses() {
		n := m.Counts[s.String()]
		if n == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = strconv.AppendInt(append(append(append(b, '"'), s.String()...), '"', ':'), int64(n), 10)
	}
	return append(b, '}')
}

// filed is the entry of the file, with its proof.
func (b *Book) filed(ctx context.Context, d *Delivery) (journal.Proven, error) {
	if len(d.act) != len(journal.ActID{}) {
		return journal.Proven{}, errState
	}
	return b.c.Journal.Settle(ctx, journal.ActID(d.act))
}
