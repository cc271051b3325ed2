package api

import (
	"io"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/quarter"
)

// quarterRoutes are the routes of the quarterly report. An issued one is for
// everybody.
func (a *API) quarterRoutes() []*route {
	return []*route{
		act("/v1/quarters/draft", func(c *call, who journal.Actor, in *quarter.Drafting) (*quarter.Report, journal.Proven, error) {
			return a.quarters.Draft(c.r.Context(), who, in)
		}),
		act("/v1/quarters/review", func(c *call, who journal.Actor, in *quarter.Step) (*quarter.Report, journal.Proven, error) {
			return a.quarters.Review(c.r.Context(), who, in)
		}),
		act("/v1/quarters/return", func(c *call, who journal.Actor, in *quarter.Step) (*quarter.Report, journal.Proven, error) {
			return a.quarters.Return(c.r.Context(), who, in)
		}),
		act("/v1/quarters/issue", func(c *call, who journal.Actor, in *quarter.Step) (*quarter.Report, journal.Proven, error) {
			return a.quarters.Issue(c.r.Context(), who, in)
		}),
		ask("/v1/quarters/list", a.listQuarters).to(forAnyone),
		ask("/v1/quarters/find", func(c *call, _ journal.Actor, in *quarterInput) (*quarter.Report, error) {
			return a.quarters.Find(c.r.Context(), c.known(), in.Quarter)
		}).to(forAnyone),
		ask("/v1/quarters/paper", func(c *call, _ journal.Actor, in *quarter.Reading) (struct{}, error) {
			return struct{}{}, c.stream(letter.PaperType(in.Format), func(w io.Writer) error {
				return a.quarters.Write(c.r.Context(), c.known(), in, w)
			})
		}).to(forAnyone),
		ask("/v1/quarters/table", func(c *call, _ journal.Actor, in *quarter.Reading) (struct{}, error) {
			return struct{}{}, c.stream(in.TableType(), func(w io.Writer) error {
				return a.quarters.WriteTable(c.r.Context(), c.known(), in, w)
			})
		}).to(forAnyone),
	}
}

type quarterInput struct {
	Quarter quarter.Quarter `json:"quarter"`
}

type quartersAnswer struct {
	Quarters []quarter.Report `json:"quarters"`
}

func (a *API) listQuarters(c *call, _ journal.Actor, _ *struct{}) (out quartersAnswer, err error) {
	out.Quarters, err = a.quarters.List(c.r.Context(), c.known())
	return out, err
}

// known is the officer of the certificate, at an address that is for anyone;
// without a good one nobody.
func (c *call) known() journal.Actor {
	who, officer, err := c.a.caller(c.conn, c.r.TLS)
	if err != nil || officer == nil {
		return journal.Actor{}
	}
	return journal.Actor{Role: officer.Role, Agency: who.ID, ID: officer.Login}
}
