package registry

import (
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

func birthRoutes() []page.Route { return slices.Concat(birth.Routes(), twin.Routes()) }

// twinUse seals what a twin's form takes over from the first child's.
const twinUse = "twin"

// birth registers a birth; twin the next child of the same delivery, of whom
// most is known already.
var (
	birth = birthForm("/registry/births", nil)
	twin  = birthForm("/registry/births/twins/{of}", beginTwin)
)

func birthForm(path string, begin func(*page.Visit, *person.Birth) error) page.Form[person.Birth] {
	return page.Form[person.Birth]{Path: path, Roles: staff, Key: "console.registry.birth.", Controls: birthControls, Begin: begin, Do: registerBirth}
}

func birthControls(v *page.Visit, _ *person.Birth) ([]page.Control, error) {
	declarants := options(v, "console.registry.declarant.", string(person.ByFather), string(person.ByMother), string(person.ByGuardian), string(person.ByInstitution), string(person.ByHimself))
	orders := page.Choose([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, "", v.Digits)
	order := own("birth_order", page.Choose1)
	order.Options = orders
	notification := own("notification", page.Latin)
	notification.Max = 40
	return []page.Control{
		legend("console.registry.birth.notified", notification), order, office(v),
		legend("console.registry.birth.child", ours("given_name", page.Words)), ours("surname", page.Words), sexControl(v),
		ours("birth_date", page.Date), own("birth_place", page.Words), optional(own("sayyed", page.Yes)),
		legend("console.registry.birth.parents", optional(own("father_number", page.National))), optional(ours("father_name", page.Words)),
		optional(own("mother_number", page.National)), optional(own("mother_name", page.Words)),
		legend("console.registry.birth.declared", choice(v, own("declarant", page.Choose1), declarants)),
		optional(own("late", page.Yes)), optional(own("document", page.Words)),
	}, nil
}

func registerBirth(v *page.Visit, in *person.Birth) (page.Done, error) {
	born, proven, err := v.Persons.RegisterBirth(v.Context(), v.Journal, v.Actor(), in)
	if err != nil {
		return page.Done{}, err
	}
	return page.Done{Screen: bornScreen(v, in, born, &proven)}, nil
}

// bornScreen says which number the child got.
func bornScreen(v *page.Visit, in *person.Birth, born *person.Born, proven *journal.Proven) *page.Screen {
	title := v.T("console.registry.birth.done")
	if born.Again {
		title = v.T("console.registry.birth.again")
	}
	record := ref{Number: born.Number, Reason: "registration", File: page.Cut(in.Notification, 40)}
	return &page.Screen{
		Title: title, Lead: v.T("console.registry.birth.done.lead"), Slim: true,
		Blocks: []any{
			page.Tiles{{Label: v.T("console.field.national_number"), Value: v.Digits(born.Number.String()), Note: in.Given.Display + " " + in.Surname.Display, Tone: page.Good}},
			page.Code{Label: v.T("console.code"), Code: string(proven.Code)},
			page.Facts{List: []page.Fact{
				{Label: v.T("console.field.birth_date"), Value: v.Day(in.Born)},
				{Label: label(v, "office"), Value: officeOf(v, in.Office)},
				{Label: label(v, "birth_order"), Value: v.Count(int64(in.Order)), Number: true},
			}},
			page.Choices{{
				Title: v.T("console.registry.birth.next"), Text: v.T("console.registry.birth.next.text"), Icon: "plus",
				Links: []page.Link{
					{Path: record.path(v), Text: v.T("console.registry.birth.open")},
					{Path: "/registry/births/twins/" + v.Seal(twinUse, twinOf(in)), Text: v.T("console.registry.birth.twin")},
					{Path: "/registry/births", Text: v.T("console.registry.birth.another")},
				},
			}},
		},
	}
}

// delivery is what twins share.
type delivery struct {
	Notification string             `json:"n"`
	Order        int                `json:"o"`
	Office       int                `json:"c"`
	Surname      string             `json:"s"`
	Born         persian.Date       `json:"b"`
	Place        string             `json:"p"`
	Father       ids.NationalNumber `json:"f,omitzero"`
	FatherName   string             `json:"fn,omitzero"`
	Mother       ids.NationalNumber `json:"m,omitzero"`
	MotherName   string             `json:"mn,omitzero"`
	Declarant    person.Declarant   `json:"d"`
	Late         bool               `json:"l,omitzero"`
	Sayyed       bool               `json:"y,omitzero"`
}

func twinOf(in *person.Birth) string {
	data, _ := json.Marshal(delivery{
		in.Notification, in.Order + 1, in.Office, in.Surname.Display, in.Born, page.Cut(in.Place, 60),
		in.Father, in.FatherName.Display, in.Mother, in.MotherName.Display, in.Declarant, in.Late, in.Sayyed,
	}) // of texts and numbers it never fails
	return string(data)
}

// beginTwin fills in what the first child's form said.
func beginTwin(v *page.Visit, in *person.Birth) error {
	text, err := v.Unseal(twinUse, v.R.PathValue("of"))
	if err != nil {
		return err
	}
	var d delivery
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return page.NotFound()
	}
	if v.R.Method != "GET" { // what is sent stands alone: an emptied control is empty
		return nil
	}
	*in = person.Birth{
		Notification: d.Notification, Order: d.Order, Office: d.Office, Born: d.Born, Place: d.Place,
		Father: d.Father, Mother: d.Mother, Declarant: d.Declarant, Late: d.Late, Sayyed: d.Sayyed,
	}
	for _, n := range []struct {
		to   *persian.Name
		text string
	}{{&in.Surname, d.Surname}, {&in.FatherName, d.FatherName}, {&in.MotherName, d.MotherName}} {
		if n.text != "" {
			*n.to, _ = persian.ParseName(n.text) // it was one a moment ago
		}
	}
	return nil
}
