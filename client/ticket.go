package client

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/receipt"
	"github.com/estelam/estelam/signature"
)

// Ticket is an outage ticket: the signed word of an agency that it wanted to ask
// and could not. It stands for the inquiry until that is made (circular of
// 1399/12/09), so that an outage is no reason to take a copy. It holds nothing
// by which the person could be found: what would be asked is a salted hash.
//
// The tickets of a certificate are a chain: each has the next number and the
// hash of the one before, so that none can be dropped unseen. docs/exceptions.md
// has the format byte by byte.
type Ticket struct {
	Agency      string   // legal id, 11 digits
	Certificate [32]byte // SHA-256 of the certificate (DER) whose key signs
	Number      int64    // 1, 2, 3 … of this certificate
	Before      [32]byte // hash of the ticket before; zero of the first
	Officer     string   // login of who wanted to ask
	Purpose     string
	Process     string // may be empty
	File        string // the agency's file number
	Service     string
	Asked       [32]byte  // Asking of the national number, of service place of the postal code
	Since       time.Time // when the first try to ask began, by the agency's clock
	Time        time.Time // when the ticket was issued
	Error       string    // one of TicketErrors

	Signature []byte // over Text
}

// Why a service could not be reached, as tickets say it.
const (
	Unreachable = "unreachable" // no connection
	TimedOut    = "timeout"     // no answer in time
	BrokenOff   = "broken"      // the connection ended within the answer
	Failing     = "failing"     // the service answered that it cannot answer (5xx)
)

// TicketErrors lists them.
var TicketErrors = []string{Unreachable, TimedOut, BrokenOff, Failing}

const (
	ticketFormat = "estelam-ticket/1"
	askedDomain  = "estelam-ticket-asked/1\n"
	ticketTime   = "2006-01-02T15:04:05.000000Z"
	maxTicket    = 8 << 10 // bytes of a file
	maxWord      = 200     // bytes of a text in it
)

// ErrTicket is a file that is no ticket, or one that is not spelt as tickets
// are; ErrTicketSignature one that the certificate's key did not sign.
var (
	ErrTicket          = errors.New("client: this is not an outage ticket")
	ErrTicketSignature = errors.New("client: the certificate's key did not sign this ticket")
)

// Asking is the hash under which a ticket keeps the number that would be asked.
func Asking(salt [32]byte, number string) [32]byte {
	return sha256.Sum256(append(append([]byte(askedDomain), salt[:]...), digits(number)...))
}

// body is the ticket's members as canonical JSON, in their fixed order.
func (t *Ticket) body() []byte {
	b := append([]byte(`{"agency":"`), t.Agency...)
	member := func(name, text string) {
		b = append(append(append(b, `,"`...), name...), `":`...)
		b = receipt.AppendString(b, text)
	}
	b = append(b, '"')
	member("certificate", hex.EncodeToString(t.Certificate[:]))
	b = strconv.AppendInt(append(b, `,"number":`...), t.Number, 10)
	member("before", hex.EncodeToString(t.Before[:]))
	member("officer", t.Officer)
	member("purpose", t.Purpose)
	if t.Process != "" {
		member("process", t.Process)
	}
	member("file", t.File)
	member("service", t.Service)
	member("asked", hex.EncodeToString(t.Asked[:]))
	member("since", t.Since.UTC().Format(ticketTime))
	member("time", t.Time.UTC().Format(ticketTime))
	member("error", t.Error)
	return append(b, '}')
}

// Text is what is signed: the format, a line feed, and the members.
func (t *Ticket) Text() string { return ticketFormat + "\n" + string(t.body()) }

// Hash names the ticket: SHA-256 of Text. The next one of the chain holds it.
func (t *Ticket) Hash() [32]byte { return sha256.Sum256([]byte(t.Text())) }

// Append appends the ticket's file: one line of canonical JSON, without a line
// feed.
func (t *Ticket) Append(b []byte) []byte {
	b = append(append(b, `{"format":"`+ticketFormat+`","ticket":`...), t.body()...)
	b = append(b, `,"signature":"`...)
	return append(base64.StdEncoding.AppendEncode(b, t.Signature), `"}`...)
}

// Sign signs the ticket with the certificate's key: Ed25519, ECDSA on P-256 or
// RSA.
func (t *Ticket) Sign(key crypto.Signer) (err error) {
	t.Signature, err = signature.Sign(key, t.Text())
	return err
}

// ticketMembers is the file as encoding/json reads it.
type ticketMembers struct {
	Agency, Certificate                      string
	Number                                   int64
	Before                                   string
	Officer, Purpose, Process                string
	File, Service, Asked, Since, Time, Error string
}

