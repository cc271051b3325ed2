package office

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/notice"
)

func letterRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/letters", staff, campaigns),
			page.Get("/office/counts/{job}", chiefs, counted),
			page.Get("/office/letters/{campaign}", staff, campaign),
			page.Get("/office/letters/{campaign}/list", staff, letters), page.Get("/office/letters/{campaign}/unaddressed", staff, unaddressed),
		},
		orderCampaign.Routes(), resumeCampaign.Routes(), cutBatch.Routes(),
	)
}

// lettersHome is where the visitor's role has its letters.
func lettersHome(v *page.Visit) string {
	if slices.Contains(printers, v.Role()) {
		return "/printer"
	}
	return "/office/letters"
}

func toLetters(v *page.Visit) *page.Link {
	return &page.Link{Path: lettersHome(v), Text: v.T("console.office.letters.title")}
}

const campaignsAPage = 20

// campaigns lists the campaigns, newest first.
func campaigns(v *page.Visit) error {
	all, err := v.Notices.Campaigns(v.Context(), v.Actor(), v.Asked("before"), campaignsAPage)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.letters.campaign"), v.T("console.office.letters.choice"), v.T("console.office.letters.state"),
			v.T("console.office.letters.made"),
		),
		Empty: v.T("console.office.letters.none"),
	}
	for i := range all {
		c := &all[i]
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: c.Name, Path: at(lettersHome(v)+"/", c.ID), Small: v.No(c.ID)},
			{Text: choice(v, c)},
			campaignState(v, c),
			{Text: v.Moment(c.Made), Small: c.By.ID},
		}})
	}
	if len(all) == campaignsAPage {
		table.More = v.Next("before", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	s := page.Screen{Title: v.T("console.office.letters.title"), Lead: v.T("console.office.letters.lead"), Blocks: []any{table}}
	if chief(v) {
		s.Buttons = []page.Button{{Path: "/office/letters/new", Text: v.T("console.office.campaign.link")}}
	}
	return v.Show(s)
}

func campaignState(v *page.Visit, c *notice.Campaign) page.Cell {
	cell := page.Cell{Text: v.T("console.office.campaign_state." + c.State.String()), Tone: page.Good}
	if c.State == notice.Composing {
		cell.Tone = page.Info
	}
	return cell
}

// choice says who gets a letter.
func choice(v *page.Visit, c *notice.Campaign) string {
	if c.Listed > 0 {
		return v.T("console.office.choice.list", v.Count(int64(c.Listed)))
	}
	text := v.T("console.office.choice.country")
	if c.Choice.Province != "" {
		text = c.Choice.Province
	}
	if c.Choice.County != "" {
		text += " · " + c.Choice.County
	}
	if c.Choice.BornFrom != 0 || c.Choice.BornUntil != 0 {
		text += " · " + v.T("console.office.choice.born", year(v, c.Choice.BornFrom), year(v, c.Choice.BornUntil))
	}
	if !c.Choice.BornSince.IsZero() {
		text += " · " + v.T("console.office.choice.since", v.Day(c.Choice.BornSince))
	}
	return text
}

func year(v *page.Visit, n int) string {
	if n == 0 {
		return "…"
	}
	return v.Digits(strconv.Itoa(n))
}

// orderCampaign orders a campaign, or only counts whom it would choose.
var orderCampaign = page.Form[notice.Order]{
	Path: "/office/letters/new", Roles: chiefs, Key: "console.office.campaign.",
	Above: func(v *page.Visit, _ *notice.Order) *page.Link { return toLetters(v) },
	Begin: func(v *page.Visit, in *notice.Order) error { // from a count: a province and years name nobody
		q := v.R.URL.Query()
		in.Choice.Province, in.Choice.County, in.Name = q.Get("province"), q.Get("county"), q.Get("name")
		in.Choice.BornFrom, in.Choice.BornUntil = int(v.Asked("from")), int(v.Asked("until"))
		if day := q.Get("since"); day != "" {
			return in.Choice.BornSince.UnmarshalText([]byte(day))
		}
		return nil
	},
	Controls: func(v *page.Visit, _ *notice.Order) ([]page.Control, error) {
		return []page.Control{
			{Name: "name", Max: 100},
			{Name: "choice.province", Kind: page.Choose1, Optional: true, Options: provinces(v), Legend: "console.office.campaign.who"},
			{Name: "choice.county", Optional: true, Max: 60},
			{Name: "choice.born_from", Kind: page.Number, Optional: true},
			{Name: "choice.born_until", Kind: page.Number, Optional: true},
			{Name: "choice.born_since", Kind: page.Date, Optional: true},
			{Name: "choice.persons", Kind: page.Lines, Optional: true, Max: 12_000},
			{Name: "count", Kind: page.Yes, Show: true, Optional: true, Legend: "console.office.campaign.first"},
		}, nil
	},
	Do: func(v *page.Visit, in *notice.Order) (page.Done, error) {
		if v.R.PostFormValue("count") == "" {
			made, proven, err := v.Notices.Order(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: at("/office/letters/", made.Campaign), Code: proven.Code}, err
		}
		made, err := v.Notices.Preview(v.Context(), v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		q := url.Values{"name": {in.Name}}
		if len(in.Choice.Numbers) == 0 {
			q.Set("province", in.Choice.Province)
			q.Set("county", in.Choice.County)
			q.Set("from", strconv.Itoa(in.Choice.BornFrom))
			q.Set("until", strconv.Itoa(in.Choice.BornUntil))
			if !in.Choice.BornSince.IsZero() {
				q.Set("since", in.Choice.BornSince.String())
			}
		}
		return page.Done{Path: at("/office/counts/", made.Job) + "?" + q.Encode(), Said: "console.office.campaign.counting"}, nil
	},
}

// provinces are the provinces to choose from, with none first.
func provinces(v *page.Visit) []page.Option {
	return page.Blank(v.T("console.office.province.any"), page.Choose(v.Processes.Provinces(), "", func(p string) string { return p }))
}

// counted shows whom an order would choose, and offers to go on with it.
func counted(v *page.Visit) error {
	id, err := v.Number("job")
	if err != nil {
		return err
	}
	j, found, err := v.Jobs.ByID(v.Context(), id)
	if err != nil {
		return err
	}
	if !found || j.Kind != notice.ComposeJob {
		return page.NotFound()
	}
	q := v.R.URL.Query()
	s := page.Screen{Title: v.T("console.office.count.title"), Lead: q.Get("name"), Above: toLetters(v), Blocks: []any{progressOf(v, j)}}
	if !j.State.Ended() {
		s.Refresh = 3
	}
	var counts notice.Counts
	if j.State == job.Done && json.Unmarshal(j.Result, &counts) == nil {
		s.Blocks = []any{
			page.Tiles{
				{Label: v.T("console.office.count.letters"), Value: v.Count(counts.Letters), Tone: page.Good},
				{Label: v.T("console.office.count.no_address"), Value: v.Count(counts.NoAddress), Tone: page.Warn, Note: v.T("console.office.count.no_address.text")},
			},
			page.Note{Tone: page.Info, Text: v.T("console.office.count.next")},
		}
		s.Buttons = []page.Button{{Path: "/office/letters/new?" + v.R.URL.RawQuery, Text: v.T("console.office.count.order")}}
	}
	return v.Show(s)
}
