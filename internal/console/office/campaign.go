package office

import (
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/notice"
)

// letterStates are how far a letter can be, in their order.
var letterStates = []notice.LetterState{
	notice.Made, notice.Batched, notice.Printed, notice.Posted, notice.Delivered, notice.Returned, notice.Dropped,
}

// campaign shows how far a campaign is: by state, by province, by batch.
func campaign(v *page.Visit) error {
	r, err := campaignIn(v)
	if err != nil {
		return err
	}
	sum := map[string]int64{}
	for i := range r.Provinces {
		for state, n := range r.Provinces[i].States {
			sum[state] += n
		}
	}
	s := page.Screen{Title: r.Name, Lead: choice(v, &r.Campaign), Above: toLetters(v)}
	var tiles page.Tiles
	tiles = append(tiles, page.Tile{Label: v.T("console.office.campaign.letters"), Value: v.Count(r.Letters)})
	for _, state := range []notice.LetterState{notice.Printed, notice.Posted, notice.Delivered, notice.Returned} {
		n := sum[state.String()]
		tile := page.Tile{Label: v.T("console.office.letter_state." + state.String()), Value: v.Count(n), Tone: letterTone(state)}
		if r.Letters > 0 {
			tile.Note = v.Percent(float64(n) / float64(r.Letters))
		}
		tiles = append(tiles, tile)
	}
	if r.State == notice.Composing {
		if err := composing(v, r, &s); err != nil {
			return err
		}
	}
	s.Blocks = append(s.Blocks, tiles)
	if c := provinceChart(v, r); c != nil {
		s.Blocks = append(s.Blocks, c)
	}
	s.Blocks = append(s.Blocks, page.Pair{Main: []any{batchTable(v, r)}, Side: []any{lacking(v, r), cameBack(v, r)}})
	if isStaff(v) {
		path := at("/office/letters/", r.ID)
		if r.State == notice.Composed {
			s.Buttons = append(s.Buttons, page.Button{Path: path + "/cut", Text: v.T("console.office.cut.link")})
		}
		s.Buttons = append(s.Buttons,
			page.Button{Path: path + "/list", Text: v.T("console.office.letterlist.title"), Ghost: true},
			page.Button{Path: path + "/unaddressed", Text: v.T("console.office.unaddressed.title"), Ghost: true})
	}
	return v.Show(s)
}

func isStaff(v *page.Visit) bool {
	return slices.Contains(staff, v.Role())
}

func campaignIn(v *page.Visit) (*notice.Report, error) {
	id, err := v.Number("campaign")
	if err != nil {
		return nil, err
	}
	return v.Notices.Report(v.Context(), v.Actor(), id)
}

// composing shows how far the job is that writes the letters.
func composing(v *page.Visit, r *notice.Report, s *page.Screen) error {
	j, found, err := v.Jobs.ByID(v.Context(), r.Job)
	if err != nil || !found {
		return err
	}
	s.Blocks = append(s.Blocks, progressOf(v, j))
	if !j.State.Ended() {
		s.Refresh = 5
		return nil
	}
	if chief(v) {
		s.Blocks = append(s.Blocks, press(v, at("/office/letters/", r.ID)+"/resume", "console.office.resume.button"))
	}
	return nil
}

func letterTone(s notice.LetterState) string {
	switch s {
	case notice.Delivered:
		return page.Good
	case notice.Returned:
		return page.Bad
	}
	return page.Info
}

