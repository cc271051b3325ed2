package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/receipt"
)

var codeInPath = regexp.MustCompile(`^/officer/inquiries/(\d{20})$`)

// ask asks and gives the code of the answer.
func (v *visitor) ask(form url.Values) (code string, p page) {
	v.t.Helper()
	p = v.post("/officer/ask", form)
	m := codeInPath.FindStringSubmatch(p.path)
	if m == nil {
		v.t.Fatalf("no answer but %d at %s: %s", p.status, p.path, p.text())
	}
	return m[1], p
}

func TestAsk(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	v.get("/officer").shows(t, "میز کار", "زهرا کریمی", "بانک نمونه", "شماره ملی و مشخصات هویتی")
	got, p := v.ask(aboutAli("claims.father_name", "رضا", "claims.given_name", "علی"))
	p.shows(t, "مشخصات مغایرت دارد", "مطابق، با نگارش دیگر", "مغایر", "هشدار: کارت ملی باید تعویض شود", "۰۰۶۷۷۴۹۸۲۸",
		strings.Join(groups(got), " "), "بانک نمونه", officer)
	v.get("/officer").shows(t, strings.Join(groups(got), " "))

	file := v.get("/officer/inquiries/" + got + "/receipt")
	if file.header.Get("Content-Type") != "application/json" || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the receipt comes as %v", file.header)
	}
	r, err := receipt.Parse([]byte(file.body))
	must(t, err)
	var keys []note.Verifier
	for _, k := range s.journal.VerifierKeys() {
		verifier, err := note.NewVerifier(k)
		must(t, err)
		keys = append(keys, verifier)
	}
	must(t, r.Verify(keys...))

	slip := v.get("/officer/inquiries/" + got + "/slip")
	slip.shows(t, "برگه استعلام هویت", "یزدانی‌فرد", "مغایر", "زهرا کریمی", "گرفتن رونوشت یا تصویر")
	for _, paper := range []string{"", "?paper=a4"} {
		pdf := v.get("/officer/inquiries/" + got + "/slip.pdf" + paper)
		if pdf.status != 200 || pdf.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.body, "%PDF-") || !strings.HasSuffix(pdf.body, "%%EOF\n") {
			t.Errorf("the slip's file: %d %s", pdf.status, pdf.header)
		}
	}
	if !strings.Contains(slip.body, `<svg class="qr"`) {
		t.Error("the slip has no QR symbol")
	}
	s.visitor().get("/check?code="+got).shows(t, "این کد رهگیری اصیل است")
}

func TestOutcomes(t *testing.T) {
	s := newStage(t)
	onSlip := map[string]string{"not found": "بی‌پاسخ", "refused": "علت رد: ", "place": "۱۵۱۶۷-۶۳۵۱۱"} // a slip says what was asked and why there is no answer
	v := s.signedIn(bank, officer)
	for _, c := range []struct {
		name  string
		form  url.Values
		shows []string
	}{
		{"confirmed", aboutAli(), []string{"مشخصات مطابق است"}},
		{"not found", aboutAli("birth_date", "1370/01/02"), []string{"یافت نشد"}},
		{"deceased", aboutAli("national_number", dead, "birth_date", "13200203"), []string{"صاحب این شماره ملی فوت کرده است", "هشدار: این شخص فوت کرده است"}},
		{"shenasnameh key", aboutAli("national_number", dead, "birth_date", "", "shenasnameh_number", "۱۲۳۴"), []string{"صاحب این شماره ملی فوت کرده است", "۱۲۳۴"}},
		{"cancelled", aboutAli("national_number", void), []string{"این شماره ملی ابطال شده است", "شماره ملی معتبر", "۰۰۶۷۷۴۹۸۲۸"}},
		{"disclosed", aboutAli("mode", "disclose", "fields", "father_name"), []string{"پاسخ داده شد", "محمدحسین"}},
		{"predicates", aboutAli("service", "predicate", "alive", "1", "age_years", "۱۸"), []string{"آیا شخص زنده است؟ بله", "آیا دست‌کم ۱۸ سال دارد؟ بله"}},
		{"place", url.Values{
			"service": {"place"}, "mode": {"disclose"}, "postal_code": {"15167-63511"}, "fields": {"province", "locality_kind"},
			"purpose": {"account-opening"}, "process": {"deposit"}, "file": {"1"},
		}, []string{"پاسخ داده شد", "تهران", "شهر"}},
		{"refused", aboutAli("purpose", "curiosity"), []string{"استعلام رد شد", "این رد نیز ثبت شده"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, p := v.ask(c.form)
			p.shows(t, c.shows...)
			s.visitor().get("/check?code="+got).shows(t, "این کد رهگیری اصیل است")
			v.get("/officer/inquiries/"+got+"/slip").shows(t, c.shows[0], onSlip[c.name])
		})
	}
}

