package account

import (
	"encoding/json"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// sheet is what all these pages are written on: a few words, perhaps a symbol or
// codes to keep, a form, and other ways to the same end.
type sheet struct {
	Title, Lead string
	Above       *page.Link
	Notes       []page.Note
	Wrong       string // what was wrong, if nothing else says it
	Who         []page.Fact
	QR          *page.QR
	Secret      string   // what the QR says, to type
	Codes       []string // to keep
	Forms       []form
	Demo        *demoPanel
	Foot        string
	Links       []page.Link
}

// form is one of its forms. Path "": nothing is sent.
type form struct {
	Path    string
	Title   string
	Lead    string
	Inputs  []page.Input
	Hidden  []page.Hidden
	Button  string
	Icon    string
	Ghost   bool
	Danger  bool
	Passkey string // where its options come from: sent by the script, after the browser's answer
	Make    bool   // the browser makes a passkey; else it uses one
}

// secretInput is a control for a password.
func secretInput(v *page.Visit, name, fill string) page.Input {
	return page.Input{ID: page.IDOf(name), Name: name, Label: v.T("console.account." + name), Type: "password", Ltr: true, Fill: fill, Max: 256}
}

// codeInput is a control for a code.
func codeInput(v *page.Visit, label string) page.Input {
	return page.Input{ID: "f-code", Name: "code", Label: v.T(label), Ltr: true, Fill: "one-time-code", Max: 40}
}

// show writes a sheet. A fault stands at the control that it names, with the
// status that it has; one that is no matter of a form is a problem page.
func show(v *page.Visit, s sheet, err error, scripts ...string) error {
	status := 200
	if err != nil {
		m, ok := v.MistakesOf(err)
		if !ok {
			return err
		}
		f := fault.Of(err)
		status = f.Kind.Status()
		at := false
		for i := range s.Forms {
			for k := range s.Forms[i].Inputs {
				in := &s.Forms[i].Inputs[k]
				in.Wrong = m.At(in.Name)
				at = at || in.Wrong != ""
			}
		}
		s.Wrong = v.Fault(f)
		if at {
			s.Wrong = v.T("console.account.mistake")
		}
		if f.Kind == fault.TooMany {
			v.RetryAfter(60)
		}
	}
	title := s.Title
	if s.Wrong != "" {
		title = v.T("console.form.wrong", title)
	}
	return v.Page(status, "account/sheet", title, s, scripts...)
}

// answer writes JSON for the script.
func answer(v *page.Visit, id string, options []byte, err error) error {
	h := v.W.Header()
	h.Set("Content-Type", "application/json")
	told := map[string]any{"id": id, "options": json.RawMessage(options)}
	status := 200
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			return err
		}
		status, told = f.Kind.Status(), map[string]any{"wrong": v.Fault(f)}
	}
	body, err := json.Marshal(told)
	if err != nil {
		return err
	}
	v.W.WriteHeader(status)
	_, _ = v.W.Write(body) // the reader has gone: nobody is left to tell
	return nil
}

// whoIs is an officer in a few words.
func whoIs(v *page.Visit, a *agency.Agency, o *agency.Officer) []page.Fact {
	return []page.Fact{
		{Label: v.T("console.account.name"), Value: o.Name},
		{Label: v.T("console.account.role"), Value: v.T("register.role." + o.Role)},
		{Label: v.T("console.account.agency"), Value: a.Name},
	}
}

// carry is what every form of a sign-in carries along: what was wanted, and a
// form that is to be shown again.
func carry(v *page.Visit, more ...page.Hidden) []page.Hidden {
	next := v.R.URL.Query().Get("next")
	if v.R.Method == "POST" {
		next = v.R.PostForm.Get("next")
	}
	return append(append(v.Kept(), page.Hidden{Name: "next", Value: page.LocalPath(next, "")}), more...)
}

// goOn is the way on after a sign-in.
func goOn(v *page.Visit) error { return v.GoOn(page.LocalPath(v.R.PostForm.Get("next"), "")) }
