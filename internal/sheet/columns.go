package sheet

import (
	"strings"
	"unicode"

	"github.com/estelam/estelam/internal/fault"
)

// Column is a column that a load understands.
type Column struct {
	Name string // in headers and reports, snake_case
	Also string // other headers that mean it, with | between
	Must bool   // without it the file is refused
	// Kind is what its cells look like, so that a table finds it in a file
	// without a header; "": only a header tells.
	Kind string
}

// Match finds the columns in the header. A required one that is missing, and
// one that stands twice, refuse the file, all of them at once; a header that
// means nothing here is only noted.
func (in *Reader) Match(columns []Column, report *Report) error {
	means := meanings(columns)
	at := make([]int, len(columns))
	for i := range at {
		at[i] = -1
	}
	var bad fault.List
	for j, head := range in.head {
		i, known := means[fold(head)]
		switch {
		case !known:
			report.Note(1, letter(j), "sheet.column.unknown")
		case at[i] >= 0:
			bad.When(true, columns[i].Name, "sheet.column.twice", columns[i].Name)
		default:
			at[i] = j
		}
	}
	for i, c := range columns {
		bad.When(c.Must && at[i] < 0, c.Name, "sheet.column.missing", c.Name)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	in.row.at = at
	return nil
}

// meanings says which column a header, folded, stands for.
func meanings(columns []Column) map[string]int {
	means := map[string]int{}
	for i, c := range columns {
		means[fold(c.Name)] = i
		for also := range strings.SplitSeq(c.Also, "|") {
			means[fold(also)] = i
		}
	}
	delete(means, "")
	return means
}

// letter names a column as spreadsheets do: A, B … Z, AA …
func letter(j int) string {
	s := ""
	for j++; j > 0; j = (j - 1) / 26 {
		s = string(rune('A'+(j-1)%26)) + s
	}
	return s
}

// fold makes headers comparable: letters and digits only, lower case, one
// spelling of yeh and kaf. (Headers only; names have persian.Key.)
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0x064A || r == 0x0649: // Arabic yeh, alef maksura
			return 0x06CC
		case r == 0x0643: // Arabic kaf
			return 0x06A9
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
