package api

import (
	"crypto/sha256"

	"github.com/go-json-experiment/json"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/property"
)

// propertyRoutes is the route of lists of properties; its answer is that of an
// act, with the receipts of all its rows.
func (a *API) propertyRoutes() []*route {
	return []*route{post("/v1/properties/check", a.checkProperties).to(forAgencies).large()}
}

// sealList keeps the keys of lists apart from those of other acts.
const sealList = "estelam/once/v1/property"

// onceOf is the Idempotency-Key of a request whose digest is over all of its
// input.
func (c *call) onceOf(seal string, in any) (inquiry.Once, error) {
	once, err := c.once(seal)
	if err != nil || once.Key == ([16]byte{}) {
		return once, err
	}
	text, err := json.Marshal(in)
	if err != nil {
		return once, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	sum := sha256.Sum256(text)
	once.Digest = [16]byte(sum[:16])
	return once, nil
}

func (a *API) checkProperties(c *call, _ journal.Actor, in *property.List) error {
	once, err := c.onceOf(sealList, in)
	if err != nil {
		return err
	}
	if err := in.Check(); err != nil {
		return err
	}
	who, err := a.knownOfficer(c, in.Officer)
	if err != nil {
		return err
	}
	p, err := a.properties.Check(c.r.Context(), who, in, once)
	if err != nil {
		return err
	}
	result, err := property.Read(p)
	if err != nil {
		return err
	}
	c.out, err = appendJSON(c.out, proof{string(p.Entries[0].Code), result, p.Receipts().Append(nil)})
	return err
}