// TestOneAct: a second click is the same act; a corrected form is another.
func TestOneAct(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	first, _ := v.ask(aboutAli())
	again, _ := v.ask(aboutAli())
	if first != again {
		t.Error("two clicks on one form made two acts")
	}
	if corrected, _ := v.ask(aboutAli("file", "2")); corrected == first {
		t.Error("a corrected form made no act of its own")
	}
	if fresh, _ := v.ask(aboutAli("once", "b")); fresh == first {
		t.Error("the same question on a fresh form made no act of its own")
	}
	form := regexp.MustCompile(`name="once" value="([0-9a-f]{32})"`)
	a, b := form.FindStringSubmatch(v.get("/officer/ask").body), form.FindStringSubmatch(v.get("/officer/ask").body)
	if a == nil || b == nil || a[1] == b[1] {
		t.Errorf("two rendered forms hold %v and %v", a, b)
	}
}

// TestOneActAtOnce: eight clicks at the same moment are one act too.
func TestOneActAtOnce(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	paths := make([]string, 8)
	var all sync.WaitGroup
	for i := range paths {
		all.Go(func() { paths[i] = v.post("/officer/ask", aboutAli()).path })
	}
	all.Wait()
	if one := slices.Compact(slices.Clone(paths)); len(one) != 1 || !codeInPath.MatchString(one[0]) {
		t.Errorf("eight clicks lead to %q", paths)
	}
}

// TestReadingIsAnEntry: screen, slip and receipt right after asking belong to
// the act; a later look, or another officer's, is an entry of its own.
func TestReadingIsAnEntry(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	code, _ := v.ask(aboutAli())
	path := "/officer/inquiries/" + code
	grows := func(want int64, look func() page) {
		t.Helper()
		before := s.journal.State().Size
		if p := look(); p.status != 200 {
			t.Fatalf("%d at %s", p.status, p.path)
		}
		if got := s.journal.State().Size - before; got != want {
			t.Errorf("the look made %d entries, want %d", got, want)
		}
	}
	grows(0, func() page { return v.get(path) })
	grows(0, func() page { return v.get(path + "/slip") })
	grows(0, func() page { return v.get(path + "/receipt") })
	s.hire(bank, "colleague", "رضا رضایی", agency.RoleOfficer)
	colleague := s.signedIn(bank, "colleague")
	grows(1, func() page { return colleague.get(path) })
	s.wait(freshFor + time.Minute)
	grows(1, func() page { return v.get(path) })
}

