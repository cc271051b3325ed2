// Package message turns message keys into Persian and English text.
//
// The texts live in catalogue/*.txt, one file a noun, both languages side by
// side, so that no Persian text stands in Go code. A block is
//
//	[ids.number.check]
//	fa = رقم کنترل شماره ملی درست نیست
//	en = the check digit of the national number is wrong
//
// {0}, {1} … are replaced by arguments. In Persian, numbers and dates among them
// are shown in Persian digits. An argument that is a list of keys, such as
// "[a.b] [a.c]", is their texts: so one argument serves both languages. In
// English a word that follows a number has two forms, "{0} {0?letter|letters}";
// the first stands where the argument is 1.
package message

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Lang is a language of the catalogues.
type Lang string

// The two languages; Persian is the first.
const (
	Fa Lang = "fa"
	En Lang = "en"
)

//go:embed catalogue/*.txt
var files embed.FS

var catalogue = sync.OnceValue(func() map[string]map[Lang]string {
	all, err := parseAll()
	if err != nil {
		panic(err) // a broken catalogue is found by the first test that runs
	}
	return all
})

// Text is the message of key in lang with its arguments set in. An unknown key
// is returned in brackets, so that it shows.
func Text(lang Lang, key string, args ...string) string {
	text, ok := catalogue()[key][lang]
	if !ok {
		return "[" + key + "]"
	}
	for i, a := range args {
		text = agreeing(text, i, a)
		a = named(lang, a)
		if lang == Fa {
			a = forPeople(a)
		}
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", a)
	}
	return text
}

// agreeing chooses between the two forms of the words that go with argument i.
func agreeing(text string, i int, a string) string {
	mark := "{" + strconv.Itoa(i) + "?"
	for {
		before, rest, ok := strings.Cut(text, mark)
		forms, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return text
		}
		form, many, _ := strings.Cut(forms, "|")
		if a != "1" {
			form = many
		}
		text = before + form + after
	}
}

// named gives the texts of an argument that is a list of keys; any other it
// leaves as it is.
func named(lang Lang, a string) string {
	if !strings.HasPrefix(a, "[") {
		return a
	}
	all := ""
	for i, key := range strings.Fields(a) {
		key = strings.TrimSuffix(strings.TrimPrefix(key, "["), "]")
		text, ok := catalogue()[key][lang]
		switch {
		case !ok:
			return a
		case i == 0:
			all = text
		default:
			all = Text(lang, "message.list", all, text)
		}
	}
	return all
}

// forPeople shows an argument that is a number, a date or a code as Persian
// readers expect it: Persian digits, dates with strokes, and groups of digits
// from left to right. Anything else stays as it is.
func forPeople(a string) string {
	const zero = 0x06F0
	date := len(a) == len("1405-08-30") && a[4] == '-' && a[7] == '-'
	digits, groups := false, false
	shown := []rune(a)
	for i, r := range shown {
		switch {
		case r >= '0' && r <= '9':
			shown[i], digits = r-'0'+zero, true
		case r == '-' && date:
			shown[i] = '/'
		case r == ' ' || r == '-' || r == '/' || r == ':' || r == '.':
			groups = true
		default:
			return a
		}
	}
	switch {
	case !digits:
		return a
	case groups:
		return "\u2066" + string(shown) + "\u2069"
	}
	return string(shown)
}

// Known reports whether key has a text in both languages.
func Known(key string) bool { return len(catalogue()[key]) == 2 }

// Keys lists every key in order.
func Keys() []string {
	var keys []string
	for k := range catalogue() {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Prefer picks the language of an Accept-Language header: English only where
// it is asked for before Persian.
func Prefer(accept string) Lang {
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch tag, _, _ = strings.Cut(strings.ToLower(tag), "-"); tag {
		case "fa":
			return Fa
		case "en":
			return En
		}
	}
	return Fa
}

func parseAll() (map[string]map[Lang]string, error) {
	names, err := files.ReadDir("catalogue")
	if err != nil {
		return nil, err
	}
	all := map[string]map[Lang]string{}
	for _, f := range names {
		data, err := files.ReadFile(path.Join("catalogue", f.Name()))
		if err != nil {
			return nil, err
		}
		if err := parse(all, f.Name(), string(data)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func parse(all map[string]map[Lang]string, file, data string) error {
	var block map[Lang]string
	n := 0
	for line := range strings.Lines(data) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if key, ok := strings.CutPrefix(line, "["); ok {
			key = strings.TrimSuffix(key, "]")
			if all[key] != nil {
				return fmt.Errorf("%s:%d: key %s stands twice", file, n, key)
			}
			block = map[Lang]string{}
			all[key] = block
			continue
		}
		lang, text, ok := strings.Cut(line, " = ")
		if !ok || block == nil || (lang != "fa" && lang != "en") {
			return fmt.Errorf("%s:%d: want [key], fa = text or en = text", file, n)
		}
		block[Lang(lang)] = text
	}
	return nil
}
