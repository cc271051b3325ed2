package page

import (
	"encoding"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
)

// Form is a page with a form that performs one act. In is the act's own input,
// as programs send it.
//
// A GET shows the form; a POST performs the act and goes on to another page, so
// that neither a second click nor the back button performs it twice (once.go).
// What the act refuses is shown at its control with everything that was typed.
// A form whose session ended meanwhile is shown again after sign-in
// (expired.go).
type Form[In any] struct {
	Path  string // may hold parts in braces, which Begin reads by v.R.PathValue
	Roles []string

	// Key begins the keys of its texts, and ends in a dot: title, lead, button,
	// done, for each control its name and name.help. What is not there is
	// looked for under "console.field.", or left out.
	Key string

	// Controls are the form's controls, in order. They may depend on what is
	// known of the input. None: a POST alone, for buttons in lists (Press).
	Controls func(v *Visit, in *In) ([]Control, error)

	// Begin fills in what is known before anything is typed: from the address,
	// or from what is on record. It runs for GET and POST.
	Begin func(v *Visit, in *In) error

	// Around gives the page's other blocks, above the form; may be nil.
	Around func(v *Visit, in *In) ([]any, error)

	// Above is the page that this one belongs to; may be nil.
	Above func(v *Visit, in *In) *Link

	// Do performs the act.
	Do func(v *Visit, in *In) (Done, error)

	Files  int64 // bytes that its files may have together; 0: it has none
	Danger bool  // the button warns: what it does cannot be taken back
	Wide   bool  // what stands around it needs the whole width, however few its controls are
}

// ErrChanged is said where an act has no version of its own, and what was shown
// is no longer so.
var ErrChanged = fault.New(fault.Conflict, "console.form.changed")

// Done is what a form did.
type Done struct {
	Path   string           // the page to go on to
	Code   ids.TrackingCode // of the act's entry; "": it has none
	Said   string           // key of what to say there; "": the form's "done"
	Screen *Screen          // a result that is shown this once, instead of going on
}

// Kind is what a control takes.
type Kind uint8

// The kinds of controls.
const (
	Words      Kind = iota // a line of text
	LongText               // a long text; its line ends become spaces: registers keep one paragraph
	Paragraphs             // a long text that keeps its lines
	Latin                  // Latin letters and digits, such as a login
	Digit                  // a number without check digits
	Number                 // a number to reckon with
	National               // a national number
	Legal                  // a legal person's national id
	Postal                 // a postal code
	TrackCode              // a tracking code
	Date                   // a Jalali date
	Choose1                // one of Options, from a list
	Ticks                  // any of Options, as boxes
	Yes                    // a single box
	File                   // a file
	Lines                  // values, one a line
	Carried                // not shown; carries what Begin read, such as a version
)

// Control is one control of a form.
type Control struct {
	Name     string // of the input's member, as programs name it; dotted below others
	Kind     Kind
	Options  []Option
	Optional bool
	Max      int
	Accept   string // of a file
	Label    string // key, if the form's own does not fit
	Legend   string // key of a heading above this and the next controls
	Show     bool   // shown, but not the input's: Do reads it by v.R.PostForm
}

// Routes are the pages of a form.
func (f Form[In]) Routes() []Route {
	post := Route{Method: "POST", Path: f.Path, Roles: f.Roles, Serve: f.post, Restores: f.Controls != nil}
	if f.Files > 0 {
		post.Most = f.Files + maxBody
	}
	if f.Controls == nil {
		return []Route{post}
	}
	return []Route{{Method: "GET", Path: f.Path, Roles: f.Roles, Serve: f.get}, post}
}

func (f *Form[In]) begin(v *Visit) (*In, error) {
	in := new(In)
	if f.Begin == nil {
		return in, nil
	}
	return in, f.Begin(v, in)
}

func (f *Form[In]) controls(v *Visit, in *In) ([]Control, error) {
	if f.Controls == nil {
		return nil, nil
	}
	return f.Controls(v, in)
}

func (f *Form[In]) get(v *Visit) error {
	in, err := f.begin(v)
	if err != nil {
		return err
	}
	controls, err := f.controls(v, in)
	if err != nil {
		return err
	}
	return f.show(v, in, controls, valuesOf(in, controls), nil)
}

