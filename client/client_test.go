package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/estelam/estelam/client"
)

// The answers of a whole server are tested in internal/api; here stands what
// the client does when a server is busy, breaks off, or talks nonsense.

// server answers each try with the next of its answers.
func server(t *testing.T, answers ...http.HandlerFunc) (*client.Client, *atomic.Int64) {
	t.Helper()
	var tries atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(tries.Add(1))
		answers[min(n, len(answers))-1](w, r)
	}))
	t.Cleanup(s.Close)
	c, err := client.New(client.Config{URL: s.URL, Unverified: true, Tries: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, &tries
}

func busy(status int, after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"type":"/problems/api.busy","status":%d,"kind":"unavailable","key":"api.busy","en":"busy","fa":"-"}`, status)
	}
}

func genuine(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"genuine":true }`)) }

func torn(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestTriesAgain(t *testing.T) {
	for name, first := range map[string]http.HandlerFunc{"503": busy(503, "1"), "429": busy(429, "1"), "torn": torn} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, tries := server(t, first, genuine)
			ok, err := c.CheckCode(t.Context(), "1")
			if err != nil || !ok || tries.Load() != 2 {
				t.Errorf("%v, %v after %d tries", ok, err, tries.Load())
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	t.Parallel()
	c, tries := server(t, busy(503, "1"))
	_, err := c.CheckCode(t.Context(), "1")
	var p *client.Problem
	if !errors.As(err, &p) || p.Key != "api.busy" || p.RetryAfter != time.Second || tries.Load() != 3 {
		t.Errorf("%v after %d tries", err, tries.Load())
	}
}

// An inquiry without a key is sent once: twice could be two inquiries.
func TestWithoutKeyOnce(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{"busy": busy(503, "1"), "torn": torn} {
		c, tries := server(t, h)
		if _, err := c.Inquire(t.Context(), client.Question{}); err == nil || tries.Load() != 1 {
			t.Errorf("%s: %v after %d tries", name, err, tries.Load())
		}
	}
}

func TestWithKeyAgain(t *testing.T) {
	var keys [2]string
	note := func(i int, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			keys[i] = r.Header.Get("Idempotency-Key")
			h(w, r)
		}
	}
	c, tries := server(t, note(0, torn), note(1, busy(422, "")))
	_, err := c.Inquire(t.Context(), client.Question{}, client.Key("k-1"))
	if err == nil || tries.Load() != 2 || keys != [2]string{"k-1", "k-1"} {
		t.Errorf("%v after %d tries with %q", err, tries.Load(), keys)
	}
}

// A long wait ends with the caller's context.
func TestContextEndsWaiting(t *testing.T) {
	c, tries := server(t, busy(503, "3600"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for tries.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := c.CheckCode(ctx, "1"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNonsense(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"no receipt": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) },
		"redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"page":       func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) },
	} {
		c, tries := server(t, h)
		if _, err := c.Inquire(t.Context(), client.Question{}, client.Key("k")); err == nil || tries.Load() != 1 {
			t.Errorf("%s: %v after %d tries", name, err, tries.Load())
		}
		if _, err := c.Batch(t.Context(), client.Batch{}, client.Key("k")); err == nil {
			t.Errorf("%s: a batch without an error", name)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []client.Config{
		{},
		{URL: "estelam.example", Unverified: true},
		{URL: "ftp://estelam.example", Unverified: true},
		{URL: "https://estelam.example"},
		{URL: "https://estelam.example", LogKey: "nonsense"},
		{URL: "https://estelam.example", Unverified: true, CAFile: "/nonexistent"},
		{URL: "https://estelam.example", Unverified: true, CertFile: "/nonexistent"},
	} {
		if _, err := client.New(c); err == nil || !strings.HasPrefix(err.Error(), "client: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
