package registry

import (
	"encoding/json"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

// ref is what a person's address holds, sealed: whose record it is and why it
// was opened. The pages of acts also carry what their reader has just seen, so
// that they show whose record they change without another look, and change no
// other version than that.
type ref struct {
	Number  ids.NationalNumber `json:"n"`
	Reason  string             `json:"r"`
	File    string             `json:"f"`
	Version int64              `json:"v,omitzero"`
	Name    string             `json:"w,omitzero"`
}

const personUse = "person"

func (r *ref) path(v *page.Visit) string {
	data, _ := json.Marshal(r) // of texts and numbers it never fails
	return "/registry/persons/" + v.Seal(personUse, string(data))
}

// refOf reads the reference in the address.
func refOf(v *page.Visit) (*ref, error) {
	text, err := v.Unseal(personUse, v.R.PathValue("ref"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "console.registry.ref")
	}
	r := new(ref)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		return nil, page.NotFound()
	}
	return r, nil
}

// reading is the look that a reference permits.
func (r *ref) reading() *person.Reading {
	return &person.Reading{Number: r.Number, Reason: r.Reason, File: r.File}
}

// of is the reference to another person for the same reason: a relative's.
func (r *ref) of(n ids.NationalNumber) *ref { return &ref{Number: n, Reason: r.Reason, File: r.File} }

// seen is the reference with what its reader has been shown of the record.
func (r *ref) seen(p *person.Person) *ref {
	return &ref{r.Number, r.Reason, r.File, p.Version, p.Given.Display + " " + p.Surname.Display}
}

// personPath is the page of the person whom the address names.
func personPath(v *page.Visit) string { return "/registry/persons/" + v.R.PathValue("ref") }

// toPerson leads to that page.
func toPerson(v *page.Visit) *page.Link {
	return &page.Link{Path: personPath(v), Text: v.T("console.registry.person.back")}
}

// who says whose record a form changes.
func (r *ref) who(v *page.Visit) page.Facts {
	list := []page.Fact{{Label: v.T("console.field.national_number"), Value: v.Digits(r.Number.String()), Number: true}}
	if r.Name != "" {
		list = append([]page.Fact{{Label: v.T("console.registry.field.person"), Value: r.Name}}, list...)
	}
	if r.Version != 0 {
		list = append(list, page.Fact{Label: v.T("console.registry.field.version"), Value: v.Count(r.Version), Number: true})
	}
	return page.Facts{List: list}
}
