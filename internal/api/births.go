package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// birthRoutes are the routes of births and of the offices that register them.
func (a *API) birthRoutes() []*route {
	return []*route{
		act("/v1/births", func(c *call, who journal.Actor, in *person.Birth) (*person.Born, journal.Proven, error) {
			return a.persons.RegisterBirth(c.r.Context(), a.journal, who, in)
		}),
		post("/v1/births/batch", a.registerBirths).large(),
		ask("/v1/offices", a.listOffices),
		act("/v1/offices/put", func(c *call, who journal.Actor, in *officesInput) (officesPut, journal.Proven, error) {
			p, err := a.persons.PutOffices(c.r.Context(), a.journal, who, in.Offices)
			return officesPut{len(in.Offices)}, p, err
		}),
	}
}

type birthsInput struct {
	Births []person.Birth `json:"births"`
}

// registerBirths answers each birth of the batch as if it had come alone.
func (a *API) registerBirths(c *call, who journal.Actor, in *birthsInput) error {
	born, proven, err := a.persons.RegisterBirths(c.r.Context(), a.journal, who, in.Births)
	if err != nil {
		return err
	}
	out := struct {
		Births []proof `json:"births"`
	}{make([]proof, len(born))}
	for i := range born {
		out.Births[i] = proof{string(proven[i].Code), &born[i], jsontext.Value(proven[i].Receipt().Append(nil))}
	}
	c.out, err = appendJSON(c.out, out)
	return err
}

type officesInput struct {
	Offices []person.Office `json:"offices"`
}

type officesPut struct {
	Offices int `json:"offices"`
}

// seesOffices are the roles whose work is arranged by office.
var seesOffices = []string{register.Clerk, register.Supervisor, register.Post, register.Municipality, register.Printer}

// officesPage asks for a part of the offices.
type officesPage struct {
	After int `json:"after"` // only offices with a higher code
	Limit int `json:"limit"` // 1 to 1000; 0: 1000
}

type officesAnswer struct {
	Offices []person.Office `json:"offices"`
	Next    int             `json:"next,omitzero"` // the next page's after
}

func (a *API) listOffices(_ *call, who journal.Actor, in *officesPage) (out officesAnswer, err error) {
	if err := register.Only(who, seesOffices...); err != nil {
		return out, err
	}
	if err := page(&in.Limit, 1000, 1000); err != nil {
		return out, err
	}
	for _, o := range a.persons.Offices() {
		if o.Code <= in.After {
			continue
		}
		if len(out.Offices) == in.Limit {
			out.Next = out.Offices[in.Limit-1].Code
			break
		}
		out.Offices = append(out.Offices, o)
	}
	return out, nil
}