// post performs the act once, however often the button is pressed.
func (f *Form[In]) post(v *Visit) error {
	files, err := f.files(v)
	if err != nil {
		return err
	}
	in, err := f.begin(v)
	if err != nil {
		return err
	}
	controls, err := f.controls(v, in)
	if err != nil {
		return err
	}
	if v.Restored {
		return f.show(v, in, controls, v.R.PostForm, nil)
	}
	wrong := bind(in, controls, v.R.PostForm, files)
	if wrong == nil {
		wrong = v.once.do(v, files, func() (Done, error) {
			done, err := f.Do(v, in)
			if done.Said == "" {
				done.Said = f.Key + "done"
			}
			return done, err
		})
	}
	if wrong == nil {
		return nil
	}
	if f.Controls == nil { // there is no form to show it in
		return wrong
	}
	return f.show(v, in, controls, v.R.PostForm, wrong)
}

// files reads the parts of a form with files, in memory: nothing of them ever
// lies in a temporary file.
func (f *Form[In]) files(v *Visit) (map[string][]byte, error) {
	if f.Files == 0 {
		return nil, nil
	}
	if v.Restored { // what was typed is kept, files are not
		return nil, nil
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, f.Files+maxBody)
	return v.parts(f.Files)
}

// partCosts is what each part of a form counts for beside its name and value:
// a form of very many empty parts is too large too.
const partCosts = 64

// parts reads a form of many parts: values into PostForm, and files unless most
// is 0. Nothing longer than a form may be is taken into memory, whatever the
// body's own limit is.
func (v *Visit) parts(most int64) (map[string][]byte, error) {
	parts, err := v.R.MultipartReader()
	if err != nil {
		return nil, badForm(err)
	}
	v.R.PostForm = url.Values{}
	files, left := map[string][]byte{}, int64(maxBody)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, badForm(err)
		}
		if left -= int64(len(part.FormName()) + partCosts); left < 0 {
			return nil, fault.New(fault.TooLarge, "console.form.large")
		}
		isFile := part.FileName() != "" || part.Header.Get("Content-Type") != ""
		if isFile && most == 0 { // dropped, unread
			continue
		}
		longest := most
		if !isFile {
			longest = left
		}
		data, err := io.ReadAll(io.LimitReader(part, longest+1))
		if err != nil {
			return nil, badForm(err)
		}
		if int64(len(data)) > longest {
			return nil, fault.New(fault.TooLarge, "console.form.large")
		}
		if isFile {
			files[part.FormName()] = data
			continue
		}
		left -= int64(len(data))
		v.R.PostForm.Add(part.FormName(), string(data))
	}
}

// FormBlock is a form on a screen.
type FormBlock struct {
	Action   string
	Inputs   []Group
	Mistakes []Mistake
	Hidden   []Hidden
	Button   string
	Files    bool
	Danger   bool
	Optional bool // some controls may be left empty
}

// Group is controls under one heading.
type Group struct {
	Legend string
	Inputs []Input
}

func (f *Form[In]) show(v *Visit, in *In, controls []Control, typed url.Values, wrong error) error {
	m, ok := v.MistakesOf(wrong)
	if !ok {
		return wrong
	}
	s := Screen{Title: v.T(f.Key + "title"), Slim: len(controls) < 4 && !f.Wide}
	if message.Known(f.Key + "lead") {
		s.Lead = v.T(f.Key + "lead")
	}
	if f.Above != nil {
		s.Above = f.Above(v, in)
	}
	if f.Around != nil {
		var err error
		if s.Blocks, err = f.Around(v, in); err != nil {
			return err
		}
	}
	block := v.formBlock(f.Key, controls, typed, m)
	block.Files, block.Danger = f.Files > 0, f.Danger
	s.Blocks = append(s.Blocks, block)
	if wrong != nil {
		s.Status = fault.Of(wrong).Kind.Status()
		s.Title = v.T("console.form.wrong", s.Title)
	}
	return v.Show(s)
}

// formBlock is the form itself with what was typed and what is wrong with it.
func (v *Visit) formBlock(key string, controls []Control, typed url.Values, m Mistakes) *FormBlock {
	b := &FormBlock{Action: v.R.URL.RequestURI(), Button: v.T(key + "button"), Hidden: []Hidden{{"once", NewOnce()}}}
	shown := map[string]string{}
	for _, c := range controls {
		if c.Kind == Carried {
			b.Hidden = append(b.Hidden, Hidden{c.Name, Cut(typed.Get(c.Name), 4000)})
			continue
		}
		if c.Legend != "" || len(b.Inputs) == 0 {
			g := Group{}
			if c.Legend != "" {
				g.Legend = v.T(c.Legend)
			}
			b.Inputs = append(b.Inputs, g)
		}
		in := v.Input(key, c, typed[c.Name], m)
		shown[c.Name] = in.Label
		g := &b.Inputs[len(b.Inputs)-1]
		g.Inputs = append(g.Inputs, in)
		b.Optional = b.Optional || in.Optional
	}
	b.Mistakes = m.Lines(shown)
	return b
}

