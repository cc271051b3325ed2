package account

import (
	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
)

// demoPanel offers somebody of every role, one click each.
type demoPanel struct {
	Hidden []page.Hidden
	People []demoPerson
}

type demoPerson struct{ Agency, Login, Name, Role, Body string }

// demoRoles is the order of the panel.
var demoRoles = []string{
	agency.RoleOfficer, agency.RoleHead, agency.RoleProgrammer, register.Clerk, register.Supervisor, register.Post,
	register.Municipality, register.Printer, register.Member, register.Inspector,
}

// demoEach is how many of a role are offered: acts of two persons need two.
const demoEach = 2

// demoOf is the panel; nil where this is no demo, whatever the server was told.
func demoOf(v *page.Visit) *demoPanel {
	if !v.Demo || v.Accounts.CheckDemo() != nil {
		return nil
	}
	p := &demoPanel{Hidden: carry(v)}
	byRole := map[string][]demoPerson{}
	for _, a := range v.Agencies.Agencies() {
		if a.State != agency.Active {
			continue
		}
		for _, o := range v.Agencies.Officers(a.ID) {
			if o.ActiveAt(v.Clock()) && len(byRole[o.Role]) < demoEach {
				byRole[o.Role] = append(byRole[o.Role], demoPerson{a.ID.String(), o.Login, o.Name, v.T("register.role." + o.Role), a.Name})
			}
		}
	}
	for _, role := range demoRoles {
		p.People = append(p.People, byRole[role]...)
	}
	return p
}

// demoPost signs in with one click. Both must hold: the server was started as a
// demo, and the registers bear its mark.
func demoPost(v *page.Visit) error {
	id, err := ids.ParseLegalID(v.R.PostForm.Get("agency"))
	if !v.Demo || err != nil {
		return page.NotFound()
	}
	o, err := v.Accounts.SignInDemo(accounts.Who{Agency: id, Login: v.R.PostForm.Get("login")})
	if err != nil {
		return err
	}
	if err := v.SignIn(o, accounts.Done, accounts.ByDemo); err != nil {
		return err
	}
	return goOn(v)
}
