package public

import (
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

// checkView is the page that checks a tracking code.
type checkView struct {
	Typed    string
	Wrong    string   // what is wrong with the code as typed
	Proposal []string // the right order of a code that was typed backwards
	Right    string   // the same, in one piece
	Asked    []string // the code that was looked up
	Genuine  bool
	Mine     string // the answer's page, if the visitor is an officer
}

// check shows the form and, where the address holds a code (as the QR of a
// slip does), the verdict on it.
func (r *room) check(v *page.Visit) error {
	typed := v.R.URL.Query().Get("code")
	if typed == "" {
		return v.Page(200, "public/check", v.T("console.check.title"), checkView{})
	}
	return r.judgeCode(v, typed)
}

// checkPost takes the form. A well-formed code goes on into the address, so
// that the page can be reloaded and shared; anything else a person typed does
// not.
func (r *room) checkPost(v *page.Visit) error {
	typed := v.R.PostFormValue("code")
	code, err := ids.ParseTrackingCode(typed)
	if err != nil {
		return showBadCode(v, typed, err)
	}
	return v.GoTo("/check?code=" + string(code))
}

func (r *room) judgeCode(v *page.Visit, typed string) error {
	code, err := ids.ParseTrackingCode(typed) // a slip of the pen is caught here, before any look-up
	if err != nil {
		return showBadCode(v, typed, err)
	}
	if !r.checks.Allow(page.ClientOf(v.R), v.Clock()) {
		v.RetryAfter(10)
		return fault.New(fault.TooMany, "console.check.too_many")
	}
	genuine, err := v.Desk.CheckCode(v.R.Context(), code)
	if err != nil {
		return err
	}
	body := checkView{Typed: code.Grouped(), Asked: strings.Fields(code.Grouped()), Genuine: genuine}
	if genuine && v.Role() == agency.RoleOfficer {
		body.Mine = "/officer/inquiries/" + string(code)
	}
	title := v.T("console.check.genuine.title")
	if !genuine {
		title = v.T("console.check.false.title")
		if right, ok := code.Reversed(); ok && right != code { // told by arithmetic alone, whatever the journal holds
			body.propose(right)
		}
	}
	return v.Page(200, "public/check", title, body)
}

// showBadCode explains what is wrong with what was typed, and proposes the
// code whose groups were written in reversed order.
func showBadCode(v *page.Visit, typed string, err error) error {
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		return err
	}
	body := checkView{Typed: page.Cut(typed, 60), Wrong: v.Fault(f)}
	if f.Key == "ids.code.reversed" && len(f.Args) > 0 {
		if right, err := ids.ParseTrackingCode(f.Args[0]); err == nil {
			body.propose(right)
			body.Wrong = v.T("console.check.reversed")
		}
	}
	return v.Page(f.Kind.Status(), "public/check", v.T("console.form.wrong", v.T("console.check.title")), body)
}

func (c *checkView) propose(right ids.TrackingCode) {
	c.Right, c.Proposal = string(right), strings.Fields(right.Grouped())
}
