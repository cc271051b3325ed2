package console

import (
	"net/http"
	"net/url"

	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
)

// objectionView is the page on which a person objects to what a notification
// letter says of him.
type objectionView struct {
	Mistakes []mistake
	Who      []input // code of the letter, national number
	Items    []input // what should stand there instead
	Text     input
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
func (k *Console) objection(v *visit) error { return k.showObjection(v, nil, nil) }

// objectionPost objects. Sent again, it adds to the same case.
func (k *Console) objectionPost(v *visit) error {
	if !k.objections.allow(clientOf(v.r), k.Clock()) {
		v.retryAfter(60)
		return fault.New(fault.TooMany, "console.check.too_many")
	}
	form := v.r.PostForm
	in, err := objectionOf(form)
	if err != nil {
		return k.showObjection(v, form, err)
	}
	done, proven, err := k.Notices.Object(v.r.Context(), k.Journal, in)
	if err != nil {
		return k.showObjection(v, form, err)
	}
	return k.show(v, http.StatusOK, "objection", v.text("console.objection.done"), objectionView{Done: &objectionDone{
		Case: digits(v.lang, itoa(done.Case)), Deadline: v.day(done.Deadline), Code: groups(string(proven.Code)),
	}})
}

// objectionOf gathers what was typed. All that cannot be read is told at once,
// as the act itself does; the rest is the act's business.
func objectionOf(form url.Values) (*notice.Objection, error) {
	in := &notice.Objection{Text: cleaned(form.Get("text"))}
	var bad []*fault.Error
	read := func(name string, parse func(string) error) {
		typed := bare(cleaned(form.Get(name)))
		if typed == "" {
			bad = append(bad, fault.New(fault.Invalid, "notice.missing").At(name))
		} else if err := parse(typed); err != nil {
			bad = append(bad, fault.Of(err).At(name))
		}
	}
	read("objection_code", func(s string) (err error) { in.Code, err = notice.ParseCode(s); return err })
	read("national_number", func(s string) (err error) { in.Number, err = ids.ParseNationalNumber(s); return err })
	for _, name := range objected {
		value := cleaned(form.Get("items." + name))
		if name == "postal_code" {
			value = persian.ASCII(bare(value))
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
func (k *Console) showObjection(v *visit, form url.Values, wrong error) error {
	status, title := http.StatusOK, v.text("console.objection.title")
	if wrong != nil {
		f := *fault.Of(wrong)
		status, title = f.Kind.Status(), v.text("console.form.wrong", title)
		if f.Kind == fault.NotFound || f.Kind == fault.Conflict {
			f.Kind = fault.Invalid
			wrong = &f
		}
	}
	m, ok := mistakesOf(v, wrong)
	if !ok {
		return wrong
	}
	n := 0
	for _, name := range objected { // faults count the items that were given; the form names them
		if cleaned(form.Get("items."+name)) != "" {
			m.rename("items."+itoa(int64(n))+".value", "items."+name)
			n++
		}
	}
	m.rename("items", "text")
	f := askForm{v: v, form: form, m: m, shown: map[string]string{}}
	body := objectionView{}
	code := f.input("objection_code", v.text("letter.notification.code"), v.text("console.objection.code.help"))
	code.Ltr, code.Mode, code.Max = true, "numeric", pasted
	number := f.input("national_number", v.text("console.field.national_number"), v.text("console.help.national_number"))
	number.Ltr, number.Mode, number.Max = true, "numeric", pasted
	body.Who = []input{code, number}
	help := map[string]string{"birth_date": v.text("console.help.date"), "postal_code": v.text("console.help.postal_code")}
	for _, name := range objected {
		in := f.input("items."+name, v.text("console.field."+name), help[name])
		in.Optional, in.Max = true, 100
		in.Ltr = name == "birth_date" || name == "postal_code"
		if name == "sex" {
			in.Options = []option{{Text: v.text("console.objection.right")}}
			for _, sex := range choiceOf[name] {
				in.Options = append(in.Options, option{sex, v.value(name, sex), sex == in.Value})
			}
		}
		body.Items = append(body.Items, in)
	}
	body.Text = f.input("text", v.text("console.objection.text"), v.text("console.objection.text.help"))
	body.Text.Value, body.Text.Optional, body.Text.Max = cut(form.Get("text"), 1000), true, discrepancy.MaxText
	body.Mistakes = m.lines(f.shown)
	return k.show(v, status, "objection", title, body)
}
