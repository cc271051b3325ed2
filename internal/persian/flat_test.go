package persian

import "testing"

func TestFlat(t *testing.T) {
	for in, want := range map[string]string{
		"كد ملي: ۰۰٦7": "کد ملی: 0067", "شماره‌ملی\tA": "شماره ملی a", "الف\nب": "الف\nب", "": "",
	} {
		if got := Flat(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
}
