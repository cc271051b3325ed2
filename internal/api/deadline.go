package api

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// easyConn is a connection whose deadlines cost little. An HTTP server moves
// the deadlines of a connection seven times a request, and nearly always to a
// later time. Here a move is only noted; the connection's own timer is set
// when a call might block beyond the deadline. The timer may ring too early,
// then the call goes on until the time that was asked for. It never rings too
// late: deadlines bind as they do without this.
type easyConn struct {
	net.Conn
	read, write deadline
}

func easy(c net.Conn) *easyConn {
	return &easyConn{Conn: c, read: deadline{set: c.SetReadDeadline}, write: deadline{set: c.SetWriteDeadline}}
}

func (c *easyConn) Read(b []byte) (n int, err error) {
	if err := c.read.begin(); err != nil {
		return 0, err
	}
	defer c.read.end()
	for {
		n, err = c.Conn.Read(b)
		if n > 0 || err == nil || !c.read.early(err) {
			return n, err
		}
	}
}

func (c *easyConn) Write(b []byte) (n int, err error) {
	if err := c.write.begin(); err != nil {
		return 0, err
	}
	defer c.write.end()
	for {
		m, err := c.Conn.Write(b[n:])
		n += m
		if err == nil || !c.write.early(err) {
			return n, err
		}
	}
}

func (c *easyConn) SetDeadline(t time.Time) error {
	return errors.Join(c.read.move(t), c.write.move(t))
}

func (c *easyConn) SetReadDeadline(t time.Time) error { return c.read.move(t) }

func (c *easyConn) SetWriteDeadline(t time.Time) error { return c.write.move(t) }

// deadline is one direction's.
type deadline struct {
	set func(time.Time) error // the connection's own timer

	mu    sync.Mutex
	until time.Time // asked for; zero: none
	timer time.Time // when the timer rings or rang; zero: never
	rang  bool      // the timer was set for a time that had passed
	calls int       // under way
}

// deadlineStep is the longest time that a timer is set for: shorter than most
// deadlines, so that a timer that is set stays good for many requests.
const deadlineStep = 10 * time.Second

// move sets the deadline, for calls under way too.
func (d *deadline) move(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.until = t
	if d.calls == 0 {
		return nil
	}
	return d.guard()
}

func (d *deadline) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.guard(); err != nil {
		return err
	}
	d.calls++
	return nil
}

func (d *deadline) end() {
	d.mu.Lock()
	d.calls--
	d.mu.Unlock()
}

// guard makes sure that the timer rings at the deadline or before it.
func (d *deadline) guard() error {
	late := !d.until.IsZero() && (d.timer.IsZero() || d.timer.After(d.until))
	if late || d.rang && d.until != d.timer {
		return d.wind(time.Now())
	}
	return nil
}

// wind sets the timer for the deadline, in steps.
func (d *deadline) wind(now time.Time) error {
	d.timer = d.until
	if next := now.Add(deadlineStep); d.until.After(next) {
		d.timer = next
	}
	d.rang = !d.timer.IsZero() && !d.timer.After(now)
	return d.set(d.timer)
}

// early reports whether err is the timer's, before the deadline; the timer is
// set again and the call goes on.
func (d *deadline) early(err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rang && d.until == d.timer {
		return false
	}
	now := time.Now()
	if !d.until.IsZero() && !now.Before(d.until) {
		return false
	}
	return d.wind(now) == nil
}
