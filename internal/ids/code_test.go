package ids

import (
	"crypto/aes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// samples are those of NIST SP 800-38G, "FF1samples.pdf", 1–9.
var samples = []struct{ key, tweak, plain, cipher string }{
	{"2B7E151628AED2A6ABF7158809CF4F3C", "", "0123456789", "2433477484"},
	{"2B7E151628AED2A6ABF7158809CF4F3C", "39383736353433323130", "0123456789", "6124200773"},
	{"2B7E151628AED2A6ABF7158809CF4F3C", "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
	{"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", "", "0123456789", "2830668132"},
	{"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", "39383736353433323130", "0123456789", "2496655549"},
	{"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
	{"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", "", "0123456789", "6657667009"},
	{"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", "39383736353433323130", "0123456789", "1001623463"},
	{"2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
}

const numeralLetters = "0123456789abcdefghijklmnopqrstuvwxyz"

func toNumerals(s string) (x []uint16) {
	for _, r := range s {
		x = append(x, uint16(strings.IndexRune(numeralLetters, r)))
	}
	return x
}

func fromNumerals(x []uint16) string {
	var b strings.Builder
	for _, d := range x {
		b.WriteByte(numeralLetters[d])
	}
	return b.String()
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFF1Samples(t *testing.T) {
	for i, s := range samples {
		block, err := aes.NewCipher(unhex(t, s.key))
		if err != nil {
			t.Fatal(err)
		}
		radix := 10
		if len(s.plain) > 10 {
			radix = 36
		}
		got, err := ff1(block, radix, unhex(t, s.tweak), toNumerals(s.plain), false)
		if err != nil || fromNumerals(got) != s.cipher {
			t.Errorf("sample %d: encrypted to %s, %v, want %s", i+1, fromNumerals(got), err, s.cipher)
		}
		got, err = ff1(block, radix, unhex(t, s.tweak), toNumerals(s.cipher), true)
		if err != nil || fromNumerals(got) != s.plain {
			t.Errorf("sample %d: decrypted to %s, %v, want %s", i+1, fromNumerals(got), err, s.plain)
		}
	}
}

func TestFF1RefusesRange(t *testing.T) {
	block, _ := aes.NewCipher(make([]byte, 32))
	if _, err := ff1(block, 1, nil, []uint16{0, 0}, false); err == nil {
		t.Error("radix 1 was taken")
	}
	if _, err := ff1(block, 10, nil, []uint16{0}, false); err == nil {
		t.Error("a string of one numeral was taken")
	}
}

// FF1 is a permutation that decryption undoes, for lengths that need more than
// one block of S too.
func TestFF1RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		block, _ := aes.NewCipher(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		radix := rapid.IntRange(2, 1<<16).Draw(t, "radix")
		x := rapid.SliceOfN(rapid.Uint16Max(uint16(radix-1)), 2, 80).Draw(t, "x")
		tweak := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "tweak")
		y, err := ff1(block, radix, tweak, x, false)
		if err != nil {
			t.Fatal(err)
		}
		z, err := ff1(block, radix, tweak, y, true)
		if err != nil || fmt.Sprint(z) != fmt.Sprint(x) {
			t.Fatalf("%v became %v became %v, %v", x, y, z, err)
		}
	})
}

func drawKey(t *rapid.T) (*CodeKey, [32]byte) {
	var key [32]byte
	copy(key[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
	k, err := NewCodeKey(rapid.IntRange(1, 9).Draw(t, "epoch"), key)
	if err != nil {
		t.Fatal(err)
	}
	return k, key
}

// The 64-bit path gives exactly what the general algorithm gives.
func TestCodeIsFF1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, key := drawKey(t)
		log := rapid.IntRange(0, maxLog).Draw(t, "log")
		index := rapid.Int64Range(0, maxIndex).Draw(t, "index")
		block, _ := aes.NewCipher(key[:])
		want, err := ff1(block, 10, nil, toNumerals(fmt.Sprintf("%03d%014d", log, index)), false)
		if err != nil {
			t.Fatal(err)
		}
		c := k.Code(log, index)
		if string(c[1:18]) != fromNumerals(want) {
			t.Fatalf("code %s, want %s inside", c, fromNumerals(want))
		}
		if c.Epoch() != int(k.epoch) || !c.Valid() {
			t.Fatalf("code %s has epoch %d, valid %v", c, c.Epoch(), c.Valid())
		}
		l, i, ok := k.Open(c)
		if !ok || l != log || i != index {
			t.Fatalf("%s opened to %d, %d, %v; want %d, %d", c, l, i, ok, log, index)
		}
	})
}

func TestCodeLimits(t *testing.T) {
	k, _ := NewCodeKey(9, [32]byte{1})
	for _, at := range []struct {
		log   int
		index int64
	}{{0, 0}, {maxLog, maxIndex}} {
		if l, i, ok := k.Open(k.Code(at.log, at.index)); !ok || l != at.log || i != at.index {
			t.Errorf("%v opened to %d, %d, %v", at, l, i, ok)
		}
	}
	for _, at := range []struct {
		log   int
		index int64
	}{{-1, 0}, {maxLog + 1, 0}, {0, -1}, {0, maxIndex + 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v has a code", at)
				}
			}()
			k.Code(at.log, at.index)
		}()
	}
	for _, epoch := range []int{-1, 0, 10} {
		if _, err := NewCodeKey(epoch, [32]byte{}); err == nil {
			t.Errorf("epoch %d was taken", epoch)
		}
	}
	other, _ := NewCodeKey(8, [32]byte{1})
	if _, _, ok := other.Open(k.Code(0, 0)); ok {
		t.Error("a code of another epoch was opened")
	}
	for _, c := range []TrackingCode{"", "1", "1234567890123456789x", "00000000000000000001"} {
		if _, _, ok := k.Open(c); ok {
			t.Errorf("%q was opened", c)
		}
	}
}

