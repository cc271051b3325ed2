package synth

import (
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

func TestPlaces(t *testing.T) {
	const n = 60_000
	p := New(Config{Seed: 2, Places: n})
	last, villages := int64(0), 0
	provinces, counties := map[string]int{}, map[string]int{}
	of := map[int64]string{} // an area has one county
	for s := range p.allPlaces() {
		code, err := ids.ParsePostalCode(string(digits(nil, s.code, 10)))
		if err != nil || len(code.Warnings()) > 0 {
			t.Fatalf("%d: %v %v", s.code, err, code.Warnings())
		}
		if s.code <= last {
			t.Fatalf("%d after %d", s.code, last)
		}
		last = s.code
		provinces[s.province]++
		county := s.province + s.county
		counties[county]++
		if at := of[s.code/100_000]; at != "" && at != county {
			t.Fatalf("area %d is in %s and %s", s.code/100_000, at, county)
		}
		of[s.code/100_000] = county
		if s.rural {
			villages++
		}
		for _, text := range []string{s.province, s.county, s.district, s.locality, s.subLocality, s.street, s.street2, s.house} {
			if got, err := persian.Display(text); err != nil || got != text || text == "" {
				t.Fatalf("%d: %q: %v", s.code, text, err)
			}
		}
	}
	between(t, "rural", villages, n, 12, 35)
	if len(provinces) != 31 || len(counties) != 448 {
		t.Errorf("%d provinces, %d counties", len(provinces), len(counties))
	}
	between(t, "تهران", provinces["تهران"], n, 15, 18)
}

// TestAreas: each locality has its own areas, in the order of their codes.
func TestAreas(t *testing.T) {
	l := base().land
	had := map[int32]bool{}
	for i, a := range l.areas[:len(l.areas)-1] {
		if i > 0 && a.code <= l.areas[i-1].code {
			t.Fatalf("%d after %d", a.code, l.areas[i-1].code)
		}
		had[a.locality] = true
	}
	if len(had) != len(l.localities) {
		t.Errorf("%d of %d localities have an area", len(had), len(l.localities))
	}
	for _, o := range l.offices[:len(l.offices)-1] {
		if o.county != 0 && l.counties[o.county].name == "" {
			t.Errorf("office %03d is nowhere", o.prefix)
		}
		if _, err := persian.ParseName(o.place); err != nil {
			t.Errorf("office %03d is called %q: %v", o.prefix, o.place, err)
		}
	}
}
