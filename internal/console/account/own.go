package account

import (
	"time"

	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/register"
)

// everyone is whoever is signed in.
var everyone = []string{
	agency.RoleOfficer, agency.RoleHead, agency.RoleProgrammer, register.Clerk, register.Supervisor, register.Post,
	register.Municipality, register.Printer, register.Member, register.Inspector,
}

func (r *room) ownRoutes() []page.Route {
	end := page.Form[ending]{
		Path: "/account/sessions/end", Roles: everyone, Key: "console.account.session.end.", Begin: func(v *page.Visit, in *ending) error {
			in.Session = v.R.PostForm.Get("session")
			return nil
		},
		Do: func(v *page.Visit, in *ending) (page.Done, error) {
			return page.Done{Path: "/account"}, v.Accounts.EndSession(v.Context(), v.Signed().Who(), in.Session)
		},
	}
	others := page.Form[ending]{
		Path: "/account/sessions/end-others", Roles: everyone, Key: "console.account.session.others.",
		Do: func(v *page.Visit, _ *ending) (page.Done, error) {
			return page.Done{Path: "/account"}, v.Accounts.EndOthers(v.Context(), v.Signed().Who(), v.Sessions.Token(v.Context()))
		},
	}
	routes := append(end.Routes(), others.Routes()...)
	return append(routes, page.Route{Method: "GET", Path: "/account", Roles: everyone, Serve: own})
}

type ending struct{ Session string }

// own is one's own account on one screen.
func own(v *page.Visit) error {
	who := v.Signed()
	f, err := v.Accounts.Factors(v.Context(), who.Who())
	if err != nil {
		return err
	}
	factors, err := factorsOf(v, who, f)
	if err != nil {
		return err
	}
	passkeys, err := passkeysOf(v, who)
	if err != nil {
		return err
	}
	sessions, others, err := sessionsOf(v, who)
	if err != nil {
		return err
	}
	blocks := []any{}
	for _, n := range warnings(v, f) {
		blocks = append(blocks, n)
	}
	facts := append(whoIs(v, who.Agency, who.Officer),
		page.Fact{Label: v.T("console.sign_in.login"), Value: who.Officer.Login, Number: true},
		page.Fact{Label: v.T("console.account.until"), Value: v.Day(who.Officer.Until)},
		page.Fact{Label: v.T("console.account.method"), Value: v.T("console.account.method." + who.Method)})
	blocks = append(blocks, page.Facts{List: facts}, factors, passkeys, sessions)
	if others {
		blocks = append(blocks, page.Press{Path: "/account/sessions/end-others", Text: v.T("console.account.session.others"), Once: page.NewOnce()})
	}
	s := page.Screen{Title: v.T("console.account.title"), Lead: v.T("console.account.lead"), Blocks: blocks}
	if v.Accounts.PasskeysWork(v.R.Host) {
		s.Buttons = []page.Button{{Path: "/account/passkeys", Text: v.T("console.account.passkey.add"), Icon: "shield", Ghost: true}}
	}
	return v.Show(s)
}

// warnings are what an officer should do something about.
func warnings(v *page.Visit, f accounts.Factors) (all []page.Note) {
	if f.Closed {
		all = append(all, page.Note{Tone: page.Bad, Text: v.T("console.account.closed"), Links: []page.Link{{Path: "/account/password", Text: v.T("console.account.password.title")}}})
	} else if f.Wrong >= 3 {
		all = append(all, page.Note{Tone: page.Warn, Text: v.T("console.account.tries"), Links: []page.Link{{Path: "/account/password", Text: v.T("console.account.password.title")}}})
	}
	if !f.TOTP.IsZero() && f.Recovery <= 3 {
		all = append(all, page.Note{
			Tone: page.Warn, Text: v.T("console.account.recovery.few", v.Count(int64(f.Recovery))),
			Links: []page.Link{{Path: "/account/recovery", Text: v.T("console.account.recovery.title")}},
		})
	}
	return all
}

