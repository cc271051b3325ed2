package durable

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/client"
)

// loop is a server that is brought down and up again, under writers.
type loop struct {
	site   *site
	bin    string
	cycles int
	dice   *rand.Rand
	most   time.Duration // how long the writers may write in a cycle

	crash func(cycle int, srv *server) error // brings it down
	early bool                               // now and then kill a server that is only starting

	srv      *server
	ledger   *ledger
	operator *operator
	base     int64 // size of the log at the beginning
	lost     int
	done     int // cycles
	slowest  time.Duration
	ups      time.Duration
	held     int // starts that found the lock of the killed one still held
}

// run goes through all cycles, or to the first in which something is lost.
func (k *loop) run(t *testing.T) {
	t.Helper()
	defer k.down()
	for k.done < k.cycles && k.lost == 0 && len(k.faults()) == 0 {
		srv, err := k.up(t)
		if err != nil {
			k.lose(err)
			return
		}
		c, err := k.site.client(srv, k.keys(t, srv))
		must(t, err)
		if k.ledger == nil {
			k.begin(t, srv)
		}
		if k.lost += k.ledger.check(srv, c, k.dice); k.lost > 0 {
			return
		}
		_, lost := k.operator.check(c, false)
		if k.lost += lost; k.lost > 0 {
			return
		}
		must(t, k.cycle(c, srv))
		c.Close()
		k.done++
		if k.done%2 == 0 { // else the server itself is the first to open what is left
			k.fsck()
		}
	}
	k.finish(t)
}

// cycle lets writers and operator work for a while and brings the server down
// under them. The operator's command is killed first: it reads what the server
// writes.
func (k *loop) cycle(c *client.Client, srv *server) error {
	stop, written, worked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		k.ledger.write(c, nil)
		close(written)
	}()
	go func() {
		k.operator.work(stop)
		close(worked)
	}()
	if k.done%5 == 2 { // a change of the register takes as long as a second
		before, end := k.operator.count.Load(), now().Add(5*time.Second)
		for k.operator.count.Load() == before && now().Before(end) {
			time.Sleep(5 * time.Millisecond)
		}
	}
	time.Sleep(time.Duration(30+k.dice.Int64N(k.most.Milliseconds()-30)) * time.Millisecond)
	close(stop)
	<-worked
	err := k.crash(k.done, srv)
	<-written
	return err
}

// keys are the log's, as somebody got them once, at the beginning.
func (k *loop) keys(t *testing.T, srv *server) string {
	t.Helper()
	if k.ledger == nil {
		return srv.keys(t)
	}
	return k.ledger.watch.text
}

func (k *loop) begin(t *testing.T, srv *server) {
	t.Helper()
	var err error
	k.ledger, err = newLedger(srv.keys(t))
	must(t, err)
	size, err := k.ledger.watch.look(srv, false)
	must(t, err)
	k.base = size
	k.operator = &operator{site: k.site, bin: k.bin, dice: rand.New(rand.NewPCG(k.dice.Uint64(), 0)), told: map[string]string{}}
}

// up starts the server; every fifth time another one before it is killed while
// it starts.
func (k *loop) up(t *testing.T) (*server, error) {
	t.Helper()
	if k.early && k.done%5 == 4 {
		srv, err := k.site.launch(t, k.bin)
		must(t, err)
		time.Sleep(time.Duration(k.dice.Int64N(300)) * time.Millisecond)
		srv.kill()
	}
	start := now()
	srv, err := k.site.serve(t, k.bin)
	// PostgreSQL may need a moment to notice that the killed server is gone, and
	// holds its lock until then: who starts services tries again.
	for tries := 0; err != nil && strings.Contains(err.Error(), "exit status 5") && tries < 50; tries++ {
		k.held++
		time.Sleep(100 * time.Millisecond)
		srv, err = k.site.serve(t, k.bin)
	}
	took := now().Sub(start)
	k.slowest, k.ups = max(k.slowest, took), k.ups+took
	k.srv = srv
	return srv, err
}

// down ends a server that still runs, so that its disk can be unmounted.
func (k *loop) down() {
	if k.srv != nil {
		k.srv.kill()
	}
}

// lose: a server that does not come up has lost everything it had said.
func (k *loop) lose(err error) {
	for _, a := range k.ledger.told {
		k.lost += len(a.codes)
	}
	k.ledger.fault("%v", err)
}

func (k *loop) faults() []string {
	if k.ledger == nil {
		return nil
	}
	if k.operator != nil {
		return append(k.operator.faults, k.ledger.faults...)
	}
	return k.ledger.faults
}

func (k *loop) fsck() {
	out, err := k.site.run(k.bin, "fsck")
	if err != nil || !strings.Contains(out, "; 0 faults") {
		k.ledger.fault("fsck after cycle %d: %v\n%s", k.done, err, out)
	}
}

// finish checks the last cycle, and everything once more.
func (k *loop) finish(t *testing.T) {
	t.Helper()
	if k.lost > 0 || len(k.faults()) > 0 {
		return
	}
	srv, err := k.up(t)
	if err != nil {
		k.lose(err)
		return
	}
	c, err := k.site.client(srv, k.keys(t, srv))
	must(t, err)
	defer c.Close()
	if k.lost += k.ledger.check(srv, c, k.dice); k.lost > 0 {
		return
	}
	if k.lost += k.ledger.check(srv, c, k.dice); k.lost > 0 { // those that were sent again
		return
	}
	all := k.ledger.all
	k.dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	k.lost += k.ledger.again(c, all[:min(5000, len(all))])
	size, err := k.ledger.watch.look(srv, true)
	if err != nil {
		k.ledger.fault("%v", err)
	}
	officers, lost := k.operator.check(c, true)
	k.lost += lost
	if want := k.base + k.ledger.entries + k.ledger.reads + int64(officers); size != want {
		k.ledger.fault("the log has %d entries; with every act in it once it would have %d", size, want)
	}
	must(t, srv.stop())
	k.fsck()
}

// String is one line for a report.
func (k *loop) String() string {
	changes := 0
	if k.operator != nil {
		changes = len(k.operator.told)
	}
	return fmt.Sprintf("%d cycles, %d acknowledged entries in %d acts and %d changes of the register, %d lost; %d checkpoints seen, all consistent; start %v on average, %v at most, %d tries more",
		k.done, k.ledger.entries, len(k.ledger.all), changes, k.lost, len(k.ledger.watch.roots),
		(k.ups / time.Duration(max(1, k.done+1))).Round(time.Millisecond), k.slowest.Round(time.Millisecond), k.held)
}

// clean fails the test where something was lost or wrong.
func (k *loop) clean(t *testing.T) {
	t.Helper()
	for _, f := range k.faults() {
		t.Error(f)
	}
	if k.lost > 0 {
		t.Errorf("%d acknowledged entries are lost", k.lost)
	}
	if k.ledger.entries < int64(k.done) || k.done >= 5 && len(k.operator.told) == 0 {
		t.Errorf("%d entries and %d changes in %d cycles show nothing", k.ledger.entries, len(k.operator.told), k.done)
	}
	t.Log(k)
}
