package house

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/estelam/estelam/receipt"
)

// TestEvents holds docs/events.md against the kinds of entries: each has a row
// with its byte and name, and each kind that the code writes says what stands
// in its record.
func TestEvents(t *testing.T) {
	h := whole(t)
	text := h.text("docs/events.md")
	var listed []string
	for _, row := range table(text, "byte") {
		name := strings.Trim(row[1], "`")
		listed = append(listed, row[0]+" "+name)
		written := h.uses("receipt." + constant(name))
		if open := isOpen(row[4]); open && written {
			t.Errorf("%s: is written and the row says open", name)
		} else if !open && !written {
			t.Errorf("%s: nothing writes it and the row does not say open", name)
		} else if !open && !strings.Contains(text, "\n## `"+name+"`") {
			t.Errorf("%s: no section lists the members of its record", name)
		}
	}
	var want []string
	for k := range 256 {
		if name := receipt.Kind(k).String(); name != "" {
			want = append(want, strconv.Itoa(k)+" "+name)
		}
	}
	if !slices.Equal(listed, want) {
		t.Errorf("docs/events.md lists %q, the kinds are %q", listed, want)
	}
	journal, verifier := h.text("docs/journal.md"), strings.Fields(h.text("receipt/verifiers/verify.py"))
	for _, kind := range want {
		byteOf, name, _ := strings.Cut(kind, " ")
		// Who writes a verifier takes the kinds from these two; one that is missing there makes genuine receipts fail.
		if !strings.Contains(journal, " "+kind+",") && !strings.Contains(journal, " "+kind+" |") {
			t.Errorf("docs/journal.md: the kinds lack %s", kind)
		}
		if n, _ := strconv.Atoi(byteOf); word(verifier, n) != name {
			t.Errorf("receipt/verifiers/verify.py: kind %s is %q there", kind, word(verifier, n))
		}
	}
}

// word is the n-th of the verifier's kinds, of which the first, after its
// opening quotes, stands for the byte 0.
func word(fields []string, n int) string {
	first := slices.Index(fields, `"""-`)
	if first < 0 || first+n >= len(fields) {
		return ""
	}
	return strings.TrimSuffix(fields[first+n], `""".split()`)
}

// constant is the Go name of a kind: life-event is LifeEvent.
func constant(name string) (s string) {
	for part := range strings.SplitSeq(name, "-") {
		s += strings.ToUpper(part[:1]) + part[1:]
	}
	return s
}
