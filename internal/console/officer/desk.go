package officer

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/inquiry"
)

// deskView is an officer's first page: what may be asked, and what was asked
// since signing in.
type deskView struct {
	Today   string
	None    bool // no agreement is in force
	Until   string
	Choices []choice
	Recent  []recentLine
}

type choice struct {
	Service, Title, Text string
	Modes                []page.Link
}

type recentLine struct {
	Path, When, Service string
	Code                []string
	Outcome, Tone       string
}

// offer is one service in one mode with everything that some clause of the
// agreement permits for it. The form shows nothing else; the act itself still
// decides, clause by clause.
type offer struct {
	Service, Mode       string
	Keys                []string
	Fields              []string
	Processes, Purposes []string // empty: any
	catalogue
}

// offersOf gathers the offers of an agreement, services in their usual order.
func offersOf(a *agreement.Agreement) []offer {
	var all []offer
	for _, service := range inquiry.Services {
		for _, mode := range []string{inquiry.Verify, inquiry.Disclose} {
			if o, ok := offerOf(a, service, mode); ok {
				all = append(all, o)
			}
		}
	}
	return all
}

func offerOf(a *agreement.Agreement, service, mode string) (offer, bool) {
	o := offer{Service: service, Mode: mode}
	found, anyProcess, anyPurpose := false, false, false
	for i := range a.Clauses {
		c := &a.Clauses[i]
		if c.Service != service || !slices.Contains(c.Modes, mode) || c.Signature { // a browser does not sign
			continue
		}
		found = true
		o.Keys = union(o.Keys, c.SearchKeys)
		o.Fields = union(o.Fields, c.Fields)
		o.Processes = union(o.Processes, c.Processes)
		o.Purposes = union(o.Purposes, c.Purposes)
		anyProcess = anyProcess || len(c.Processes) == 0
		anyPurpose = anyPurpose || len(c.Purposes) == 0
	}
	if anyProcess {
		o.Processes = nil
	}
	if anyPurpose {
		o.Purposes = nil
	}
	usual := inquiry.FieldsOf(service)
	o.Fields = slices.DeleteFunc(slices.Clone(usual), func(f string) bool { return !slices.Contains(o.Fields, f) })
	return o, found && len(o.Keys) > 0 && len(o.Fields) > 0
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func (o offer) path(key string) string {
	q := url.Values{"service": {o.Service}, "mode": {o.Mode}}
	if key != "" {
		q.Set("key", key)
	}
	return "/officer/ask?" + q.Encode()
}

// desk shows the officer's first page.
func desk(v *page.Visit) error {
	now := v.Clock()
	body := deskView{Today: v.Today(), Recent: recent(v)}
	a, ok := v.Agreements.InForce(v.Asker.Agency.ID, now)
	if !ok {
		body.None = true
		return v.Page(200, "officer/desk", v.T("console.desk.title"), body)
	}
	for _, o := range offersOf(a) {
		mode := page.Link{Path: o.path(""), Text: v.T("console.mode." + o.Mode + ".do")}
		if o.Service == inquiry.Predicates {
			mode.Text = v.T("console.mode.predicate.do")
		}
		if n := len(body.Choices); n > 0 && body.Choices[n-1].Service == o.Service {
			body.Choices[n-1].Modes = append(body.Choices[n-1].Modes, mode)
			continue
		}
		body.Choices = append(body.Choices, choice{
			Service: o.Service, Title: v.T("console.service." + o.Service),
			Text: v.T("console.service." + o.Service + ".text"), Modes: []page.Link{mode},
		})
	}
	return v.Page(200, "officer/desk", v.T("console.desk.title"), body)
}

// recentKept is where.
const recentKept = "officer.recent"

// maxRecent is how many answers a session remembers, by code only.
const maxRecent = 8

// remember notes an answer's code in the session: code, time, service and
// outcome, nothing about the person.
func remember(v *page.Visit, r *record) {
	line := strings.Join([]string{r.Code, strconv.FormatInt(r.Time.UnixMicro(), 10), r.Service, r.Outcome}, " ")
	lines := strings.Split(v.Sessions.GetString(v.R.Context(), recentKept), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" || strings.HasPrefix(l, r.Code) })
	lines = append([]string{line}, lines...)
	v.Sessions.Put(v.R.Context(), recentKept, strings.Join(lines[:min(len(lines), maxRecent)], "\n"))
}

func recent(v *page.Visit) []recentLine {
	var all []recentLine
	for l := range strings.SplitSeq(v.Sessions.GetString(v.R.Context(), recentKept), "\n") {
		p := strings.Fields(l)
		if len(p) != 4 {
			continue
		}
		micros, _ := strconv.ParseInt(p[1], 10, 64) // written by remember
		all = append(all, recentLine{
			Path: "/officer/inquiries/" + p[0], Code: page.Groups(p[0]), When: v.Hour(time.UnixMicro(micros)),
			Service: v.T("console.service." + p[2]), Outcome: v.T("console.outcome." + p[3]), Tone: toneOf(p[3]),
		})
	}
	return all
}
