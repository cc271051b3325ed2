package public_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/persian"
)

const reportPath = "/report/" + consoletest.Bank

// demanded is a report that is all right.
func demanded(s *consoletest.Stage, more ...string) []string {
	return append([]string{
		"document", s.Config.Processes.DocumentTypes()[0].Code, "date", persian.Digits(persian.DateOf(s.Now()).String()),
		"province", "تهران", "text", "از من رونوشت کارت ملی خواستند.",
	}, more...)
}

var secretShape = regexp.MustCompile(`[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}`)
var codeShape = regexp.MustCompile(`\b\d{4} \d{4} \d{4} \d{4} \d{4}\b`)

func TestReportAndFollow(t *testing.T) {
	s := onStage(t)
	v := s.Visitor()
	v.Post("/report", url.Values{"name": {"بانك"}}).Shows(t, "بانک نمونه", "دستگاه را انتخاب کنید")
	v.Post("/report", url.Values{"name": {"هیچ‌جا"}}).Shows(t, "یافت نشد")
	if p := v.Post("/report", url.Values{"name": {""}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no name is answered with %d", p.Status)
	}
	p := v.Submit(reportPath, demanded(s)...)
	p.Shows(t, "گزارش شما ثبت شد", "تنها همین یک بار نشان داده می‌شود")
	code, secret := codeShape.FindString(p.Text()), secretShape.FindString(p.Text())
	if code == "" || secret == "" {
		t.Fatalf("no code or no secret: %s", p.Text())
	}

	v = s.Visitor()
	v.Post("/report/status", url.Values{"tracking_code": {persian.Digits(code)}, "secret": {secret}}).Shows(t, "در انتظار پاسخ دستگاه", "بانک نمونه")
	for name, form := range map[string]url.Values{
		"another secret": {"tracking_code": {code}, "secret": {"AAAA-AAAA-AAAA-AAAA-AAAA"}},
		"another code":   {"tracking_code": {s.UnknownCode()}, "secret": {secret}},
		"nothing":        {},
		"no code":        {"tracking_code": {"123"}, "secret": {secret}},
	} {
		if p := v.Post("/report/status", form); p.Status != http.StatusUnprocessableEntity || strings.Contains(p.Body, secret) {
			t.Errorf("%s: %d", name, p.Status)
		}
	}

	judge(t, s)
	p = v.Post("/report/status", url.Values{"tracking_code": {code}, "secret": {secret}})
	p.Shows(t, "گزارش وارد دانسته نشد", "پاسخ دستگاه", "رونوشتی گرفته نشده است", "درخواست رسیدگی دوباره")
	if strings.Contains(p.Text(), consoletest.Head) || strings.Contains(p.Body, secret) {
		t.Error("an officer is named, or the secret shown again")
	}
	to, form := p.Form(t)
	form.Set("text", "")
	if p := v.Post(to, form); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a reopening without a reason is answered with %d", p.Status)
	}
	form.Set("text", "برگه‌ای که پر کردم هنوز در بانک است.")
	v.Post(to, form).Shows(t, "در انتظار پاسخ دستگاه", "شما رسیدگی دوباره خواستید")
	if p := v.Post(to, form); p.Status != http.StatusConflict {
		t.Errorf("a second reopening is answered with %d", p.Status)
	}
	v.Post("/report/reopen", url.Values{"report": {"strange"}, "text": {"x"}}).Shows(t, "کد رهگیری و رمزی را که")
}

// judge lets the agency answer and an inspector reject the first report.
func judge(t *testing.T, s *consoletest.Stage) {
	t.Helper()
	c := &s.Config
	_, _, err := c.Complaints.Answer(t.Context(), c.Journal, s.Actor(consoletest.Bank, consoletest.Head), &complaint.Reply{ID: 1, Text: "رونوشتی گرفته نشده است."})
	consoletest.Must(t, err)
	_, _, err = c.Complaints.Judge(t.Context(), c.Journal, s.Actor(consoletest.Administered, "i2"), &complaint.Judgement{ID: 1, Decision: "rejected", Reason: "گواهی نبود."})
	consoletest.Must(t, err)
}

