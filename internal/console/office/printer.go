package office

import (
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/person"
)

func printerRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/printer", printers, printer), page.Get("/printer/cards", printers, cardBatches), page.Get("/printer/cards/file/{batch}", printers, cardFile),
			page.Get("/printer/{campaign}", printers, campaign),
		},
		personalise.Routes(), cardResults.Routes(), printerCut.Routes(),
	)
}

// printer is the printer's first page: what is to be printed.
func printer(v *page.Visit) error {
	all, err := v.Notices.Campaigns(v.Context(), v.Actor(), 0, campaignsAPage)
	if err != nil {
		return err
	}
	table := &page.Table{
		Title: v.T("console.office.printer.letters"),
		Columns: page.Head(
			v.T("console.office.batches.batch"), v.T("console.office.letters.campaign"), v.T("console.office.batches.letters"),
			v.T("console.office.batches.state"), v.T("console.office.batches.made"),
		),
		Empty: v.T("console.office.printer.none"),
	}
	waiting, sheets := 0, int64(0)
	for i := range all {
		r, err := v.Notices.Report(v.Context(), v.Actor(), all[i].ID)
		if err != nil {
			return err
		}
		for k := range r.Batches {
			b := &r.Batches[k]
			if b.State == notice.BatchMade {
				waiting, sheets = waiting+1, sheets+b.Letters
			}
			table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
				{Text: v.No(b.ID), Path: batchPath(v, r.ID, b.ID)},
				{Text: r.Name, Path: at("/printer/", r.ID)},
				{Text: v.Count(b.Letters)},
				batchState(v, b),
				{Text: v.Moment(b.Made)},
			}})
		}
	}
	cards, err := v.Persons.CardBatches(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	open := int64(0)
	for _, b := range cards {
		open += int64(b.Open)
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.printer.title"), Lead: v.Today(),
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.office.printer.waiting"), Value: v.Count(int64(waiting)), Tone: page.Warn, Note: v.T("console.office.printer.sheets", v.Count(sheets))},
				{Label: v.T("console.office.printer.cards"), Value: v.Count(open), Path: "/printer/cards", Tone: page.Info},
			},
			table,
		},
	})
}

// printerCut is cutBatch where the printer's pages are.
var printerCut = func() page.Form[notice.Cut] {
	f := cutBatch
	f.Path, f.Roles = "/printer/{campaign}/cut", printers
	f.Above = func(v *page.Visit, in *notice.Cut) *page.Link {
		return &page.Link{Path: at("/printer/", in.Campaign), Text: v.T("console.office.letters.campaign")}
	}
	return f
}()

