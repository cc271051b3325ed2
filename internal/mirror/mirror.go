// Package mirror keeps the image of the population register that files are
// linked against (package linkage), and what has changed since it was made.
//
// # How it is kept
//
//  1. Build notes where the sequence of changes stands, reads the whole register
//     in the order of numbers beside everything else that goes on, and writes the
//     image into a file of another name, which takes the old one's place at once.
//     A crash before that leaves the old image, one after it the new one.
//  2. Records that changed while Build read them may be in the image as they were
//     before or after; they are among the changes since, so they are laid over it
//     as they are now. Image and overlay together are the register as it stood at
//     one change, exactly: Position says at which.
//  3. Register lays the changes since over the image whenever it is asked.
//  4. Keep builds a new image when the overlay has grown too large, or every day
//     that something changed. Who uses the old one goes on with it: its file has no
//     name any more, and goes when the last user has gone.
//
// Nothing is built before somebody needs it: a register that no file is linked
// against pays nothing.
//
// The image holds the whole population. Its directory is for the service's own
// user, as the register's is.
package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
)

// Config says what is mirrored and where. Dir and Persons are needed.
type Config struct {
	Dir     string       // of the image, made if it is not there
	Persons *person.Book // what is mirrored
	Journal *journal.Journal
	Clock   func() time.Time // default time.Now
	Logger  *slog.Logger     // default slog.Default()

	// Of Serve and Keep only.
	Register *store.DB
	Jobs     *job.Queue
	Node     string // whose directory this is: the image's job is this node's
}

// Position is where the register stood. Two registers of equal positions say the
// same of everybody.
type Position struct {
	Change int64     `json:"change"` // the last change that is in it (person.Book.Changes)
	At     time.Time `json:"at"`     // when that change was made; of the image, if none was
	Log    string    `json:"log,omitempty"`
	Size   int64     `json:"size,omitempty"` // whatever was among the first so many entries of Log is in it
}

// note is what an image says of itself.
type note struct {
	Form     int       `json:"form"`
	Position Position  `json:"position"`
	Version  int64     `json:"version"` // with Number and Position.At: what the change at the position was
	Number   uint64    `json:"number"`
	Loads    int64     `json:"loads"` // person.Book.Loads
	Made     time.Time `json:"made"`
}

const noteForm = 1

// Mirror keeps the image of one register. It is safe for concurrent use.
type Mirror struct {
	c    Config
	path string

	mu    sync.Mutex // guards what follows; nothing slow but the overlay is done under it
	image *image     // nil: none that fits the register
	over  *linkage.Register
	at    Position
	laid  int // changes laid over the image
}

// image is an image that is mapped.
type image struct {
	*linkage.Register
	note    note
	info    os.FileInfo
	users   int
	retired bool // another one has taken its place
}

// Open makes a Mirror. It reads nothing yet.
func Open(c Config) (*Mirror, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, disk(err)
	}
	return &Mirror{c: c, path: Path(c.Dir)}, nil
}

// Path is the image's file in a directory.
func Path(dir string) string { return filepath.Join(dir, "population.image") }

// grace is how long after its context has ended an image stays mapped: the
// goroutines that read in it do not stop in the same moment.
const grace = time.Minute

// Register is the register as it stands now. It is valid until a minute after
// ctx has ended. It builds the image if there is none that fits: Ensure does
// that before, with progress.
func (m *Mirror) Register(ctx context.Context) (*linkage.Register, Position, error) {
	for {
		r, at, err := m.now(ctx)
		if r != nil || err != nil {
			return r, at, err
		}
		if err := m.Ensure(ctx, nil); err != nil {
			return nil, Position{}, err
		}
	}
}

// now is the register as it stands, nil if there is no image that fits.
func (m *Mirror) now(ctx context.Context) (*linkage.Register, Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.adopt(ctx); err != nil || m.image == nil {
		return nil, Position{}, err
	}
	if err := m.refresh(ctx); err != nil {
		return nil, Position{}, err
	}
	used := m.image
	used.users++
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, func() { m.leave(used) }) })
	return m.over, m.at, nil
}

// leave says that one user of an image has gone.
func (m *Mirror) leave(i *image) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i.users--
	i.free()
}

