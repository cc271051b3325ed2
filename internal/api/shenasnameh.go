package api

import (
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
)

// shenasnamehRoutes are the routes of booklets and their stock.
func (a *API) shenasnamehRoutes() []*route {
	return []*route{
		act("/v1/shenasnamehs/receive", func(c *call, who journal.Actor, in *person.BookletStock) (*person.StockLevel, journal.Proven, error) {
			return a.persons.ReceiveBooklets(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/shenasnamehs/stock", func(c *call, who journal.Actor, in *person.StockQuery) (out stocksAnswer, err error) {
			out.Stocks, err = a.persons.BookletStocks(c.r.Context(), who, in)
			return out, err
		}),
		act("/v1/shenasnamehs/issue", func(c *call, who journal.Actor, in *person.BookletIssue) (*person.BookletIssued, journal.Proven, error) {
			return a.persons.IssueShenasnameh(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/shenasnamehs/reissue", func(c *call, who journal.Actor, in *person.BookletIssue) (*person.BookletIssued, journal.Proven, error) {
			return a.persons.ReissueShenasnameh(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/shenasnamehs/annul", func(c *call, who journal.Actor, in *person.BookletAnnulment) (*person.Holder, journal.Proven, error) {
			return a.persons.AnnulShenasnameh(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/shenasnamehs/history", func(c *call, who journal.Actor, in *person.Reading) (out bookletsAnswer, p journal.Proven, err error) {
			out.Booklets, p, err = a.persons.Shenasnamehs(c.r.Context(), a.journal, who, in)
			return out, p, err
		}),
	}
}

type stocksAnswer struct {
	Stocks []person.StockLevel `json:"stocks"`
}

type bookletsAnswer struct {
	Booklets []person.Booklet `json:"booklets"`
}
