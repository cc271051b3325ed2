package letter

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

func sampleWeb(w io.Writer, lang message.Lang) error {
	return sampleFigures(lang, NewWebReport(w, lang, "گزارش پیوند", "بانک <ملت>", persian.Date{Year: 1405, Month: 9, Day: 1}))
}

// TestWebReport: the page is well formed, needs nothing from elsewhere, runs no
// script, has each figure as a picture with a name, and the same bytes each time.
func TestWebReport(t *testing.T) {
	for _, lang := range langs {
		var one, two bytes.Buffer
		if err := errors.Join(sampleWeb(&one, lang), sampleWeb(&two, lang)); err != nil {
			t.Fatal(err)
		}
		if *keep != "" {
			if err := os.WriteFile(filepath.Join(*keep, "web-"+string(lang)+".html"), one.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text := one.String()
		if text != two.String() {
			t.Error("other bytes the second time")
		}
		for _, bad := range []string{"<script", "http:", "https:", "<ملت>", "javascript", "onload"} {
			if strings.Contains(text, bad) {
				t.Errorf("the page has %q", bad)
			}
		}
		if n := strings.Count(text, `role="img" aria-label="`); n != 6 {
			t.Errorf("%d named pictures", n)
		}
		for _, part := range strings.Split(text, "<svg ")[1:] {
			svg, _, _ := strings.Cut("<svg "+part, "</figure>")
			d := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// broken takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestWebBroken: a reader that goes away is told by End.
func TestWebBroken(t *testing.T) {
	if err := sampleWeb(broken{}, message.Fa); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

// TestPercent: a share never shows as all or none unless it is.
func TestPercent(t *testing.T) {
	for p, want := range map[float64]string{0: "0%", 1: "100%", 0.5: "50%", 0.931: "93.1%", 0.9312: "93.1%", 0.99957: "99.957%", 0.999571: "99.957%", 0.1: "10%", 0.001: "0.1%", 0.9999: "99.99%", 0.99: "99%", 1 - 1e-8: ">99.9999%", 1e-9: "<0.0001%"} {
		if got := Percent(message.En, p); got != ltr(want) {
			t.Errorf("%v: %s, want %s", p, got, want)
		}
	}
	if got := Signed(message.Fa, -7.25, 1); got != ltr("\u2212۷٫۲") {
		t.Error(got)
	}
	if got := Signed(message.En, -0.01, 1); got != ltr("0.0") {
		t.Error(got)
	}
}

// TestCrowdedLabels: a chart of lines leaves out labels that have no room, and
// never the last one.
func TestCrowdedLabels(t *testing.T) {
	d := newDocument(io.Discard, message.En, "")
	long := strings.Split(strings.Repeat("Ordibehesht ", 12), " ")[:12]
	short := strings.Split(strings.Repeat("Tir ", 12), " ")[:12]
	for _, c := range []struct {
		labels []string
		step   float64
		want   int
	}{{short, 34, 1}, {long, 34, 2}, {long, 60, 1}, {long, 1, 12}, {long[:1], 1, 1}, {nil, 1, 1}} {
		if n := d.every(c.labels, c.step); n != c.want {
			t.Errorf("%d labels, %v apart: one of %d, wanted one of %d", len(c.labels), c.step, n, c.want)
		}
	}
}

// TestCutLabel: a label of a chart on paper that is too long says that there is
// more.
func TestCutLabel(t *testing.T) {
	d := newDocument(io.Discard, message.Fa, "")
	for _, c := range []struct {
		width float64
		more  bool
	}{{400, false}, {60, true}} {
		if s := d.cut(c.width, pen{regular, 9, black}, own("صندوق بازنشستگی کشوری")); strings.Contains(s, "…") != c.more {
			t.Errorf("%v points: %q", c.width, s)
		}
	}
}
