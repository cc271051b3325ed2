package synth

import (
	"bytes"
	"embed"
	"fmt"
	"strconv"
	"strings"
)

// data is compiled by hand, but for divisions (MIT, see its LICENSE); each
// file's head tells where it comes from.
//
//go:embed data
var data embed.FS

// lines are a data file's lines without its comments.
func lines(name string) []string {
	b, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(err) // embedded: it is there
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	var out []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// rows are a data file's comma-separated lines, as wide as the widest.
func rows(name string) [][]string {
	var out [][]string
	width := 0
	for _, line := range lines(name) {
		out = append(out, strings.Split(line, ","))
		width = max(width, len(out[len(out)-1]))
	}
	for i, row := range out {
		out[i] = append(row, make([]string, width-len(row))...)
	}
	return out
}

// records are a file with a line of column names, as in divisions.
func records(name string) []map[string]string {
	table := rows(name)
	var out []map[string]string
	for _, row := range table[1:] {
		record := map[string]string{}
		for i, column := range table[0] {
			record[column] = row[i]
		}
		out = append(out, record)
	}
	return out
}

// number reads an integer of a data file.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("synth: a data file has %q for a number", s))
	}
	return n
}

// words are the words and letters of a file such as words.txt.
type words map[string][]string

func readWords(file string) words {
	w := words{}
	for _, line := range lines(file) {
		key, values, _ := strings.Cut(line, " = ")
		w[key] = strings.Split(values, ",")
	}
	return w
}

func (w words) one(key string) string { return w[key][0] }

// ends reports whether s ends in one of the words under key.
func (w words) ends(s, key string) bool {
	for _, end := range w[key] {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

const zwnj = "\u200c"

// join writes two words as one, with a ZWNJ where the letters would join.
func (w words) join(a, b string) string {
	if w.ends(a, "apart") {
		return a + b
	}
	return a + zwnj + b
}
