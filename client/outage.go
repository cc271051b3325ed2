package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
)

// Outage says whether an error of a call means that the service cannot be
// reached, for which a ticket may be issued, and why. A refusal, a mistake in
// the question, too many questions, a certificate that is not trusted, and a
// caller who gave up are no outage.
func Outage(err error) (why string, ok bool) {
	var p *Problem
	if errors.As(err, &p) {
		switch p.Status {
		case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return Failing, true
		}
		return "", false
	}
	var trust *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	var broken *net.OpError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.As(err, &trust):
		return "", false
	case errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut, true
	case errors.As(err, &broken) && broken.Op == "dial":
		return Unreachable, true
	case errors.As(err, &broken) && (broken.Op == "read" || broken.Op == "write"), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return BrokenOff, true
	}
	return "", false // an alert of TLS, say: the server speaks, and refuses our certificate
}