// provinceChart draws the letters of each province by how far they are.
func provinceChart(v *page.Visit, r *notice.Report) any {
	if r.Letters == 0 {
		return nil
	}
	chart := page.Chart{Title: v.T("console.office.campaign.chart"), Label: v.T("console.field.province")}
	groups := [][]notice.LetterState{
		{notice.Made, notice.Batched, notice.Printed}, {notice.Posted}, {notice.Delivered}, {notice.Returned, notice.Dropped},
	}
	for _, key := range []string{"waiting", "posted", "delivered", "returned"} {
		chart.Series = append(chart.Series, v.T("console.office.campaign_series."+key))
	}
	for i := range r.Provinces {
		p := &r.Provinces[i]
		point := page.Point{Label: p.Province, Values: make([]float64, len(groups))}
		for k, states := range groups {
			for _, s := range states {
				point.Values[k] += float64(p.States[s.String()])
			}
		}
		chart.Points = append(chart.Points, point)
	}
	return v.Chart(chart)
}

func lacking(v *page.Visit, r *notice.Report) page.Facts {
	f := page.Facts{Title: v.T("console.office.campaign.lacking")}
	for _, l := range []notice.Lack{notice.NoCode, notice.NoPlace, notice.Gone} {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.lack." + l.String()), Value: v.Count(r.NoAddress[l.String()])})
	}
	return f
}

// cameBack counts why letters came back.
func cameBack(v *page.Visit, r *notice.Report) page.Meters {
	m := page.Meters{Title: v.T("console.office.campaign.returned"), Empty: v.T("console.office.campaign.returned.none")}
	all, most := map[string]int64{}, int64(0)
	for i := range r.Provinces {
		for why, n := range r.Provinces[i].Returned {
			all[why] += n
			most = max(most, all[why])
		}
	}
	for reason := notice.Unknown; reason <= notice.Unclaimed; reason++ {
		if n := all[reason.String()]; n > 0 {
			m.Lines = append(m.Lines, page.Progress{Label: v.Called("notice.reason." + reason.String()), Share: float64(n) / float64(most), Text: v.Count(n), Tone: page.Warn})
		}
	}
	return m
}

// resumeCampaign composes again what a job has left.
var resumeCampaign = page.Form[struct{}]{
	Path: "/office/letters/{campaign}/resume", Roles: chiefs, Key: "console.office.resume.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		id, err := v.Number("campaign")
		if err != nil {
			return page.Done{}, err
		}
		_, proven, err := v.Notices.Resume(v.Context(), v.Journal, v.Actor(), id)
		return page.Done{Path: at("/office/letters/", id), Code: proven.Code}, err
	},
}

// letters lists the letters of a campaign with whom they are for, such as those
// that came back from a province. The reading is an entry.
func letters(v *page.Visit) error {
	id, err := v.Number("campaign")
	if err != nil {
		return err
	}
	q := v.R.URL.Query()
	f := notice.Filter{Campaign: id, Province: q.Get("province"), Limit: rowsAPage}
	if f.State.UnmarshalText([]byte(q.Get("state"))) != nil || f.Reason.UnmarshalText([]byte(q.Get("reason"))) != nil {
		return page.NotFound()
	}
	if f.After, err = sealedNumber(v, "after"); err != nil {
		return err
	}
	all, _, err := v.Notices.Letters(v.Context(), v.Journal, v.Actor(), &f)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.letterlist.letter"), v.T("console.field.national_number"), v.T("console.field.province"),
			v.T("console.field.postal_code"), v.T("console.office.letterlist.state"), v.T("console.office.letterlist.changed"),
		),
		Empty: v.T("console.office.letterlist.none"), Filter: letterFilter(v, id, &f),
	}
	for i := range all {
		l := &all[i]
		state := page.Cell{Text: v.T("console.office.letter_state." + l.State.String()), Tone: letterTone(l.State)}
		if l.Reason != 0 {
			state.Small = v.Called("notice.reason." + l.Reason.String())
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(l.ID)},
			{Text: v.Digits(l.Subject.String()), Number: true},
			{Text: l.Province},
			{Text: v.Digits(l.Postal.String()), Number: true},
			state,
			{Text: v.Moment(l.Changed)},
		}})
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", v.Seal("letters", all[len(all)-1].Subject.String()))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.letterlist.title"), Lead: v.T("console.office.letterlist.lead"),
		Above: &page.Link{Path: at("/office/letters/", id), Text: v.T("console.office.letters.campaign")}, Blocks: []any{table},
	})
}

