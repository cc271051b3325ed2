package public

import (
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

const disputeKey = "console.public.dispute."

// dispute asks why the person disputes an inquiry about him.
func dispute(v *page.Visit, _ *citizen.Who) error {
	code, err := ids.ParseTrackingCode(v.R.URL.Query().Get("code"))
	if err != nil {
		return page.NotFound()
	}
	return showDispute(v, code, nil)
}

func showDispute(v *page.Visit, code ids.TrackingCode, wrong error) error {
	b, status, err := formOf(v, disputeKey, "/me/dispute?code="+string(code), v.R.PostForm, wrong,
		page.Control{Name: "text", Kind: page.LongText, Max: 2000})
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: titled(v, disputeKey+"title", wrong), Lead: v.T(disputeKey + "lead"), Slim: true, Status: status,
		Above:  &page.Link{Path: "/me", Text: v.T("console.public.me.asked")},
		Blocks: []any{page.Code{Label: v.T("console.code"), Code: string(code)}, b},
	})
}

// disputePost opens an audit of an inquiry that the person is told of; what he
// is not told of is not there for him.
func disputePost(v *page.Visit, who *citizen.Who) error {
	code, err := ids.ParseTrackingCode(v.R.URL.Query().Get("code"))
	if err != nil {
		return page.NotFound()
	}
	sees, err := v.Citizens.Sees(v.Context(), v.Journal, who, code)
	if err == nil && !sees {
		err = page.NotFound()
	}
	if err != nil {
		return err
	}
	_, proven, err := v.Audits.Dispute(v.Context(), v.Journal, who.Number, code, page.Cleaned(v.R.PostForm.Get("text")))
	switch {
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict):
		return showDispute(v, code, err)
	case err != nil:
		return err
	}
	return v.Show(page.Screen{
		Title: v.T(disputeKey + "done"), Slim: true,
		Above: &page.Link{Path: "/me", Text: v.T("console.public.me.asked")},
		Blocks: []any{
			page.Note{Tone: page.Good, Title: v.T(disputeKey + "done"), Text: v.T(disputeKey + "done.text")},
			page.Code{Label: v.T("console.code"), Code: string(proven.Code)},
		},
	})
}
