package head

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// agreementPage shows one version of an agreement, and how it came about.
func agreementPage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	at, _ := strconv.Atoi(v.R.URL.Query().Get("version")) // anything else: the newest
	f, err := v.Agreements.Find(v.Context(), v.Actor(), &agreement.Picking{Agreement: id, Version: max(at, 0)})
	if err != nil {
		return err
	}
	a, newest := f.Version, f.Versions[0]
	blocks := []any{}
	if a.Version != newest.Version {
		blocks = append(blocks, page.Note{
			Tone: page.Warn, Text: v.T("console.head.agreement.old", v.Count(int64(a.Version)), v.Count(int64(newest.Version))),
			Links: []page.Link{{Path: fmt.Sprintf("/head/agreements/no/%d", id), Text: v.T("console.head.agreement.newest")}},
		})
	}
	if a.Narrowed > 0 {
		blocks = append(blocks, page.Note{Tone: page.Bad, Title: v.T("console.head.agreement.narrowed", v.Count(int64(a.Narrowed))), Text: v.T("console.head.agreement.narrowed.text")})
	}
	blocks = append(
		blocks, page.Facts{List: []page.Fact{
			stateFact(v, "console.head.column.state", "agreement", a.State.String()),
			fact(v, "version", v.Count(int64(a.Version))),
			fact(v, "from", v.Day(persian.DateOf(a.From))),
			fact(v, "until", v.Day(lastDay(a))),
			{Label: v.T("console.head.fact.service_id"), Value: v.Digits(a.Service), Number: true},
			fact(v, "why", whyOf(v, a)),
		}},
		clauseTable(v, a.Clauses, ""), termTable(v, a.Clauses), versionLine(v, f.Versions),
	)
	return v.Show(page.Screen{
		Title: v.T("console.head.agreement.title", v.Count(id)), Above: above(v, "/head/agreements", "agreements"),
		Buttons: agreementButtons(v, newest, a, len(f.Versions)), Blocks: blocks,
	})
}

func above(v *page.Visit, path, key string) *page.Link {
	return &page.Link{Path: path, Text: v.T("console.head.menu." + key)}
}

func agreementButtons(v *page.Visit, newest, shown *agreement.Agreement, versions int) []page.Button {
	at := fmt.Sprintf("/head/agreements/no/%d", newest.ID)
	all := []page.Button{{Path: fmt.Sprintf("%s/paper?version=%d", at, shown.Version), Text: v.T("console.head.paper"), Icon: "down", Ghost: true}}
	if versions > 1 {
		all = append(all, page.Button{Path: at + "/compare", Text: v.T("console.head.agreement.compare"), Ghost: true})
	}
	if newest.State != agreement.Ended {
		all = append(all,
			page.Button{Path: at + "/end", Text: v.T("console.head.agreement.end"), Ghost: true},
			page.Button{Path: at + "/amend", Text: v.T("console.head.agreement.amend"), Icon: "pen"})
	}
	return all
}

// versionLine is the life of an agreement, each version with what it says
// otherwise than the one before.
func versionLine(v *page.Visit, versions []*agreement.Agreement) page.Timeline {
	t := page.Timeline{Title: v.T("console.head.agreement.versions")}
	for i, a := range versions {
		e := page.Event{
			When: v.Moment(a.Made), Title: v.T("console.head.agreement.version", v.Count(int64(a.Version)), whyOf(v, a)),
			Tone: tones["agreement"][a.State.String()], Icon: "pen",
		}
		if i+1 < len(versions) {
			d := agreement.Compare(agreement.FormOf(versions[i+1]), agreement.FormOf(a))
			e.Text = strings.Join(differences(v, d), " ")
		}
		t.Events = append(t.Events, e)
	}
	return t
}

func differences(v *page.Visit, d *agreement.Difference) []string {
	if v.Lang == message.En {
		return d.English
	}
	return d.Persian
}

// whyOf says how a version came about. A code word that names a case, such as
// audit-12, is told with its number.
func whyOf(v *page.Visit, a *agreement.Agreement) string {
	what, no, _ := strings.Cut(a.Why, "-")
	if _, err := strconv.Atoi(no); err == nil && message.Known("console.head.why."+what) {
		return v.T("console.head.why."+what, no)
	}
	if message.Known("console.head.why." + a.Why) {
		return v.T("console.head.why." + a.Why)
	}
	return page.Isolated(a.Why)
}

// agreementPaper gives a version as PDF.
func agreementPaper(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	at, _ := strconv.Atoi(v.R.URL.Query().Get("version")) // anything else: the newest
	return paper(v, &agreement.Picking{Agreement: id, Version: max(at, 0)}, fmt.Sprintf("agreement-%d", id))
}

// paper sends the paper of a text.
func paper(v *page.Visit, in *agreement.Picking, name string) error {
	p, err := v.Agreements.Paper(v.Context(), v.Journal, v.Actor(), in)
	if err != nil {
		return err
	}
	check := v.Address() + "/check"
	p.Name, p.Page, p.Link, p.Demo = v.Asker.Agency.Name, check, check+"?code="+string(p.Code), v.Demo
	return v.SendMade("application/pdf", name+".pdf", func(w io.Writer) error { return p.Write(w, v.Lang) })
}
