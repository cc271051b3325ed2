package receipt

import (
	"bytes"
	"errors"
	"sync"
	"unicode/utf8"
)

// Canonical JSON, as records are hashed: no white space, integers of at most
// 2⁵³−1, names of a-z, 0-9 and _, no name twice in one object, and in strings
// only these escapes: \" \\ \b \f \n \r \t and \u00xx (small letters) for the
// other control characters. Every value has exactly one spelling, and it is the
// one that JSON.stringify and Python's json.dumps(…, ensure_ascii=False) give:
// a receipt may be pretty-printed by any of them and still verify.

const (
	maxDepth   = 16
	maxMembers = 512
	maxInteger = "9007199254740991" // 2⁵³−1, the largest integer JavaScript holds
)

var (
	errJSON      = errors.New("not JSON")
	errCanonical = errors.New("JSON with a value that is not in its canonical spelling")
	errTwice     = errors.New("JSON with one name twice in an object")
	errDepth     = errors.New("JSON nested too deep or too wide")
)

// scanner reads JSON once, checks it, and copies it without white space.
type scanner struct {
	in    []byte
	at    int
	out   []byte // the compact form so far; unused when strict
	names []span // names of the objects being read, outermost first
	// strict refuses white space instead of dropping it: the input is compact
	// if it passes, and nothing needs to be copied.
	strict bool
}

type span struct{ from, to int }

// scanners keeps the room for names: CheckMembers runs for every entry.
var scanners = sync.Pool{New: func() any { return new(scanner) }}

// Compact checks that data is one JSON value whose numbers and strings are in
// canonical spelling and returns it without white space.
func Compact(data []byte) ([]byte, error) {
	s := scanner{in: data, out: make([]byte, 0, len(data))}
	if err := s.whole(); err != nil {
		return nil, err
	}
	return s.out, nil
}

// CheckMembers reports an error unless body is a list of JSON members in
// canonical form, such as `"a":1,"b":"x"`, none of them named like a member of
// the record's head. An empty body is good.
func CheckMembers(body []byte) error {
	if len(body) == 0 {
		return nil
	}
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	*s = scanner{in: body, strict: true, names: s.names[:0]}
	if err := s.members(0); err != nil {
		return err
	}
	if s.at != len(body) {
		return errJSON
	}
	for _, n := range s.names {
		switch string(body[n.from:n.to]) {
		case "v", "log", "index", "code", "time", "kind":
			return errTwice
		}
	}
	return nil
}

func (s *scanner) whole() error {
	if err := s.value(0); err != nil {
		return err
	}
	if err := s.space(); err != nil {
		return err
	}
	if s.at != len(s.in) {
		return errJSON
	}
	return nil
}

func (s *scanner) space() error {
	for s.at < len(s.in) {
		switch s.in[s.at] {
		case ' ', '\n', '\r', '\t':
			if s.strict {
				return errCanonical
			}
			s.at++
		default:
			return nil
		}
	}
	return nil
}

// peek is the next byte after white space, or 0 at the end.
func (s *scanner) peek() (byte, error) {
	if s.at < len(s.in) && s.in[s.at] > ' ' {
		return s.in[s.at], nil
	}
	if err := s.space(); err != nil {
		return 0, err
	}
	if s.at == len(s.in) {
		return 0, nil
	}
	return s.in[s.at], nil
}

// take moves over n bytes and copies them.
func (s *scanner) take(n int) {
	if !s.strict {
		s.out = append(s.out, s.in[s.at:s.at+n]...)
	}
	s.at += n
}

func (s *scanner) value(depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch {
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.array(depth)
	case c == '"':
		return s.text()
	case c == '-' || '0' <= c && c <= '9':
		return s.integer()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(s.in[s.at:], []byte(word)) {
			s.take(len(word))
			return nil
		}
	}
	return errJSON
}

func (s *scanner) object(depth int) error {
	s.take(1)
	c, err := s.peek()
	if err != nil {
		return err
	}
	outer := len(s.names)
	if c != '}' {
		if err := s.members(depth); err != nil {
			return err
		}
		if c, err = s.peek(); err != nil {
			return err
		}
	}
	if c != '}' {
		return errJSON
	}
	s.names = s.names[:outer]
	s.take(1)
	return nil
}

// members reads name:value, name:value … and leaves their names in s.names.
func (s *scanner) members(depth int) error {
	outer := len(s.names)
	for {
		if err := s.name(outer); err != nil {
			return err
		}
		if s.at == len(s.in) || s.in[s.at] != ':' {
			if c, err := s.peek(); err != nil || c != ':' {
				return errors.Join(err, errJSON)
			}
		}
		s.take(1)
		if err := s.value(depth + 1); err != nil {
			return err
		}
		if c, err := s.peek(); err != nil || c != ',' {
			return err
		}
		s.take(1)
	}
}

