package feed

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/estelam/estelam/internal/fault"
)

// Caller calls webhooks. Agencies name the addresses, so a Caller is the way by
// which one of them could reach into the registry's own network: it speaks
// HTTPS to public addresses alone, and what counts is the address that it
// connects to, not what a name meant when it was registered.
type Caller struct {
	key    ed25519.PrivateKey
	allow  []netip.Prefix
	client *http.Client
}

const callTimeout = 10 * time.Second

// NewCaller makes a Caller that signs with a key. allow are networks that may be
// called though they are not public; roots are whom it trusts, nil: the system's.
func NewCaller(key ed25519.PrivateKey, allow []netip.Prefix, roots *x509.CertPool) *Caller {
	c := &Caller{key: key, allow: allow}
	dial := &net.Dialer{Timeout: callTimeout / 2, Control: c.control}
	c.client = &http.Client{
		Timeout: callTimeout,
		Transport: &http.Transport{
			DialContext:            dial.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: 16 << 10,
			MaxConnsPerHost:        2,
			DisableKeepAlives:      true, // an address is looked at anew for each call
			Proxy:                  nil,  // which would connect for us
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// PublicKey is what receivers check signatures with: the key's id and the key
// in base64.
func (c *Caller) PublicKey() (id, key string) {
	public := c.key.Public().(ed25519.PublicKey)
	return keyID(public), base64.StdEncoding.EncodeToString(public)
}

// special are the networks that are no public hosts, besides those that netip
// knows: shared, protocol, test, benchmark and reserved ones, and those that
// lead to IPv4 addresses in disguise (IANA's registries of special addresses).
var special = prefixesOf(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
	"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixesOf(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public reports whether an address may be called.
func (c *Caller) public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	in := func(p netip.Prefix) bool { return p.Contains(a) }
	if slices.ContainsFunc(c.allow, in) {
		return true
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special, in)
}

var errAddress = fault.New(fault.Invalid, "feed.webhook.address").At("url")

// control is asked before each connection, with the address it goes to.
func (c *Caller) control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !c.public(a.Addr()) {
		return errAddress
	}
	return nil
}

const maxURL = 500

// check refuses an address that cannot be called: not HTTPS, with a name and
// password, or of a host none of whose addresses, or not all, are public.
func (c *Caller) check(ctx context.Context, text string) error {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxURL || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return fault.New(fault.Invalid, "feed.webhook.url").At("url")
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout/2)
	defer cancel()
	all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil || len(all) == 0 {
		return fault.New(fault.Invalid, "feed.webhook.name").At("url").Because(err)
	}
	if slices.ContainsFunc(all, func(a netip.Addr) bool { return !c.public(a) }) {
		return errAddress
	}
	return nil
}

// call posts a body. Any answer but 2xx is a fault: its key says what went
// wrong, and nothing of what the other side said.
func (c *Caller) call(ctx context.Context, address, id string, body []byte, now time.Time) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fault.New(fault.Invalid, "feed.webhook.url").Because(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Estelam")
	if err := sign(r, body, id, now, c.key); err != nil {
		return err
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return failure(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, 4<<10)
	switch {
	case answer.StatusCode/100 == 2:
		return nil
	case answer.StatusCode == http.StatusGone:
		return errGone
	case answer.StatusCode/100 == 3:
		return fault.New(fault.Unavailable, "feed.webhook.redirect")
	}
	return fault.New(fault.Unavailable, "feed.webhook.refused")
}

// errGone: the receiver wants no more calls.
var errGone = fault.New(fault.Unavailable, "feed.webhook.gone")

// failure is what went wrong with the connection.
func failure(err error) error {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errAddress) || strings.Contains(err.Error(), errAddress.Key):
		return fault.New(fault.Unavailable, errAddress.Key)
	case errors.As(err, &certificate):
		return fault.New(fault.Unavailable, "feed.webhook.certificate").Because(err)
	}
	return fault.New(fault.Unavailable, "feed.webhook.connection").Because(err)
}
