// Package agency knows who may ask: agencies, the certificates that their
// programs show, and the officers who answer for each question. The bodies
// that keep the registers are agencies too, with a kind; each of their staff
// has a certificate of his own, so that two persons are two keys.
//
// The registry runs its own certificate authority (CA). An agency makes a key,
// which never leaves it, and hands in a request; Enroll signs a certificate
// whose subject the registry sets. A program is known by the SHA-256
// fingerprint of its certificate, a person by agency and login, with an end
// date to every delegation (circular of 1399/06/17, art. 4).
//
// All of it is small and asked on every inquiry, so the Book holds it in
// memory: looking up takes no lock and no allocation. What another process
// changes, such as a revocation, holds here about a second later.
package agency

import (
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// State is whether an agency or an officer may act.
type State uint8

// The states; rows store these numbers.
const (
	Active    State = 1
	Suspended State = 2 // may be resumed
	Closed    State = 3 // an agency dissolved, an officer gone
)

var states = [...]string{Active: "active", Suspended: "suspended", Closed: "closed"}

// String is the state's name in files and records.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// ParseState finds the state with this name.
func ParseState(s string) (State, error) {
	for i, name := range states {
		if name == s && s != "" {
			return State(i), nil
		}
	}
	return 0, fault.New(fault.Invalid, "agency.state")
}

// Kinds of bodies that keep the registers. All others have none: they ask only.
const (
	KindRegistry     = "registry"     // the civil registration: persons, shenasnamehs, cards
	KindPost         = "post"         // postal codes, delivery
	KindMunicipality = "municipality" // or a district governor: places of its area
	KindPrinter      = "printer"      // personalises cards, prints letters

	// With the registry and the Post, the bodies of the board (bylaw of 1378, art. 13).
	KindPlanning       = "planning"       // the planning organisation
	KindAdministration = "administration" // the administrative organisation, which inspects too
)

// kinds lists, by kind, the roles that officers of such a body may have besides
// the three that every body has.
var kinds = map[string][]string{
	"":                 nil,
	KindRegistry:       {register.Clerk, register.Supervisor, register.Member, register.Inspector},
	KindPost:           {register.Post, register.Member},
	KindMunicipality:   {register.Municipality},
	KindPrinter:        {register.Printer},
	KindPlanning:       {register.Member},
	KindAdministration: {register.Member, register.Inspector},
}

// Agency is a body that may ask, or one that keeps a register.
type Agency struct {
	ID          ids.LegalID
	Name        string      // official, in Persian
	Kind        string      // what it does besides asking: "" nothing, KindRegistry …; fixed at registration
	Parent      ids.LegalID // the body above; 0: none
	Province    string      // seat; "": national
	County      string      // with Province and Locality, the area that a municipality answers for
	Locality    string      // city or village; "": the whole county
	Bound       bool        // by the circular; true from registration on, until said otherwise
	Accountable string      // login of the highest officer, who answers for the agency; "": none has joined yet
	State       State
	Version     int64 // 1, 2, 3 …; 0: not yet in the register
}

// Levels of agencies.
const (
	National   = "national"
	Provincial = "provincial"
)

// Level is where the agency stands: a seat in a province makes it provincial.
func (a *Agency) Level() string {
	if a.Province == "" {
		return National
	}
	return Provincial
}

// Roles of officers in every agency; those of package register come with the
// agency's kind.
const (
	RoleOfficer    = "officer"    // asks
	RoleHead       = "head"       // the highest officer, responsible (circular, art. 4)
	RoleProgrammer = "programmer" // looks after the agency's program; asks in tests
)

// Officer is a person who asks in an agency's name.
type Officer struct {
	Agency       ids.LegalID
	Login        string // short Latin name; never a national number
	Name         string // as shown on slips
	Role         string
	Until        persian.Date // last day of the delegation
	State        State
	PasswordHash string // argon2id, PHC form; "": none, cannot sign in

	end time.Time // when Until is over
}

// ActiveAt reports whether the officer may act at a moment.
func (o *Officer) ActiveAt(t time.Time) bool { return o.State == Active && t.Before(o.end) }

// Certificate is one that the registry's CA issued.
type Certificate struct {
	Fingerprint [32]byte // SHA-256 of DER
	Agency      ids.LegalID
	Officer     string // login of the officer whom it is bound to; "": the agency's program
	From, Until time.Time
	Revoked     time.Time // zero: not revoked
	DER         []byte
}

// State is Active or, once revoked or over, Closed.
func (c *Certificate) State(now time.Time) State {
	if !c.Revoked.IsZero() || !now.Before(c.Until) {
		return Closed
	}
	return Active
}

var loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

func (a *Agency) check() error {
	switch {
	case a.ID == 0:
		return fault.New(fault.Invalid, "agency.missing").At("id")
	case a.State < Active || a.State > Closed:
		return fault.New(fault.Invalid, "agency.state").At("state")
	}
	if _, ok := kinds[a.Kind]; !ok {
		return fault.New(fault.Invalid, "agency.kind").At("kind")
	}
	var err error
	if a.Name, err = shown(a.Name); err != nil {
		return fault.Of(err).At("name")
	}
	for _, area := range []struct {
		name string
		text *string
	}{{"province", &a.Province}, {"county", &a.County}, {"locality", &a.Locality}} {
		if *area.text == "" {
			continue
		}
		if *area.text, err = shown(*area.text); err != nil {
			return fault.Of(err).At(area.name)
		}
	}
	if a.Kind == KindMunicipality && (a.Province == "" || a.County == "") {
		return fault.New(fault.Invalid, "agency.area").At("county")
	}
	return nil
}

// check also holds the officer's role against the kind of his agency.
func (o *Officer) check(of *Agency) error {
	switch {
	case !loginForm.MatchString(o.Login):
		return fault.New(fault.Invalid, "agency.login").At("login")
	case o.Role != RoleOfficer && o.Role != RoleHead && o.Role != RoleProgrammer && !slices.Contains(kinds[of.Kind], o.Role):
		return fault.New(fault.Invalid, "agency.role").At("role")
	case !o.Until.Precise():
		return fault.New(fault.Invalid, "agency.until").At("until")
	case o.State < Active || o.State > Closed:
		return fault.New(fault.Invalid, "agency.state").At("state")
	}
	var err error
	if o.Name, err = shown(o.Name); err != nil {
		return fault.Of(err).At("name")
	}
	return nil
}

// shown is the display form of a name that must be there.
func shown(s string) (string, error) {
	text, err := persian.Display(s)
	if err != nil {
		return "", err
	}
	if text == "" || utf8.RuneCountInString(text) > 200 {
		return "", fault.New(fault.Invalid, "agency.name")
	}
	return text, nil
}
