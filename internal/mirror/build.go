package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
)

// Build makes a new image of the register and takes it over. progress counts
// persons, each twice: when it is read, and when it stands in the file.
func (m *Mirror) Build(ctx context.Context, progress func(done, total int64)) error {
	return m.locked(ctx, func() error { return m.build(ctx, progress) })
}

// Ensure builds an image unless there is one that fits the register.
func (m *Mirror) Ensure(ctx context.Context, progress func(done, total int64)) error {
	ready := func() (bool, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		err := m.adopt(ctx)
		return m.image != nil, err
	}
	if ok, err := ready(); ok || err != nil {
		return err
	}
	return m.locked(ctx, func() error {
		if ok, err := ready(); ok || err != nil { // another has built it while this one waited
			return err
		}
		return m.build(ctx, progress)
	})
}

// locked calls f while no other process, and nobody else here, builds. The lock
// goes with the process.
func (m *Mirror) locked(ctx context.Context, f func() error) error {
	lock, err := os.OpenFile(filepath.Join(m.c.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return disk(err)
	}
	defer lock.Close()
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return f()
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

const lockPoll = 100 * time.Millisecond

// build reads the register and writes the image.
func (m *Mirror) build(ctx context.Context, progress func(done, total int64)) error {
	if err := m.sweep(); err != nil {
		return disk(err)
	}
	n, err := m.begin(ctx)
	if err != nil {
		return err
	}
	total, err := m.c.Persons.Count(ctx)
	if err != nil {
		return err
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	b := linkage.NewBuilder(linkage.Persian())
	read := int64(0)
	for chunk := range m.read(ctx) {
		if chunk.err != nil {
			return chunk.err
		}
		for i := range chunk.persons {
			r := record(&chunk.persons[i])
			if err := b.Add(&r); err != nil {
				return err
			}
		}
		read += int64(len(chunk.persons))
		total = max(total, read) // some were born meanwhile
		progress(read, 2*total)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	about, err := json.Marshal(n)
	if err != nil {
		return err
	}
	err = b.Write(ctx, m.path, about, func(done, of int64) { progress(read+read*done/max(of, 1), 2*total) })
	return disk(err)
}

// sweep removes what a build left that was cut short.
func (m *Mirror) sweep() error {
	rest, err := filepath.Glob(m.path + "?*")
	if err != nil {
		return err
	}
	for _, path := range rest {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// begin notes where the register stands before it is read: what changes from now
// on is laid over the image, whether the image has it already or not.
func (m *Mirror) begin(ctx context.Context) (n note, err error) {
	n = note{Form: noteForm, Made: m.c.Clock().UTC().Truncate(time.Microsecond)}
	n.Position.At = n.Made
	if m.c.Journal != nil {
		s := m.c.Journal.State() // first: the rows of an entry are there before the entry
		n.Position.Log, n.Position.Size = s.Origin, s.Size
	}
	if n.Loads, err = m.c.Persons.Loads(ctx); err != nil {
		return n, err
	}
	head, err := m.c.Persons.ChangeHead(ctx)
	if err != nil || head == 0 {
		return n, err
	}
	last, err := m.c.Persons.Changes(ctx, head-1, 1)
	if err != nil || len(last) == 0 {
		return n, err
	}
	n.Position.Change, n.Position.At = last[0].Seq, last[0].At
	n.Number, n.Version = uint64(last[0].Number), last[0].Version
	return n, nil
}

// chunk is a piece of the register.
type chunk struct {
	persons []person.Person
	err     error
}

// chunkSize keeps each read as short as a few inquiries: it holds one of the
// connections that they use.
const chunkSize = 2048

// read reads the register ahead of who takes the chunks.
func (m *Mirror) read(ctx context.Context) func(yield func(chunk) bool) {
	return func(yield func(chunk) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		chunks := make(chan chunk, 4)
		go func() {
			defer close(chunks)
			for after := ids.NationalNumber(0); ; {
				all, err := m.c.Persons.Scan(ctx, after, chunkSize)
				select {
				case chunks <- chunk{all, err}:
				case <-ctx.Done():
					return
				}
				if err != nil || len(all) < chunkSize {
					return
				}
				after = all[len(all)-1].Number
			}
		}()
		for c := range chunks {
			if !yield(c) {
				return
			}
		}
	}
}

// record is a person as rows of files are compared with him.
func record(p *person.Person) linkage.Record {
	v := make([]string, linkage.PostalColumn+1)
	v[linkage.NumberColumn] = p.Number.String()
	v[linkage.GivenColumn], v[linkage.SurnameColumn], v[linkage.FatherColumn] = p.Given.Display, p.Surname.Display, p.Father.Display
	v[linkage.BirthColumn] = p.Born.String()
	if n := p.Shenasnameh.Number; n != 0 {
		v[linkage.ShenasnamehColumn] = n.String()
	}
	v[linkage.PlaceColumn], v[linkage.SexColumn] = p.Shenasnameh.IssuePlace, p.Sex.String()
	if p.Postal != 0 {
		v[linkage.PostalColumn] = p.Postal.String()
	}
	return linkage.Record{Key: uint64(p.Number), State: uint8(p.State), Version: uint32(p.Version), Values: v}
}

// Verify reads the image of a directory whole and compares it with its
// checksums; found is false if there is none.
func Verify(dir string) (records int, found bool, err error) {
	i, err := open(Path(dir))
	if errors.Is(err, os.ErrNotExist) {
		return 0, false, nil
	}
	if err == nil {
		defer i.Close()
		records, err = i.Len(), i.Verify()
	}
	if err != nil {
		err = fault.New(fault.Internal, "mirror.damaged").Because(err)
	}
	return records, true, err
}

// Read maps an image in a file, which need not be of this register, and says
// where its register stood.
func Read(path string) (*linkage.Register, Position, error) {
	i, err := open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, Position{}, err
	case err != nil:
		return nil, Position{}, fault.New(fault.Invalid, "mirror.damaged").Because(err)
	case i.note.Form != noteForm || i.Profile().Name != linkage.Persian().Name:
		_ = i.Close()
		return nil, Position{}, fault.New(fault.Invalid, "mirror.other")
	}
	return i.Register, i.note.Position, nil
}
