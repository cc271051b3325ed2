package storetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/estelam/estelam/internal/store"
)

var errMissing = errors.New("storetest: PostgreSQL's server is not installed (Debian: postgresql)")

// Server is a PostgreSQL server in a temporary directory.
type Server struct {
	dir  string // holds the data, the socket and the server's messages
	bin  string
	sync bool

	mu       sync.Mutex
	process  *os.Process
	exited   chan struct{}
	template string // migrated; cloned for each test
	count    int
}

const startLimit = 60 * time.Second

// start makes a cluster and starts it; sync says whether commits reach the
// disk (tests that kill need it, the others are faster without).
func start(sync bool) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// What syncs belongs on a disk.
	parent := os.TempDir()
	if !sync {
		parent = Memory()
	}
	// A socket's path is limited to 107 bytes: not in a long TMPDIR.
	if len(parent) > 60 {
		parent = "/tmp"
	}
	sweep(parent, "estelam-pg-")
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("estelam-pg-%d-", os.Getpid()))
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, sync: sync}
	if err := s.init(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	if err := s.Start(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// binaries is the newest server's directory.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = []string{path}
	}
	if len(found) == 0 {
		return "", errMissing
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // 0: not Debian's layout
	return n
}

func (s *Server) init() error {
	attr, err := s.unprivileged()
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, "initdb"), "-D", filepath.Join(s.dir, "data"),
		"-U", "estelam", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--data-checksums", "--no-instructions")
	cmd.SysProcAttr = attr
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("storetest: initdb: %w\n%s", err, out)
	}
	return nil
}

// unprivileged is how to start a process that the server accepts to be: it
// refuses root. SIGQUIT is its immediate shutdown.
func (s *Server) unprivileged() (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(s.dir, int(uid), int(gid))); err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}

// Start starts the server (again, after Kill) and waits until it answers.
func (s *Server) Start() error {
	deadline := time.Now().Add(startLimit)
	for {
		if err := s.launch(); err != nil {
			return err
		}
		err := s.wait(deadline)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			messages, _ := os.ReadFile(s.log())
			return fmt.Errorf("storetest: the server does not come up: %w\n%s", err, messages)
		}
		time.Sleep(50 * time.Millisecond) // after Kill its children need a moment to leave
	}
}

func (s *Server) log() string { return filepath.Join(s.dir, "messages") }

func (s *Server) launch() error {
	attr, err := s.unprivileged()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	args := []string{
		"-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "autovacuum=off", "-c", "log_min_messages=fatal",
	}
	if s.sync {
		args = append(args, "-c", "recovery_init_sync_method=syncfs") // one call, not one for each of 1,000 files
	} else {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_wal_size=128MB", "-c", "min_wal_size=32MB")
	}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), args...)
	cmd.SysProcAttr, cmd.Stdout, cmd.Stderr, cmd.Dir = attr, out, out, s.dir
	exited, started := make(chan struct{}), make(chan error)
	go func() {
		// The death signal is tied to the thread that starts the process:
		// this one lives as long as the server does.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	s.mu.Lock()
	s.process, s.exited = cmd.Process, exited
	s.mu.Unlock()
	return nil
}

func (s *Server) wait(deadline time.Time) error {
	for {
		err := s.run("postgres", "SELECT 1")
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-s.exited:
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// URL is the address of a database on this server.
func (s *Server) URL(database string) string {
	return "postgres://estelam@/" + database + "?host=" + s.dir
}

// run executes statements on a database, one connection for all.
func (s *Server) run(database string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL(database))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, text := range statements {
		if _, err := conn.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Empty makes a database without tables; it is dropped when the test ends.
func (s *Server) Empty(t testing.TB) (url string) {
	t.Helper()
	return s.clone(t, "template0")
}

// Migrated makes a database with the newest schema; it is dropped when the
// test ends.
func (s *Server) Migrated(t testing.TB) (url string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.template == "" {
		if err := s.run("postgres", "CREATE DATABASE migrated TEMPLATE template0"); err != nil {
			t.Fatal(err)
		}
		if err := store.Migrate(context.Background(), s.URL("migrated")); err != nil {
			t.Fatal(err)
		}
		s.template = "migrated"
	}
	return s.copy(t, s.template)
}

func (s *Server) clone(t testing.TB, template string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.copy(t, template)
}

func (s *Server) copy(t testing.TB, template string) string {
	t.Helper()
	s.count++
	name := fmt.Sprintf("test%d", s.count)
	if err := s.run("postgres", "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A server that the test has killed is gone with its databases.
		_ = s.run("postgres", "DROP DATABASE "+name+" WITH (FORCE)")
	})
	return s.URL(name)
}

// Kill ends the server with SIGKILL, as a crash would; Start brings it back.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server and removes its directory.
func (s *Server) Stop() {
	s.end(syscall.SIGQUIT)
	for range 100 { // its children may still be writing their last files
		if err := os.RemoveAll(s.dir); err == nil || errors.Is(err, fs.ErrNotExist) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *Server) end(signal syscall.Signal) {
	s.mu.Lock()
	process, exited := s.process, s.exited
	s.mu.Unlock()
	if process == nil {
		return
	}
	_ = process.Signal(signal) // an error means that it has ended already
	<-exited
}
