package page

import (
	"encoding"
	"errors"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// bind writes typed values into an act's input, whose members it finds by their
// JSON names: the same names that programs use and that faults carry. The
// mistakes of all controls are told at once, and none holds what was typed.
func bind(in any, controls []Control, form url.Values, files map[string][]byte) error {
	var bad []*fault.Error
	for _, c := range controls {
		if c.Show {
			continue
		}
		to, ok := member(reflect.ValueOf(in).Elem(), c.Name)
		if !ok {
			return fault.New(fault.Internal, "fault.internal").Because(errors.New("the input has no member " + c.Name))
		}
		if c.Kind == File {
			setFile(to, files[c.Name])
			continue
		}
		if err := set(to, c, form[c.Name]); err != nil {
			bad = append(bad, fault.Of(err).At(c.Name))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	first := *bad[0]
	first.More = append(first.More, bad[1:]...)
	return &first
}

func setFile(to reflect.Value, data []byte) {
	if to.Kind() == reflect.String {
		to.SetString(string(data))
		return
	}
	to.SetBytes(data)
}

// member follows a dotted path of JSON names, through embedded structs and
// pointers, which it makes.
func member(v reflect.Value, name string) (reflect.Value, bool) {
	for part := range strings.SplitSeq(name, ".") {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		var ok bool
		if v, ok = field(v, part); !ok {
			return v, false
		}
	}
	return v, true
}

func field(v reflect.Value, name string) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == name {
			return v.Field(i), true
		}
		if f.Anonymous && tag == "" {
			if found, ok := field(v.Field(i), name); ok {
				return found, true
			}
		}
	}
	return v, false
}

// set writes what was typed into one control. Nothing typed leaves the member
// as it is, except that an unticked box is false.
func set(to reflect.Value, c Control, typed []string) error {
	if c.Kind == Lines {
		typed = strings.Split(strings.Join(typed, "\n"), "\n")
	}
	var values []string
	for _, t := range typed {
		if t = c.clean(t); t != "" {
			values = append(values, t)
		}
	}
	if to.Kind() == reflect.Bool {
		to.SetBool(len(values) > 0)
		return nil
	}
	if len(values) == 0 {
		if c.must() {
			return errMissing
		}
		return nil
	}
	if to.Kind() == reflect.Slice && !leaf(to) {
		list := reflect.MakeSlice(to.Type(), len(values), len(values))
		for i, one := range values {
			if err := setOne(list.Index(i), one); err != nil {
				return err
			}
		}
		to.Set(list)
		return nil
	}
	return setOne(to, values[0])
}

var (
	errMissing = fault.New(fault.Invalid, "console.form.missing")
	errNumber  = fault.New(fault.Invalid, "console.form.number")
)

func leaf(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok
}

func setOne(to reflect.Value, typed string) error {
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	if own, ok := to.Addr().Interface().(encoding.TextUnmarshaler); ok {
		err := own.UnmarshalText([]byte(typed))
		var known *fault.Error
		if err != nil && !errors.As(err, &known) {
			return fault.New(fault.Invalid, "console.form.form") // the cause may quote what was typed
		}
		return err
	}
	switch to.Kind() {
	case reflect.String:
		to.SetString(typed)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(Bare(persian.ASCII(typed)), 10, to.Type().Bits())
		if err != nil {
			return errNumber
		}
		to.SetInt(n)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		n, err := strconv.ParseUint(Bare(persian.ASCII(typed)), 10, to.Type().Bits())
		if err != nil {
			return errNumber
		}
		to.SetUint(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(strings.ReplaceAll(Bare(persian.ASCII(typed)), "\u066b", "."), 64)
		if err != nil || f-f != 0 { // infinite, or no number
			return errNumber
		}
		to.SetFloat(f)
	default:
		return fault.New(fault.Internal, "fault.internal").Because(errors.New("no control for " + to.Type().String()))
	}
	return nil
}
