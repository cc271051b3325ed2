package api

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Slow clients lose their connection: half a header, half a body, silence
// before the handshake, silence after an answer. The test says nothing about
// when, only that it comes.
func TestSlowClientsAreCutOff(t *testing.T) {
	s := newStack(t, func(c *Config) {
		c.Limits.ReadHeader, c.Limits.Read, c.Limits.Idle = 50*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	})
	plain, secure := strings.TrimPrefix(s.public, "http://"), strings.TrimPrefix(s.url, "https://")
	for _, c := range []struct{ name, address, send string }{
		{"nothing", plain, ""},
		{"no handshake", secure, ""},
		{"half a handshake", secure, "\x16\x03\x01\x02\x00\x01"},
		{"half a header", plain, "POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Ty"},
		{"half a body", plain, "POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"code\":"},
		{"half a chunk", plain, "POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"},
		{"idle", plain, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := must(net.Dial("tcp", c.address))(t)
			defer func() { _ = conn.Close() }()
			_ = must(io.WriteString(conn, c.send))(t)
			_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
			if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the connection is still open")
			}
		})
	}
}

// Requests that are half there, or no HTTP at all, do not harm the others.
func TestTornRequests(t *testing.T) {
	s := newStack(t)
	address := strings.TrimPrefix(s.public, "http://")
	for _, send := range []string{
		"\x00\x01\x02", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
		"POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	} {
		conn := must(net.Dial("tcp", address))(t)
		_ = must(io.WriteString(conn, send))(t)
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}
	if res := s.nobody.do("GET", "/healthz", ""); res.StatusCode != 200 {
		t.Errorf("%d", res.StatusCode)
	}
	if strings.Contains(s.logs.String(), `"msg":"panic"`) {
		t.Error("a handler panicked")
	}
}

// One agency floods a small door. What is shed says when to come back, and the
// other agency's requests all get through.
func TestOverload(t *testing.T) {
	s := newStack(t, func(c *Config) {
		c.Limits.Slots, c.Limits.Queue, c.Limits.Patience, c.Limits.Hold = 2, 4, time.Minute, time.Minute
	})
	var mu sync.Mutex
	count := map[string]int{}
	ask := func(c *client, name string) {
		res, err := c.http.Post(s.url+"/v1/inquiries", "application/json", strings.NewReader(verifyLiving().String()))
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode != 200 && res.Header.Get("Retry-After") == "" {
			t.Errorf("%d without Retry-After", res.StatusCode)
		}
		mu.Lock()
		count[fmt.Sprintf("%s %d", name, res.StatusCode)]++
		mu.Unlock()
	}
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			for range 20 {
				ask(s.bank, "flood")
			}
		})
	}
	all.Go(func() {
		for range 20 {
			ask(s.tax, "other")
		}
	})
	all.Wait()
	shed := count["flood 429"] + count["flood 503"]
	if count["other 200"] != 20 || count["flood 200"] == 0 || shed == 0 || count["flood 200"]+shed != 24*20 {
		t.Errorf("%v", count)
	}
	if s.api.work.inside != 0 || s.api.work.waiting != 0 {
		t.Errorf("%d inside and %d waiting after the flood", s.api.work.inside, s.api.work.waiting)
	}
}

// Who sends slowly holds no room for work, and what bodies hold in memory is
// bounded.
func TestSlowBodiesHoldNoRoom(t *testing.T) {
	s := newStack(t, func(c *Config) { c.Limits.Slots, c.Limits.Bodies = 1, 48<<10 })
	address := strings.TrimPrefix(s.public, "http://")
	begin := func(n int) {
		conn := must(net.Dial("tcp", address))(t)
		t.Cleanup(func() { _ = conn.Close() })
		_ = must(fmt.Fprintf(conn, "POST /v1/codes/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n%s", strings.Repeat(" ", n)))(t)
	}
	for range 8 {
		begin(100)
	}
	if res := s.bank.post("/v1/inquiries", verifyLiving().String()); res.StatusCode != 200 {
		t.Errorf("beside slow senders: %d %s", res.StatusCode, res.body)
	}
	begin(30_000) // its buffer grows to 32 KiB
	for end := time.Now().Add(30 * time.Second); s.api.bodies.left.Load() > 24<<10 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	large := strings.Repeat(" ", 50_000)
	res := s.bank.post("/v1/inquiries", large)
	if p := res.problem(t); p.Key != "api.busy" || res.Header.Get("Retry-After") == "" {
		t.Errorf("no memory left: %d %s", res.StatusCode, p.Key)
	}
	if res := s.bank.post("/v1/inquiries", verifyLiving().String()); res.StatusCode != 200 {
		t.Errorf("a small question: %d %s", res.StatusCode, res.body)
	}
}

// Anonymous callers are counted by address, agencies are not.
func TestVisitorsAreCounted(t *testing.T) {
	s := newStack(t, func(c *Config) { c.Limits.PerMinute = 3 })
	code := object{"code": s.bankCode(t)}.String()
	for left := 2; left >= 0; left-- {
		res := s.nobody.post("/v1/codes/check", code)
		if want := fmt.Sprintf(`"address";r=%d;t=`, left); res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("RateLimit"), want) {
			t.Fatalf("%d %q, want %q", res.StatusCode, res.Header.Get("RateLimit"), want)
		}
	}
	res := s.nobody.post("/v1/receipts/check", "{}")
	if p := res.problem(t); res.StatusCode != 429 || p.Key != "api.visitor" || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", res.StatusCode, p.Key)
	}
	if res := s.bank.post("/v1/inquiries", verifyLiving().String()); res.StatusCode != 200 {
		t.Errorf("an agency: %d", res.StatusCode)
	}
	if res := s.nobody.do("GET", "/healthz", ""); res.StatusCode != 200 {
		t.Errorf("health: %d", res.StatusCode)
	}
}

// No more connections than allowed are open at a time.
func TestListenIsBounded(t *testing.T) {
	l := Listen(must(net.Listen("tcp", "127.0.0.1:0"))(t), 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	talk := func(c net.Conn) {
		_ = must(io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))(t)
		_ = must(c.Read(make([]byte, 1)))(t)
	}
	first := must(net.Dial("tcp", l.Addr().String()))(t)
	talk(first)
	second := must(net.Dial("tcp", l.Addr().String()))(t)
	defer func() { _ = second.Close() }()
	_ = must(io.WriteString(second, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))(t)
	_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("a second connection is served beside the first")
	}
	_ = first.Close()
	_ = second.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := second.Read(make([]byte, 1)); err != nil {
		t.Errorf("after the first one: %v", err)
	}
}
