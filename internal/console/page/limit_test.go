package page

import (
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strconv"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"
)

// TestBounded: whoever sends from ever new addresses fills no memory.
func TestClientOf(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:80":           "192.0.2.1/32",
		"192.0.2.1":              "192.0.2.1/32", // as the public door writes it behind a proxy
		"[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64",
		"[::ffff:192.0.2.1]:80":  "192.0.2.1/32",
		"@":                      "invalid Prefix",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-For", "198.51.100.9") // anybody can write that header
		if got := ClientOf(r).String(); got != want {
			t.Errorf("%s: %s", remote, got)
		}
	}
}

// TestQR draws the path back into modules and holds them against the encoder's.
func TestQR(t *testing.T) {
	text := "https://estelam.example/check?code=12345678901234567890"
	q, err := newQR(text)
	must(t, err)
	code, err := qrcode.New(text, qrcode.Medium)
	must(t, err)
	want := code.Bitmap()
	got := make([][]bool, q.Size)
	for y := range got {
		got[y] = make([]bool, q.Size)
	}
	runs := regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(q.Path, -1)
	for _, m := range runs {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			got[y][x+i] = true
		}
	}
	if len(want) != q.Size || len(runs) == 0 {
		t.Fatalf("%d modules in %d runs, want %d", q.Size, len(runs), len(want))
	}
	for y := range want {
		for x := range want[y] {
			if got[y][x] != want[y][x] {
				t.Fatalf("module %d,%d is wrong", x, y)
			}
		}
	}
}