// One fixed code, so that a change of the algorithm cannot pass unnoticed: all
// codes ever printed would lose their meaning.
func TestCodeNeverChanges(t *testing.T) {
	var key [32]byte
	for i := range key {
		key[i] = byte(i)
	}
	k, _ := NewCodeKey(1, key)
	if c, want := k.Code(1, 1), TrackingCode("19830240914419226477"); c != want {
		t.Errorf("code of log 1, index 1 is %s, was %s", c, want)
	}
}

// Every wrong digit and every swap of two neighbours is caught, in every
// position of many codes.
func TestCodeCatchesErrors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 2000 {
		k, _ := NewCodeKey(1+n%9, [32]byte{byte(n), byte(n >> 8)})
		c := k.Code(r.IntN(maxLog+1), r.Int64N(maxIndex+1))
		for i := range len(c) {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(c)
				if wrong[i] = d; TrackingCode(wrong) != c && TrackingCode(wrong).Valid() {
					t.Fatalf("%s passes for %s", wrong, c)
				}
			}
			if i > 0 && c[i] != c[i-1] {
				wrong := []byte(c)
				wrong[i], wrong[i-1] = wrong[i-1], wrong[i]
				if TrackingCode(wrong).Valid() {
					t.Fatalf("%s passes for %s", wrong, c)
				}
			}
		}
	}
}

