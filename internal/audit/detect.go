package audit

import (
	"cmp"
	"math"
	"slices"

	"github.com/estelam/estelam/internal/ids"
)

// What is looked for in the inquiries of one officer in one month. For each the
// chance is stated: how many such findings an officer and month bring if the
// inquiries have nothing to do with each other. docs/audit.md gives the formulas,
// what honest traffic they were measured on, and what they do not see.
const (
	kindVolume   = "volume"    // many times as many inquiries as peers
	kindNotFound = "not_found" // nobody found, far more often than peers
	kindRefused  = "refused"   // refused, far more often than peers
	kindOffHours = "off_hours" // outside working hours, far more often than peers
	kindFamily   = "family"    // persons of one rare surname, again and again
	kindOwnName  = "own_name"  // persons of his own surname
	kindRun      = "run"       // numbers next to each other
	kindSteps    = "steps"     // numbers at equal distances, one after the other
	kindRepeat   = "repeat"    // one person, again and again
)

// The limits of what is reported.
const (
	alarm    = -6.0 // log10: one finding in a million officers and months
	ownAlarm = -5.0 // of his own name, which is one name and not all

	fewestPeers = 8
	fewestAsked = 100 // of volume
	fewest      = 5   // of counts
	zAlarm      = 5.0
	zSpread     = 0.5 // the smallest spread of the logarithm of counts that is believed

	allowed    = 2.0  // a share may be twice that of peers
	allowedOff = 3.0  // … of off hours thrice: shifts differ
	leastShare = 0.02 // and is held to be this at least

	together    = 4 // so many of a family come together
	fewestName  = 3 // families of one surname
	gap         = 5 // numbers so near are next to each other
	fewestRun   = 5
	runChance   = 0.05 // at least, that the next number is so near
	runSpread   = 10_000
	fewestSteps = 4 // equal distances
	stepChance  = 1e-3
	usualRepeat = 2.0

	mostCodes = 20
)

// ask is one inquiry as far as patterns are concerned.
type ask struct {
	number ids.NationalNumber // 0: of a place
	at     int64              // microseconds
	code   [20]byte
	off    bool // outside working hours
	missed bool // nobody was found
	denied bool // refused
}

// traffic is what one officer asked.
type traffic struct {
	agency ids.LegalID
	login  string
	own    []string // keys that his surname may have

	asked, missed, denied, off int64
	asks                       []ask // in order of time; not all, if they are too many
}

func (t *traffic) finding(kind string, observed int64, expected, chance float64, codes []ids.TrackingCode) Pattern {
	return Pattern{
		Kind: kind, Agency: t.agency, Officer: t.login, Observed: observed, Asked: t.asked,
		Expected: expected, Chance: chance, Codes: codes,
	}
}

// codes are the tracking codes of asks that show something.
func (t *traffic) codes(shows func(*ask) bool) []ids.TrackingCode {
	all := []ids.TrackingCode{}
	for i := range t.asks {
		if len(all) < mostCodes && shows(&t.asks[i]) {
			all = append(all, ids.TrackingCode(t.asks[i].code[:]))
		}
	}
	return all
}

// byCounts compares the officers of one agency with each other. wide are those
// of all agencies of its kind, for an agency of few.
func byCounts(peers, wide []*traffic) (found []Pattern) {
	beside := peers
	if len(peers) <= fewestPeers {
		beside = wide
	}
	for _, t := range peers {
		if p, ok := t.volume(beside); ok {
			found = append(found, p)
		}
		for _, s := range []struct {
			kind    string
			allowed float64
			burst   int64 // so many come together
			of      func(*traffic) int64
			shows   func(*ask) bool
		}{
			{kindNotFound, allowed, 1, func(t *traffic) int64 { return t.missed }, func(a *ask) bool { return a.missed }},
			{kindRefused, allowed, 1, func(t *traffic) int64 { return t.denied }, func(a *ask) bool { return a.denied }},
			{kindOffHours, allowedOff, 2, func(t *traffic) int64 { return t.off }, func(a *ask) bool { return a.off }},
		} {
			if p, ok := t.share(beside, s.kind, s.allowed, s.burst, s.of, s.shows); ok {
				found = append(found, p)
			}
		}
	}
	return found
}

// volume compares the logarithm of a count with the median of peers.
func (t *traffic) volume(peers []*traffic) (p Pattern, ok bool) {
	var logs []float64
	near := 0 // peers who asked at least half as much
	for _, o := range peers {
		if o == t {
			continue
		}
		logs = append(logs, math.Log(float64(o.asked)))
		if 2*o.asked >= t.asked {
			near++
		}
	}
	if len(logs) < fewestPeers || t.asked < fewestAsked || !alone(near, len(logs)) {
		return p, false
	}
	median, spread := middle(logs)
	z := (math.Log(float64(t.asked)) - median) / max(1.4826*spread, zSpread)
	if z < zAlarm {
		return p, false
	}
	return t.finding(kindVolume, t.asked, math.Exp(median), normalTail(z), t.codes(func(*ask) bool { return true })), true
}

