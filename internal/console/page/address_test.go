package page_test

import (
	"testing"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

func TestMoved(t *testing.T) {
	for _, c := range []struct{ at, from, to, want string }{
		{"text.name", "text", "", "name"},
		{"text", "text", "", ""},
		{"texts.name", "text", "", "texts.name"},
		{"params.share", "params", "effect", "effect.share"},
		{"reason", "text", "", "reason"},
	} {
		deep := fault.New(fault.Invalid, "console.form.missing").At(c.at)
		whole := *deep
		whole.More = []*fault.Error{deep}
		got := fault.Of(page.Moved(&whole, c.from, c.to))
		if got.Field != c.want || len(got.More) != 1 || got.More[0].Field != c.want || deep.Field != c.at {
			t.Errorf("%q from %q to %q is %q", c.at, c.from, c.to, got.Field)
		}
	}
	if page.Moved(nil, "text", "") != nil {
		t.Error("a fault of nothing")
	}
}
