package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a server that runs as a process of its own, so that its processor
// time and memory are its own, apart from those of who asks.
type child struct {
	cmd     *exec.Cmd
	out     *bufio.Reader
	api     string
	pages   string
	private string
}

// startServer starts `estelam serve` on a country.
func startServer(ctx context.Context, dir string) (*child, error) {
	private, err := freeAddress()
	if err != nil {
		return nil, err
	}
	c, err := start(ctx, "serve", "--data", dir, "--api", "127.0.0.1:0", "--public", "127.0.0.1:0", "--private", private)
	if err != nil {
		return nil, err
	}
	c.private = private
	if c.api, err = c.said("api", "https://"); err == nil {
		c.pages, err = c.said("pages", "http://")
	}
	return c, c.orStop(err)
}

// startNull starts the yardstick with a certificate of the country's authority,
// made as the server makes its own.
func startNull(ctx context.Context, k *country, dir string) (*child, error) {
	cert, key := filepath.Join(dir, "null.crt"), filepath.Join(dir, "null.key")
	if err := serverFiles(k, cert, key); err != nil {
		return nil, err
	}
	c, err := start(ctx, "bench", "null", "--listen", "127.0.0.1:0", "--cert", cert, "--key", key, "--ca", filepath.Join(caDir(k.dir), "ca.pem"))
	if err != nil {
		return nil, err
	}
	c.api, err = c.said("listening on", "")
	return c, c.orStop(err)
}

func start(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &child{cmd: cmd, out: bufio.NewReader(out)}, cmd.Start()
}

// said reads the line that a server says first about an address.
func (c *child) said(what, scheme string) (string, error) {
	line, err := c.out.ReadString('\n')
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), what)
	if !ok {
		return "", fmt.Errorf("the server did not start: %q, %w", line, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return strings.TrimPrefix(strings.TrimSpace(rest), scheme), nil
}

func (c *child) orStop(err error) error {
	if err != nil {
		_ = c.stop()
	}
	return err
}

// stop ends the server as an operator would and reports how it went.
func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return c.cmd.Wait()
}

// tick is the unit of processor times in /proc, the same on every Linux.
const tick = 10 * time.Millisecond

// cpu is the processor time of the server so far, all threads, in user and
// kernel mode.
func (c *child) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(c.proc("stat"))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(stat), ") ") // the name before may hold blanks
	f := strings.Fields(rest)
	if !ok || len(f) < 13 {
		return 0, errors.New("/proc/…/stat has not its form")
	}
	user, err := strconv.ParseInt(f[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// memory is the server's anonymous memory in bytes: what it needs beyond the
// page cache.
func (c *child) memory() (int64, error) {
	status, err := os.ReadFile(c.proc("status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(v), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("/proc/…/status has no RssAnon")
}

func (c *child) proc(file string) string {
	return fmt.Sprintf("/proc/%d/%s", c.cmd.Process.Pid, file)
}

// batches reads from the server's metrics how many batches and entries its
// journal has written; zeros if it does not say.
func (c *child) batches(ctx context.Context) (batches, entries float64, err error) {
	body, err := c.get(ctx, "/metrics")
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(body)) {
		for name, to := range map[string]*float64{"estelam_journal_batches_total ": &batches, "estelam_journal_entries_total ": &entries} {
			if v, ok := strings.CutPrefix(line, name); ok {
				if *to, err = strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
					return 0, 0, err
				}
			}
		}
	}
	return batches, entries, nil
}

// profiled is a CPU profile, or why there is none.
type profiled struct {
	data []byte
	err  error
}

// profile takes a CPU profile of the server over the next d.
func (c *child) profile(ctx context.Context, d time.Duration) <-chan profiled {
	done := make(chan profiled, 1)
	go func() {
		body, err := c.get(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", max(1, int(d.Seconds()))))
		done <- profiled{body, err}
	}()
	return done
}

func (c *child) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.private+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// freeAddress is an address on which nobody listens at the moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// clientTLS is what the bank's program shows and whom it trusts.
func clientTLS(k *country) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(k.bank.cert, k.bank.key)
	if err != nil {
		return nil, err
	}
	pool, err := readPool(filepath.Join(caDir(k.dir), "ca.pem"))
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS13}, nil
}