func TestMistakes(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	p := v.post("/officer/ask", aboutAli("national_number", "0067749829", "birth_date", "1404/12/30", "file", "", "claims.surname", "x1"))
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", p.status)
	}
	p.shows(t, "این موارد را اصلاح کنید")
	for _, id := range []string{"f-national-number", "f-birth-date", "f-file", "f-claims-surname"} {
		for _, part := range []string{`href="#` + id + `"`, `id="` + id + `"`, `id="` + id + `-wrong"`} {
			if !strings.Contains(p.body, part) {
				t.Errorf("the page lacks %s", part)
			}
		}
	}
	for _, kept := range []string{`value="1404/12/30"`, `value="علی اکبر"`} {
		if !strings.Contains(p.body, kept) {
			t.Errorf("the page has forgotten %s", kept)
		}
	}
	p = v.post("/officer/ask", aboutAli("claims.given_name", "", "claims.surname", ""))
	p.shows(t, "مشخصات اظهارشده: دست‌کم یک مشخصه را بنویسید")
	p = v.post("/officer/ask", aboutAli("process", ""))
	if !strings.Contains(p.body, `id="f-process-wrong"`) {
		t.Error("a process that was not chosen is not asked for")
	}
	p = v.post("/officer/ask", aboutAli("birth_date", "", "key", "national_number+shenasnameh_number"))
	if !strings.Contains(p.body, `id="f-shenasnameh-number-wrong"`) {
		t.Error("a missing shenasnameh number is not said where it is missing")
	}
	p = v.post("/officer/ask", aboutAli("service", "predicate", "age_years", "آ"))
	if !strings.Contains(p.body, `id="f-age-years-wrong"`) {
		t.Error("a wrong age is not said where it is wrong")
	}
}

// TestPasted: what people paste along with a number or a name is no mistake.
func TestPasted(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	for _, typed := range [][]string{
		{"national_number", "\u202b006 774 9828\u202c "},
		{"national_number", "۰۰۶–۷۷۴۹۸۲-۸"},
		{"birth_date", "\u200f۱۳۷۰/۰۱/۰۱"},
		{"claims.surname", "\u200fيزداني فرد\u200e"},
	} {
		_, p := v.ask(aboutAli(typed...))
		p.shows(t, "مشخصات مطابق است")
	}
}

// TestOffers: the form shows what the agreement permits and nothing else.
func TestOffers(t *testing.T) {
	s := newStage(t)
	rich, poor := s.signedIn(bank, officer), s.signedIn(other, officer)
	rich.get("/officer/ask?service=identity&mode=verify").shows(t, "نام پدر", "شماره شناسنامه", "کارت ملی")
	p := poor.get("/officer/ask?service=card&mode=disclose")
	p.shows(t, "نام خانوادگی")
	for _, no := range []string{"نام پدر", "کارت ملی", "اعلام داده"} {
		if strings.Contains(p.text(), no) {
			t.Errorf("the form offers %q", no)
		}
	}
	_, p = poor.ask(aboutAli("claims.father_name", "رضا"))
	p.shows(t, "استعلام رد شد")
}

func TestCheck(t *testing.T) {
	s := newStage(t)
	code, _ := s.signedIn(bank, officer).ask(aboutAli())
	g := groups(code)
	v := s.visitor()
	for name, typed := range map[string]string{
		"plain":   code,
		"spaced":  " " + strings.Join(g, " ") + " ",
		"dashed":  strings.Join(g, "-"),
		"Persian": digits("fa", strings.Join(g, " ")),
	} {
		if p := v.post("/check", url.Values{"code": {typed}}); p.path != "/check?code="+code || !strings.Contains(p.text(), "این کد رهگیری اصیل است") {
			t.Errorf("%s: %d at %s", name, p.status, p.path)
		}
	}
	typo := string((code[0]-'0'+1)%10+'0') + code[1:]
	if p := v.post("/check", url.Values{"code": {typo}}); p.status != 422 || p.path != "/check" {
		t.Errorf("a typo is looked up: %d at %s", p.status, p.path)
	}
	slices.Reverse(g)
	p := v.post("/check", url.Values{"code": {strings.Join(g, " ")}})
	p.shows(t, "گروه‌های این کد وارونه نوشته شده‌اند", strings.Join(groups(code), " "))
	if !strings.Contains(p.body, `name="code" value="`+code+`"`) {
		t.Error("the right order is not one click away")
	}
	unknown := s.unknownCode()
	v.get("/check?code="+unknown).shows(t, "این کد رهگیری اصیل نیست")
	if p := v.post("/check", url.Values{"code": {ali}}); strings.Contains(p.path, ali) {
		t.Error("what is no code stands in the address")
	}
}

