package public_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/console/public"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
)

// onStage are these pages alone.
func onStage(t *testing.T) *consoletest.Stage { return consoletest.New(t, public.Room()) }

// asked has the bank ask about Ali.
func asked(t *testing.T, s *consoletest.Stage) *inquiry.Answer {
	t.Helper()
	bank, err := s.Config.Agencies.ByID(s.Legal(consoletest.Bank))
	consoletest.Must(t, err)
	officer, err := s.Config.Agencies.Officer(bank.ID, consoletest.Officer)
	consoletest.Must(t, err)
	form := inquiry.Form{
		Service: inquiry.Identity, Mode: inquiry.Verify, NationalNumber: consoletest.Ali, BirthDate: consoletest.Born,
		Claims:  []inquiry.FormClaim{{Field: "surname", Value: "یزدانی‌فرد"}},
		Officer: consoletest.Officer, Purpose: "account-opening", Process: "deposit", File: "12",
	}
	q, err := form.Parse(persian.DateOf(s.Now()))
	consoletest.Must(t, err)
	answer, err := s.Config.Desk.Ask(t.Context(), inquiry.Asker{Agency: bank, Officer: officer}, q, inquiry.Once{})
	consoletest.Must(t, err)
	return answer
}

// receiptOf asks about Ali and gives the code and the receipt's file.
func receiptOf(t *testing.T, s *consoletest.Stage) (string, []byte) {
	t.Helper()
	a := asked(t, s)
	return string(a.Code), a.Receipt().Append(nil)
}

// flipped is a receipt of which one letter of the record was changed.
func flipped(t *testing.T, data []byte) []byte {
	t.Helper()
	bad := bytes.Replace(data, []byte(`"purpose":"account-opening"`), []byte(`"purpose":"account-openinh"`), 1)
	if bytes.Equal(bad, data) {
		t.Fatal("nothing to alter")
	}
	return bad
}

// upload sends a file as a browser without a script does.
func upload(t *testing.T, v *consoletest.Visitor, name string, data []byte) consoletest.Page {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	consoletest.Must(t, err)
	_, err = part.Write(data)
	consoletest.Must(t, err)
	consoletest.Must(t, w.WriteField("text", ""))
	consoletest.Must(t, w.Close())
	return v.Send(http.MethodPost, "/receipt", w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

func TestReceiptWithoutScript(t *testing.T) {
	s := onStage(t)
	_, good := receiptOf(t, s)
	v := s.Visitor()
	p := v.Get("/receipt")
	p.Shows(t, "بررسی فایل رسید", s.Config.Journal.State().VerifierKey, "فایل برای سامانه فرستاده می‌شود")
	if got := p.Header.Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'none'") {
		t.Errorf("the page's scripts may reach the network: %s", got)
	}
	p = upload(t, v, "receipt.json", good)
	p.Shows(t, "این رسید اصیل است")
	if strings.Contains(p.Text(), "account-opening") {
		t.Error("the server tells what a receipt says")
	}
	upload(t, v, "receipt.json", flipped(t, good)).Shows(t, "این رسید اصیل نیست", "سابقه دستکاری شده است")
	upload(t, v, "photo.jpg", []byte{0xff, 0xd8, 0xff, 0}).Shows(t, "این رسید اصیل نیست", "ساختار رسید را ندارد")
	if p := upload(t, v, "empty", nil); p.Status != 422 {
		t.Errorf("nothing is answered with %d", p.Status)
	}
	if p := upload(t, v, "large", bytes.Repeat([]byte("a"), 1<<20+1)); p.Status != 413 {
		t.Errorf("too large a file is answered with %d", p.Status)
	}
	if p := upload(t, v, "huge", bytes.Repeat([]byte("a"), 3<<20)); p.Status != 413 {
		t.Errorf("a huge file is answered with %d", p.Status)
	}
	if p := v.Post("/receipt", nil); p.Status != 400 {
		t.Errorf("no form is answered with %d", p.Status)
	}
}

// What a worker may keep is what the server lets be stored: the page of nobody.
func TestReceiptPageOfAnOfficerIsNotStored(t *testing.T) {
	s := onStage(t)
	if got := s.Visitor().Get("/receipt").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the page of nobody: %s", got)
	}
	p := s.SignedIn(consoletest.Bank, consoletest.Officer).Get("/receipt")
	if got := p.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") || !strings.Contains(p.Text(), "زهرا کریمی") {
		t.Errorf("the page of an officer: %s", got)
	}
	worker := s.Visitor().Get("/offline.js")
	if got := worker.Header.Get("Cache-Control"); got != "no-cache" || !strings.Contains(worker.Header.Get("Content-Type"), "javascript") {
		t.Errorf("the worker: %s", got)
	}
}

