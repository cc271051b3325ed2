package persian

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

func TestNameVectors(t *testing.T) {
	var file struct {
		Cases []struct{ Input, Why, Display, Key, Phonetic string }
	}
	read(t, "names.json", &file)
	if len(file.Cases) < 25 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, c := range file.Cases {
		d, err := Display(c.Input)
		if err != nil || d != c.Display {
			t.Errorf("%q (%s): display %q, %v; want %q", c.Input, c.Why, d, err, c.Display)
		}
		if k := Key(c.Input); k != c.Key {
			t.Errorf("%q (%s): key %q, want %q", c.Input, c.Why, k, c.Key)
		}
		if p := Phonetic(c.Input); p != c.Phonetic {
			t.Errorf("%q (%s): phonetic %q, want %q", c.Input, c.Why, p, c.Phonetic)
		}
		n, err := ParseName(c.Input)
		if want := (Name{c.Display, c.Key, c.Phonetic}); err != nil || n != want {
			t.Errorf("%q (%s): name %q, %v; want %q", c.Input, c.Why, n, err, want)
		}
	}
}

func TestDisplay(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"  علي   رضا ":       "علی رضا",
		"علی\u00a0رضا":       "علی رضا",
		"علی\u200c رضا":      "علی رضا",
		"علی \u200cرضا":      "علی رضا",
		"علی\u200c\u200cرضا": "علی\u200cرضا",
		"\u200cعلی":          "علی",
		"علی\u200c":          "علی",
		"علی\u200c1":         "علی1",
		"خانه\u0654":         "خانۀ",
		"رضای\u0654ی":        "رضائی",
		"رضاي\u0654ی":        "رضائی",
		"رضاى\u0654ی":        "رضائی",
		"محمّد":              "محمد",
		"محـــمد":            "محمد",
		"\ufeffعلی":          "علی",
		"\u200fعلی\u200e":    "علی",
		"Caf\u0065\u0301":    "Café",
		"۱۲٣ 45":             "۱۲٣ 45",
		"كوچة يكم، پلاك ۲ (جنب بانك)": "کوچه یکم، پلاک ۲ (جنب بانک)",
	} {
		got, err := Display(in)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"علی\u202eرضا", "\u2066علی", "ع\x00لی", "علی\n", "علی\tرضا", "\u0085", "\u009f", "\u2028", "\ue000", "\ufffe", "\U000e0041", "علی\x7f"} {
		if _, err := Display(in); fault.Of(err) == nil || fault.Of(err).Key != "persian.text.control" {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"\xff", "علی\xd9", "\xed\xa0\x80"} {
		if _, err := Display(in); fault.Of(err) == nil || fault.Of(err).Key != "persian.text.encoding" {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestKey(t *testing.T) {
	for _, group := range [][]string{
		{"علی", "على", "علي", "ﻋﻠﯽ", "عَلیّ", "ع ل ی", "علـی", "علێ", "علې", "علۍ", "ع\u200fلی"},
		{"کریم", "كريم", "ڪریم", "ګریم"},
		{"فاطمه", "فاطمة", "فاطمۀ", "فاطمہ", "فاطمھ", "فاطمە", "فاطمه\u0654"},
		{"ارش", "آرش", "ا\u0653رش", "أرش", "إرش", "ٱرش"},
		{"رویا", "رؤیا", "رو\u0654یا", "رُویا"},
		{"رضایی", "رضائی", "رضاي\u0654ی", "رضاءیی"},
		{"علیاکبر", "علی اکبر", "علی\u200cاکبر", "علی-اکبر", "علی\u00a0اکبر", "علی (اکبر)", "علی–اکبر"},
		{"1370", "۱۳۷۰", "١٣٧٠", "１３７０"},
		{"اسماییل", "اسمائیل"},
	} {
		for _, s := range group {
			if got := Key(s); got != group[0] {
				t.Errorf("key of %q is %q, want %q", s, got, group[0])
			}
		}
	}
}

func TestPhonetic(t *testing.T) {
	for _, group := range [][]string{
		{"اسماعیل", "اسمعیل", "اسمائیل"},
		{"رحمان", "رحمن"},
		{"عبدالرحمان", "عبدالرحمن", "عبد الرحمن"},
		{"ابراهیم", "ابرهیم"},
		{"عبدالله", "عبداله", "عبدﷲ"},
		{"رضایی", "رضائی", "رضای"},
		{"مصطفی", "مصطفا"},
		{"کبری", "کبرا"},
		{"داوود", "داود"},
		{"سید هادی", "سیدهادی", "هادی"},
		{"سیده زهرا", "زهرا", "سيدة زهرا", "سیده\u200cزهرا"},
		{"سیدطه", "طه"},
		{"طاهره", "تاهره"},
		{"ذبیح", "زبیه", "ظبیح", "ضبیح"},
		{"قدیر", "غدیر"},
	} {
		want := Phonetic(group[0])
		for _, s := range group {
			if got := Phonetic(s); got != want {
				t.Errorf("%q sounds %q, but %q sounds %q", s, got, group[0], want)
			}
		}
	}
	for _, s := range []string{"سیدی", "سیدان", "سیدیان", "سیدزاده", "سیدی\u200cپور", "سید"} {
		if p := Phonetic(s); !strings.HasPrefix(p, "سید") {
			t.Errorf("%q lost its title: %q", s, p)
		}
	}
	if Phonetic("اکبری") == Phonetic("اکبرا") {
		t.Error("اکبری is not كبری")
	}
}

func TestParseName(t *testing.T) {
	for in, key := range map[string]string{
		"": "empty", "  ": "empty", "\u200c": "empty", "ٓ": "empty",
		strings.Repeat("ع", 101): "long", strings.Repeat("ع", 5_000_000): "long",
		"Ali": "letter", "علی1": "letter", "علی۲": "letter", "علی/رضا": "letter", "-": "letter", "()": "letter", "علی,رضا": "letter",
		"علی😀": "letter", "ء": "letter", "<علی>": "letter",
	} {
		_, err := ParseName(in)
		if f := fault.Of(err); f == nil || f.Key != "persian.name."+key || !message.Known(f.Key) {
			t.Errorf("%.40q: %v, want %s", in, err, key)
		}
	}
	for _, in := range []string{"علی", "سید علی", "م. رضایی", "رضایی (تهرانی)", "عبدی-نژاد", "گل\u200cمحمدی", strings.Repeat("ع", 100), "بهاءالدین"} {
		if n, err := ParseName(in); err != nil || n.Display != in {
			t.Errorf("%q: %q, %v", in, n.Display, err)
		}
	}
}

func TestSortKey(t *testing.T) {
	want := []string{
		"آرش", "اکبر", "بابک", "پرویز", "تقی", "ثریا", "جواد", "چنگیز", "حسن", "خسرو", "داوود", "ذبیح", "رضا", "زهرا", "ژاله", "سارا",
		"شهین", "صادق", "ضیا", "طاهر", "ظفر", "علی", "غلام", "فاطمه", "قاسم", "کامران", "گلی", "لیلا", "مریم", "نرگس", "وحید", "هادی", "یاسر",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return bytes.Compare(SortKey(a), SortKey(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("sorted %v", got)
	}
	for _, words := range [][2]string{{"علی", "علی اکبر"}, {"رضا", "رضایی"}} {
		if bytes.Compare(SortKey(words[0]), SortKey(words[1])) >= 0 {
			t.Errorf("%v stand in the wrong order", words)
		}
	}
}

// Sort keys may be asked for by many goroutines, and none shares memory with
// the next.
func TestSortKeyParallel(t *testing.T) {
	a := SortKey("علی")
	kept := slices.Clone(a)
	done := make(chan bool)
	for range 4 {
		go func() {
			ok := true
			for range 500 {
				SortKey("محمدرضا")
				ok = ok && bytes.Equal(SortKey("علی"), kept)
			}
			done <- ok
		}()
	}
	for range 4 {
		if !<-done {
			t.Error("a key was wrong")
		}
	}
	if !bytes.Equal(a, kept) {
		t.Error("a key was changed afterwards")
	}
}

func TestDigits(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Digits("1370/01 x"), "۱۳۷۰/۰۱ x"},
		{Digits("x"), "x"},
		{ASCII("۱۳٧٠ علی"), "1370 علی"},
		{ASCII("\xdb"), "\xdb"},
		{ASCII("x"), "x"},
		{Number(0), "۰"},
		{Number(999), "۹۹۹"},
		{Number(12345), "۱۲٬۳۴۵"},
		{Number(-1234567), "−۱٬۲۳۴٬۵۶۷"},
		{Number(-1 << 63), "−۹٬۲۲۳٬۳۷۲٬۰۳۶٬۸۵۴٬۷۷۵٬۸۰۸"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9a-zبپت /]*`).Draw(t, "s")
		if got := ASCII(Digits(s)); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}

// holds are the promises of the forms, for any input.
func holds(t interface{ Fatalf(string, ...any) }, s string) {
	d, err := Display(s)
	if err != nil {
		if d != "" || !message.Known(fault.Of(err).Key) {
			t.Fatalf("%q: %q beside %v", s, d, err)
		}
		return
	}
	if again, err := Display(d); err != nil || again != d {
		t.Fatalf("display of %q is %q, whose display is %q, %v", s, d, again, err)
	}
	if !utf8.ValidString(d) || !norm.NFC.IsNormalString(d) {
		t.Fatalf("display of %q is %q, which is not NFC", s, d)
	}
	for _, r := range d {
		if refused(r) || invisible(r) {
			t.Fatalf("display of %q is %q with %U", s, d, r)
		}
	}
	k := Key(s)
	if Key(d) != k {
		t.Fatalf("%q has key %q, its display %q has %q", s, k, d, Key(d))
	}
	if Key(k) != k {
		t.Fatalf("key of %q is %q, whose key is %q", s, k, Key(k))
	}
	for _, form := range []func(string) string{norm.NFC.String, norm.NFD.String, norm.NFKC.String, norm.NFKD.String} {
		if got := Key(form(s)); got != k {
			t.Fatalf("%q has key %q, normalised %q has %q", s, k, form(s), got)
		}
	}
	n, err := ParseName(s)
	if err == nil && (n.Display != d || n.Key != k || n.Phonetic != Phonetic(d) || CompareGiven(n, n) != Same || CompareSurname(n, n) != Same) {
		t.Fatalf("%q: name %q", s, n)
	}
}

// letters that occur, and those that make trouble together.
var troublesome = []rune("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآأإٱؤئءيىكةۀھہەېێۍڪګۂۃے" +
	"\u064b\u064e\u0651\u0653\u0654\u0655\u0670\u0640\u200c\u200d\u200e\u200f\u00a0 -.()0۰٠ﷲﻼﺣﯿ\u0675\u0678e\u0301\u0323\u0660\u06d5\u0674")

func TestFormsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		holds(t, string(rapid.SliceOfN(rapid.SampledFrom(troublesome), 0, 12).Draw(t, "text")))
	})
	rapid.Check(t, func(t *rapid.T) {
		holds(t, rapid.String().Draw(t, "any text"))
	})
}

func FuzzDisplayKey(f *testing.F) {
	for _, s := range []string{"علی", "علي رضا", "ﷲ", "خانه\u0654", "ي\u0654", "\u200cعلی\u200c", "e\u0323\u0301", "\u202e", "\xff", "محمّد", "ا\u0653", "سید علی", "زهراسادات"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { holds(t, s) })
}
