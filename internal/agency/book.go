package agency

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Book reads and changes agencies, officers and certificates. It is safe for
// concurrent use.
type Book struct {
	db    *store.DB
	clock func() time.Time
	all   *register.Snapshot[snapshot]
	warn  []func() []Ending
}

// snapshot is all of it at one moment. It is never changed.
type snapshot struct {
	agencies     map[ids.LegalID]*Agency
	officers     map[officerKey]*Officer
	certificates map[[32]byte]*Certificate
}

type officerKey struct {
	agency ids.LegalID
	login  string
}

// noun is what store.Bump counts.
const noun = "agency"

// Open makes a Book on the register db; a nil clock is time.Now.
func Open(ctx context.Context, db *store.DB, clock func() time.Time) (*Book, error) {
	if clock == nil {
		clock = time.Now
	}
	b := &Book{db: db, clock: clock}
	var err error
	b.all, err = register.NewSnapshot(ctx, db, noun, b.load)
	return b, err
}

func (b *Book) load(ctx context.Context) (*snapshot, error) {
	var s *snapshot
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		s = &snapshot{map[ids.LegalID]*Agency{}, map[officerKey]*Officer{}, map[[32]byte]*Certificate{}}
		err := tx.Each(agencyAll, nil, func(scan func(...any) error) error {
			a, err := scanAgency(scan)
			s.agencies[a.ID] = a
			return err
		})
		if err != nil {
			return err
		}
		err = tx.Each(officerAll, nil, func(scan func(...any) error) error {
			o, err := scanOfficer(scan)
			s.officers[officerKey{o.Agency, o.Login}] = o
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(certificateAll, nil, func(scan func(...any) error) error {
			c, err := scanCertificate(scan)
			s.certificates[c.Fingerprint] = c
			return err
		})
	})
	return s, err
}

func scanAgency(scan func(...any) error) (*Agency, error) {
	var id, parent, bound, state int64
	a := &Agency{}
	err := scan(&id, &a.Name, &a.Kind, &parent, &a.Province, &a.County, &a.Locality, &bound, &a.Accountable, &state, &a.Version)
	a.ID, a.Parent, a.Bound, a.State = ids.LegalID(id), ids.LegalID(parent), bound != 0, State(state)
	return a, err
}

func scanOfficer(scan func(...any) error) (*Officer, error) {
	var agency, until, state int64
	o := &Officer{}
	err := scan(&agency, &o.Login, &o.Name, &o.Role, &until, &state, &o.PasswordHash)
	o.Agency, o.State = ids.LegalID(agency), State(state)
	o.Until = persian.UnpackDate(int32(until))
	o.end = o.Until.AddDays(1).Start()
	return o, err
}

func scanCertificate(scan func(...any) error) (*Certificate, error) {
	var fingerprint []byte
	var agency, since, until, revoked int64
	c := &Certificate{}
	err := scan(&fingerprint, &agency, &c.Officer, &since, &until, &revoked, &c.DER)
	copy(c.Fingerprint[:], fingerprint)
	c.Agency = ids.LegalID(agency)
	c.From, c.Until = time.UnixMicro(since).UTC(), time.UnixMicro(until).UTC()
	if revoked != 0 {
		c.Revoked = time.UnixMicro(revoked).UTC()
	}
	return c, err
}

// The faults of who asks. They say no more than the asker must know.
var (
	errCertificate = fault.New(fault.Unauthenticated, "agency.certificate.unknown")
	errRevoked     = fault.New(fault.Unauthenticated, "agency.certificate.revoked")
	errExpired     = fault.New(fault.Unauthenticated, "agency.certificate.expired")
	errAgency      = fault.New(fault.NotFound, "agency.unknown")
	errSuspended   = fault.New(fault.Forbidden, "agency.suspended")
	errOfficer     = fault.New(fault.NotFound, "agency.officer.unknown")
	errEnded       = fault.New(fault.Forbidden, "agency.officer.ended")
	errSignIn      = fault.New(fault.Unauthenticated, "agency.signin")
)

// Bearer finds who shows the certificate with this fingerprint: an agency's
// program (the officer is nil) or one officer. Faults:
// agency.certificate.unknown, .revoked, .expired, agency.suspended,
// agency.officer.ended.
func (b *Book) Bearer(fingerprint [32]byte) (*Agency, *Officer, error) {
	s := b.all.Get()
	c := s.certificates[fingerprint]
	now := b.clock()
	switch {
	case c == nil:
		return nil, nil, errCertificate
	case !c.Revoked.IsZero():
		return nil, nil, errRevoked
	case now.Before(c.From) || !now.Before(c.Until):
		return nil, nil, errExpired
	}
	a := s.agencies[c.Agency]
	if a == nil || a.State != Active {
		return nil, nil, errSuspended
	}
	if c.Officer == "" {
		return a, nil, nil
	}
	o := s.officers[officerKey{c.Agency, c.Officer}]
	if o == nil || !o.ActiveAt(now) {
		return nil, nil, errEnded
	}
	return a, o, nil
}

// ByID finds an agency. Fault: agency.unknown.
func (b *Book) ByID(id ids.LegalID) (*Agency, error) {
	if a := b.all.Get().agencies[id]; a != nil {
		return a, nil
	}
	return nil, errAgency
}

// Officer finds an officer of an agency, active or not. Fault:
// agency.officer.unknown.
func (b *Book) Officer(agency ids.LegalID, login string) (*Officer, error) {
	if o := b.all.Get().officers[officerKey{agency, login}]; o != nil {
		return o, nil
	}
	return nil, errOfficer
}

// CheckPassword signs an officer in. Whatever is wrong (agency, login,
// password, end of the delegation), the fault is agency.signin and takes as long.
func (b *Book) CheckPassword(agency ids.LegalID, login, password string) (*Officer, error) {
	s := b.all.Get()
	o := s.officers[officerKey{agency, login}]
	stored := ""
	if o != nil {
		stored = o.PasswordHash
	}
	right := matches(stored, password)
	if a := s.agencies[agency]; !right || a == nil || a.State != Active || !o.ActiveAt(b.clock()) {
		return nil, errSignIn
	}
	return o, nil
}

// Agencies lists all agencies by id.
func (b *Book) Agencies() []*Agency {
	return slices.SortedFunc(maps.Values(b.all.Get().agencies), func(x, y *Agency) int { return cmp.Compare(x.ID, y.ID) })
}

// Officers lists an agency's officers by login.
func (b *Book) Officers(agency ids.LegalID) (all []*Officer) {
	for k, o := range b.all.Get().officers {
		if k.agency == agency {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(x, y *Officer) int { return cmp.Compare(x.Login, y.Login) })
	return all
}

// Certificates lists an agency's certificates, oldest first.
func (b *Book) Certificates(agency ids.LegalID) (all []*Certificate) {
	for _, c := range b.all.Get().certificates {
		if c.Agency == agency {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(x, y *Certificate) int { return x.From.Compare(y.From) })
	return all
}
