package main

import "testing"

// What a stranger's file says to a terminal is text, in the order in which it
// stands.
func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[2Jعلی":            "?[2Jعلی",
		"\u202eعلی\u2066\u200f": "?علی??",
		"می\u200cشود":           "می\u200cشود",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
