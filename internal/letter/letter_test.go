package letter

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

var keep = flag.String("keep", "", "write every PDF of the tests into this directory, to look at")

// draw gives the bytes of a paper and keeps them as a file.
func draw(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name+".pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a program of poppler, qpdf or zbar; ./test installs them.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	var out, bad bytes.Buffer
	c.Stdout, c.Stderr = &out, &bad
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out.Bytes(), bad.Bytes())
	}
	return out.String()
}

// direction is the marks that pdftotext and we put between letters.
var direction = regexp.MustCompile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

// read is the text of a paper as a reader copies it, one space between words.
func read(t *testing.T, path string) string {
	t.Helper()
	text := direction.ReplaceAllString(run(t, "pdftotext", path, "-"), "")
	return strings.Join(strings.Fields(text), " ")
}

func wantText(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if w = strings.Join(strings.Fields(direction.ReplaceAllString(w, "")), " "); !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
}

// symbols are what a scanner reads from a page.
func symbols(t *testing.T, path string) string {
	t.Helper()
	base := filepath.Join(t.TempDir(), "page")
	run(t, "pdftoppm", "-r", "150", "-png", "-singlefile", path, base)
	return run(t, "zbarimg", "-q", base+".png")
}

var langs = []message.Lang{message.Fa, message.En}

// papers draws one of each paper.
func papers(lang message.Lang) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"notification": func(w io.Writer) error { return writeNotification(w, lang, sampleNotification()) },
		"slip-a5":      func(w io.Writer) error { return WriteSlip(w, lang, sampleSlip(false)) },
		"slip-a4":      func(w io.Writer) error { return WriteSlip(w, lang, sampleSlip(true)) },
		"residence":    func(w io.Writer) error { return WriteResidence(w, lang, sampleResidence()) },
		"cover":        func(w io.Writer) error { return WriteCover(w, lang, sampleCover(12)) },
		"report":       func(w io.Writer) error { return sampleReport(w, lang) },
		"figures": func(w io.Writer) error {
			return sampleFigures(lang, NewReport(w, lang, "گزارش پیوند", "بانک ملت", persian.Date{Year: 1405, Month: 9, Day: 1}))
		},
	}
}

// TestPapers: each paper is a PDF that another program finds no fault with,
// with the same bytes each time.
func TestPapers(t *testing.T) {
	for _, lang := range langs {
		for name, write := range papers(lang) {
			path := draw(t, name+"-"+string(lang), write)
			run(t, "qpdf", "--check", path)
			one, _ := os.ReadFile(path)
			two, _ := os.ReadFile(draw(t, name+"-"+string(lang), write))
			if !bytes.Equal(one, two) {
				t.Errorf("%s: other bytes the second time", name)
			}
			if len(one) > 60_000 {
				t.Errorf("%s has %d bytes", name, len(one))
			}
			if !bytes.Contains(one, []byte("/Lang"+literal(string(lang)))) {
				t.Errorf("%s does not say its language", name)
			}
			if info := run(t, "pdfinfo", path); !regexp.MustCompile(`(?m)^Title: +\S`).MatchString(info) {
				t.Errorf("%s has no title: %s", name, info)
			}
		}
	}
}

