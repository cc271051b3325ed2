package process

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/usage"
	"github.com/estelam/estelam/receipt"
)

// Config names what a Book stands on.
type Config struct {
	DB         *store.DB // the register
	Agencies   *agency.Book
	Agreements *agreement.Book
	Clock      func() time.Time // nil: time.Now
}

// Book reads and changes processes, obstacles, waves and types of document. It
// is safe for concurrent use.
type Book struct {
	Usage *usage.Book // what was asked; set before use

	c   Config
	all *register.Snapshot[snapshot]
}

// snapshot is what is asked for often, at one moment. It is never changed.
type snapshot struct {
	processes map[ids.LegalID]map[string]*Process
	documents []DocumentType
	provinces []string
	waves     []Wave
}

// noun is what store.Bump counts.
const noun = "process"

// Open makes a Book.
func Open(ctx context.Context, c Config) (*Book, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	b := &Book{c: c}
	var err error
	b.all, err = register.NewSnapshot(ctx, c.DB, noun, b.load)
	return b, err
}

func (b *Book) load(ctx context.Context) (*snapshot, error) {
	var s *snapshot
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		s = &snapshot{processes: map[ids.LegalID]map[string]*Process{}}
		err := tx.Each(processAll, nil, func(scan func(...any) error) error {
			p, err := scanProcess(scan)
			if s.processes[p.Agency] == nil {
				s.processes[p.Agency] = map[string]*Process{}
			}
			s.processes[p.Agency][p.Code] = p
			return err
		})
		if err != nil {
			return err
		}
		err = tx.Each(documentAll, nil, func(scan func(...any) error) error {
			var d DocumentType
			err := scan(&d.Code, &d.Fa, &d.En)
			s.documents = append(s.documents, d)
			return err
		})
		if err != nil {
			return err
		}
		err = tx.Each(provinceAll, nil, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			s.provinces = append(s.provinces, name)
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(waveAll, nil, func(scan func(...any) error) error {
			w, err := scanWave(scan)
			s.waves = append(s.waves, *w)
			return err
		})
	})
	return s, err
}

func scanProcess(scan func(...any) error) (*Process, error) {
	p := &Process{}
	var documents string
	var of, both, state, since, ended int64
	err := scan(&of, &p.Code, &p.Title, &documents, &p.Monthly, &both, &state, &since, &p.Reason, &ended, &p.Version)
	p.Agency, p.Documents, p.BothKeys, p.State = ids.LegalID(of), strings.Fields(documents), both != 0, State(state)
	p.Since, p.Ended = persian.UnpackDate(int32(since)), ended != 0
	return p, err
}

// Has reports whether an agency has a catalogue: a process that is not ended.
// From then on its inquiries name the process that they are for.
func (b *Book) Has(of ids.LegalID) bool {
	for _, p := range b.all.Get().processes[of] {
		if !p.Ended {
			return true
		}
	}
	return false
}

// Find finds a process of an agency, an ended one too.
func (b *Book) Find(of ids.LegalID, code string) (*Process, bool) {
	p := b.all.Get().processes[of][code]
	return p, p != nil
}

// Of lists the processes of an agency by code.
func (b *Book) Of(of ids.LegalID) (all []*Process) {
	for _, p := range b.all.Get().processes[of] {
		all = append(all, p)
	}
	return sorted(all)
}

// All lists the processes of all agencies, by agency and code.
func (b *Book) All() (all []*Process) {
	for _, of := range b.all.Get().processes {
		for _, p := range of {
			all = append(all, p)
		}
	}
	return sorted(all)
}

func sorted(all []*Process) []*Process {
	slices.SortFunc(all, func(x, y *Process) int {
		return cmp.Or(cmp.Compare(x.Agency, y.Agency), cmp.Compare(x.Code, y.Code))
	})
	return all
}

// DocumentTypes lists the types of document by code.
func (b *Book) DocumentTypes() []DocumentType { return b.all.Get().documents }

// Document finds a type of document.
func (b *Book) Document(code string) (DocumentType, bool) {
	for _, d := range b.all.Get().documents {
		if d.Code == code {
			return d, true
		}
	}
	return DocumentType{}, false
}

// Provinces lists the provinces of the country.
func (b *Book) Provinces() []string { return b.all.Get().provinces }

// do performs an act and takes its outcome into the snapshot.
func (b *Book) do(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, of ids.LegalID, change func(*store.Tx, *register.Change) ([]byte, error)) (journal.Proven, error) {
	a := register.Act{Kind: receipt.Process, Actor: actor, Why: why, Agency: of, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		body, err := change(tx, c)
		if err == nil {
			err = store.Bump(tx, noun)
		}
		return body, err
	})
	if err == nil {
		err = b.all.Reload(ctx)
	}
	return proven, err
}

// readers see all agencies' processes; an agency's own people see its own.
var (
	own     = []string{agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer}
	readers = []string{register.Supervisor, register.Member, register.Inspector}
)

var errUnknown = fault.New(fault.NotFound, "process.unknown").At("process")

// of is whose rows an actor may see when he asks for those of an agency (0: of
// all): an agency's officer his own and no others, as if there were none.
func of(actor journal.Actor, wanted ids.LegalID) (ids.LegalID, error) {
	if slices.Contains(own, actor.Role) {
		if wanted != 0 && wanted != actor.Agency {
			return 0, fault.New(fault.NotFound, "agency.unknown").At("agency")
		}
		return actor.Agency, nil
	}
	return wanted, register.Only(actor, append(slices.Clone(own), readers...)...)
}
