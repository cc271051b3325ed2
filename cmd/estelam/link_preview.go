package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// show says what the file is taken for: how it is written, and what each column
// means. With values it is for the eyes of who handed the file in.
func (l *linking) show(w io.Writer, values bool) error {
	p := l.preview
	says := []string{string(p.Format)}
	if p.Encoding != "" {
		says = append(says, p.Encoding)
	}
	if p.Separator != "" {
		says = append(says, fmt.Sprintf("separator %q", p.Separator))
	}
	if p.Sheet != "" {
		says = append(says, fmt.Sprintf("sheet %q", p.Sheet))
	}
	if p.HeaderRow {
		says = append(says, fmt.Sprintf("header in row %d", p.Titles+1))
	} else {
		says = append(says, "no header")
	}
	if p.Rows > 0 {
		says = append(says, "about "+count(p.Rows)+" rows")
	}
	fmt.Fprintln(w, strings.Join(says, ", "))
	if len(p.Sheets) > 1 {
		fmt.Fprintf(w, "sheets: %s\n", strings.Join(p.Sheets, ", "))
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprint(t, "  column\theader\ttaken for\tlooks like\tsure")
	if values {
		fmt.Fprint(t, "\tfirst values")
	}
	fmt.Fprintln(t)
	for _, c := range p.Columns {
		means := c.Means
		switch {
		case means == "" && c.Likely != "":
			means = fmt.Sprintf("nothing (%s? --map %d=%s)", c.Likely, c.Index+1, c.Likely)
		case means == "":
			means = "nothing"
		}
		looks := strings.TrimSpace(c.Kind + " " + c.Form)
		fmt.Fprintf(t, "  %d\t%s\t%s\t%s\t%.2f", c.Index+1, plain(c.Header), means, looks, c.Sure)
		if values {
			all := make([]string, len(c.Values))
			for i, v := range c.Values {
				all[i] = plain(v)
			}
			fmt.Fprintf(t, "\t%s", strings.Join(all, " · "))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// plain is a text of a stranger's file as a terminal may show it: no control
// characters, none that turn the writing round, and not too long.
func plain(s string) string {
	const most = 40
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, s)
	if short := []rune(s); len(short) > most {
		s = string(short[:most-1]) + "…"
	}
	return s
}
