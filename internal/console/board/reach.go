package board

import (
	"cmp"
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

// reach is how far the bodies of one province have come.
type reach struct {
	name                          string
	bodies, joined, agreements    int64
	processes, online, exceptions int64
}

func (r *reach) share() float64 {
	if r.processes == 0 {
		return 0
	}
	return float64(r.online) / float64(r.processes)
}

// byProvince adds up the bound bodies of each province; national ones stand
// first, without a name of a province.
func byProvince(v *page.Visit) []reach {
	all, index := []reach{{name: v.T("console.board.national")}}, map[string]int{"": 0}
	for _, name := range v.Processes.Provinces() {
		index[persian.Key(name)] = len(all)
		all = append(all, reach{name: name})
	}
	now := v.Clock()
	for _, a := range v.Agencies.Agencies() {
		i, ok := index[persian.Key(a.Province)]
		if !ok || !a.Bound || a.State == agency.Closed {
			continue
		}
		r := &all[i]
		r.bodies++
		if a.Accountable != "" {
			r.joined++
		}
		if _, ok := v.Agreements.InForce(a.ID, now); ok {
			r.agreements++
		}
		for _, p := range v.Processes.Of(a.ID) {
			if p.Ended {
				continue
			}
			switch r.processes++; p.State {
			case process.Online:
				r.online++
			case process.Exception:
				r.exceptions++
			}
		}
	}
	return all
}

// coverage counts the processes of all agencies, and those that are online.
func coverage(v *page.Visit) (online, all int64) {
	for _, p := range v.Processes.All() {
		if p.Ended {
			continue
		}
		if all++; p.State == process.Online {
			online++
		}
	}
	return online, all
}

// provinceMeters are the provinces in the order of how far they have come.
func provinceMeters(v *page.Visit, n int) page.Meters {
	m := page.Meters{Title: v.T("console.board.dashboard.provinces"), Empty: v.T("console.board.dashboard.provinces.none")}
	all := slices.DeleteFunc(byProvince(v), func(p reach) bool { return p.processes == 0 })
	slices.SortStableFunc(all, func(a, b reach) int { return cmp.Compare(b.share(), a.share()) })
	for _, p := range all[:min(n, len(all))] {
		m.Lines = append(m.Lines, page.Progress{Label: p.name, Share: p.share(), Text: v.Percent(p.share())})
	}
	return m
}

// share is n of all in percent; of nothing it is a dash.
func share(v *page.Visit, n, all int64) string {
	if all == 0 {
		return "–"
	}
	return v.Percent(float64(n) / float64(all))
}
