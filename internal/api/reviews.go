package api

import (
	"io"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
)

// reviewRoutes are the routes of rows that clerks decide, of what comes of it,
// and of the report on a file. To take or read a case shows records, so that is
// an act.
func (a *API) reviewRoutes() []*route {
	return []*route{
		ask("/v1/reviews/list", func(c *call, who journal.Actor, in *delivery.ReviewFilter) (out reviewsAnswer, err error) {
			out.Reviews, err = a.deliveries.Reviews(c.r.Context(), who, in)
			return out, err
		}),
		act("/v1/reviews/next", func(c *call, who journal.Actor, in *delivery.NextReview) (*delivery.Review, journal.Proven, error) {
			return a.deliveries.NextReview(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/reviews/find", func(c *call, who journal.Actor, in *delivery.OfReview) (*delivery.Review, journal.Proven, error) {
			return a.deliveries.FindReview(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/reviews/decide", func(c *call, who journal.Actor, in *delivery.ReviewDecision) (*delivery.Review, journal.Proven, error) {
			return a.deliveries.DecideReview(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/reviews/release", func(c *call, who journal.Actor, in *delivery.OfReview) (*delivery.Review, journal.Proven, error) {
			return a.deliveries.ReleaseReview(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/reviews/undo", func(c *call, who journal.Actor, in *delivery.ReviewUndo) (*delivery.Review, journal.Proven, error) {
			return a.deliveries.UndoReview(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/reviews/productivity", func(c *call, who journal.Actor, in *delivery.Period) (*delivery.Productivity, error) {
			return a.deliveries.Productivity(c.r.Context(), who, in)
		}),
		act("/v1/reviews/supplement", func(c *call, who journal.Actor, in *delivery.Of) (*delivery.Supplemented, journal.Proven, error) {
			return a.deliveries.Supplement(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/reviews/recalibrate", func(c *call, who journal.Actor, _ *struct{}) (*delivery.Calibration, journal.Proven, error) {
			return a.deliveries.Recalibrate(c.r.Context(), a.journal, who)
		}),
		ask("/v1/deliveries/supplement", func(c *call, who journal.Actor, in *delivery.SupplementPage) (*delivery.SupplementRows, error) {
			return a.deliveries.SupplementRows(c.r.Context(), who, in)
		}),
		ask("/v1/deliveries/report", func(c *call, who journal.Actor, in *delivery.ReportOf) (struct{}, error) {
			return struct{}{}, c.stream(letter.PaperType(in.Format), func(w io.Writer) error {
				return a.deliveries.WriteReport(c.r.Context(), who, in, w)
			})
		}),
	}
}

type reviewsAnswer struct {
	Reviews []*delivery.Review `json:"reviews"`
}
