package console_test

func TestLanguage(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	if p := v.Do("GET", "/", nil, map[string]string{"Accept-Language": "en"}); !strings.Contains(p.Body, `<html lang="fa" dir="rtl">`) {
		t.Error("the first language is not Persian")
	}
	p := v.Post("/language", url.Values{"lang": {"en"}, "back": {"/check"}})
	if p.Path != "/check" || !strings.Contains(p.Body, `<html lang="en" dir="ltr">`) {
		t.Errorf("English at %s", p.Path)
	}
	p.Shows(t, "Check a tracking code")
	for _, back := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "evil"} {
		if p := v.Post("/language", url.Values{"lang": {"fa"}, "back": {back}}); p.Path != "/" {
			t.Errorf("back=%s leads to %s", back, p.Path)
		}
	}
}

// TestTexts: no page in any language shows the key of a missing text.
func TestTexts(t *testing.T) {
	s := newStage(t)
	missing := regexp.MustCompile(`\[[a-z_]+(\.[a-z0-9_]+)+\]`)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	for _, lang := range []string{"fa", "en"} {
		v.Post("/language", url.Values{"lang": {lang}, "back": {"/"}})
		code, _ := v.ask(aboutAli("once", lang))
		paths := []string{"/", "/check", "/check?code=12", "/objection", "/nowhere", "/officer", "/officer/inquiries/" + code, "/officer/inquiries/" + code + "/slip"}
		for _, o := range s.offers(consoletest.Bank) {
			paths = append(paths, o.Path(""))
		}
		for _, path := range paths {
			if got := missing.FindString(v.Get(path).Body); got != "" {
				t.Errorf("%s in %s shows %s", path, lang, got)
			}
		}
		if got := missing.FindString(v.Post("/officer/ask", url.Values{"service": {"identity"}}).Body); got != "" {
			t.Errorf("the mistakes in %s show %s", lang, got)
		}
	}
}

func (s *consoletest.Stage) offers(id string) []offer {
	a, ok := s.Config.Agreements.InForce(legal(s.t, id), time.Now())
	if !ok {
		s.T.Fatal("no agreement in force")
	}
	return offersOf(a)
}

// TestProblem: what breaks inside is logged under the id that the page shows,
// and the page says nothing of it.
func TestProblem(t *testing.T) {
	s := newStage(t)
	for name, serve := range map[string]func(*Console, *visit) error{
		"panic": func(*Console, *visit) error { panic("boom-" + consoletest.Ali) },
		"fault": func(*Console, *visit) error {
			return fault.New(fault.Internal, "fault.internal").Because(http.ErrNotSupported)
		},
	} {
		w := httptest.NewRecorder()
		handler := s.console.sessions.LoadAndSave(s.console.page(route{serve: serve}))
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		id := regexp.MustCompile(`[0-9a-f]{16}`).FindString(w.Body.String())
		if w.Code != 500 || id == "" || !strings.Contains(s.Logged.String(), id) || strings.Contains(w.Body.String(), "boom") {
			t.Errorf("%s: %d with id %q", name, w.Code, id)
		}
	}
	if strings.Contains(s.Logged.String(), consoletest.Ali) {
		t.Error("a panic's value went into the log: it may hold personal data")
	}
}

// TestWeight: the first load of every public page, font included.
func TestWeight(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	for _, path := range []string{"/", "/check", "/officer/sign-in"} {
		p := v.Get(path)
		size := len(p.Body)
		seen := map[string]bool{}
		todo := linked.FindAllString(p.Body, -1)
		for len(todo) > 0 {
			a := todo[0]
			todo = todo[1:]
			if seen[a] || strings.Contains(a, "OFL") { // the licence is a link, not a part
				continue
			}
			seen[a] = true
			part := v.Get(a)
			if part.Status != 200 || !strings.Contains(part.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d, %q", a, part.Status, part.Header.Get("Cache-Control"))
			}
			size += len(part.Body)
			if strings.HasSuffix(a, ".css") {
				todo = append(todo, linked.FindAllString(part.Body, -1)...)
			}
		}
		t.Logf("%s weighs %d bytes in %d parts", path, size, len(seen)+1)
		if size > 250<<10 || len(seen) < 5 {
			t.Errorf("%s weighs %d bytes in %d parts", path, size, len(seen)+1)
		}
	}
}
