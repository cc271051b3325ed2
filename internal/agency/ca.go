package agency

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/fault"
)

// The files of a CA within its directory.
const (
	keyFile  = "ca-key.pem" // mode 0600
	certFile = "ca.pem"     // public: clients of the API need it
)

// How long certificates live.
const (
	rootYears   = 10
	clientYears = 1
	serverYears = 1
	backdate    = 5 * time.Minute // the other side's clock may be behind
)

// CA is the registry's certificate authority: ECDSA P-256.
type CA struct {
	key  crypto.Signer
	cert *x509.Certificate
}

// NewCA makes an authority with this name in dir, which must not hold one.
func NewCA(dir, name string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.AddDate(rootYears, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := writeNew(filepath.Join(dir, keyFile), 0o600, "PRIVATE KEY", secret); err != nil {
		return nil, err
	}
	if err := writeNew(filepath.Join(dir, certFile), 0o644, "CERTIFICATE", der); err != nil {
		return nil, err
	}
	return LoadCA(dir)
}

// writeNew writes a PEM file durably; an existing one is never overwritten.
func writeNew(path string, mode os.FileMode, kind string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fault.New(fault.Conflict, "agency.ca.exists").Because(err)
		}
		return err
	}
	err = pem.Encode(f, &pem.Block{Type: kind, Bytes: data})
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// LoadCA reads an authority. A key that others may read is refused.
func LoadCA(dir string) (*CA, error) {
	path := filepath.Join(dir, keyFile)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "agency.ca.missing").Because(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Forbidden, "agency.ca.open")
	}
	secret, err := readPEM(path, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(secret)
	if err != nil {
		return nil, fault.New(fault.Invalid, "agency.ca.broken").Because(err)
	}
	der, err := readPEM(filepath.Join(dir, certFile), "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fault.New(fault.Invalid, "agency.ca.broken").Because(err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(cert.PublicKey) {
		return nil, fault.New(fault.Invalid, "agency.ca.broken")
	}
	return &CA{key: signer, cert: cert}, nil
}

func readPEM(path, kind string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "agency.ca.missing").Because(err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != kind {
		return nil, fault.New(fault.Invalid, "agency.ca.broken")
	}
	return block.Bytes, nil
}

// PEM is the CA's certificate, for clients.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
}

// Pool holds the CA's certificate, to verify others against.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// ServerCertificate makes a key and a certificate for a server with these host
// names and addresses. Both live in memory: each start makes new ones.
func (ca *CA) ServerCertificate(hosts []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: "Estelam"},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.AddDate(serverYears, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der, ca.cert.Raw}, PrivateKey: key, Leaf: leaf}, err
}

// sign makes an agency's client certificate from its request. Of the request
// only the key counts: subject and extensions are the registry's own. login
// names the officer of one that is bound to a person.
func (ca *CA) sign(a *Agency, login string, csr []byte, now time.Time) (*x509.Certificate, error) {
	request, err := parseRequest(csr)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject: pkix.Name{
			CommonName: cmp.Or(login, a.ID.String()), Organization: []string{a.Name}, SerialNumber: a.ID.String(),
		},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.AddDate(clientYears, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, request.PublicKey, ca.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// maxRequest is the largest request read, in bytes.
const maxRequest = 64 << 10

// parseRequest reads a request in PEM, checks that its maker holds the key,
// and that the key is strong enough.
func parseRequest(data []byte) (*x509.CertificateRequest, error) {
	if len(data) > maxRequest {
		return nil, fault.New(fault.TooLarge, "agency.request.form").At("request")
	}
	block, rest := pem.Decode(data)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 ||
		block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
		return nil, fault.New(fault.Invalid, "agency.request.form").At("request")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fault.New(fault.Invalid, "agency.request.form").At("request").Because(err)
	}
	if !strong(request.PublicKey) {
		return nil, fault.New(fault.Invalid, "agency.request.key").At("request")
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fault.New(fault.Invalid, "agency.request.signature").At("request").Because(err)
	}
	return request, nil
}

// strong: ECDSA on P-256 or P-384, Ed25519, RSA of 2048 to 8192 bits.
func strong(key any) bool {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256() || k.Curve == elliptic.P384()
	case ed25519.PublicKey:
		return true
	case *rsa.PublicKey:
		return k.N.BitLen() >= 2048 && k.N.BitLen() <= 8192 && k.E >= 65537
	}
	return false
}

// serial is a random number of 127 bits.
func serial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[0] &= 0x7f
	b[0] |= 0x40 // never zero, always the same length
	return new(big.Int).SetBytes(b[:])
}
