package agency

import (
	"cmp"
	"encoding/hex"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// Ending is something of an agency's that ends, or has ended and was not
// replaced: a warning in time, so that nobody falls back to copies because a
// certificate ran out.
type Ending struct {
	Agency ids.LegalID  `json:"agency"`
	What   string       `json:"what"`              // certificate, officer, or what others add, such as agreement
	ID     string       `json:"id"`                // fingerprint, login, number
	Login  string       `json:"officer,omitempty"` // whom a certificate is bound to
	Last   persian.Date `json:"until"`             // last whole day
	Over   bool         `json:"over"`

	at time.Time
}

// What of an agency's can end.
const (
	EndingCertificate = "certificate"
	EndingOfficer     = "officer"
	EndingAgreement   = "agreement"
)

// NewEnding is an ending at a moment.
func NewEnding(of ids.LegalID, what, id string, at time.Time) Ending {
	return Ending{Agency: of, What: what, ID: id, Last: persian.DateOf(at).AddDays(-1), at: at}
}

// Warn adds endings that another noun knows of: all that ends at all and has no
// successor. It is called before the Book is used.
func (b *Book) Warn(of func() []Ending) { b.warn = append(b.warn, of) }

// Endings lists what ends before a moment, or has ended and was not replaced,
// of agencies that are not closed; the first to end comes first.
func (b *Book) Endings(before time.Time) []Ending {
	s, now := b.all.Get(), b.clock()
	var all []Ending
	for _, o := range s.officers {
		if o.State == Active {
			all = append(all, Ending{Agency: o.Agency, What: EndingOfficer, ID: o.Login, Last: o.Until, at: o.end})
		}
	}
	last := map[officerKey]*Certificate{} // of each holder the certificate that ends last
	for _, c := range s.certificates {
		key := officerKey{c.Agency, c.Officer}
		if c.Revoked.IsZero() && (last[key] == nil || c.Until.After(last[key].Until)) {
			last[key] = c
		}
	}
	for key, c := range last {
		if o := s.officers[key]; c.Officer != "" && (o == nil || o.State == Closed) {
			continue
		}
		e := NewEnding(c.Agency, EndingCertificate, hex.EncodeToString(c.Fingerprint[:]), c.Until)
		e.Login = c.Officer
		all = append(all, e)
	}
	for _, more := range b.warn {
		all = append(all, more()...)
	}
	all = slices.DeleteFunc(all, func(e Ending) bool {
		a := s.agencies[e.Agency]
		return !e.at.Before(before) || a == nil || a.State == Closed
	})
	for i := range all {
		all[i].Over = !now.Before(all[i].at)
	}
	slices.SortFunc(all, func(x, y Ending) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.Agency, y.Agency), cmp.Compare(x.What, y.What), cmp.Compare(x.ID, y.ID))
	})
	return all
}

// Horizon is how far ahead one looks.
type Horizon struct {
	Days   int         `json:"days"`   // 1 to 400; 0: 30
	Agency ids.LegalID `json:"agency"` // 0: all that one may see
}

// Expiring lists what ends within so many days: his own agency's to a highest
// officer, all to a supervisor or an inspector. Faults: agency.days, agency.unknown.
func (b *Book) Expiring(actor journal.Actor, in *Horizon) ([]Ending, error) {
	if err := register.Only(actor, RoleHead, register.Supervisor, register.Inspector); err != nil {
		return nil, err
	}
	if in.Days < 0 || in.Days > 400 {
		return nil, fault.New(fault.Invalid, "agency.days").At("days")
	}
	of := in.Agency
	if of != 0 || actor.Role == RoleHead {
		a, err := b.seen(actor, of)
		if err != nil {
			return nil, err
		}
		of = a.ID
	}
	all := b.Endings(b.clock().AddDate(0, 0, cmp.Or(in.Days, warnDays)))
	if of != 0 {
		all = slices.DeleteFunc(all, func(e Ending) bool { return e.Agency != of })
	}
	if all == nil {
		all = []Ending{}
	}
	return all, nil
}

// warnDays is how long before its end something is warned of.
const warnDays = 30

// Expiries counts what ends within 30 days or has ended, by what it is, for
// those who watch the service and need no names.
func (b *Book) Expiries() map[string]int {
	n := map[string]int{EndingCertificate: 0, EndingOfficer: 0, EndingAgreement: 0}
	for _, e := range b.Endings(b.clock().AddDate(0, 0, warnDays)) {
		n[e.What]++
	}
	return n
}
