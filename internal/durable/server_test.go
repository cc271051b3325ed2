package durable

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	startLimit = 60 * time.Second // until a server is ready; a hang, not a speed
	callLimit  = 30 * time.Second // of one call
)

func now() time.Time { return time.Now() }

// server is a running `estelam serve`.
type server struct {
	cmd                 *exec.Cmd
	api, pages, private string
	output              string // file with all that it printed
	exited              chan struct{}
	err                 error // how it ended, once exited is closed
}

var servers atomic.Int64

// serve starts the server and waits until it is ready. under is a command line
// to run it under, such as strace with its options.
func (s *site) serve(t testing.TB, bin string, under ...string) (*server, error) {
	t.Helper()
	srv, err := s.launch(t, bin, under...)
	if err == nil {
		err = srv.ready()
	}
	if err != nil {
		said, _ := os.ReadFile(srv.output)
		srv.kill()
		return nil, fmt.Errorf("the server does not start: %w\n%s", err, said)
	}
	return srv, nil
}

// launch starts the server and does not wait.
func (s *site) launch(t testing.TB, bin string, under ...string) (*server, error) {
	t.Helper()
	private, err := freeAddress()
	must(t, err)
	srv := &server{
		private: private, exited: make(chan struct{}),
		output: filepath.Join(scratch, fmt.Sprintf("serve-%d.log", servers.Add(1))),
	}
	out, err := os.Create(srv.output)
	must(t, err)
	defer func() { _ = out.Close() }()
	line := append(under, bin, "serve", "--api", "127.0.0.1:0", "--public", "127.0.0.1:0", "--private", private)
	srv.cmd = s.command(line[0], line[1:]...)
	srv.cmd.Stdout, srv.cmd.Stderr = out, out
	// A group of its own, so that a tracer and the traced end together.
	srv.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := srv.cmd.Start(); err != nil {
		close(srv.exited)
		return srv, err
	}
	go func() {
		srv.err = srv.cmd.Wait()
		close(srv.exited)
	}()
	t.Cleanup(srv.kill)
	return srv, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready waits for the addresses and then for /readyz.
func (srv *server) ready() error {
	for end := now().Add(startLimit); now().Before(end); {
		if srv.pages == "" {
			srv.addresses()
		}
		if srv.pages != "" {
			if status, _, err := srv.get("/readyz"); err == nil && status == http.StatusOK {
				return nil
			}
		}
		select {
		case <-srv.exited:
			return fmt.Errorf("it has ended: %w", errors.Join(srv.err, io.ErrUnexpectedEOF))
		case <-time.After(5 * time.Millisecond):
		}
	}
	return errors.New("not ready in time")
}

// addresses reads the lines "api https://…" and "pages http://…".
func (srv *server) addresses() {
	f, err := os.Open(srv.output)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, address, _ := strings.Cut(lines.Text(), "http")
		_, address, ok := strings.Cut(address, "://")
		switch strings.TrimSpace(name) {
		case "api":
			srv.api = address
		case "pages":
			if ok {
				srv.pages = address
			}
		}
	}
}

// get reads a page of the public listener.
func (srv *server) get(path string) (status int, body []byte, err error) {
	return fetch("http://" + srv.pages + path)
}

var plain = &http.Client{Timeout: callLimit, Transport: &http.Transport{DisableKeepAlives: true}}

func fetch(url string) (status int, body []byte, err error) {
	res, err := plain.Get(url)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// keys are the public keys of the logs, as the server prints them.
func (srv *server) keys(t testing.TB) string {
	t.Helper()
	status, body, err := srv.get("/log/keys")
	must(t, err)
	if status != http.StatusOK {
		t.Fatalf("/log/keys: %d", status)
	}
	return string(body)
}

// kill is kill -9.
func (srv *server) kill() {
	if srv.cmd.Process == nil {
		return
	}
	_ = syscall.Kill(-srv.cmd.Process.Pid, syscall.SIGKILL) // an error means that it has ended already
	<-srv.exited
}

// stop ends the server as an operator would.
func (srv *server) stop() error {
	if err := syscall.Kill(-srv.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		return err
	}
	<-srv.exited
	return srv.err
}

// freeze stops all threads of the server and returns when each has stopped:
// those in a system call stop when it is over.
func (srv *server) freeze() error {
	pid := srv.cmd.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	for end := now().Add(startLimit); now().Before(end); time.Sleep(time.Millisecond) {
		if stopped(pid) {
			return nil
		}
	}
	return errors.New("the server does not stop")
}

func stopped(pid int) bool {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(tasks) == 0 {
		return false
	}
	for _, task := range tasks {
		stat, err := os.ReadFile(task)
		_, rest, ok := strings.Cut(string(stat), ") ")
		if err != nil || !ok || rest[0] != 'T' {
			return false
		}
	}
	return true
}
