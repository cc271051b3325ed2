package registry

import (
	"context"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
)

// eventRoutes are what befalls a record: one form each, in the file of its name.
func eventRoutes() []page.Route {
	return slices.Concat(
		death.Routes(), deathAnnulment.Routes(), marriage.Routes(), divorce.Routes(), givenName.Routes(), surname.Routes(),
		correction.Routes(), review.Routes(), adoption.Routes(), cancellation.Routes(), cancellationAnnulment.Routes(),
		birthDate.Routes(), sex.Routes(), protection.Routes(),
	)
}

// controls are the controls of a form that ask nobody.
type controls = func(v *page.Visit) []page.Control

// onPerson is a form about the person whom the address names. at tells where
// the input has his number and the version that was seen.
func onPerson[In any](key, path string, at func(*In) (*ids.NationalNumber, *int64), c controls, do func(*page.Visit, *In) (page.Done, error)) page.Form[In] {
	f := page.Form[In]{
		Path: "/registry/persons/{ref}/" + path, Roles: staff, Key: key, Do: do,
		Begin: func(v *page.Visit, in *In) error {
			r, err := refOf(v)
			if err != nil {
				return err
			}
			n, version := at(in)
			if *n = r.Number; version != nil {
				*version = r.Version
			}
			return nil
		},
		Around: func(v *page.Visit, _ *In) ([]any, error) { return around(v) },
		Above:  func(v *page.Visit, _ *In) *page.Link { return toPerson(v) },
	}
	if c != nil {
		f.Controls = func(v *page.Visit, _ *In) ([]page.Control, error) { return c(v), nil }
	}
	return f
}

// around says whose record it is.
func around(v *page.Visit) ([]any, error) {
	r, err := refOf(v)
	if err != nil {
		return nil, err
	}
	return []any{r.who(v)}, nil
}

// byTwo makes a form of great harm of one that onPerson made: its button warns,
// and it says that somebody else will approve.
func byTwo[In any](f page.Form[In]) page.Form[In] {
	inner := f.Around
	f.Danger = true
	f.Around = func(v *page.Visit, in *In) ([]any, error) {
		blocks, err := inner(v, in)
		return append(blocks, page.Note{Tone: page.Info, Title: v.T("console.registry.two.title"), Text: v.T("console.registry.two.text")}), err
	}
	return f
}

// proposes performs an act that waits for a second person.
func proposes[In any](kind string) func(*page.Visit, *In) (page.Done, error) {
	return func(v *page.Visit, in *In) (page.Done, error) {
		p, proven, err := v.Persons.Propose(v.Context(), v.Journal, v.Actor(), kind, in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: proposalPath(p.ID), Code: proven.Code, Said: "console.registry.proposed"}, nil
	}
}

// bookAct is an act of the register of persons.
type bookAct[In, Out any] = func(*person.Book, context.Context, *journal.Journal, journal.Actor, *In) (*Out, journal.Proven, error)

// alone performs an act that one person may do, and goes back to its subject.
func alone[In, Out any](do bookAct[In, Out]) func(*page.Visit, *In) (page.Done, error) {
	return func(v *page.Visit, in *In) (page.Done, error) {
		_, proven, err := do(v.Persons, v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: personPath(v), Code: proven.Code}, err
	}
}

// edited is where the acts on a record have its number and version.
func edited(e *person.Edit) (*ids.NationalNumber, *int64) { return &e.Number, &e.Version }
