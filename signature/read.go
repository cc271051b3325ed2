package signature

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// Signed is what a request's signature says. The digest has been held against
// the body; Verify, the time and the certificate are still to be judged.
type Signed struct {
	Certificate [sha256.Size]byte // SHA-256 of the certificate that the keyid names
	Digest      [sha256.Size]byte // of the body
	Created     time.Time
	Expires     time.Time // zero: not said
	Base        string    // what was signed, to the byte (RFC 9421, section 2.5)
	Value       []byte    // the signature

	alg string // "": not said
}

// taken lists the components that a signature may cover. Others are refused:
// what was signed is kept, and nothing else of a request's headers should be.
var taken = []string{
	"@method", "@target-uri", "@path", "@query", "@authority", "@scheme",
	"content-digest", "content-type", "content-length", "idempotency-key",
}

// Read reads the signature of a request with this body; nil if it has none.
// Errors are those of this package.
func Read(r *http.Request, body []byte) (*Signed, error) {
	input, value := r.Header["Signature-Input"], r.Header["Signature"]
	if len(input) == 0 && len(value) == 0 {
		return nil, nil
	}
	inputs, err := one(input, 2048)
	if err != nil {
		return nil, err
	}
	values, err := one(value, 2048)
	if err != nil {
		return nil, err
	}
	label := inputs.Names()[0]
	signed, ok := values.Get(label)
	if !ok {
		return nil, ErrForm
	}
	params, _ := inputs.Get(label)
	list, isList := params.(httpsfv.InnerList)
	item, isItem := signed.(httpsfv.Item)
	if !isList || !isItem {
		return nil, ErrForm
	}
	s := &Signed{}
	if s.Value, ok = item.Value.([]byte); !ok {
		return nil, ErrForm
	}
	if err := s.params(list.Params); err != nil {
		return nil, err
	}
	cover, err := covered(list.Items)
	if err != nil {
		return nil, err
	}
	if s.Digest, err = digest(r.Header["Content-Digest"], body); err != nil {
		return nil, err
	}
	text, err := httpsfv.Marshal(httpsfv.List{list})
	if err != nil {
		return nil, ErrForm
	}
	s.Base, err = base(r, cover, text)
	return s, err
}

// one reads a dictionary that has one member: two signatures on one request
// would leave open which of them counts.
func one(lines []string, most int) (*httpsfv.Dictionary, error) {
	if len(lines) != 1 || len(lines[0]) > most {
		return nil, ErrForm
	}
	d, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil || len(d.Names()) != 1 {
		return nil, ErrForm
	}
	return d, nil
}

// params reads created, expires, keyid and alg. Others, such as nonce and tag,
// are signed along and mean nothing here.
func (s *Signed) params(p *httpsfv.Params) error {
	created, ok := p.Get("created")
	seconds, isInt := created.(int64)
	if !ok || !isInt {
		return ErrForm
	}
	s.Created = time.Unix(seconds, 0)
	if expires, ok := p.Get("expires"); ok {
		if seconds, isInt = expires.(int64); !isInt {
			return ErrForm
		}
		s.Expires = time.Unix(seconds, 0)
	}
	if alg, ok := p.Get("alg"); ok {
		if s.alg, ok = alg.(string); !ok {
			return ErrForm
		}
	}
	id, _ := p.Get("keyid")
	text, _ := id.(string)
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != sha256.Size || strings.ToLower(text) != text {
		return ErrKey
	}
	s.Certificate = [sha256.Size]byte(sum)
	return nil
}

// covered reads the components, which have no parameters and stand once.
func covered(items []httpsfv.Item) (names []string, err error) {
	for _, item := range items {
		name, ok := item.Value.(string)
		if !ok || len(item.Params.Names()) > 0 || slices.Contains(names, name) || !slices.Contains(taken, name) {
			return nil, ErrCovers
		}
		names = append(names, name)
	}
	if !slices.Contains(names, "@method") || !slices.Contains(names, "content-digest") ||
		!slices.Contains(names, "@target-uri") && !slices.Contains(names, "@path") {
		return nil, ErrCovers
	}
	return names, nil
}

// digest holds Content-Digest against the body. Digests of other algorithms may
// stand beside it.
func digest(lines []string, body []byte) (sum [sha256.Size]byte, err error) {
	sum = sha256.Sum256(body)
	if len(lines) != 1 || len(lines[0]) > 512 {
		return sum, ErrDigest
	}
	d, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil {
		return sum, ErrDigest
	}
	member, _ := d.Get("sha-256")
	item, _ := member.(httpsfv.Item)
	value, _ := item.Value.([]byte)
	if !bytes.Equal(value, sum[:]) {
		return sum, ErrDigest
	}
	return sum, nil
}

// Verify holds the signature against the key of the certificate that it names.
func (s *Signed) Verify(key crypto.PublicKey) error {
	if alg, err := algorithm(key); err != nil || s.alg != "" && s.alg != alg {
		return ErrKey
	}
	return Verify(key, s.Base, s.Value)
}

// Age is how old a signature may be, and how far ahead the signer's clock.
const Age = 5 * time.Minute

// FreshAt reports whether the signature was made around this moment.
func (s *Signed) FreshAt(now time.Time) bool {
	return !s.Created.Before(now.Add(-Age)) && !s.Created.After(now.Add(Age)) && (s.Expires.IsZero() || !now.After(s.Expires))
}
