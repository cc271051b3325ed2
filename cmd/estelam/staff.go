package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// officers are the invented people who keep the registers of an invented
// country: each has a certificate of his own.
var officers = []struct {
	login, role, kind string
}{
	{"c1", register.Clerk, agency.KindRegistry},
	{"c2", register.Clerk, agency.KindRegistry},
	{"s1", register.Supervisor, agency.KindRegistry},
	{"s2", register.Supervisor, agency.KindRegistry},
	{"p1", register.Post, agency.KindPost},
	{"m1", register.Municipality, agency.KindMunicipality},
	{"r1", register.Printer, agency.KindPrinter},
	{"b1", register.Member, agency.KindRegistry},
	{"b2", register.Member, agency.KindPlanning},
	{"b3", register.Member, agency.KindPost},
	{"b4", register.Member, agency.KindAdministration},
	{"i1", register.Inspector, agency.KindAdministration},
	{"i2", register.Inspector, agency.KindAdministration},
}

// staffID is the legal id of the invented body of a kind.
func staffID(kind string) ids.LegalID {
	n := map[string]int64{agency.KindRegistry: 3, agency.KindPost: 4, agency.KindMunicipality: 5, agency.KindPrinter: 6,
		agency.KindPlanning: 7, agency.KindAdministration: 8}
	return sampleID(n[kind])
}

// employ registers the bodies and the people, and puts the certificate and key
// of each into dir, under his login. area is what the municipality answers for:
// province, county, locality.
func employ(ctx context.Context, h *house, dir string, area [3]string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	today := persian.DateOf(time.Now())
	for _, o := range officers {
		id := staffID(o.kind)
		if _, err := h.agencies.ByID(id); err != nil {
			a := &agency.Agency{ID: id, Name: message.Text(message.Fa, "estelam.demo.staff."+o.kind), Kind: o.kind}
			if o.kind == agency.KindMunicipality {
				a.Province, a.County, a.Locality = area[0], area[1], area[2]
			}
			if _, err := h.agencies.Register(ctx, h.journal, operator(), a); err != nil {
				return err
			}
		}
		if _, err := h.agencies.AddOfficer(ctx, h.journal, operator(), &agency.Officer{
			Agency: id, Login: o.login, Name: message.Text(message.Fa, "estelam.demo.officer"), Role: o.role, Until: today.AddYears(1),
		}); err != nil {
			return err
		}
		if _, _, err := enroll(ctx, h, id, o.login, filepath.Join(dir, o.login)); err != nil {
			return err
		}
	}
	return nil
}

// enroll makes a key and has the registry sign its certificate: of the
// agency's program or, with a login, of one officer. base is the files' name
// without ending.
func enroll(ctx context.Context, h *house, id ids.LegalID, login, base string) (cert, key string, err error) {
	if err := makeRequest(base); err != nil {
		return "", "", err
	}
	csr, err := readFile(base + ".csr")
	if err != nil {
		return "", "", err
	}
	signed, err := h.agencies.Enroll(ctx, h.journal, operator(), h.ca, id, login, csr)
	if err != nil {
		return "", "", err
	}
	cert, key = base+".crt", base+".key"
	return cert, key, errors.Join(os.WriteFile(cert, signed, 0o644), os.Remove(base+".csr"))
}
