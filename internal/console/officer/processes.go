package officer

import (
	"net/url"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// catalogue is what an agency's catalogue of processes adds to an offer.
type catalogue struct {
	has      bool              // it has one, so a process must be chosen
	titles   map[string]string // by code, of the processes that are open
	bothKeys []string          // those that demand number and postal code
}

// catalogued narrows an offer to the processes that are open in the agency's
// catalogue, if it has one.
func catalogued(v *page.Visit, o *offer, of ids.LegalID) {
	if v.Processes == nil || !v.Processes.Has(of) {
		return
	}
	permitted := o.Processes
	o.Processes, o.catalogue = nil, catalogue{has: true, titles: map[string]string{}}
	for _, p := range v.Processes.Of(of) {
		if p.Ended || len(permitted) > 0 && !slices.Contains(permitted, p.Code) {
			continue
		}
		o.Processes, o.titles[p.Code] = append(o.Processes, p.Code), p.Title
		if p.BothKeys {
			o.bothKeys = append(o.bothKeys, p.Code)
		}
	}
}

// forgotten adds to the page.Mistakes a list of processes that was left at "choose",
// and the postal code that the chosen process demands: the agreement would
// refuse, and the refusal would stand in the log for a slip of the hand.
func forgotten(v *page.Visit, form url.Values, err error) error {
	a, ok := v.Agreements.InForce(v.Asker.Agency.ID, v.Clock())
	if !ok {
		return err
	}
	o, ok := offerOf(a, form.Get("service"), form.Get("mode"))
	if !ok {
		return err
	}
	catalogued(v, &o, v.Asker.Agency.ID)
	missing := ""
	process := form.Get("process")
	switch {
	case process == "" && (o.has || len(o.Processes) > 0):
		missing = "process"
	case o.Service != inquiry.Place && page.Cleaned(form.Get("postal_code")) == "" && page.Cleaned(form.Get("claims.postal_code")) == "" && slices.Contains(o.bothKeys, process):
		missing = "postal_code"
	default:
		return err
	}
	gap := fault.New(fault.Invalid, "inquiry.missing").At(missing)
	if err == nil {
		return gap
	}
	f := *fault.Of(err)
	f.More = append(slices.Clone(f.More), gap)
	return &f
}
