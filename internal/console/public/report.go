package public

import (
	"net/url"
	"strings"

	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

const reportKey = "console.public.report."

// reportsPerHour is how many reports an address may file, as at the door for
// programs. Many people share an address behind their provider's.
const reportsPerHour = 20

// report begins a report that an agency demanded a copy: the citizen, who knows
// no ids, looks for the agency by a part of its name.
func report(v *page.Visit) error { return showReport(v, nil, nil) }

// reportFind lists the agencies of that name. What was typed stands in no
// address.
func reportFind(v *page.Visit) error {
	name := page.Cleaned(v.R.PostForm.Get("name"))
	if name == "" {
		return showReport(v, v.R.PostForm, fault.New(fault.Invalid, "complaint.missing").At("name"))
	}
	if len(name) > 400 {
		return showReport(v, v.R.PostForm, fault.New(fault.Invalid, "complaint.long", "200").At("name"))
	}
	return showReport(v, v.R.PostForm, nil)
}

func showReport(v *page.Visit, typed url.Values, wrong error) error {
	b, status, err := formOf(v, reportKey, "/report", typed, wrong, page.Control{Name: "name", Kind: page.Words})
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: titled(v, reportKey+"title", wrong), Lead: v.T(reportKey + "lead"), Status: status,
		Buttons: []page.Button{{Path: "/report/status", Text: v.T(reportKey + "follow"), Ghost: true}},
		Blocks:  []any{b},
	}
	if typed != nil && wrong == nil {
		s.Blocks = append(s.Blocks, found(v, page.Cleaned(typed.Get("name"))))
	}
	s.Blocks = append(s.Blocks, page.Note{Tone: page.Info, Title: v.T(reportKey + "how"), Lines: []string{
		v.T(reportKey + "how1"), v.T(reportKey + "how2"), v.T(reportKey + "how3"),
	}})
	return v.Show(s)
}

// found is the agencies whose name holds what was typed.
func found(v *page.Visit, name string) page.Table {
	t := page.Table{
		Title: v.T(reportKey + "found"), Empty: v.T(reportKey + "found.none"),
		Columns: page.Head(v.T(reportKey+"agency"), v.T(reportKey+"province"), v.T(reportKey+"id")),
	}
	for _, a := range v.Complaints.Choices(&complaint.Wanted{Name: name}).Agencies {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: a.Name, Path: "/report/" + a.ID}, {Text: a.Province}, {Text: v.Digits(a.ID), Number: true}}})
	}
	return t
}

// reportForm is the report itself.
func (r *room) reportForm() page.Form[complaint.Report] {
	return page.Form[complaint.Report]{
		Path: "/report/{agency}", Key: "console.public.report.form.",
		Controls: reportControls,
		Begin: func(v *page.Visit, in *complaint.Report) (err error) {
			if in.Agency, err = ids.ParseLegalID(v.R.PathValue("agency")); err != nil {
				return page.NotFound()
			}
			if a, err := v.Agencies.ByID(in.Agency); err != nil || !a.Bound {
				return page.NotFound()
			}
			return nil
		},
		Around: func(v *page.Visit, in *complaint.Report) ([]any, error) {
			a, err := v.Agencies.ByID(in.Agency)
			if err != nil {
				return nil, err
			}
			return []any{page.Facts{List: []page.Fact{{Label: v.T(reportKey + "agency"), Value: a.Name, Small: a.Province}}}}, nil
		},
		Above: func(v *page.Visit, _ *complaint.Report) *page.Link {
			return &page.Link{Path: "/report", Text: v.T(reportKey + "title")}
		},
		Do: r.file,
	}
}

