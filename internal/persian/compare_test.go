package persian

import (
	"testing"

	"pgregory.net/rapid"
)

func name(t *testing.T, s string) Name {
	t.Helper()
	n, err := ParseName(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return n
}

type likenessCase struct {
	record, claimed string
	want            Likeness
}

func checkLikeness(t *testing.T, compare func(_, _ Name) Likeness, cases []likenessCase) {
	t.Helper()
	for _, c := range cases {
		if got := compare(name(t, c.record), name(t, c.claimed)); got != c.want {
			t.Errorf("record %q, claim %q: %d, want %d", c.record, c.claimed, got, c.want)
		}
		if got := compare(name(t, c.claimed), name(t, c.record)); got != c.want {
			t.Errorf("record %q, claim %q: %d, want %d", c.claimed, c.record, got, c.want)
		}
	}
}

func TestCompareGiven(t *testing.T) {
	checkLikeness(t, CompareGiven, []likenessCase{
		// keyboards and old programs
		{"علی", "علی", Same},
		{"علی", "علي", Same},
		{"علی", "على", Same},
		{"اکبر", "اكبر", Same},
		{"فاطمه", "فاطمة", Same},
		{"آرش", "ارش", Same},
		{"احمد", "أحمد", Same},
		{"رؤیا", "رویا", Same},
		{"حسین", "ﺣﺴﯿﻦ", Same},
		{"محمد", "مُحَمَّد", Same},
		{"محمد", "محـمد", Same},
		{"جبرائیل", "جبراییل", Same},
		// compounds joined, apart, with ZWNJ
		{"علی\u200cاکبر", "علی اکبر", Same},
		{"علی\u200cاکبر", "علیاکبر", Same},
		{"محمدرضا", "محمد رضا", Same},
		{"محمدرضا", "محمد\u200cرضا", Same},
		{"عبد الله", "عبدالله", Same},
		{"گل محمد", "گل\u200cمحمد", Same},
		{"ابو الفضل", "ابوالفضل", Same},
		// titles
		{"علی", "سید علی", Same},
		{"سید علی", "سیدعلی", Same},
		{"سید محمدرضا", "محمد رضا", Same},
		{"سید هادی", "هادی", Same},
		{"سیدهادی", "هادی", Same},
		{"زهرا", "سیده زهرا", Same},
		{"سیده زهرا", "سیده\u200cزهرا", Same},
		{"فاطمه", "فاطمه سادات", Same},
		{"فاطمه سادات", "سیده فاطمه", Same},
		{"فاطمه\u200cسادات", "فاطمهسادات", Same},
		{"زهرا السادات", "زهرا", Same},
		{"زهرا السادات", "زهرا سادات", Same},
		{"اشرف السادات", "اشرف", Same},
		{"سید حسین", "سید حسن", Different},
		{"سید علی", "سید علی\u200cاکبر", Variant},
		{"سید طه", "طه", Same},
		{"سید طه", "طاها", Different}, // other letters, other name
		{"سادات", "فاطمه", Different},
		// spellings
		{"اسماعیل", "اسمعیل", Variant},
		{"سید اسماعیل", "اسمعیل", Variant},
		{"رحمان", "رحمن", Variant},
		{"عبدالرحمان", "عبد الرحمن", Variant},
		{"عبدالله", "عبداله", Variant},
		{"اسحاق", "اسحق", Variant},
		{"ابراهیم", "ابرهیم", Variant},
		{"داوود", "داود", Variant},
		{"طاووس", "طاوس", Variant},
		{"مصطفی", "مصطفا", Variant},
		{"مرتضی", "مرتضا", Variant},
		{"عیسی", "عیسا", Variant},
		{"کبری", "کبرا", Variant},
		{"لیلا", "لیلی", Variant},
		{"هارون", "هرون", Variant},
		{"فائزه", "فایزه", Same},
		// homophones are not the same
		{"طاهره", "تاهره", Variant},
		{"قدیر", "غدیر", Variant},
		{"ساره", "صاره", Variant},
		{"هانیه", "حانیه", Variant},
		{"عذرا", "ازرا", Variant},
		// halves
		{"محمدرضا", "محمد", Variant},
		{"محمدرضا", "رضا", Variant},
		{"محمد رضا", "رضا", Variant},
		{"علی\u200cاکبر", "علی", Variant},
		{"علی\u200cاکبر", "اکبر", Variant},
		{"امیرحسین", "حسین", Variant},
		{"امیرحسین", "امیر", Variant},
		{"محمدطه", "طه", Variant},
		{"فاطمه زهرا", "فاطمه", Variant},
		{"سیده فاطمه زهرا", "زهرا", Variant},
		{"محمدامین", "محمد", Variant},
		{"گل\u200cنار", "نار", Variant}, // a word of its own
		{"پری\u200cناز", "پری", Variant},
		{"محمدرضا", "محمدعلی", Different},
		{"محمدرضا", "علیرضا", Different},
		{"امیرحسین", "امیرحسن", Different},
		// names freed of servitude
		{"غلامحسین", "حسین", Variant},
		{"غلامرضا", "رضا", Variant},
		{"حسینقلی", "حسین", Variant},
		{"عبدالکریم", "کریم", Variant},
		{"عبدالحسین", "حسین", Variant},
		// other names
		{"حسن", "حسین", Different},
		{"حسن", "محسن", Different},
		{"حسن", "احسان", Different},
		{"علی", "ولی", Different},
		{"علی", "عالی", Different},
		{"عمر", "عامر", Different},
		{"سعد", "ساعد", Different},
		{"رضا", "رضی", Different},
		{"مهدی", "هادی", Different},
		{"مهدی", "مهدیه", Different},
		{"فرید", "فریده", Different},
		{"سعید", "سعیده", Different},
		{"امیر", "امیره", Different},
		{"جمال", "کمال", Different},
		{"زهرا", "زهره", Different},
		{"مریم", "مرضیه", Different},
		{"محمد", "محمود", Different},
		{"احمد", "محمد", Different},
		{"حامد", "حمید", Different},
		{"قاسم", "قسیم", Different},
		{"کاظم", "کاظمی", Different},
		{"یاس", "یاسین", Different},
		{"حسن", "حسنا", Different},
		{"علی", "علیه", Different},
		{"مینا", "مینو", Different},
		{"ثریا", "پریا", Different},
		{"عبدالله", "عبدالعلی", Different},
		{"اکبر", "اکبری", Different},
		{"کبری", "اکبر", Different},
		{"الهام", "الهه", Different},
		{"یوسف", "یونس", Different},
	})
}

func TestCompareSurname(t *testing.T) {
	checkLikeness(t, CompareSurname, []likenessCase{
		{"رضایی", "رضائی", Same},
		{"رضایی", "رضائي", Same},
		{"حاجی\u200cزاده", "حاجی زاده", Same},
		{"حاجیزاده", "حاجی زاده", Same},
		{"مؤمنی", "مومنی", Same},
		{"کریمی", "كريمي", Same},
		{"قلی\u200cپور", "قلی پور", Same},
		// spellings
		{"رضایی", "رضای", Variant},
		{"میرزایی", "میرزای", Variant},
		{"عبداللهی", "عبدالهی", Variant},
		{"اسماعیلی", "اسمعیلی", Variant},
		{"رحمانی", "رحمنی", Variant},
		{"طباطبایی", "تباتبایی", Variant},
		{"قفاری", "غفاری", Variant},
		{"داوودی", "داودی", Variant},
		// missing tails
		{"رضایی تهرانی", "رضایی", Variant},
		{"رضاییتهرانی", "رضایی", Variant},
		{"حسینی اصل", "حسینی", Variant},
		{"احمدزاده", "احمد", Variant},
		{"احمدی\u200cزاده", "احمدی", Variant},
		{"احمدی زاده اصل", "احمدی", Variant},
		{"احمدی زاده اصل", "احمدی زاده", Variant},
		{"احمدی زاده اصل تهرانی", "احمدی", Variant},
		{"حسن\u200cپور", "حسن", Variant},
		{"کریمی\u200cنژاد", "کریمی", Variant},
		{"محمدی\u200cفر", "محمدی", Variant},
		{"صالحی\u200cنیا", "صالحی", Variant},
		{"کریمیان", "کریم", Variant},
		{"احمدی راد", "احمدی", Variant},
		{"موسوی خوراسگانی", "موسوی", Variant}, // any separate last word
		{"رضایی اصفهانی", "رضای", Variant},    // tail and spelling at once
		{"حسینی طباطبایی", "حسینی", Variant},
		{"حسینقلی\u200cزاده", "حسین\u200cزاده", Variant},
		{"غلامرضایی", "رضایی", Variant},
		{"عبدالکریمی", "کریمی", Variant},
		// other names
		{"احمدزاده", "احمدپور", Different},
		{"احمدی\u200cپور", "احمدی\u200cنژاد", Different},
		{"رضایی تهرانی", "رضایی اصفهانی", Different},
		{"رضایی تهرانی", "تهرانی", Different},
		{"حسینی", "حسنی", Different},
		{"حسینی", "حسینیان", Different},
		{"محمدی", "محمودی", Different},
		{"کریمی", "کریم", Different},
		{"رحیمی", "کریمی", Different},
		{"سعدی", "ساعدی", Different},
		{"عبدی\u200cپور", "عابدی", Different},
		{"نوری", "نورانی", Different},
		{"احمدی", "محمدی", Different},
		{"مظفری", "ظفری", Different},
		{"مرادی", "مردانی", Different},
		{"صادقی", "صدیقی", Different},
		{"جعفر", "جعفری", Different},
		{"یزدانی", "یزدی", Different},
		{"پور احمدی", "احمدی", Different}, // heads are not tails
		{"زاده", "رضازاده", Different},
	})
}

func TestCompareNothing(t *testing.T) {
	n := name(t, "علی")
	for _, compare := range []func(_, _ Name) Likeness{CompareGiven, CompareSurname} {
		if compare(Name{}, Name{}) != Different || compare(n, Name{}) != Different || compare(Name{}, n) != Different {
			t.Error("nothing is like something")
		}
	}
}

// Comparison is symmetric, and Same exactly for equal keys where no titles are.
func TestCompareProperty(t *testing.T) {
	part := rapid.SampledFrom([]string{"محمد", "علی", "رضا", "سید", "سیده", "سادات", "السادات", "زهرا", "ه", "ی", "اسمعیل", "اسماعیل", "زاده", "تهرانی", "قلی", "عبدال", "ا", " ", "\u200c", "-", "ء", "ئ", "ع"})
	draw := func(t *rapid.T, label string) (Name, bool) {
		s := ""
		for _, p := range rapid.SliceOfN(part, 1, 6).Draw(t, label) {
			s += p
		}
		n, err := ParseName(s)
		return n, err == nil
	}
	rapid.Check(t, func(t *rapid.T) {
		a, okA := draw(t, "a")
		b, okB := draw(t, "b")
		if !okA || !okB {
			return
		}
		if x, y := CompareGiven(a, b), CompareGiven(b, a); x != y || x < Same || x > Different {
			t.Fatalf("given %q, %q: %d and %d", a, b, x, y)
		}
		x, y := CompareSurname(a, b), CompareSurname(b, a)
		if x != y || (x == Same) != (a.Key == b.Key) {
			t.Fatalf("surname %q, %q: %d and %d", a, b, x, y)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	for _, c := range [...]struct{ what, record, claimed string }{
		{"same", "محمدرضا", "محمد رضا"},
		{"variant", "اسماعیل", "اسمعیل"},
		{"half", "محمدرضا", "رضا"},
		{"different", "حسن", "حسین"},
		{"sayyed", "سید علی\u200cاکبر", "علی اصغر"},
	} {
		r, _ := ParseName(c.record)
		q, _ := ParseName(c.claimed)
		b.Run(c.what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				CompareGiven(r, q)
			}
		})
	}
	r, _ := ParseName("رضایی تهرانی")
	q, _ := ParseName("کریمی اصفهانی")
	b.Run("surname", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			CompareSurname(r, q)
		}
	})
}

func BenchmarkParseName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = ParseName("محمدرضا")
	}
}

func BenchmarkSortKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		SortKey("محمدرضا")
	}
}
