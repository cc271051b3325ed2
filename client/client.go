// Package client asks an Estelam server, from Go.
//
// A client holds the agency's certificate and the public key of the server's
// log. Every answer is a receipt; it is verified against that key before it is
// returned, so an answer that the log does not hold never reaches the caller.
//
//	c, err := client.New(client.Config{
//		URL:      "https://estelam.example:8443",
//		CertFile: "agency.crt", KeyFile: "agency.key", CAFile: "registry-ca.crt",
//		LogKey:   "estelam.example/1405+1a2b3c4d+AQ…",
//	})
//	answer, err := c.Inquire(ctx, client.Question{
//		Officer: "a.nemuneh", Purpose: "account-opening", File: "1405-1001",
//		Service: "identity", Mode: "verify",
//		NationalNumber: "0010000003", BirthDate: "1370-01-01",
//		Claims: map[string]string{"surname": "…"},
//	}, client.Key("1405-1001/1"))
//
// With a Key a call happens at most once, however often it is sent, so it is
// tried again where the server is busy or the connection broke, at the pace
// that the server asks for. What the server refuses comes back as *Problem.
//
// A Client is safe for concurrent use and keeps its connections open: a new
// one costs the server as much as a dozen answers.
package client

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/signature"
)

// Config says where the server is, who asks, and whom to believe.
type Config struct {
	URL      string // of the agencies' listener, such as https://estelam.example:8443
	CertFile string // the agency's certificate, PEM; empty: anonymous calls only
	KeyFile  string // its private key, PEM
	CAFile   string // the registry's authority, PEM; empty: the system's roots

	// LogKey is the public key of the server's log, or several with white space
	// between, as `GET /log/keys` prints them; get them once, by a way you
	// trust. Without a key Unverified must be set: receipts are then returned
	// as they came.
	LogKey     string
	Unverified bool

	// Sign signs every POST with the certificate's key (RFC 9421), which
	// clauses of an agreement may demand. The signature holds for five minutes,
	// so the machine's clock must be right.
	Sign bool

	Timeout     time.Duration // of one try; 0: 30 s
	Tries       int           // of calls that may be repeated; 0: 6
	Connections int           // kept open; 0: 64
	English     bool          // problems in English; else in Persian
}

// Client asks one server.
type Client struct {
	base    string
	http    *http.Client
	keys    []note.Verifier
	verify  bool
	signer  *signature.Signer // nil: requests are not signed
	tries   int
	english bool
}

// New makes a client. It connects at the first call.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("client: URL is no http(s) address")
	}
	keys, err := verifiers(strings.Fields(c.LogKey))
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 && !c.Unverified {
		return nil, errors.New("client: LogKey is needed to verify receipts; set Unverified to go without")
	}
	conf, err := tlsConfig(c)
	if err != nil {
		return nil, err
	}
	signer, err := signerOf(c, conf)
	if err != nil {
		return nil, err
	}
	connections := orElse(c.Connections, 64)
	return &Client{
		base: strings.TrimSuffix(c.URL, "/"),
		http: &http.Client{
			Timeout: orElse(c.Timeout, 30*time.Second),
			Transport: &http.Transport{
				Proxy:                 http.ProxyFromEnvironment,
				DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
				TLSClientConfig:       conf,
				TLSHandshakeTimeout:   10 * time.Second,
				MaxIdleConns:          connections,
				MaxIdleConnsPerHost:   connections,
				IdleConnTimeout:       90 * time.Second,
				ResponseHeaderTimeout: orElse(c.Timeout, 30*time.Second),
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		keys: keys, verify: !c.Unverified, signer: signer, tries: orElse(c.Tries, 6), english: c.English,
	}, nil
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func verifiers(vkeys []string) (list []note.Verifier, err error) {
	for _, k := range vkeys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, fmt.Errorf("client: log key: %w", err)
		}
		list = append(list, v)
	}
	return list, nil
}

func tlsConfig(c Config) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS13, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("client: authority: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("client: CAFile holds no certificate")
		}
	}
	if c.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("client: certificate: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, nil
}

// signerOf signs with the key of the agency's certificate; nil if nothing is to
// be signed.
func signerOf(c Config, conf *tls.Config) (*signature.Signer, error) {
	if !c.Sign {
		return nil, nil
	}
	if len(conf.Certificates) == 0 {
		return nil, errors.New("client: Sign needs CertFile and KeyFile")
	}
	pair := &conf.Certificates[0]
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("client: this key cannot sign")
	}
	signer, err := signature.ForCertificate(pair.Certificate[0], key)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return signer, nil
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Option changes one call.
type Option func(*request)

