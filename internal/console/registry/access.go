package registry

import (
	"slices"

	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
)

func accessRoutes() []page.Route { return slices.Concat(access.Routes(), revokeAccess.Routes()) }

func atGiving(in *citizen.Giving) (*ids.NationalNumber, *int64) { return &in.Number, nil }

// access gives a citizen the code with which he looks at what is his. It is
// shown this once and kept nowhere; revokeAccess ends it.
var (
	access = onPerson("console.registry.access.", "access", atGiving,
		func(v *page.Visit) []page.Control {
			return append([]page.Control{optional(own("guardian", page.National))}, grounds(v, "own-request", "guardian-request")...)
		}, func(v *page.Visit, in *citizen.Giving) (page.Done, error) {
			given, proven, err := v.Citizens.Give(v.Context(), v.Journal, v.Actor(), in)
			if err != nil {
				return page.Done{}, err
			}
			blocks := []any{
				page.Secret{Label: v.T("console.registry.access.code"), Value: given.Access, Note: v.T("console.registry.access.once")},
				page.Note{Tone: page.Info, Title: v.T("console.registry.access.until", v.Day(given.Until)), Text: v.T("console.registry.access.where")},
			}
			if given.Ended {
				blocks = append(blocks, page.Note{Tone: page.Warn, Text: v.T("console.registry.access.ended")})
			}
			return page.Done{Screen: &page.Screen{
				Title: v.T("console.registry.access.done"), Slim: true, Above: toPerson(v),
				Blocks: append(blocks, page.Code{Label: v.T("console.code"), Code: string(proven.Code)}),
			}}, nil
		})
	revokeAccess = onPerson("console.registry.revoke_access.", "access/revoke", atGiving,
		func(v *page.Visit) []page.Control {
			return grounds(v, "own-request", "guardian-request", "misuse", "court-order")
		},
		func(v *page.Visit, in *citizen.Giving) (page.Done, error) {
			in.Revoke = true
			_, proven, err := v.Citizens.Give(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: personPath(v), Code: proven.Code}, err
		})
)
