package synth

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/estelam/estelam/internal/persian"
)

// land is the country that the synthetic people live in.
type land struct {
	provinces  []province // by id; [0] is none
	counties   []county   // [0] is none
	districts  []string   // by id
	localities []locality
	areas      []area // in the order of their codes
	offices    []office
	streets    []string
	buildings  []string
	quarters   []string
	villages   []string
}

type province struct {
	name       string
	population int
	leads      []string // what its postal areas begin with
	region     string   // where names of a region are given
	regional   int      // to so many percent of the families
	first      int      // its first area
	beyond     int      // the first area after its own
	weight     int64    // sum of its localities'
}

type county struct {
	name          string
	province      int
	weight        int64 // sum of its localities'
	first, beyond int   // its areas
}

// locality is a city, a part of a large one, or a rural district.
type locality struct {
	name             string
	part             string // of the city: its region
	rural            bool
	province, county int
	district         int
	weight           int64
}

// area is the first five digits of postal codes; one locality has it.
type area struct {
	code     int32
	locality int32
	sum      int64 // inhabitants of the areas before this one
}

// office issues shenasnamehs and, once, national numbers with its prefix.
type office struct {
	prefix int
	place  string
	county int // 0: abroad
	sum    int64
}

// Inhabitants in thousands of what cities.csv does not know.
const (
	seat  = 40 // a city with the name of its county
	town  = 8
	rural = 6
)

func readLand(w words) *land {
	l := &land{
		streets: lines("streets.txt"), buildings: lines("buildings.txt"),
		quarters: lines("neighbourhoods.txt"), villages: lines("villages.txt"),
	}
	l.readProvinces()
	spelling := map[string]string{}
	for _, row := range rows("spelling.csv") {
		spelling[row[0]] = row[1]
	}
	right := func(name string) string {
		name = strings.Join(strings.Fields(name), " ")
		if s, ok := spelling[name]; ok {
			return s
		}
		return name
	}
	l.readDivisions(w, right)
	l.layAreas()
	l.readOffices()
	return l
}

func (l *land) readProvinces() {
	list := rows("provinces.csv")
	l.provinces = make([]province, len(list)+1)
	for _, row := range list {
		l.provinces[number(row[0])] = province{
			name: row[1], population: number(row[2]), leads: strings.Fields(row[3]),
			region: row[4], regional: number(row[5]),
		}
	}
}

func (l *land) readDivisions(w words, right func(string) string) {
	counties := records("divisions/shahrestan.csv")
	l.counties = make([]county, len(counties)+1)
	for _, r := range counties {
		l.counties[number(r["id"])] = county{name: right(r["name"]), province: number(r["ostan"])}
	}
	districts := records("divisions/bakhsh.csv")
	l.districts = make([]string, len(districts)+1)
	for _, r := range districts {
		l.districts[number(r["id"])] = right(r["name"])
	}
	l.readCities(w, right)
	for _, r := range records("divisions/dehestan.csv") {
		l.settle(r, locality{name: right(r["name"]), rural: true, weight: rural})
	}
	l.shareOut()
}

func (l *land) readCities(w words, right func(string) string) {
	thousands := map[string]int64{}
	for _, row := range rows("cities.csv") {
		thousands[row[0]] = int64(number(row[1]))
	}
	cities := records("divisions/shahr.csv")
	parts := map[string]int64{} // regions of each large city
	for _, r := range cities {
		if name, part := city(r["name"]); part != "" {
			parts[r["shahrestan"]+name]++
		}
	}
	for _, r := range cities {
		name, part := city(r["name"])
		n := parts[r["shahrestan"]+name]
		if part == "" && n > 0 {
			continue // it stands there by its regions
		}
		weight := int64(town)
		if t := thousands[name]; t > 0 {
			weight = max(1, t/max(n, 1))
		} else if right(name) == l.counties[number(r["shahrestan"])].name {
			weight = seat
		}
		if part != "" {
			part = w.one("region") + " " + persian.Digits(part)
		}
		l.settle(r, locality{name: right(name), part: part, weight: weight})
	}
}

// city parts the number of a region from the name of a large city.
func city(s string) (name, part string) {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, "-", " ")), " ")
	name = strings.TrimRight(s, "0123456789")
	return strings.TrimSpace(name), s[len(name):]
}

