package officer

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

const programKey = "console.officer.program."

func programmerRoutes() []page.Route {
	return append(diagnose.Routes(), page.Get("/programmer", programme, programmer))
}

// programmer is the first page of who connects the agency's program: its
// certificates, what the agreement permits it, and where to go on.
func programmer(v *page.Visit) error {
	s := page.Screen{
		Title: v.T(programKey + "title"), Lead: v.T(programKey + "lead"),
		Buttons: []page.Button{{Path: "/programmer/diagnose", Text: v.T("console.officer.diagnose.title"), Icon: "scale"}, {Path: "/docs/", Text: v.T("console.footer.api"), Icon: "paper", Ghost: true}},
	}
	a, ok := v.Agreements.InForce(v.Asker.Agency.ID, v.Clock())
	certificates, soon := certificateTable(v)
	tiles := page.Tiles{
		{Label: v.T(programKey + "certificates"), Value: v.Count(int64(len(certificates.Rows))), Note: v.T(programKey + "certificates.note")},
		{Label: v.T(programKey + "inforce"), Value: v.T("console.no"), Words: true, Tone: page.Bad, Note: v.T("console.desk.none")},
	}
	if soon > 0 {
		tiles[0].Tone, tiles[0].Note = page.Warn, v.T(programKey+"soon", v.Count(int64(soon)))
	}
	if ok {
		tiles[1] = page.Tile{Label: v.T(programKey + "inforce"), Value: v.T(programKey+"inforce.no", v.No(a.ID), v.No(int64(a.Version))), Words: true, Note: v.T(programKey+"inforce.until", v.Day(persian.DateOf(a.Until)))}
		s.Blocks = []any{tiles, certificates, clauseTable(v, a)}
	} else {
		s.Blocks = []any{tiles, certificates}
	}
	s.Blocks = append(s.Blocks, page.Note{
		Tone: page.Info, Title: v.T(programKey + "how"), Lines: []string{v.T(programKey + "how.1"), v.T(programKey + "how.2"), v.T(programKey + "how.3"), v.T(programKey + "how.4")},
		Links: []page.Link{{Path: "/docs/", Text: v.T("console.footer.api")}, {Path: "/officer/files", Text: v.T("console.officer.menu.files")}},
	})
	return v.Show(s)
}

// soonDays is how long before its end a certificate is to be renewed.
const soonDays = 30

// certificateTable lists the certificates of the agency's program and the
// programmer's own, which count now; soon is how many of them end soon.
func certificateTable(v *page.Visit) (t *page.Table, soon int) {
	t = &page.Table{Title: v.T(programKey + "certificates"), Empty: v.T(programKey + "certificates.none"), Columns: page.Head(
		v.T(programKey+"holder"), v.T(programKey+"fingerprint"), v.T(programKey+"from"), v.T(programKey+"until"), v.T(programKey+"state"))}
	now := v.Clock()
	for _, c := range v.Agencies.Certificates(v.Asker.Agency.ID) {
		if c.Officer != "" && c.Officer != v.Asker.Officer.Login || !c.Revoked.IsZero() || now.After(c.Until) {
			continue
		}
		holder := page.Cell{Text: v.T(programKey + "holder.program")}
		if c.Officer != "" {
			holder = page.Cell{Text: v.T(programKey + "holder.own")}
		}
		state := page.Cell{Text: v.T(programKey + "good"), Tone: page.Good}
		if c.Until.Before(now.AddDate(0, 0, soonDays)) {
			soon++
			state = page.Cell{Text: v.T(programKey + "ends"), Tone: page.Warn}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			holder, {Text: hex.EncodeToString(c.Fingerprint[:8]) + "…", Number: true}, {Text: v.Day(persian.DateOf(c.From))}, {Text: v.Day(persian.DateOf(c.Until))}, state,
		}})
	}
	return t, soon
}

// clauseTable is what the agreement permits, clause by clause.
func clauseTable(v *page.Visit, a *agreement.Agreement) *page.Table {
	t := &page.Table{Title: v.T(programKey + "clauses"), Columns: page.Head(
		v.T(programKey+"clause"), v.T("console.service"), v.T(programKey+"modes"), v.T(programKey+"keys"), v.T(programKey+"fields"), v.T(programKey+"quota"))}
	for i := range a.Clauses {
		c := &a.Clauses[i]
		quota := v.T(programKey + "quota.none")
		if c.DailyQuota > 0 {
			quota = v.Count(c.DailyQuota)
		}
		small := ""
		if c.Signature {
			small = v.T(programKey + "signed")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(int64(c.No))},
			{Text: serviceName(v, c.Service), Small: small},
			{Text: strings.Join(c.Modes, ", ")},
			{Text: strings.Join(c.SearchKeys, ", ")},
			{Text: strings.Join(c.Fields, ", ")},
			{Text: quota},
		}})
	}
	return t
}

// serviceName names any service that an agreement can permit.
func serviceName(v *page.Visit, service string) string {
	if message.Known("console.officer.service." + service) {
		return v.T("console.officer.service." + service)
	}
	return v.Known("console.service.", service)
}

// diagnosing is a question without a person.
type diagnosing struct {
	Service string   `json:"service"`
	Mode    string   `json:"mode"`
	Key     string   `json:"key"`
	Fields  []string `json:"fields"`
	Purpose string   `json:"purpose"`
	Process string   `json:"process"`
	Officer string   `json:"officer"`
}

