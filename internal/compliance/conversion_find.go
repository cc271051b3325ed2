package compliance

import (
	"context"
	"encoding/hex"
	"io"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
)

// TableOf names a table, and a version of it.
type TableOf struct {
	Agency  ids.LegalID `json:"agency"` // 0: the actor's
	Name    string      `json:"table"`
	Version int64       `json:"version"` // 0: the newest
}

// Converted is a table with its versions, newest last.
type Converted struct {
	Agency   ids.LegalID    `json:"agency"`
	Name     string         `json:"table"`
	Versions []TableVersion `json:"versions"`

	id int64
}

// Coverage is how far an agency's own codes have been replaced, over time.
type Coverage struct {
	Tables   []Converted `json:"tables"`
	Declared int64       `json:"declared"` // of all tables, by their newest versions
	Held     int64       `json:"held"`
	Share    float64     `json:"share"`
}

// Coverage tells of the tables of an agency, or, to who may see all and names
// none, of everybody's.
func (b *Book) Coverage(ctx context.Context, actor journal.Actor, in *TableOf) (*Coverage, error) {
	of, err := b.seen(actor, in.Agency)
	if err != nil {
		return nil, err
	}
	all, err := b.tables(ctx, of)
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		all = slices.DeleteFunc(all, func(t Converted) bool { return t.Name != in.Name })
	}
	return coverageOf(all), nil
}

func coverageOf(all []Converted) *Coverage {
	c := &Coverage{Tables: all}
	for i := range all {
		newest := all[i].Versions[len(all[i].Versions)-1]
		c.Declared, c.Held = c.Declared+newest.Declared, c.Held+min(newest.Held, newest.Declared)
	}
	if c.Declared > 0 {
		c.Share = float64(c.Held) / float64(c.Declared)
	}
	return c
}

func (b *Book) tables(ctx context.Context, of ids.LegalID) (all []Converted, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = []Converted{}
		return tx.Each(versionList, []any{int64(of)}, func(scan func(...any) error) error {
			var t Converted
			var v TableVersion
			var agency, part, at int64
			var sum []byte
			err := scan(&t.id, &agency, &t.Name, &v.Version, &part, &v.Declared, &v.Rows, &v.Accepted, &v.Gone, &v.Refused, &v.Held, &v.Format, &sum, &at, &v.By)
			t.Agency, v.Part, v.File, v.At = ids.LegalID(agency), part == 1, hex.EncodeToString(sum), store.Moment(at)
			if v.Declared > 0 {
				v.Share = min(1, float64(v.Held)/float64(v.Declared))
			}
			if n := len(all); n == 0 || all[n-1].id != t.id {
				all = append(all, t)
			}
			last := &all[len(all)-1]
			last.Versions = append(last.Versions, v)
			return err
		})
	})
	return all, err
}

// table finds one table of an agency and the version that is meant. Faults:
// compliance.table.unknown, compliance.table.version.
func (b *Book) table(ctx context.Context, actor journal.Actor, in *TableOf) (id, version int64, err error) {
	of, err := b.seen(actor, in.Agency)
	if err != nil {
		return 0, 0, err
	}
	if of == 0 {
		return 0, 0, fault.New(fault.Invalid, "compliance.missing").At("agency")
	}
	all, err := b.tables(ctx, of)
	if err != nil {
		return 0, 0, err
	}
	i := slices.IndexFunc(all, func(t Converted) bool { return t.Name == in.Name })
	if i < 0 {
		return 0, 0, fault.New(fault.NotFound, "compliance.table.unknown").At("table")
	}
	newest := int64(len(all[i].Versions))
	if in.Version < 0 || in.Version > newest {
		return 0, 0, fault.New(fault.NotFound, "compliance.table.version").At("version")
	}
	if in.Version == 0 {
		in.Version = newest
	}
	return all[i].id, in.Version, nil
}

// Own asks for the postal code of an own code.
type Own struct {
	TableOf
	Own string `json:"own_code"`
}

// Conversion is an own code with its postal code, and what has become of the
// place since.
type Conversion struct {
	Own        string           `json:"own_code"`
	Postal     ids.PostalCode   `json:"postal_code"`
	Since      int64            `json:"since_version"`
	State      place.State      `json:"state"` // of the place, today
	Successors []ids.PostalCode `json:"successors,omitempty"`
}

// FindOwn finds the postal code of an own code. Fault: compliance.own.unknown.
func (b *Book) FindOwn(ctx context.Context, actor journal.Actor, in *Own) (*Conversion, error) {
	id, version, err := b.table(ctx, actor, &in.TableOf)
	if err != nil {
		return nil, err
	}
	own, err := ownCode(in.Own)
	if err != nil {
		return nil, fault.Of(err).At("own_code")
	}
	out, found := &Conversion{Own: own}, false
	var postal int64
	err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.One(rowAt, []any{id, own, version}, &postal, &out.Since)
		return err
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "compliance.own.unknown").At("own_code")
	}
	if err != nil {
		return nil, err
	}
	out.Postal = ids.PostalCode(postal)
	p, found, err := b.c.Places.ByCode(ctx, out.Postal)
	if err != nil || !found {
		return out, err
	}
	if out.State = p.State; p.State != place.Active {
		now, err := b.c.Places.Current(ctx, out.Postal)
		for _, n := range now {
			out.Successors = append(out.Successors, n.Code)
		}
		return out, err
	}
	return out, nil
}

// Download asks for a version of a table as a file.
type Download struct {
	TableOf
	Format sheet.Format `json:"format"` // csv, xlsx or parquet; "": csv
}

// MediaType is that of the file.
func (in *Download) MediaType() string { return mediaType(in.Format) }

func mediaType(f sheet.Format) string {
	switch f {
	case sheet.XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case sheet.Parquet:
		return "application/vnd.apache.parquet"
	}
	return "text/csv; charset=utf-8"
}

// WriteTable writes a version of a table.
func (b *Book) WriteTable(ctx context.Context, actor journal.Actor, in *Download, w io.Writer) error {
	id, version, err := b.table(ctx, actor, &in.TableOf)
	if err != nil {
		return err
	}
	if in.Format == "" {
		in.Format = sheet.CSV
	}
	out, err := sheet.NewWriter(w, in.Format, []string{"own_code", "postal_code"})
	if err != nil {
		return fault.Of(err).At("format")
	}
	const page = 10_000
	after := ""
	for {
		rows := make([][2]string, 0, page)
		err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
			rows = rows[:0]
			return tx.Each(rowsAt, []any{id, after, version, int64(page)}, func(scan func(...any) error) error {
				var own string
				var postal int64
				err := scan(&own, &postal)
				rows = append(rows, [2]string{own, ids.PostalCode(postal).String()})
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := out.Write(r[:]); err != nil {
				return err
			}
			after = r[0]
		}
		if len(rows) < page {
			return out.Close()
		}
	}
}