func reportControls(v *page.Visit, in *complaint.Report) ([]page.Control, error) {
	choices := v.Complaints.Choices(&complaint.Wanted{Agency: in.Agency})
	choose := page.Blank(v.T("console.public.choose"), nil)
	documents, processes, provinces := choose, page.Blank(v.T(reportKey+"no_process"), nil), choose
	for _, d := range choices.Documents {
		documents = append(documents, page.Option{Value: d.Code, Text: v.Either(d.Fa, d.En)})
	}
	for _, p := range choices.Processes {
		processes = append(processes, page.Option{Value: p.ID, Text: p.Name})
	}
	for _, p := range choices.Provinces {
		provinces = append(provinces, page.Option{Value: p, Text: p})
	}
	return []page.Control{
		{Name: "document", Kind: page.Choose1, Options: documents, Legend: reportKey + "what"},
		{Name: "date", Kind: page.Date},
		{Name: "process", Kind: page.Choose1, Options: processes, Optional: true},
		{Name: "province", Kind: page.Choose1, Options: provinces, Legend: reportKey + "where"},
		{Name: "county", Optional: true},
		{Name: "place", Optional: true},
		{Name: "text", Kind: page.LongText, Max: 2000, Legend: reportKey + "story"},
		{Name: "contact", Optional: true},
	}, nil
}

// file takes the report in. The secret is shown this once.
func (r *room) file(v *page.Visit, in *complaint.Report) (page.Done, error) {
	back, ok := r.reports.Take(page.ClientOf(v.R), v.Clock())
	if !ok {
		v.RetryAfter(3600)
		return page.Done{}, fault.New(fault.TooMany, "complaint.tries")
	}
	filed, proven, err := v.Complaints.File(v.Context(), v.Journal, in)
	if err != nil {
		back() // what is wrong in its form costs nothing
		return page.Done{}, err
	}
	return page.Done{Screen: &page.Screen{
		Title: v.T(reportKey + "done"), Slim: true,
		Blocks: []any{
			page.Note{Tone: page.Good, Title: v.T(reportKey + "done"), Text: said(v, filed.Message)},
			page.Code{Label: v.T("console.code"), Code: string(proven.Code)},
			page.Secret{Label: v.T(reportKey + "secret"), Value: filed.Secret, Note: v.T(reportKey + "secret.text")},
			page.Text{v.T(reportKey + "keep")},
		},
	}}, nil
}

// said is what a report's message says, in the visitor's language.
func said(v *page.Visit, m complaint.Message) string {
	if v.Lang == "en" {
		return m.En
	}
	return m.Fa
}

// reportStatus asks for tracking code and secret.
func reportStatus(v *page.Visit) error { return showReportStatus(v, nil) }

func showReportStatus(v *page.Visit, wrong error) error {
	const key = "console.public.status."
	b, status, err := formOf(v, key, "/report/status", v.R.PostForm, wrong,
		page.Control{Name: "tracking_code", Kind: page.TrackCode}, page.Control{Name: "secret", Kind: page.Latin})
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: titled(v, key+"title", wrong), Lead: v.T(key + "lead"), Slim: true, Status: status,
		Above: &page.Link{Path: "/report", Text: v.T(reportKey + "title")}, Blocks: []any{b},
	})
}

// reportFollow shows how a report stands to who has both.
func (r *room) reportFollow(v *page.Visit) error {
	form := v.R.PostForm
	k := complaint.Key{Secret: page.Cleaned(form.Get("secret"))}
	var bad fault.List
	code, err := ids.ParseTrackingCode(page.Bare(page.Cleaned(form.Get("tracking_code"))))
	k.Code = code
	bad.Add("tracking_code", err)
	bad.When(k.Secret == "", "secret", "complaint.missing")
	if err := bad.Err(); err != nil {
		return showReportStatus(v, err)
	}
	if !r.checks.Allow(page.ClientOf(v.R), v.Clock()) {
		v.RetryAfter(10)
		return fault.New(fault.TooMany, "console.check.too_many")
	}
	f, err := v.Complaints.Follow(v.Context(), v.Journal, &k)
	switch {
	case fault.Is(err, fault.NotFound): // he corrects it in the same form
		return showReportStatus(v, fault.New(fault.Invalid, fault.Of(err).Key).At("secret"))
	case err != nil:
		return err
	}
	return showFollowed(v, &k, f, nil, "")
}

