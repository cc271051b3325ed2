package office

import (
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
)

// entering is a body as a supervisor enters it. A box that is not ticked says
// no, where programs that leave it out mean yes.
type entering struct {
	agency.Entry
	Binds bool `json:"binds"`
}

func agencyControls(v *page.Visit, fresh bool) []page.Control {
	kinds := []string{agency.KindMunicipality}
	var all []page.Control
	if fresh {
		all = append(all, page.Control{Name: "agency", Kind: page.Legal})
	} else {
		all = append(all, page.Control{Name: "version", Kind: page.Carried})
	}
	all = append(all, page.Control{Name: "name", Max: 200})
	if fresh {
		all = append(all, page.Control{
			Name: "kind", Kind: page.Choose1, Optional: true,
			Options: page.Blank(v.T("console.office.kind.none"), page.Choose(kinds, "", func(k string) string { return kind(v, k) })),
		})
	}
	all = append(all,
		page.Control{Name: "parent", Kind: page.Legal, Optional: true},
		page.Control{Name: "binds", Kind: page.Yes, Optional: true},
		page.Control{Name: "province", Kind: page.Choose1, Optional: true, Options: provinces(v), Legend: "console.office.newagency.seat"},
		page.Control{Name: "county", Optional: true, Max: 60},
		page.Control{Name: "locality", Optional: true, Max: 60})
	return append(all, grounds(v, "law", "request", "board-decision", "merged", "error")...)
}

func enter(v *page.Visit, in *entering) (page.Done, error) {
	in.Bound = &in.Binds
	for name, to := range map[string]*string{"province": &in.Province, "county": &in.County, "locality": &in.Locality} {
		if v.R.PostForm.Has(name) && page.Cleaned(v.R.PostFormValue(name)) == "" { // taken away, not left as it was
			*to = ""
		}
	}
	if page.Cleaned(v.R.PostFormValue("parent")) == "" {
		in.Parent = 0
	}
	_, proven, err := v.Agencies.Enter(v.Context(), v.Journal, v.Actor(), &in.Entry)
	return page.Done{Path: "/office/agencies/" + in.ID.String(), Code: proven.Code}, err
}

// newAgency takes a body into the register.
var newAgency = page.Form[entering]{
	Path: "/office/agencies/new", Roles: chiefs, Key: "console.office.newagency.",
	Begin: func(_ *page.Visit, in *entering) error {
		in.Binds = true
		return nil
	},
	Above: func(v *page.Visit, _ *entering) *page.Link {
		return &page.Link{Path: "/office/agencies", Text: v.T("console.office.agencies.title")}
	},
	Controls: func(v *page.Visit, _ *entering) ([]page.Control, error) { return agencyControls(v, true), nil },
	Do:       enter,
}

// changeAgency changes what the register says of a body.
var changeAgency = page.Form[entering]{
	Path: "/office/agencies/{agency}/change", Roles: chiefs, Key: "console.office.changeagency.",
	Begin: func(v *page.Visit, in *entering) error {
		a, err := agencyIn(v)
		if err != nil {
			return err
		}
		in.ID, in.Name, in.Kind, in.Parent, in.Version = a.ID, a.Name, a.Kind, a.Parent, a.Version
		in.Province, in.County, in.Locality, in.Binds = a.Province, a.County, a.Locality, a.Bound
		return nil
	},
	Above:    func(v *page.Visit, in *entering) *page.Link { return toAgency(v, in.ID) },
	Controls: func(v *page.Visit, _ *entering) ([]page.Control, error) { return agencyControls(v, false), nil },
	Do:       enter,
}

func toAgency(v *page.Visit, id ids.LegalID) *page.Link {
	return &page.Link{Path: "/office/agencies/" + id.String(), Text: v.AgencyName(id)}
}