// alone tells whether so few of the peers do the same that it is not how a part
// of them works, such as a night shift.
func alone(near, peers int) bool { return near <= peers/20 }

// share compares how often something is so with how often it is with peers. What
// comes in bursts is counted by the burst, and needs more peers.
func (t *traffic) share(peers []*traffic, kind string, allowed float64, burst int64, of func(*traffic) int64, shows func(*ask) bool) (p Pattern, ok bool) {
	mine := of(t)
	if mine < fewest {
		return p, false
	}
	var asked, sum int64
	near, others := 0, 0
	for _, o := range peers {
		if o == t {
			continue
		}
		others++
		asked += o.asked
		sum += of(o)
		if of(o) > 1 && 2*of(o)*t.asked >= mine*o.asked {
			near++
		}
	}
	if asked == 0 || burst > 1 && others < fewestPeers || !alone(near, others) {
		return p, false
	}
	usual := max(leastShare, allowed*float64(sum)/float64(asked))
	chance := binomialTail(mine/burst, t.asked/burst, usual)
	if chance > alarm {
		return p, false
	}
	return t.finding(kind, mine, usual*float64(t.asked), chance, t.codes(shows)), true
}

// names says what surname a person has, and how frequent that is.
type names struct {
	of    map[ids.NationalNumber]string // key of the surname; absent: nobody is found
	share func(key string) float64      // in the register
}

// byPersons looks at whom the officers of one agency asked about.
func byPersons(peers []*traffic, n *names) (found []Pattern) {
	surnames := newCensus(peers, n)
	most := mostRepeats(peers)
	for i, t := range peers {
		found = append(found, t.families(n, surnames)...)
		found = append(found, t.runs()...)
		if p, ok := t.steps(); ok {
			found = append(found, p)
		}
		other := int64(0)
		for k, m := range most {
			if k != i {
				other = max(other, m)
			}
		}
		found = append(found, t.repeats(other)...)
	}
	return found
}

// kin is what an officer asked about persons of one surname.
type kin struct {
	persons map[ids.NationalNumber]bool
	days    map[int64]bool // on which somebody new was asked about
}

// families is how many families that must have been: who comes together comes on
// one day, and up to four of them.
func (k *kin) families() int64 {
	return int64(max(len(k.days), (len(k.persons)+together-1)/together))
}

const dayMicros = 86_400_000_000

// kins groups whom an officer asked about by surname.
func (t *traffic) kins(n *names) map[string]*kin {
	all := map[string]*kin{}
	seen := map[ids.NationalNumber]bool{}
	for i := range t.asks {
		a := &t.asks[i]
		key := n.of[a.number]
		if key == "" || seen[a.number] {
			continue
		}
		seen[a.number] = true
		k := all[key]
		if k == nil {
			k = &kin{map[ids.NationalNumber]bool{}, map[int64]bool{}}
			all[key] = k
		}
		k.persons[a.number] = true
		k.days[(a.at+zone)/dayMicros] = true
	}
	return all
}

// zone is Tehran's distance from UTC.
const zone = (3*3600 + 30*60) * 1_000_000

// census is how many families of each surname the officers of an agency asked
// about: in a village half of them may have one name.
type census struct {
	total int64
	of    map[string]int64
	kins  map[*traffic]map[string]*kin
}

func newCensus(peers []*traffic, n *names) *census {
	c := &census{of: map[string]int64{}, kins: map[*traffic]map[string]*kin{}}
	for _, t := range peers {
		kins := t.kins(n)
		c.kins[t] = kins
		for key, k := range kins {
			c.of[key] += k.families()
			c.total += k.families()
		}
	}
	return c
}

// families looks for surnames that come too often, and for the officer's own.
func (t *traffic) families(n *names, all *census) (found []Pattern) {
	kins := all.kins[t]
	total := int64(0)
	for _, k := range kins {
		total += k.families()
	}
	for key, k := range kins {
		seen := k.families()
		own := slices.Contains(t.own, key)
		if seen < fewestName {
			continue
		}
		// Half a family more than the colleagues met: few colleagues say little of
		// what is usual in the place.
		share := max(n.share(key), allowed*(float64(all.of[key]-seen)+0.5)/float64(all.total-total+1))
		mean := share * float64(total)
		kind, limit, chance := kindFamily, alarm, poissonTail(seen, mean)+math.Log10(float64(len(kins)))
		if own {
			kind, limit, chance = kindOwnName, ownAlarm, poissonTail(seen, mean)
		}
		if chance > limit {
			continue
		}
		codes := t.codes(func(a *ask) bool { return k.persons[a.number] })
		found = append(found, t.finding(kind, int64(len(k.persons)), mean, chance, codes))
	}
	slices.SortFunc(found, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(a.Chance, b.Chance), slices.Compare(a.Codes, b.Codes))
	})
	return found
}

