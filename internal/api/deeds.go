package api

import (
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// deedRoutes is the route of deeds. It is an inquiry, so an agency's program may
// ask too; its answer is that of an act, with the receipts of all its entries.
func (a *API) deedRoutes() []*route {
	return []*route{post("/v1/deeds/check", a.checkDeed).to(forAgencies)}
}

// sealDeed keeps the keys of deeds apart from those of other acts.
const sealDeed = "estelam/once/v1/deed"

func (a *API) checkDeed(c *call, _ journal.Actor, in *inquiry.DeedForm) error {
	signed, err := a.signed(c)
	if err != nil {
		return err
	}
	once, err := c.onceOf(sealDeed, in)
	if err != nil {
		return err
	}
	q, err := in.Parse(persian.DateOf(a.clock()))
	if err != nil {
		return err
	}
	who, err := a.asker(c, in.Officer, signed)
	if err != nil {
		return err
	}
	p, err := a.desk.AskDeed(c.r.Context(), who, q, once)
	if err != nil {
		return err
	}
	result, err := inquiry.ReadDeed(p)
	if err != nil {
		return err
	}
	c.out, err = appendJSON(c.out, proof{string(p.Entries[0].Code), result, p.Receipts().Append(nil)})
	return err
}
