package durable

import (
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
