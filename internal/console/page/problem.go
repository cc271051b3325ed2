package page

import (
	"net/http"
	"strings"

	"github.com/estelam/estelam/internal/fault"
)

// problemView is what a visitor sees when a page cannot be shown.
type problemView struct {
	Status      string
	Title, Text string
	Tone, Icon  string
	ID          string // ties the page to the log line
}

// problem is the one place where an error becomes a page. The cause is logged
// and never shown; an internal one is tied to the log by its id.
func (v *Visit) problem(err error) {
	f := fault.Of(err)
	p := problemView{
		Status: v.Digits(itoa(int64(f.Kind.Status()))), ID: f.ID,
		Title: v.T("console.problem.title." + strings.ReplaceAll(f.Kind.String(), "-", "_")), Tone: "warn", Icon: "warn",
	}
	p.Text = v.Fault(f)
	if f.Kind == fault.Internal {
		p.Tone, p.Icon, p.Text = "bad", "bad", v.T("console.problem.internal")
		v.Logger.Error("console: internal", "id", f.ID, "method", v.R.Method, "pattern", v.R.Pattern, "error", f)
	}
	if f.Kind == fault.Unavailable || f.Kind == fault.Full {
		v.Logger.Warn("console: not available", "pattern", v.R.Pattern, "error", err)
		v.RetryAfter(30)
	}
	if err := v.render(f.Kind.Status(), "", p.Title, nil, 0, p); err != nil {
		v.Logger.Error("console: the problem page failed", "error", err)
		http.Error(v.W, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}