// ParseTicket reads a ticket's file. White space between its tokens does not
// count; everything else has one spelling. It does not look at the signature:
// Verify does.
func ParseTicket(file []byte) (*Ticket, error) {
	if len(file) > maxTicket || !utf8.Valid(file) {
		return nil, ErrTicket
	}
	compact, err := receipt.Compact(file)
	if err != nil {
		return nil, ErrTicket
	}
	var f struct {
		Format    string
		Ticket    ticketMembers
		Signature []byte
	}
	if err := json.Unmarshal(compact, &f); err != nil || f.Format != ticketFormat {
		return nil, ErrTicket
	}
	m := &f.Ticket
	t := &Ticket{
		Agency: m.Agency, Number: m.Number, Officer: m.Officer, Purpose: m.Purpose, Process: m.Process,
		File: m.File, Service: m.Service, Error: m.Error, Signature: f.Signature,
	}
	good := hash(&t.Certificate, m.Certificate) && hash(&t.Before, m.Before) && hash(&t.Asked, m.Asked) &&
		moment(&t.Since, m.Since) && moment(&t.Time, m.Time)
	if !good || !t.whole() || !bytes.Equal(t.Append(nil), compact) { // one spelling only
		return nil, ErrTicket
	}
	return t, nil
}

// whole reports whether every member says something that it can say.
func (t *Ticket) whole() bool {
	good := t.Number > 0 && (t.Number == 1) == (t.Before == [32]byte{}) && !t.Time.Before(t.Since)
	if len(t.Agency) != 11 || strings.Trim(t.Agency, "0123456789") != "" {
		return false
	}
	for _, s := range []string{t.Officer, t.Purpose, t.File, t.Service} {
		good = good && s != "" && len(s) <= maxWord
	}
	known := false
	for _, e := range TicketErrors {
		known = known || t.Error == e
	}
	return good && known && len(t.Process) <= maxWord
}

func hash(to *[32]byte, text string) bool {
	if len(text) != 64 {
		return false
	}
	_, err := hex.Decode(to[:], []byte(text))
	return err == nil
}

func moment(to *time.Time, text string) (ok bool) {
	t, err := time.Parse(ticketTime, text)
	*to = t
	return err == nil
}

// Verify checks, with nothing but the agency's certificate, that its key signed
// this ticket while the certificate was valid, and for the agency that it
// names. Whether the registry issued the certificate is for
// x509.Certificate.Verify.
func (t *Ticket) Verify(cert *x509.Certificate) error {
	switch {
	case sha256.Sum256(cert.Raw) != t.Certificate:
		return fmt.Errorf("%w: it names another certificate", ErrTicketSignature)
	case cert.Subject.SerialNumber != t.Agency:
		return fmt.Errorf("%w: the certificate is another agency's", ErrTicketSignature)
	case t.Time.Before(cert.NotBefore) || t.Time.After(cert.NotAfter):
		return fmt.Errorf("%w: the certificate was not valid then", ErrTicketSignature)
	case signature.Verify(cert.PublicKey, t.Text(), t.Signature) != nil:
		return ErrTicketSignature
	}
	return nil
}

// Follows reports whether t is the next ticket of the chain behind before.
func (t *Ticket) Follows(before *Ticket) bool {
	if before == nil {
		return t.Number == 1
	}
	return t.Certificate == before.Certificate && t.Number == before.Number+1 && t.Before == before.Hash() && !t.Time.Before(before.Time)
}

// Code is the provisional code that is written on the person's paper: a T and
// 16 digits, of which the last two are check digits (ISO 7064 MOD 97-10). It
// comes from the ticket's hash and can never pass for a tracking code.
func (t *Ticket) Code() string {
	sum := t.Hash()
	return provisional(binary.BigEndian.Uint64(sum[:]) % 1e14)
}

func provisional(n uint64) string {
	d := fmt.Sprintf("%014d%02d", n, 98-n%97*100%97)
	return "T-" + d[:4] + "-" + d[4:8] + "-" + d[8:12] + "-" + d[12:]
}

// ParseProvisional reads a provisional code as people type it: small letters,
// Persian digits, spaces and dashes anywhere. It returns the printed form.
func ParseProvisional(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 100 || s[0] != 'T' && s[0] != 't' {
		return "", false
	}
	d := digits(s)
	rest := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u200c' || digits(string(r)) != "" {
			return -1
		}
		return r
	}, s[1:])
	if rest != "" || len(d) != 16 {
		return "", false
	}
	n, err := strconv.ParseUint(d[:14], 10, 64)
	if err != nil {
		return "", false
	}
	code := provisional(n)
	return code, digits(code) == d
}
