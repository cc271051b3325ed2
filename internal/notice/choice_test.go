package notice

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/fault"
)

// TestChoiceOfAreas: a name that is none does not choose everybody, and no other
// text goes into a campaign.
func TestChoiceOfAreas(t *testing.T) {
	for _, c := range []struct {
		choice     Choice
		key, field string
	}{
		{Choice{Province: " "}, "notice.choice.empty", "choice"},
		{Choice{Province: " ", County: "تهران"}, "notice.choice.county", "choice.county"},
		{Choice{Province: strings.Repeat("ا", maxName+1)}, "notice.choice.area", "choice.province"},
		{Choice{Province: "تهران", County: "\u202eتهران"}, "persian.text.control", "choice.county"},
	} {
		if f := fault.Of(c.choice.check()); f == nil || f.Key != c.key || f.Field != c.field {
			t.Errorf("%.40q: %v", c.choice.Province, f)
		}
	}
	good := Choice{Province: " تهران "}
	if err := good.check(); err != nil || good.Province != "تهران" {
		t.Errorf("%q %v", good.Province, err)
	}
}
