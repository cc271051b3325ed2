package audit

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/estelam/estelam/internal/ids"
)

// world makes the traffic of honest officers, from a seed.
type world struct {
	r     *rand.Rand
	zipf  *rand.Zipf // surnames of the country
	names map[ids.NationalNumber]string
}

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 22))
	return &world{r: r, zipf: rand.NewZipf(r, 1.1, 40, 60_000), names: map[ids.NationalNumber]string{}}
}

func (w *world) surname() string { return "n" + strconv.FormatUint(w.zipf.Uint64(), 10) }

// inRegister is a sample of it: how frequent surnames are.
var inRegister = sync.OnceValue(func() map[string]float64 {
	const sample = 200_000
	w, shares := newWorld(1), map[string]float64{}
	for range sample {
		shares[w.surname()]++
	}
	for k, n := range shares {
		shares[k] = (n + 3) / sample
	}
	return shares
})

func share(key string) float64 { return max(inRegister()[key], 3.0/200_000) }

// person makes a person of one of the places where an agency's customers live.
func (w *world) person(prefixes []int64, local []string) ids.NationalNumber {
	nine := w.r.Int64N(999_999_999)
	if w.r.Float64() < 0.6 {
		nine = prefixes[w.r.IntN(len(prefixes))]*1_000_000 + w.r.Int64N(400_000)
	}
	n := ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
	if w.names[n] == "" {
		w.names[n] = w.surname()
		if w.r.Float64() < 0.15 {
			w.names[n] = local[min(int(w.r.ExpFloat64()*2), len(local)-1)]
		}
	}
	return n
}

// agency is the month of one agency: officers of different diligence, some of
// them on night shifts, families that come together and come back, customers who
// are asked about every week, retries, relatives with neighbouring numbers.
func (w *world) agency(id ids.LegalID, officers int) (all []*traffic) {
	prefixes := []int64{w.r.Int64N(999), w.r.Int64N(999), w.r.Int64N(999)}
	local := []string{w.surname(), w.surname(), w.surname(), w.surname(), w.surname(), w.surname(), w.surname(), w.surname()}
	nights := w.r.IntN(4) == 0
	for i := range officers {
		t := &traffic{agency: id, login: fmt.Sprintf("o%d", i), own: []string{w.surname()}}
		if w.r.IntN(4) == 0 {
			t.own = local[:1] // he is from here
		}
		volume := int(math.Exp(4.6 + 0.8*w.r.NormFloat64()))
		miss, deny, off := 0.02+0.06*w.r.Float64(), 0.03*w.r.Float64(), 0.08*w.r.Float64()
		if nights && i%4 == 0 {
			off = 0.9
		}
		for len(t.asks) < volume {
			w.visit(t, prefixes, local, miss, deny, off)
		}
		all = append(all, t.sum())
	}
	return all
}

// visit is one customer, or one family.
func (w *world) visit(t *traffic, prefixes []int64, local []string, miss, deny, off float64) {
	first := w.person(prefixes, local)
	family := []ids.NationalNumber{first}
	if w.r.Float64() < 0.2 {
		for range 1 + w.r.IntN(5) {
			n := w.person(prefixes, local)
			if w.r.Float64() < 0.15 { // a twin, or registered one after the other
				nine := int64(first)/10 + 1
				n = ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
			}
			if w.r.Float64() < 0.7 {
				w.names[n] = w.names[first]
			}
			family = append(family, n)
		}
	}
	comes := []int64{w.r.Int64N(30)}
	if w.r.Float64() < 0.1 {
		comes = append(comes, comes[0]+1+w.r.Int64N(5))
	}
	if w.r.Float64() < 0.01 {
		for week := range int64(4) {
			comes = append(comes, comes[0]+7*week)
		}
	}
	for _, day := range comes {
		at := day*dayMicros + (8+w.r.Int64N(8))*3_600_000_000
		night := w.r.Float64() < off
		for _, n := range family {
			for again := true; again; again = w.r.Float64() < 0.1 {
				at += 60_000_000
				a := ask{number: n, at: at, off: night, missed: w.r.Float64() < miss, denied: w.r.Float64() < deny}
				copy(a.code[:], fmt.Sprintf("%020d", len(t.asks)))
				t.asks = append(t.asks, a)
			}
		}
	}
}

// sum fills in the counts, and brings the inquiries into the order of time.
func (t *traffic) sum() *traffic {
	t.asked, t.missed, t.denied, t.off = int64(len(t.asks)), 0, 0, 0
	slices.SortStableFunc(t.asks, func(a, b ask) int { return cmp.Compare(a.at, b.at) })
	for _, a := range t.asks {
		for _, c := range []struct {
			is bool
			n  *int64
		}{{a.missed, &t.missed}, {a.denied, &t.denied}, {a.off, &t.off}} {
			if c.is {
				*c.n++
			}
		}
	}
	return t
}

func (w *world) detect(peers []*traffic) []Pattern {
	return append(byCounts(peers, peers), byPersons(peers, &names{w.names, share})...)
}

