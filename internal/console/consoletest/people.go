package consoletest

import (
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
)

// The bodies on stage; each has the officers that the comment names.
const (
	Bank         = "14003552272" // officer z.karimi, head m.modir, programmer p.barname
	Other        = "10720172838" // officer z.karimi, head m.modir: sees nothing of the bank's
	Registry     = "10100000006" // c1 c2 clerks, s1 s2 supervisors, b1 member, i1 inspector
	PostOffice   = "10100000010" // p1, b2 member
	Town         = "10100000025" // m1: of Tehran
	OtherTown    = "10100000030" // m1: of Qom
	PrintHouse   = "10100000044" // r1
	Planning     = "10100000059" // b3 member
	Administered = "10100000063" // b4 member, i2 inspector
)

// Logins that stand in more than one body.
const (
	Officer    = "z.karimi"
	Head       = "m.modir"
	Programmer = "p.barname"
	Password   = "correct horse battery"
)

// The people on stage.
const (
	Ali       = "0067749828" // alive, a man born on 1370-01-01
	Born      = "1370-01-01" // Ali's birthday
	Departed  = "0012345679" // dead
	Cancelled = "0084575948" // Ali had two numbers
	Home      = "1516763511" // the postal code of Ali's dwelling
)

// Clerk is the actor who set the stage.
var Clerk = journal.Actor{Role: register.Clerk, ID: "test"}

// Members are the actors of the board, one for each body.
func (s *Stage) Members() (all []journal.Actor) {
	for id, login := range map[string]string{Registry: "b1", PostOffice: "b2", Planning: "b3", Administered: "b4"} {
		all = append(all, journal.Actor{Role: register.Member, Agency: s.Legal(id), ID: login})
	}
	return all
}

// Actor is an officer as acts take him.
func (s *Stage) Actor(body, login string) journal.Actor {
	s.T.Helper()
	o, err := s.Config.Agencies.Officer(s.Legal(body), login)
	Must(s.T, err)
	return journal.Actor{Role: o.Role, Agency: o.Agency, ID: o.Login}
}

func (s *Stage) people() {
	t, ctx := s.T, s.T.Context()
	home := place.Place{
		Code: s.Postal(Home), Province: "تهران", County: "تهران", District: "مرکزی", Locality: "تهران", LocalityKind: "city",
		SubLocality: "یوسف‌آباد", Street: "خیابان ولیعصر", House: "۱۲", Floor: "دوم", State: place.Active,
	}
	_, err := place.Load(ctx, s.DB, one(home), nil)
	Must(t, err)
	living := person.Person{
		Number: s.Number(Ali), Given: s.Name("علی‌اکبر"), Surname: s.Name("یزدانی‌فرد"), Father: s.Name("محمدحسین"),
		Born: s.Date(Born), Sex: person.Male, State: person.Active, Postal: s.Postal(Home), ResidenceSince: s.Date("1399-05-01"),
		Shenasnameh: person.Shenasnameh{Number: ids.ShenasnamehNumber(s.Number(Ali)), Serie: "الف12", Serial: "045678", Office: 101, IssuePlace: "تهران"},
		Card:        person.Card{State: person.MustReplace, Reason: person.Moved, Valid: s.Date("1406-01-01")},
	}
	departed := living
	departed.Number, departed.Given, departed.Card = s.Number(Departed), s.Name("حسن"), person.Card{}
	departed.Born, departed.Died, departed.State = s.Date("1320-02-03"), s.Date("1400-01-01"), person.Deceased
	departed.Shenasnameh.Number, departed.Shenasnameh.Serial = 1234, "045679"
	twice := living
	twice.Number, twice.State, twice.Successor = s.Number(Cancelled), person.Cancelled, living.Number
	_, err = person.Load(ctx, s.DB, one(departed, living, twice), nil)
	Must(t, err)
}

