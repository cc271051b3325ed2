package api

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

func TestDeadlineIsNotedThenSet(t *testing.T) {
	var timer []time.Time
	d := deadline{set: func(at time.Time) error { timer = append(timer, at); return nil }}
	ring := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	start := time.Now()
	far := start.Add(time.Hour)
	expect := func(what string, sets int, early, want bool) {
		t.Helper()
		if len(timer) != sets || early != want {
			t.Fatalf("%s: timer set %d times, not %d; early %v, not %v", what, len(timer), sets, early, want)
		}
	}

	_ = d.move(far)
	expect("moved without a call", 0, false, false)
	_ = d.begin()
	expect("a call", 1, false, false)
	if at := timer[0]; at.After(time.Now().Add(deadlineStep)) || at.Before(start) {
		t.Fatalf("the timer is set for %v", at)
	}
	_ = d.move(far.Add(time.Hour))
	expect("moved on during a call", 1, false, false)
	expect("the timer rings early", 2, d.early(ring), true)
	expect("another error", 2, d.early(io.EOF), false)

	near := time.Now().Add(time.Second)
	_ = d.move(near)
	if expect("moved nearer during a call", 3, false, false); timer[2] != near {
		t.Fatalf("the timer is set for %v, not %v", timer[2], near)
	}
	past := time.Unix(1, 0)
	_ = d.move(past)
	if expect("moved into the past during a call", 4, false, false); timer[3] != past {
		t.Fatalf("the timer is set for %v, not the past", timer[3])
	}
	expect("the deadline is over", 4, d.early(ring), false)
	d.end()
	_ = d.move(time.Time{})
	_ = d.begin()
	if expect("no deadline after one in the past", 5, false, false); !timer[4].IsZero() {
		t.Fatalf("the timer is set for %v", timer[4])
	}
}

// A call that waits is ended by a deadline in the past, as net/http does it
// after each answer, and the connection is good for the next one.
func TestDeadlineEndsACall(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := Listen(l, 0).Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	_ = c.SetReadDeadline(time.Now().Add(time.Hour))
	var b [8]byte
	ended := make(chan error)
	go func() { _, err := c.Read(b[:]); ended <- err }()
	_ = c.SetReadDeadline(time.Unix(1, 0))
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a read past its deadline:", err)
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := c.Read(b[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a read of nothing:", err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Hour))
	if _, err := client.Write([]byte("سلام")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, b[:]); err != nil || string(b[:]) != "سلام" {
		t.Fatalf("read %q, %v", b[:], err)
	}
	_ = c.SetWriteDeadline(time.Unix(1, 0))
	if _, err := c.Write(b[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a write past its deadline:", err)
	}
	_ = c.SetWriteDeadline(time.Time{})
	if _, err := c.Write(b[:]); err != nil {
		t.Fatal(err)
	}
}
