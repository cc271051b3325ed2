package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Page asks for rows of a result.
type Page struct {
	Delivery int64 `json:"delivery"`
	After    int64 `json:"after"` // rows to pass over: what the page before said
	Limit    int   `json:"limit"` // by API at most 1000, at a terminal 20; 0: as many
}

// Result is a page of a result.
type Result struct {
	Delivery int64     `json:"delivery"`
	Total    int64     `json:"total"`
	Rows     []*Answer `json:"rows"`
	Next     int64     `json:"next,omitzero"` // After of the next page; absent: this was the last
}

// pageRows is how many rows a page can have, by method.
var pageRows = map[string]int{Terminal: 20, API: unitRows}

var errPurged = fault.New(fault.NotFound, "delivery.purged")

// fetch reads a delivery whose result the agency's people want.
func (b *Book) fetch(ctx context.Context, actor journal.Actor, id int64) (*Delivery, error) {
	if err := register.Only(actor, agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer); err != nil {
		return nil, err
	}
	d, err := b.own(ctx, actor, id)
	switch {
	case err != nil:
		return nil, err
	case !d.Purged.IsZero():
		return nil, errPurged
	case d.State != Delivered && d.State != Acknowledged:
		return nil, errState
	}
	return d, nil
}

// Result is a page of the result, for the methods that hand over rows. What a
// clerk has decided since stands in it, with its own code.
func (b *Book) Result(ctx context.Context, actor journal.Actor, in *Page) (*Result, error) {
	d, err := b.fetch(ctx, actor, in.Delivery)
	if err != nil {
		return nil, err
	}
	most := pageRows[d.Method]
	var bad fault.List
	bad.When(most == 0, "delivery", "delivery.method.media")
	bad.When(in.Limit < 0 || in.Limit > most && most > 0, "limit", "delivery.limit")
	bad.When(in.After < 0, "after", "delivery.limit")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = most
	}
	out := &Result{Delivery: d.ID, Total: d.Rows, Rows: []*Answer{}}
	for no := in.After; no < d.Rows && len(out.Rows) < in.Limit; {
		some, err := b.answers(ctx, d, no, in.Limit-len(out.Rows))
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, some...)
		no += int64(len(some))
		if out.Next = no; no >= d.Rows {
			out.Next = 0
		}
	}
	return out, nil
}

// answers are rows of one unit, at most n from number no on, as they stand now.
func (b *Book) answers(ctx context.Context, d *Delivery, no int64, n int) ([]*Answer, error) {
	p, err := b.unit(ctx, d, no/unitRows)
	if err != nil {
		return nil, err
	}
	at := int(no % unitRows)
	entries := p.Entries[at:min(at+n, len(p.Entries))]
	rows, err := b.RowsFrom(ctx, d.ID, no, len(entries))
	if err != nil {
		return nil, err
	}
	if len(rows) != len(entries) {
		return nil, errPurged
	}
	all := make([]*Answer, len(entries))
	for i := range entries {
		record := entries[i].Record
		if rows[i].Code != string(entries[i].Code) { // answered again since
			later, found, err := b.c.Journal.ByCode(ctx, ids.TrackingCode(rows[i].Code))
			if err != nil {
				return nil, err
			}
			if !found {
				return nil, errRows
			}
			record = later.Record
		}
		if all[i], err = parseAnswer(record); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Acknowledgement says that the agency has what it was to be given.
type Acknowledgement struct {
	Delivery int64  `json:"delivery"`
	Manifest string `json:"manifest"` // SHA-256 of the manifest that it has
}

// Acknowledge ends a delivery: the agency has the result that the manifest
// names. After a while all of it is forgotten here.
func (b *Book) Acknowledge(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Acknowledgement) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead, agency.RoleOfficer); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "delivery-acknowledged", in.Delivery, func(_ *store.Tx, c *register.Change, d *Delivery) error {
		if d.State != Delivered {
			return errState
		}
		sum := sha256.Sum256([]byte(d.manifest))
		if in.Manifest != hex.EncodeToString(sum[:]) {
			return fault.New(fault.Invalid, "delivery.manifest").At("manifest")
		}
		d.State, d.Acknowledged = Acknowledged, c.At
		return nil
	})
}

// Package is what an agency fetches, besides rows: the manifest, the receipt
// of the file, and of a media package its parts.
type Package struct {
	Delivery int64           `json:"delivery"`
	Manifest json.RawMessage `json:"manifest"`
	SHA256   string          `json:"manifest_sha256"` // of the manifest byte for byte, as it is acknowledged
	Text     string          `json:"manifest_text"`   // those bytes
	Receipt  json.RawMessage `json:"file_receipt"`
	Media    *MediaPackage   `json:"package,omitzero"`
}

// MediaPackage is the encrypted file and its parts.
type MediaPackage struct {
	Recipient string   `json:"recipient"` // to whose key it is encrypted
	Size      int64    `json:"size"`
	SHA256    string   `json:"sha256"`
	PartSize  int64    `json:"part_size"` // of all parts but the last
	Parts     []string `json:"parts"`     // SHA-256 of each
}

// Package tells what the delivery consists of. Fault delivery.package.wait
// while the media package is being made.
func (b *Book) Package(ctx context.Context, actor journal.Actor, in *Of) (*Package, error) {
	d, err := b.fetch(ctx, actor, in.Delivery)
	if err != nil {
		return nil, err
	}
	proven, err := b.filed(ctx, d)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(d.manifest))
	p := &Package{
		Delivery: d.ID, Manifest: json.RawMessage(d.manifest), SHA256: hex.EncodeToString(sum[:]), Text: d.manifest,
		Receipt: proven.Receipt().Append(nil),
	}
	if d.Method != Media {
		return p, nil
	}
	if d.pack == "" {
		return nil, fault.New(fault.Conflict, "delivery.package.wait")
	}
	p.Media = new(MediaPackage)
	return p, json.Unmarshal([]byte(d.pack), p.Media)
}
