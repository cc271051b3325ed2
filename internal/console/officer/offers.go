package officer

import (
	"net/url"
	"slices"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/inquiry"
)

// offer is one service in one mode with everything that some clause of the
// agreement permits for it. The form shows nothing else; the act itself still
// decides, clause by clause.
type offer struct {
	Service, Mode       string
	Keys                []string
	Fields              []string
	Processes, Purposes []string // empty: any
	catalogue
}

// offersOf gathers the offers of an agreement, services in their usual order.
func offersOf(a *agreement.Agreement) []offer {
	var all []offer
	for _, service := range inquiry.Services {
		for _, mode := range []string{inquiry.Verify, inquiry.Disclose} {
			if o, ok := offerOf(a, service, mode); ok {
				all = append(all, o)
			}
		}
	}
	return all
}

func offerOf(a *agreement.Agreement, service, mode string) (offer, bool) {
	o := offer{Service: service, Mode: mode}
	found, anyProcess, anyPurpose := false, false, false
	for i := range a.Clauses {
		c := &a.Clauses[i]
		if c.Service != service || !slices.Contains(c.Modes, mode) || c.Signature { // a browser does not sign
			continue
		}
		found = true
		o.Keys = union(o.Keys, c.SearchKeys)
		o.Fields = union(o.Fields, c.Fields)
		o.Processes = union(o.Processes, c.Processes)
		o.Purposes = union(o.Purposes, c.Purposes)
		anyProcess = anyProcess || len(c.Processes) == 0
		anyPurpose = anyPurpose || len(c.Purposes) == 0
	}
	if anyProcess {
		o.Processes = nil
	}
	if anyPurpose {
		o.Purposes = nil
	}
	usual := inquiry.FieldsOf(service)
	o.Fields = slices.DeleteFunc(slices.Clone(usual), func(f string) bool { return !slices.Contains(o.Fields, f) })
	return o, found && len(o.Keys) > 0 && len(o.Fields) > 0
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func (o offer) path(key string) string {
	q := url.Values{"service": {o.Service}, "mode": {o.Mode}}
	if key != "" {
		q.Set("key", key)
	}
	return "/officer/ask?" + q.Encode()
}
