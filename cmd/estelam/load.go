package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load drives a server over kept-alive TLS connections with requests written
// beforehand, so that as little as possible of the machine goes to asking.
type load struct {
	addr  string
	tls   *tls.Config
	conns int
	next  func(worker, i int) []byte // a whole HTTP/1.1 request
}

// tally is what one run of load saw.
type tally struct {
	elapsed time.Duration
	asked   int64
	bad     int64           // answers other than 200
	bytes   int64           // of bodies
	lag     []time.Duration // sorted; one for each answer
}

func (t *tally) rate() float64 { return float64(t.asked) / t.elapsed.Seconds() }

// quantile is the latency that a share q of the answers did not exceed.
func (t *tally) quantile(q float64) time.Duration {
	if len(t.lag) == 0 {
		return 0
	}
	return t.lag[min(int(q*float64(len(t.lag))), len(t.lag)-1)]
}

// closed asks for a while on all connections, each one question at a time.
func (l *load) closed(ctx context.Context, d time.Duration) (*tally, error) {
	end := time.Now().Add(d)
	return l.run(ctx, func(_, _ int) (time.Time, bool) {
		now := time.Now()
		return now, now.Before(end)
	})
}

// open asks at a fixed mean rate with random gaps, as many independent askers
// would. Latency counts from the moment at which a question was due, so a
// server that falls behind cannot hide it.
func (l *load) open(ctx context.Context, d time.Duration, rate float64) (*tally, error) {
	var due []time.Duration
	for t := 0.0; t < d.Seconds(); t += rand.ExpFloat64() / rate {
		due = append(due, time.Duration(t*1e9))
	}
	start := time.Now()
	var turn atomic.Int64
	return l.run(ctx, func(_, _ int) (time.Time, bool) {
		i := int(turn.Add(1)) - 1
		if i >= len(due) {
			return time.Time{}, false
		}
		at := start.Add(due[i])
		time.Sleep(time.Until(at))
		return at, true
	})
}

// run lets each connection ask until when says stop; when also gives the moment
// from which the answer's latency counts.
func (l *load) run(ctx context.Context, when func(worker, i int) (time.Time, bool)) (*tally, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	all := &tally{}
	var failed error
	ready := make([]*asker, l.conns)
	for w := range ready { // connect before the clock starts: a handshake is not an inquiry
		a, err := dial(ctx, l.addr, l.tls)
		if err != nil {
			return nil, err
		}
		defer a.close()
		ready[w] = a
	}
	start := time.Now()
	for w, a := range ready {
		wg.Go(func() {
			var own tally
			err := own.ask(ctx, a, w, l.next, when)
			mu.Lock()
			defer mu.Unlock()
			all.asked += own.asked
			all.bad += own.bad
			all.bytes += own.bytes
			all.lag = append(all.lag, own.lag...)
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	all.elapsed = time.Since(start)
	slices.Sort(all.lag)
	return all, failed
}

func (t *tally) ask(ctx context.Context, a *asker, w int, next func(worker, i int) []byte, when func(worker, i int) (time.Time, bool)) error {
	for i := 0; ctx.Err() == nil; i++ {
		at, more := when(w, i)
		if !more {
			return nil
		}
		status, n, err := a.ask(next(w, i), nil)
		if err != nil {
			return err
		}
		t.lag = append(t.lag, time.Since(at))
		t.asked++
		t.bytes += n
		if status != 200 {
			t.bad++
		}
	}
	return ctx.Err()
}

// asker is one kept-alive connection.
type asker struct {
	conn *tls.Conn
	in   *bufio.Reader
}

func dial(ctx context.Context, addr string, config *tls.Config) (*asker, error) {
	c, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &asker{conn: c.(*tls.Conn), in: bufio.NewReaderSize(c, 32<<10)}, nil
}

func (a *asker) close() { _ = a.conn.Close() }

// ask sends one request and reads the answer; the body goes to keep, or nowhere.
func (a *asker) ask(request []byte, keep *bytes.Buffer) (status int, n int64, err error) {
	if _, err := a.conn.Write(request); err != nil {
		return 0, 0, err
	}
	line, err := a.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 {
		return 0, 0, fmt.Errorf("short status line")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	for {
		line, err = a.in.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if n, err = strconv.ParseInt(string(bytes.TrimSpace(v)), 10, 64); err != nil {
				return 0, 0, err
			}
		}
	}
	if keep != nil {
		_, err = io.CopyN(keep, a.in, n)
	} else {
		_, err = io.CopyN(io.Discard, a.in, n)
	}
	return status, n, err
}

// request writes a POST with a JSON body as bytes.
func request(host, path, idempotency string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", path, host, len(body))
	if idempotency != "" {
		fmt.Fprintf(&b, "Idempotency-Key: %s\r\n", idempotency)
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}
