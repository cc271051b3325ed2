package api

import (
	"strings"
	"sync"
)

// outline is openapi.yaml as a tree, for the manuals of acts. It is read by
// the few forms of YAML that the document uses; a test holds it to what a real
// reader of OpenAPI finds.
var outline = sync.OnceValue(func() *node {
	r := outliner{strings.Split(string(document), "\n")}
	return r.block(0)
})

// node is a text, a list or an object whose members are in order.
type node struct {
	text  string
	items []*node
	names []string
	of    map[string]*node
}

// at is what stands under these names; nil where nothing does.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		n = n.of[name]
	}
	return n
}

func (n *node) String() string {
	if n == nil {
		return ""
	}
	return n.text
}

func (n *node) put(name string, v *node) {
	if n.of == nil {
		n.of = map[string]*node{}
	}
	n.names, n.of[name] = append(n.names, name), v
}

// outliner holds the lines that are still to read.
type outliner struct{ lines []string }

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// next is the next line that says something.
func (r *outliner) next() (line string, indent int, ok bool) {
	for len(r.lines) > 0 {
		if word := strings.TrimSpace(r.lines[0]); word != "" && word[0] != '#' {
			return word, indentOf(r.lines[0]), true
		}
		r.lines = r.lines[1:]
	}
	return "", 0, false
}

// block reads an object or a list whose lines are indented so far.
func (r *outliner) block(indent int) *node {
	n := &node{}
	for {
		line, at, ok := r.next()
		if !ok || at != indent {
			return n
		}
		if item, ok := strings.CutPrefix(line, "- "); ok { // its first line stands beside the dash
			r.lines[0] = strings.Repeat(" ", indent+2) + item
			if _, _, ok := cutName(item); ok && item[0] != '{' {
				n.items = append(n.items, r.block(indent+2))
			} else {
				r.lines = r.lines[1:]
				n.items = append(n.items, r.value(item, indent))
			}
			continue
		}
		name, rest, ok := cutName(line)
		if !ok {
			return n
		}
		r.lines = r.lines[1:]
		n.put(name, r.value(rest, indent))
	}
}

func cutName(line string) (name, rest string, ok bool) {
	name, rest, ok = strings.Cut(line, ": ")
	if !ok {
		name, ok = strings.CutSuffix(line, ":")
	}
	return strings.Trim(name, `'"`), strings.TrimSpace(rest), ok
}

// value reads what stands after a name.
func (r *outliner) value(rest string, indent int) *node {
	switch {
	case rest == "":
		if _, deeper, ok := r.next(); ok && deeper > indent {
			return r.block(deeper)
		}
		return &node{}
	case rest[0] == '|':
		return &node{text: r.literal(indent)}
	}
	for { // what is in brackets or quotes may go on in the next lines
		f := flow{left: rest}
		if n := f.value(""); !f.open || len(r.lines) == 0 {
			return n
		}
		rest += " " + strings.TrimSpace(r.lines[0])
		r.lines = r.lines[1:]
	}
}

// literal reads a text of several lines, indented deeper than its name.
func (r *outliner) literal(indent int) string {
	var lines []string
	for len(r.lines) > 0 && (strings.TrimSpace(r.lines[0]) == "" || indentOf(r.lines[0]) > indent) {
		lines = append(lines, strings.TrimSpace(r.lines[0]))
		r.lines = r.lines[1:]
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// flow reads what stands in one line: {a: b, c: [d]}, 'quoted' or plain.
type flow struct {
	left string
	open bool // a bracket or a quote is not closed
}

// value reads one value; outside of quotes it ends before one of these bytes.
func (f *flow) value(end string) *node {
	f.left = strings.TrimLeft(f.left, " ")
	if f.left == "" {
		f.open = end != ""
		return &node{}
	}
	switch c := f.left[0]; c {
	case '{', '[':
		return f.bracket(c)
	case '\'', '"':
		text, rest, ok := strings.Cut(f.left[1:], string(c))
		for ok && c == '\'' && strings.HasPrefix(rest, "'") { // ” stands for ’ in it
			more, after, closed := strings.Cut(rest[1:], "'")
			text, rest, ok = text+"'"+more, after, closed
		}
		f.left, f.open = rest, f.open || !ok
		return &node{text: text}
	}
	i := strings.IndexAny(f.left, end)
	if end == "" || i < 0 {
		i = len(f.left)
	}
	n := &node{text: strings.TrimSpace(f.left[:i])}
	f.left = f.left[i:]
	return n
}

func (f *flow) bracket(c byte) *node {
	n, closing := &node{}, byte('}')
	if c == '[' {
		closing = ']'
	}
	for f.left = f.left[1:]; ; {
		f.left = strings.TrimLeft(f.left, " ,")
		switch {
		case f.left == "" || f.open:
			f.open = true
			return n
		case f.left[0] == closing:
			f.left = f.left[1:]
			return n
		case c == '[':
			n.items = append(n.items, f.value(",]"))
		default:
			name := f.value(":")
			f.left = strings.TrimPrefix(f.left, ":")
			n.put(name.text, f.value(",}"))
		}
	}
}
