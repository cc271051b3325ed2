package message

import "testing"

// Numbers, dates and codes among the arguments are shown as their reader
// expects them; words are left alone.
func TestArguments(t *testing.T) {
	for arg, want := range map[string]string{
		"15":                       "۱۵",
		"1405-08-30":               "۱۴۰۵/۰۸/۳۰",
		"1234 5678":                "\u2066۱۲۳۴ ۵۶۷۸\u2069",
		"national_number, surname": "national_number, surname",
		"":                         "",
	} {
		if got := forPeople(arg); got != want {
			t.Errorf("%q is shown as %q, want %q", arg, got, want)
		}
	}
}

// TestLists: an argument of keys is told in the language of the message.
func TestLists(t *testing.T) {
	for arg, want := range map[string][2]string{
		"[register.role.clerk]":                           {"متصدی", "clerk"},
		"[register.role.clerk] [register.role.printer]":   {"متصدی، چاپ‌کننده", "clerk, printer"},
		"[register.role.clerk] [register.role.unheardof]": {"[register.role.clerk] [register.role.unheardof]", "[register.role.clerk] [register.role.unheardof]"},
		"[]": {"[]", "[]"},
	} {
		for i, lang := range []Lang{Fa, En} {
			if got := named(lang, arg); got != want[i] {
				t.Errorf("%s: %q is %q, want %q", lang, arg, got, want[i])
			}
		}
	}
}

// TestForms: an English word agrees with the number before it, and what is not
// such a choice is left alone.
func TestForms(t *testing.T) {
	const text = "{0} {0?result waits|results wait} in {1?place|places}"
	for arg, want := range map[string]string{
		"1":   "{0} result waits in {1?place|places}",
		"0":   "{0} results wait in {1?place|places}",
		"11":  "{0} results wait in {1?place|places}",
		"1.1": "{0} results wait in {1?place|places}",
	} {
		if got := agreeing(text, 0, arg); got != want {
			t.Errorf("%s: %q, want %q", arg, got, want)
		}
	}
	for _, left := range []string{"{0? never closed", "{0}", "{1?a|b}", ""} {
		if got := agreeing(left, 0, "1"); got != left {
			t.Errorf("%q becomes %q", left, got)
		}
	}
	for n, want := range map[string]string{"1": "1 day left", "2": "2 days left"} {
		if got := Text(En, "console.left.days", n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
