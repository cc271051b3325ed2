package synth

import "github.com/estelam/estelam/internal/person"

// Offices lists the registry offices that the population was registered by, in
// the order of their codes.
func (p *Population) Offices() []person.Office {
	var all []person.Office
	for _, o := range p.offices[:len(p.offices)-1] { // the last one is a bound
		c := &p.counties[o.county]
		office := person.Office{Code: 10_000 + o.prefix, Name: o.place, Prefixes: []person.Prefix{person.Prefix(o.prefix)}}
		if o.county != 0 {
			office.Province, office.County = p.provinces[c.province].name, c.name
		}
		all = append(all, office)
	}
	return all
}
