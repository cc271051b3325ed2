package api

import (
	"crypto/tls"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// bodies are the agencies that keep the registers, by kind; made when the first
// of their staff is.
var bodies = map[string]agency.Agency{
	agency.KindRegistry:     {Name: "ثبت احوال آزمایشی"},
	agency.KindPost:         {Name: "پست آزمایشی"},
	agency.KindMunicipality: {Name: "شهرداری آزمایشی", Province: "تهران", County: "تهران", Locality: "تهران"},
	agency.KindPrinter:      {Name: "چاپخانه آزمایشی"},

	agency.KindAdministration: {Name: "سازمان اداری آزمایشی"},
}

var kindOf = map[string]string{
	register.Clerk: agency.KindRegistry, register.Supervisor: agency.KindRegistry,
	register.Post: agency.KindPost, register.Municipality: agency.KindMunicipality, register.Printer: agency.KindPrinter,
	register.Member: agency.KindAdministration, register.Inspector: agency.KindAdministration,
}

// staff is an officer of the body that his role belongs to, with a certificate
// bound to him. A number behind the role makes another person: staff("clerk", 2).
func (s *stack) staff(role string, number ...int) *client {
	s.Helper()
	login := role
	if len(number) > 0 {
		login += itoa(int64(number[0]))
	}
	if c := s.officers[login]; c != nil {
		return c
	}
	kind := kindOf[role]
	ten := int64(1_500_000_000 + len(kind)) // the kinds' names have different lengths
	id := ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
	if _, err := s.agencies.ByID(id); err != nil {
		body := bodies[kind]
		body.ID, body.Kind = id, kind
		must(s.agencies.Register(s.Context(), s.journal, system, &body))(s.T)
	}
	return s.bound(id, login, role)
}

// bound adds an officer to an agency and gives him a certificate of his own.
func (s *stack) bound(id ids.LegalID, login, role string) *client {
	s.Helper()
	must(s.agencies.AddOfficer(s.Context(), s.journal, system, &agency.Officer{
		Agency: id, Login: login, Name: "کارمند آزمایشی", Role: role, Until: persian.Date{Year: 1450, Month: 1, Day: 1},
	}))(s.T)
	cert := s.certificate(id, login)
	c := s.client(&cert)
	if s.officers == nil {
		s.officers, s.certs = map[string]*client{}, map[string]tls.Certificate{}
	}
	s.officers[login], s.certs[login] = c, cert
	return c
}
