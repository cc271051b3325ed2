// Package ids holds the field's numbers as types: the national number of a
// person, the id of a legal person, the postal code of a place, the numbers of
// a Shenasnameh, and the tracking code of an entry in the journal.
//
// Each is parsed once, at the door; after that a malformed one cannot exist.
// They are stored as integers where they fit, and are text towards programs,
// because leading zeros belong to them.
package ids

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// NationalNumber (shomare-ye melli) is ten digits. Only parsing and reading a
// stored row make one; 0 is nobody.
type NationalNumber int64

// ParseNationalNumber reads exactly ten digits, Persian, Arabic or ASCII, also
// in the printed form 001-234567-9. Faults: ids.number.length, digits, check,
// same.
func ParseNationalNumber(s string) (NationalNumber, error) {
	n, width, ok := number(s, 3, 9)
	switch {
	case !ok:
		return 0, invalid("ids.number.digits")
	case width != 10:
		return 0, invalid("ids.number.length")
	}
	return checked(n)
}

// RestoreNationalNumber also takes 8 and 9 digits, whose leading zeros a
// spreadsheet has eaten, and says that it padded. For file import only: the
// row's report must say so too.
func RestoreNationalNumber(s string) (n NationalNumber, padded bool, err error) {
	v, width, ok := number(s, 3, 9)
	if ok && (width == 8 || width == 9) {
		n, err = checked(v)
		return n, true, err
	}
	n, err = ParseNationalNumber(s)
	return n, false, err
}

func checked(n int64) (NationalNumber, error) {
	switch {
	case n%1111111111 == 0: // passes the check digit, and is nobody's
		return 0, invalid("ids.number.same")
	case CheckDigit(n/10) != n%10:
		return 0, invalid("ids.number.check")
	}
	return NationalNumber(n), nil
}

// CheckDigit is the tenth digit of a national number with these first nine.
// It is weak: 1.57 % of single-digit errors pass, so a number never identifies
// without a second key.
func CheckDigit(first9 int64) int64 {
	sum := int64(0)
	for weight := int64(2); weight <= 10; weight++ {
		sum += first9 % 10 * weight
		first9 /= 10
	}
	r := sum % 11
	if r >= 2 {
		return 11 - r
	}
	return r
}

// String is the ten digits.
func (n NationalNumber) String() string { return decimal(int64(n), 10) }

// Persian is the ten digits for people.
func (n NationalNumber) Persian() string { return persian.Digits(n.String()) }

// AppendTo appends the ten digits.
func (n NationalNumber) AppendTo(b []byte) []byte { return appendDecimal(b, uint64(n), 10) }

// MarshalText is String.
func (n NationalNumber) MarshalText() ([]byte, error) { return n.AppendTo(nil), nil }

// UnmarshalText is ParseNationalNumber.
func (n *NationalNumber) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNationalNumber(string(b))
	return err
}

// LegalID (shenase-ye melli) is the eleven digits of a legal person; agencies
// are known by it. 0 is nobody.
type LegalID int64

// ParseLegalID reads exactly eleven digits. Faults: ids.legal.length, digits,
// check, same.
func ParseLegalID(s string) (LegalID, error) {
	n, width, ok := number(s)
	switch {
	case !ok:
		return 0, invalid("ids.legal.digits")
	case width != 11:
		return 0, invalid("ids.legal.length")
	case n%11111111111 == 0:
		return 0, invalid("ids.legal.same")
	case LegalCheckDigit(n/10) != n%10:
		return 0, invalid("ids.legal.check")
	}
	return LegalID(n), nil
}

// LegalCheckDigit is the eleventh digit of a legal id with these first ten.
func LegalCheckDigit(first10 int64) int64 {
	weights := [...]int64{17, 19, 23, 27, 29} // from the right
	base := first10%10 + 2
	sum := int64(0)
	for i := range 10 {
		sum += (first10%10 + base) * weights[i%5]
		first10 /= 10
	}
	return sum % 11 % 10
}

// String is the eleven digits.
func (n LegalID) String() string { return decimal(int64(n), 11) }

// Persian is the eleven digits for people.
func (n LegalID) Persian() string { return persian.Digits(n.String()) }

// AppendTo appends the eleven digits.
func (n LegalID) AppendTo(b []byte) []byte { return appendDecimal(b, uint64(n), 11) }

// MarshalText is String.
func (n LegalID) MarshalText() ([]byte, error) { return n.AppendTo(nil), nil }

// UnmarshalText is ParseLegalID.
func (n *LegalID) UnmarshalText(b []byte) (err error) {
	*n, err = ParseLegalID(string(b))
	return err
}

// PostalCode is the ten digits of a place: a dwelling or unit. 0 is no place.
type PostalCode int64

// ParsePostalCode reads exactly ten digits, also as 12345-67890. The only hard
// rule is that neither 0 nor 2 stands in the first five. Faults:
// ids.postal.length, digits, area.
func ParsePostalCode(s string) (PostalCode, error) {
	n, width, ok := number(s, 5)
	switch {
	case !ok:
		return 0, invalid("ids.postal.digits")
	case width != 10:
		return 0, invalid("ids.postal.length")
	}
	for area, i := n/100000, 0; i < 5; area, i = area/10, i+1 {
		if d := area % 10; d == 0 || d == 2 {
			return 0, invalid("ids.postal.area")
		}
	}
	return PostalCode(n), nil
}

// Warnings are the message keys of what is unusual in a code and yet no reason
// to refuse it.
func (p PostalCode) Warnings() (keys []string) {
	if p/100000%10 == 5 {
		keys = append(keys, "ids.postal.warning.fifth")
	}
	if p/1000000%1111 == 0 {
		keys = append(keys, "ids.postal.warning.same")
	}
	if p%100000 == 0 {
		keys = append(keys, "ids.postal.warning.zeros")
	}
	return keys
}

// String is the ten digits.
func (p PostalCode) String() string { return decimal(int64(p), 10) }

// Grouped is the printed form, 12345-67890.
func (p PostalCode) Grouped() string {
	s := p.String()
	return s[:5] + "-" + s[5:]
}

// Persian is the printed form for people.
func (p PostalCode) Persian() string { return persian.Digits(p.Grouped()) }

// AppendTo appends the ten digits.
func (p PostalCode) AppendTo(b []byte) []byte { return appendDecimal(b, uint64(p), 10) }

// MarshalText is String.
func (p PostalCode) MarshalText() ([]byte, error) { return p.AppendTo(nil), nil }

// UnmarshalText is ParsePostalCode.
func (p *PostalCode) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePostalCode(string(b))
	return err
}

// ForeignCode is the code of a foreign national: twelve digits as text, without
// a public check digit.
type ForeignCode string

// ParseForeignCode reads exactly twelve digits. Faults: ids.foreign.length,
// digits.
func ParseForeignCode(s string) (ForeignCode, error) {
	n, width, ok := number(s)
	switch {
	case !ok:
		return "", invalid("ids.foreign.digits")
	case width != 12:
		return "", invalid("ids.foreign.length")
	}
	return ForeignCode(decimal(n, 12)), nil
}

// UnmarshalText is ParseForeignCode.
func (c *ForeignCode) UnmarshalText(b []byte) (err error) {
	*c, err = ParseForeignCode(string(b))
	return err
}

// Persian is the code for people.
func (c ForeignCode) Persian() string { return persian.Digits(string(c)) }

func invalid(key string) error { return fault.New(fault.Invalid, key) }