// Input makes the control that a page shows, with its texts under key.
func (v *Visit) Input(key string, c Control, typed []string, m Mistakes) Input {
	label := c.Label
	if label == "" {
		label = either(key+c.Name, "console.field."+c.Name)
	}
	in := Input{
		ID: IDOf(c.Name), Name: c.Name, Label: v.T(label), Optional: c.Optional, Max: c.Max, Accept: c.Accept,
		Options: slices.Clone(c.Options), Wrong: m.within(c.Name),
	}
	if c.Kind == Lines {
		in.Value = Cut(strings.Join(typed, "\n"), 4000)
	} else if len(typed) > 0 {
		in.Value = Cut(typed[0], 4000)
	}
	for _, help := range []string{key + c.Name + ".help", "console.help." + c.Name} {
		if message.Known(help) {
			in.Help = v.T(help)
			break
		}
	}
	c.Kind.shape(&in)
	for i := range in.Options {
		if len(typed) > 0 {
			in.Options[i].Chosen = slices.Contains(typed, in.Options[i].Value)
		}
	}
	if c.Kind == Yes {
		in.Checked = in.Value != ""
	}
	return in
}

func either(key, other string) string {
	if message.Known(key) {
		return key
	}
	return other
}

// within is the mistake of a control or of something in it.
func (m Mistakes) within(name string) string {
	for _, f := range m.order {
		for at := f.Field; at != ""; at = outer(at) {
			if at == name {
				return m.v.Fault(f)
			}
		}
	}
	return ""
}

// pasted is how long a number or a date may be as it comes from elsewhere, with
// spaces and marks that are taken away. A lower limit would cut its digits.
const pasted = 40

// shape says how a kind is typed.
func (k Kind) shape(in *Input) {
	most := func(n int) {
		if in.Max == 0 {
			in.Max = n
		}
	}
	switch k {
	case Words:
		most(200)
	case LongText, Paragraphs, Lines:
		in.Type, in.Rows = "textarea", 4
		most(4000)
	case Latin:
		in.Ltr = true
		most(64)
	case Digit, Number, National, Legal, Postal, TrackCode:
		in.Ltr, in.Mode = true, "numeric"
		in.Check = map[Kind]string{National: "national", Legal: "legal", Postal: "postal", TrackCode: "code"}[k]
		most(pasted)
	case Date:
		in.Ltr, in.Date = true, true
		most(pasted)
	case Ticks:
		in.Type = "ticks"
	case Yes:
		in.Type = "checkbox"
	case File:
		in.Type = "file"
	}
}

// clean frees what was typed of what people paste along with it.
func (c *Control) clean(typed string) string {
	typed = Cleaned(typed)
	switch c.Kind {
	case Digit, National, Legal, Postal, TrackCode:
		return Bare(typed)
	case LongText:
		return strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	}
	return typed
}

// must reports whether nothing typed is a mistake of the form itself. The
// acts check all else.
func (c *Control) must() bool {
	return !c.Optional && c.Kind != Ticks && c.Kind != Carried
}

// valuesOf is what the controls show before anything is typed: what Begin put
// into the input.
func valuesOf(in any, controls []Control) url.Values {
	values := url.Values{}
	for _, c := range controls {
		if c.Show || c.Kind == File {
			continue
		}
		at, ok := member(reflect.ValueOf(in).Elem(), c.Name)
		if !ok || at.IsZero() {
			continue
		}
		if at.Kind() == reflect.Slice && !leaf(at) {
			for i := range at.Len() {
				values.Add(c.Name, textOf(at.Index(i)))
			}
			continue
		}
		values.Set(c.Name, textOf(at))
	}
	return values
}

func textOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if own, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := own.MarshalText()
		if err == nil {
			return string(text)
		}
	}
	if own, ok := v.Interface().(fmt.Stringer); ok && v.Kind() != reflect.String {
		return own.String()
	}
	return fmt.Sprint(v.Interface())
}
