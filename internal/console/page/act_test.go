package page_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// note is the input of an invented act.
type note struct {
	grounds
	Number  ids.NationalNumber `json:"national_number"`
	On      persian.Date       `json:"birth_date"`
	Text    string             `json:"note"`
	Count   int                `json:"floor"`
	Fields  []string           `json:"fields"`
	Alive   bool               `json:"alive"`
	Secret  string             `json:"password"`
	Version int64              `json:"version"`
	Sheet   []byte             `json:"sheet"`
}

type grounds struct {
	Reason string `json:"reason"`
}

// acts is the invented act with what it was given.
type acts struct {
	n    atomic.Int64
	mu   sync.Mutex
	last note
}

func (a *acts) room() page.Room {
	form := page.Form[note]{
		Path: "/try/{id}", Roles: []string{agency.RoleOfficer}, Key: "console.check.", Files: 1 << 16,
		Begin: func(_ *page.Visit, in *note) error { in.Version = 7; return nil },
		Controls: func(*page.Visit, *note) ([]page.Control, error) {
			return []page.Control{
				{Name: "national_number", Kind: page.National}, {Name: "birth_date", Kind: page.Date, Optional: true},
				{Name: "note", Kind: page.LongText, Optional: true}, {Name: "floor", Kind: page.Number, Optional: true},
				{Name: "fields", Kind: page.Ticks, Options: []page.Option{{Value: "a", Text: "A"}, {Value: "b", Text: "B"}}},
				{Name: "alive", Kind: page.Yes}, {Name: "reason", Optional: true}, {Name: "password", Optional: true},
				{Name: "sheet", Kind: page.File, Optional: true}, {Name: "version", Kind: page.Carried},
			}, nil
		},
		Do: func(_ *page.Visit, in *note) (page.Done, error) {
			switch in.Text {
			case "conflict":
				return page.Done{}, fault.New(fault.Conflict, "console.problem.title.conflict")
			case "panic":
				panic("no")
			}
			a.n.Add(1)
			a.mu.Lock()
			a.last = *in
			a.mu.Unlock()
			return page.Done{Path: "/check", Said: "console.check.title"}, nil
		},
	}
	sealed := page.Route{Method: "GET", Path: "/sealed", Roles: form.Roles, Serve: func(v *page.Visit) error {
		if ref := v.R.URL.Query().Get("ref"); ref != "" {
			value, err := v.Unseal(v.R.URL.Query().Get("use"), ref)
			if err != nil {
				return err
			}
			return v.Show(page.Screen{Title: value})
		}
		return v.Show(page.Screen{Title: v.Seal("person", consoletest.Ali)})
	}}
	check := page.Route{Method: "GET", Path: "/check", Serve: func(v *page.Visit) error { return v.Show(page.Screen{Title: "over"}) }}
	signIn := page.Route{Method: "GET", Path: "/sign-in", Serve: func(v *page.Visit) error {
		b := &page.FormBlock{Action: "/test/sign-in", Hidden: append(v.Kept(), page.Hidden{Name: "agency", Value: consoletest.Bank}, page.Hidden{Name: "login", Value: consoletest.Officer})}
		return v.Show(page.Screen{Title: "sign in", Blocks: []any{b}})
	}}
	return page.Room{Name: "try", Routes: append(form.Routes(), sealed, check, signIn)}
}

