package api

import (
	"bytes"
	"strings"
)

// Operation is one address for officers, as the document lists it.
type Operation struct {
	Name    string // the path after /v1/
	Method  string
	Summary string // in Persian and English
	Receipt bool   // it is an act: its answer brings a receipt
}

// Operations lists the addresses of the nouns' own parts of the document, in
// its order: what officers do and read, and what citizens may.
func Operations() (all []Operation) {
	text := bytes.NewBuffer(nounPaths())
	var o *Operation
	for line := range strings.Lines(text.String()) {
		word := strings.TrimSpace(line)
		switch indent := len(line) - len(strings.TrimLeft(line, " ")); {
		case indent == 2 && strings.HasPrefix(word, "/v1/"):
			all = append(all, Operation{Name: strings.TrimSuffix(strings.TrimPrefix(word, "/v1/"), ":")})
			o = &all[len(all)-1]
		case o == nil:
		case indent == 4 && (word == "get:" || word == "post:" || word == "put:"):
			o.Method = strings.ToUpper(strings.TrimSuffix(word, ":"))
		case indent == 6 && strings.HasPrefix(word, "summary: "):
			text := strings.Trim(strings.TrimPrefix(word, "summary: "), `'"`)
			o.Summary = strings.ReplaceAll(text, "''", "'") // as YAML spells it within quotation marks
		case strings.Contains(word, "#/components/schemas/Act'"), strings.HasPrefix(word, "Estelam-Receipt:"):
			o.Receipt = true
		}
	}
	return all
}