func (s *scanner) name(outer int) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != '"' {
		return errJSON
	}
	in, from := s.in, s.at+1
	to := from
	for to < len(in) && nameByte(in[to], to == from) {
		to++
	}
	if to == from || to == len(in) || in[to] != '"' {
		return errCanonical
	}
	if len(s.names)-outer >= maxMembers {
		return errDepth
	}
	for _, n := range s.names[outer:] {
		if n.to-n.from == to-from && in[n.from] == in[from] && bytes.Equal(in[n.from:n.to], in[from:to]) {
			return errTwice
		}
	}
	s.names = append(s.names, span{from, to})
	s.take(to + 1 - s.at)
	return nil
}

// nameByte keeps names apart from array indexes: JavaScript prints members
// named like integers first, whatever their order was.
func nameByte(c byte, first bool) bool {
	return 'a' <= c && c <= 'z' || !first && (c == '_' || '0' <= c && c <= '9')
}

func (s *scanner) array(depth int) error {
	s.take(1)
	c, err := s.peek()
	if err != nil {
		return err
	}
	for c != ']' {
		if err := s.value(depth + 1); err != nil {
			return err
		}
		if c, err = s.peek(); err != nil {
			return err
		}
		if c == ',' {
			s.take(1)
			if c, err = s.peek(); err != nil {
				return err
			}
			if c == ']' {
				return errJSON
			}
		} else if c != ']' {
			return errJSON
		}
	}
	s.take(1)
	return nil
}

func (s *scanner) integer() error {
	i := s.at
	if s.in[i] == '-' {
		i++
	}
	digits := i
	for i < len(s.in) && '0' <= s.in[i] && s.in[i] <= '9' {
		i++
	}
	n := i - digits
	switch {
	case n == 0:
		return errJSON
	case s.in[digits] == '0' && (n > 1 || digits > s.at): // 007 and −0
		return errCanonical
	case n > len(maxInteger) || n == len(maxInteger) && string(s.in[digits:i]) > maxInteger:
		return errCanonical
	}
	s.take(i - s.at)
	return nil
}

func (s *scanner) text() error {
	in, i := s.in, s.at+1
	for i < len(in) {
		c := in[i]
		if plain[c] {
			i++
			continue
		}
		switch {
		case c == '"':
			s.take(i + 1 - s.at)
			return nil
		case c == '\\':
			n := escape(in[i:])
			if n == 0 {
				return errCanonical
			}
			i += n
		case c < 0x20:
			return errJSON
		case 0xc2 <= c && c <= 0xdf && i+1 < len(in) && in[i+1]&0xc0 == 0x80:
			i += 2 // Persian letters, without the way through DecodeRune
		default:
			r, n := utf8.DecodeRune(in[i:])
			if r == utf8.RuneError && n == 1 {
				return errJSON
			}
			i += n
		}
	}
	return errJSON
}

// plain is the ASCII characters that stand for themselves in strings.
var plain = func() (t [256]bool) {
	for c := range utf8.RuneSelf {
		t[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return t
}()

// escape is the length of the canonical escape at the start of b, or 0.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 || b[2] != '0' || b[3] != '0' || b[4] != '0' && b[4] != '1' {
			return 0
		}
		low := bytes.IndexByte([]byte(hexDigits), b[5])
		if low < 0 {
			return 0
		}
		c := (b[4]-'0')<<4 | byte(low)
		if bytes.IndexByte([]byte("\b\f\n\r\t"), c) >= 0 {
			return 0 // these have a short form
		}
		return 6
	}
	return 0
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a canonical JSON string.
func AppendString[T string | []byte](dst []byte, s T) []byte {
	return append(appendText(append(dst, '"'), s), '"')
}

// appendText is AppendString without the quotation marks.
func appendText[T string | []byte](dst []byte, s T) []byte {
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', '0'+c>>4, hexDigits[c&15])
		}
	}
	return append(dst, s[from:]...)
}

// unquote reads a string that the scanner has passed.
func unquote(raw []byte) []byte {
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			low := bytes.IndexByte([]byte(hexDigits), raw[i+4])
			out = append(out, (raw[i+3]-'0')<<4|byte(low))
			i += 4
		default:
			out = append(out, raw[i])
		}
	}
	return out
}

// object splits a compact object into its members, in order. It is called only
// with what the scanner has passed.
func object(raw []byte, member func(name string, value []byte) error) error {
	if len(raw) < 2 || raw[0] != '{' {
		return errors.New("not an object")
	}
	s := scanner{in: raw, at: 1, strict: true}
	for s.in[s.at] != '}' {
		from := s.at + 1
		if err := s.text(); err != nil {
			return err
		}
		name := string(raw[from : s.at-1])
		s.at++ // the colon
		value := s.at
		if err := s.value(0); err != nil {
			return err
		}
		if err := member(name, raw[value:s.at]); err != nil {
			return err
		}
		if s.in[s.at] == ',' {
			s.at++
		}
	}
	return nil
}

// array splits a compact array into its elements, in order.
func array(raw []byte, element func(value []byte) error) error {
	if len(raw) < 2 || raw[0] != '[' {
		return errors.New("not an array")
	}
	s := scanner{in: raw, at: 1, strict: true}
	for s.in[s.at] != ']' {
		value := s.at
		if err := s.value(0); err != nil {
			return err
		}
		if err := element(raw[value:s.at]); err != nil {
			return err
		}
		if s.in[s.at] == ',' {
			s.at++
		}
	}
	return nil
}
