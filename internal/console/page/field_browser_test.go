package page_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// fields is an input with every field that the script helps with.
type fields struct {
	Birth    persian.Date       `json:"birth_date"`
	National ids.NationalNumber `json:"national_number"`
	Legal    ids.LegalID        `json:"legal_id"`
	Postal   ids.PostalCode     `json:"postal_code"`
	Code     ids.TrackingCode   `json:"code"`
	Text     string             `json:"text"`
}

// fieldsForm takes them, and shows on the next page what the server has read.
var fieldsForm = page.Form[fields]{
	Path: "/fields", Key: "console.typed.",
	Controls: func(*page.Visit, *fields) ([]page.Control, error) {
		return []page.Control{
			{Name: "birth_date", Kind: page.Date}, {Name: "national_number", Kind: page.National}, {Name: "legal_id", Kind: page.Legal},
			{Name: "postal_code", Kind: page.Postal, Optional: true}, {Name: "code", Kind: page.TrackCode, Optional: true}, {Name: "text", Optional: true},
		}, nil
	},
	Around: func(v *page.Visit, _ *fields) ([]any, error) {
		return []any{page.Press{Path: "/fields/end", Text: "پایان", Once: page.NewOnce(), Ask: "آیا مطمئن هستید؟"}}, nil
	},
	Do: func(v *page.Visit, in *fields) (page.Done, error) {
		return page.Done{Path: "/fields/read?" + url.Values{"b": {in.Birth.String()}, "n": {in.National.String()}}.Encode()}, nil
	},
}

func fieldsRoom() page.Room {
	said := func(v *page.Visit) error {
		return v.Show(page.Screen{Title: "نتیجه", Blocks: []any{page.Text{"read " + v.R.URL.RawQuery}}})
	}
	return page.Room{Name: "fields", Routes: append(fieldsForm.Routes(),
		page.Route{Method: "GET", Path: "/fields/read", Serve: said}, page.Route{Method: "POST", Path: "/fields/end", Serve: said})}
}

// fieldsPage is a browser at the form.
func fieldsPage(t *testing.T, lang string) *consoletest.Browser {
	s := consoletest.New(t, fieldsRoom())
	b := consoletest.Chromium(t, s.Server.URL)
	b.Size(1280)
	b.Open("/fields")
	if lang == "en" {
		b.Do(chromedp.Click("button.quiet[value=en]"), chromedp.WaitReady("html[lang=en] #f-birth-date"))
	}
	return b
}

func value(b *consoletest.Browser, id string) string {
	return b.Eval(`document.getElementById("` + id + `").value`)
}

func told(b *consoletest.Browser, id string) string {
	return b.Eval(`document.getElementById("` + id + `-tell").innerText`)
}

func empty(b *consoletest.Browser, id string) {
	b.Eval(`document.getElementById("` + id + `").value = ""`)
}

// paste puts a text into a field as from the clipboard.
func paste(b *consoletest.Browser, id, text string) {
	quoted, _ := json.Marshal(text)
	b.Eval(`(() => { const e = document.getElementById("` + id + `"), d = new DataTransfer(); e.value = ""; e.focus(); d.setData("text", ` + string(quoted) + `);
		e.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})); return ""; })()`)
}

func shot(t *testing.T, b *consoletest.Browser, name string) {
	dir := os.Getenv("ESTELAM_SCREENS")
	if dir == "" {
		return
	}
	consoletest.Must(t, os.WriteFile(dir+"/"+name+".png", b.Picture(), 0o644))
}

