package sheet

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// markup reads the XML of a workbook as it streams by: elements with their
// attributes, and text. It knows no document type and so no entities but XML's
// own five; names lose their prefix. What it holds at a time is bounded by its
// buffer: a tag that is longer is refused, text comes in pieces.
type markup struct {
	in   io.Reader
	buf  []byte
	r, w int
	err  error

	name  []byte // of the element that begins or ends
	attrs []byte // what stands behind the name
	close bool   // the element ends here
	empty bool   // it begins and ends at once
	text  []byte // raw text, when token is tokenText
	raw   bool   // the text is CDATA: no references in it
	cdata bool   // the next text stands in CDATA
}

type token uint8

const (
	tokenText token = iota + 1
	tokenTag
)

func newMarkup(in io.Reader) (*markup, error) {
	m := &markup{in: in, buf: make([]byte, 256<<10)}
	m.fill()
	if b := m.buf[m.r:m.w]; bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		return nil, errHostile // in UTF-16: no spreadsheet writes so
	}
	if bytes.HasPrefix(m.buf[m.r:m.w], []byte("\xEF\xBB\xBF")) {
		m.r += 3
	}
	return m, nil
}

func (m *markup) fill() {
	if m.r > 0 {
		m.w = copy(m.buf, m.buf[m.r:m.w])
		m.r = 0
	}
	for range 100 {
		n, err := m.in.Read(m.buf[m.w:])
		m.w += n
		if err != nil {
			m.err = err
		}
		if n > 0 || err != nil {
			return
		}
	}
	m.err = io.ErrNoProgress
}

// next reads a token; io.EOF ends. What it gives is valid until the next one.
func (m *markup) next() (token, error) {
	for {
		if m.r == m.w {
			if m.err != nil {
				return 0, m.err
			}
			m.fill()
			continue
		}
		switch {
		case m.cdata:
			if done, err := m.character(); done || err != nil {
				return tokenText, err
			}
		case m.buf[m.r] != '<':
			return tokenText, m.plain()
		default:
			if tag, err := m.tag(); tag || err != nil {
				return tokenTag, err
			}
		}
	}
}

// plain takes text up to the next tag, or what of it is in the buffer; a
// reference at its end stays whole.
func (m *markup) plain() error {
	m.raw = false
	for {
		b := m.buf[m.r:m.w]
		n := bytes.IndexByte(b, '<')
		if n < 0 {
			n = len(b)
			if i := bytes.LastIndexByte(b, '&'); i >= 0 && n-i < 16 && m.err == nil && bytes.IndexByte(b[i:], ';') < 0 {
				if n = i; n == 0 {
					m.fill()
					continue
				}
			}
		}
		m.text = b[:n]
		m.r += n
		return nil
	}
}

// character takes a piece of a CDATA section; not done: it was its end.
func (m *markup) character() (done bool, err error) {
	for m.w-m.r < 3 && m.err == nil {
		m.fill()
	}
	b := m.buf[m.r:m.w]
	n := bytes.Index(b, []byte("]]>"))
	switch {
	case n == 0:
		m.r += 3
		m.cdata = false
		return false, nil
	case n < 0:
		if m.err != nil {
			return false, errDamaged
		}
		if n = len(b) - 2; n <= 0 {
			n = len(b)
		}
	}
	m.raw, m.text = true, b[:n]
	m.r += n
	return true, nil
}

// tag reads what begins with <; not tag: a comment, an instruction or the
// beginning of CDATA, passed over.
func (m *markup) tag() (tag bool, err error) {
	for m.w-m.r < 9 && m.err == nil {
		m.fill()
	}
	b := m.buf[m.r:m.w]
	switch {
	case len(b) > 1 && b[1] != '!' && b[1] != '?':
	case bytes.HasPrefix(b, []byte("<!--")):
		return false, m.pass("-->")
	case bytes.HasPrefix(b, []byte("<?")):
		return false, m.pass("?>")
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		m.r += 9
		m.cdata = true
		return false, nil
	case bytes.HasPrefix(b, []byte("<!")):
		return false, errHostile // a document type: entities
	}
	n := -1
	for from := 0; ; {
		b = m.buf[m.r:m.w]
		if n = bytes.IndexByte(b[from:], '>'); n >= 0 {
			n += from
			break
		}
		from = len(b)
		switch {
		case m.err != nil && !errors.Is(m.err, io.EOF):
			return false, m.err
		case m.err != nil:
			return false, errDamaged
		case len(b) >= maxRecord:
			return false, errHostile
		}
		m.fill()
	}
	m.split(b[1:n])
	m.r += n + 1
	return true, nil
}

func (m *markup) split(b []byte) {
	m.close = len(b) > 0 && b[0] == '/'
	if m.close {
		b = b[1:]
	}
	m.empty = len(b) > 0 && b[len(b)-1] == '/'
	if m.empty {
		b = b[:len(b)-1]
	}
	from, n := 0, 0
	for n < len(b) && !blank(b[n]) {
		if n++; b[n-1] == ':' {
			from = n
		}
	}
	m.name, m.attrs = b[from:n], b[n:]
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// pass goes behind the next end.
func (m *markup) pass(end string) error {
	for {
		b := m.buf[m.r:m.w]
		if n := bytes.Index(b, []byte(end)); n >= 0 {
			m.r += n + len(end)
			return nil
		}
		if m.err != nil {
			return errDamaged
		}
		m.r = max(m.r, m.w-len(end)+1)
		m.fill()
	}
}

// attr is the value of an attribute, references resolved; empty: none.
func (m *markup) attr(name string) string {
	rest := m.attrs
	for {
		key, value, more := nextAttr(rest)
		if key == nil {
			return ""
		}
		if string(key) == name {
			return string(appendText(nil, value))
		}
		rest = more
	}
}

// nextAttr takes the first attribute off, without its prefix; no key: there is
// none, or what there is is none.
func nextAttr(b []byte) (key, value, more []byte) {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	from, n := 0, 0
	for n < len(b) && b[n] != '=' && !blank(b[n]) {
		if n++; b[n-1] == ':' {
			from = n
		}
	}
	key, b = b[from:n], b[n:]
	for len(b) > 0 && (blank(b[0]) || b[0] == '=') {
		b = b[1:]
	}
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return nil, nil, nil
	}
	end := bytes.IndexByte(b[1:], b[0])
	if end < 0 {
		return nil, nil, nil
	}
	return key, b[1 : end+1], b[end+2:]
}

// appendText resolves references; what is none stays as it is.
func appendText(out, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		raw = raw[i:]
		n := bytes.IndexByte(raw[:min(len(raw), 16)], ';')
		if n < 0 {
			out, raw = append(out, '&'), raw[1:]
			continue
		}
		if r, ok := reference(string(raw[1:n])); ok {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, raw[:n+1]...)
		}
		raw = raw[n+1:]
	}
}

func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	base := 10
	if name = name[1:]; name[0] == 'x' {
		base, name = 16, name[1:]
	}
	n, err := strconv.ParseUint(name, base, 21)
	return rune(n), err == nil && n > 0
}
