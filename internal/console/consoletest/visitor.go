package consoletest

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
)

// door is the stage's own room: a sign-in that believes what it is told.
func door(s *Stage) page.Room {
	return page.Room{Name: "test", Routes: []page.Route{{Method: "POST", Path: "/test/sign-in", Serve: func(v *page.Visit) error {
		o, err := v.Agencies.Officer(s.Legal(v.R.PostFormValue("agency")), v.R.PostFormValue("login"))
		if err != nil {
			return err
		}
		if err := v.SignIn(o, account.Done, account.ByTOTP); err != nil {
			return err
		}
		return v.GoOn("/check")
	}}}}
}

// Visitor is one browser without a screen.
type Visitor struct {
	t    *testing.T
	base string
	*http.Client
}

// Visitor comes without a session.
func (s *Stage) Visitor() *Visitor {
	jar, err := cookiejar.New(nil)
	Must(s.T, err)
	return &Visitor{s.T, s.Server.URL, &http.Client{Jar: jar}}
}

// SignedIn is a visitor who has signed in.
func (s *Stage) SignedIn(body, login string) *Visitor {
	s.T.Helper()
	v := s.Visitor()
	p := v.NoRedirect().Post("/test/sign-in", url.Values{"agency": {body}, "login": {login}})
	if p.Status != http.StatusSeeOther {
		s.T.Fatalf("sign-in of %s failed: %d", login, p.Status)
	}
	return v
}

// Page is what a visitor got in the end.
type Page struct {
	Status int
	Path   string // after redirects, with the query
	Header http.Header
	Body   string
}

// Get opens a page.
func (v *Visitor) Get(path string) Page {
	v.t.Helper()
	return v.Do(http.MethodGet, path, nil, nil)
}

// Post sends a form as the site's own page does.
func (v *Visitor) Post(path string, form url.Values) Page {
	v.t.Helper()
	return v.Do(http.MethodPost, path, form, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// Submit opens the page at path, fills in its last form in main, and sends it:
// what the form holds already, such as hidden values, is sent along. More are
// names and values in turn.
func (v *Visitor) Submit(path string, more ...string) Page {
	v.t.Helper()
	p := v.Get(path)
	action, form := p.Form(v.t)
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return v.Post(action, form)
}

// Do sends any request.
func (v *Visitor) Do(method, path string, form url.Values, header map[string]string) Page {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	return v.Send(method, path, "application/x-www-form-urlencoded", body, header)
}

// Send sends a body of any kind.
func (v *Visitor) Send(method, path, kind string, body io.Reader, header map[string]string) Page {
	v.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(v.t.Context()), method, v.base+path, body)
	Must(v.t, err)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for k, h := range header {
		req.Header.Set(k, h)
	}
	res, err := v.Client.Do(req)
	Must(v.t, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	Must(v.t, err)
	return Page{res.StatusCode, res.Request.URL.RequestURI(), res.Header, string(data)}
}

// NoRedirect makes the visitor stop at redirects.
func (v *Visitor) NoRedirect() *Visitor {
	c := *v.Client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Visitor{v.t, v.base, &c}
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// Text is the page as read, without tags.
func (p Page) Text() string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(p.Body, " "))), " ")
}

// Shows fails the test where the page lacks a text.
func (p Page) Shows(t testing.TB, all ...string) {
	t.Helper()
	for _, s := range all {
		if !strings.Contains(p.Text(), s) {
			t.Errorf("%s (%d) does not show %q; it shows: %.1500s", p.Path, p.Status, s, p.Text())
		}
	}
}

var (
	forms   = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	inputs  = regexp.MustCompile(`<input[^>]*>`)
	selects = regexp.MustCompile(`(?s)<select[^>]*name="([^"]*)".*?</select>`)
	chosen  = regexp.MustCompile(`<option value="([^"]*)" selected`)
	areas   = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`)
	action  = regexp.MustCompile(`action="([^"]*)"`)
)

// Hides wants none of these in the page's text or addresses.
func (p Page) Hides(t testing.TB, all ...string) {
	t.Helper()
	for _, what := range all {
		if strings.Contains(p.Body, what) || strings.Contains(p.Text(), what) {
			t.Errorf("%s shows %q", p.Path, what)
		}
	}
}

// Form is the last form of the page's main part with what it holds.
func (p Page) Form(t testing.TB) (to string, values url.Values) {
	t.Helper()
	_, main, _ := strings.Cut(p.Body, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	all := forms.FindAllString(main, -1)
	if len(all) == 0 {
		t.Fatalf("%s (%d) has no form: %.800s", p.Path, p.Status, p.Text())
	}
	form := all[len(all)-1]
	values = url.Values{}
	for _, in := range inputs.FindAllString(form, -1) {
		name, kind := attribute(in, "name"), attribute(in, "type")
		if name == "" || (kind == "checkbox" || kind == "radio") && !strings.Contains(in, " checked") {
			continue
		}
		values.Add(name, attribute(in, "value"))
	}
	for _, m := range selects.FindAllStringSubmatch(form, -1) {
		if c := chosen.FindStringSubmatch(m[0]); c != nil {
			values.Set(m[1], html.UnescapeString(c[1]))
		}
	}
	for _, m := range areas.FindAllStringSubmatch(form, -1) {
		values.Set(m[1], html.UnescapeString(m[2]))
	}
	return html.UnescapeString(action.FindStringSubmatch(form)[1]), values
}

func attribute(tag, name string) string {
	_, rest, ok := strings.Cut(tag, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}
