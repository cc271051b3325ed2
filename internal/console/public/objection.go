package public

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
)

// objectionView is the page on which a person objects to what a notification
// letter says of him.
type objectionView struct {
	Mistakes []page.Mistake
	Who      []page.Input // code of the letter, national number
	Items    []page.Input // what should stand there instead
	Text     page.Input
	Done     *objectionDone
}

// objectionDone is what the person keeps of his objection.
type objectionDone struct {
	Case, Deadline string
	Code           []string
}

// objected are the items of the form, in the order of the letter.
var objected = []string{"given_name", "surname", "father_name", "birth_date", "sex", "postal_code"}

// objection shows the empty form. The QR symbol of a letter has the code behind
// "#", where only the script sees it: it is in no log and no address.
func objection(v *page.Visit) error { return showObjection(v, nil, nil) }

// objectionPost objects. Sent again, it adds to the same case.
func (r *room) objectionPost(v *page.Visit) error {
	if v.Restored {
		return showObjection(v, v.R.PostForm, nil)
	}
	if !r.objections.Allow(page.ClientOf(v.R), v.Clock()) {
		v.RetryAfter(60)
		return fault.New(fault.TooMany, "console.check.too_many")
	}
	form := v.R.PostForm
	in, err := objectionOf(form)
	if err != nil {
		return showObjection(v, form, err)
	}
	done, proven, err := v.Notices.Object(v.R.Context(), v.Journal, in)
	if err != nil {
		return showObjection(v, form, err)
	}
	return v.Page(http.StatusOK, "public/objection", v.T("console.objection.done"), objectionView{Done: &objectionDone{
		Case: v.Digits(strconv.FormatInt(done.Case, 10)), Deadline: v.Day(done.Deadline), Code: page.Groups(string(proven.Code)),
	}})
}

// objectionOf gathers what was typed. All that cannot be read is told at once,
// as the act itself does; the rest is the act's business.
func objectionOf(form url.Values) (*notice.Objection, error) {
	in := &notice.Objection{Text: page.Cleaned(form.Get("text"))}
	var bad []*fault.Error
	read := func(name string, parse func(string) error) {
		typed := page.Bare(page.Cleaned(form.Get(name)))
		if typed == "" {
			bad = append(bad, fault.New(fault.Invalid, "notice.missing").At(name))
		} else if err := parse(typed); err != nil {
			bad = append(bad, fault.Of(err).At(name))
		}
	}
	read("objection_code", func(s string) (err error) { in.Code, err = notice.ParseCode(s); return err })
	read("national_number", func(s string) (err error) { in.Number, err = ids.ParseNationalNumber(s); return err })
	for _, name := range objected {
		value := page.Cleaned(form.Get("items." + name))
		if name == "postal_code" {
			value = persian.ASCII(page.Bare(value))
		}
		if value != "" {
			in.Items = append(in.Items, discrepancy.Claim{Field: name, Value: value})
		}
	}
	if len(bad) == 0 {
		return in, nil
	}
	if err := discrepancy.Check(in.Items); err != nil {
		f := fault.Of(err)
		bad = append(append(bad, f), f.More...)
	}
	first := *bad[0]
	first.More = bad[1:]
	return nil, &first
}

// showObjection renders the form with what was typed and what is wrong with it.
// That a code is unknown or too late is said here too: the person corrects it
// in the same form.
func showObjection(v *page.Visit, form url.Values, wrong error) error {
	status, title := http.StatusOK, v.T("console.objection.title")
	if wrong != nil {
		f := *fault.Of(wrong)
		status, title = f.Kind.Status(), v.T("console.form.wrong", title)
		if f.Kind == fault.NotFound || f.Kind == fault.Conflict {
			f.Kind = fault.Invalid
			wrong = &f
		}
	}
	m, ok := v.MistakesOf(wrong)
	if !ok {
		return wrong
	}
	n := 0
	for _, name := range objected { // faults count the items that were given; the form names them
		if page.Cleaned(form.Get("items."+name)) != "" {
			m.Rename("items."+strconv.Itoa(n)+".value", "items."+name)
			n++
		}
	}
	m.Rename("items", "text")
	shown := map[string]string{}
	control := func(label, help string, c page.Control) page.Input {
		in := v.Input("", c, form[c.Name], m)
		in.Label, in.Help = v.T(label), ""
		if help != "" {
			in.Help = v.T(help)
		}
		shown[c.Name] = in.Label
		return in
	}
	body := objectionView{Who: []page.Input{
		control("letter.notification.code", "console.objection.code.help", page.Control{Name: "objection_code", Kind: page.Digit}),
		control("console.field.national_number", "console.help.national_number", page.Control{Name: "national_number", Kind: page.National}),
	}}
	help := map[string]string{"birth_date": "console.help.date", "postal_code": "console.help.postal_code"}
	kinds := map[string]page.Kind{"birth_date": page.Date, "postal_code": page.Postal}
	for _, name := range objected {
		c := page.Control{Name: "items." + name, Kind: kinds[name], Optional: true, Max: 100}
		if name == "sex" {
			c.Options = page.Blank(v.T("console.objection.right"), page.Choose([]string{"male", "female"}, "", func(sex string) string { return v.Value(name, sex) }))
		}
		body.Items = append(body.Items, control("console.field."+name, help[name], c))
	}
	body.Text = control("console.objection.text", "console.objection.text.help",
		page.Control{Name: "text", Kind: page.LongText, Optional: true, Max: discrepancy.MaxText})
	body.Mistakes = m.Lines(shown)
	return v.Page(status, "public/objection", title, body)
}
