package console_test

// at fills a route's path with a code.
func (r route) at(code string) string {
	return strings.Replace(strings.Replace(r.Path, "{$}", "", 1), "{code}", code, 1)
}

// TestRoutes does the five exercises of every page: no session, wrong role,
// wrong agency, bad input, cross-site.
func TestRoutes(t *testing.T) {
	s := newStage(t)
	nobody, own := s.Visitor(), s.SignedIn(consoletest.Bank, consoletest.Officer)
	boss, stranger := s.SignedIn(consoletest.Bank, consoletest.Head), s.SignedIn(consoletest.Other, consoletest.Officer)
	code, _ := own.ask(aboutAli())
	form := func(r route) url.Values {
		if r.Method != http.MethodPost {
			return nil
		}
		return url.Values{"code": {code}, "lang": {"fa"}}
	}
	for _, r := range routes {
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			path := r.at(code)
			same := map[string]string{"Sec-Fetch-Site": "same-origin"}

			// 1. No session.
			p := nobody.NoRedirect().Do(r.Method, path, form(r), same)
			toSignIn := p.Status == 303 && strings.HasPrefix(p.Header.Get("Location"), "/officer/sign-in")
			if toSignIn != (r.Role != Public) {
				t.Errorf("without a session: %d to %q", p.Status, p.Header.Get("Location"))
			}

			// 2. Wrong role.
			if r.Role != Public {
				if p := boss.Do(r.Method, path, form(r), same); p.Status != 403 {
					t.Errorf("with the wrong role: %d", p.Status)
				}
			}

			// 3. Wrong agency: what is another's does not exist, in the same words
			// as what does not exist at all.
			if strings.Contains(r.Path, "{code}") {
				p, q := stranger.Get(path), stranger.Get(r.at(s.unknownCode()))
				if p.Status != 404 || q.Status != 404 || p.Text() != q.Text() {
					t.Errorf("another agency's answer: %d, an unknown one: %d", p.Status, q.Status)
				}
			}

			// 4. Bad input.
			for _, bad := range badInputs {
				p := own.Do(r.Method, withQuery(r, r.at(url.PathEscape(bad)), bad), badForm4(r, bad), same)
				if r.Path == "/officer/sign-out" {
					own.Post("/officer/sign-in", url.Values{"agency": {consoletest.Bank}, "login": {consoletest.Officer}, "password": {consoletest.Password}})
				}
				if p.Status >= 500 || strings.Contains(p.Body, "<script>") || strings.Contains(p.Body, "\u202e") {
					t.Errorf("on %.20q: %d", bad, p.Status)
				}
			}

			// 5. Cross-site: nothing that acts, and reading only what is one's own.
			for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}} {
				p := own.NoRedirect().Do(r.Method, path, form(r), header)
				if r.Method == http.MethodPost && p.Status != 403 {
					t.Errorf("cross-site %v: %d", header, p.Status)
				}
				if p.Header.Get("Access-Control-Allow-Origin") != "" || p.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
					t.Error("another site may read the answer")
				}
			}
		})
	}
	if log := s.Logged.String(); strings.Contains(log, consoletest.Ali) {
		t.Error("a national number is in the log")
	}
}

var badInputs = []string{
	"x", "<script>alert(1)</script>", "\u202e1234", "\x00", "٠", strings.Repeat("9", 20), strings.Repeat("آ", 1000), consoletest.Ali, "../../etc/passwd", "%", "\xff\xfe",
}

func withQuery(r route, path, bad string) string {
	if r.Method == http.MethodPost {
		return path
	}
	return path + "?" + url.Values{"code": {bad}, "service": {bad}, "mode": {bad}, "key": {bad}, "next": {bad}}.Encode()
}

func badForm4(r route, bad string) url.Values {
	if r.Method != http.MethodPost {
		return nil
	}
	form := url.Values{}
	for _, name := range []string{
		"code", "lang", "back", "agency", "login", "password", "next", "service", "mode", "key", "once", "national_number", "birth_date",
		"shenasnameh_number", "postal_code", "claims.surname", "fields", "age_years", "purpose", "process", "file", "as_of",
		"objection_code", "items.father_name", "items.sex", "items.postal_code", "text",
	} {
		form.Set(name, bad)
	}
	return form
}

func TestTooLarge(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	p := v.Post("/officer/ask", aboutAli("file", strings.Repeat("x", maxBody)))
	if p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", p.Status)
	}
}

func TestMethods(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	for _, c := range [][2]string{{"POST", "/"}, {"PUT", "/check"}, {"GET", "/language"}, {"DELETE", "/officer"}} {
		p := v.Do(c[0], c[1], nil, map[string]string{"Sec-Fetch-Site": "same-origin"})
		if p.Status != http.StatusMethodNotAllowed || p.Header.Get("Allow") == "" {
			t.Errorf("%v: %d, Allow %q", c, p.Status, p.Header.Get("Allow"))
		}
	}
	if p := v.Get("/nowhere"); p.Status != 404 {
		t.Errorf("/nowhere: %d", p.Status)
	}
}

// TestHeaders: every answer forbids what no page needs.
func TestHeaders(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	for _, path := range []string{"/", "/check", "/nowhere", "/officer/sign-in", s.console.assets.address["style.css"]} {
		h := v.Get(path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if csp := h.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: %s", path, csp)
		}
		if !strings.HasPrefix(path, "/static/") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, h.Get("Cache-Control"))
		}
	}
	body := v.Get("/").Body
	for _, no := range []string{"style=", "onclick", "<style", "https://"} {
		if strings.Contains(body, no) {
			t.Errorf("the home page holds %q", no)
		}
	}
}

func TestSecureCookies(t *testing.T) {
	c, err := New(Config{URL: "https://estelam.example"})
	consoletest.Must(t, err)
	if k := c.sessions.Cookie; !k.Secure || k.Name != "__Host-estelam" || !k.HttpOnly || k.Path != "/" || k.Domain != "" {
		t.Errorf("%+v", k)
	}
}
