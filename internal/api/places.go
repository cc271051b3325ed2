package api

import (
	"io"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
)

// placeRoutes are the routes of the place register: the Post's acts, plates,
// municipalities' reports; and for every agency the register as a file and its
// changes, which hold no personal data.
func (a *API) placeRoutes() []*route {
	return append(append([]*route{
		ask("/v1/places/find", func(c *call, who journal.Actor, in *place.Finding) (*place.Found, error) {
			in.Within = c.area()
			return a.places.Find(c.r.Context(), who, in)
		}),
		act("/v1/places/assign", func(c *call, who journal.Actor, in *place.Assigning) (*place.Done, journal.Proven, error) {
			return a.places.Assign(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/places/change", func(c *call, who journal.Actor, in *place.Changing) (*place.Done, journal.Proven, error) {
			return a.places.Change(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/places/split", func(c *call, who journal.Actor, in *place.Splitting) (*place.Done, journal.Proven, error) {
			return a.places.Split(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/places/merge", func(c *call, who journal.Actor, in *place.Merging) (*place.Done, journal.Proven, error) {
			return a.places.Merge(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/places/retire", func(c *call, who journal.Actor, in *place.Retiring) (*place.Done, journal.Proven, error) {
			return a.places.Retire(c.r.Context(), a.journal, who, in)
		}),
		{method: "GET", path: "/v1/places/changes", serve: a.placeChanges, access: forAgencies, gate: a.work},
		{method: "GET", path: "/v1/places/file", serve: a.placeFile, access: forAgencies, gate: a.downloads},
	}, a.plateRoutes()...), a.reportRoutes()...)
}

func (a *API) plateRoutes() []*route {
	return []*route{
		act("/v1/plates/order", func(c *call, who journal.Actor, in *place.Ordering) (*place.Entrance, journal.Proven, error) {
			in.Within = c.area()
			return a.places.Order(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/plates/install", func(c *call, who journal.Actor, in *place.Installing) (*place.Entrance, journal.Proven, error) {
			in.Within = c.area()
			return a.places.Install(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/plates/missing", func(c *call, who journal.Actor, in *place.Losing) (*place.Entrance, journal.Proven, error) {
			in.Within = c.area()
			return a.places.Lose(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/plates/list", func(c *call, who journal.Actor, in *place.Looking) (*place.Entrances, error) {
			in.Within = c.area()
			return a.places.Entrances(c.r.Context(), who, in)
		}),
		ask("/v1/plates/progress", func(c *call, who journal.Actor, in *place.Counting) (*place.Table, error) {
			in.Within = c.area()
			return a.places.Progress(c.r.Context(), who, in)
		}),
	}
}

func (a *API) reportRoutes() []*route {
	return []*route{
		act("/v1/place-reports/submit", func(c *call, who journal.Actor, in *place.Reporting) (*place.Submitted, journal.Proven, error) {
			in.Area = c.area()
			return a.places.Submit(c.r.Context(), a.journal, who, in)
		}).large(),
		ask("/v1/place-reports/list", func(c *call, who journal.Actor, in *place.Listing) (*place.Reports, error) {
			return a.places.Reports(c.r.Context(), who, in)
		}),
		ask("/v1/place-reports/find", func(c *call, who journal.Actor, in *place.ReportOf) (*place.Report, error) {
			return a.places.Report(c.r.Context(), who, in)
		}),
		act("/v1/place-reports/review", func(c *call, who journal.Actor, in *place.Reviewing) (*place.Report, journal.Proven, error) {
			return a.places.Review(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/place-reports/overdue", a.overdue),
	}
}

// area is the part of the country that the officer's body answers for.
func (c *call) area() place.Area {
	return place.Area{Province: c.agency.Province, County: c.agency.County, Locality: c.agency.Locality}
}

// overdueInput asks who is behind with his reports.
type overdueInput struct {
	Since persian.Date `json:"since"` // month; absent: the first of this year
}

type overdueAnswer struct {
	Overdue []place.Overdue `json:"overdue"`
}

// overdue tells of all municipalities; the place register does not know them.
func (a *API) overdue(c *call, who journal.Actor, in *overdueInput) (out overdueAnswer, err error) {
	var all []place.Reporter
	for _, one := range a.agencies.Agencies() {
		if one.Kind == agency.KindMunicipality && one.State == agency.Active {
			all = append(all, place.Reporter{Agency: one.ID, Name: one.Name})
		}
	}
	out.Overdue, err = a.places.Overdue(c.r.Context(), who, in.Since, all)
	return out, err
}

// placeChanges serves GET /v1/places/changes.
func (a *API) placeChanges(c *call) error {
	after, err := c.count("after", 1<<62)
	if err != nil {
		return err
	}
	limit, err := c.count("limit", place.MaxChanges)
	if err != nil {
		return err
	}
	feed, err := a.places.Changes(c.r.Context(), after, int(limit))
	if err == nil {
		c.out, err = appendJSON(c.out, feed)
	}
	return err
}

// placeFile serves GET /v1/places/file. Its header says up to which change it
// is complete: the changes after that number are the rest.
func (a *API) placeFile(c *call) error {
	return c.stream("text/csv; charset=utf-8", func(w io.Writer) error {
		return a.places.File(c.r.Context(), func(sequence int64) io.Writer {
			c.w.Header()["Estelam-Sequence"] = []string{strconv.FormatInt(sequence, 10)}
			return w
		})
	})
}

// count is a whole number of the address's query, from 0 to most; absent: 0.
func (c *call) count(name string, most int64) (int64, error) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, fault.New(fault.Invalid, "place.count", strconv.FormatInt(most, 10)).At(name)
	}
	return n, nil
}
