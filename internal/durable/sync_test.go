package durable

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/estelam/estelam/client"
)

// Promise P2, looked at from the kernel: before an answer leaves, what was
// written of the journal's log has been synced, and nothing was written after
// that sync. The same look must find that a program without that sync answers
// too early: else it would show nothing.
func TestSyncBeforeAnswer(t *testing.T) {
	strace := tool(t, "strace")
	t.Run("as it is", func(t *testing.T) {
		asked, early := answersBeforeSync(t, strace, program(t))
		if len(early) > 0 {
			t.Errorf("%d of %d answers left before their record was synced, such as %s", len(early), asked, early[0])
		}
	})
	t.Run("without the sync", func(t *testing.T) {
		bin, err := careless()
		must(t, err)
		asked, early := answersBeforeSync(t, strace, bin)
		if len(early) < asked/2 {
			t.Errorf("a program that does not sync was found out at %d of %d answers only", len(early), asked)
		}
	})
}

// answersBeforeSync asks one question after the other of a traced server and
// names those whose answer left with something unsynced.
func answersBeforeSync(t *testing.T, strace, bin string) (asked int, early []string) {
	t.Helper()
	s, traces := liteSite(t, t.TempDir()), t.TempDir()
	srv, err := s.serve(t, bin, strace, "-ff", "-ttt", "-T", "-y", "-s", "0", "-o", filepath.Join(traces, "trace"),
		"-e", "signal=none", "-e", "trace=fsync,fdatasync,pwrite64,pwritev,write,writev")
	must(t, err)
	c, err := s.client(srv, srv.keys(t))
	must(t, err)
	defer c.Close()
	type span struct{ from, to time.Time }
	var spans []span
	for i := range 60 {
		from := now()
		if i%4 < 3 {
			_, err = c.Inquire(context.Background(), question(i, "sync"))
		} else {
			q := question(i, "sync")
			q.Officer = ""
			_, err = c.Batch(context.Background(), client.Batch{Officer: officer, Questions: []client.Question{q, q}})
		}
		must(t, err)
		spans = append(spans, span{from, now()})
	}
	// A tracer that is killed leaves its last lines unwritten: the server ends first.
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", srv.cmd.Process.Pid))
	must(t, err)
	pid, err := strconv.Atoi(strings.Fields(string(children))[0])
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGTERM))
	<-srv.exited

	events := readTraces(t, traces)
	for _, sp := range spans {
		if why := unsynced(events, sp.from, sp.to); why != "" {
			early = append(early, why)
		}
	}
	return len(spans), early
}

// event is a system call on a file or socket.
type event struct {
	call, file string
	ok         bool
	from, to   time.Time
}

var traceLine = regexp.MustCompile(`^(\d+)\.(\d{6}) (\w+)\(\d+<([^>]*)>.*\) += (-?\d+|\?).* <(\d+\.\d+)>$`)

func readTraces(t *testing.T, dir string) (events []event) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "trace.*"))
	must(t, err)
	for _, name := range files {
		f, err := os.Open(name)
		must(t, err)
		for lines := bufio.NewScanner(f); lines.Scan(); {
			m := traceLine.FindStringSubmatch(lines.Text())
			if m == nil {
				continue // the end of a thread
			}
			var n [2]int64
			for i := range n {
				n[i], err = strconv.ParseInt(m[i+1], 10, 64)
				must(t, err)
			}
			took, err := time.ParseDuration(m[6] + "s")
			must(t, err)
			from := time.Unix(n[0], n[1]*1000)
			events = append(events, event{m[3], m[4], !strings.HasPrefix(m[5], "-"), from, from.Add(took)})
		}
		must(t, f.Close())
	}
	return events
}

// unsynced says what is wrong with the one answer that left within a span.
func unsynced(events []event, from, to time.Time) string {
	var written, answered time.Time
	within := func(e event) bool { return !e.from.Before(from) && !e.from.After(to) }
	for _, e := range events {
		if within(e) && strings.HasPrefix(e.call, "write") && strings.Contains(e.file, "socket:") && e.from.After(answered) {
			answered = e.from
		}
	}
	if answered.IsZero() {
		return "no answer in the trace"
	}
	for _, e := range events {
		if within(e) && isLog(e) && !isSync(e) && e.from.Before(answered) && e.to.After(written) {
			written = e.to
		}
	}
	if written.IsZero() {
		return "nothing was written before the answer"
	}
	for _, e := range events {
		if isLog(e) && isSync(e) && e.ok && !e.from.Before(written) && !e.to.After(answered) {
			return ""
		}
	}
	return "no sync between the last write and the answer"
}

func isLog(e event) bool  { return strings.HasSuffix(e.file, "/journal.db-wal") }
func isSync(e event) bool { return e.call == "fsync" || e.call == "fdatasync" }
