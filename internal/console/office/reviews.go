package office

import (
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
)

func reviewRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/reviews", staff, reviews), page.Get("/office/reviews/work", staff, productivity), page.Get("/office/reviews/{review}", staff, showReview),
		},
		nextReview.Routes(), decideReview.Routes(), releaseReview.Routes(), undoReview.Routes(), recalibrate.Routes(),
	)
}

// reviews lists the rows that a person must decide, without anything of whom
// they are about, and gives the next one.
func reviews(v *page.Visit) error {
	f := delivery.ReviewFilter{Delivery: v.Asked("delivery"), After: v.Asked("after"), Limit: rowsAPage}
	if f.State.UnmarshalText([]byte(v.R.URL.Query().Get("state"))) != nil {
		return page.NotFound()
	}
	all, err := v.Deliveries.Reviews(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.reviews.case"), v.T("console.office.reviews.delivery"), v.T("console.office.reviews.line"),
			v.T("console.office.reviews.state"), v.T("console.office.reviews.stakes"), v.T("console.office.reviews.taker"),
		),
		Empty: v.T("console.office.reviews.none"),
	}
	for _, r := range all {
		row := page.Row{Cells: []page.Cell{
			{Text: v.No(r.ID)},
			{Text: v.No(r.Delivery), Path: at("/office/deliveries/", r.Delivery)},
			{Text: v.No(r.Line)},
			{Text: v.T("console.office.review_state." + r.State.String()), Tone: reviewTone(r.State)},
			{Text: stakes(v, r)},
			{Text: r.Taker},
		}}
		if mayRead(v, r) {
			row.Cells[0].Path = at("/office/reviews/", r.ID)
		}
		table.Rows = append(table.Rows, row)
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	s := page.Screen{
		Title: v.T("console.office.reviews.title"), Lead: v.T("console.office.reviews.lead"),
		Buttons: []page.Button{{Path: "/office/reviews/work", Text: v.T("console.office.work.title"), Ghost: true}},
		Blocks: []any{
			press(v, "/office/reviews/next", "console.office.nextreview.button", page.Hidden{Name: "delivery", Value: strconv.FormatInt(f.Delivery, 10)}),
			v.Tabs("/office/reviews", "state", "console.office.review_state.", "", "open", "second", "disputed", "decided"),
			table,
		},
	}
	return v.Show(s)
}

// mayRead reports whether a case is worth a link: who has nothing to do with it
// would be refused.
func mayRead(v *page.Visit, r *delivery.Review) bool {
	return chief(v) || r.Taker == v.Asker.Officer.Login || r.State == delivery.ReviewDecided
}

func reviewTone(s delivery.ReviewState) string {
	return map[delivery.ReviewState]string{
		delivery.ReviewOpen: page.Warn, delivery.ReviewSecond: page.Info, delivery.ReviewDisputed: page.Bad, delivery.ReviewDecided: page.Good,
	}[s]
}

// stakes say why two persons must decide.
func stakes(v *page.Visit, r *delivery.Review) string {
	if !r.Two {
		return v.T("console.office.reviews.one")
	}
	words := []string{v.T("console.office.reviews.two")}
	for _, w := range r.Why {
		words = append(words, v.T("console.office.stake."+w))
	}
	return strings.Join(words, " · ")
}

// nextReview gives the visitor the case that he has, or the next one.
var nextReview = page.Form[delivery.NextReview]{
	Path: "/office/reviews/next", Roles: staff, Key: "console.office.nextreview.",
	Do: func(v *page.Visit, in *delivery.NextReview) (page.Done, error) {
		in.Delivery, _ = strconv.ParseInt(v.R.PostFormValue("delivery"), 10, 64) // none: of any
		r, proven, err := v.Deliveries.NextReview(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: at("/office/reviews/", r.ID) + "/decide", Code: proven.Code}, nil
	},
}

// productivity tells what clerks have decided in the last thirty days.
func productivity(v *page.Visit) error {
	all, err := v.Deliveries.Productivity(v.Context(), v.Actor(), &delivery.Period{})
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.work.officer"), v.T("console.office.work.decided"), v.T("console.office.work.undone"),
			v.T("console.office.work.agreed"), v.T("console.office.work.median"),
		),
		Empty: v.T("console.office.work.none"),
	}
	chart := page.Chart{
		Title: v.T("console.office.work.chart"), Series: []string{v.T("console.office.work.decided")}, Label: v.T("console.office.work.officer"),
	}
	for _, c := range all.Clerks {
		agreed := "–"
		if c.Compared > 0 {
			agreed = v.Percent(float64(c.Agreed) / float64(c.Compared))
		}
		table.Rows = append(table.Rows, page.Cells(c.Officer, v.Count(int64(c.Decided)), v.Count(int64(c.Undone)), agreed,
			v.T("console.office.rest.seconds", v.Count(c.Median))))
		chart.Points = append(chart.Points, page.Point{Label: c.Officer, Values: []float64{float64(c.Decided)}})
	}
	s := page.Screen{
		Title: v.T("console.office.work.title"), Lead: v.T("console.office.work.lead", v.Day(all.From), v.Day(all.To)),
		Above: &page.Link{Path: "/office/reviews", Text: v.T("console.office.reviews.title")},
	}
	if len(chart.Points) > 0 {
		s.Blocks = append(s.Blocks, v.Chart(chart))
	}
	s.Blocks = append(s.Blocks, table)
	if chief(v) {
		s.Blocks = append(s.Blocks, page.Panel{
			Title: v.T("console.office.recalibrate.title"), Lead: v.T("console.office.recalibrate.lead"),
			Blocks: []any{press(v, "/office/reviews/recalibrate", "console.office.recalibrate.button")},
		})
	}
	return v.Show(s)
}

// recalibrate lets decisions correct the estimates of files to come.
var recalibrate = page.Form[struct{}]{
	Path: "/office/reviews/recalibrate", Roles: chiefs, Key: "console.office.recalibrate.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		made, _, err := v.Deliveries.Recalibrate(v.Context(), v.Journal, v.Actor())
		if err != nil {
			return page.Done{}, err
		}
		fact := func(key string, value float64) page.Fact {
			return page.Fact{Label: v.T(key), Value: v.Decimal(value, 4), Number: true}
		}
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.office.recalibrate.done"), Above: &page.Link{Path: "/office/reviews/work", Text: v.T("console.office.work.title")},
			Blocks: []any{page.Facts{List: []page.Fact{
				{Label: v.T("console.office.recalibrate.points"), Value: v.Count(made.Points)},
				fact("console.office.recalibrate.before", made.Measures.Brier),
				fact("console.office.recalibrate.after", made.Measures.BrierAfter),
			}}},
		}}, nil
	},
}
