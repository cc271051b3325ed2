package sheet

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"unicode/utf8"
)

// iranSystemReader turns Iran System, the code page of Persian programs under
// DOS, into UTF-8. It holds shapes of letters, not letters. Programs stored
// what stood on the screen: the letters of a cell from left to right, the last
// one first, numbers as they are. Which order a file has is seen by its shapes
// (visualOrder).
type iranSystemReader struct {
	in     *bufio.Reader
	visual bool
	left   []byte
}

func (t *iranSystemReader) Read(p []byte) (int, error) {
	for len(t.left) == 0 {
		line, err := t.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		}
		t.left = t.decode(line)
	}
	n := copy(p, t.left)
	t.left = t.left[n:]
	return n, nil
}

// decode reads a line; what stands between separators is turned round by
// itself.
func (t *iranSystemReader) decode(line []byte) []byte {
	out := t.left[:0]
	for len(line) > 0 {
		n := slices.IndexFunc(line, breaksRun)
		if n == 0 {
			out = append(out, line[0])
			line = line[1:]
			continue
		}
		if n < 0 {
			n = len(line)
		}
		run := slices.Clone(line[:n])
		if t.visual {
			turn(run)
		}
		for _, c := range run {
			out = appendIranSystem(out, c)
		}
		line = line[n:]
	}
	return out
}

// breaksRun: marks of the file, which stand in the order of the file.
func breaksRun(c byte) bool {
	return c == ',' || c == ';' || c == '\t' || c == '|' || c == '"' || c == '\n' || c == '\r'
}

// turn makes the last byte the first, keeping numbers and Latin words as they
// are; a run without Persian letters stays.
func turn(run []byte) {
	if !slices.ContainsFunc(run, func(c byte) bool { return shape(c) != 0 }) {
		return
	}
	slices.Reverse(run)
	for i := 0; i < len(run); {
		j := i
		for j < len(run) && leftToRight(run[j]) {
			j++
		}
		slices.Reverse(run[i:j])
		i = max(j, i+1)
	}
}

// leftToRight: digits of both scripts and Latin letters.
func leftToRight(c byte) bool {
	return c >= '0' && c <= '9' || c >= 0x80 && c <= 0x89 || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func appendIranSystem(out []byte, c byte) []byte {
	switch {
	case c < 0x80:
		return append(out, c)
	case c == 0xF2: // one shape for two letters
		return utf8.AppendRune(utf8.AppendRune(out, 0x0644), 0x0627)
	case c >= 0xB0 && c <= 0xDF:
		return utf8.AppendRune(out, utf8.RuneError)
	case c >= 0xE0:
		c -= 0x30
	}
	return utf8.AppendRune(out, iranSystem[c-0x80])
}

// iranSystem gives 0x80–0xAF and, behind them, 0xE0–0xFF as letters.
var iranSystem = [...]rune{
	0x06F0, 0x06F1, 0x06F2, 0x06F3, 0x06F4, 0x06F5, 0x06F6, 0x06F7, 0x06F8, 0x06F9, 0x060C, 0x0640, 0x061F, 0x0622, 0x0626, 0x0621,
	0x0627, 0x0627, 0x0628, 0x0628, 0x067E, 0x067E, 0x062A, 0x062A, 0x062B, 0x062B, 0x062C, 0x062C, 0x0686, 0x0686, 0x062D, 0x062D,
	0x062E, 0x062E, 0x062F, 0x0630, 0x0631, 0x0632, 0x0698, 0x0633, 0x0633, 0x0634, 0x0634, 0x0635, 0x0635, 0x0636, 0x0636, 0x0637,
	0x0638, 0x0639, 0x0639, 0x0639, 0x0639, 0x063A, 0x063A, 0x063A, 0x063A, 0x0641, 0x0641, 0x0642, 0x0642, 0x06A9, 0x06A9, 0x06AF,
	0x06AF, 0x0644, 0x0644, 0x0644, 0x0645, 0x0645, 0x0646, 0x0646, 0x0648, 0x0647, 0x0647, 0x0647, 0x06CC, 0x06CC, 0x06CC, 0x0020,
}

// What the shape of a letter says of its place in a word.
const (
	ends  = 1 // joined to no letter behind it: ends a word, or stands anywhere
	joins = 2 // joined to the letter behind it: never ends a word
)

func shape(c byte) int {
	switch {
	case c < 0x8D || c >= 0xB0 && c <= 0xDF || c == 0xFF:
		return 0
	case slices.Contains(joining, c):
		return joins
	}
	return ends
}

// joining are the shapes of the beginning and the middle of a word.
var joining = []byte{
	0x8E, 0x93, 0x95, 0x97, 0x99, 0x9B, 0x9D, 0x9F, 0xA1, 0xA8, 0xAA, 0xAC, 0xAE,
	0xE3, 0xE4, 0xE7, 0xE8, 0xEA, 0xEC, 0xEE, 0xF0, 0xF3, 0xF5, 0xF7, 0xFA, 0xFB, 0xFE,
}

// visualOrder reports whether the last letter of a word stands first: then
// words begin with shapes that end one, and seldom end with them.
func visualOrder(head []byte) bool {
	visual, logical := 0, 0
	for i, c := range head {
		if shape(c) != joins {
			continue
		}
		if i+1 == len(head) || shape(head[i+1]) == 0 {
			visual++ // as text in reading order, the word would end joined to nothing
		}
		if i == 0 || shape(head[i-1]) == 0 {
			logical++
		}
	}
	return visual >= logical
}