func (a *acts) seen() note {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// send posts a form as a browser does that has a file to send.
func send(v *consoletest.Visitor, form url.Values, file string) consoletest.Page {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range form {
		for _, value := range values {
			_ = w.WriteField(name, value)
		}
	}
	part, _ := w.CreateFormFile("sheet", "x.csv")
	_, _ = part.Write([]byte(file))
	_ = w.Close()
	return v.Send("POST", "/try/1", w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

func typed(more ...string) url.Values {
	form := url.Values{
		"once": {"1"}, "national_number": {"\u202b۰۰۶-۷۷۴۹۸۲-۸\u202c"}, "birth_date": {"۱۳۷۰/۰۱/۰۱"}, "note": {"\u202eیادداشت"},
		"floor": {"۱۲"}, "fields": {"a", "b"}, "alive": {"1"}, "reason": {"court"}, "version": {"7"}, "password": {"hidden words"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// TestForm: what was typed reaches the act as its own types, freed of marks.
func TestForm(t *testing.T) {
	var a acts
	s := consoletest.New(t, a.room())
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	if p := send(v, typed(), "a,b"); p.Path != "/check" {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Text())
	}
	in := a.seen()
	if in.Number.String() != consoletest.Ali || in.On.String() != consoletest.Born || in.Text != "یادداشت" || in.Count != 12 ||
		len(in.Fields) != 2 || !in.Alive || in.Reason != "court" || in.Version != 7 || string(in.Sheet) != "a,b" {
		t.Errorf("%+v", in)
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		id     string
	}{
		"missing":        {typed("national_number", ""), 422, "f-national-number"},
		"wrong digit":    {typed("national_number", "0067749829"), 422, "f-national-number"},
		"no date":        {typed("birth_date", "1405/13/45"), 422, "f-birth-date"},
		"no number":      {typed("floor", "بسیار"), 422, "f-floor"},
		"beyond numbers": {typed("floor", strings.Repeat("9", 40)), 422, "f-floor"},
	} {
		p := send(v, c.form, "")
		if p.Status != c.status || !strings.Contains(p.Body, `href="#`+c.id+`"`) || !strings.Contains(p.Body, `id="`+c.id+`-wrong"`) || !strings.Contains(p.Body, "یادداشت") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text())
		}
		if strings.Contains(p.Body, "\u202e") {
			t.Errorf("%s: a mark of direction comes back", name)
		}
	}
	if p := send(v, typed(), strings.Repeat("x", 1<<18)); p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large a file: %d", p.Status)
	}
	if a.n.Load() != 1 {
		t.Errorf("%d acts", a.n.Load())
	}
}

// TestOnce: clicks at the same moment, and a form that is sent again from the
// browser's history, are one act; a form that failed can be sent again.
func TestOnce(t *testing.T) {
	var a acts
	s := consoletest.New(t, a.room())
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if p := send(v, typed(), ""); p.Path != "/check" {
				t.Errorf("%d at %s", p.Status, p.Path)
			}
		})
	}
	all.Wait()
	if a.n.Load() != 1 {
		t.Errorf("eight clicks are %d acts", a.n.Load())
	}
	send(v, typed("once", "2"), "")
	send(v, typed("once", "2", "note", "دیگر"), "")
	send(v, typed("once", "2", "note", "دیگر"), "other file")
	if a.n.Load() != 4 {
		t.Errorf("three other forms: %d acts in all", a.n.Load())
	}
	for range 2 {
		if p := send(v, typed("note", "conflict"), ""); p.Status != http.StatusConflict || !strings.Contains(p.Body, "court") {
			t.Errorf("a conflict: %d", p.Status)
		}
		if p := send(v, typed("note", "panic"), ""); p.Status != http.StatusInternalServerError {
			t.Errorf("a panic: %d", p.Status)
		}
	}
}

// TestExpired: a form whose session ended is there again after sign-in, as it
// was typed; nothing was done, and no secret is carried.
func TestExpired(t *testing.T) {
	var a acts
	s := consoletest.New(t, a.room())
	nobody := s.Visitor()
	p := send(nobody, typed(), "lost")
	if strings.Contains(p.Body, "hidden words") || !strings.Contains(p.Body, `name="kept" value="/try/1"`) {
		t.Fatalf("%d at %s", p.Status, p.Path)
	}
	action, form := p.Form(t)
	p = nobody.Post(action, form)
	if !strings.Contains(p.Body, "یادداشت") || !strings.Contains(p.Body, `value="court"`) || !strings.Contains(p.Body, `action="/try/1"`) {
		t.Fatalf("after sign-in: %d %s", p.Status, p.Text())
	}
	if a.n.Load() != 0 {
		t.Error("the act was performed")
	}
	_, form = p.Form(t)
	form.Set("password", "x")
	if p := send(nobody, form, ""); p.Path != "/check" || a.seen().Reason != "court" || len(a.seen().Fields) != 2 {
		t.Errorf("sent again: %d at %s, %+v", p.Status, p.Path, a.seen())
	}
	// No detour: the browser would be told to send the sign-in on to that page.
	p = s.Visitor().NoRedirect().Post("/test/sign-in", url.Values{"agency": {consoletest.Bank}, "login": {consoletest.Officer}, "kept": {"/x/../try/1"}, "kept.note": {"x"}})
	if p.Status == http.StatusTemporaryRedirect || a.n.Load() != 1 {
		t.Errorf("a kept address by a detour: %d, %d acts", p.Status, a.n.Load())
	}
	// Only forms that show themselves again can be gone on with.
	p = s.Visitor().Post("/test/sign-in", url.Values{"agency": {consoletest.Bank}, "login": {consoletest.Officer}, "kept": {"/language"}, "kept.lang": {"en"}})
	if p.Status != http.StatusNotFound || p.Header.Get("Set-Cookie") != "" && strings.Contains(p.Header.Get("Set-Cookie"), "lang=") {
		t.Errorf("another page was performed: %d", p.Status)
	}
}

