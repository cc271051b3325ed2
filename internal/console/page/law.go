package page

import (
	"strings"

	"github.com/estelam/estelam/internal/message"
)

// Law names clauses of the law as people cite them. Programs write them as
// docs/law.md does: the text's letter, the article, its part or its note, such
// as "B.5n2"; with a comma between several.
func (v *Visit) Law(clauses string) string {
	all := strings.Split(clauses, ", ")
	for i, code := range all {
		all[i] = v.clause(code)
	}
	return v.List(all)
}

func (v *Visit) clause(code string) string {
	text, rest, _ := strings.Cut(code, ".")
	text = "console.law." + strings.ToLower(text)
	if !message.Known(text) {
		return Isolated(code)
	}
	part := strings.TrimLeft(rest, "0123456789")
	no := strings.TrimSuffix(rest, part)
	said := v.T(text)
	if no != "" && no != "0" { // 0 is the text before its first clause
		said = v.T(text+".no", v.Digits(no))
	}
	note, isNote := strings.CutPrefix(part, "n")
	switch {
	case part == "":
		return said
	case part == "old":
		return v.T("console.law.old", said)
	case isNote && note == "":
		return v.T("console.law.note", said)
	case isNote:
		return v.T("console.law.note_no", said, v.Digits(note))
	case message.Known("console.law.letter." + part):
		return v.T("console.law.point", said, v.T("console.law.letter."+part))
	}
	return Isolated(code)
}
