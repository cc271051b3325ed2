package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

// The encodings, as reports name them and as ReadOptions may ask for them.
const (
	UTF8        = "UTF-8"
	UTF16LE     = "UTF-16LE"
	UTF16BE     = "UTF-16BE"
	Windows1256 = "Windows-1256"
	IranSystem  = "Iran System"
)

// probe is how many bytes decide on the encoding where no mark does.
const probe = 64 << 10

// decode returns the text of r as UTF-8. The encoding is the one that want
// names; if it names none, the one that the bytes show.
func decode(r io.Reader, want string) (text io.Reader, encoding string, err error) {
	in := bufio.NewReaderSize(r, probe)
	head, err := in.Peek(probe)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	shown, mark, err := recognise(head)
	switch {
	case want != "":
		name, known := encodings[fold(want)]
		if !known {
			return nil, "", fault.New(fault.Unsupported, "sheet.encoding.name")
		}
		if name != shown {
			shown, mark = name, 0
		}
	case err != nil:
		return nil, "", err
	}
	_, _ = in.Discard(mark)
	switch shown {
	case UTF16LE:
		return &utf16Reader{in: in, low: 0, high: 1}, shown, nil
	case UTF16BE:
		return &utf16Reader{in: in, low: 1, high: 0}, shown, nil
	case Windows1256:
		return &windows1256Reader{in: in}, shown, nil
	case IranSystem:
		return &iranSystemReader{in: in, visual: visualOrder(head)}, shown, nil
	}
	return in, shown, nil
}

// encodings are the names that people give encodings, folded.
var encodings = map[string]string{
	"utf8": UTF8, "utf16le": UTF16LE, "utf16be": UTF16BE, "windows1256": Windows1256, "cp1256": Windows1256,
	"iransystem": IranSystem,
}

// recognise tells the encoding by its mark, or else by what the bytes can be,
// and how long the mark is.
func recognise(head []byte) (encoding string, mark int, err error) {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8, 3, nil
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return UTF16LE, 2, nil
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return UTF16BE, 2, nil
	case bytes.IndexByte(head, 0) >= 0:
		encoding = unmarkedUTF16(head)
		if encoding == "" {
			return "", 0, fault.New(fault.Unsupported, "sheet.binary")
		}
		return encoding, 0, nil
	case utf8.Valid(whole(head)):
		return UTF8, 0, nil
	}
	return codePage(head)
}

// unmarkedUTF16: separators, digits and line ends have a zero byte, always on
// the same side; and nothing else stands there than Latin and Persian writing.
func unmarkedUTF16(head []byte) string {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	encoding, low := UTF16LE, 0
	if zeros[0] > zeros[1] {
		encoding, low = UTF16BE, 1
	}
	if len(head)%2 != 0 || zeros[low] > 0 {
		return ""
	}
	for i := 0; i < len(head); i += 2 {
		switch c := rune(head[i+1-low])<<8 | rune(head[i+low]); {
		case c == '\t' || c == '\n' || c == '\r':
		case c < 0x20, c >= 0x0700 && c < 0x2000, c >= 0x2100 && c < 0xFB50, c == 0xFFFF:
			return ""
		}
	}
	return encoding
}

// codePage tells the two Persian code pages of eight bits apart. Half of what
// is written in Windows-1256 are letters at 0xB0–0xDF, where Iran System has
// nothing but frames of boxes. Bytes that fit neither are not guessed.
func codePage(head []byte) (string, int, error) {
	high, frames := 0, 0
	for _, c := range head {
		if c >= 0x80 {
			high++
		}
		if c >= 0xB0 && c <= 0xDF {
			frames++
		}
	}
	switch {
	case frames*5 >= high || high < 8:
		return Windows1256, 0, nil
	case frames*50 <= high:
		return IranSystem, 0, nil
	}
	return "", 0, fault.New(fault.Unsupported, "sheet.encoding.unclear")
}

