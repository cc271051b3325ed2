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
