package api

import (
	"io"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
)

// cardRoutes are the routes of national cards, in the order of a card's life.
func (a *API) cardRoutes() []*route {
	return append(append(a.cardPlanRoutes(), a.applicationRoutes()...), a.printRoutes()...)
}

// cardPlanRoutes are decisions and runs that concern many.
func (a *API) cardPlanRoutes() []*route {
	return []*route{
		act("/v1/cards/timetable", func(c *call, who journal.Actor, in *person.Timetable) (*person.Timetable, journal.Proven, error) {
			return a.persons.DecideTimetable(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/cards/timetables", func(c *call, who journal.Actor, _ *struct{}) (out timetablesAnswer, err error) {
			out.Timetables, err = a.persons.Timetables(c.r.Context(), who)
			return out, err
		}),
		act("/v1/cards/announce", func(c *call, who journal.Actor, in *person.CardRun) (*person.CardRunOrdered, journal.Proven, error) {
			return a.persons.AnnounceCards(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/expiry", func(c *call, who journal.Actor, in *person.ExpiryRun) (*person.CardRunOrdered, journal.Proven, error) {
			return a.persons.AnnounceExpiry(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/plan", func(c *call, who journal.Actor, in *person.SlotPlan) (out slotsPlanned, p journal.Proven, err error) {
			out.Slots, p, err = a.persons.PlanSlots(c.r.Context(), a.journal, who, in)
			return out, p, err
		}),
		ask("/v1/cards/slots", func(c *call, who journal.Actor, in *person.SlotQuery) (out slotsAnswer, err error) {
			out.Slots, err = a.persons.FreeSlots(c.r.Context(), who, in)
			return out, err
		}),
	}
}

// applicationRoutes are what befalls one person's card.
func (a *API) applicationRoutes() []*route {
	return []*route{
		act("/v1/cards/apply", func(c *call, who journal.Actor, in *person.CardApplication) (*person.CardStatus, journal.Proven, error) {
			return a.persons.ApplyForCard(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/withdraw", func(c *call, who journal.Actor, in *person.CardHolder) (*person.CardStatus, journal.Proven, error) {
			return a.persons.WithdrawApplication(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/appoint", func(c *call, who journal.Actor, in *person.CardAppointment) (*person.CardStatus, journal.Proven, error) {
			return a.persons.Appoint(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/unappoint", func(c *call, who journal.Actor, in *person.CardHolder) (*person.CardStatus, journal.Proven, error) {
			return a.persons.Unappoint(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/capture", func(c *call, who journal.Actor, in *person.CardHolder) (*person.CardStatus, journal.Proven, error) {
			return a.persons.Capture(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/hand-over", func(c *call, who journal.Actor, in *person.CardHandOver) (*person.CardStatus, journal.Proven, error) {
			return a.persons.HandOver(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/spoil", func(c *call, who journal.Actor, in *person.CardReport) (*person.CardStatus, journal.Proven, error) {
			return a.persons.SpoilCard(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/lost", func(c *call, who journal.Actor, in *person.CardReport) (*person.CardStatus, journal.Proven, error) {
			return a.persons.ReportLost(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/damaged", func(c *call, who journal.Actor, in *person.CardReport) (*person.CardStatus, journal.Proven, error) {
			return a.persons.ReportDamaged(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/cards/history", func(c *call, who journal.Actor, in *person.Reading) (out cardsAnswer, p journal.Proven, err error) {
			out.Cards, p, err = a.persons.Cards(c.r.Context(), a.journal, who, in)
			return out, p, err
		}),
	}
}

// printRoutes are blank cards, batches and the printer's results.
func (a *API) printRoutes() []*route {
	return []*route{
		act("/v1/cards/receive", func(c *call, who journal.Actor, in *person.CardStock) (*person.StockLevel, journal.Proven, error) {
			return a.persons.ReceiveCards(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/cards/stock", func(c *call, who journal.Actor, _ *struct{}) (out stocksAnswer, err error) {
			out.Stocks, err = a.persons.CardStocks(c.r.Context(), who)
			return out, err
		}),
		act("/v1/cards/personalise", func(c *call, who journal.Actor, in *person.BatchOrder) (*person.CardBatch, journal.Proven, error) {
			return a.persons.Personalise(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/cards/batch", a.cardBatch),
		act("/v1/cards/printed", func(c *call, who journal.Actor, in *person.PrintResults) (*person.PrintReport, journal.Proven, error) {
			return a.persons.RecordPrinted(c.r.Context(), a.journal, who, in)
		}).large(),
	}
}

// cardBatch answers with the printer's file.
func (a *API) cardBatch(c *call, who journal.Actor, in *person.BatchQuery) (struct{}, error) {
	file, proven, err := a.persons.BatchFile(c.r.Context(), a.journal, who, in)
	if err != nil {
		return struct{}{}, err
	}
	c.proves(&proven)
	return struct{}{}, c.stream("text/csv; charset=utf-8", func(w io.Writer) error {
		_, err := w.Write(file)
		return err
	})
}

type timetablesAnswer struct {
	Timetables []person.Timetable `json:"timetables"`
}

type slotsPlanned struct {
	Slots int `json:"slots"`
}

type slotsAnswer struct {
	Slots []person.Slot `json:"slots"`
}

type cardsAnswer struct {
	Cards []person.CardRecord `json:"cards"`
}
