package delivery

import (
	"testing"

	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
)

// TestFateOfDuplicates: of a person who has become protected since the file was
// linked, the second row tells no more than the first.
func TestFateOfDuplicates(t *testing.T) {
	row := &Row{Status: linkage.Duplicate, Subject: 13542419, Twin: 7}
	for _, c := range []struct {
		p    *person.Person
		want linkage.Status
	}{
		{&person.Person{State: person.Active}, linkage.Duplicate},
		{&person.Person{State: person.Protected}, linkage.Protected},
		{nil, linkage.NotFound},
	} {
		if got := fate(row, c.p, true); got != c.want {
			t.Errorf("%+v: %v, want %v", c.p, got, c.want)
		}
	}
}

// TestNames: a package, whoever made it, writes no other files than its own.
func TestNames(t *testing.T) {
	m := &Manifest{Result: File{Name: resultName}, Receipts: []File{{Name: receiptsName(0)}, {Name: receiptsName(1)}}}
	if err := m.named(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"../.profile", "/etc/passwd", "receipts/../../x", receiptsName(2), ""} {
		m.Receipts[1].Name = name
		if m.named() == nil {
			t.Errorf("receipts are unpacked to %q", name)
		}
	}
	m.Receipts, m.Result.Name = nil, "../result.csv"
	if m.named() == nil {
		t.Error("the result is unpacked elsewhere")
	}
}