// Key is the call's Idempotency-Key: 1 to 128 visible ASCII characters, unique
// to what is asked. The same key with the same question gives the same tracking
// code and the same receipt; with another question it is an error.
func Key(key string) Option { return func(r *request) { r.key = key } }

// request is one call on its way.
type request struct {
	method, path string
	body         []byte
	key          string
	repeatable   bool         // it changes nothing, so it may be sent again without a key
	head         *http.Header // where the header of the answer goes, if it is wanted
}

// call sends a request and returns the body of a 200. It is tried again where
// that can do no harm.
func (c *Client) call(ctx context.Context, r request) ([]byte, error) {
	again := r.repeatable || r.key != ""
	for try := 1; ; try++ {
		body, wait, err := c.once(ctx, &r)
		if err == nil || !again || wait < 0 || try >= c.tries {
			return body, err
		}
		// Between half and one and a half times what was asked for, so that
		// callers that were refused together do not come back together.
		wait += time.Duration(rand.Int64N(int64(wait)+1)) - wait/2
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, errors.Join(ctx.Err(), err)
		}
	}
}

// maxAnswer bounds what is read of an answer: 16 MiB, as receipt.MaxSize.
const maxAnswer = 16 << 20

// maxDocument bounds an answer to an officer, which may be a print batch.
const maxDocument = 256 << 20

// once sends a request once. wait is how long to wait before it may be sent
// again, or negative where another try is pointless.
func (c *Client) once(ctx context.Context, r *request) (body []byte, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, -1, err
	}
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header["Idempotency-Key"] = []string{r.key}
	}
	if c.signer != nil && r.method == http.MethodPost { // each try anew: a signature grows stale
		if err := c.signer.Sign(req, r.body, time.Now()); err != nil {
			return nil, -1, fmt.Errorf("client: %w", err)
		}
	}
	if c.english {
		req.Header.Set("Accept-Language", "en")
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, -1, err
		}
		return nil, 200 * time.Millisecond, fmt.Errorf("client: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	most := maxAnswer
	if r.head != nil {
		most = maxDocument
	}
	body, err = io.ReadAll(io.LimitReader(res.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, 200 * time.Millisecond, fmt.Errorf("client: %w", err)
	case len(body) > most:
		return nil, -1, errors.New("client: the answer is too large")
	case res.StatusCode == http.StatusOK:
		if r.head != nil {
			*r.head = res.Header
		}
		return body, 0, nil
	}
	p := newProblem(res, body)
	if !p.Temporary() {
		return nil, -1, p
	}
	return nil, p.RetryAfter, p
}

// Problem is what the server says instead of an answer (RFC 9457). Nothing
// happened. It holds nothing of what was sent.
type Problem struct {
	Type   string `json:"type"`   // stable address of the explanation
	Title  string `json:"title"`  // the kind, in the language asked for
	Status int    `json:"status"` // of HTTP
	Detail string `json:"detail"` // the message, in the language asked for
	Kind   string `json:"kind"`   // malformed, invalid, too-many …
	Key    string `json:"key"`    // stable name, such as ids.number.check
	Fa     string `json:"fa"`     // the message in Persian
	En     string `json:"en"`     // the message in English
	ID     string `json:"id"`     // for support; internal errors only
	Errors []struct {
		Field string `json:"field"` // JSON pointer
		Key   string `json:"key"`
		Fa    string `json:"fa"`
		En    string `json:"en"`
	} `json:"errors"`

	RetryAfter time.Duration `json:"-"` // of Temporary problems
}

func newProblem(res *http.Response, body []byte) *Problem {
	p := &Problem{}
	if json.Unmarshal(body, p) != nil || p.Status != res.StatusCode {
		*p = Problem{Status: res.StatusCode, Title: http.StatusText(res.StatusCode), Kind: "unknown"}
	}
	p.RetryAfter = time.Second
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		p.RetryAfter = time.Duration(min(s, 3600)) * time.Second
	}
	return p
}

// Temporary reports whether the same call may succeed after RetryAfter.
func (p *Problem) Temporary() bool {
	return p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable
}

// Error is the problem in English, with every wrong field.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", p.Status, p.Kind)
	if p.Key != "" {
		fmt.Fprintf(&b, " %s", p.Key)
	}
	if len(p.Errors) == 0 && p.En != "" { // the first of the errors says it again
		fmt.Fprintf(&b, ": %s", p.En)
	}
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "; %s: %s", e.Field, e.En)
	}
	if p.ID != "" {
		fmt.Fprintf(&b, " (id %s)", p.ID)
	}
	return b.String()
}