// diagnose tells which clause would permit a question, or which would refuse it
// and why. No person is asked about and nothing is recorded.
var diagnose = page.Form[diagnosing]{
	Path: "/programmer/diagnose", Roles: programme, Key: "console.officer.diagnose.",
	Begin: func(v *page.Visit, in *diagnosing) error {
		in.Service, in.Mode, in.Key = inquiry.Identity, inquiry.Verify, inquiry.KeyBirthDate
		if s := v.R.URL.Query().Get("service"); slices.Contains(inquiry.Services, s) {
			in.Service = s
		}
		if in.Service == inquiry.Place {
			in.Key = inquiry.KeyPostalCode
		}
		return nil
	},
	Around: func(v *page.Visit, in *diagnosing) ([]any, error) {
		var tabs page.Tabs
		for _, s := range inquiry.Services {
			tabs = append(tabs, page.Link{Path: "/programmer/diagnose?service=" + s, Text: v.T("console.service." + s), Current: s == in.Service})
		}
		return []any{tabs}, nil
	},
	Controls: func(v *page.Visit, in *diagnosing) ([]page.Control, error) {
		same := func(s string) string { return s }
		keys := []string{inquiry.KeyBirthDate, inquiry.KeyShenasnameh}
		if in.Service == inquiry.Place {
			keys = []string{inquiry.KeyPostalCode}
		}
		modes := []string{inquiry.Verify, inquiry.Disclose}
		if in.Service == inquiry.Predicates {
			modes = modes[:1]
		}
		return []page.Control{
			{Name: "service", Kind: page.Carried},
			{Name: "mode", Kind: page.Choose1, Options: page.Choose(modes, "", func(s string) string { return v.T("console.mode." + s) })},
			{Name: "key", Kind: page.Choose1, Options: page.Choose(keys, "", same)},
			{Name: "fields", Kind: page.Ticks, Options: page.Choose(inquiry.FieldsOf(in.Service), "", func(s string) string { return v.T("console.field." + s) })},
			{Name: "purpose", Kind: page.Latin},
			{Name: "process", Kind: page.Latin, Optional: true},
			{Name: "officer", Kind: page.Latin},
		}, nil
	},
	Do: diagnosed,
}

func diagnosed(v *page.Visit, in *diagnosing) (page.Done, error) {
	q, err := in.question(v)
	if err != nil {
		return page.Done{}, err
	}
	o, err := v.Agencies.Officer(v.Asker.Agency.ID, in.Officer)
	if err != nil || o.Role != agency.RoleOfficer {
		o = nil // the desk refuses, and says so
	}
	found, err := v.Desk.Diagnose(v.Context(), inquiry.Asker{Agency: v.Asker.Agency, Officer: o}, q)
	if err != nil {
		return page.Done{}, err
	}
	key := "console.officer.diagnose."
	note := page.Note{Tone: page.Good, Title: v.T(key + "permitted"), Text: v.T(key+"by", v.No(int64(found.Clause)))}
	if found.Limit > 0 {
		note.Lines = []string{v.T(key+"quota", v.Count(found.Left), v.Count(found.Limit))}
	}
	if !found.Permitted {
		note = page.Note{Tone: page.Bad, Title: v.T(key + "refused"), Text: v.T(found.Reason)}
		if found.Field != "" && message.Known("console.field."+found.Field) {
			note.Text = v.T("console.form.at", v.T("console.field."+found.Field), note.Text)
		}
		if found.Clause > 0 {
			note.Lines = []string{v.T(key+"clause", v.No(int64(found.Clause)))}
		}
		note.Lines = append(note.Lines, v.T(key+"reason", found.Reason))
	}
	return page.Done{Screen: &page.Screen{
		Title: v.T(key + "result"), Blocks: []any{note},
		Buttons: []page.Button{{Path: "/programmer/diagnose?service=" + in.Service, Text: v.T(key + "again"), Ghost: true}},
	}}, nil
}

// Of a person who is nobody: a diagnosis reads no register.
const (
	sampleNumber = ids.NationalNumber(12345679)
	sampleBirth  = "1370-01-01"
)

// question is a well-formed question of this kind. Its values are samples of
// the catalogue; the agreement looks at the names of fields alone.
func (in *diagnosing) question(v *page.Visit) (*inquiry.Question, error) {
	f := inquiry.Form{Service: in.Service, Mode: in.Mode, Officer: in.Officer, Purpose: in.Purpose, Process: in.Process, File: "diagnosis"}
	switch in.Key {
	case inquiry.KeyPostalCode:
		f.PostalCode = message.Text(message.Fa, "console.officer.sample.postal_code")
	case inquiry.KeyShenasnameh:
		f.NationalNumber, f.ShenasnamehNumber = sampleNumber.String(), "123"
	default:
		f.NationalNumber, f.BirthDate = sampleNumber.String(), sampleBirth
	}
	for _, name := range in.Fields {
		switch {
		case in.Service == inquiry.Predicates && name == inquiry.AgeAtLeast:
			f.Predicates = append(f.Predicates, inquiry.FormPredicate{Name: name, Age: 18})
		case in.Service == inquiry.Predicates:
			f.Predicates = append(f.Predicates, inquiry.FormPredicate{Name: name})
		case in.Mode == inquiry.Disclose:
			f.Fields = append(f.Fields, name)
		default:
			f.Claims = append(f.Claims, inquiry.FormClaim{Field: name, Value: sampleOf(name)})
		}
	}
	return f.Parse(persian.DateOf(v.Clock()))
}

// sampleOf is a value that a field can have.
func sampleOf(name string) string {
	switch {
	case choiceOf[name] != nil:
		return choiceOf[name][0]
	case slices.Contains(dates, name):
		return sampleBirth
	case message.Known("console.officer.sample." + name):
		return message.Text(message.Fa, "console.officer.sample."+name)
	}
	return message.Text(message.Fa, "console.officer.sample")
}
