package console

import (
	"strings"
	"unicode"

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
func (k *Console) check(v *visit) error {
	typed := v.r.URL.Query().Get("code")
	if typed == "" {
		return k.show(v, 200, "check", v.text("console.check.title"), checkView{})
	}
	return k.judgeCode(v, typed)
}

// checkPost takes the form. A well-formed code goes on into the address, so
// that the page can be reloaded and shared; anything else a person typed does
// not.
func (k *Console) checkPost(v *visit) error {
	typed := v.r.PostFormValue("code")
	code, err := ids.ParseTrackingCode(typed)
	if err != nil {
		return k.showBadCode(v, typed, err)
	}
	return v.goTo("/check?code=" + string(code))
}

func (k *Console) judgeCode(v *visit, typed string) error {
	code, err := ids.ParseTrackingCode(typed) // a slip of the pen is caught here, before any look-up
	if err != nil {
		return k.showBadCode(v, typed, err)
	}
	if !k.checks.allow(clientOf(v.r), k.Clock()) {
		v.retryAfter(10)
		return fault.New(fault.TooMany, "console.check.too_many")
	}
	genuine, err := k.Desk.CheckCode(v.r.Context(), code)
	if err != nil {
		return err
	}
	body := checkView{Typed: code.Grouped(), Asked: strings.Fields(code.Grouped()), Genuine: genuine}
	if genuine && v.asker != nil {
		body.Mine = "/officer/inquiries/" + string(code)
	}
	title := v.text("console.check.genuine.title")
	if !genuine {
		title = v.text("console.check.false.title")
		if right, ok := code.Reversed(); ok && right != code { // told by arithmetic alone, whatever the journal holds
			body.propose(right)
		}
	}
	return k.show(v, 200, "check", title, body)
}

// showBadCode explains what is wrong with what was typed, and proposes the
// code whose groups were written in reversed order.
func (k *Console) showBadCode(v *visit, typed string, err error) error {
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		return err
	}
	body := checkView{Typed: cut(typed, 60), Wrong: v.fault(f)}
	if f.Key == "ids.code.reversed" && len(f.Args) > 0 {
		if right, err := ids.ParseTrackingCode(f.Args[0]); err == nil {
			body.propose(right)
			body.Wrong = v.text("console.check.reversed")
		}
	}
	return k.show(v, f.Kind.Status(), "check", v.text("console.form.wrong", v.text("console.check.title")), body)
}

func (c *checkView) propose(right ids.TrackingCode) {
	c.Right, c.Proposal = string(right), strings.Fields(right.Grouped())
}

// cut makes what was typed fit to be shown to its writer again: at most n
// letters, and none that turn the direction of the text or hide in it.
func cut(s string, n int) string {
	r := []rune(strings.Map(func(r rune) rune {
		if r != zwnj && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
	if len(r) > n {
		r = r[:n]
	}
	return string(r)
}

const zwnj = '\u200c' // part of Persian spelling
