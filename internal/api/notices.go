package api

import (
	"io"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
)

// noticeRoutes are the routes of notification letters. Only the objection is
// for anyone: its code and the national number are what the person shows.
func (a *API) noticeRoutes() []*route {
	return []*route{
		act("/v1/notices/campaign", func(c *call, who journal.Actor, in *notice.Order) (notice.Ordered, journal.Proven, error) {
			return a.notices.Order(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/notices/resume", func(c *call, who journal.Actor, in *campaignInput) (notice.Ordered, journal.Proven, error) {
			return a.notices.Resume(c.r.Context(), a.journal, who, in.Campaign)
		}),
		ask("/v1/notices/preview", func(c *call, who journal.Actor, in *notice.Order) (notice.Ordered, error) {
			return a.notices.Preview(c.r.Context(), who, in)
		}),
		ask("/v1/notices/campaigns", a.campaigns),
		ask("/v1/notices/report", func(c *call, who journal.Actor, in *campaignInput) (*notice.Report, error) {
			return a.notices.Report(c.r.Context(), who, in.Campaign)
		}),
		act("/v1/notices/batches", func(c *call, who journal.Actor, in *notice.Cut) (*notice.Batch, journal.Proven, error) {
			return a.notices.NextBatch(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/notices/print", a.printBatch).large(),
		ask("/v1/notices/cover", a.coverBatch),
		act("/v1/notices/printed", func(c *call, who journal.Actor, in *notice.PrintReport) (notice.PrintDone, journal.Proven, error) {
			return a.notices.ReportPrinted(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/notices/posted", func(c *call, who journal.Actor, in *notice.Handed) (*notice.Batch, journal.Proven, error) {
			return a.notices.HandOver(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/notices/delivered", func(c *call, who journal.Actor, in *notice.MailReport) (notice.MailDone, journal.Proven, error) {
			return a.notices.ReportDelivered(c.r.Context(), a.journal, who, in)
		}).large(),
		act("/v1/notices/returned", func(c *call, who journal.Actor, in *notice.MailReport) (notice.MailDone, journal.Proven, error) {
			return a.notices.ReportReturned(c.r.Context(), a.journal, who, in)
		}).large(),
		act("/v1/notices/letters", a.letters),
		act("/v1/notices/unaddressed", a.unaddressed),
		act("/v1/objections", a.object).to(forAnyone),
	}
}

// object is for anyone. Who has tried a code too often may try again tomorrow.
func (a *API) object(c *call, _ journal.Actor, in *notice.Objection) (notice.Objected, journal.Proven, error) {
	done, proven, err := a.notices.Object(c.r.Context(), a.journal, in)
	if fault.Is(err, fault.TooMany) {
		err = later{fault.Of(err), int(persian.DayLeft(a.clock()))}
	}
	return done, proven, err
}

type campaignInput struct {
	Campaign int64 `json:"campaign"`
}

// campaignsInput asks for a page of the campaigns, newest first.
type campaignsInput struct {
	Before int64 `json:"before"` // only campaigns older than this one; 0: from the newest
	Limit  int   `json:"limit"`  // 1 to 100; 0: 20
}

type campaignsAnswer struct {
	Campaigns []notice.Campaign `json:"campaigns"`
}

func (a *API) campaigns(c *call, who journal.Actor, in *campaignsInput) (out campaignsAnswer, err error) {
	if err := page(&in.Limit, 20, 100); err != nil {
		return out, err
	}
	out.Campaigns, err = a.notices.Campaigns(c.r.Context(), who, in.Before, in.Limit)
	return out, err
}

const pdf = "application/pdf"

// printBatch is an act whose answer is the PDF alone.
func (a *API) printBatch(c *call, who journal.Actor, in *notice.Printing) (struct{}, error) {
	draw, proven, err := a.notices.Print(c.r.Context(), a.journal, who, in)
	if err != nil {
		return struct{}{}, err
	}
	c.proves(&proven)
	return struct{}{}, c.stream(pdf, func(w io.Writer) error { return draw(w) })
}

func (a *API) coverBatch(c *call, who journal.Actor, in *notice.Printing) (struct{}, error) {
	draw, err := a.notices.Cover(c.r.Context(), who, in)
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, c.stream(pdf, func(w io.Writer) error { return draw(w) })
}

type lettersAnswer struct {
	Letters []notice.Letter `json:"letters"`
}

func (a *API) letters(c *call, who journal.Actor, in *notice.Filter) (out lettersAnswer, proven journal.Proven, err error) {
	out.Letters, proven, err = a.notices.Letters(c.r.Context(), a.journal, who, in)
	return out, proven, err
}

type unaddressedAnswer struct {
	Persons []notice.Unaddressed `json:"persons"`
}

func (a *API) unaddressed(c *call, who journal.Actor, in *notice.UnaddressedFilter) (out unaddressedAnswer, proven journal.Proven, err error) {
	out.Persons, proven, err = a.notices.Unaddressed(c.r.Context(), a.journal, who, in)
	return out, proven, err
}
