package durable

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/store/storetest"
)

// Promises P1, P2 and P4 through kill -9: what was acknowledged is there, byte
// for byte, and once; every checkpoint ever seen is continued. On PostgreSQL
// every sixth cycle kills the database server instead of ours: a commit that
// it had not written would be gone.
func TestKillLoop(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		k := &loop{site: liteSite(t, t.TempDir()), cycles: 30}
		if fast() {
			k.cycles = 2
		}
		killLoop(t, k, func(_ int, srv *server) error {
			srv.kill()
			return nil
		})
	})
	t.Run("postgres", func(t *testing.T) {
		if fast() {
			t.Skip("ESTELAM_FAST")
		}
		pg := storetest.NewServer(t)
		s, err := newSite(program(t), t.TempDir(), pg.Empty(t))
		must(t, err)
		killLoop(t, &loop{site: s, cycles: 30}, func(cycle int, srv *server) error {
			if cycle%6 != 5 {
				srv.kill()
				return nil
			}
			pg.Kill()
			srv.kill()
			return pg.Start()
		})
	})
}

func killLoop(t *testing.T, k *loop, crash func(int, *server) error) {
	t.Helper()
	k.bin, k.dice, k.most, k.early, k.crash = program(t), dice(t), 500*time.Millisecond, true, crash
	if long() {
		k.cycles = 1000
	}
	k.run(t)
	k.clean(t)
}

// A command beside the server must see that the server has the log open: the
// mark is a lock on the log's index. A process that finds none takes the index
// for a leftover and makes it anew under the server's feet.
func TestLogIsMarkedAsOpen(t *testing.T) {
	s := liteSite(t, t.TempDir())
	srv, err := s.serve(t, program(t))
	must(t, err)
	c, err := s.client(srv, srv.keys(t))
	must(t, err)
	for i := range 50 { // the log is looked at each 20 ms while writing
		_, err := c.Inquire(context.Background(), question(i, "lock"))
		must(t, err)
		time.Sleep(5 * time.Millisecond)
	}
	held, err := os.ReadFile("/proc/locks")
	must(t, err)
	for _, name := range []string{"register", "journal", "projection"} {
		var info syscall.Stat_t
		must(t, syscall.Stat(filepath.Join(s.data, name+".db-shm"), &info))
		mark := fmt.Sprintf(":%d 128 128", info.Ino)
		if !strings.Contains(string(held), fmt.Sprintf(" %d ", srv.cmd.Process.Pid)) || !strings.Contains(string(held), mark) {
			t.Errorf("%s.db-shm has no mark", name)
		}
	}
}