// A code that is one backwards as well is looked up as it stands; when it is of
// no log, the other reading is proposed.
func TestBackwardsCode(t *testing.T) {
	s := newStage(t)
	n := 987654321098765400
	for ; ; n++ {
		c := ids.TrackingCode(fmt.Sprintf("%d%02d", n, (98-n%97*100%97)%100))
		if right, ok := c.Reversed(); ok && c.Valid() {
			p := s.visitor().get("/check?code=" + string(c))
			p.shows(t, "این کد رهگیری اصیل نیست", "گروه‌های این کد وارونه نوشته شده‌اند")
			if !strings.Contains(p.body, `name="code" value="`+string(right)+`"`) {
				t.Error("the other reading is not one click away")
			}
			return
		}
	}
}

// unknownCode is well-formed and of no log.
func (s *stage) unknownCode() string {
	for end := range 100 {
		c := "987654321098765432"[:18] + string(rune('0'+end/10)) + string(rune('0'+end%10))
		if _, err := ids.ParseTrackingCode(c); err == nil {
			return c
		}
	}
	s.t.Fatal("no check digits fit")
	return ""
}

func TestCheckIsLimited(t *testing.T) {
	s := newStage(t)
	v := s.visitor()
	path := "/check?code=" + s.unknownCode()
	for range 40 {
		if p := v.get(path); p.status == http.StatusTooManyRequests {
			if p.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			p.shows(t, "چند ثانیه دیگر")
			s.wait(time.Minute)
			if p := v.get(path); p.status != 200 {
				t.Errorf("%d a minute later", p.status)
			}
			return
		}
	}
	t.Error("forty checks in a row were all answered")
}

func TestSignIn(t *testing.T) {
	s := newStage(t)
	v := s.visitor()
	var said []string
	for _, c := range [][3]string{
		{bank, officer, "wrong password"}, {bank, "nobody", secret}, {"10380284790", officer, secret},
		{"123", officer, secret}, {bank, "", ""}, {bank, officer, strings.Repeat("x", 5000)},
	} {
		p := v.post("/officer/sign-in", url.Values{"agency": {c[0]}, "login": {c[1]}, "password": {c[2]}})
		if p.status != http.StatusUnauthorized || strings.Contains(p.body, secret) {
			t.Errorf("%v: %d", c[:2], p.status)
		}
		said = append(said, regexp.MustCompile(`<strong>.*?</strong>`).FindString(p.body))
	}
	if len(slices.Compact(said)) != 1 || said[0] == "" {
		t.Errorf("failures are told apart: %q", said)
	}
	p := v.post("/officer/sign-in", url.Values{"agency": {bank}, "login": {officer}, "password": {secret}, "next": {"/officer/ask?service=card"}})
	if p.path != "/officer/ask?service=card" {
		t.Errorf("after sign-in at %s", p.path)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example/officer", "/check", `/\evil.example`, "/officerx"} {
		p := s.visitor().post("/officer/sign-in", url.Values{"agency": {bank}, "login": {officer}, "password": {secret}, "next": {next}})
		if p.path != "/officer" {
			t.Errorf("next=%s leads to %s", next, p.path)
		}
	}
}

