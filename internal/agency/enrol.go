package agency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Enroll signs a client certificate for an agency from its request (PEM) and
// registers it: for the agency's program, or bound to the officer with this
// login. Faults: agency.unknown, agency.suspended, agency.officer.unknown,
// agency.officer.ended, agency.request.form, .key, .signature, .used.
func (b *Book) Enroll(ctx context.Context, j *journal.Journal, actor journal.Actor, ca *CA, id ids.LegalID, login string, csr []byte) (certPEM []byte, err error) {
	certPEM, _, err = b.enroll(ctx, j, actor, ca, id, login, csr)
	return certPEM, err
}

func (b *Book) enroll(ctx context.Context, j *journal.Journal, actor journal.Actor, ca *CA, id ids.LegalID, login string, csr []byte) (certPEM []byte, p journal.Proven, err error) {
	a, err := b.enrollable(ctx, id, login)
	if err != nil {
		return nil, p, err
	}
	cert, err := b.sign(ca, a, login, csr)
	if err != nil {
		return nil, p, err
	}
	act := register.Act{Kind: receipt.CertificateChange, Actor: actor, Why: "enrolment", Agency: id}
	p, err = b.do(ctx, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		return insertCertificate(tx, id, login, cert)
	})
	if err != nil {
		return nil, p, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), p, nil
}

// enrollable finds an agency that may have a certificate for this officer.
func (b *Book) enrollable(ctx context.Context, id ids.LegalID, login string) (*Agency, error) {
	if err := b.all.Reload(ctx); err != nil {
		return nil, err
	}
	a, err := b.ByID(id)
	if err != nil {
		return nil, err
	}
	if a.State != Active {
		return nil, errSuspended
	}
	if login != "" {
		o, err := b.Officer(id, login)
		if err != nil {
			return nil, err
		}
		if !o.ActiveAt(b.clock()) {
			return nil, errEnded
		}
	}
	return a, nil
}

// RevokeCertificate ends a certificate at once. Faults:
// agency.certificate.unknown if there is none, agency.certificate.revoked if
// it has ended so before.
func (b *Book) RevokeCertificate(ctx context.Context, j *journal.Journal, actor journal.Actor, fingerprint [32]byte, why string) (journal.Proven, error) {
	c := b.all.Get().certificates[fingerprint]
	if c == nil {
		if err := b.all.Reload(ctx); err != nil {
			return journal.Proven{}, err
		}
		if c = b.all.Get().certificates[fingerprint]; c == nil {
			return journal.Proven{}, fault.New(fault.NotFound, "agency.certificate.unknown")
		}
	}
	act := register.Act{Kind: receipt.CertificateChange, Actor: actor, Why: why, Agency: c.Agency}
	return b.do(ctx, j, act, func(tx *store.Tx, change *register.Change) ([]byte, error) {
		n, err := tx.Exec(certificateRevoke, change.Micros(), fingerprint[:])
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "agency.certificate.revoked")
		}
		return certificateBody(c.Agency, c.Officer, fingerprint, "revoked"), err
	})
}

func certificateBody(id ids.LegalID, login string, fingerprint [32]byte, state string) []byte {
	b := append([]byte(`"agency":"`), id.String()...)
	if login != "" {
		b = append(append(b, `","officer":"`...), login...)
	}
	b = append(append(b, `","certificate":"`...), hex.EncodeToString(fingerprint[:])...)
	return append(append(append(b, `","state":"`...), state...), '"')
}

// sign makes the certificate. A key that has been certified before, for whom
// ever, is refused: two persons are two keys.
func (b *Book) sign(ca *CA, a *Agency, login string, csr []byte) (*x509.Certificate, error) {
	cert, err := ca.sign(a, login, csr, b.clock())
	if err != nil {
		return nil, err
	}
	for _, c := range b.all.Get().certificates {
		if bytes.Contains(c.DER, cert.RawSubjectPublicKeyInfo) {
			return nil, fault.New(fault.Conflict, "agency.request.used").At("request")
		}
	}
	return cert, nil
}

func insertCertificate(tx *store.Tx, id ids.LegalID, login string, cert *x509.Certificate) ([]byte, error) {
	fingerprint := sha256.Sum256(cert.Raw)
	_, err := tx.Exec(certificateInsert, fingerprint[:], int64(id), login, cert.NotBefore.UnixMicro(), cert.NotAfter.UnixMicro(), cert.Raw)
	return certificateBody(id, login, fingerprint, "signed"), err
}
