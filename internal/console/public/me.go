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
)

// A person who has shown his number and access code carries both along, sealed,
// in a cookie of these pages alone. There is no session: each page admits him
// anew, so that a code that has ended opens nothing.
const (
	meCookie = "estelam-me"
	meUse    = "me"
	meFor    = 20 * time.Minute
)

// me shows the form for number and code, or, to one who has been let in, who
// asked about him.
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
	until := v.Clock().Add(meFor).Unix()
	setMeCookie(v, v.Seal(meUse, strconv.FormatInt(until, 10)+" "+k.Number.String()+" "+k.Access), int(meFor.Seconds()))
	return v.GoTo("/me")
}

// leave ends the visit.
func leave(v *page.Visit) error {
	setMeCookie(v, "", -1)
	return v.GoTo("/")
}

func setMeCookie(v *page.Visit, value string, seconds int) {
	http.SetCookie(v.W, &http.Cookie{
		Name: meCookie, Value: value, Path: "/me", MaxAge: seconds,
		HttpOnly: true, Secure: v.Secure(), SameSite: http.SameSiteStrictMode,
	})
}

// who is the person who has been let in; nil: nobody, or no longer.
func (r *room) who(v *page.Visit) (*citizen.Who, error) {
	c, err := v.R.Cookie(meCookie)
	if err != nil || c.Value == "" {
		return nil, nil
	}
	sealed, err := v.Unseal(meUse, c.Value)
	if err != nil {
		return nil, nil
	}
	part := strings.SplitN(sealed, " ", 3)
	until, _ := strconv.ParseInt(part[0], 10, 64) // ours: it is sealed
	if v.Clock().Unix() >= until {
		return nil, nil
	}
	n, _ := ids.ParseNationalNumber(part[1])
	who, err := r.admit(v, &citizen.Key{Number: n, Access: part[2]})
	if fault.Is(err, fault.Forbidden) { // a new code was given meanwhile, or this one has ended
		return nil, nil
	}
	return who, err
}

// wrongPerMinute is how many wrong codes an address may show, as at the door
// for programs.
const wrongPerMinute = 20

// admit lets a person in. An address from which wrong codes come is slowed
// down; others are not.
func (r *room) admit(v *page.Visit, k *citizen.Key) (*citizen.Who, error) {
	from := page.ClientOf(v.R)
	if r.wrong.Spent(from, v.Clock()) {
		v.RetryAfter(60)
		return nil, fault.New(fault.TooMany, "console.check.too_many")
	}
	who, err := v.Citizens.Admit(v.Context(), k)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.TooMany) {
		r.wrong.Allow(from, v.Clock())
	}
	return who, err
}

// showMeForm asks for number and access code.
func showMeForm(v *page.Visit, typed url.Values, wrong error) error {
	const key = "console.public.me."
	b, status, err := formOf(v, key, "/me", typed, wrong, page.Control{Name: "national_number", Kind: page.National}, page.Control{Name: "access", Kind: page.Latin})
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: titled(v, key+"title", wrong), Lead: v.T(key + "lead"), Slim: true, Status: status,
		Blocks: []any{b, page.Note{Tone: page.Info, Title: v.T(key + "how"), Text: v.T(key + "how.text")}},
	})
}

func titled(v *page.Visit, key string, wrong error) string {
	if wrong != nil {
		return v.T("console.form.wrong", v.T(key))
	}
	return v.T(key)
}

// formOf is a form with what was typed and what is wrong with it, and the
// status to answer with. Secrets are not shown again.
func formOf(v *page.Visit, key, action string, typed url.Values, wrong error, controls ...page.Control) (*page.FormBlock, int, error) {
	m, ok := v.MistakesOf(wrong)
	if !ok {
		return nil, 0, wrong
	}
	b := &page.FormBlock{Action: action, Button: v.T(key + "button")}
	shown := map[string]string{}
	var inputs []page.Input
	for _, c := range controls {
		in := v.Input(key, c, typed[c.Name], m)
		if c.Name == "access" || c.Name == "secret" {
			in.Value = ""
		}
		shown[c.Name] = in.Label
		inputs = append(inputs, in)
	}
	b.Inputs, b.Mistakes = []page.Group{{Inputs: inputs}}, m.Lines(shown)
	if wrong != nil {
		return b, fault.Of(wrong).Kind.Status(), nil
	}
	return b, http.StatusOK, nil
}
