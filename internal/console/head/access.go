package head

import (
	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
)

func accessRoutes() []page.Route {
	var all []page.Route
	for _, f := range []page.Form[helping]{activate, reset, endSessions} {
		all = append(all, f.Routes()...)
	}
	return all
}

// accessPanel is how an officer signs in to these pages, and what is done when
// he cannot.
func accessPanel(v *page.Visit, o *agency.Officer) (*page.Panel, error) {
	w := account.Who{Agency: o.Agency, Login: o.Login}
	f, err := v.Accounts.Factors(v.Context(), w)
	if err != nil {
		return nil, err
	}
	sessions, err := v.Accounts.Sessions(v.Context(), w)
	if err != nil {
		return nil, err
	}
	open := int64(0)
	for _, s := range sessions {
		if s.Ended.IsZero() {
			open++
		}
	}
	p := &page.Panel{Title: v.T("console.head.access.title"), Lead: v.T("console.head.access.none")}
	if f.Password {
		p.Lead = v.T("console.head.access.active")
		p.Blocks = []any{page.Facts{List: []page.Fact{
			fact(v, "authenticator", v.Yes(!f.TOTP.IsZero())), fact(v, "passkeys", v.Count(int64(f.Passkeys))), fact(v, "sessions", v.Count(open)),
		}}}
	}
	if f.Closed {
		p.Blocks = append(p.Blocks, page.Note{Tone: page.Warn, Text: v.T("console.head.access.closed")})
	}
	if o.State != agency.Active || !mayChange(v, o) {
		return p, nil
	}
	at := "/head/staff/of/" + o.Login
	if !f.Password {
		p.Buttons = []page.Button{{Path: at + "/activate", Text: v.T("console.head.access.activate"), Icon: "key"}}
		return p, nil
	}
	p.Buttons = []page.Button{{Path: at + "/reset", Text: v.T("console.head.access.reset"), Icon: "key", Ghost: true}}
	if open > 0 {
		p.Buttons = append(p.Buttons, page.Button{Path: at + "/sessions", Text: v.T("console.head.access.sessions"), Icon: "out", Ghost: true})
	}
	return p, nil
}

// helping is what is done to an officer's account.
type helping struct {
	Login  string `json:"officer"`
	Reason string `json:"reason"`
}

func (in *helping) who(v *page.Visit) account.Who {
	return account.Who{Agency: v.Asker.Agency.ID, Login: in.Login}
}

// helps is a form about one officer's account.
func helps(path, key string, danger bool, controls func(*page.Visit) []page.Control, do func(*page.Visit, *helping) (page.Done, error)) page.Form[helping] {
	return page.Form[helping]{
		Path: path, Roles: only, Key: key, Danger: danger, Do: do,
		Begin: func(v *page.Visit, in *helping) error {
			o, err := officerOf(v)
			if err == nil {
				in.Login = o.Login
			}
			return err
		},
		Above: func(v *page.Visit, in *helping) *page.Link {
			return &page.Link{Path: "/head/staff/of/" + in.Login, Text: officerName(v, v.Asker.Agency.ID, in.Login)}
		},
		Around: func(v *page.Visit, in *helping) ([]any, error) {
			return []any{page.Note{Tone: page.Info, Title: officerName(v, v.Asker.Agency.ID, in.Login), Text: v.T(key + "text")}}, nil
		},
		Controls: func(v *page.Visit, _ *helping) ([]page.Control, error) { return controls(v), nil },
	}
}

func nothing(*page.Visit) []page.Control { return nil }

var activate = helps("/head/staff/of/{login}/activate", "console.head.activate.", false, nothing, func(v *page.Visit, in *helping) (page.Done, error) {
	a, proven, err := v.Accounts.Invite(v.Context(), v.Journal, v.Actor(), in.who(v))
	if err != nil {
		return page.Done{}, err
	}
	return page.Done{Code: proven.Code, Screen: activation(v, a)}, nil
})

var reset = helps("/head/staff/of/{login}/reset", "console.head.reset.", true, func(v *page.Visit) []page.Control {
	return []page.Control{reason(v, "reset", "lost-phone", "forgotten", "suspicion", "other")}
}, func(v *page.Visit, in *helping) (page.Done, error) {
	a, proven, err := v.Accounts.Reset(v.Context(), v.Journal, v.Actor(), in.who(v), in.Reason)
	if err != nil {
		return page.Done{}, err
	}
	return page.Done{Code: proven.Code, Screen: activation(v, a)}, nil
})

var endSessions = helps("/head/staff/of/{login}/sessions", "console.head.sessions.", true, nothing, func(v *page.Visit, in *helping) (page.Done, error) {
	proven, err := v.Accounts.EndAll(v.Context(), v.Journal, v.Actor(), in.who(v))
	return page.Done{Path: "/head/staff/of/" + in.Login, Code: proven.Code}, err
})

// activation shows a code this once.
func activation(v *page.Visit, a *account.Activation) *page.Screen {
	return &page.Screen{
		Title: v.T("console.head.activation.title", a.Name), Slim: true,
		Above: &page.Link{Path: "/head/staff/of/" + a.Login, Text: a.Name},
		Blocks: []any{
			page.Secret{Label: v.T("console.head.activation.code"), Value: a.Code, Note: v.T("console.head.activation.ends", v.Moment(a.Ends))},
			page.Note{Tone: page.Warn, Text: v.T("console.head.activation.once"), Lines: []string{
				v.T("console.head.activation.how1"), v.T("console.head.activation.how2", v.Address()+"/activate"), v.T("console.head.activation.how3"),
			}},
		},
	}
}