// factorsOf is what he signs in with, and where each is changed.
func factorsOf(v *page.Visit, who *accounts.Signed, f accounts.Factors) (page.Table, error) {
	t := page.Table{Title: v.T("console.account.factors"), Columns: page.Head(v.T("console.account.factors.what"), v.T("console.account.factors.state"), v.T("console.account.do"))}
	row := func(what, state, tone, path, act string) {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.T(what)}, {Text: state, Tone: tone}, {Text: v.T(act), Path: path}}})
	}
	if f.Password {
		row("console.account.password", v.T("console.account.is_set"), page.Good, "/account/password", "console.account.change")
	}
	if f.TOTP.IsZero() {
		row("console.account.authenticator", v.T("console.account.is_none"), page.Warn, "/account/authenticator", "console.account.set")
	} else {
		row("console.account.authenticator", v.T("console.account.since", v.Moment(f.TOTP)), page.Good, "/account/authenticator", "console.account.change")
	}
	tone := page.Good
	if f.Recovery <= 3 {
		tone = page.Warn
	}
	row("console.account.recovery", v.T("console.account.recovery.left", v.Count(int64(f.Recovery))), tone, "/account/recovery", "console.account.renew")
	if v.Accounts.OIDCWorks() {
		since, err := v.Accounts.Linked(v.Context(), who.Who())
		if err != nil {
			return t, err
		}
		if since.IsZero() {
			row("console.account.link", v.T("console.account.is_none"), page.Info, "/account/link", "console.account.set")
		} else {
			row("console.account.link", v.T("console.account.since", v.Moment(since)), page.Good, "/account/link", "console.account.change")
		}
	}
	return t, nil
}

func passkeysOf(v *page.Visit, who *accounts.Signed) (page.Table, error) {
	t := page.Table{
		Title: v.T("console.account.passkeys"), Note: v.T("console.account.passkeys.lead"), Empty: v.T("console.account.passkeys.none"), Columns: page.Head(
			v.T("console.account.passkey.name"), v.T("console.account.made"), v.T("console.account.used"), v.T("console.account.factors.state"), v.T("console.account.do")),
	}
	if !v.Accounts.PasskeysWork(v.R.Host) {
		t.Note = v.T("account.passkey.address")
	}
	all, err := v.Accounts.Passkeys(v.Context(), who.Who())
	if err != nil {
		return t, err
	}
	for _, k := range all {
		state, tone := v.T("console.account.passkey.device"), page.Good
		if k.Synced {
			state = v.T("console.account.passkey.synced")
		}
		if !k.Blocked.IsZero() {
			state, tone = v.T("console.account.passkey.is_blocked"), page.Bad
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: k.Name, Path: "/account/passkeys/" + k.ID}, {Text: v.Moment(k.Made)}, {Text: momentOr(v, k.Used, "console.account.never")},
			{Text: state, Tone: tone}, {Text: v.T("console.account.passkey.remove"), Path: "/account/passkeys/" + k.ID + "/remove"},
		}})
	}
	return t, nil
}

func momentOr(v *page.Visit, t time.Time, key string) string {
	if t.IsZero() {
		return v.T(key)
	}
	return v.Moment(t)
}

// shownSessions is how many are listed; those of before are older than what
// anybody remembers.
const shownSessions = 20

// sessionsOf lists one's sessions; others says whether one of them is open beside
// this one.
func sessionsOf(v *page.Visit, who *accounts.Signed) (t page.Table, others bool, err error) {
	all, err := v.Accounts.Sessions(v.Context(), who.Who())
	if err != nil {
		return t, false, err
	}
	t = page.Table{Title: v.T("console.account.sessions"), Note: v.T("console.account.sessions.lead"), Columns: page.Head(
		v.T("console.account.device"), v.T("console.account.method"), v.T("console.account.made"), v.T("console.account.used"), v.T("console.account.do"))}
	here := accounts.SessionID(v.Sessions.Token(v.Context()))
	for _, s := range all[:min(len(all), shownSessions)] {
		last := page.Cell{Text: v.T("console.account.session.over")}
		switch {
		case s.ID == here:
			last = page.Cell{Text: v.T("console.account.session.here"), Tone: page.Good}
		case s.Ended.IsZero():
			others = true
			last = page.Cell{Acts: []page.Press{{
				Path: "/account/sessions/end", Text: v.T("console.account.session.end"), Hidden: []page.Hidden{{Name: "session", Value: s.ID}}, Once: page.NewOnce(), Ghost: true,
			}}}
		}
		device := s.Device
		if device == "" {
			device = v.T("console.account.device.unknown")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: device}, {Text: v.T("console.account.method." + s.Method)}, {Text: v.Moment(s.Made)}, {Text: v.Moment(s.Seen)}, last,
		}})
	}
	return t, others, nil
}