// bodies registers the agencies and hires their officers.
func (s *Stage) bodies() {
	for _, b := range []struct {
		id, name, kind, province string
		officers                 map[string]string // role by login
	}{
		{Bank, "بانک نمونه", "", "تهران", map[string]string{Officer: agency.RoleOfficer, Head: agency.RoleHead, Programmer: agency.RoleProgrammer}},
		{Other, "سازمان دیگر", "", "تهران", map[string]string{Officer: agency.RoleOfficer, Head: agency.RoleHead}},
		{Registry, "سازمان ثبت نمونه", agency.KindRegistry, "", map[string]string{
			"c1": register.Clerk, "c2": register.Clerk, "s1": register.Supervisor, "s2": register.Supervisor,
			"b1": register.Member, "i1": register.Inspector,
		}},
		{PostOffice, "شرکت پست نمونه", agency.KindPost, "", map[string]string{"p1": register.Post, "b2": register.Member}},
		{Town, "شهرداری تهران نمونه", agency.KindMunicipality, "تهران", map[string]string{"m1": register.Municipality}},
		{OtherTown, "شهرداری قم نمونه", agency.KindMunicipality, "قم", map[string]string{"m1": register.Municipality}},
		{PrintHouse, "چاپخانه نمونه", agency.KindPrinter, "", map[string]string{"r1": register.Printer}},
		{Planning, "سازمان برنامه نمونه", agency.KindPlanning, "", map[string]string{"b3": register.Member}},
		{Administered, "سازمان اداری نمونه", agency.KindAdministration, "", map[string]string{"b4": register.Member, "i2": register.Inspector}},
	} {
		a := &agency.Agency{ID: s.Legal(b.id), Name: b.name, Kind: b.kind, Province: b.province}
		if b.kind == agency.KindMunicipality {
			a.County = b.province
		}
		_, err := s.Config.Agencies.Register(s.T.Context(), s.Config.Journal, Clerk, a)
		Must(s.T, err)
		for login, role := range b.officers {
			name := "زهرا کریمی"
			if role == agency.RoleHead {
				name = "مریم مدیری"
			}
			s.Hire(b.id, login, name, role)
		}
	}
}

// Hire adds an officer. He has no password until GivePassword gives him one.
func (s *Stage) Hire(body, login, name, role string) {
	s.T.Helper()
	ctx, c := s.T.Context(), &s.Config
	_, err := c.Agencies.AddOfficer(ctx, c.Journal, Clerk, &agency.Officer{
		Agency: s.Legal(body), Login: login, Name: name, Role: role, Until: persian.DateOf(time.Now()).AddYears(1),
	})
	Must(s.T, err)
}

// GivePassword gives an officer Password: hashing takes a while, and few tests
// need it.
func (s *Stage) GivePassword(body, login string) {
	s.T.Helper()
	_, err := s.Config.Agencies.SetPassword(s.T.Context(), s.Config.Journal, Clerk, s.Legal(body), login, Password)
	Must(s.T, err)
}

// agreements puts two into force: all services for the bank, a little of one
// for the other agency.
func (s *Stage) agreements() {
	for _, id := range []string{Bank, Other} {
		a := agreement.Agreement{
			Agency: s.Legal(id), State: agreement.InForce, Service: "10031094100",
			From: time.Now().Add(-time.Hour), Until: time.Now().AddDate(1, 0, 0),
		}
		for i, one := range agreement.Services {
			a.Clauses = append(a.Clauses, agreement.Clause{
				No: i + 1, Service: one.Name, Modes: one.Modes, SearchKeys: one.Keys, Fields: one.Fields,
				Processes: []string{"deposit", "loan"}, Purposes: []string{"account-opening", "credit"},
			})
		}
		if id == Other {
			a.Clauses = []agreement.Clause{{
				No: 1, Service: "identity", Modes: []string{"verify"}, SearchKeys: []string{"national_number+birth_date"},
				Fields: []string{"given_name", "surname"}, DailyQuota: 100,
			}}
		}
		_, err := s.Config.Agreements.Put(s.T.Context(), s.Config.Journal, journal.Actor{Role: register.Operator, ID: "test"}, &a)
		Must(s.T, err)
	}
}

func one[T any](all ...T) func(func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Number parses a national number.
func (s *Stage) Number(text string) ids.NationalNumber {
	n, err := ids.ParseNationalNumber(text)
	Must(s.T, err)
	return n
}

// Postal parses a postal code.
func (s *Stage) Postal(text string) ids.PostalCode {
	n, err := ids.ParsePostalCode(text)
	Must(s.T, err)
	return n
}

// Legal parses an agency's legal id.
func (s *Stage) Legal(text string) ids.LegalID {
	n, err := ids.ParseLegalID(text)
	Must(s.T, err)
	return n
}

// Name parses a name.
func (s *Stage) Name(text string) persian.Name {
	n, err := persian.ParseName(text)
	Must(s.T, err)
	return n
}

// Date parses a Jalali date.
func (s *Stage) Date(text string) persian.Date {
	d, err := persian.ParseDate(text)
	Must(s.T, err)
	return d
}