// settle adds a locality of a record of divisions.
func (l *land) settle(r map[string]string, at locality) {
	at.province, at.county = number(r["ostan"]), number(r["shahrestan"])
	at.district = number(r["bakhsh"])
	l.localities = append(l.localities, at)
}

// shareOut gives the localities of a province its inhabitants, and puts the
// large counties and cities first.
func (l *land) shareOut() {
	for _, at := range l.localities {
		l.provinces[at.province].weight += at.weight
	}
	for i := range l.localities {
		at := &l.localities[i]
		p := &l.provinces[at.province]
		at.weight = int64(p.population) * at.weight / p.weight
		l.counties[at.county].weight += at.weight
	}
	slices.SortStableFunc(l.localities, func(a, b locality) int {
		return cmp.Or(
			cmp.Compare(l.provinces[a.province].leads[0], l.provinces[b.province].leads[0]),
			-cmp.Compare(l.counties[a.county].weight, l.counties[b.county].weight),
			cmp.Compare(a.county, b.county),
			-cmp.Compare(a.weight, b.weight),
		)
	})
}

// layAreas gives each locality at least one postal area and more by its
// inhabitants. Like real ones, areas have none of 0 and 2 in their digits; 5
// does not end one, and the first four digits are not all the same.
func (l *land) layAreas() {
	sum := int64(0)
	for at := 0; at < len(l.localities); {
		p := &l.provinces[l.localities[at].province]
		codes := areaCodes(p.leads)
		end := at
		whole, n := int64(0), 0
		for ; end < len(l.localities) && l.localities[end].province == l.localities[at].province; end++ {
			whole += l.localities[end].weight
			n++
		}
		p.first = len(l.areas)
		spare, before := len(codes)-n, int64(0)
		for i := at; i < end; i++ {
			place := &l.localities[i]
			span := 1 + share(spare, before+place.weight, whole) - share(spare, before, whole)
			before += place.weight
			c := &l.counties[place.county]
			if c.beyond == 0 {
				c.first = len(l.areas)
			}
			for k := range span {
				part := place.weight*int64(k+1)/int64(span) - place.weight*int64(k)/int64(span)
				l.areas = append(l.areas, area{codes[0], int32(i), sum})
				codes, sum = codes[1:], sum+part
			}
			c.beyond = len(l.areas)
		}
		p.beyond = len(l.areas)
		at = end
	}
	l.areas = append(l.areas, area{sum: sum})
}

// areaCodes are all areas that begin with one of leads, in ascending order.
func areaCodes(leads []string) (codes []int32) {
	for code := int32(11111); code <= 99999; code++ {
		s := [5]byte{}
		ok, same := true, true
		for i, rest := 4, code; i >= 0; i, rest = i-1, rest/10 {
			s[i] = byte('0' + rest%10)
			ok = ok && s[i] != '0' && s[i] != '2'
			same = same && (i == 4 || s[i] == s[3])
		}
		if !ok || same || s[4] == '5' {
			continue
		}
		for _, lead := range leads {
			if string(s[:len(lead)]) == lead {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// readOffices shares the inhabitants of each province among its offices by
// their counties.
func (l *land) readOffices() {
	list := rows("offices.csv")
	perCounty := map[int]int64{}
	for _, row := range list {
		perCounty[number(row[2])]++
	}
	perProvince := make([]int64, len(l.provinces))
	for id, c := range l.counties {
		if perCounty[id] > 0 {
			perProvince[c.province] += c.weight
		}
	}
	sum := int64(0)
	for _, row := range list {
		o := office{number(row[0]), row[1], number(row[2]), sum}
		l.offices = append(l.offices, o)
		if o.county == 0 {
			sum += 80_000 // born abroad
			continue
		}
		c := &l.counties[o.county]
		sum += int64(l.provinces[c.province].population) * c.weight / perProvince[c.province] / perCounty[o.county]
	}
	l.offices = append(l.offices, office{sum: sum})
}

// areaOf is the area to which thing i of n belongs, when areas get what they weigh.
func (l *land) areaOf(i, n int) int {
	whole := l.areas[len(l.areas)-1].sum
	return sort.Search(len(l.areas)-1, func(a int) bool { return share(n, l.areas[a+1].sum, whole) > i })
}