// cardBatches lists batches of cards to personalise, and the blanks that are
// left.
func cardBatches(v *page.Visit) error {
	all, err := v.Persons.CardBatches(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	stocks, err := v.Persons.CardStocks(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	blanks := int64(0)
	for _, s := range stocks {
		blanks += s.Remaining
	}
	table := &page.Table{
		Title: v.T("console.office.cards.batches"),
		Columns: page.Head(
			v.T("console.office.batches.batch"), v.T("console.office.cards.rows"), v.T("console.office.cards.open"),
			v.T("console.office.batches.made"), v.T("console.office.cards.digest"), v.T("console.office.cards.acts"),
		),
		Empty: v.T("console.office.cards.none"),
	}
	for _, b := range all {
		row := page.Row{Cells: []page.Cell{
			{Text: v.No(b.Batch)},
			{Text: v.Count(int64(b.Rows))},
			{Text: v.Count(int64(b.Open))},
			{Text: v.Moment(b.Made)},
			{Text: short(b.Digest), Number: true},
			{Text: v.T("console.office.cards.done"), Tone: page.Good},
		}}
		if b.Open > 0 {
			row.Cells[5] = page.Cell{Text: v.T("console.office.cards.file"), Path: at("/printer/cards/file/", b.Batch)}
		}
		table.Rows = append(table.Rows, row)
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.cards.title"), Lead: v.T("console.office.cards.lead"),
		Buttons: []page.Button{
			{Path: "/printer/cards/new", Text: v.T("console.office.personalise.link")},
			{Path: "/printer/cards/results", Text: v.T("console.office.cardresults.link"), Ghost: true},
		},
		Blocks: []any{page.Tiles{{Label: v.T("console.office.cards.blanks"), Value: v.Count(blanks), Note: v.T("console.office.cards.blanks.text")}}, table},
	})
}

// cardFile sends the printer's file; that it was fetched is an entry.
func cardFile(v *page.Visit) error {
	id, err := v.Number("batch")
	if err != nil {
		return err
	}
	file, _, err := v.Persons.BatchFile(v.Context(), v.Journal, v.Actor(), &person.BatchQuery{Batch: id})
	if err != nil {
		return err
	}
	return v.Send("text/csv; charset=utf-8", "cards-"+strconv.FormatInt(id, 10)+".csv", file)
}

// personalise makes a batch of the next applications.
var personalise = page.Form[person.BatchOrder]{
	Path: "/printer/cards/new", Roles: printers, Key: "console.office.personalise.",
	Above: func(v *page.Visit, _ *person.BatchOrder) *page.Link { return toCards(v) },
	Begin: func(_ *page.Visit, in *person.BatchOrder) error {
		in.Rows = 1000
		return nil
	},
	Controls: func(*page.Visit, *person.BatchOrder) ([]page.Control, error) {
		return []page.Control{{Name: "rows", Kind: page.Number}}, nil
	},
	Do: func(v *page.Visit, in *person.BatchOrder) (page.Done, error) {
		_, proven, err := v.Persons.Personalise(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/printer/cards", Code: proven.Code}, err
	},
}

func toCards(v *page.Visit) *page.Link {
	return &page.Link{Path: "/printer/cards", Text: v.T("console.office.cards.title")}
}

const mostResults = 2 << 20 // bytes of the printer's file

// cardResults takes in what became of a batch of cards.
var cardResults = page.Form[person.PrintResults]{
	Path: "/printer/cards/results", Roles: printers, Key: "console.office.cardresults.", Files: mostResults,
	Above: func(v *page.Visit, _ *person.PrintResults) *page.Link { return toCards(v) },
	Controls: func(v *page.Visit, _ *person.PrintResults) ([]page.Control, error) {
		all, err := v.Persons.CardBatches(v.Context(), v.Actor())
		var open []page.Option
		for _, b := range all {
			if b.Open > 0 {
				open = append(open, page.Option{Value: strconv.FormatInt(b.Batch, 10), Text: v.T("console.office.cardresults.of", v.No(b.Batch), v.Count(int64(b.Open)))})
			}
		}
		if len(open) == 0 {
			open = page.Blank(v.T("console.office.cardresults.none"), nil)
		}
		return []page.Control{
			{Name: "batch", Kind: page.Choose1, Options: open}, {Name: "file", Kind: page.File, Accept: ".csv,text/csv"},
		}, err
	},
	Do: func(v *page.Visit, in *person.PrintResults) (page.Done, error) {
		if in.File == "" {
			return page.Done{}, fault.New(fault.Invalid, "console.form.missing").At("file")
		}
		done, proven, err := v.Persons.RecordPrinted(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Screen: resultsDone(v, done, string(proven.Code))}, nil
	},
}

func resultsDone(v *page.Visit, done *person.PrintReport, code string) *page.Screen {
	table := &page.Table{
		Title: v.T("console.office.mail.refused"), Empty: v.T("console.office.mail.whole"),
		Columns: page.Head(v.T("console.office.mail.row"), v.T("console.office.mail.why")),
	}
	for _, l := range done.Lines {
		text := l.Fa
		if v.Lang == "en" {
			text = l.En
		}
		table.Rows = append(table.Rows, page.Cells(v.No(int64(l.Line)), text))
	}
	return &page.Screen{
		Title: v.T("console.office.cardresults.done"), Above: toCards(v),
		Blocks: []any{
			page.Code{Label: v.T("console.code"), Code: code},
			page.Tiles{
				{Label: v.T("console.office.cardresults.printed"), Value: v.Count(int64(done.Printed)), Tone: page.Good},
				{Label: v.T("console.office.cardresults.failed"), Value: v.Count(int64(done.Failed)), Tone: page.Warn},
				{Label: v.T("console.office.cardresults.refused"), Value: v.Count(int64(done.Refused)), Tone: page.Bad},
				{Label: v.T("console.office.cards.open"), Value: v.Count(int64(done.Open))},
			},
			table,
		},
	}
}
