package mirror

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/synth"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var operator = journal.Actor{Role: "operator", ID: "op"}

// setting is a register with its journal.
type setting struct {
	db      *store.DB
	persons *person.Book
	journal *journal.Journal
}

func open1(t testing.TB, url string) *setting {
	t.Helper()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	s := &setting{}
	if s.journal, err = journal.Open(t.Context(), journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.journal.Close)
	if s.db, err = store.Open(t.Context(), url, store.Register); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	if s.persons, err = person.Open(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	if s.persons.Places, err = place.Open(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	return s
}

// load puts n invented persons into the register.
func (s *setting) load(t testing.TB, n int) []person.Person {
	t.Helper()
	var all []person.Person
	for p := range synth.New(synth.Config{Seed: 7, Persons: n, Places: n}).Persons() {
		all = append(all, p)
	}
	if _, err := person.Load(t.Context(), s.db, each(all), nil); err != nil {
		t.Fatal(err)
	}
	return all
}

func each(all []person.Person) iter.Seq2[person.Person, error] {
	return func(yield func(person.Person, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// rename gives a person another given name, by an import.
func (s *setting) rename(t testing.TB, p *person.Person, name string) {
	t.Helper()
	file := fmt.Sprintf("national_number,given_name,surname,birth_date\n%s,%s,%s,%s\n", p.Number, name, p.Surname.Display, p.Born)
	r, err := s.persons.Import(context.Background(), operator, s.journal, strings.NewReader(file), nil, nil)
	if err != nil || r.Accepted != 1 {
		t.Fatal(r, err)
	}
}

func (s *setting) mirror(t testing.TB, dir string) *Mirror {
	t.Helper()
	m, err := Open(Config{Dir: dir, Persons: s.persons, Journal: s.journal, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func now(t testing.TB, m *Mirror) (*linkage.Register, Position) {
	t.Helper()
	r, at, err := m.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r, at
}

// holds compares the mirror with the register, person by person.
func (s *setting) holds(t testing.TB, r *linkage.Register) {
	t.Helper()
	n := 0
	for after := ids.NationalNumber(0); ; {
		all, err := s.persons.Scan(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			p := &all[i]
			got, found := r.Find(uint64(p.Number))
			if !found || got.Version != uint32(p.Version) || got.State != uint8(p.State) {
				t.Fatalf("person %d of the register: found %v, %+v", n, found, got)
			}
			n++
			after = p.Number
		}
		if len(all) < 1000 {
			break
		}
	}
	if r.Len() != n {
		t.Fatalf("%d records of %d persons", r.Len(), n)
	}
}

// The mirror is the register as it stands: as loaded, after changes, after a
// newcomer, and by an image that another process has made.
func TestRegister(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open1(t, url)
		all := s.load(t, 3000)
		dir := filepath.Join(t.TempDir(), "image")
		m := s.mirror(t, dir)
		r, at := now(t, m)
		s.holds(t, r)
		if at.Change != 0 {
			t.Error(at)
		}
		s.rename(t, &all[5], "نازنین")
		s.rename(t, &all[9], "نازنین")
		again, after := now(t, m)
		s.holds(t, again)
		if after.Change != 2 || !after.At.After(at.At) {
			t.Error(at, after)
		}
		got, _ := again.Find(uint64(all[5].Number))
		if got.Values[linkage.GivenColumn] != "نازنین" || got.Version != 2 {
			t.Errorf("%+v", got)
		}
		if old, _ := r.Find(uint64(all[5].Number)); old.Version != 1 {
			t.Error("a register in use has changed")
		}
		other := s.mirror(t, dir) // as another process
		seen, same := now(t, other)
		s.holds(t, seen)
		if !same.At.Equal(after.At) || same.Change != after.Change {
			t.Error(same, after)
		}
		if err := other.Build(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		s.rename(t, &all[9], "مهین")
		seen, same = now(t, m)
		s.holds(t, seen)
		if st, _, err := m.Position(t.Context()); err != nil || st.Laid != 1 || st.Image.Change != 2 || same.Change != 3 || st.Image.Log == "" {
			t.Errorf("%+v %v", st, err)
		}
		if info, err := os.Stat(m.path); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info.Mode(), err)
		}
		if n, found, err := Verify(dir); n != 3000 || !found || err != nil {
			t.Error(n, found, err)
		}
	})
}

// While the register changes all the time, what is built fits what it says.
func TestBuildBesideChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open1(t, url)
		all := s.load(t, 6000)
		m := s.mirror(t, t.TempDir())
		ctx, stop := context.WithCancel(t.Context())
		var writing sync.WaitGroup
		writing.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				s.rename(t, &all[rand.IntN(len(all))], []string{"نازنین", "مهین", "پروین"}[i%3])
			}
		})
		for range 3 {
			if err := m.Build(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
		stop()
		writing.Wait()
		r, at := now(t, m)
		s.holds(t, r)
		if head, err := s.persons.ChangeHead(t.Context()); err != nil || at.Change != head || head == 0 {
			t.Error(at, head, err)
		}
	})
}

// An image that is not of this register's past is not used: a first filling
// that went on, a backup that was restored, bytes that are no image.
func TestForeignImage(t *testing.T) {
	s := open1(t, storetest.SQLite(t))
	m := s.mirror(t, t.TempDir())
	r, _ := now(t, m) // of an empty register
	if r.Len() != 0 {
		t.Fatal(r.Len())
	}
	all := s.load(t, 500)
	r, _ = now(t, m)
	s.holds(t, r)
	s.rename(t, &all[3], "مهین")
	if err := m.Build(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	other := open1(t, storetest.SQLite(t))
	other.load(t, 500)
	other.rename(t, &all[4], "مهین") // the same sequence, another change
	o := other.mirror(t, m.c.Dir)
	r, _ = now(t, o)
	other.holds(t, r)
	if got, _ := r.Find(uint64(all[3].Number)); got.Version != 1 {
		t.Error("another register's image was used")
	}
	if err := os.WriteFile(m.path, []byte("estelam image 1\n nothing of the kind, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, _ = now(t, m)
	s.holds(t, r)
}

// Every flipped byte of an image is found.
func TestVerify(t *testing.T) {
	s := open1(t, storetest.SQLite(t))
	s.load(t, 300)
	dir := t.TempDir()
	if _, found, err := Verify(dir); found || err != nil {
		t.Error(found, err)
	}
	m := s.mirror(t, dir)
	now(t, m)
	good, err := os.ReadFile(m.path)
	if err != nil {
		t.Fatal(err)
	}
	missed := 0
	for i := range 200 {
		at := rand.IntN(len(good))
		bad := append([]byte(nil), good...)
		bad[at] ^= 1 << (i % 8)
		if err := os.WriteFile(filepath.Join(dir, "population.image"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Verify(dir); err == nil {
			missed++
			t.Log("a flip was missed at", at)
		}
	}
	if missed > 0 {
		t.Errorf("%d of 200 flips were not found", missed)
	}
}

// A build that is cut short leaves the image as it was, and its rest is swept.
func TestCutShort(t *testing.T) {
	s := open1(t, storetest.SQLite(t))
	s.load(t, 5000)
	m := s.mirror(t, t.TempDir())
	r, _ := now(t, m)
	before, err := os.Stat(m.path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = m.Build(ctx, func(done, total int64) {
		if done > total/4 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if after, err := os.Stat(m.path); err != nil || !os.SameFile(before, after) {
		t.Error("the image is another one:", err)
	}
	rest := m.path + ".new"
	if err := os.WriteFile(rest, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Build(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(rest); !errors.Is(err, os.ErrNotExist) {
		t.Error("the rest of a build is still there:", err)
	}
	s.holds(t, r) // the old one serves who has it
	r, _ = now(t, m)
	s.holds(t, r)
}

// An image is let go of when nobody uses it any more, and not before.
func TestFree(t *testing.T) {
	s := open1(t, storetest.SQLite(t))
	s.load(t, 100)
	m := s.mirror(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, _, err := m.Register(ctx); err != nil {
		t.Fatal(err)
	}
	old := m.image
	if old.users != 1 || old.retired {
		t.Error(old.users, old.retired)
	}
	if err := m.Build(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	now(t, m)
	if !old.retired || old.users != 1 || m.image == old {
		t.Error(old.users, old.retired)
	}
	m.leave(old)
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(maps), m.path); n != 1 {
		t.Errorf("%d images are mapped", n)
	}
}

// Keep asks for a new image when many have changed, or some a day ago.
func TestDue(t *testing.T) {
	s := open1(t, storetest.SQLite(t))
	all := s.load(t, 100)
	m := s.mirror(t, t.TempDir())
	due := func(want bool) {
		t.Helper()
		if got, err := m.due(t.Context()); got != want || err != nil {
			t.Error(got, err)
		}
	}
	due(false) // nobody needed one
	now(t, m)
	m.c.Clock = func() time.Time { return time.Now().Add(2 * keepAge) }
	due(false) // nothing has changed
	s.rename(t, &all[3], "مهین")
	due(true)
	m.c.Clock = time.Now
	due(false)
	if err := errors.Join(os.Remove(m.path), os.WriteFile(m.path, []byte("no image"), 0o600)); err != nil {
		t.Fatal(err)
	}
	due(true)
}

// The image is a job: ordered, done by whoever serves the node, with how far it
// has come.
func TestJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open1(t, url)
		s.load(t, 2000)
		q, err := job.Open(t.Context(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		q.Logger = slog.New(slog.DiscardHandler)
		m, err := Open(Config{Dir: t.TempDir(), Persons: s.persons, Journal: s.journal, Register: s.db, Jobs: q, Node: "n1"})
		if err != nil {
			t.Fatal(err)
		}
		m.Serve()
		id, err := m.Order(t.Context(), operator)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		working.Go(func() { _ = q.Work(ctx) })
		j, err := q.Wait(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		stop()
		working.Wait()
		if j.Kind != "image.n1" || j.State != job.Done || j.Done != 4000 || j.Total != 4000 || !strings.Contains(string(j.Result), `"persons":2000`) {
			t.Errorf("%+v %s", j, j.Result)
		}
		if n, found, err := Verify(m.c.Dir); n != 2000 || !found || err != nil {
			t.Error(n, found, err)
		}
	})
}
