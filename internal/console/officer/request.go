package officer

import (
	"slices"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
)

// request asks for a delivery: the highest officer's act.
var request = page.Form[delivery.Request]{
	Path: "/officer/files/new", Roles: heads, Key: "console.officer.request.",
	Above: func(v *page.Visit, _ *delivery.Request) *page.Link {
		return &page.Link{Path: "/officer/files", Text: v.T(fileKey + "list")}
	},
	Controls: func(v *page.Visit, _ *delivery.Request) ([]page.Control, error) {
		purposes, fields := deliverable(v)
		word := func(key string) func(string) string {
			return func(s string) string { return v.T(key + s) }
		}
		purpose := page.Control{Name: "purpose", Kind: page.Latin, Legend: "console.officer.request.what"}
		if len(purposes) > 0 {
			purpose.Kind = page.Choose1
			purpose.Options = page.Choose(purposes, "", func(s string) string { return codeWord(v, s) })
		}
		return []page.Control{
			purpose,
			{Name: "method", Kind: page.Choose1, Options: page.Choose([]string{delivery.Terminal, delivery.Media, delivery.API}, "", word(fileKey+"method."))},
			{Name: "fields", Kind: page.Ticks, Options: page.Choose(fields, "", word("console.field."))},
			{Name: "coverage", Kind: page.Choose1, Legend: "console.officer.request.whom", Options: page.Choose([]string{delivery.Declared, delivery.Provinces, delivery.Follows}, "", word(fileKey+"coverage."))},
			{Name: "provinces", Kind: page.Ticks, Optional: true, Options: page.Choose(v.Processes.Provinces(), "", func(s string) string { return s })},
			{Name: "distinct", Kind: page.Yes, Optional: true},
			{Name: "reason", Kind: page.Choose1, Legend: "console.officer.request.why", Options: page.Choose(grounds, "", word("console.officer.ground."))},
			{Name: "document", Max: 200},
		}, nil
	},
	Do: func(v *page.Visit, in *delivery.Request) (page.Done, error) {
		d, proven, err := v.Deliveries.Request(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: filePath(d.ID, ""), Code: proven.Code}, nil
	},
}

// grounds on which agencies cover persons, as code words.
var grounds = []string{"beneficiaries", "insured", "employees", "customers", "students", "licence-holders"}

// deliverable are the purposes and items that some clause of the agreement
// permits to be delivered; without one all items, for the act to refuse.
func deliverable(v *page.Visit) (purposes, fields []string) {
	a, ok := v.Agreements.InForce(v.Asker.Agency.ID, v.Clock())
	if ok {
		purposes, fields = deliverableBy(a)
	}
	if len(fields) == 0 {
		return purposes, delivery.Items
	}
	return purposes, slices.DeleteFunc(slices.Clone(delivery.Items), func(f string) bool { return !slices.Contains(fields, f) })
}

func deliverableBy(a *agreement.Agreement) (purposes, fields []string) {
	for i := range a.Clauses {
		if c := &a.Clauses[i]; c.Service == "delivery" {
			purposes, fields = union(purposes, c.Purposes), union(fields, c.Fields)
		}
	}
	return purposes, fields
}

// withdraw takes a delivery back.
var withdraw = page.Form[delivery.Of]{
	Path: "/officer/files/{id}/withdraw", Roles: heads, Key: "console.officer.withdraw.", Danger: true,
	Begin: beginFile, Above: fileAbove,
	Controls: func(*page.Visit, *delivery.Of) ([]page.Control, error) {
		return []page.Control{{Name: "delivery", Kind: page.Carried}}, nil
	},
	Do: func(v *page.Visit, in *delivery.Of) (page.Done, error) {
		_, proven, err := v.Deliveries.Withdraw(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: filePath(in.Delivery, ""), Code: proven.Code}, err
	},
}

func beginFile(v *page.Visit, in *delivery.Of) error {
	d, err := fileIn(v)
	if err == nil {
		in.Delivery = d.ID
	}
	return err
}

func fileAbove(v *page.Visit, in *delivery.Of) *page.Link { return aboveFile(v, in.Delivery) }

// recipient registers the key to which packages are encrypted.
var recipient = page.Form[delivery.Recipient]{
	Path: "/officer/files/key", Roles: heads, Key: "console.officer.recipient.",
	Above: func(v *page.Visit, _ *delivery.Recipient) *page.Link {
		return &page.Link{Path: "/officer/files", Text: v.T(fileKey + "list")}
	},
	Controls: func(*page.Visit, *delivery.Recipient) ([]page.Control, error) {
		return []page.Control{{Name: "recipient", Kind: page.LongText, Max: 4000}}, nil
	},
	Do: func(v *page.Visit, in *delivery.Recipient) (page.Done, error) {
		_, proven, err := v.Deliveries.SetRecipient(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/officer/files", Code: proven.Code}, err
	},
}
