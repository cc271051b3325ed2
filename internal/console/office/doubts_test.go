package office_test

import (
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/office"
	"github.com/estelam/estelam/internal/console/officer"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/ids"
)

// TestDoubts: staff see what agencies doubt, newest first, and how far each is;
// each opens as its case.
func TestDoubts(t *testing.T) {
	s := consoletest.New(t, office.Room(), officer.Room())
	clerk := s.SignedIn(consoletest.Registry, "c1")
	clerk.Get("/office/doubts").Shows(t, "هیچ دستگاهی تردیدی گزارش نکرده است")
	bank := s.SignedIn(consoletest.Bank, consoletest.Officer)
	for _, field := range []string{"given_name", "surname"} {
		code, _ := bank.Ask(consoletest.AboutAli())
		_, _, err := s.Config.Cases.Report(t.Context(), s.Config.Journal, s.Actor(consoletest.Bank, consoletest.Officer), &discrepancy.Report{
			Code: ids.TrackingCode(code), Field: field, Value: "محمدحسن", Evidence: "اصل شناسنامه را دیدم",
		})
		consoletest.Must(t, err)
	}
	p := clerk.Get("/office/doubts")
	p.Shows(t, "تردید شماره ۲", "تردید شماره ۱", "نام خانوادگی", "بانک نمونه", "روز مانده", "آزاد")
	p.Hides(t, "محمدحسن", consoletest.Ali)
	clerk.Get("/office/doubts?before=2").Hides(t, "تردید شماره ۲")
	clerk.Get("/office/cases/1").Shows(t, "دستگاه تردیدکننده", "بانک نمونه", "محمدحسن")
	clerk.Submit("/office/cases/1")
	clerk.Get("/office/doubts").Shows(t, "در دست رسیدگی")
	clerk.Submit("/office/cases/1/close", "decision", "confirm", "reason", "document", "document", "شناسنامه ۱۲")
	clerk.Get("/office/doubts").Shows(t, "دستگاه منتظر پاسخ است")
	clerk.Submit("/office/cases/1/answer", "text", "مقدار ثبت‌شده درست است")
	clerk.Get("/office/doubts").Shows(t, "به دستگاه پاسخ داده شد")
}