// runs looks for chains of numbers, each near the one before. An office gives
// numbers out one after the other, so numbers of one office are looked at
// together, and how near two are by chance follows from how densely he asked.
func (t *traffic) runs() (found []Pattern) {
	var all []int64
	for i := range t.asks {
		if n := t.asks[i].number; n != 0 {
			all = append(all, int64(n)/10) // without the check digit
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	const office = 1_000_000
	for len(all) > 0 {
		end := 1
		for end < len(all) && all[end]/office == all[0]/office {
			end++
		}
		if p, ok := t.chain(all[:end]); ok {
			found = append(found, p)
		}
		all = all[end:]
	}
	return found
}

// chain is the longest chain in the numbers of one office.
func (t *traffic) chain(all []int64) (p Pattern, ok bool) {
	n := len(all)
	first, length := 0, 0
	for i := 0; i < n; {
		k := i + 1
		for k < n && all[k]-all[k-1] <= gap {
			k++
		}
		if k-i > length {
			first, length = i, k-i
		}
		i = k
	}
	if length < fewestRun {
		return p, false
	}
	// The chain itself is not counted in the density: a chain alone is no crowd.
	others := float64(n - length)
	near := max(runChance, 1-math.Exp(-others*gap/float64(max(all[n-1]-all[0], runSpread))))
	chance := math.Log10(float64(n)) + float64(length-1)*math.Log10(near)
	if chance > alarm {
		return p, false
	}
	low, high := all[first], all[first+length-1]
	codes := t.codes(func(a *ask) bool { return int64(a.number)/10 >= low && int64(a.number)/10 <= high })
	return t.finding(kindRun, int64(length), math.Pow(10, chance), chance, codes), true
}

// steps looks for numbers asked one after the other at equal distances, as a
// program does that goes through them.
func (t *traffic) steps() (p Pattern, ok bool) {
	length, run, end := 0, 0, 0
	last, distance := int64(0), int64(0)
	asked := 0
	for i := range t.asks {
		n := int64(t.asks[i].number) / 10
		if n == 0 || n == last {
			continue
		}
		asked++
		switch d := n - last; {
		case last == 0:
		case d == distance:
			run++
		default:
			run, distance = 1, d
		}
		if last = n; run > length {
			length, end = run, i
		}
	}
	if length < fewestSteps {
		return p, false
	}
	chance := math.Log10(float64(asked)) + float64(length-1)*math.Log10(stepChance)
	if chance > alarm {
		return p, false
	}
	codes := []ids.TrackingCode{}
	for i := max(0, end-length); i <= end && len(codes) < mostCodes; i++ {
		codes = append(codes, ids.TrackingCode(t.asks[i].code[:]))
	}
	return t.finding(kindSteps, int64(length+1), math.Pow(10, chance), chance, codes), true
}

// occasions counts how often each person was asked about: what is asked again
// within the hour is one occasion.
func (t *traffic) occasions() map[ids.NationalNumber]int64 {
	const hour = 3_600_000_000
	last, all := map[ids.NationalNumber]int64{}, map[ids.NationalNumber]int64{}
	for i := range t.asks {
		a := &t.asks[i]
		if a.number == 0 {
			continue
		}
		if before, asked := last[a.number]; !asked || a.at-before >= hour {
			all[a.number]++
			last[a.number] = a.at
		}
	}
	return all
}

func mostRepeats(peers []*traffic) []int64 {
	all := make([]int64, len(peers))
	for i, t := range peers {
		for _, n := range t.occasions() {
			all[i] = max(all[i], n)
		}
	}
	return all
}

// repeats looks for persons asked about again and again. other is the most that
// a peer has: where that is usual it is no finding.
func (t *traffic) repeats(other int64) (found []Pattern) {
	all := t.occasions()
	total := int64(0)
	for _, n := range all {
		total += n
	}
	for number, n := range all {
		if n < fewest || 2*other >= n {
			continue
		}
		mean := usualRepeat
		if len(all) > 1 {
			mean = max(mean, allowed*float64(total-n)/float64(len(all)-1))
		}
		chance := poissonTail(n, mean) + math.Log10(float64(len(all)))
		if chance > alarm {
			continue
		}
		found = append(found, t.finding(kindRepeat, n, mean, chance, t.codes(func(a *ask) bool { return a.number == number })))
	}
	slices.SortFunc(found, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(a.Chance, b.Chance), slices.Compare(a.Codes, b.Codes))
	})
	return found
}
