package ids

import (
	"strings"
	"testing"
)

// TestSecret: a secret is known again however it is typed, for its own use.
func TestSecret(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s := NewSecret()
		if len(s) != 24 || strings.Count(s, "-") != 4 || strings.ContainsAny(s, "ILOU") || seen[s] {
			t.Fatal(len(s))
		}
		seen[s] = true
		want := HashSecret("access", s)
		for _, typed := range []string{
			strings.ToLower(s), strings.ReplaceAll(s, "-", ""), " " + strings.ReplaceAll(s, "-", "\u200c") + " ",
			strings.NewReplacer("0", "o", "1", "l").Replace(s), strings.NewReplacer("0", "۰", "7", "٧").Replace(s),
		} {
			if HashSecret("access", typed) != want {
				t.Error("a secret is not known again")
			}
		}
		if HashSecret("complaint", s) == want || HashSecret("access", s+"0") == want {
			t.Error("another secret is taken for it")
		}
	}
}

func TestIsToken(t *testing.T) {
	for s, want := range map[string]bool{
		"": false, "kyc": true, "A.b-c_9": true, "a b": false, "وام": false, "a/b": false,
		strings.Repeat("x", 64): true, strings.Repeat("x", 65): false,
	} {
		if IsToken(s) != want {
			t.Error(s, !want)
		}
	}
}