// TestLockOut: guessing slows the guesser down, and nobody else.
func TestLockOut(t *testing.T) {
	s := newStage(t)
	try := func(from, password string) int {
		form := url.Values{"agency": {bank}, "login": {officer}, "password": {password}}
		r := httptest.NewRequest(http.MethodPost, "/officer/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		s.console.Handler().ServeHTTP(w, r)
		return w.Code
	}
	for i := range freeTries {
		if got := try("192.0.2.1:1000", "guess number "+itoa(int64(i))); got != 401 {
			t.Fatalf("guess %d: %d", i, got)
		}
	}
	if got := try("192.0.2.1:2000", secret); got != 429 {
		t.Errorf("the guesser may go on: %d", got)
	}
	if got := try("198.51.100.7:1000", secret); got != 303 {
		t.Errorf("the officer is locked out by somebody else: %d", got)
	}
	s.wait(time.Minute)
	if got := try("192.0.2.1:2000", secret); got != 303 {
		t.Errorf("no end to the wait: %d", got)
	}
	// One network that tries many logins is stopped too.
	stopped := false
	for i := range 60 {
		form := url.Values{"agency": {bank}, "login": {"login" + itoa(int64(i))}, "password": {"x"}}
		r := httptest.NewRequest(http.MethodPost, "/officer/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = "[2001:db8::" + itoa(int64(i)) + "]:1"
		w := httptest.NewRecorder()
		s.console.Handler().ServeHTTP(w, r)
		if stopped = w.Code == 429; stopped {
			break
		}
	}
	if !stopped {
		t.Error("sixty logins were tried from one network")
	}
}

func TestSession(t *testing.T) {
	s := newStage(t)
	cookie := func(v *visitor) *http.Cookie {
		at, _ := url.Parse(s.server.URL)
		for _, c := range v.Jar.Cookies(at) {
			if c.Name == "estelam" {
				return c
			}
		}
		return nil
	}
	v := s.visitor()
	at, _ := url.Parse(s.server.URL)
	v.Jar.SetCookies(at, []*http.Cookie{{Name: "estelam", Value: "planted-by-somebody"}})
	w := v.noRedirect().post("/officer/sign-in", url.Values{"agency": {bank}, "login": {officer}, "password": {secret}})
	set := w.header.Get("Set-Cookie")
	if c := cookie(v); c == nil || c.Value == "planted-by-somebody" || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
		t.Errorf("cookie %q", set)
	}
	first := cookie(v).Value
	v.post("/officer/sign-in", url.Values{"agency": {bank}, "login": {officer}, "password": {secret}})
	if cookie(v).Value == first {
		t.Error("the token is not renewed at sign-in")
	}
	stolen := s.visitor()
	stolen.Jar.SetCookies(at, []*http.Cookie{{Name: "estelam", Value: first}})
	if p := stolen.get("/officer"); p.path == "/officer" {
		t.Error("a token of before the sign-in still works")
	}
	v.post("/officer/sign-out", url.Values{})
	if p := v.get("/officer"); !strings.HasPrefix(p.path, "/officer/sign-in") {
		t.Errorf("after sign-out at %s", p.path)
	}

	// A new password ends the sessions that the old one opened, and so does the
	// end of the delegation.
	v = s.signedIn(bank, officer)
	_, err := s.books.agencies.SetPassword(t.Context(), s.journal, clerk, legal(t, bank), officer, secret+" new")
	must(t, err)
	if p := v.get("/officer"); p.path == "/officer" {
		t.Error("the session outlives the password")
	}
	v = s.signedIn(other, officer)
	_, err = s.books.agencies.SetState(t.Context(), s.journal, clerk, legal(t, other), agency.Suspended, "test")
	must(t, err)
	if p := v.get("/officer"); p.path == "/officer" {
		t.Error("the session outlives the agency's suspension")
	}
}

func TestLanguage(t *testing.T) {
	s := newStage(t)
	v := s.visitor()
	if p := v.do("GET", "/", nil, map[string]string{"Accept-Language": "en"}); !strings.Contains(p.body, `<html lang="fa" dir="rtl">`) {
		t.Error("the first language is not Persian")
	}
	p := v.post("/language", url.Values{"lang": {"en"}, "back": {"/check"}})
	if p.path != "/check" || !strings.Contains(p.body, `<html lang="en" dir="ltr">`) {
		t.Errorf("English at %s", p.path)
	}
	p.shows(t, "Check a tracking code")
	for _, back := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "evil"} {
		if p := v.post("/language", url.Values{"lang": {"fa"}, "back": {back}}); p.path != "/" {
			t.Errorf("back=%s leads to %s", back, p.path)
		}
	}
}

