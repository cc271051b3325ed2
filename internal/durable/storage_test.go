package durable

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/estelam/estelam/client"
)

// Promise P5, a full disk: writing is refused with 503 or 507, verification
// goes on, writing resumes within 10 s after there is room, nothing
// acknowledged is lost.
func TestDiskFull(t *testing.T) {
	asRoot(t)
	d := newDisk(t, "ext4", 96<<20)
	s := liteSite(t, d.mount)
	srv, err := s.serve(t, program(t))
	must(t, err)
	l, err := newLedger(srv.keys(t))
	must(t, err)
	c, err := s.client(srv, l.watch.text)
	must(t, err)
	stop, ended := make(chan struct{}), make(chan map[string]int)
	go func() { ended <- l.write(c, stop) }()
	time.Sleep(300 * time.Millisecond)

	filler := filepath.Join(d.mount, "filler")
	waitFor(t, "refusals on a full disk", func() bool { return fill(t, filler) && ask(c, "full") == http.StatusInsufficientStorage })
	status, _, err := srv.get("/healthz")
	if err != nil || status != http.StatusOK {
		t.Errorf("healthz on a full disk: %d, %v", status, err)
	}
	genuine(t, c, l)

	must(t, os.Remove(filler))
	free := now()
	waitFor(t, "writing again", func() bool { return ask(c, "room again") == http.StatusOK })
	again := now().Sub(free)
	if again > 10*time.Second {
		t.Errorf("%v until an inquiry was answered again", again)
	}
	close(stop)
	refused := <-ended
	for what := range refused {
		if !strings.HasPrefix(what, "503 ") && !strings.HasPrefix(what, "507 ") {
			t.Errorf("a full disk was told as %s", what)
		}
	}
	if refused["507 store.full"] == 0 {
		t.Errorf("no writer was refused: %v", refused)
	}
	t.Logf("refused %v; answered again after %v", refused, again.Round(time.Millisecond))
	crashAndCheck(t, s, srv, l)
}

// fill takes all the room there is; what a checkpoint gives free later as well.
func fill(t *testing.T, name string) bool {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if errors.Is(err, syscall.ENOSPC) {
		return true
	}
	must(t, err)
	defer func() { _ = f.Close() }()
	for _, size := range []int{1 << 20, 4096, 1} {
		data := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(data)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	return true
}

// ask asks one question and gives the status of the answer, 0 for none.
func ask(c *client.Client, file string) int {
	_, err := c.Inquire(context.Background(), question(1, file))
	var p *client.Problem
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &p):
		return p.Status
	}
	return 0
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := now().Add(startLimit); now().Before(end); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("no %s", what)
}

// genuine has the first codes of a ledger checked while nothing can be written.
func genuine(t *testing.T, c *client.Client, l *ledger) {
	t.Helper()
	l.mu.Lock()
	told := l.told[:min(20, len(l.told))]
	l.mu.Unlock()
	if len(told) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	for _, a := range told {
		ok, err := c.CheckCode(context.Background(), a.codes[0])
		if !ok || err != nil {
			t.Fatalf("verification has ended: %v, %v", ok, err)
		}
		data := a.receipts[0]
		if found, err := c.CheckReceipt(context.Background(), data); err != nil || !found.Valid {
			t.Fatalf("verification of a receipt has ended: %v, %v", found, err)
		}
	}
}

// crashAndCheck kills the server and holds the next one against the ledger.
func crashAndCheck(t *testing.T, s *site, srv *server, l *ledger) {
	t.Helper()
	srv.kill()
	k := &loop{site: s, bin: program(t), dice: dice(t), ledger: l}
	srv, err := k.up(t)
	must(t, err)
	c, err := s.client(srv, l.watch.text)
	must(t, err)
	k.lost = l.check(srv, c, k.dice)
	must(t, srv.stop())
	k.fsck()
	k.clean(t)
}

// Promise P5, a sync that fails: from the first one on nothing is acknowledged
// until a restart, not even when syncs succeed again, and /readyz says so;
// verification goes on; the restart finds what was acknowledged.
func TestSyncFails(t *testing.T) {
	strace := tool(t, "strace")
	s := liteSite(t, t.TempDir())
	srv, err := s.serve(t, program(t))
	must(t, err)
	l, err := newLedger(srv.keys(t))
	must(t, err)
	c, err := s.client(srv, l.watch.text)
	must(t, err)
	stop, ended := make(chan struct{}), make(chan map[string]int)
	go func() { ended <- l.write(c, stop) }()
	time.Sleep(300 * time.Millisecond)

	mend := failSyncs(t, strace, srv.cmd.Process.Pid)
	waitFor(t, "refusal after failed syncs", func() bool { return ask(c, "failed") == http.StatusServiceUnavailable })
	close(stop)
	refused := <-ended
	if refused["503 store.failed"] == 0 {
		t.Errorf("no writer was refused: %v", refused)
	}
	stillRefused(t, srv, c, l)
	mend()
	stillRefused(t, srv, c, l)
	t.Logf("refused %v", refused)
	crashAndCheck(t, s, srv, l)
}

// stillRefused wants no acknowledgement from a server whose disk has failed.
func stillRefused(t *testing.T, srv *server, c *client.Client, l *ledger) {
	t.Helper()
	for range 20 {
		if status := ask(c, "still"); status != http.StatusServiceUnavailable {
			t.Fatalf("after a failed sync an inquiry gets %d", status)
		}
	}
	if status, _, err := srv.get("/readyz"); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("readyz after a failed sync: %d, %v", status, err)
	}
	genuine(t, c, l)
}

// failSyncs has every sync of a process fail with EIO until mend is called.
func failSyncs(t *testing.T, strace string, pid int) (mend func()) {
	t.Helper()
	cmd := exec.Command(strace, "-f", "-p", strconv.Itoa(pid), "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO")
	said, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "attached") {
	}
	if !strings.Contains(lines.Text(), "attached") {
		t.Fatal("strace could not attach")
	}
	mended := false
	mend = func() {
		if mended {
			return
		}
		mended = true
		_ = cmd.Process.Signal(syscall.SIGINT) // it detaches, and ends as interrupted
		for lines.Scan() {
		}
		_ = cmd.Wait()
	}
	t.Cleanup(mend)
	return mend
}
