package console

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
func (k *Console) problem(v *visit, err error) {
	f := fault.Of(err)
	p := problemView{
		Status: digits(v.lang, itoa(int64(f.Kind.Status()))), ID: f.ID,
		Title: v.text("console.problem.title." + strings.ReplaceAll(f.Kind.String(), "-", "_")), Tone: "warn", Icon: "warn",
	}
	p.Text = v.fault(f)
	if f.Kind == fault.Internal {
		p.Tone, p.Icon, p.Text = "bad", "bad", v.text("console.problem.internal")
		k.Logger.Error("console: internal", "id", f.ID, "method", v.r.Method, "pattern", v.r.Pattern, "error", f)
	}
	if f.Kind == fault.Unavailable || f.Kind == fault.Full {
		k.Logger.Warn("console: not available", "pattern", v.r.Pattern, "error", err)
		v.retryAfter(30)
	}
	if err := k.show(v, f.Kind.Status(), "problem", p.Title, p); err != nil {
		k.Logger.Error("console: the problem page failed", "error", err)
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}