// TestTexts: no page in any language shows the key of a missing text.
func TestTexts(t *testing.T) {
	s := newStage(t)
	missing := regexp.MustCompile(`\[[a-z_]+(\.[a-z0-9_]+)+\]`)
	v := s.signedIn(bank, officer)
	for _, lang := range []string{"fa", "en"} {
		v.post("/language", url.Values{"lang": {lang}, "back": {"/"}})
		code, _ := v.ask(aboutAli("once", lang))
		paths := []string{"/", "/check", "/check?code=12", "/objection", "/nowhere", "/officer", "/officer/inquiries/" + code, "/officer/inquiries/" + code + "/slip"}
		for _, o := range s.offers(bank) {
			paths = append(paths, o.path(""))
		}
		for _, path := range paths {
			if got := missing.FindString(v.get(path).body); got != "" {
				t.Errorf("%s in %s shows %s", path, lang, got)
			}
		}
		if got := missing.FindString(v.post("/officer/ask", url.Values{"service": {"identity"}}).body); got != "" {
			t.Errorf("the mistakes in %s show %s", lang, got)
		}
	}
}

func (s *stage) offers(id string) []offer {
	a, ok := s.books.agreements.InForce(legal(s.t, id), time.Now())
	if !ok {
		s.t.Fatal("no agreement in force")
	}
	return offersOf(a)
}

// TestProblem: what breaks inside is logged under the id that the page shows,
// and the page says nothing of it.
func TestProblem(t *testing.T) {
	s := newStage(t)
	for name, serve := range map[string]func(*Console, *visit) error{
		"panic": func(*Console, *visit) error { panic("boom-" + ali) },
		"fault": func(*Console, *visit) error {
			return fault.New(fault.Internal, "fault.internal").Because(http.ErrNotSupported)
		},
	} {
		w := httptest.NewRecorder()
		handler := s.console.sessions.LoadAndSave(s.console.page(route{serve: serve}))
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		id := regexp.MustCompile(`[0-9a-f]{16}`).FindString(w.Body.String())
		if w.Code != 500 || id == "" || !strings.Contains(s.logged.String(), id) || strings.Contains(w.Body.String(), "boom") {
			t.Errorf("%s: %d with id %q", name, w.Code, id)
		}
	}
	if strings.Contains(s.logged.String(), ali) {
		t.Error("a panic's value went into the log: it may hold personal data")
	}
}

var linked = regexp.MustCompile(`/static/[a-zA-Z0-9._-]+`)

// TestWeight: the first load of every public page, font included.
func TestWeight(t *testing.T) {
	s := newStage(t)
	v := s.visitor()
	for _, path := range []string{"/", "/check", "/officer/sign-in"} {
		p := v.get(path)
		size := len(p.body)
		seen := map[string]bool{}
		todo := linked.FindAllString(p.body, -1)
		for len(todo) > 0 {
			a := todo[0]
			todo = todo[1:]
			if seen[a] || strings.Contains(a, "OFL") { // the licence is a link, not a part
				continue
			}
			seen[a] = true
			part := v.get(a)
			if part.status != 200 || !strings.Contains(part.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d, %q", a, part.status, part.header.Get("Cache-Control"))
			}
			size += len(part.body)
			if strings.HasSuffix(a, ".css") {
				todo = append(todo, linked.FindAllString(part.body, -1)...)
			}
		}
		t.Logf("%s weighs %d bytes in %d parts", path, size, len(seen)+1)
		if size > 250<<10 || len(seen) < 5 {
			t.Errorf("%s weighs %d bytes in %d parts", path, size, len(seen)+1)
		}
	}
}