// choose puts a file into the page, as a person does who picks it.
func choose(t *testing.T, b *consoletest.Browser, name string, data []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	consoletest.Must(t, os.WriteFile(path, data, 0o600))
	b.Do(chromedp.SetUploadFiles("#f-file", []string{path}))
}

func TestReceiptInBrowser(t *testing.T) {
	s := onStage(t)
	code, good := receiptOf(t, s)
	bad := flipped(t, good)
	b := consoletest.Chromium(t, s.Server.URL)
	b.Size(1280)
	b.Open("/receipt")
	b.See("فایل شما از این دستگاه بیرون نمی‌رود")
	b.See("فایلی انتخاب نشده است")
	if got := b.Eval(`(() => {
		const input = document.getElementById("f-file"), box = input.parentElement.getBoundingClientRect();
		input.focus();
		const under = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
		return [under === input, getComputedStyle(input).opacity, input.labels.length, document.activeElement === input].join(" ");
	})()`); got != "true 0 2 true" {
		t.Errorf("the control for files: %s", got)
	}
	b.Eval(`(() => { globalThis.sent = []; new PerformanceObserver((l) => { globalThis.sent.push(...l.getEntries().map((e) => e.name)); }).observe({type: "resource"}); return ""; })()`)
	choose(t, b, "رسید من.json", good)
	b.See("این رسید اصیل است")
	b.See("رسید من.json")
	b.See(strings.Join(page.Groups(code), " "))
	b.See("بانک نمونه")
	b.See("با کلید عمومی این سامانه")
	b.Check(t, "/receipt, genuine")
	choose(t, b, "<b>\u202enosj.exe", bad) // what turns the writing round would show another ending
	if name := b.Eval(`document.querySelector(".file-name").innerHTML`); name != "&lt;b&gt;nosj.exe" {
		t.Errorf("the control for files shows %q", name)
	}
	b.See("این رسید اصیل نیست")
	b.See("گواه آن به ریشه امضاشده دفتر نمی‌رسد")
	b.Check(t, "/receipt, false")
	if sent := b.Eval(`globalThis.sent.filter((n) => !n.endsWith(".svg")).join(" ")`); sent != "" {
		t.Errorf("while files were checked, the page asked the network for %s", sent)
	}

	// A key of one's own: the right one, another's, and what is none.
	paste := func(text, key string) {
		t.Helper()
		quoted, err := json.Marshal([]string{text, key})
		consoletest.Must(t, err)
		b.Eval(`((v) => { const f = document.getElementById("receipt"); f.elements.text.value = v[0]; f.elements.keys.value = v[1]; f.requestSubmit(); return ""; })(` + string(quoted) + `)`)
	}
	paste(string(good), s.Config.Journal.State().VerifierKey)
	b.See("با کلیدی که شما دادید")
	paste(string(good), "estelam.example/log/1405/n1+ae39948e+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")
	b.See("امضا از آنِ دفتر ثبت احوال نیست")
	paste(string(good), "12345")
	b.See("یکی از کلیدهایی که نوشته‌اید کلید نیست")

	// Without a network, and after loading the page anew.
	b.Open("/receipt")
	b.See("بدون اینترنت نیز کار می‌کند")
	s.Server.CloseClientConnections()
	s.Server.Close()
	b.Open("/receipt")
	b.See("فایل شما از این دستگاه بیرون نمی‌رود")
	if font := b.Eval(`document.fonts.ready.then(() => String(document.fonts.check("16px Vazirmatn")))`); font != "true" {
		t.Error("offline the page has not its letters")
	}
	choose(t, b, "receipt.json", good)
	b.See("این رسید اصیل است")
	choose(t, b, "receipt.json", bad)
	b.See("این رسید اصیل نیست")
	kept := b.Eval(`caches.keys().then((names) => Promise.all(names.map((n) => caches.open(n).then((c) => c.keys())))).then((all) => all.flat().map((r) => new URL(r.url).pathname).filter((p) => p !== "/receipt" && !p.startsWith("/static/")).join(" "))`)
	if kept != "" {
		t.Errorf("the worker keeps %s", kept)
	}
}
