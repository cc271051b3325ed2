package api

import (
	"crypto"
	"crypto/x509"
	"errors"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/signature"
)

// signer is the verified signature of a request, and the officer whom its
// certificate is bound to, if to anybody.
type signer struct {
	*signature.Signed
	officer string
}

// errSigned is what is wrong with a signature, as callers are told.
var errSigned = map[error]*fault.Error{
	signature.ErrForm:   fault.New(fault.Unauthenticated, "api.signature.form"),
	signature.ErrCovers: fault.New(fault.Unauthenticated, "api.signature.covers"),
	signature.ErrDigest: fault.New(fault.Unauthenticated, "api.signature.digest"),
	signature.ErrKey:    fault.New(fault.Unauthenticated, "api.signature.key"),
	signature.ErrWrong:  fault.New(fault.Unauthenticated, "api.signature.wrong"),
}

// signed verifies the signature of a request; nil if it has none. One that is
// sent is always verified, whether a clause demands it or not: a caller whose
// signature is bad has a mistake to find, or is somebody else.
//
// The certificate must be live and the agency's own: that of the connection or
// another one. The signature is held against the clock and against the time of
// the log's newest entry, which never runs back (fresh).
func (a *API) signed(c *call) (*signer, error) {
	s, err := signature.Read(c.r, c.body)
	if s == nil && err == nil {
		return nil, nil
	}
	if err != nil {
		return nil, signatureFault(err)
	}
	if err := a.fresh(s); err != nil {
		return nil, err
	}
	of, officer, err := a.agencies.Bearer(s.Certificate)
	if err != nil || of.ID != c.agency.ID {
		return nil, fault.New(fault.Forbidden, "api.signature.certificate")
	}
	key, err := a.publicKey(c, s.Certificate)
	if err != nil {
		return nil, err
	}
	if err := s.Verify(key); err != nil {
		return nil, signatureFault(err)
	}
	by := &signer{Signed: s}
	if officer != nil {
		by.officer = officer.Login
	}
	return by, nil
}

// fresh refuses a signature that is not of these minutes (promise P16). Where the
// machine's clock has jumped back, what was signed before it did is stale all the
// same; and while the clock is far behind the log nobody can say what is fresh,
// so no signed request is taken until it has caught up.
func (a *API) fresh(s *signature.Signed) error {
	now, newest := a.clock(), a.journal.State().Time
	behind := newest.After(now.Add(signature.Age))
	if a.behind.Swap(behind) != behind && behind {
		a.log.Warn("the clock is behind the log: no signed request is taken", "behind", newest.Sub(now).String())
	}
	switch {
	case behind:
		return later{fault.New(fault.Unavailable, "api.signature.clock"), 60}
	case !s.FreshAt(now), s.Created.Before(newest.Add(-signature.Age)):
		return fault.New(fault.Unauthenticated, "api.signature.stale")
	}
	return nil
}

// publicKey is the key of a live certificate of the caller's agency: mostly that
// of the connection. Others are parsed once.
func (a *API) publicKey(c *call, fingerprint [32]byte) (crypto.PublicKey, error) {
	if fingerprint == c.conn.fingerprint {
		return c.r.TLS.PeerCertificates[0].PublicKey, nil
	}
	if key, ok := a.signers.Load(fingerprint); ok {
		return key, nil
	}
	for _, known := range a.agencies.Certificates(c.agency.ID) {
		if known.Fingerprint != fingerprint {
			continue
		}
		cert, err := x509.ParseCertificate(known.DER)
		if err != nil {
			return nil, fault.New(fault.Internal, "fault.internal").Because(err)
		}
		a.signers.Store(fingerprint, cert.PublicKey)
		return cert.PublicKey, nil
	}
	return nil, fault.New(fault.Forbidden, "api.signature.certificate")
}

func signatureFault(err error) error {
	for known, f := range errSigned {
		if errors.Is(err, known) {
			return f
		}
	}
	return err
}
