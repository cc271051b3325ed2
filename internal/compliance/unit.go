package compliance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Kinds of units.
const (
	AgencyUnit   = "agency"
	ProvinceUnit = "province"
	CountryUnit  = "country"
)

// Unit is what was found of an agency, a province or the country. Its JSON is
// what stands in its row, and what the digest is over.
type Unit struct {
	Kind     string           `json:"kind"`
	ID       string           `json:"id"` // legal id, or the province's name, or country
	Name     string           `json:"name,omitempty"`
	Province string           `json:"province,omitempty"` // of an agency; "": it is a national one
	Class    string           `json:"class"`              // among whom it is ranked: national, provinces, or a province's name
	Agencies []ids.LegalID    `json:"agencies"`           // whose figures Whole adds up; an agency's own stands first
	Raw      map[string]int64 `json:"figures,omitempty"`  // of an agency: its own; one that is absent is missing
	Own      *Result          `json:"own,omitempty"`      // of an agency: by its own figures
	Whole    Result           `json:"whole"`              // by all of them
	Lacking  map[string]int64 `json:"lacking,omitempty"`  // figure → how many of Agencies do not give it
	Rank     int              `json:"rank"`               // 1 is best; who has the same points has the same rank. 0: nothing to rank by
	RankOf   int              `json:"of"`
	Median   Points           `json:"median"` // of its class

	Corrections []Correction `json:"corrections,omitempty"`

	text []byte // as it is stored
}

// Result is points, criterion by criterion.
type Result struct {
	Criteria []Scoring `json:"criteria"`
	Counted  int64     `json:"counted"` // weight of the criteria that count
	Points   Points    `json:"points"`  // of 100
}

// Correction is a figure that an upheld appeal has put right.
type Correction struct {
	Appeal int64  `json:"appeal"`
	Figure string `json:"figure"`
	Was    *int64 `json:"was,omitempty"` // absent: it was missing
	Value  int64  `json:"value"`
}

// Classes of the ranking besides provinces' names.
const (
	national  = "national"
	provinces = "provinces"
)

// result applies the formula. Points of criteria that do not count are made up
// by the others, in proportion.
func (f *Formula) result(raw map[string]int64) Result {
	r := Result{Criteria: []Scoring{}}
	points := int64(0)
	for i := range f.Criteria {
		s := f.Criteria[i].score(raw)
		r.Criteria = append(r.Criteria, s)
		if s.State != NotDue {
			r.Counted += s.Weight
			points += int64(s.Points)
		}
	}
	if r.Counted > 0 {
		r.Points = Points((points*100*2 + r.Counted) / (r.Counted * 2))
	}
	return r
}

// missing reports whether a mandatory criterion lacks its figures.
func (f *Formula) missing(r *Result) bool {
	return slices.ContainsFunc(r.Criteria, func(s Scoring) bool {
		return s.State == Missing && f.criterion(s.Criterion).Mandatory
	})
}

// unitOf begins the unit of an agency; below are the bodies under it.
func unitOf(a *agency.Agency, below []ids.LegalID, raw map[string]int64) *Unit {
	u := &Unit{Kind: AgencyUnit, ID: a.ID.String(), Name: a.Name, Province: a.Province, Class: national, Raw: raw}
	if u.Province != "" {
		u.Class = u.Province
	}
	u.Agencies = append([]ids.LegalID{a.ID}, below...)
	return u
}

// settle makes all units of those of the agencies: their results, provinces and
// the country, ranks. It gives them in order of their ids.
func (f *Formula) settle(agencies []*Unit) []*Unit {
	raw := map[ids.LegalID]map[string]int64{}
	country := &Unit{Kind: CountryUnit, ID: CountryUnit, Class: CountryUnit}
	in := map[string]*Unit{} // by the key of the province's name
	for _, u := range agencies {
		id := u.Agencies[0]
		raw[id] = u.Raw
		country.Agencies = append(country.Agencies, id)
		if u.Province == "" {
			continue
		}
		key := persian.Key(u.Province)
		p := in[key]
		if p == nil {
			p = &Unit{Kind: ProvinceUnit, ID: u.Province, Name: u.Province, Class: provinces}
			in[key] = p
		}
		u.Class = p.ID // however this body spells it
		p.Agencies = append(p.Agencies, id)
	}
	all := append(append(slices.Clone(agencies), country), slices.SortedFunc(maps.Values(in), func(a, b *Unit) int { return cmp.Compare(a.ID, b.ID) })...)
	for _, u := range all {
		if u.Kind == AgencyUnit {
			own := f.result(u.Raw)
			u.Own = &own
		}
		u.whole(f, raw)
	}
	rank(all)
	slices.SortFunc(all, func(a, b *Unit) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// whole adds up the figures of all agencies of a unit.
func (u *Unit) whole(f *Formula, raw map[ids.LegalID]map[string]int64) {
	whole := map[string]int64{}
	u.Lacking = map[string]int64{}
	for _, id := range u.Agencies {
		for name, v := range raw[id] {
			whole[name] += v
		}
	}
	for i := range f.Criteria {
		for _, name := range f.Criteria[i].figures() {
			lack := int64(0)
			for _, id := range u.Agencies {
				if _, ok := raw[id][name]; !ok {
					lack++
				}
			}
			if lack > 0 {
				u.Lacking[name] = lack
			}
		}
	}
	u.Whole = f.result(whole)
}

// rank orders each class by points. Equal points share a rank, and the next one
// counts those before it: 1, 2, 2, 4.
func rank(all []*Unit) {
	classes := map[string][]*Unit{}
	for _, u := range all {
		u.Rank, u.RankOf, u.Median = 0, 0, 0
		if u.Whole.Counted > 0 {
			classes[u.Class] = append(classes[u.Class], u)
		}
	}
	for _, class := range classes {
		slices.SortFunc(class, func(a, b *Unit) int {
			return cmp.Or(cmp.Compare(b.Whole.Points, a.Whole.Points), cmp.Compare(a.ID, b.ID))
		})
		n := len(class)
		median := (class[(n-1)/2].Whole.Points + class[n/2].Whole.Points) / 2
		for i, u := range class {
			u.Rank, u.RankOf, u.Median = i+1, n, median
			if i > 0 && class[i-1].Whole.Points == u.Whole.Points {
				u.Rank = class[i-1].Rank
			}
		}
	}
}

// bytes is the unit's row.
func (u *Unit) bytes() ([]byte, error) {
	type plain Unit
	return line((*plain)(u))
}

// MarshalJSON writes the text that is stored, so that whoever is given all
// units can reckon the digest from what he was given.
func (u *Unit) MarshalJSON() ([]byte, error) {
	if u.text != nil {
		return u.text, nil
	}
	return u.bytes()
}

// line is JSON without white space and with no more escapes than JSON demands.
func line(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
