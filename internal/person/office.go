package person

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Office is a registry office: it registers births, and the numbers that it
// gives begin with one of its prefixes.
type Office struct {
	Code     int      `json:"code"`     // at most five digits
	Name     string   `json:"name"`     // as printed under place of issue
	Province string   `json:"province"` // empty: abroad
	County   string   `json:"county"`   // empty: abroad
	Prefixes []Prefix `json:"prefixes"` // used up in this order; an office may share one with others
}

// Prefix is the first three digits of a national number.
type Prefix int

// ParsePrefix reads exactly three digits. Fault: person.office.prefix.
func ParsePrefix(s string) (Prefix, error) {
	n, err := strconv.ParseUint(persian.ASCII(s), 10, 16)
	if err != nil || len(persian.ASCII(s)) != 3 || n == 0 {
		return 0, errPrefix
	}
	return Prefix(n), nil
}

var errPrefix = fault.New(fault.Invalid, "person.office.prefix")

// String is the three digits.
func (p Prefix) String() string { return fmt.Sprintf("%03d", int(p)) }

// MarshalText is String.
func (p Prefix) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is ParsePrefix.
func (p *Prefix) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePrefix(string(b))
	return err
}

// The most that an office, and one act on offices, may hold.
const (
	maxPrefixes = 50
	maxOffices  = 1000
	maxOffice   = 99999
)

// Check refuses an office that says too little, all mistakes at once, and
// cleans its texts.
func (o *Office) Check() error {
	var bad mistakes
	bad.missing(o.Code == 0, "code")
	bad.When(o.Code < 0 || o.Code > maxOffice, "code", "person.office")
	bad.text(&o.Name, "name", true, maxIssuePlace)
	bad.text(&o.Province, "province", false, maxIssuePlace)
	bad.text(&o.County, "county", false, maxIssuePlace)
	bad.missing(len(o.Prefixes) == 0, "prefixes")
	bad.When(len(o.Prefixes) > maxPrefixes, "prefixes", "person.long")
	for i, p := range o.Prefixes {
		bad.When(p < 1 || p > 999 || slices.Contains(o.Prefixes[:i], p), "prefixes", "person.office.prefix")
	}
	return bad.Err()
}

// directory is every registry office, in memory.
type directory struct {
	offices []Office // by code
	byCode  map[int]*Office
}

// officeNoun is what caches of offices watch.
const officeNoun = "registry_office"

func (b *Book) loadOffices(ctx context.Context) (*directory, error) {
	d := &directory{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		d.offices, d.byCode = nil, map[int]*Office{}
		prefixes := map[int][]Prefix{}
		err := tx.Each(prefixList, nil, func(scan func(...any) error) error {
			var office, prefix int
			err := scan(&office, &prefix)
			prefixes[office] = append(prefixes[office], Prefix(prefix))
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(registryList, nil, func(scan func(...any) error) error {
			var o Office
			err := scan(&o.Code, &o.Name, &o.Province, &o.County)
			o.Prefixes = prefixes[o.Code]
			d.offices = append(d.offices, o)
			return err
		})
	})
	for i := range d.offices {
		d.byCode[d.offices[i].Code] = &d.offices[i]
	}
	return d, err
}

// Offices lists all registry offices by code. The slice is not to be changed.
func (b *Book) Offices() []Office { return b.directory.Get().offices }

// Office finds a registry office. One that another process registered a
// moment ago is found as well. Fault: person.office.unknown.
func (b *Book) Office(ctx context.Context, code int) (*Office, error) {
	o := b.directory.Get().byCode[code]
	if o == nil {
		if err := b.directory.Reload(ctx); err != nil {
			return nil, err
		}
		o = b.directory.Get().byCode[code]
	}
	if o == nil {
		return nil, fault.New(fault.Invalid, "person.office.unknown")
	}
	return o, nil
}

// PutOffices registers offices, or what is new of them, as one act: all or
// none. An office is never removed, and neither are the numbers it gave.
func (b *Book) PutOffices(ctx context.Context, j *journal.Journal, actor journal.Actor, offices []Office) (journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator); err != nil {
		return journal.Proven{}, err
	}
	offices = slices.Clone(offices)
	if err := checkOffices(offices); err != nil {
		return journal.Proven{}, err
	}
	return b.putOffices(ctx, j, actor, offices)
}

func checkOffices(offices []Office) error {
	if len(offices) == 0 || len(offices) > maxOffices {
		return fault.New(fault.Invalid, "person.office.batch").At("offices")
	}
	var bad fault.List
	seen := map[int]bool{}
	for i := range offices {
		o := &offices[i]
		err := o.Check()
		if err == nil && seen[o.Code] {
			err = sheet.ErrTwice.At("code")
		}
		seen[o.Code] = true
		bad.Add("offices."+strconv.Itoa(i), err)
	}
	return bad.Err()
}

func (b *Book) putOffices(ctx context.Context, j *journal.Journal, actor journal.Actor, offices []Office) (journal.Proven, error) {
	if err := b.directory.Reload(ctx); err != nil {
		return journal.Proven{}, err
	}
	have := b.directory.Get().byCode
	id, added, changed := rand.Text(), 0, 0
	for i := range offices {
		switch old := have[offices[i].Code]; {
		case old == nil:
			added++
		case !old.equal(&offices[i]):
			changed++
		}
	}
	a := register.Act{Kind: receipt.RegisterImport, Actor: actor, Why: "import", Clock: b.Clock}
	p, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		for i := range offices {
			if err := offices[i].put(tx); err != nil {
				return nil, err
			}
		}
		return fmt.Appendf(nil, `"import":{"register":"office","id":"%s","added":%d,"changed":%d,"unchanged":%d}`,
			id, added, changed, len(offices)-added-changed), store.Bump(tx, officeNoun)
	})
	if err != nil {
		return p, err
	}
	return p, b.directory.Reload(ctx)
}

func (o *Office) equal(p *Office) bool {
	return o.Code == p.Code && o.Name == p.Name && o.Province == p.Province && o.County == p.County && slices.Equal(o.Prefixes, p.Prefixes)
}

func (o *Office) put(tx *store.Tx) error {
	if _, err := tx.Exec(registryPut, o.Code, o.Name, o.Province, o.County); err != nil {
		return err
	}
	if _, err := tx.Exec(prefixDelete, o.Code); err != nil {
		return err
	}
	for i, p := range o.Prefixes {
		if _, err := tx.Exec(prefixInsert, o.Code, i+1, int(p)); err != nil {
			return err
		}
	}
	return nil
}

// LoadOffices fills a register with offices without the journal, as Load does
// with persons: for synthetic populations and first fillings.
func LoadOffices(ctx context.Context, db *store.DB, offices []Office) error {
	offices = slices.SortedFunc(slices.Values(offices), func(x, y Office) int { return cmp.Compare(x.Code, y.Code) })
	for i := range offices {
		if err := offices[i].Check(); err != nil {
			return err
		}
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		for i := range offices {
			if err := offices[i].put(tx); err != nil {
				return err
			}
		}
		return store.Bump(tx, officeNoun)
	})
}

// Allocate gives n national numbers with the office's prefixes, which nobody
// has had and nobody else will be given. The next ones in line are given, so
// n asked for together mostly follow each other. Faults:
// person.office.unknown, person.number.exhausted.
func (b *Book) Allocate(ctx context.Context, office, n int) ([]ids.NationalNumber, error) {
	o, err := b.Office(ctx, office)
	if err != nil {
		return nil, err
	}
	return b.numbers.take(ctx, o.Prefixes, n)
}