// TestReadingOrder: sentences come back as they were written, numbers too.
func TestReadingOrder(t *testing.T) {
	got := read(t, draw(t, "notification", papers(message.Fa)["notification"]))
	n := sampleNotification()
	wantText(t, got,
		message.Text(message.Fa, "letter.registry"),
		message.Text(message.Fa, "letter.notification.law"),
		message.Text(message.Fa, "letter.notification.opening"),
		message.Text(message.Fa, "letter.notification.greeting.male", "علی‌اکبر یزدانی‌فرد"),
		message.Text(message.Fa, "letter.notification.objection.text", "۱۴۰۵/۱۱/۳۰", n.Page),
		message.Text(message.Fa, "letter.notification.correct"),
		message.Text(message.Fa, "letter.date", "۱۴۰۵/۰۸/۳۰"), message.Text(message.Fa, "letter.number", "۱۴۰۵۰۰۰۱۲۳۴۵۶۷"),
		persian.Digits(n.Address), "کد پستی: ۱۵۱۶۷-۶۳۵۱۱", "۰۰۶۷۷۴۹۸۲۸", "محمدرضا", "4829 1377 5106", "مسیر پستی ۱۵۱۶۷-۰۰۴۲")
	got = read(t, draw(t, "residence", papers(message.Fa)["residence"]))
	wantText(t, got, message.Text(message.Fa, "letter.residence.text", "جناب آقای علی‌اکبر یزدانی‌فرد", "۰۰۶۷۷۴۹۸۲۸"),
		message.Text(message.Fa, "letter.residence.validity", "۱۴۰۵/۱۱/۳۰"), "4123 4567 8901 2345 6789")
	wantText(t, read(t, draw(t, "residence-en", papers(message.En)["residence"])), "declared residence of Mr علی‌اکبر یزدانی‌فرد,")
	got = read(t, draw(t, "report", papers(message.Fa)["report"]))
	wantText(t, got, "در سه‌ماهه دوم، شمار استعلام‌ها ۱۲٫۴٪ بیش از سه‌ماهه نخست بود (۱٬۲۰۴٬۵۵۰ در برابر ۱٬۰۷۱٬۶۶۰).", "صفحه ۱ از ۳", "صفحه ۳ از ۳")
	got = read(t, draw(t, "slip", papers(message.Fa)["slip-a5"]))
	wantText(t, got, "دستگاه: بانک ملت (شعبه مرکزی)", "مطابق، با نگارش دیگر", "HS-۱۴۰۵/۳۳۰۱", message.Text(message.Fa, "letter.slip.law"))
	got = read(t, draw(t, "notification-en", papers(message.En)["notification"]))
	wantText(t, got, message.Text(message.En, "letter.notification.opening"), "Number: 14050001234567", "0067749828", "Dear Mr علی‌اکبر یزدانی‌فرد,")
}