// A date is typed in any form and said in words; what cannot be is said too,
// and nothing is in the way of going on.
func TestTypedDate(t *testing.T) {
	b := fieldsPage(t, "fa")
	for _, c := range [][3]string{
		{"1370-1-1", "۱۳۷۰/۰۱/۰۱", "پنجشنبه ۱ فروردین ۱۳۷۰"},
		{"۱ فروردین ۱۳۷۰", "۱۳۷۰/۰۱/۰۱", "پنجشنبه ۱ فروردین ۱۳۷۰"},
		{"19910321", "۱۳۷۰/۰۱/۰۱", "پنجشنبه ۱ فروردین ۱۳۷۰"},
		{"۱۳۷۰", "۱۳۷۰", "سال ۱۳۷۰"},
		{"1370/7", "۱۳۷۰/۰۷", "مهر ۱۳۷۰"},
		{"1490/1/1", "۱۴۹۰/۰۱/۰۱", "هنوز نرسیده است"},
		{"1370/7/31", "1370/7/31", "مهر ۱۳۷۰ فقط ۳۰ روز دارد"},
		{"30 اسفند 1404", "30 اسفند 1404", "اسفند ۱۴۰۴ فقط ۲۹ روز دارد"},
		{"70/1/1", "70/1/1", "شکل تاریخ شناخته نشد"},
		{"1100/1/1", "1100/1/1", "سال باید از ۱۱۷۸ تا ۱۵۰۱"},
	} {
		empty(b, "f-birth-date")
		b.Do(chromedp.SendKeys("#f-birth-date", c[0]+kb.Tab))
		if got, said := value(b, "f-birth-date"), told(b, "f-birth-date"); got != c[1] || !strings.Contains(said, c[2]) {
			t.Errorf("%s becomes %s, %q", c[0], got, said)
		}
	}
	paste(b, "f-birth-date", "متولد ۱۳۷۰/۱/۱ در تهران")
	if got := value(b, "f-birth-date"); got != "۱۳۷۰/۰۱/۰۱" {
		t.Errorf("the pasted date is %q", got)
	}
	b.Do(chromedp.SendKeys("#f-national-number", consoletest.Ali), chromedp.SendKeys("#f-legal-id", consoletest.Bank+kb.Enter))
	b.See("read b=1370-01-01&n=" + consoletest.Ali)
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}

// Numbers are found in what is pasted, and check digits are told of while they
// are typed.
func TestTypedNumbers(t *testing.T) {
	b := fieldsPage(t, "fa")
	for _, c := range [][4]string{
		{"f-national-number", "کد ملی: ۰۰۶-۷۷۴۹۸۲-۸", "۰۰۶۷۷۴۹۸۲۸", "درست است"},
		{"f-national-number", "ثبت‌شده با شماره 0067749829", "۰۰۶۷۷۴۹۸۲۹", "رقم کنترل شماره ملی درست نیست"},
		{"f-legal-id", "شناسه ملی 1400-3552-272", "۱۴۰۰۳۵۵۲۲۷۲", "درست است"},
		{"f-postal-code", "کدپستی: ۱۵۱۶۷-۶۳۵۱۱", "۱۵۱۶۷۶۳۵۱۱", ""},
		{"f-postal-code", "کد پستی 15120-63511", "۱۵۱۲۰۶۳۵۱۱", "رقم ۰ یا ۲ نمی‌آید"},
		{"f-code", "کد رهگیری ۱۹۸۳-۰۲۴۰-۹۱۴۴-۱۹۲۲-۶۴۷۷", "1983 0240 9144 1922 6477", "درست است"},
		{"f-code", "6477 1922 9144 0240 1983", "6477 1922 9144 0240 1983", "1983 0240 9144 1922 6477"},
	} {
		paste(b, c[0], c[1])
		if got, said := value(b, c[0]), told(b, c[0]); got != c[2] || !strings.Contains(said, c[3]) || c[3] == "" && said != "" {
			t.Errorf("%s becomes %s, %q", c[1], got, said)
		}
	}
	for _, c := range [][2]string{{"00677498", ""}, {"29", "رقم کنترل"}, {kb.Backspace + "8", "درست است"}, {"1", "باید ده رقم باشد"}} {
		if c[0] == "00677498" {
			empty(b, "f-national-number")
		}
		b.Do(chromedp.SendKeys("#f-national-number", c[0]))
		if said := told(b, "f-national-number"); !strings.Contains(said, c[1]) || c[1] == "" && said != "" {
			t.Errorf("after %q the field says %q", c[0], said)
		}
	}
	b.Check(t, "fields that speak")
}

