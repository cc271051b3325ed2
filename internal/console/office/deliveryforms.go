package office

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
)

func toDelivery(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: at("/office/deliveries/", id), Text: v.T("console.office.delivery.title", v.No(id))}
}

// prioritise approves a delivery, or changes its place in the queue.
var prioritise = page.Form[delivery.Priority]{
	Path: "/office/deliveries/{delivery}/priority", Roles: chiefs, Key: "console.office.prioritise.",
	Begin: func(v *page.Visit, in *delivery.Priority) error {
		d, err := deliveryIn(v)
		if err == nil {
			in.Delivery, in.Priority = d.ID, max(d.Priority, 1)
		}
		return err
	},
	Around: func(v *page.Visit, in *delivery.Priority) ([]any, error) {
		d, err := deliveryIn(v)
		if err != nil || d.Rank == 0 {
			return nil, err
		}
		return []any{page.Note{Tone: page.Info, Text: v.T("console.office.prioritise.board", v.No(int64(d.Rank)))}}, nil
	},
	Above: func(v *page.Visit, in *delivery.Priority) *page.Link { return toDelivery(v, in.Delivery) },
	Controls: func(v *page.Visit, _ *delivery.Priority) ([]page.Control, error) {
		return append([]page.Control{{Name: "priority", Kind: page.Number}}, grounds(v, "law", "board-decision", "request")...), nil
	},
	Do: func(v *page.Visit, in *delivery.Priority) (page.Done, error) {
		_, proven, err := v.Deliveries.Prioritise(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: at("/office/deliveries/", in.Delivery), Code: proven.Code}, err
	},
}

// refuse turns a request down; the agency sees the reason.
var refuse = page.Form[delivery.Refusal]{
	Path: "/office/deliveries/{delivery}/refuse", Roles: chiefs, Key: "console.office.refuse.", Danger: true,
	Begin: func(v *page.Visit, in *delivery.Refusal) (err error) {
		in.Delivery, err = v.Number("delivery")
		return err
	},
	Above: func(v *page.Visit, in *delivery.Refusal) *page.Link { return toDelivery(v, in.Delivery) },
	Controls: func(v *page.Visit, _ *delivery.Refusal) ([]page.Control, error) {
		return grounds(v, "not-covered", "no-agreement", "incomplete", "board-decision"), nil
	},
	Do: func(v *page.Visit, in *delivery.Refusal) (page.Done, error) {
		_, proven, err := v.Deliveries.Refuse(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: at("/office/deliveries/", in.Delivery), Code: proven.Code}, err
	},
}

// release lets a delivery go on that the guard has stopped.
var release = page.Form[delivery.Releasing]{
	Path: "/office/deliveries/{delivery}/release", Roles: chiefs, Key: "console.office.release.", Danger: true,
	Begin: func(v *page.Visit, in *delivery.Releasing) (err error) {
		in.Delivery, err = v.Number("delivery")
		return err
	},
	Around: func(v *page.Visit, in *delivery.Releasing) ([]any, error) {
		d, err := deliveryIn(v)
		if err != nil || d.Note == "" {
			return nil, err
		}
		return []any{page.Note{Tone: page.Warn, Title: v.T("console.office.release.why"), Text: note(v, d.Note)}}, nil
	},
	Above: func(v *page.Visit, in *delivery.Releasing) *page.Link { return toDelivery(v, in.Delivery) },
	Controls: func(v *page.Visit, _ *delivery.Releasing) ([]page.Control, error) {
		return grounds(v, "explained", "request", "board-decision"), nil
	},
	Do: func(v *page.Visit, in *delivery.Releasing) (page.Done, error) {
		_, proven, err := v.Deliveries.Release(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: at("/office/deliveries/", in.Delivery), Code: proven.Code}, err
	},
}

// supplement answers to the agency what has been decided about its rows since.
var supplement = page.Form[delivery.Of]{
	Path: "/office/deliveries/{delivery}/supplement", Roles: chiefs, Key: "console.office.supplement.", Danger: true,
	Begin: func(v *page.Visit, in *delivery.Of) (err error) {
		in.Delivery, err = v.Number("delivery")
		return err
	},
	Above:    func(v *page.Visit, in *delivery.Of) *page.Link { return toDelivery(v, in.Delivery) },
	Controls: func(*page.Visit, *delivery.Of) ([]page.Control, error) { return []page.Control{}, nil },
	Do: func(v *page.Visit, in *delivery.Of) (page.Done, error) {
		made, proven, err := v.Deliveries.Supplement(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.office.supplement.done"), Above: toDelivery(v, in.Delivery),
			Blocks: []any{
				page.Code{Label: v.T("console.code"), Code: string(proven.Code)},
				page.Tiles{
					{Label: v.T("console.office.supplement.answered"), Value: v.Count(made.Answered), Tone: page.Good},
					{Label: v.T("console.office.supplement.same"), Value: v.Count(made.Same)},
				},
			},
		}}, nil
	},
}
