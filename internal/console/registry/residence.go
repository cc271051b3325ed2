package registry

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

func residenceRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/registry/persons/{ref}/residences", residences), get("/registry/certificates/{paper}", certificatePDF),
	}, declareResidence.Routes(), withdrawResidence.Routes(), certify.Routes())
}

// residences lists where a person has declared to live, the newest first.
func residences(v *page.Visit) error {
	r, err := refOf(v)
	if err != nil {
		return err
	}
	all, _, err := v.Persons.ResidencesOf(v.Context(), v.Journal, v.Actor(), r.reading())
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.registry.residences.list"), Empty: v.T("console.registry.residences.none"),
		Columns: page.Head(v.T("console.field.postal_code"), v.T("console.registry.field.address"), v.T("console.field.residence_since")),
	}
	for _, one := range slices.Backward(all) {
		address := "–"
		if at, found, err := v.Places.ByCode(v.Context(), one.Postal); err != nil {
			return err
		} else if found {
			address = at.OneLine(v.Lang)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.Digits(one.Postal.String()), Number: true}, {Text: address}, {Text: v.Day(one.Since)}}})
	}
	at := personPath(v)
	return v.Show(page.Screen{
		Title: v.T("console.registry.residences.title"), Lead: v.T("console.registry.residences.lead"), Above: toPerson(v),
		Buttons: []page.Button{
			{Path: at + "/residence", Text: v.T("console.registry.residence.title"), Icon: "plus"},
			{Path: at + "/residence-certificate", Text: v.T("console.registry.certificate.title"), Icon: "print", Ghost: true},
			{Path: at + "/residence-withdrawal", Text: v.T("console.registry.residence_withdrawal.title"), Ghost: true},
		},
		Blocks: []any{r.who(v), t},
	})
}

// declareResidence registers where a person lives, withdrawResidence that a
// declaration holds no more.
var (
	declareResidence = onPerson("console.registry.residence.", "residence",
		func(in *person.ResidenceDeclaration) (*ids.NationalNumber, *int64) { return &in.Number, &in.Version },
		func(v *page.Visit) []page.Control {
			return append([]page.Control{
				ours("postal_code", page.Postal), own("since", page.Date), optional(own("guardian", page.National)),
			}, grounds(v, "own-request", "guardian-request", "court-order")...)
		}, alone((*person.Book).DeclareResidence))
	withdrawResidence = onPerson("console.registry.residence_withdrawal.", "residence-withdrawal",
		func(in *person.ResidenceWithdrawal) (*ids.NationalNumber, *int64) { return &in.Number, &in.Version },
		func(v *page.Visit) []page.Control {
			return grounds(v, "own-request", "guardian-request", "court-order", "clerical-error")
		}, alone((*person.Book).WithdrawResidence))
)

// certify issues a certificate of residence: an act. The paper is drawn when it
// is fetched, from what was certified, which its address holds sealed.
var certify = onPerson("console.registry.certificate.", "residence-certificate",
	func(in *person.CertificateOrder) (*ids.NationalNumber, *int64) { return &in.Number, nil },
	func(v *page.Visit) []page.Control {
		lang := own("language", page.Choose1)
		lang.Show, lang.Options = true, options(v, "console.registry.language.", string(message.Fa), string(message.En))
		return append([]page.Control{lang}, grounds(v, "own-request", "guardian-request")...)
	}, func(v *page.Visit, in *person.CertificateOrder) (page.Done, error) {
		c, proven, err := v.Persons.CertifyResidence(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		p := &c.Person
		lang := message.Fa
		if v.R.PostFormValue("language") == string(message.En) {
			lang = message.En
		}
		data, _ := json.Marshal(paper{
			lang, p.Given.Display + " " + p.Surname.Display, p.Number, p.Sex, c.Place.Code,
			page.Cut(c.Place.OneLine(message.Fa), 200), p.ResidenceSince, c.Issued, c.Until, proven.Code,
		}) // of texts and numbers it never fails
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.registry.certificate.done"), Lead: v.T("console.registry.certificate.done.lead", v.Day(c.Until)), Slim: true, Above: toPerson(v),
			Blocks: []any{
				page.Download{Path: "/registry/certificates/" + v.Seal(paperUse, string(data)), Text: v.T("console.registry.certificate.download")},
				page.Code{Label: v.T("console.code"), Code: string(proven.Code), Text: v.T("console.registry.certificate.code")},
			},
		}}, nil
	})

// paper is what a certificate says.
type paper struct {
	Lang    message.Lang       `json:"l"`
	Name    string             `json:"w"`
	Number  ids.NationalNumber `json:"n"`
	Sex     person.Sex         `json:"s,omitzero"`
	Postal  ids.PostalCode     `json:"p"`
	Address string             `json:"a"`
	Since   persian.Date       `json:"f,omitzero"`
	Issued  persian.Date       `json:"i"`
	Until   persian.Date       `json:"u"`
	Code    ids.TrackingCode   `json:"c"`
}

const paperUse = "residence"

func certificatePDF(v *page.Visit) error {
	text, err := v.Unseal(paperUse, v.R.PathValue("paper"))
	if err != nil {
		return err
	}
	var p paper
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return page.NotFound()
	}
	var b bytes.Buffer
	if err := letter.WriteResidence(&b, p.Lang, &letter.Residence{
		Name: p.Name, Number: p.Number, Male: p.Sex == person.Male, Female: p.Sex == person.Female,
		Postal: p.Postal, Address: p.Address, Since: p.Since, Date: p.Issued, Until: p.Until, Officer: v.Asker.Officer.Name,
		Code: p.Code, Page: v.Address() + "/check", Link: v.Address() + "/check?code=" + string(p.Code), Demo: v.Demo,
	}); err != nil {
		return err
	}
	return v.Send("application/pdf", "residence.pdf", b.Bytes())
}