// TestReportsAtOnce: an address files no more reports than it may, however many
// it sends at the same moment.
func TestReportsAtOnce(t *testing.T) {
	s := onStage(t)
	v := s.Visitor()
	var filed, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		form := url.Values{"once": {strconv.Itoa(i)}}
		pairs := demanded(s, "text", "رونوشت شماره "+strconv.Itoa(i))
		for k := 0; k < len(pairs); k += 2 {
			form.Set(pairs[k], pairs[k+1])
		}
		all.Go(func() {
			switch p := v.Post(reportPath, form); {
			case p.Status == http.StatusTooManyRequests:
				refused.Add(1)
			case secretShape.MatchString(p.Text()):
				filed.Add(1)
			default:
				t.Errorf("%d: %.300s", p.Status, p.Text())
			}
		})
	}
	all.Wait()
	if filed.Load() != 20 || refused.Load() != 20 {
		t.Errorf("%d were filed, %d refused", filed.Load(), refused.Load())
	}
}

func TestReportForm(t *testing.T) {
	s := onStage(t)
	v := s.Visitor()
	for name, more := range map[string][]string{
		"no document":     {"document", ""},
		"no such":         {"document", "no-such"},
		"future":          {"date", "1499-01-01"},
		"no date":         {"date", "۳۱ آذر"},
		"no province":     {"province", "آتلانتیس"},
		"no text":         {"text", "\u202e \u200f"},
		"too long":        {"text", strings.Repeat("آ", 2001)},
		"no such process": {"process", "none"},
	} {
		if p := v.Submit(reportPath, demanded(s, more...)...); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text(), "این موارد را اصلاح کنید") {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	for _, path := range []string{"/report/123", "/report/10100000009", "/report/x"} {
		if p := v.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	// Two clicks are one report.
	to, form := v.Get(reportPath).Form(t)
	more := demanded(s)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	first, second := v.Post(to, form), v.Post(to, form)
	if a, b := codeShape.FindString(first.Text()), codeShape.FindString(second.Text()); a == "" || a != b {
		t.Errorf("two clicks have the codes %q and %q", a, b)
	}
	for i := range 30 {
		p := v.Submit(reportPath, demanded(s, "text", "بار "+strings.Repeat("آ", i+1))...)
		if p.Status == http.StatusTooManyRequests || strings.Contains(p.Text(), "گزارش‌های بسیاری رسیده است") {
			return
		}
	}
	t.Error("an address may file as many as it likes")
}

func TestReportInBrowser(t *testing.T) {
	s := onStage(t)
	b := consoletest.Chromium(t, s.Server.URL)
	b.Size(1280)
	b.Open("/report")
	b.Do(chromedp.SendKeys("#f-name", "بانک"), chromedp.Click("main form button[type=submit]"))
	b.See("بانک نمونه")
	b.Check(t, "/report")
	b.Do(chromedp.Click(`main a[href="` + reportPath + `"]`))
	b.See("چه گذشت؟")
	b.Do(chromedp.Click("main form button[type=submit]"))
	b.See("این موارد را اصلاح کنید")
	b.Check(t, reportPath+" with mistakes")
	b.Do(chromedp.SetValue("#f-document", s.Config.Processes.DocumentTypes()[0].Code), chromedp.SetValue("#f-province", "تهران"),
		chromedp.SendKeys("#f-date", persian.DateOf(s.Now()).String()), chromedp.SendKeys("#f-text", "از من رونوشت خواستند."),
		chromedp.Click("main form button[type=submit]"))
	b.See("گزارش شما ثبت شد")
	b.Check(t, reportPath+" filed")
	shown := b.Eval(`document.querySelector("main").innerText`)
	code := strings.Join(strings.Fields(codeShape.FindString(strings.Join(strings.Fields(shown), " "))), "")
	secret := secretShape.FindString(shown)
	b.Open("/report/status")
	b.Check(t, "/report/status")
	b.Do(chromedp.SendKeys("#f-tracking-code", code), chromedp.SendKeys("#f-secret", secret), chromedp.Click("main form button[type=submit]"))
	b.See("در انتظار پاسخ دستگاه")
	b.Check(t, "/report/status, followed")
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}
