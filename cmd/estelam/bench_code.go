package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/estelam/estelam/receipt"
)

// benchCode measures checking tracking codes as anyone can, without a
// certificate. An address may ask 120 times a minute, so the bench comes from
// many addresses of this machine, each of which asks less often.
type benchCode struct {
	benchFlags `embed:""`

	Conns     int `default:"64" help:"Questions under way at a time."`
	Addresses int `default:"1024" help:"Addresses that ask, 100 times each in a round."`
}

// asksPerAddress is below what an address may ask in a minute.
const asksPerAddress = 100

// Run lets both servers check the same codes.
func (c *benchCode) Run(ctx context.Context, s streams) error {
	if c.Conns < 1 || c.Addresses < c.Conns || (c.Rounds+1)*c.Addresses > 250*250*250 {
		return errors.New("bench: at least one address for each question under way")
	}
	b, err := newBench("code", c.benchFlags, s)
	if err != nil {
		return err
	}
	d, err := newDuel(ctx, b, c.Conns)
	if err != nil {
		return err
	}
	defer d.close()
	codes, err := c.codes(ctx, d)
	if err != nil {
		return err
	}
	v := &volley{duel: d, codes: codes, addresses: c.Addresses}
	fmt.Fprintf(b, "codes     %d genuine ones; %d addresses, %d questions each, %d under way at a time\n\n", len(codes), c.Addresses, asksPerAddress, c.Conns)
	for range c.Rounds {
		for _, side := range []struct {
			c    *child
			want string
			to   *[]*round
		}{{d.idle, "{}", &d.null}, {d.server, `{"genuine":true }` + "\n", &d.full}} {
			r, err := v.fire(ctx, side.c, side.want)
			if err != nil {
				return err
			}
			*side.to = append(*side.to, r)
		}
	}
	printRounds(b, "null", "answers", d.null)
	printRounds(b, "check", "answers", d.full)
	beyond := make([]float64, len(d.full))
	for i := range beyond {
		beyond[i] = d.full[i].cpu - d.null[i].cpu
	}
	fmt.Fprintf(b, "server processor time of a check beyond null: %s µs\n", spanOf(beyond).text(1))
	if err := refuseBad(d.null, d.full); err != nil {
		return err
	}
	picture := &chart{}
	picture.bars(bars{
		title:  "Server processor time per check of a code, µs",
		note:   fmt.Sprintf("%d connections at a time, median and range of %d rounds", c.Conns, c.Rounds),
		items:  []bar{{"null handler (TLS and HTTP alone)", over(d.null, cpuOf), 0}, {"check of a tracking code, anonymous", over(d.full, cpuOf), 1}},
		digits: 1,
	})
	picture.quantiles("Latency, share of answers that came within", []line{{"null", cdf(d.null), 0}, {"check", cdf(d.full), 1}})
	return b.finish(picture)
}

// codes asks a few inquiries for their codes.
func (c *benchCode) codes(ctx context.Context, d *duel) ([][]byte, error) {
	q := newQuestions(d.k, sample(d.k, 500), true)
	a, err := dial(ctx, d.server.api, d.tls)
	if err != nil {
		return nil, err
	}
	defer a.close()
	var all [][]byte
	for i := range q.people {
		var body bytes.Buffer
		if status, _, err := a.ask(q.next(0, i), &body); err != nil || status != 200 {
			return nil, fmt.Errorf("status %d: %s, %w", status, body.Bytes(), err)
		}
		r, err := receipt.Parse(body.Bytes())
		if err != nil {
			return nil, err
		}
		h, err := r.Head()
		if err != nil {
			return nil, err
		}
		all = append(all, request("localhost", "/v1/codes/check", "", []byte(`{"code":"`+h.Code+`"}`)))
	}
	return all, nil
}

// volley is rounds of checks, each from addresses that have not asked before.
type volley struct {
	*duel
	codes     [][]byte
	addresses int
	used      int
}

// fire connects from all addresses, then asks on so many connections at a time
// that conns questions are under way.
func (v *volley) fire(ctx context.Context, c *child, want string) (*round, error) {
	anonymous := v.tls
	if c == v.server {
		anonymous = &tls.Config{RootCAs: v.tls.RootCAs, ServerName: "localhost", MinVersion: tls.VersionTLS13}
	}
	var all []*asker
	defer func() {
		for _, a := range all {
			a.close()
		}
	}()
	for range v.addresses {
		v.used++
		from := net.IPv4(127, byte(1+v.used/62_500), byte(1+v.used/250%250), byte(1+v.used%250))
		a, err := dialFrom(ctx, from, c.api, anonymous)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return measure(ctx, c, 1, func() (*tally, error) { return v.ask(all, want) })
}

func (v *volley) ask(all []*asker, want string) (*tally, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := &tally{}
	var failed error
	start := time.Now()
	for w := range v.conns {
		wg.Go(func() {
			var own tally
			var err error
			for i := w; i < len(all) && err == nil; i += v.conns {
				err = own.check(all[i], v.codes, i, want)
			}
			mu.Lock()
			defer mu.Unlock()
			sum.asked += own.asked
			sum.bad += own.bad
			sum.lag = append(sum.lag, own.lag...)
			failed = errors.Join(failed, err)
		})
	}
	wg.Wait()
	sum.elapsed = time.Since(start)
	slices.Sort(sum.lag)
	return sum, failed
}

// check asks on one connection; every answer must be want, byte for byte.
func (t *tally) check(a *asker, codes [][]byte, from int, want string) error {
	var body bytes.Buffer
	for i := range asksPerAddress {
		body.Reset()
		start := time.Now()
		status, _, err := a.ask(codes[(from*asksPerAddress+i)%len(codes)], &body)
		if err != nil {
			return err
		}
		t.lag = append(t.lag, time.Since(start))
		t.asked++
		if status != 200 {
			t.bad++
		} else if body.String() != want {
			return errors.New("a check had another answer than it must")
		}
	}
	return nil
}

// dialFrom is dial from an address of one's own.
func dialFrom(ctx context.Context, from net.IP, addr string, config *tls.Config) (*asker, error) {
	d := &tls.Dialer{NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}, Config: config}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &asker{conn: c.(*tls.Conn), in: bufio.NewReaderSize(c, 4<<10)}, nil
}