func letterFilter(v *page.Visit, id int64, f *notice.Filter) *page.Filter {
	var states, reasons []string
	for _, s := range letterStates {
		states = append(states, s.String())
	}
	for r := notice.Unknown; r <= notice.Unclaimed; r++ {
		reasons = append(reasons, r.String())
	}
	control := func(name, chosen string, all []page.Option) page.Input {
		return v.Input("console.office.letterlist.", page.Control{Name: name, Kind: page.Choose1, Optional: true, Options: all}, []string{chosen}, page.Mistakes{})
	}
	state := ""
	if f.State != 0 {
		state = f.State.String()
	}
	anyOne := v.T("console.office.any")
	return &page.Filter{Path: at("/office/letters/", id) + "/list", Controls: []page.Input{
		control("state", state, page.Blank(anyOne, page.Choose(states, "", func(s string) string { return v.T("console.office.letter_state." + s) }))),
		control("reason", f.Reason.String(), page.Blank(anyOne, page.Choose(reasons, "", func(s string) string { return v.Called("notice.reason." + s) }))),
		control("province", f.Province, provinces(v)),
	}}
}

// sealedNumber is the person at whom a page of a list begins: he stands sealed
// in the address.
func sealedNumber(v *page.Visit, name string) (ids.NationalNumber, error) {
	ref := v.R.URL.Query().Get(name)
	if ref == "" {
		return 0, nil
	}
	text, err := v.Unseal("letters", ref)
	if err != nil {
		return 0, err
	}
	return ids.ParseNationalNumber(text)
}

// unaddressed lists whom a campaign chose and to whom no letter can go.
func unaddressed(v *page.Visit) error {
	id, err := v.Number("campaign")
	if err != nil {
		return err
	}
	f := notice.UnaddressedFilter{Campaign: id, Limit: rowsAPage}
	if f.After, err = sealedNumber(v, "after"); err != nil {
		return err
	}
	all, _, err := v.Notices.Unaddressed(v.Context(), v.Journal, v.Actor(), &f)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(v.T("console.field.national_number"), v.T("console.office.unaddressed.why")), Empty: v.T("console.office.unaddressed.none"),
	}
	for _, u := range all {
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Digits(u.Subject.String()), Number: true}, {Text: v.T("console.office.lack." + u.Why.String())},
		}})
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", v.Seal("letters", all[len(all)-1].Subject.String()))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.unaddressed.title"), Lead: v.T("console.office.unaddressed.lead"),
		Above: &page.Link{Path: at("/office/letters/", id), Text: v.T("console.office.letters.campaign")}, Blocks: []any{table},
	})
}

// cutBatch puts the next letters of a campaign into a print batch.
var cutBatch = page.Form[notice.Cut]{
	Path: "/office/letters/{campaign}/cut", Roles: staff, Key: "console.office.cut.",
	Begin: func(v *page.Visit, in *notice.Cut) (err error) {
		in.Most = 500
		in.Campaign, err = v.Number("campaign")
		return err
	},
	Above: func(v *page.Visit, in *notice.Cut) *page.Link {
		return &page.Link{Path: at("/office/letters/", in.Campaign), Text: v.T("console.office.letters.campaign")}
	},
	Controls: func(*page.Visit, *notice.Cut) ([]page.Control, error) {
		return []page.Control{{Name: "letters", Kind: page.Number}}, nil
	},
	Do: func(v *page.Visit, in *notice.Cut) (page.Done, error) {
		t, proven, err := v.Notices.NextBatch(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: batchPath(v, in.Campaign, t.ID), Code: proven.Code}, nil
	},
}

func batchPath(v *page.Visit, campaign, batch int64) string {
	return at(lettersHome(v)+"/", campaign) + "/batches/" + strconv.FormatInt(batch, 10)
}