const reopenUse = "reopen"

// showFollowed is a report as its citizen sees it, with the form that has it
// opened again if he may. The key is carried in it, sealed.
func showFollowed(v *page.Visit, k *complaint.Key, f *complaint.Followed, wrong error, done ids.TrackingCode) error {
	const key = "console.public.status."
	name, document := v.AgencyName(f.Agency), v.DocumentName(f.Document)
	s := page.Screen{Title: v.T(key + "title"), Above: &page.Link{Path: "/report/status", Text: v.T(reportKey + "follow")}}
	s.Blocks = []any{page.Note{Tone: stateTones[f.State], Title: v.T(key + "state." + f.State.String()), Text: said(v, f.Message)}}
	if done != "" {
		s.Blocks = append(s.Blocks, page.Code{Label: v.T("console.code"), Code: string(done), Text: v.T(key + "reopened")})
	}
	side := page.Facts{Title: v.T(key + "report"), List: []page.Fact{
		{Label: v.T(reportKey + "agency"), Value: name},
		{Label: v.T("console.public.report.form.document"), Value: document},
		{Label: v.T("console.public.report.form.date"), Value: v.Day(f.Day)},
		{Label: v.T(reportKey + "province"), Value: join(v.T("console.public.me.comma"), f.Province, f.County, f.Place)},
		{Label: v.T("console.public.report.form.text"), Value: f.Text},
	}}
	main := []any{reportSteps(v, f)}
	if !f.Reopenable.IsZero() {
		b, status, err := formOf(v, "console.public.reopen.", "/report/reopen", v.R.PostForm, wrong, page.Control{Name: "text", Kind: page.LongText, Max: 2000})
		if err != nil {
			return err
		}
		b.Hidden = []page.Hidden{{Name: "report", Value: v.Seal(reopenUse, string(k.Code)+" "+k.Secret)}}
		s.Status = status
		main = append(main, page.Panel{Title: v.T("console.public.reopen.title"), Lead: v.T("console.public.reopen.lead", v.Day(f.Reopenable)), Blocks: []any{b}})
	}
	s.Blocks = append(s.Blocks, page.Pair{Main: main, Side: []any{side}})
	return v.Show(s)
}

var stateTones = map[complaint.State]string{
	complaint.Held: page.Info, complaint.Opened: page.Info, complaint.Answered: page.Info, complaint.Upheld: page.Good, complaint.Rejected: page.Warn,
}

// reportSteps is what happened, the newest first; no officer is named.
func reportSteps(v *page.Visit, f *complaint.Followed) page.Timeline {
	const key = "console.public.status."
	t := page.Timeline{Title: v.T(key + "steps")}
	for i := len(f.Steps) - 1; i >= 0; i-- {
		step := f.Steps[i]
		e := page.Event{When: v.Moment(step.At), Title: v.T(key + "step." + step.What), Text: step.Text}
		switch step.What {
		case "upheld":
			e.Tone, e.Icon = page.Good, "ok"
		case "rejected":
			e.Tone, e.Icon = page.Warn, "warn"
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// reportReopen has a judged report opened again.
func (r *room) reportReopen(v *page.Visit) error {
	sealed, err := v.Unseal(reopenUse, v.R.PostForm.Get("report"))
	if err != nil {
		return showReportStatus(v, nil) // the program was started anew: he shows both again
	}
	code, secret, _ := strings.Cut(sealed, " ")
	k := complaint.Key{Code: ids.TrackingCode(code), Secret: secret}
	f, proven, err := v.Complaints.Reopen(v.Context(), v.Journal, &complaint.Reopening{Key: k, Text: page.Cleaned(v.R.PostForm.Get("text"))})
	if fault.Is(err, fault.Invalid) {
		now, other := v.Complaints.Follow(v.Context(), v.Journal, &k)
		if other != nil {
			return other
		}
		return showFollowed(v, &k, now, err, "")
	}
	if err != nil {
		return err
	}
	return showFollowed(v, &k, f, nil, proven.Code)
}
