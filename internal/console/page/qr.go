package page

import (
	"strconv"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// QR is a QR symbol as one SVG path over a square of Size modules, its quiet
// zone of four modules included. Runs of dark modules are drawn as one
// rectangle, so that no hairline shows between them in print.
type QR struct {
	Size int
	Path string
}

// NewQR draws the symbol of a text.
func NewQR(text string) (QR, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return QR{}, err
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
	return QR{Size: len(bits), Path: b.String()}, nil
}
