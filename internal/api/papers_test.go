package api

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/receipt"
)

func init() { lives = append(lives, printedLife) }

// printedLife: a slip for the agency that asked, a certificate for a person, and
// the code on each is genuine.
func printedLife(t *testing.T, k *contract, s *stack) {
	code := s.bankCode(t)
	own := object{"officer": officer, "code": code, "paper": "a5"}
	for _, lang := range []string{"fa", "en"} {
		slip := k.check(t, s.bank, "POST", "/v1/receipts/slip", "/v1/receipts/slip", own.with("paper", "a4").String(), "Accept-Language", lang)
		text := pdfText(t, slip.body)
		want := map[string]string{"fa": "برگه استعلام هویت", "en": "Identity inquiry slip"}[lang]
		if !strings.Contains(text, want) || !strings.Contains(text, grouped(code)) {
			t.Errorf("the slip says %s", text)
		}
	}
	k.act(t, s.bank, "/v1/receipts/slip", own.String(), 200, nil)
	k.act(t, s.tax, "/v1/receipts/slip", own.String(), 404, nil)
	k.refused(t, s.bank, "/v1/receipts/slip", own.with("paper", "letter").String(), 422, "api.paper /paper")

	clerk := s.staff(register.Clerk)
	order := object{"national_number": living.String(), "reason": "personal-request", "document": "12/1405"}
	res := k.act(t, clerk, "/v1/residences/certificate", order.String(), 200, nil)
	data := must(base64.StdEncoding.DecodeString(res.Header.Get("Estelam-Receipt")))(t)
	r := must(receipt.Parse(data))(t)
	h := must(r.Head())(t)
	text := pdfText(t, res.body)
	for _, want := range []string{"گواهی اقامتگاه", persian.Digits(living.String()), postal.Persian(), "۱۴۰۰/۰۲/۰۳", grouped(h.Code), "کارمند آزمایشی"} {
		if !strings.Contains(text, want) {
			t.Errorf("the certificate does not say %q: %s", want, text)
		}
	}
	if !bytes.Contains(r.Record, []byte(`"event":"residence_certified"`)) {
		t.Errorf("the record is %s", r.Record)
	}
	if res := s.nobody.post("/v1/codes/check", object{"code": h.Code}.String()); string(res.body) != genuine {
		t.Errorf("the certificate's code: %s", res.body)
	}
	k.refused(t, clerk, "/v1/residences/certificate", order.with("national_number", absent.String()).String(), 404, "person.unknown /national_number")
	k.refused(t, clerk, "/v1/residences/certificate", order.with("national_number", dead.String()).String(), 409, "person.holder.deceased")
	k.refused(t, clerk, "/v1/residences/certificate", order.with("document", "").String(), 422, "register.document /document")
	k.refused(t, clerk, "/v1/residences/certificate", order.with("language", "de").String(), 422, "api.language /language")
	english := k.act(t, clerk, "/v1/residences/certificate", order.with("language", "en").String(), 200, nil)
	if text := pdfText(t, english.body); !strings.Contains(text, "Certificate of residence") || !strings.Contains(text, living.String()) {
		t.Errorf("in English: %s", text)
	}
	k.refused(t, s.staff(register.Printer), "/v1/residences/certificate", order.String(), 403, "register.role")
}

// grouped is a code as it is printed.
func grouped(code string) string {
	return strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:16], code[16:]}, " ")
}

// pdfText is what a reader copies from a PDF, without marks of direction.
func pdfText(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := strings.NewReplacer("\u200e", "", "\u200f", "", "\u202a", "", "\u202b", "", "\u202c", "").Replace(string(out))
	return strings.Join(strings.Fields(text), " ")
}
