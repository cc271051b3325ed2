package page

import (
	"testing"

	"github.com/estelam/estelam/internal/message"
)

func TestLaw(t *testing.T) {
	fa, en := &Visit{Lang: message.Fa}, &Visit{Lang: message.En}
	for _, c := range []struct{ code, fa, en string }{
		{"B.10", "ماده ۱۰ آیین‌نامه", "article 10 of the bylaw"},
		{"B.5n2", "ماده ۵ آیین‌نامه، تبصره ۲", "article 5 of the bylaw, note 2"},
		{"B.13n", "ماده ۱۳ آیین‌نامه، تبصره", "article 13 of the bylaw, note"},
		{"B.6b", "ماده ۶ آیین‌نامه، قسمت ب", "article 6 of the bylaw, part b"},
		{"B.13old", "ماده ۱۳ آیین‌نامه (پیشین)", "article 13 of the bylaw (former)"},
		{"A", "بخشنامه اصلاحی", "the amending circular"},
		{"N.a, C.0", "اطلاعیه، قسمت الف، بخشنامه", "the announcement, part a, the circular"},
		{"N.c, C.1a", "اطلاعیه، قسمت ج، بند ۱ بخشنامه، قسمت الف", "the announcement, part c, clause 1 of the circular, part a"},
		{"X.1", "\u2066X.1\u2069", "\u2066X.1\u2069"},
	} {
		if got := fa.Law(c.code); got != c.fa {
			t.Errorf("%s is %q, not %q", c.code, got, c.fa)
		}
		if got := en.Law(c.code); got != c.en {
			t.Errorf("%s is %q, not %q", c.code, got, c.en)
		}
	}
}

func TestKnownWord(t *testing.T) {
	v := &Visit{Lang: message.Fa}
	for word, want := range map[string]string{"court-order": "حکم دادگاه", "item_changed": "تغییر مشخصات", "hospital-report": "گزارش بیمارستان", "no-such": "\u2066no-such\u2069"} {
		if got := v.Known("console.registry.reason.", word); got != want {
			t.Errorf("%s is %q, not %q", word, got, want)
		}
	}
	if got := v.Known("console.word.", "account-opening"); got != "افتتاح حساب" {
		t.Errorf("a purpose is called %q", got)
	}
}
