package officer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/console/consoletest"
)

// TestOfficerInChromium: an officer fills a form from pasted text and asks;
// then he hands a list in, its highest officer starts it, and he takes the
// rows. All of it in Persian, with the site's own scripts.
func TestOfficerInChromium(t *testing.T) {
	s := newStage(t)
	s.Work()
	deliverable(s)
	file := filepath.Join(t.TempDir(), "list.csv")
	consoletest.Must(t, os.WriteFile(file, []byte(list(s)), 0o600))
	b := consoletest.Chromium(t, s.URL)

	b.SignIn(consoletest.Bank, consoletest.Officer)
	b.Open("/officer/ask")
	text, err := json.Marshal("نام: علی‌اکبر، نام خانوادگی: یزدانی‌فرد، کد ملی ۰۰۶-۷۷۴۹۸۲-۸ تولد ۱۳۷۰/۱/۱")
	consoletest.Must(t, err)
	b.Eval(`document.querySelector("details.paste, .paste details").open = true; document.getElementById("f-pasted").value = ` + string(text) + `; ""`)
	b.Eval(`document.querySelector("button[formaction='/officer/paste']").click(); ""`)
	b.See("این موارد در فرم نوشته شد")
	b.Eval(`document.getElementById("f-purpose").value = "credit"; document.getElementById("f-process").value = "loan"; ""`)
	b.Do(chromedp.SendKeys("#f-file", "۱۴۰۵/ن/۷"))
	b.Eval(`[...document.querySelectorAll("main form button[type=submit]")].at(-1).click(); ""`)
	b.See("مشخصات مطابق است")
	b.See("اکنون چه باید کرد")

	s.SignedIn(consoletest.Bank, consoletest.Head).Submit("/officer/files/new",
		"purpose", "pension", "method", "terminal", "fields", "surname", "coverage", "declared", "reason", "insured", "document", "نامه ۱۲")
	approve(s, 1)
	b.Open("/officer/files/1")
	b.Do(chromedp.SetUploadFiles("#f-file", []string{file}))
	b.Eval(`document.querySelector("main form button[type=submit]").click(); ""`)
	b.See("آغاز کار با بالاترین مقام دستگاه است")

	b.SignIn(consoletest.Bank, consoletest.Head)
	b.Open("/officer/files/1/preview")
	b.Eval(`document.querySelector("button[formaction$='/start']").click(); ""`)
	b.See("آماده دریافت") // the page looks again by itself
	b.Eval(`document.querySelector("a[href$='/result']").click(); ""`)
	b.See("ردیف ۱ تا ۲۰ از ۲۰۳")
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("the pages complain: %s", strings.Join(said, "\n"))
	}
}
