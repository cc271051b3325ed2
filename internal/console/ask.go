package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"

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
	Services     []link
	Modes, Keys  []link
	Mistakes     []mistake
	About        []input // number and second key, or postal code
	Claims       []input // verify
	Fields       []tick  // disclose
	Alive        *tick   // predicates
	Age          *input
	ContentWrong string
	Why          []input // purpose, process, file number
	AsOf         input
	Agreement    string
}

// ask shows an empty form for the service, mode and search key that the address
// names, or the first that is permitted.
func (k *Console) ask(v *visit) error {
	q := v.r.URL.Query()
	return k.showAsk(v, 200, url.Values{"service": q["service"], "mode": q["mode"], "key": q["key"]}, nil)
}

// askPost asks. The question goes to the register once, however often the
// button is pressed; the answer has a page of its own.
func (k *Console) askPost(v *visit) error {
	form := v.r.PostForm
	today := persian.DateOf(k.Clock())
	q, err := formOf(v, form).Parse(today)
	if err = k.forgotten(v, form, err); err != nil {
		return k.showAsk(v, 0, form, err)
	}
	p, err := k.Desk.Ask(v.r.Context(), *v.asker, q, onceOf(v, form))
	if err != nil {
		return k.showAsk(v, 0, form, err)
	}
	k.fresh.put(v.asker, &p.Proven, k.Clock())
	if r, err := readRecord(p.Record); err == nil {
		k.remember(v, r)
	}
	return v.goTo("/officer/inquiries/" + string(p.Code))
}

// formOf gathers what was typed, unbelieved. Numbers are freed of what people
// paste along with them.
func formOf(v *visit, form url.Values) *inquiry.Form {
	get := func(name string) string { return cleaned(form.Get(name)) }
	f := &inquiry.Form{
		Service: get("service"), Mode: get("mode"),
		NationalNumber: bare(get("national_number")), BirthDate: get("birth_date"),
		ShenasnamehNumber: bare(get("shenasnameh_number")), PostalCode: bare(get("postal_code")),
		AsOf: get("as_of"), Officer: v.asker.Officer.Login,
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
func onceOf(v *visit, form url.Values) (o inquiry.Once) {
	sum := sha256.Sum256([]byte("estelam/console/once/v1\x00" + v.asker.Agency.ID.String() + "\x00" + v.asker.Officer.Login + "\x00" + form.Encode()))
	copy(o.Key[:], sum[:16])
	copy(o.Digest[:], sum[16:])
	return o
}

// showAsk renders the form with what was typed and what is wrong with it.
// status 0 takes the fault's.
func (k *Console) showAsk(v *visit, status int, form url.Values, wrong error) error {
	m, ok := mistakesOf(v, wrong)
	if !ok {
		return wrong
	}
	title := v.text("console.ask.title")
	if wrong != nil {
		status = fault.Of(wrong).Kind.Status()
		title = v.text("console.form.wrong", title)
	}
	now := k.Clock()
	a, inForce := k.Agreements.InForce(v.asker.Agency.ID, now)
	var offers []offer
	if inForce {
		offers = offersOf(a)
	}
	if len(offers) == 0 {
		return k.show(v, status, "ask", title, askView{None: true})
	}
	o := pick(offers, form.Get("service"), form.Get("mode"))
	k.catalogued(&o, v.asker.Agency.ID)
	body := askView{
		Service: o.Service, Mode: o.Mode, Once: newOnce(),
		Title:     v.text("console.service." + o.Service),
		Lead:      v.text("console.mode." + o.Mode + ".text"),
		Agreement: v.text("console.ask.agreement", digits(v.lang, itoa(a.ID)), digits(v.lang, itoa(int64(a.Version)))),
	}
	if o.Service == inquiry.Predicates {
		body.Lead = v.text("console.mode.predicate.text")
	}
	body.Key = o.Keys[0]
	if slices.Contains(o.Keys, form.Get("key")) {
		body.Key = form.Get("key")
	}
	if body.Key == inquiry.KeyShenasnameh {
		m.rename("birth_date", "shenasnameh_number") // "a second key is missing" is said of the first kind
	}
	m.reword("claims", "console.ask.claims.none")
	m.reword("fields", "console.ask.fields.none")
	m.reword("predicates", "console.ask.predicates.none")
	m.rename("predicates.0", "age_years") // only an age can be typed wrongly there
	m.rename("predicates.1", "age_years")
	f := askForm{v: v, form: form, m: m, shown: map[string]string{}}
	f.tabs(&body, offers, o)
	f.about(&body, o)
	f.content(&body, o)
	f.why(&body, o)
	body.Mistakes = m.lines(f.shown)
	return k.show(v, status, "ask", title, body)
}

func newOnce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
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