// The calendar is a dialog that keys alone can use, in the direction of the
// language, and axe-core has nothing against it.
func TestCalendar(t *testing.T) {
	for _, lang := range []string{"fa", "en"} {
		t.Run(lang, func(t *testing.T) {
			b := fieldsPage(t, lang)
			digits, forward := persian.Digits, kb.ArrowLeft
			if lang == "en" {
				digits, forward = func(s string) string { return s }, kb.ArrowRight
			}
			b.Do(chromedp.SendKeys("#f-birth-date", "1370/06/31"+kb.Tab))
			focus(b, ".datebox button")
			b.Do(chromedp.KeyEvent(kb.Enter))
			focus(b, "dialog.calendar td button")
			at := func() string { return b.Eval(`document.activeElement.getAttribute("aria-label") || ""`) }
			for _, step := range []struct{ key, day string }{
				{forward, "1370/07/01"}, {kb.ArrowDown, "1370/07/08"}, {kb.ArrowUp, "1370/07/01"}, {kb.PageUp, "1370/06/01"},
				{kb.End, "1370/06/01"}, {kb.Home, "1370/05/26"}, {kb.PageDown, "1370/06/26"},
			} {
				b.Do(chromedp.KeyEvent(step.key))
				d, err := persian.ParseDate(step.day)
				consoletest.Must(t, err)
				if got := at(); !strings.Contains(got, digits(step.day[:4])) || b.Eval(`document.activeElement.dataset.day`) != itoa(d.Days()) {
					t.Errorf("after %q the focus is on %s, want %s", step.key, got, step.day)
				}
			}
			b.Do(chromedp.KeyEvent(kb.PageDown, chromedp.KeyModifiers(chromedp.ModifierShift)))
			if got := at(); !strings.Contains(got, digits("1371")) {
				t.Errorf("a year on is %s", got)
			}
			shot(t, b, "calendar-"+lang)
			b.Check(t, lang+" calendar")
			b.Size(390)
			shot(t, b, "calendar-phone-"+lang)
			b.Eval(`(() => { const s = document.querySelectorAll("dialog select")[1]; s.value = "1340"; s.dispatchEvent(new Event("change")); return ""; })()`)
			if got := b.Eval(`document.querySelector("dialog h2").textContent`); !strings.Contains(got, digits("1340")) {
				t.Errorf("the year chosen shows %s", got)
			}
			b.Do(chromedp.KeyEvent(kb.Escape))
			focus(b, ".datebox button")
			if got := value(b, "f-birth-date"); got != digits("1370/06/31") {
				t.Errorf("after Esc the field holds %s", got)
			}
			b.Do(chromedp.KeyEvent(kb.Enter))
			focus(b, "dialog.calendar td button")
			b.Do(chromedp.KeyEvent(forward))
			b.Do(chromedp.KeyEvent(kb.Enter))
			focus(b, ".datebox button")
			if got := value(b, "f-birth-date"); got != digits("1370/07/01") {
				t.Errorf("the day taken is %s", got)
			}
			if said := b.Complaints(); len(said) > 0 {
				t.Errorf("the console says %q", said)
			}
		})
	}
}

// An act that asks first is done only after a yes.
func TestAsk(t *testing.T) {
	b := fieldsPage(t, "fa")
	b.Do(chromedp.Click("form.press button"), chromedp.WaitReady("dialog.question button:focus"))
	b.Check(t, "question")
	b.Do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotPresent("dialog.question"))
	if got := b.Eval(`location.pathname`); got != "/fields" {
		t.Fatalf("no leads to %s", got)
	}
	b.Do(chromedp.Click("form.press button"), chromedp.WaitReady("dialog.question"), chromedp.Click("dialog.question button[value=yes]"))
	b.See("نتیجه")
}

// focus waits until what is focused matches.
func focus(b *consoletest.Browser, selector string) {
	b.T.Helper()
	b.Until(`document.activeElement.matches("` + selector + `")`)
}

func itoa(n int32) string { b, _ := json.Marshal(n); return string(b) }