// TestSentences: what people really write, in one paragraph each.
func TestSentences(t *testing.T) {
	for _, s := range []string{
		"لا اله الا الله؛ سلام بر شما.",
		"بند ۳-۱ (الف) و ماده ۷، تبصره ۲.",
		"دستگاه‌هایی مانند Bank Melli Iran و IBM (آی‌بی‌ام) ۹۸٫۲٪ پاسخ دادند.",
		"از " + ltr("۱۴۰۵/۰۱/۰۱") + " تا " + ltr("۱۴۰۵/۰۶/۳۱") + "، ساعت " + ltr("۱۴:۳۲") + "، کد " + ltr("15167-63511") + "!",
		"می‌روم، نمی‌دانم؛ کتاب‌ها و خانه‌ای آن‌جا.",
		"[یک] {دو} «سه» (چهار) پنج/شش",
		"قیمت: ۱۲٬۵۰۰ ریال؛ شماره ۰۲۱-۸۸۷۷۶۶۵۵",
	} {
		path := draw(t, "sentence", func(w io.Writer) error {
			d := newDocument(w, message.Fa, "جمله")
			d.newPage(a4Width, a4Height).block(margin, 100, a4Width-2*margin, 20, pen{regular, 12, black}, start, s)
			return d.end()
		})
		if got, want := read(t, path), direction.ReplaceAllString(s, ""); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestSymbols: scanners read the QR symbol and the barcode.
func TestSymbols(t *testing.T) {
	for _, lang := range langs {
		got := symbols(t, draw(t, "notification", papers(lang)["notification"]))
		if want := sampleNotification(); !strings.Contains(got, "QR-Code:"+want.Link+"\n") || !strings.Contains(got, "CODE-128:"+want.Serial+"\n") {
			t.Errorf("%s: %s", lang, got)
		}
		for _, name := range []string{"slip-a5", "slip-a4", "residence"} {
			if got := symbols(t, draw(t, name, papers(lang)[name])); got != "QR-Code:"+sampleSlip(false).Link+"\n" {
				t.Errorf("%s %s: %s", lang, name, got)
			}
		}
	}
	for _, serial := range []string{"7", "123", "1405/N-309638", "14050001234567890123"} {
		n := sampleNotification()
		n.Serial = serial
		path := draw(t, "serial", func(w io.Writer) error { return writeNotification(w, message.Fa, n) })
		if got := symbols(t, path); !strings.Contains(got, "CODE-128:"+serial+"\n") {
			t.Errorf("%s: %s", serial, got)
		}
	}
}

// TestShapes: letters join, ligatures form, ZWNJ parts, digits keep their order.
func TestShapes(t *testing.T) {
	s := newShaper()
	for _, c := range []struct {
		text string
		rtl  bool
		want string
	}{
		{"سلام", true, "718م 1302ا 592ل 1218س"},
		{"علی‌اکبر", true, "1213ر 1179ب 1088ک 681ا 592 1129\u200c 592ی 1263ل 1242ع"},
		{"پلاک‌ها", true, "1173ا 1276ه 592 822\u200c 592ک 1302ا 592ل 1058پ"},
		{"(۱۳۷۸)", true, "537) 921۸ 917۷ 907۳ 903۱ 538("},
		{"15167", false, "5211 4155 5211 5856 5787"},
	} {
		var got []string
		for _, g := range s.shape(regular, c.rtl, c.text).glyphs {
			got = append(got, strconv.Itoa(int(g.id))+g.text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q", c.text, strings.Join(got, " "))
		}
	}
	// The letter ain has four forms by its neighbours.
	forms := map[uint16]bool{}
	for _, w := range []string{"ع", "عب", "بعب", "بع"} {
		for _, g := range s.shape(regular, true, w).glyphs {
			if g.text == "ع" {
				forms[g.id] = true
			}
		}
	}
	if len(forms) != 4 {
		t.Errorf("ain has %d forms", len(forms))
	}
	if s.shape(regular, true, "می‌رود").glyphs[0].id == s.shape(regular, true, "میرود").glyphs[0].id &&
		s.shape(regular, true, "می‌رود").width == s.shape(regular, true, "میرود").width {
		t.Error("a zero-width non-joiner changes nothing")
	}
}

// TestLongAndMissing: whatever the register holds, nothing runs out of its
// place and nothing is left blank.
func TestLongAndMissing(t *testing.T) {
	n := sampleNotification()
	n.Father = ""
	n.Given = strings.Repeat("عبدالرحمان ", 9)
	n.Surname = strings.Repeat("بن‌عبدالله", 10) // 100 letters, the most of a name, and no space to break at
	n.Address = strings.Repeat("خیابان شهید دکتر علی شریعتی، ", 60)
	path := draw(t, "long", func(w io.Writer) error { return writeNotification(w, message.Fa, n) })
	wantText(t, read(t, path), message.Text(message.Fa, "letter.none"), message.Text(message.Fa, "letter.notification.correct"), "کد پستی: ۱۵۱۶۷-۶۳۵۱۱")
	inside(t, path, a4Width, a4Height)
	for _, letters := range []string{strings.Repeat("ض", 100), strings.Repeat("بن‌عبدالله", 10), strings.Repeat("سید محمد ", 11)} {
		for _, lang := range langs {
			n = sampleNotification()
			n.Guardian, n.Male, n.Given, n.Surname, n.Father = true, false, letters, letters, letters
			path = draw(t, "longest-"+string([]rune(letters)[:1])+"-"+string(lang), func(w io.Writer) error { return writeNotification(w, lang, n) })
			inside(t, path, a4Width, a4Height)
			apart(t, path)
		}
	}
	n = sampleNotification()
	n.Guardian, n.Male, n.Demo, n.Route = true, false, true, ""
	path = draw(t, "guardian", func(w io.Writer) error { return writeNotification(w, message.Fa, n) })
	wantText(t, read(t, path), message.Text(message.Fa, "letter.notification.opening.guardian"), message.Text(message.Fa, "letter.demo"), "سرپرست علی‌اکبر یزدانی‌فرد تهران")
	s := sampleSlip(false)
	s.Agency = "سازمان " + strings.Repeat("برنامه و بودجه و ", 8) + "پایان"
	for range 5 {
		s.Lines = append(s.Lines, s.Lines[:9]...)
		s.Lines = append(s.Lines, SlipLine{Label: "نشانی", Value: sampleNotification().Address + " " + sampleNotification().Address})
	}
	path = draw(t, "long-slip", func(w io.Writer) error { return WriteSlip(w, message.Fa, s) })
	wantText(t, read(t, path), "صفحه ۱ از", "و پایان", message.Text(message.Fa, "letter.slip.law"))
	inside(t, path, a5Width, a5Height)
	path = draw(t, "long-cover", func(w io.Writer) error { return WriteCover(w, message.Fa, sampleCover(100)) })
	wantText(t, read(t, path), "صفحه ۵ از ۵", "۱۵۲۵۹", message.Text(message.Fa, "letter.cover.to"))
	inside(t, path, a4Width, a4Height)
}

var bbox = regexp.MustCompile(`<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">`)

// inside checks that every word is on the paper, with some white around.
func inside(t *testing.T, path string, width, height float64) {
	t.Helper()
	words := bbox.FindAllStringSubmatch(run(t, "pdftotext", "-bbox", path, "-"), -1)
	if len(words) < 20 {
		t.Fatal("few words:", len(words))
	}
	for _, w := range words {
		var v [4]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(w[i+1], 64)
		}
		const white = 4 * mm
		if v[0] < white || v[1] < 0 || v[2] > width-white || v[3] > height {
			t.Errorf("%s: %v stands outside", filepath.Base(path), v)
		}
	}
}

// apart checks that no word is drawn over another.
func apart(t *testing.T, path string) {
	t.Helper()
	var words [][4]float64
	for _, w := range bbox.FindAllStringSubmatch(run(t, "pdftotext", "-bbox", path, "-"), -1) {
		var v [4]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(w[i+1], 64)
		}
		for _, o := range words {
			wide, high := min(v[2], o[2])-max(v[0], o[0]), min(v[3], o[3])-max(v[1], o[1])
			if least := min(v[3]-v[1], o[3]-o[1]); wide > 2 && high > least/2 { // boxes are higher than letters
				t.Errorf("%s: %v stands over %v", filepath.Base(path), v, o)
			}
		}
		words = append(words, v)
	}
}

// TestHostile: text cannot reorder what stands around it, nor leave its
// string and become PDF.
func TestHostile(t *testing.T) {
	for _, s := range []string{"\u202eabc", "a\u2067b", "a\x00b", "a\nb"} {
		if _, err := persian.Display(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q passes", s) // papers rely on it
		}
	}
	n := sampleNotification()
	n.Surname = `) Tj ET Q (\) <</S/JavaScript>> endstream endobj %%EOF`
	n.Father = "\u202eرضا\u202c\u2069\u2069 abc"
	n.Address = "<ffff> ]TJ " + strings.Repeat(")", 200)
	path := draw(t, "hostile", func(w io.Writer) error { return writeNotification(w, message.Fa, n) })
	run(t, "qpdf", "--check", path)
	inside(t, path, a4Width, a4Height)
	plain := filepath.Join(t.TempDir(), "plain.pdf")
	run(t, "qpdf", "--qdf", "--object-streams=disable", path, plain)
	data, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("JavaScript")) || bytes.Count(data, []byte("%%EOF")) != 1 {
		t.Error("text of a person stands in the file as PDF")
	}
	got := read(t, path)
	wantText(t, got, "کد پستی محل سکونت", "۰۰۶۷۷۴۹۸۲۸")
	if !strings.Contains(got, "JavaScript") {
		t.Error("the text is lost")
	}
}

