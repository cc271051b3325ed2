package linkage

import "testing"

func TestDates(t *testing.T) {
	p := Persian()
	for s, want := range map[string]uint32{
		"1370-01-02": 13700102, "1370/1/2": 13700102, "۱۳۷۰/۰۱/۰۲": 13700102, "13700102": 13700102, "02/01/1370": 13700102,
		"70/01/02": 13700102, "700102": 13700102, "1370": 13700000, "1370/00/00": 13700000, "1991-03-22": 13700102,
		"1991-03-22T10:00:00Z": 13700102, "02/01/70": 13700102 + 0, "1370-13-40": 13701340, "05/01/02": 14050102,
		"": 0, "abc": 0, "12": 13120000, "1991": 13700000, "99999999999": 0, "1/2/3/4": 0,
	} {
		if s == "02/01/70" {
			continue // two meanings; below
		}
		if got := p.parseDate(s); got != want {
			t.Errorf("%q is %d, want %d", s, got, want)
		}
	}
	if got := p.parseDate("02/01/70"); got != 13700102 { // 70 is no day
		t.Errorf("day first with two digits: %d", got)
	}
}

func TestKeys(t *testing.T) {
	for s, want := range map[string]struct {
		v      uint64
		padded bool
	}{
		"0012345679": {12345679, false}, "12345679": {12345679, true}, "۰۰۱۲۳۴۵۶۷۹": {12345679, false}, "001-234567-9": {12345679, false},
		"12345670": {12345670, false}, "abc": {0, false}, "123": {0, false}, "12345678901": {0, false},
	} {
		if v, padded := parseKey(s); v != want.v || padded != want.padded {
			t.Errorf("%q is %d, %v", s, v, padded)
		}
	}
}

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"abcd", "abcd", 0}, {"abcd", "abd", 1}, {"abcd", "abxcd", 1}, {"abcd", "abdc", 1}, {"abcd", "axcd", 1},
		{"abcd", "badc", 2}, {"abcd", "xbxd", 2}, {"", "abc", 3}, {"abcdef", "uvwxyz", 3},
	} {
		if got := slips(c.a, c.b, 2); got != min(c.want, 3) {
			t.Errorf("%s %s: %d slips", c.a, c.b, got)
		}
		if one := oneSlip(c.a, c.b); one != (c.want == 1) || one != oneSlip(c.b, c.a) {
			t.Errorf("%s %s: one slip is %v", c.a, c.b, one)
		}
	}
	for _, c := range [][3]uint64{{123, 124, 1}, {123, 132, 1}, {123, 321, 0}, {123, 123, 0}, {100, 10, 1}, {1234, 4231, 0}} {
		if slipped(c[0], c[1]) != (c[2] == 1) {
			t.Errorf("%d %d", c[0], c[1])
		}
	}
}

func TestLevelsOfDates(t *testing.T) {
	for _, c := range []struct {
		row, record uint32
		want        level
	}{
		{13700102, 13700102, sameDate}, {13700305, 13700503, swapDate}, {13710102, 13700102, besideDate}, {13700112, 13700102, slipDate},
		{13700102, 13700620, sameYear}, {13700000, 13700620, onlyYear}, {13690000, 13700620, onlyClose}, {13600000, 13700620, onlyOther},
		{13700101, 13700620, firstYear}, {13700101, 13700101, firstDate}, {13550620, 13700620, sameDay}, {13720229, 13700620, closeYear},
		{13300229, 13700620, otherDate},
	} {
		if got := compareDates(c.row, c.record); got != c.want {
			t.Errorf("%d %d: %s, want %s", c.row, c.record, levelNames[got], levelNames[c.want])
		}
	}
}
