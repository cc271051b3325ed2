package account

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Codes of an authenticator as RFC 6238 has them, with what every authenticator
// can do: SHA-1, six digits, steps of 30 seconds.
const (
	stepSeconds = 30
	digits      = 6
	secretBytes = 20 // as long as SHA-1's output, RFC 4226 section 4
	around      = 1  // steps before and after that count as well: clocks differ
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

func stepAt(t time.Time) int64 { return t.Unix() / stepSeconds }

// codeAt is the number that an authenticator shows in a step, of 10 to the power
// of n: RFC 4226 section 5.3.
func codeAt(secret []byte, step int64, n int) uint32 {
	m := hmac.New(sha1.New, secret)
	_ = binary.Write(m, binary.BigEndian, step) // a hash takes everything
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 15
	code := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	most := uint32(1)
	for range n {
		most *= 10
	}
	return code % most
}

// matchingStep is the step around now whose code this is; 0: none. It looks at
// all of them, whichever fits.
func matchingStep(secret []byte, code uint32, now time.Time) (found int64) {
	for step := stepAt(now) - around; step <= stepAt(now)+around; step++ {
		if codeAt(secret, step, digits) == code {
			found = step
		}
	}
	return found
}

// Authenticator is what an authenticator must be told: as an address that is
// shown as a QR code, and as text for typing.
type Authenticator struct {
	URI    string
	Secret string // base32 in groups of four
	Offer  string // to be handed back with the first code; opens for this officer alone
}

// otpauth is the address that authenticators read.
func otpauth(site, name string, secret []byte) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + site + ":" + name}
	u.RawQuery = "secret=" + base32Text.EncodeToString(secret) + "&issuer=" + url.QueryEscape(site) + "&algorithm=SHA1&digits=6&period=30"
	return u.String()
}

func inFours(text string) string {
	var b strings.Builder
	for i, r := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ShownCode is what an authenticator shows that was told this secret, as text.
// The service never needs it; who tries the service does.
func ShownCode(secret string, at time.Time) string {
	raw, err := base32Text.DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		return ""
	}
	code := strconv.Itoa(int(codeAt(raw, stepAt(at), digits)))
	return strings.Repeat("0", digits-len(code)) + code
}