func TestParseTrackingCodeForms(t *testing.T) {
	k, _ := NewCodeKey(3, [32]byte{3})
	c := k.Code(7, 123456)
	g := c.Grouped()
	if len(g) != 24 || strings.Count(g, " ") != 4 {
		t.Fatalf("grouped %q", g)
	}
	arabic := strings.NewReplacer("0", "٠", "1", "١", "2", "٢", "3", "٣", "4", "٤", "5", "٥", "6", "٦", "7", "٧", "8", "٨", "9", "٩")
	for _, s := range []string{
		string(c), g, strings.ReplaceAll(g, " ", "-"), strings.ReplaceAll(g, " ", " – "), "  " + g + "\r\n",
		persian.Digits(string(c)), persian.Digits(g), arabic.Replace(g), "\u2066" + g + "\u2069", "\u200e" + g, strings.ReplaceAll(g, " ", "\u00a0"),
	} {
		if got, err := ParseTrackingCode(s); err != nil || got != c {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	groups := strings.Fields(g)
	reversed := groups[4] + " " + groups[3] + " " + groups[2] + " " + groups[1] + " " + groups[0]
	_, err := ParseTrackingCode(persian.Digits(reversed))
	if f := fault.Of(err); f == nil || f.Key != "ids.code.reversed" || f.Args[0] != g {
		t.Errorf("reversed groups: %v", err)
	}
	swapped := []byte(c)
	for i := range swapped {
		if i > 0 && swapped[i] != swapped[i-1] {
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			break
		}
	}
	for s, key := range map[string]string{
		"":                         "ids.code.length",
		string(c[:19]):             "ids.code.length",
		string(c) + "1":            "ids.code.length",
		strings.Repeat("1", 5000):  "ids.code.length",
		"x" + string(c[1:]):        "ids.code.digits",
		string(c[:19]) + "۴۴":      "ids.code.length",
		"\xdb":                     "ids.code.digits",
		string(swapped):            "ids.code.check",
		"00000000000000000001":     "ids.code.check", // epoch 0 does not exist
		"1.2345678901234567890123": "ids.code.digits",
	} {
		_, err := ParseTrackingCode(s)
		if f := fault.Of(err); f == nil || f.Key != key {
			t.Errorf("%q: %v, want %s", s, err, key)
		}
	}
}

func FuzzParseTrackingCode(f *testing.F) {
	k, _ := NewCodeKey(3, [32]byte{3})
	c := k.Code(7, 123456)
	for _, s := range []string{string(c), c.Grouped(), persian.Digits(c.Grouped()), "", "۱", "\xdb", "1234-5678 9012 3456 7890", strings.Repeat("٩", 20)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseTrackingCode(s)
		if err != nil {
			if !message.Known(fault.Of(err).Key) {
				t.Fatalf("no message for %v", err)
			}
			return
		}
		if !c.Valid() {
			t.Fatalf("%q became %q, which is not valid", s, c)
		}
		if again, err := ParseTrackingCode(c.Grouped()); err != nil || again != c {
			t.Fatalf("%q prints as %q and reads as %q, %v", c, c.Grouped(), again, err)
		}
	})
}

func TestAppendCodeAllocates(t *testing.T) {
	k, _ := NewCodeKey(1, [32]byte{1})
	b := make([]byte, 0, codeLength)
	if n := testing.AllocsPerRun(1000, func() { b = k.AppendCode(b[:0], 1, 77) }); n > 0 {
		t.Errorf("AppendCode allocates %v times", n)
	}
	if n := testing.AllocsPerRun(1000, func() { k.Code(1, 77) }); n > 1 {
		t.Errorf("Code allocates %v times", n)
	}
}

func BenchmarkAppendCode(b *testing.B) {
	k, _ := NewCodeKey(1, [32]byte{1})
	buf := make([]byte, 0, codeLength)
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		buf = k.AppendCode(buf[:0], 1, i)
	}
}

func BenchmarkCode(b *testing.B) {
	k, _ := NewCodeKey(1, [32]byte{1})
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		k.Code(1, i)
	}
}

func BenchmarkOpen(b *testing.B) {
	k, _ := NewCodeKey(1, [32]byte{1})
	c := k.Code(1, 12345)
	for b.Loop() {
		k.Open(c)
	}
}

func BenchmarkParseTrackingCode(b *testing.B) {
	k, _ := NewCodeKey(1, [32]byte{1})
	s := string(k.Code(1, 12345))
	for b.Loop() {
		_, _ = ParseTrackingCode(s)
	}
}

func BenchmarkParseNationalNumber(b *testing.B) {
	for b.Loop() {
		_, _ = ParseNationalNumber("0010532129")
	}
}
