package officer

import (
	"strconv"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// qr is a QR symbol as one SVG path over a square of Size modules, its quiet
// zone of four modules included. Runs of dark modules are drawn as one
// rectangle, so that no hairline shows between them in print.
type qr struct {
	Size int
	Path string
}

func newQR(text string) (qr, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return qr{}, err
	}
	bits := code.Bitmap()
	var b strings.Builder
	for y, line := range bits {
		for x := 0; x < len(line); {
			if !line[x] {
				x++
				continue
			}
			n := 1
			for x+n < len(line) && line[x+n] {
				n++
			}
			b.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h" + strconv.Itoa(n) + "v1h-" + strconv.Itoa(n) + "z")
			x += n
		}
	}
	return qr{Size: len(bits), Path: b.String()}, nil
}
