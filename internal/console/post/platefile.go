package post

import (
	"bytes"
	"errors"
	"io"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
)

// plateRows is a file of what was done to plates. Each row is an act of its
// own, with an entry of its own: hence no more rows than somebody waits for.
type plateRows struct {
	register.Grounds
	File []byte `json:"file"`
}

const maxPlateRows = 500

// The columns of the file.
const (
	columnCode = iota
	columnState
	columnOn
	columnInstaller
)

func plateColumns() []sheet.Column {
	return []sheet.Column{
		{Name: "postal_code", Also: sheet.Also("place.column.postal_code"), Must: true},
		{Name: "state", Also: sheet.Also("console.post.column.state"), Must: true},
		{Name: "on", Also: sheet.Also("console.post.column.on")},
		{Name: "installer", Also: sheet.Also("console.post.column.installer")},
	}
}

var plateWords = []string{"", "ordered", "installed", "missing", "damaged"}

// plateFile takes in what was done to many plates, each named by the code of a
// place behind it.
func (s side) plateFile() page.Form[plateRows] {
	return page.Form[plateRows]{
		Path: s.base + "/plates/file", Roles: s.roles, Key: "console.post.plate_file.", Files: 1 << 20,
		Controls: func(v *page.Visit, _ *plateRows) ([]page.Control, error) {
			all := []page.Control{{Name: "file", Kind: page.File, Accept: ".csv,text/csv", Label: "console.post.field.file"}}
			return append(all, grounds(v, "field-visit", "first-plate", "replacement")...), nil
		},
		Around: func(v *page.Visit, _ *plateRows) ([]any, error) {
			return []any{columnsNote(v, "console.post.plate_file.columns", "postal_code,state,on,installer")}, nil
		},
		Do: func(v *page.Visit, in *plateRows) (page.Done, error) {
			report, err := in.perform(v)
			if err != nil {
				return page.Done{}, err
			}
			return page.Done{Screen: taken(v, v.T("console.post.plate_file.result"), s.base+"/plates/file", report)}, nil
		},
	}
}

func (in *plateRows) perform(v *page.Visit) (*sheet.Report, error) {
	if err := in.Check(); err != nil {
		return nil, err
	}
	report := sheet.NewReport(nil)
	file, err := sheet.NewReader(bytes.NewReader(in.File))
	if err == nil {
		err = file.Match(plateColumns(), report)
	}
	if err != nil {
		return nil, fault.Of(err).At("file")
	}
	words := persian.NewWords("console.post.plate.", plateWords)
	for {
		row, err := file.Next()
		if errors.Is(err, io.EOF) {
			return report, nil
		}
		if err != nil {
			return nil, err
		}
		if report.Rows++; report.Rows > maxPlateRows {
			report.Refuse(row.N, "", fault.New(fault.TooLarge, "console.post.plate_file.long"))
			return report, nil
		}
		f := row.Fault
		if f == nil {
			err = in.row(v, row, words)
			f = fault.Of(err)
		}
		switch {
		case f == nil:
			report.Accepted++
			report.Changed++
		case f.Kind >= fault.Internal:
			return nil, err
		default:
			report.Refuse(row.N, f.Field, f)
		}
	}
}

// row performs one row.
func (in *plateRows) row(v *page.Visit, row *sheet.Row, words persian.Words) error {
	c, err := ids.ParsePostalCode(row.Cell(columnCode))
	if err != nil {
		return fault.Of(err).At("postal_code")
	}
	state, known := words.Find(row.Cell(columnState))
	if !known {
		return fault.New(fault.Invalid, "place.word").At("state")
	}
	var on persian.Date
	if cell := row.Cell(columnOn); cell != "" {
		if on, err = persian.ParseDate(cell); err != nil {
			return fault.Of(err).At("on")
		}
	}
	ctx, own := v.Context(), area(v)
	if place.PlateState(state) == place.Ordered {
		_, _, err := v.Places.Order(ctx, v.Journal, v.Actor(), &place.Ordering{Grounds: in.Grounds, Codes: []ids.PostalCode{c}, On: on, Within: own})
		return err
	}
	e, err := v.Places.EntranceOf(ctx, v.Actor(), c, own)
	if err == nil && e == nil {
		err = fault.New(fault.NotFound, "place.plate.unknown").At("postal_code")
	}
	if err != nil {
		return err
	}
	if place.PlateState(state) == place.Installed {
		_, _, err = v.Places.Install(ctx, v.Journal, v.Actor(), &place.Installing{Grounds: in.Grounds, Entrance: e.ID, On: on, Installer: row.Cell(columnInstaller), Within: own})
	} else {
		_, _, err = v.Places.Lose(ctx, v.Journal, v.Actor(), &place.Losing{Grounds: in.Grounds, Entrance: e.ID, On: on, State: place.PlateState(state), Within: own})
	}
	return err
}
