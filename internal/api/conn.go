package api

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
)

// conn is what the door knows about one connection. The certificate's chain is
// verified once per connection; whether the register still honours it is asked
// at each request, so that a revocation stops open connections too.
type conn struct {
	from netip.Addr

	once        sync.Once
	failure     error // why there is no usable certificate
	until       time.Time
	fingerprint [32]byte
	requests    atomic.Pointer[prometheus.Counter]
}

type connKey struct{}

func newConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, &conn{from: remote(c.RemoteAddr().String())})
}

// connOf finds the connection's state. Without ConnContext (a handler called
// by another server) the state lives for one request.
func connOf(r *http.Request) *conn {
	if c, ok := r.Context().Value(connKey{}).(*conn); ok {
		return c
	}
	return &conn{from: remote(r.RemoteAddr)}
}

// caller is who is behind a request, by the certificate of its connection: an
// agency, and the officer if the certificate is bound to one.
func (a *API) caller(c *conn, state *tls.ConnectionState) (*agency.Agency, *agency.Officer, error) {
	now := a.clock()
	c.once.Do(func() { c.failure = a.verify(c, state, now) })
	if c.failure != nil {
		return nil, nil, c.failure
	}
	if now.After(c.until) {
		return nil, nil, fault.New(fault.Unauthenticated, "api.certificate.expired")
	}
	who, officer, err := a.agencies.Bearer(c.fingerprint)
	if err != nil {
		return nil, nil, err
	}
	c.count(who, a.meter)
	return who, officer, nil
}

// count counts a request of the agency; the counter is looked up once per
// connection, for a certificate belongs to one agency for ever.
func (c *conn) count(who *agency.Agency, m *meter) {
	n := c.requests.Load()
	if n == nil {
		made := m.agencies.WithLabelValues(who.ID.String())
		n = &made
		c.requests.Store(n)
	}
	(*n).Inc()
}

// verify checks the chain of the certificate that the client proved to hold.
// The handshake itself lets every certificate pass, so that the caller gets a
// problem to read instead of a TLS alert.
func (a *API) verify(c *conn, state *tls.ConnectionState, now time.Time) error {
	if state == nil || len(state.PeerCertificates) == 0 {
		return fault.New(fault.Unauthenticated, "api.certificate.none")
	}
	leaf := state.PeerCertificates[0]
	between := x509.NewCertPool()
	for _, cert := range state.PeerCertificates[1:] {
		between.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots:         a.roots,
		Intermediates: between,
		CurrentTime:   now,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fault.New(fault.Unauthenticated, "api.certificate.expired").Because(err)
	case errors.As(err, &unknown):
		return fault.New(fault.Unauthenticated, "api.certificate.unknown").Because(err)
	default:
		return fault.New(fault.Unauthenticated, "api.certificate.invalid").Because(err)
	}
	c.fingerprint = sha256.Sum256(leaf.Raw)
	c.until = leaf.NotAfter
	return nil
}

// TLS is the configuration of the agencies' listener: TLS 1.3, and any client
// certificate or none is let through to the door, which answers for itself.
// The registry's authority is named, so that a client with several
// certificates picks the right one.
func (a *API) TLS(server tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{server},
		ClientAuth:   tls.RequestClientCert,
		ClientCAs:    a.roots,
		NextProtos:   []string{"h2", "http/1.1"},

		DynamicRecordSizingDisabled: true, // an answer is one record, one write
	}
}

// Server is an http.Server with all of the door's limits set. It serves what
// the caller gives it: Agencies(), or Public() among the console's pages.
func (a *API) Server(h http.Handler) *http.Server {
	l := a.limits
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: l.ReadHeader,
		ReadTimeout:       l.Read,
		WriteTimeout:      l.Write,
		IdleTimeout:       l.Idle,
		MaxHeaderBytes:    l.Header,
		ConnContext:       newConn,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), // it names client addresses
	}
}

// Listen wraps a listener so that no more than limit connections are open at a
// time; further ones wait in the kernel's queue. A limit of 0 means none.
func Listen(l net.Listener, limit int) net.Listener {
	if limit <= 0 {
		return l
	}
	return &bounded{Listener: l, room: make(chan struct{}, limit), closed: make(chan struct{})}
}

type bounded struct {
	net.Listener
	room   chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.room <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.room
		return nil, err
	}
	return &boundedConn{Conn: c, room: b.room}, nil
}

func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

type boundedConn struct {
	net.Conn
	once sync.Once
	room chan struct{}
}

func (c *boundedConn) Close() error {
	c.once.Do(func() { <-c.room })
	return c.Conn.Close()
}
