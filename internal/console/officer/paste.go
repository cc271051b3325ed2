package officer

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/sheet"
)

// People bring the data of a person as a message or a line of a letter. What can
// be recognised in it fills the form, for the officer to look through; nothing
// is asked, and the text is kept nowhere.

// maxPaste is how many letters of a text are looked at.
const maxPaste = 2000

// pastePost fills the form from the text in its box. What is recognised takes
// the place of what was typed: two people's data must not stand mixed.
func pastePost(v *page.Visit) error {
	form := v.R.PostForm
	if v.Restored {
		return showAsk(v, 200, form, nil)
	}
	f := recognise(page.Cut(form.Get("pasted"), maxPaste))
	told := fill(v, form, f)
	return showAskWith(v, 200, form, nil, func(body *askView) {
		body.Pasted, body.Found = true, told
	})
}

// fill puts what was recognised into the form, and names it.
func fill(v *page.Visit, form url.Values, f map[string]string) (told []string) {
	delete(form, "pasted")
	if len(f) == 0 {
		return nil
	}
	service := form.Get("service")
	if f["birth_date"] == "" && f["shenasnameh_number"] != "" && form.Get("key") == inquiry.KeyBirthDate {
		form.Set("key", inquiry.KeyShenasnameh) // as far as the agreement permits it
	}
	for _, name := range []string{"national_number", "birth_date", "shenasnameh_number", "postal_code"} {
		form.Del(name)
	}
	for _, name := range inquiry.FieldsOf(service) {
		form.Del("claims." + name)
	}
	for _, c := range sheet.PersonColumns() {
		value := f[c.Name]
		if value == "" {
			continue
		}
		form.Set(c.Name, value)
		form.Set("claims."+c.Name, value)
		told = append(told, v.T("console.field."+c.Name))
	}
	return told
}

// label is a name under which an item stands in texts.
type label struct {
	field string
	text  []rune
}

// labels of the catalogue, the longest first: "name" begins others.
var labels = sync.OnceValue(func() (all []label) {
	for _, c := range sheet.PersonColumns() {
		for text := range strings.SplitSeq(c.Also, "|") {
			if text = strings.TrimSpace(persian.Flat(text)); len(text) > 1 {
				all = append(all, label{c.Name, []rune(text)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b label) int { return cmp.Compare(len(b.text), len(a.text)) })
	return all
})

// piece is what stands behind a label.
type piece struct {
	field    string
	at, from int // of the label, and behind it
}

// recognise finds in untidy text what describes a person, as a form's fields
// name it. What stands behind a label counts; a number or date that stands alone
// is taken for what it can only be.
func recognise(text string) map[string]string {
	found := map[string]string{}
	text = page.Cleaned(text)
	spelt, runes := []rune(text), []rune(persian.Flat(text)) // a letter for a letter
	pieces := labelled(runes)
	for i, p := range pieces {
		end := len(runes)
		if i+1 < len(pieces) {
			end = pieces[i+1].at
		}
		if value := behind(p.field, string(runes[p.from:end]), string(spelt[p.from:end])); value != "" && found[p.field] == "" {
			found[p.field] = value
		}
	}
	alone(string(runes), found)
	parted(found)
	return found
}

// labelled finds the labels, in the order of the text.
func labelled(runes []rune) (all []piece) {
	taken := make([]bool, len(runes))
	for _, l := range labels() {
		for at := 0; at+len(l.text) <= len(runes); at++ {
			end := at + len(l.text)
			if taken[at] || taken[end-1] || !slices.Equal(runes[at:end], l.text) || wordGoesOn(runes, at, end) {
				continue
			}
			for i := at; i < end; i++ {
				taken[i] = true
			}
			all = append(all, piece{l.field, at, end})
		}
	}
	slices.SortFunc(all, func(a, b piece) int { return cmp.Compare(a.at, b.at) })
	return all
}

// wordGoesOn reports whether a label is only a part of a word.
func wordGoesOn(runes []rune, at, end int) bool {
	return at > 0 && unicode.IsLetter(runes[at-1]) || end < len(runes) && unicode.IsLetter(runes[end])
}

var (
	numberIn = regexp.MustCompile(`\d(?:[ ._\-\x{2010}-\x{2015}/]?\d)*`)
	dateIn   = regexp.MustCompile(`\d{1,4}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*\d{1,4}|\b1[2-4]\d\d\b`)
	notDigit = regexp.MustCompile(`\D`)
	blanks   = regexp.MustCompile(`\s+`)
)

// behind is what a label's text says of its item; a name as it is spelt.
func behind(field, text, spelt string) string {
	text, _, _ = strings.Cut(strings.TrimLeft(text, between), "\n")
	switch field {
	case "national_number", "postal_code", "shenasnameh_number":
		digits := notDigit.ReplaceAllString(numberIn.FindString(text), "")
		if field != "shenasnameh_number" && (len(digits) < 8 || len(digits) > 10) || len(digits) > 10 {
			return ""
		}
		return digits
	case "birth_date":
		date := blanks.ReplaceAllString(dateIn.FindString(text), "")
		if _, err := persian.ParseDate(date); err != nil {
			return ""
		}
		return date
	case "sex":
		for _, word := range choiceOf[field] {
			if strings.HasPrefix(text, message.Text(message.Fa, "console.value.sex."+word)) || strings.HasPrefix(text, word) {
				return word
			}
		}
		return ""
	}
	return nameIn(spelt)
}

// nameIn is the name that a text begins with.
func nameIn(text string) string {
	text, _, _ = strings.Cut(strings.TrimLeft(text, between), "\n")
	if i := strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && r != ' ' && r != '\u200c' && r != '\'' && r != '-' && !unicode.IsMark(r)
	}); i >= 0 {
		text = text[:i]
	}
	words := strings.Fields(strings.Trim(text, " -"))
	return strings.Join(words[:min(len(words), 5)], " ")
}

// between may stand between a label and its text.
const between = " :=.\n-\u2013\u2014\u200c\u00a0"

// alone finds numbers and dates that no label names.
func alone(text string, found map[string]string) {
	if found["national_number"] == "" {
		for _, n := range numberIn.FindAllString(text, -1) {
			digits := notDigit.ReplaceAllString(n, "")
			if _, err := ids.ParseNationalNumber(digits); err == nil && len(digits) == 10 && digits != found["postal_code"] {
				found["national_number"] = digits
				break
			}
		}
	}
	if found["birth_date"] == "" {
		for _, d := range dateIn.FindAllString(text, -1) {
			date := blanks.ReplaceAllString(d, "")
			if day, err := persian.ParseDate(date); err == nil && day.Precise() {
				found["birth_date"] = date
				break
			}
		}
	}
}

// parted takes apart what stands behind the label "name and surname": the first
// word is the given name, as far as a program can tell.
func parted(found map[string]string) {
	if found["given_name"] != message.Text(message.Fa, "console.officer.paste.and") {
		return
	}
	delete(found, "given_name")
	if first, rest, ok := strings.Cut(found["surname"], " "); ok {
		found["given_name"], found["surname"] = first, rest
	}
}
