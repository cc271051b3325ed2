package post

import (
	"bytes"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/message"
)

// fileOnly is an act's input that is a file alone.
type fileOnly struct {
	File []byte `json:"file"`
}

// maxFile is how large a file of places may be: some 100,000 rows.
const maxFile = 32 << 20

// intake assigns or changes many places by one file.
var intake = page.Form[fileOnly]{
	Path: "/post/intake", Roles: posts.roles, Key: "console.post.intake.", Files: maxFile,
	Controls: func(*page.Visit, *fileOnly) ([]page.Control, error) {
		return []page.Control{{Name: "file", Kind: page.File, Accept: ".csv,text/csv", Label: "console.post.field.file"}}, nil
	},
	Around: func(v *page.Visit, _ *fileOnly) ([]any, error) {
		return []any{columnsNote(v, "console.post.intake.columns", "postal_code,province,county,locality,sub_locality,street,street2,house_number,floor,side,building,note")}, nil
	},
	Do: func(v *page.Visit, in *fileOnly) (page.Done, error) {
		report, err := v.Places.TakeIn(v.Context(), v.Journal, v.Actor(), bytes.NewReader(in.File))
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Screen: taken(v, v.T("console.post.intake.result"), "/post/intake", report)}, nil
	},
}

// columnsNote says which columns a file has, as they are named in the
// visitor's language; in either language they are understood.
func columnsNote(v *page.Visit, key, columns string) page.Note {
	names := strings.Split(columns, ",")
	if v.Lang == message.Fa {
		for i, name := range names {
			names[i] = columnName(v, name)
		}
	}
	return page.Note{Tone: page.Info, Title: v.T(key), Lines: names, Text: v.T("console.post.file.encodings")}
}

// columnName is the first of the names by which files are read.
func columnName(v *page.Visit, name string) string {
	for which, key := range map[string]string{"old_": "place.report.column.old", "new_": "place.report.column.new"} {
		if rest, found := strings.CutPrefix(name, which); found {
			return firstOf(v.T(key, columnName(v, rest)))
		}
	}
	for _, key := range []string{"place.column." + name, "place.report." + name, "notice.column." + name, "console.post.column." + name} {
		if message.Known(key) {
			return firstOf(v.T(key))
		}
	}
	return name
}

// firstOf is the first of several names in one text.
func firstOf(names string) string {
	first, _, _ := strings.Cut(names, "|")
	return strings.TrimSpace(first)
}
