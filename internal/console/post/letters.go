package post

import (
	"bytes"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/notice"
)

// campaigns lists the runs of letters that the Post delivers.
func campaigns(v *page.Visit) error {
	before, err := strconv.ParseInt("0"+v.R.URL.Query().Get("before"), 10, 62)
	if err != nil {
		return page.NotFound()
	}
	all, err := v.Notices.Campaigns(v.Context(), v.Actor(), before, 30)
	if err != nil {
		return err
	}
	t := &page.Table{Empty: v.T("console.post.letters.empty"), Columns: page.Head(v.T("console.post.letters.campaign"), v.T("console.post.letters.made"), v.T("console.post.letters.state"))}
	for _, c := range all {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: c.Name, Path: "/post/letters/" + itoa(c.ID)}, {Text: v.Moment(c.Made)}, {Text: v.Known("console.post.campaign.", c.State.String()), Tone: page.Info},
		}})
	}
	if len(all) == 30 {
		t.More = "/post/letters?before=" + itoa(all[29].ID)
	}
	return v.Show(page.Screen{Title: v.T("console.post.letters.title"), Lead: v.T("console.post.letters.lead"), Buttons: mailButtons(v), Blocks: []any{t}})
}

func mailButtons(v *page.Visit) []page.Button {
	return []page.Button{
		{Path: "/post/letters/delivered", Text: v.T("console.post.delivered.link"), Icon: "check"},
		{Path: "/post/letters/returned", Text: v.T("console.post.returned.link"), Icon: "back", Ghost: true},
	}
}

// campaign is one run: its batches, and how far its letters are.
func campaign(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	r, err := v.Notices.Report(v.Context(), v.Actor(), id)
	if err != nil {
		return err
	}
	sum := map[string]int64{}
	c := page.Chart{
		Title: v.T("console.post.letters.chart"), Kind: page.Columns, Label: v.T("console.field.province"),
		Series: []string{v.T("console.post.letter.delivered"), v.T("console.post.letter.posted"), v.T("console.post.letter.returned")},
	}
	for _, p := range r.Provinces {
		for state, n := range p.States {
			sum[state] += n
		}
		c.Points = append(c.Points, page.Point{Label: p.Province, Values: []float64{float64(p.States["delivered"]), float64(p.States["posted"]), float64(p.States["returned"])}})
	}
	tiles := page.Tiles{{Label: v.T("console.post.letters.all"), Value: v.Count(r.Letters)}}
	for _, state := range []string{"posted", "delivered", "returned"} {
		tiles = append(tiles, page.Tile{Label: v.T("console.post.letter." + state), Value: v.Count(sum[state]), Tone: map[string]string{"posted": page.Info, "delivered": page.Good, "returned": page.Warn}[state]})
	}
	return v.Show(page.Screen{
		Title: r.Name, Lead: v.T("console.post.letters.made") + ": " + v.Moment(r.Made), Buttons: mailButtons(v),
		Above: &page.Link{Path: "/post/letters", Text: v.T("console.post.menu.letters")}, Blocks: []any{tiles, batches(v, r), v.Chart(c)},
	})
}

// batches are the print batches of a run. A printed one may be taken over.
func batches(v *page.Visit, r *notice.Report) *page.Table {
	t := &page.Table{Title: v.T("console.post.letters.batches"), Empty: v.T("console.post.letters.no_batch"), Columns: []page.Column{
		{Title: v.T("console.post.batch.number")},
		{Title: v.T("console.post.letters.all"), Number: true},
		{Title: v.T("console.post.batch.last_day")},
		{Title: v.T("console.post.letters.state")},
		{Title: v.T("console.post.batch.cover")},
		{Title: v.T("console.post.batch.act")},
	}}
	for _, b := range r.Batches {
		act := page.Cell{Text: "–"}
		if b.State == notice.BatchPrinted {
			act = page.Cell{Acts: []page.Press{{
				Path: "/post/letters/taken", Text: v.T("console.post.hand_over.button"), Once: page.NewOnce(), Ask: v.T("console.post.hand_over.ask", v.Count(b.Letters)),
				Hidden: []page.Hidden{{Name: "batch", Value: itoa(b.ID)}, {Name: "campaign", Value: itoa(r.ID)}},
			}}}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Digits(itoa(b.ID)), Number: true},
			{Text: v.Count(b.Letters), Number: true},
			{Text: v.Day(b.LastDay)},
			{Text: v.Known("console.post.batch.", b.State.String()), Tone: page.Info},
			{Text: v.T("console.post.batch.cover.link"), Path: "/post/letters/batches/" + itoa(b.ID) + "/cover"},
			act,
		}})
	}
	return t
}

// cover is the sheet that lies on top of a batch, by postal route.
func cover(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	draw, err := v.Notices.Cover(v.Context(), v.Actor(), &notice.Printing{Batch: id})
	if err != nil {
		return err
	}
	var pdf bytes.Buffer
	if err := draw(&pdf); err != nil {
		return err
	}
	return v.Send("application/pdf", "cover-"+itoa(id)+".pdf", pdf.Bytes())
}