// turnAgency suspends, resumes or closes a body.
var turnAgency = page.Form[agency.Turn]{
	Path: "/office/agencies/{agency}/state", Roles: chiefs, Key: "console.office.turnagency.", Danger: true,
	Begin: func(v *page.Visit, in *agency.Turn) error {
		a, err := agencyIn(v)
		if err == nil {
			in.ID, in.State = a.ID, a.State.String()
		}
		return err
	},
	Above: func(v *page.Visit, in *agency.Turn) *page.Link { return toAgency(v, in.ID) },
	Controls: func(v *page.Visit, _ *agency.Turn) ([]page.Control, error) {
		states := page.Choose([]string{"active", "suspended", "closed"}, "", func(s string) string { return v.T("console.office.agency_state." + s) })
		return append([]page.Control{{Name: "state", Kind: page.Choose1, Options: states}},
			grounds(v, "board-decision", "misuse", "request", "dissolved", "court-order")...), nil
	},
	Do: func(v *page.Visit, in *agency.Turn) (page.Done, error) {
		_, proven, err := v.Agencies.Turn(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/office/agencies/" + in.ID.String(), Code: proven.Code}, err
	},
}

// inviteHead makes the code with which a highest officer joins; it is shown
// once.
var inviteHead = page.Form[agency.Invitation]{
	Path: "/office/agencies/{agency}/invite", Roles: chiefs, Key: "console.office.invite.",
	Begin: func(v *page.Visit, in *agency.Invitation) error {
		a, err := agencyIn(v)
		if err == nil {
			in.Agency = a.ID
		}
		return err
	},
	Above: func(v *page.Visit, in *agency.Invitation) *page.Link { return toAgency(v, in.Agency) },
	Controls: func(*page.Visit, *agency.Invitation) ([]page.Control, error) {
		return []page.Control{{Name: "officer", Kind: page.Latin}, {Name: "name", Max: 100}, {Name: "until", Kind: page.Date}}, nil
	},
	Do: func(v *page.Visit, in *agency.Invitation) (page.Done, error) {
		made, proven, err := v.Agencies.Invite(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.office.invite.done"), Above: toAgency(v, in.Agency),
			Blocks: []any{
				page.Note{Tone: page.Warn, Title: v.T("console.office.invite.once"), Text: v.T("console.office.invite.how", v.Moment(made.Ends))},
				page.Secret{Label: v.T("console.office.invite.code"), Value: made.Code},
				page.Facts{List: []page.Fact{
					{Label: v.T("console.office.invite.officer"), Value: made.Login, Number: true},
					{Label: v.T("console.code"), Value: string(proven.Code), Number: true},
				}},
			},
		}}, nil
	},
}

// setAccountable says who answers for a body when who did has left.
var setAccountable = page.Form[agency.Accountable]{
	Path: "/office/agencies/{agency}/accountable", Roles: chiefs, Key: "console.office.accountable.", Danger: true,
	Begin: func(v *page.Visit, in *agency.Accountable) error {
		a, err := agencyIn(v)
		if err == nil {
			in.Agency = a.ID
		}
		return err
	},
	Above: func(v *page.Visit, in *agency.Accountable) *page.Link { return toAgency(v, in.Agency) },
	Controls: func(v *page.Visit, in *agency.Accountable) ([]page.Control, error) {
		heads := page.Blank(v.T("console.office.accountable.nobody"), nil)
		for _, o := range v.Agencies.Officers(in.Agency) {
			if o.Role == agency.RoleHead && o.ActiveAt(v.Clock()) {
				heads = append(heads, page.Option{Value: o.Login, Text: o.Name + " (" + o.Login + ")"})
			}
		}
		return append([]page.Control{{Name: "officer", Kind: page.Choose1, Optional: true, Options: heads}},
			grounds(v, "left", "appointed", "death", "court-order")...), nil
	},
	Do: func(v *page.Visit, in *agency.Accountable) (page.Done, error) {
		_, proven, err := v.Agencies.Answer(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/office/agencies/" + in.Agency.String(), Code: proven.Code}, err
	},
}
