package page

import (
	"regexp"
	"strconv"
	"testing"

	qrcode "github.com/skip2/go-qrcode"
)

// TestQR draws the path back into modules and holds them against the encoder's.
func TestQR(t *testing.T) {
	text := "https://estelam.example/check?code=12345678901234567890"
	q, err := NewQR(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
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
