package office

import (
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/job"
)

// home is the first page of the back office: what waits, and for how long.
func home(v *page.Visit) error {
	pending, first, err := v.Cases.Pending(v.Context())
	if err != nil {
		return err
	}
	left, tone := days(v, first)
	drafts, err := v.Agreements.Waiting(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	files, err := v.Deliveries.Counts(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	counts, err := v.Jobs.Counts(v.Context())
	if err != nil {
		return err
	}
	s := page.Screen{Title: v.T("console.office.home.title"), Lead: v.Today(), Blocks: []any{
		page.Tiles{
			{Label: v.T("console.office.cases.pending"), Value: v.Count(pending), Note: left, Tone: tone, Path: "/office/cases"},
			{Label: v.T("console.office.agreements.requested"), Value: v.Count(drafts[agreement.Requested]), Tone: page.Warn, Path: "/office/agreements", Note: v.T("console.office.home.signed", v.Count(drafts[agreement.Signed]))},
			{Label: v.T("console.office.home.requested"), Value: v.Count(files[delivery.Requested]), Tone: page.Warn, Path: "/office/deliveries?state=requested", Note: v.T("console.office.home.stopped", v.Count(files[delivery.Stopped]))},
			{Label: v.T("console.office.log.jobs"), Value: v.Count(counts[job.Waiting] + counts[job.Running]), Path: "/office/jobs", Note: v.T("console.office.log.failed", v.Count(counts[job.Failed]))},
		},
		choices(v),
	}}
	return v.Show(s)
}

func choices(v *page.Visit) page.Choices {
	card := func(name, icon string, links ...page.Link) page.Choice {
		return page.Choice{Title: v.T("console.office.home." + name), Text: v.T("console.office.home." + name + ".text"), Icon: icon, Links: links}
	}
	link := func(path, key string) page.Link { return page.Link{Path: path, Text: v.T(key)} }
	bodies := []page.Link{link("/office/agreements", "console.office.agreements.title")}
	if chief(v) {
		bodies = append([]page.Link{link("/office/agencies", "console.office.agencies.title")}, bodies...)
	}
	return page.Choices{
		card("cases", "warn", link("/office/cases?state=open", "console.office.home.cases.open"), link("/office/cases/of", "console.office.cases.of")),
		card("reviews", "predicate", link("/office/reviews", "console.office.reviews.title")),
		card("letters", "print", link("/office/letters", "console.office.letters.title")),
		card("deliveries", "down", link("/office/deliveries", "console.office.deliveries.title"), link("/office/deliveries/clock", "console.office.clock.title")),
		card("agencies", "place", bodies...),
		card("log", "shield", link("/office/log", "console.office.log.title"), link("/office/jobs", "console.office.jobs.title")),
	}
}
