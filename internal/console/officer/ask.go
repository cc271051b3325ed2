package officer

import (
	"crypto/sha256"
	"net/url"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
)

// askView is the form of one inquiry.
type askView struct {
	None         bool // nothing may be asked
	Service      string
	Mode, Key    string
	Once         string // makes two clicks one act
	Title, Lead  string
	Services     []page.Link
	Modes, Keys  []page.Link
	Mistakes     []page.Mistake
	About        []page.Input // number and second key, or postal code
	Claims       []page.Input // verify
	Fields       []page.Tick  // disclose
	Alive        *page.Tick   // predicates
	Age          *page.Input
	ContentWrong string
	Why          []page.Input // purpose, process, file number
	AsOf         page.Input
	Agreement    string
	Pasted       bool     // a text was looked through
	Found        []string // what was recognised in it
}

// ask shows an empty form for the service, mode and search key that the address
// names, or the first that is permitted.
func ask(v *page.Visit) error {
	q := v.R.URL.Query()
	return showAsk(v, 200, url.Values{"service": q["service"], "mode": q["mode"], "key": q["key"]}, nil)
}

// askPost asks. The question goes to the register once, however often the
// button is pressed; the answer has a page of its own.
func (o *room) askPost(v *page.Visit) error {
	form := v.R.PostForm
	if v.Restored {
		return showAsk(v, 200, form, nil)
	}
	today := persian.DateOf(v.Clock())
	q, err := formOf(v, form).Parse(today)
	if err = forgotten(v, form, err); err != nil {
		return showAsk(v, 0, form, err)
	}
	p, err := v.Desk.Ask(v.R.Context(), *v.Asker, q, onceOf(v, form))
	if err != nil {
		return showAsk(v, 0, form, err)
	}
	o.fresh.put(v.Asker, &p.Proven, v.Clock())
	if r, err := readRecord(p.Record); err == nil {
		remember(v, r)
	}
	return v.GoTo("/officer/inquiries/" + string(p.Code))
}

// formOf gathers what was typed, unbelieved. Numbers are freed of what people
// paste along with them.
func formOf(v *page.Visit, form url.Values) *inquiry.Form {
	get := func(name string) string { return page.Cleaned(form.Get(name)) }
	f := &inquiry.Form{
		Service: get("service"), Mode: get("mode"),
		NationalNumber: page.Bare(get("national_number")), BirthDate: get("birth_date"),
		ShenasnamehNumber: page.Bare(get("shenasnameh_number")), PostalCode: page.Bare(get("postal_code")),
		AsOf: get("as_of"), Officer: v.Asker.Officer.Login,
		Purpose: get("purpose"), Process: get("process"), File: get("file"),
	}
	switch {
	case f.Service == inquiry.Predicates:
		if form.Has("alive") {
			f.Predicates = append(f.Predicates, inquiry.FormPredicate{Name: inquiry.Alive})
		}
		if typed := get("age_years"); typed != "" {
			years, _ := strconv.Atoi(persian.ASCII(typed)) // no number is age 0, which Parse refuses
			f.Predicates = append(f.Predicates, inquiry.FormPredicate{Name: inquiry.AgeAtLeast, Age: years})
		}
	case f.Mode == inquiry.Disclose:
		f.Fields = form["fields"]
	default:
		for _, name := range inquiry.FieldsOf(f.Service) {
			if value := get("claims." + name); value != "" {
				f.Claims = append(f.Claims, inquiry.FormClaim{Field: name, Value: value})
			}
		}
	}
	return f
}

// onceOf ties an act to the form as it was rendered and to all that was typed
// into it: a second click is the same act, a corrected form is a new one.
func onceOf(v *page.Visit, form url.Values) (o inquiry.Once) {
	sum := sha256.Sum256([]byte("estelam/console/once/v1\x00" + v.Asker.Agency.ID.String() + "\x00" + v.Asker.Officer.Login + "\x00" + form.Encode()))
	copy(o.Key[:], sum[:16])
	copy(o.Digest[:], sum[16:])
	return o
}

// showAsk renders the form with what was typed and what is wrong with it.
// status 0 takes the fault's.
func showAsk(v *page.Visit, status int, form url.Values, wrong error) error {
	return showAskWith(v, status, form, wrong, func(*askView) {})
}

// showAskWith is showAsk with something more to say.
func showAskWith(v *page.Visit, status int, form url.Values, wrong error, more func(*askView)) error {
	m, ok := v.MistakesOf(wrong)
	if !ok {
		return wrong
	}
	title := v.T("console.ask.title")
	if wrong != nil {
		status = fault.Of(wrong).Kind.Status()
		title = v.T("console.form.wrong", title)
	}
	now := v.Clock()
	a, inForce := v.Agreements.InForce(v.Asker.Agency.ID, now)
	var offers []offer
	if inForce {
		offers = offersOf(a)
	}
	if len(offers) == 0 {
		return v.Page(status, "officer/ask", title, askView{None: true})
	}
	o := pick(offers, form.Get("service"), form.Get("mode"))
	catalogued(v, &o, v.Asker.Agency.ID)
	body := askView{
		Service: o.Service, Mode: o.Mode, Once: page.NewOnce(),
		Title:     v.T("console.service." + o.Service),
		Lead:      v.T("console.mode." + o.Mode + ".text"),
		Agreement: v.T("console.ask.agreement", v.Digits(strconv.FormatInt(a.ID, 10)), v.Digits(strconv.Itoa(int(a.Version)))),
	}
	if o.Service == inquiry.Predicates {
		body.Lead = v.T("console.mode.predicate.text")
	}
	body.Key = o.Keys[0]
	if slices.Contains(o.Keys, form.Get("key")) {
		body.Key = form.Get("key")
	}
	if body.Key == inquiry.KeyShenasnameh {
		m.Rename("birth_date", "shenasnameh_number") // "a second key is missing" is said of the first kind
	}
	m.Reword("claims", "inquiry.missing", "console.ask.claims.none")
	m.Reword("fields", "inquiry.missing", "console.ask.fields.none")
	m.Reword("predicates", "inquiry.missing", "console.ask.predicates.none")
	m.Rename("predicates.0", "age_years") // only an age can be typed wrongly there
	m.Rename("predicates.1", "age_years")
	f := askForm{v: v, form: form, m: m, shown: map[string]string{}}
	f.tabs(&body, offers, o)
	f.about(&body, o)
	f.content(&body, o)
	f.why(&body, o)
	body.Mistakes = m.Lines(f.shown)
	more(&body)
	return v.Page(status, "officer/ask", title, body)
}

// pick is the offer of a service and mode, or the nearest there is.
func pick(offers []offer, service, mode string) offer {
	best := offers[0]
	for _, o := range offers {
		if o.Service == service && o.Mode == mode {
			return o
		}
		if o.Service == service && best.Service != service {
			best = o
		}
	}
	return best
}