// TestHonest measures false alarms: of honest officers at most one in a thousand
// officer-months may be named. ESTELAM_MONTHS=50000 makes the published figure.
func TestHonest(t *testing.T) {
	months := 4000
	if s := os.Getenv("ESTELAM_MONTHS"); s != "" {
		months, _ = strconv.Atoi(s)
	}
	w := newWorld(1405)
	kinds, named, done := map[string]int{}, 0, 0
	for id := ids.LegalID(1); done < months; id++ {
		n := 2 + w.r.IntN(60)
		done += n
		who := map[string]bool{}
		for _, p := range w.detect(w.agency(id, n)) {
			kinds[p.Kind]++
			who[p.Officer] = true
			t.Logf("%s of %d: %d of %d, expected %.3g, chance 10^%.1f", p.Officer, n, p.Observed, p.Asked, p.Expected, p.Chance)
		}
		named += len(who)
		clear(w.names)
	}
	t.Logf("%d officer-months, %d officers named without reason: %v", done, named, kinds)
	if named*1000 > done {
		t.Errorf("more than one in a thousand")
	}
}

// TestPlanted hides one kind of misuse at a time among honest officers.
func TestPlanted(t *testing.T) {
	add := func(t *traffic, day int64, n ids.NationalNumber) {
		a := ask{number: n, at: day*dayMicros + 9*3_600_000_000 + int64(len(t.asks))*60_000_000}
		copy(a.code[:], fmt.Sprintf("9%019d", len(t.asks)))
		t.asks = append(t.asks, a)
	}
	number := func(nine int64) ids.NationalNumber { return ids.NationalNumber(nine*10 + ids.CheckDigit(nine)) }
	plants := map[string]func(w *world, t *traffic){
		kindVolume: func(w *world, t *traffic) {
			for i := range 12_000 {
				add(t, int64(i%28), number(w.r.Int64N(999_999_999)))
			}
		},
		kindNotFound: func(_ *world, t *traffic) {
			for i := range t.asks {
				t.asks[i].missed = t.asks[i].missed || i%2 == 0
			}
		},
		kindRefused: func(_ *world, t *traffic) {
			for i := range t.asks {
				t.asks[i].denied = i%3 == 0
			}
		},
		kindOffHours: func(_ *world, t *traffic) {
			for i := range t.asks {
				t.asks[i].off = i%5 != 0
			}
		},
		kindFamily: func(w *world, t *traffic) {
			for i := range 24 {
				n := number(w.r.Int64N(999_999_999))
				w.names[n] = "rare"
				add(t, int64(i%3), n)
			}
		},
		kindOwnName: func(w *world, t *traffic) {
			t.own = []string{"his"}
			for i := range 6 {
				n := number(w.r.Int64N(999_999_999))
				w.names[n] = "his"
				add(t, int64(4*i), n)
			}
		},
		kindRun: func(w *world, t *traffic) {
			first := w.r.Int64N(999_000_000)
			for i := range int64(12) {
				add(t, (i*7)%28, number(first+2*i-i%2))
			}
		},
		kindSteps: func(w *world, t *traffic) {
			first := w.r.Int64N(900_000_000)
			for i := range int64(8) {
				add(t, 30, number(first+i*1000))
			}
		},
		kindRepeat: func(w *world, t *traffic) {
			n := number(w.r.Int64N(999_999_999))
			for i := range int64(22) {
				add(t, i, n)
			}
		},
	}
	for kind, plant := range plants {
		t.Run(kind, func(t *testing.T) {
			found := 0
			const worlds = 20
			for seed := range uint64(worlds) {
				w := newWorld(seed)
				peers := w.agency(1, 25)
				bad := peers[13]
				plant(w, bad)
				bad.sum()
				for _, p := range w.detect(peers) {
					if p.Kind == kind && p.Officer == bad.login {
						found++
						if len(p.Codes) == 0 || len(p.Codes) > mostCodes || p.Chance > ownAlarm || p.Observed < fewestName || p.Asked != bad.asked {
							t.Errorf("%+v", p)
						}
						break
					}
				}
			}
			if t.Logf("found %d of %d", found, worlds); found < worlds-worlds/3 { // the rest are small months, or colleagues at night
				t.Errorf("found %d of %d", found, worlds)
			}
		})
	}
}

// TestChance holds the tails against sums that are easy to make.
func TestChance(t *testing.T) {
	for _, c := range []struct{ got, want float64 }{
		{poissonTail(5, 1), math.Log10(1 - math.Exp(-1)*(1+1+0.5+1.0/6+1.0/24))},
		{poissonTail(1, 3), 0},
		{binomialTail(3, 3, 0.1), -3},
		{binomialTail(2, 3, 0.1), math.Log10(0.028)},
		{binomialTail(1, 10, 0.5), 0},
		{normalTail(1.959964), math.Log10(0.025)},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%g, want %g", c.got, c.want)
		}
	}
	if far := normalTail(40); math.Abs(far+349.4) > 0.5 || math.Abs(normalTail(29.999)-normalTail(30.001)) > 0.1 {
		t.Errorf("%g, %g beside %g", far, normalTail(29.999), normalTail(30.001))
	}
	if m, s := middle([]float64{1, 2, 3, 4, 1000}); m != 3 || s != 1 {
		t.Error(m, s)
	}
}
