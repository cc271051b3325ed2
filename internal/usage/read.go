package usage

import (
	"bytes"
	"encoding/json"

	"github.com/estelam/estelam/internal/ids"
)

// members is what counts of a record, as parts of its bytes.
type members struct {
	process, purpose, service, outcome, status, behalf []byte
}

// read finds the members of a record. A record is canonical JSON that the
// journal has written and held against its leaf, so nothing is checked again:
// no white space, no name twice. Strings are skipped by their closing quote, and
// what is in objects and lists by their depth.
func (m *members) read(b []byte) {
	for i := 1; i < len(b) && b[i] == '"'; {
		end := quote(b, i+1)
		name := b[i+1 : end]
		from := min(end+2, len(b)) // behind "":
		to := skip(b, from)
		switch string(name) { // makes no string
		case "process":
			m.process = text(b[from:to])
		case "purpose":
			m.purpose = text(b[from:to])
		case "service":
			m.service = text(b[from:to])
		case "outcome":
			m.outcome = text(b[from:to])
		case "status":
			m.status = text(b[from:to])
		case "on_behalf_of":
			m.behalf = b[from:to]
		}
		i = to + 1 // behind the comma
	}
}

// quote is the index of the quote that closes the string which goes on at i.
func quote(b []byte, i int) int {
	for i < len(b) {
		at := bytes.IndexByte(b[i:], '"')
		if at < 0 {
			return len(b)
		}
		i += at
		back := i
		for back > 0 && b[back-1] == '\\' {
			back--
		}
		if (i-back)%2 == 0 {
			return i
		}
		i++
	}
	return len(b)
}

// skip is the index behind the value that begins at i.
func skip(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = quote(b, i+1) + 1; depth == 0 {
				return min(i, len(b))
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // the record ends behind a number
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return len(b)
}

// text is what a string says; of another value nothing.
func text(b []byte) []byte {
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	if bytes.IndexByte(b, '\\') < 0 {
		return b[1 : len(b)-1]
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	return []byte(s)
}

// behalfID is the body in whose name was asked. It is rare.
func (m *members) behalfID() int64 {
	if m.behalf == nil {
		return 0
	}
	var of struct {
		ID ids.LegalID `json:"id"`
	}
	if json.Unmarshal(m.behalf, &of) != nil {
		return 0
	}
	return int64(of.ID)
}
