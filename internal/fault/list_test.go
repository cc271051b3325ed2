package fault_test

import (
	"errors"
	"testing"

	"github.com/estelam/estelam/internal/fault"
)

// TestList: all that is wrong is told at once, each under its own field.
func TestList(t *testing.T) {
	var inner, l fault.List
	if l.Err() != nil {
		t.Error("nothing is wrong, and yet")
	}
	inner.When(true, "a", "x.a")
	inner.When(false, "no", "x.no")
	inner.When(true, "b", "x.b", "3")
	l.Add("in.0", inner.Err())
	l.Add("", fault.New(fault.Conflict, "x.c"))
	l.Add("no", nil)
	f := fault.Of(l.Err())
	if f.Kind != fault.Invalid || f.Field != "in.0.a" || len(f.More) != 2 {
		t.Fatalf("%+v", f)
	}
	if b, c := f.More[0], f.More[1]; b.Field != "in.0.b" || b.Args[0] != "3" || c.Field != "" || c.Kind != fault.Conflict {
		t.Errorf("%+v %+v", b, c)
	}
	if len(fault.Of(inner.Err()).More) != 1 {
		t.Error("a list that was taken over is not what it was")
	}
	l.Add("d", errors.New("hidden"))
	if d := l[3]; d.Kind != fault.Internal || d.Field != "d" {
		t.Errorf("%+v", d)
	}
}
