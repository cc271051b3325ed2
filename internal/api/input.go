package api

import (
	"bytes"
	"encoding"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/estelam/estelam/internal/fault"
)

// readInput reads the JSON of an act into its input as strictly as the
// inquiries' own reader does: unknown and duplicate members, null, and text
// after the end are refused. The members are distinct types that check their
// own form, and the mistakes of all of them are told at once.
//
// No fault holds anything of the body: of its path only the members that the
// input's type has, and positions in lists.
func readInput(body []byte, in any) error {
	if values(body) > mostValues {
		return fault.New(fault.TooLarge, "api.json.values", strconv.Itoa(mostValues))
	}
	d := inputReader{of: reflect.TypeOf(in)}
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	err := json.UnmarshalDecode(dec, in, json.RejectUnknownMembers(true),
		json.WithUnmarshalers(json.UnmarshalFromFunc(d.text)))
	if err != nil {
		return d.explain(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Malformed, "api.json.trailing")
	}
	d.findNulls(body)
	return d.all()
}

// mostValues is how many values one input may hold. An empty object is two
// bytes of a body and some hundred of memory, so the length of a body does not
// bound what it takes to read it. The longest list that an act takes stays far
// below.
const mostValues = 200_000

// values is an upper bound of the values in a JSON text: what begins or follows
// another. Text that is no JSON is counted somehow, and refused later.
func values(body []byte) (n int) {
	quoted := false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == ',' || c == '{' || c == '['):
			n++
		}
	}
	return n
}

// inputReader gathers what is wrong with one input.
type inputReader struct {
	of  reflect.Type
	bad []*fault.Error
}

// text reads a member whose type checks its own form. A mistake is kept and
// reading goes on.
func (d *inputReader) text(dec *jsontext.Decoder, to encoding.TextUnmarshaler) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	at := d.path(dec.StackPointer())
	switch token.Kind() {
	case '"':
		if err := to.UnmarshalText([]byte(token.String())); err != nil {
			d.add(at, form(err))
		}
		return nil
	case '{', '[':
		for depth := dec.StackDepth(); dec.StackDepth() >= depth; {
			if _, err := dec.ReadToken(); err != nil {
				return err
			}
		}
	}
	d.add(at, errString)
	return nil
}

// form is what a type says of a text that it does not take. What is no fault of
// ours may quote the text, so it is left out.
func form(err error) *fault.Error {
	var e *fault.Error
	if errors.As(err, &e) {
		return e
	}
	return errForm
}

var (
	errForm    = fault.New(fault.Invalid, "api.json.form")
	errNull    = fault.New(fault.Invalid, "api.json.null")
	errBoolean = fault.New(fault.Invalid, "api.json.boolean")
)

func (d *inputReader) add(at string, e *fault.Error) {
	if at != "" {
		e = e.At(at)
	}
	if len(d.bad) < mostMistakes {
		d.bad = append(d.bad, e)
	}
}

// all is the mistakes as one fault.
func (d *inputReader) all() error {
	if len(d.bad) == 0 {
		return nil
	}
	first := *d.bad[0]
	first.More = append(slices.Clone(first.More), d.bad[1:]...)
	return &first
}

// explain turns the library's errors into ours.
func (d *inputReader) explain(err error) error {
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case errors.As(err, &syntax) && errors.Is(syntax.Err, jsontext.ErrDuplicateName):
		return located(errDuplicate, d.path(syntax.JSONPointer))
	case errors.As(err, &meaning):
		at := d.path(meaning.JSONPointer)
		if errors.Is(meaning.Err, json.ErrUnknownName) {
			t, _ := walk(d.of, meaning.JSONPointer)
			return located(fault.New(fault.Invalid, "api.json.unknown", strings.Join(members(t), ", ")), at)
		}
		if meaning.JSONKind == 0 && meaning.GoType != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return located(expected(meaning.GoType), at)
		}
		if meaning.JSONKind != 0 && meaning.GoType != nil {
			d.add(at, expected(meaning.GoType))
			return d.all()
		}
	}
	return errSyntax
}

func located(e *fault.Error, at string) error {
	if at == "" {
		return e
	}
	return e.At(at)
}

// expected says what stands instead of what the type takes.
func expected(t reflect.Type) *fault.Error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return errObject
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return errForm // base64
		}
		return errArray
	case reflect.Bool:
		return errBoolean
	case reflect.String:
		return errString
	}
	return errInteger
}

// findNulls refuses null, which would stand for a member that was left out. By
// now every name in the body is one of ours, or a key of a map.
func (d *inputReader) findNulls(body []byte) {
	if !bytes.Contains(body, []byte("null")) {
		return
	}
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return
		}
		if at := d.path(dec.StackPointer()); token.Kind() == 'n' && !d.told(at) {
			d.add(at, errNull)
		}
	}
}

func (d *inputReader) told(at string) bool {
	return slices.ContainsFunc(d.bad, func(e *fault.Error) bool { return e.Field == at && at != "" })
}

// path is a JSON pointer as a fault names fields, as far as the input's type
// knows its members: what follows is somebody else's text.
func (d *inputReader) path(p jsontext.Pointer) string {
	_, known := walk(d.of, p)
	return strings.Join(known, ".")
}

// walk follows a pointer through a type and ends where the type ends.
func walk(t reflect.Type, p jsontext.Pointer) (end reflect.Type, known []string) {
	for token := range p.Tokens() {
		t = bare(t)
		switch {
		case leaf(t):
			return t, known
		case t.Kind() == reflect.Struct:
			f, ok := memberOf(t, token)
			if !ok {
				return t, known
			}
			t = f
		case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
			if _, err := strconv.Atoi(token); err != nil {
				return t, known
			}
			t = t.Elem()
		default:
			return t, known
		}
		known = append(known, token)
	}
	return bare(t), known
}

func bare(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var ownText = reflect.TypeFor[encoding.TextUnmarshaler]()

// leaf reports whether a type reads its own text.
func leaf(t reflect.Type) bool { return reflect.PointerTo(t).Implements(ownText) }

// eachMember calls f for the JSON members of a struct, those of embedded ones
// included, until it returns false.
func eachMember(t reflect.Type, f func(name string, of reflect.Type) bool) bool {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported() && !field.Anonymous:
			continue
		case field.Anonymous && name == "" && bare(field.Type).Kind() == reflect.Struct:
			if !eachMember(bare(field.Type), f) {
				return false
			}
			continue
		case name == "":
			name = field.Name
		}
		if !f(name, field.Type) {
			return false
		}
	}
	return true
}

func memberOf(t reflect.Type, name string) (of reflect.Type, found bool) {
	eachMember(t, func(n string, m reflect.Type) bool {
		if n == name {
			of, found = m, true
		}
		return !found
	})
	return of, found
}

// members names the members of a struct.
func members(t reflect.Type) (names []string) {
	if t.Kind() == reflect.Struct && !leaf(t) {
		eachMember(t, func(n string, _ reflect.Type) bool { names = append(names, n); return true })
	}
	return names
}
