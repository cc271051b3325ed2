package consoletest

import (
	"context"
	"net/url"
	"regexp"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/store"
)

// AboutAli is the form of a question about Ali that is all right; more are
// names and values in turn.
func AboutAli(more ...string) url.Values {
	form := url.Values{
		"service": {"identity"}, "mode": {"verify"}, "key": {inquiry.KeyBirthDate}, "once": {"a"},
		"national_number": {"۰۰۶۷۷۴۹۸۲۸"}, "birth_date": {"۱۳۷۰/۰۱/۰۱"},
		"claims.given_name": {"علی اکبر"}, "claims.surname": {"یزدانی‌فرد"},
		"purpose": {"account-opening"}, "process": {"deposit"}, "file": {"۱۴۰۵/ن/۱۲"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// CodeInPath finds the code of an answer in its address.
var CodeInPath = regexp.MustCompile(`^/officer/inquiries/(\d{20})$`)

// Ask asks and gives the code of the answer.
func (v *Visitor) Ask(form url.Values) (code string, p Page) {
	v.t.Helper()
	p = v.Post("/officer/ask", form)
	m := CodeInPath.FindStringSubmatch(p.Path)
	if m == nil {
		v.t.Fatalf("no answer but %d at %s: %s", p.Status, p.Path, p.Text())
	}
	return m[1], p
}

// UnknownCode is well-formed and of no log.
func (s *Stage) UnknownCode() string {
	for end := range 100 {
		c := "987654321098765432" + string(rune('0'+end/10)) + string(rune('0'+end%10))
		if _, err := ids.ParseTrackingCode(c); err == nil {
			return c
		}
	}
	s.T.Fatal("no check digits fit")
	return ""
}

// Letter notifies Ali by a printed letter and gives its objection code.
func (s *Stage) Letter() string {
	s.T.Helper()
	ctx, stop := context.WithCancel(s.T.Context())
	worker := make(chan error, 1)
	go func() { worker <- s.Config.Jobs.Work(ctx) }()
	defer func() { stop(); <-worker }()
	c := &s.Config
	made, _, err := c.Notices.Order(ctx, c.Journal, s.Actor(Registry, "s1"),
		&notice.Order{Name: "نوبت", Choice: notice.Choice{Numbers: []ids.NationalNumber{s.Number(Ali)}}})
	Must(s.T, err)
	_, err = c.Jobs.Wait(ctx, made.Job)
	Must(s.T, err)
	_, _, err = c.Notices.NextBatch(ctx, c.Journal, s.Actor(PrintHouse, "r1"), &notice.Cut{Campaign: made.Campaign})
	Must(s.T, err)
	var code notice.Code
	Must(s.T, s.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(codeRead, []any{int64(s.Number(Ali))}, &code)
		return err
	}))
	return code.String()
}
