package board_test

import (
	"fmt"
	"testing"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/consoletest"
)

// TestDeclarations: an inspector finds what waits, sees what is declared beside
// what was counted, returns it with a reason; of two who judge, the second is
// told that it changed.
func TestDeclarations(t *testing.T) {
	s := open(t)
	s.processes()
	v, other, member := s.inspector(), s.colleague(), s.member(0)
	v.Get("/board/declarations").Shows(t, "هیچ اعلامی در انتظار داوری نیست")
	share := .6
	say := func() {
		_, _, err := s.Config.Compliance.Declare(t.Context(), s.Config.Journal, s.Actor(consoletest.Bank, consoletest.Head), &compliance.Declaration{
			Clause: "B.6b", Done: s.today(), Share: &share, Document: "نامه ۳۴", Paper: fmt.Sprintf("%064x", 7),
		})
		consoletest.Must(t, err)
	}
	say()
	of := consoletest.Bank + "/B.6b"
	judge := "/inspector/declarations/" + of + "/judge"
	v.Get("/board/declarations").Shows(t, "بانک نمونه", "ماده ۶", "نامه ۳۴", "۶۰")
	v.Get("/board/declarations?agency="+consoletest.Bank).Shows(t, "همه تکالیف بانک نمونه", "اعلام نشده", "در انتظار داوری")
	for _, odd := range []string{"?agency=1", "?after=x", "?after=1_2_3"} {
		if p := v.Get("/board/declarations" + odd); p.Status != 200 && p.Status != 404 {
			t.Errorf("%s: %d", odd, p.Status)
		}
	}
	if p := v.Get("/board/declarations/" + consoletest.Bank + "/B.99"); p.Status != 404 {
		t.Errorf("a clause that does not exist: %d", p.Status)
	}
	v.Get("/board/declarations/"+of).Shows(t, "آنچه دستگاه اعلام کرده است", "شمارش سامانه", "ناهمخوان", "داوری")
	member.Get("/board/declarations/"+of).Hides(t, judge)

	v.Submit(judge, "decision", "", "note", "").Shows(t, "این قسمت را پر کنید")
	v.Submit(judge, "decision", "return", "note", "").Shows(t, "این متن باید پر شود")
	_, late := other.Get(judge).Form(t)
	p := v.Submit(judge, "decision", "return", "note", "سهم با شمارش نمی‌خواند")
	p.Shows(t, "داوری ثبت شد", "بازگردانده", "سهم با شمارش نمی‌خواند")
	late.Set("decision", "accept")
	late.Set("note", "درست است")
	if p := other.Post(judge, late); p.Status != 409 {
		t.Errorf("two have judged it: %d %s", p.Status, p.Text())
	} else {
		p.Shows(t, "در این میان تغییر کرده است", "درست است")
	}
	v.Get("/board/declarations").Shows(t, "هیچ اعلامی در انتظار داوری نیست")
	v.Get(judge).Shows(t, "این تکلیف در انتظار داوری نیست")
	say()
	other.Submit(judge, "decision", "accept", "note", "").Shows(t, "داوری ثبت شد", "پذیرفته")
}