// TestSeal: a reference opens for the officer for whom it was made, for what it
// was made for, and is nothing that can be read.
func TestSeal(t *testing.T) {
	var a acts
	s := consoletest.New(t, a.room())
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	_, main, _ := strings.Cut(v.Get("/sealed").Body, "<h1>")
	ref, _, _ := strings.Cut(main, "</h1>")
	if strings.Contains(ref, consoletest.Ali) || len(ref) < 20 {
		t.Fatalf("the reference is %q", ref)
	}
	v.Get("/sealed?use=person&ref="+ref).Shows(t, consoletest.Ali)
	for name, p := range map[string]consoletest.Page{
		"another use":   v.Get("/sealed?use=place&ref=" + ref),
		"another bit":   v.Get("/sealed?use=person&ref=" + ref[:len(ref)-2] + "AA"),
		"another body":  s.SignedIn(consoletest.Other, consoletest.Officer).Get("/sealed?use=person&ref=" + ref),
		"no reference":  v.Get("/sealed?use=person&ref=1"),
		"a long string": v.Get("/sealed?use=person&ref=" + strings.Repeat("A", 4000)),
	} {
		if p.Status != http.StatusNotFound || strings.Contains(p.Body, consoletest.Ali) {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
}

// endless is a form of one value without end; it counts what was read of it.
type endless struct {
	head *strings.Reader
	read atomic.Int64
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.head.Len() > 0 {
		n, err = e.head.Read(p)
	} else {
		n = copy(p, bytes.Repeat([]byte{'A'}, len(p)))
	}
	e.read.Add(int64(n))
	return n, err
}

// TestEndlessForms: a stranger and an officer send values and parts without end
// to pages that take large files; little of it is read, and nothing performed.
func TestEndlessForms(t *testing.T) {
	var a acts
	room := a.room()
	reached := false
	room.Routes = append(room.Routes, page.Route{Method: "POST", Path: "/huge", Roles: []string{agency.RoleOfficer}, Most: 1 << 40, Serve: func(*page.Visit) error {
		reached = true
		return nil
	}})
	for i := range room.Routes {
		if room.Routes[i].Method == "POST" && room.Routes[i].Path == "/try/{id}" {
			room.Routes[i].Most = 1 << 30
		}
	}
	s := consoletest.New(t, room)
	address, err := url.Parse(s.Server.URL)
	consoletest.Must(t, err)
	const value = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n"
	parts := strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n\r\n", 5000)
	for name, c := range map[string]struct {
		v      *consoletest.Visitor
		path   string
		head   string
		status int
	}{
		"a stranger's value":   {s.Visitor(), "/try/1", value, 413},
		"a stranger's parts":   {s.Visitor(), "/try/1", parts, 413},
		"a stranger's file":    {s.Visitor(), "/huge", value, 303},
		"an officer's value":   {s.SignedIn(consoletest.Bank, consoletest.Officer), "/try/1", value, 413},
		"an officer's parts":   {s.SignedIn(consoletest.Bank, consoletest.Officer), "/try/1", parts, 413},
		"an unfinished header": {s.Visitor(), "/try/1", "--x\r\nContent-Disposition: ", 400},
	} {
		body := &endless{head: strings.NewReader(c.head)}
		r := httptest.NewRequest(http.MethodPost, c.path, body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		for _, k := range c.v.Client.Jar.Cookies(address) {
			r.AddCookie(k)
		}
		w := httptest.NewRecorder()
		s.Site.Handler().ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: %d", name, w.Code)
		}
		if n := body.read.Load(); n > 1<<20 && name != "an unfinished header" || n > 32<<20 {
			t.Errorf("%s: %d bytes were read", name, n)
		}
	}
	if reached || a.n.Load() != 0 {
		t.Error("an act was performed")
	}
}

// TestLocalPath: a form sends people on within this site, and straight to a page.
func TestLocalPath(t *testing.T) {
	for _, ours := range []string{"/", "/officer", "/officer/ask?key=a%2Fb&x=/../y", "/registry/persons/A-_b/death"} {
		if got := page.LocalPath(ours, "no"); got != ours {
			t.Errorf("%q becomes %q", ours, got)
		}
	}
	for _, bad := range []string{
		"", "x", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\x0b/evil.example", "/\r\nX: y", "/ /x", "/\x00", "/\x7f", "https://evil.example",
		"///evil.example", "/..//evil.example", "/.//evil.example", "/a/../b", "/a/./b", "/a//b", "/a/", "?x", "/" + strings.Repeat("x", 300),
	} {
		if got := page.LocalPath(bad, "no"); got != "no" {
			t.Errorf("%q is taken for an address of ours", bad)
		}
	}
}
