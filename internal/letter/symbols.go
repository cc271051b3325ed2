package letter

import (
	qrcode "github.com/skip2/go-qrcode"

	"github.com/estelam/estelam/internal/fault"
)

// qrWhite is what qr's callers leave white around a symbol: its quiet zone of
// four modules, of 33 or more a side.
const qrWhite = 4 * mm

// qr draws a QR symbol (ISO/IEC 18004, error correction M) as a square of the
// given side, so that its edge stands in line with the text.
func (p *page) qr(x, y, side float64, text string) error {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return fault.New(fault.Invalid, "letter.qr").Because(err)
	}
	code.DisableBorder = true
	p.bitmap(x, y, side, side, code.Bitmap())
	return nil
}

// Symbols of Code 128 (ISO/IEC 15417): the widths of three bars and three
// spaces, beginning with a bar. 103 to 105 start, 106 stops.
const (
	startB = 104
	startC = 105
	codeB  = 100
	stop   = 106
)

var symbols128 = [...]string{
	"212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
	"221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
	"221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
	"212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
	"231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
	"231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
	"314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
	"112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
	"111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
	"214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
	"114131", "311141", "411131", "211412", "211214", "211232", "2331112",
}

// code128 is the symbols of a text of digits (two in one symbol) or of other
// ASCII characters (one each), with start, check symbol and stop.
func code128(text string) ([]int, error) {
	digits := len(text) > 0
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return nil, fault.New(fault.Invalid, "letter.barcode")
		}
		digits = digits && c >= '0' && c <= '9'
	}
	if text == "" || len(text) > 40 {
		return nil, fault.New(fault.Invalid, "letter.barcode")
	}
	all := []int{startB}
	if digits && len(text) > 1 {
		all[0] = startC
		for len(text) > 1 {
			all = append(all, int(text[0]-'0')*10+int(text[1]-'0'))
			text = text[2:]
		}
		if text != "" { // an odd one
			all = append(all, codeB)
		}
	}
	for _, c := range []byte(text) {
		all = append(all, int(c-' '))
	}
	check := all[0]
	for i, v := range all[1:] {
		check += (i + 1) * v
	}
	return append(all, check%103, stop), nil
}

// barcode draws a text as Code 128 from the left edge at (x from the start,
// y), bars of the given height, modules of the given width.
func (p *page) barcode(x, y, height, module float64, text string) error {
	symbols, err := code128(text)
	if err != nil {
		return err
	}
	total := module * float64(11*len(symbols)+2) // stop has 13 modules
	at := p.left(x, total)
	p.endText()
	p.paint(carbon)
	for _, s := range symbols {
		for i, w := range symbols128[s] {
			wide := module * float64(w-'0')
			if i%2 == 0 {
				p.numbers(at, p.height-y-height, wide, height)
				p.ops = append(p.ops, "re\n"...)
			}
			at += wide
		}
	}
	p.ops = append(p.ops, "f\n"...)
	return nil
}
