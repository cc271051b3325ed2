package receipt

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// checkAny is what Go says of a receipt or a batch.
func checkAny(data []byte, v note.Verifier) error {
	r, err := Parse(data)
	if err == nil {
		return r.Verify(v)
	}
	b, batchErr := ParseBatch(data)
	if batchErr != nil {
		return err
	}
	return b.Verify(v)
}

// tampered are files that somebody has altered without the log's key, in the
// ways in which two readers of JSON and of notes may come to differ.
func tampered(t *testing.T, l *logOf) map[string][]byte {
	one, first, all := string(l.receipt(t, 5, 13).Append(nil)), string(l.batch(t, 0, 1, 1).Append(nil)), string(l.batch(t, 0, 13, 13).Append(nil))
	line := regexp.MustCompile(`— [^\\]*\\n`).FindString(one)
	forged := line[:len(line)-40] + "AAAA" + line[len(line)-36:]
	files := map[string][]byte{}
	add := func(name, file, before, after string) {
		if !strings.Contains(file, before) {
			t.Fatalf("%s: nothing to alter", name)
		}
		files[name] = []byte(strings.Replace(file, before, after, 1))
	}
	add("first is false", first, `"first":0`, `"first":false`)
	add("size is true", first, `"size":1,`, `"size":true,`)
	add("left is an object", all, `"left":[]`, `"left":{}`)
	add("right is a text", all, `"right":[]`, `"right":""`)
	add("left holds an object", all, `"left":[]`, `"left":[{}]`)
	add("entries is an object", all, `"entries":[`, `"entries":{"a":[`)
	add("the signature twice", one, line, line+line)
	add("forged signature behind", one, line, line+forged)
	add("forged signature before", one, line, forged+line)
	add("stranger's signature", one, line, line+`— witness.example `+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 68))+`\n`)
	add("signature of nobody", one, line, line+`—  AAAAAAA=\n`)
	add("plus in a name", one, line, line+`— a+b AAAAAAA=\n`)
	add("space in a name", one, line, line+"— a\u00a0b AAAAAAA=\\n")
	add("a hundred signatures", one, line, line+strings.Repeat(`— w AAAAAAA=\n`, 99))
	add("more signatures", one, line, line+strings.Repeat(`— w AAAAAAA=\n`, 100))
	add("short signature", one, line, line+`— w AAAAAA==\n`)
	add("no end of line", one, line, line[:len(line)-2])
	add("record says true", one, `"v":1,`, `"v":true,`)
	add("one more member", one, `{"format"`, `{"x":1,"format"`)
	add("escaped name", one, `"salt"`, `"sal\u0074"`)
	add("line in the checkpoint", one, `\n13\n`, `\n13\n\n`)
	add("index with sign", one, `index 5`, `index +5`)
	add("index with zero", one, `index 5`, `index 05`)
	add("index in other digits", one, `index 5`, `index ۵`)
	return files
}

// atRandom replaces or inserts a token in a receipt and two batches, n times each.
func atRandom(t *testing.T, l *logOf, random *rand.Rand, n int) (files [][]byte) {
	tokens := []string{`true`, `null`, `0`, `1`, `-0`, `1e0`, `""`, `{}`, `[]`, `[[]]`, `,`, `:`, ` `, `\n`, "\n", `\u000a`, `"a":1,`, `=`, "—", "\ufeff"}
	value := regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[0-9]+|[\[\]{}:,]`)
	for _, good := range []string{string(l.receipt(t, 5, 13).Append(nil)), string(l.batch(t, 3, 5, 13).Append(nil)), string(l.batch(t, 0, 13, 13).Append(nil))} {
		places := value.FindAllStringIndex(good, -1)
		for range n {
			at := places[random.IntN(len(places))]
			if random.IntN(3) == 0 {
				at = []int{at[1], at[1]} // insert, do not replace
			}
			files = append(files, []byte(good[:at[0]]+tokens[random.IntN(len(tokens))]+good[at[1]:]))
		}
	}
	return files
}

// TestVerifiersAgree: both take a file, or both refuse it.
func TestVerifiersAgree(t *testing.T) {
	l := newLog(t, 13)
	var names []string
	var files [][]byte
	for name, file := range tampered(t, l) {
		names, files = append(names, name), append(files, file)
	}
	for _, file := range atRandom(t, l, rand.New(rand.NewPCG(3, 4)), 150) {
		names, files = append(names, "at random"), append(files, file)
	}
	taken := 0
	for i, second := range python(t, l.vkey, files) {
		first := checkAny(files[i], l.verifier(t)) == nil
		if first {
			taken++
		}
		if first != second {
			t.Errorf("%s: Go says %v, Python %v:\n%s", names[i], first, second, files[i])
		}
	}
	if taken == 0 || taken == len(files) {
		t.Errorf("%d of %d files are taken", taken, len(files))
	}
}