// TestRefused: what cannot be drawn is an error, not half a paper.
func TestRefused(t *testing.T) {
	n := sampleNotification()
	n.Serial = "۱۲۳"
	if err := writeNotification(io.Discard, message.Fa, n); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	n = sampleNotification()
	n.Link = strings.Repeat("x", 5000)
	if err := writeNotification(io.Discard, message.Fa, n); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if err := WriteNotifications(io.Discard, message.Fa, func(func(*Notification, error) bool) {}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	broken := errors.New("broken")
	if err := WriteNotifications(io.Discard, message.Fa, func(yield func(*Notification, error) bool) { yield(nil, broken) }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := writeNotification(&full{room: 3000}, message.Fa, sampleNotification()); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

// full is a disk without room.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errors.New("no room")
	}
	return len(b), nil
}

// TestMany: a thousand letters are one good file, and more of them take hardly
// more memory.
func TestMany(t *testing.T) {
	path := draw(t, "many", func(w io.Writer) error { return WriteNotifications(w, message.Fa, many(1000)) })
	run(t, "qpdf", "--check", path)
	if pages := run(t, "qpdf", "--show-npages", path); strings.TrimSpace(pages) != "1000" {
		t.Errorf("%s pages", pages)
	}
	last := run(t, "pdftotext", "-f", "1000", "-l", "1000", path, "-")
	if !strings.Contains(last, persian.Digits("14050000000999")) {
		t.Errorf("the last page is another: %s", last)
	}
	heap := func(n int) uint64 {
		var most uint64
		i := 0
		err := WriteNotifications(io.Discard, message.Fa, func(yield func(*Notification, error) bool) {
			for l, err := range many(n) {
				if i++; i%125 == 0 {
					runtime.GC()
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
				if !yield(l, err) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return most
	}
	if few, more := heap(500), heap(1500); more > few+8<<20 {
		t.Errorf("500 letters took %d bytes of memory, 1,500 %d", few, more)
	}
}

// TestAnyText: no text breaks the setting of lines, none of them is wider than
// its room, and nothing is lost but marks of direction and spaces at ends.
func TestAnyText(t *testing.T) {
	letters := []rune("ابپیلاهمسءئؤآ‌ ۰۱۲٫٪،؛«»()[]/-.:abcXYZ019 \u064e\u0651\u200e\u2066\u2068\u2069\u202e\U0001f600\u0915")
	d := newDocument(io.Discard, message.Fa, "")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom(letters)).Draw(t, "text")
		width := rapid.Float64Range(20, 300).Draw(t, "width")
		var got []rune
		for _, l := range d.wrapAnew(regular, 10, width, text) {
			if l.width > width+0.01 && len(l.glyphs) > 2 {
				t.Fatalf("a line of %v in %v", l.width, width)
			}
			for _, g := range l.glyphs {
				got = append(got, []rune(g.text)...)
			}
		}
		keep := func(all []rune) string {
			all = slices.DeleteFunc(all, func(r rune) bool { return r == ' ' || unicode.Is(unicode.Bidi_Control, r) })
			slices.Sort(all)
			return string(all)
		}
		if a, b := keep(got), keep([]rune(text)); a != b {
			t.Fatalf("%q became %q", b, a)
		}
	})
}

// TestSubset: a document holds the outlines it uses, and no others.
func TestSubset(t *testing.T) {
	face := typefaces[regular]()
	small, whole := face.subset(map[uint16]bool{1302: true}), 0
	used := map[uint16]bool{}
	for i := range face.widths {
		used[uint16(i)] = true
	}
	whole = len(face.subset(used))
	if len(small) >= whole/2 || !slices.Equal(small[:4], []byte{0, 1, 0, 0}) || sum(small) != 0xB1B0AFBA {
		t.Errorf("%d of %d bytes, sum %x", len(small), whole, sum(small))
	}
}

// TestScreens draws the papers of the guides into ESTELAM_SCREENS.
func TestScreens(t *testing.T) {
	dir := os.Getenv("ESTELAM_SCREENS")
	if dir == "" {
		t.Skip("ESTELAM_SCREENS names no folder")
	}
	for _, name := range []string{"notification", "residence", "cover"} {
		path := draw(t, name, papers(message.Fa)[name])
		run(t, "pdftoppm", "-r", "80", "-png", "-singlefile", path, filepath.Join(dir, "paper-"+name))
	}
}