// Position is where the register stands that Register would give, and how many
// records and changes it is made of; found is false if there is no image.
func (m *Mirror) Position(ctx context.Context) (s Standing, found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.adopt(ctx); err != nil || m.image == nil {
		return s, false, err
	}
	if err := m.refresh(ctx); err != nil {
		return s, false, err
	}
	return m.standing(), true, nil
}

// Standing is how the mirror stands.
type Standing struct {
	Position Position  `json:"position"`
	Image    Position  `json:"image"`
	Made     time.Time `json:"made"`
	Bytes    int64     `json:"bytes"`
	Records  int       `json:"records"`
	Laid     int       `json:"changes_since"`
}

func (m *Mirror) standing() Standing {
	i := m.image
	return Standing{m.at, i.note.Position, i.note.Made, i.info.Size(), i.Len(), m.laid}
}

// adopt takes over the image on disk if it is another one than the one in use,
// and lets go of one that does not fit the register any more.
func (m *Mirror) adopt(ctx context.Context) error {
	info, err := os.Stat(m.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return disk(err)
	}
	if m.image != nil && (info == nil || !os.SameFile(info, m.image.info)) {
		m.retire()
	}
	if info == nil {
		return nil
	}
	i := m.image
	if i == nil {
		if i, err = open(m.path); err != nil {
			m.c.Logger.Warn("the register's image cannot be used; it is built anew", "error", err)
			return nil
		}
	}
	fits, err := m.fits(ctx, &i.note)
	if err == nil && fits {
		if m.image == nil {
			m.image, m.over, m.at, m.laid = i, i.Register, i.note.Position, 0
		}
		return nil
	}
	if m.image == nil {
		_ = i.Close()
	} else {
		m.retire()
	}
	return err
}

// open maps the image at path.
func open(path string) (*image, error) {
	f, err := os.Open(path) // held open, so that what is mapped is what is described
	if err != nil {
		return nil, err
	}
	defer f.Close()
	i := &image{}
	if i.info, err = f.Stat(); err != nil {
		return nil, err
	}
	if i.Register, err = linkage.Open(path); err != nil {
		return nil, err
	}
	again, err := os.Stat(path)
	if err == nil && !os.SameFile(again, i.info) {
		err = errors.New("mirror: the image was replaced while it was opened")
	}
	if err == nil {
		err = json.Unmarshal(i.Note(), &i.note)
	}
	if err != nil {
		_ = i.Close()
		return nil, err
	}
	return i, nil
}

// fits reports whether the register is the one the image was made of, only
// older: a restored backup, or a first filling that went on meanwhile, has to be
// read anew.
func (m *Mirror) fits(ctx context.Context, n *note) (bool, error) {
	loads, err := m.c.Persons.Loads(ctx)
	if err != nil || n.Form != noteForm || n.Loads != loads {
		return false, err
	}
	if n.Position.Change == 0 {
		return true, nil
	}
	last, err := m.c.Persons.Changes(ctx, n.Position.Change-1, 1)
	if err != nil || len(last) == 0 {
		return false, err
	}
	return uint64(last[0].Number) == n.Number && last[0].Version == n.Version && last[0].At.Equal(n.Position.At), nil
}

// refresh lays over the image what has changed since.
func (m *Mirror) refresh(ctx context.Context) error {
	at, laid := m.at, m.laid
	var records []linkage.Record
	for {
		changes, persons, err := m.c.Persons.Since(ctx, at.Change, person.MaxChanges)
		if err != nil {
			return err
		}
		for i := range persons {
			records = append(records, record(&persons[i]))
		}
		if n := len(changes); n > 0 {
			at.Change, at.At = changes[n-1].Seq, changes[n-1].At
			laid += n
		}
		if len(changes) < person.MaxChanges {
			break
		}
	}
	if len(records) > 0 {
		m.over, m.at, m.laid = m.over.Apply(records), at, laid
	}
	return nil
}

// retire lets go of the image in use.
func (m *Mirror) retire() {
	m.image.retired = true
	m.image.free()
	m.image, m.over = nil, nil
}

// free unmaps an image that nobody will use any more.
func (i *image) free() {
	if i.retired && i.users == 0 {
		_ = i.Close()
	}
}

// disk makes a fault of what the file system reports.
func disk(err error) error {
	var already *fault.Error
	switch {
	case err == nil || errors.As(err, &already):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fault.New(fault.Full, "mirror.full").Because(err)
	}
	return err
}