// whole cuts off a last rune that the end of the probe may have torn.
func whole(b []byte) []byte {
	if len(b) < probe {
		return b
	}
	for i := len(b) - 1; i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// utf16Reader turns UTF-16 into UTF-8. An unpaired surrogate becomes U+FFFD,
// which no field accepts.
type utf16Reader struct {
	in        *bufio.Reader
	low, high int
	lead      rune // a high surrogate that waits for its other half
	left      []byte
	err       error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.left) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	return n, nil
}

func (u *utf16Reader) fill() {
	out := u.left[:0]
	var pair [2]byte
	for range 4096 {
		if _, err := io.ReadFull(u.in, pair[:]); err != nil {
			if u.lead != 0 || errors.Is(err, io.ErrUnexpectedEOF) {
				out, u.lead = utf8.AppendRune(out, utf8.RuneError), 0
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			u.err = err
			break
		}
		c := rune(pair[u.high])<<8 | rune(pair[u.low])
		switch {
		case u.lead != 0 && c >= 0xDC00 && c < 0xE000:
			out = utf8.AppendRune(out, 0x10000+(u.lead-0xD800)<<10+(c-0xDC00))
			u.lead = 0
			continue
		case u.lead != 0:
			out, u.lead = utf8.AppendRune(out, utf8.RuneError), 0
		}
		if c >= 0xD800 && c < 0xDC00 {
			u.lead = c
		} else {
			out = utf8.AppendRune(out, c) // a lone low surrogate becomes U+FFFD
		}
	}
	u.left = out
}

// windows1256Reader turns Windows-1256 into UTF-8.
type windows1256Reader struct {
	in   io.Reader
	raw  [4096]byte
	out  [3 * 4096]byte
	left []byte
}

func (w *windows1256Reader) Read(p []byte) (int, error) {
	if len(w.left) == 0 {
		n, err := w.in.Read(w.raw[:])
		if n == 0 {
			return 0, err
		}
		out := w.out[:0]
		for _, c := range w.raw[:n] {
			if c < 0x80 {
				out = append(out, c)
			} else {
				out = utf8.AppendRune(out, rune(windows1256[c-0x80]))
			}
		}
		w.left = out
	}
	n := copy(p, w.left)
	w.left = w.left[n:]
	return n, nil
}

// windows1256 gives the upper half of the code page (Microsoft, cp1256).
var windows1256 = [128]uint16{
	0x20AC, 0x067E, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0679, 0x2039, 0x0152, 0x0686, 0x0698, 0x0688,
	0x06AF, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x06A9, 0x2122, 0x0691, 0x203A, 0x0153, 0x200C, 0x200D, 0x06BA,
	0x00A0, 0x060C, 0x00A2, 0x00A3, 0x00A4, 0x00A5, 0x00A6, 0x00A7, 0x00A8, 0x00A9, 0x06BE, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF,
	0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6, 0x00B7, 0x00B8, 0x00B9, 0x061B, 0x00BB, 0x00BC, 0x00BD, 0x00BE, 0x061F,
	0x06C1, 0x0621, 0x0622, 0x0623, 0x0624, 0x0625, 0x0626, 0x0627, 0x0628, 0x0629, 0x062A, 0x062B, 0x062C, 0x062D, 0x062E, 0x062F,
	0x0630, 0x0631, 0x0632, 0x0633, 0x0634, 0x0635, 0x0636, 0x00D7, 0x0637, 0x0638, 0x0639, 0x063A, 0x0640, 0x0641, 0x0642, 0x0643,
	0x00E0, 0x0644, 0x00E2, 0x0645, 0x0646, 0x0647, 0x0648, 0x00E7, 0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0649, 0x064A, 0x00EE, 0x00EF,
	0x064B, 0x064C, 0x064D, 0x064E, 0x00F4, 0x064F, 0x0650, 0x00F7, 0x0651, 0x00F9, 0x0652, 0x00FB, 0x00FC, 0x200E, 0x200F, 0x06D2,
}
