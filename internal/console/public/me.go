package public

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/receiptkind"
)

// A person who has shown his number and access code carries both along, sealed,
// in a cookie of these pages alone. There is no session: each page admits him
// anew, so that a code that has ended opens nothing.
const (
	meCookie = "estelam-me"
	meUse    = "me"
	meFor    = 20 * time.Minute
	mePage   = 50 // entries
)

// enter shows the form for number and code, or, to one who has been let in,
// who asked about him.
func (r *room) me(v *page.Visit) error {
	who, err := r.who(v)
	if err != nil {
		return err
	}
	if who == nil {
		return showMeForm(v, nil, nil)
	}
	return showAsked(v, who)
}

// mePost lets a person in.
func (r *room) mePost(v *page.Visit) error {
	form := v.R.PostForm
	k := citizen.Key{Access: page.Cleaned(form.Get("access"))}
	var bad fault.List
	if typed := page.Bare(page.Cleaned(form.Get("national_number"))); typed != "" {
		n, err := ids.ParseNationalNumber(typed)
		k.Number = n
		bad.Add("national_number", err)
	} else {
		bad.When(true, "national_number", "citizen.missing")
	}
	bad.When(k.Access == "", "access", "citizen.missing")
	if err := bad.Err(); err != nil {
		return showMeForm(v, form, err)
	}
	if _, err := r.admit(v, &k); err != nil {
		return showMeForm(v, form, err)
	}
	until := v.Clock().Add(meFor)
	sealed := v.Seal(meUse, strconv.FormatInt(until.Unix(), 10)+" "+k.Number.String()+" "+k.Access)
	http.SetCookie(v.W, v.meCookie(sealed, int(meFor.Seconds())))
	return v.GoTo("/me")
}
