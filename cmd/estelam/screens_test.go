package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/console/consoletest"
)

// picture is a page as the documents show it: light and as wide as a desk's
// screen, where it does not say otherwise.
type picture struct {
	name   string
	path   string
	follow string // the first link on the page at path that goes on with a number: what it leads to is drawn
	press  bool   // its form is sent as it is
	phone  bool
	dark   bool
}

// pictures of the documents, by role, in the order in which they are drawn.
var pictures = []struct {
	role string
	act  func(*consoleTour) // what is done before, if anything
	draw []picture
}{
	{role: "officer", act: asksDiffering, draw: []picture{
		{name: "officer", path: "/officer"},
		{name: "ask", path: "/officer/ask?service=identity&mode=verify"},
		{name: "ask-mistakes", path: "/officer/ask?service=predicate&mode=verify", press: true, phone: true},
		{name: "answer", path: "/officer/inquiries/{code}"},
		{name: "answer-dark", path: "/officer/inquiries/{code}", dark: true},
		{name: "slip", path: "/officer/inquiries/{code}/slip"},
		{name: "history", path: "/officer/history"},
		{name: "delivery", path: "/officer/files", follow: "/officer/files/"},
		{name: "account", path: "/account"},
	}},
	{role: "", draw: []picture{
		{name: "home", path: "/"},
		{name: "home-phone", path: "/", phone: true},
		{name: "sign-in", path: "/sign-in"},
		{name: "check", path: "/check?code={code}"},
		{name: "receipt", path: "/receipt"},
		{name: "report", path: "/report", phone: true},
		{name: "log-state", path: "/log-state"},
	}},
	{role: "head", draw: []picture{
		{name: "head", path: "/head"},
		{name: "agreement", path: "/head/agreements", follow: "/head/agreements/no/"},
		{name: "processes", path: "/head/processes"},
		{name: "staff", path: "/head/staff"},
	}},
	{role: "clerk", act: looksAtPerson, draw: []picture{
		{name: "person", path: "{person}"},
		{name: "death", path: "{person}/death"},
	}},
	{role: "supervisor", draw: []picture{
		{name: "registry", path: "/registry"},
		{name: "proposal", path: "/registry/proposals", follow: "/registry/proposals/"},
		{name: "case", path: "/office/cases", follow: "/office/cases/"},
		{name: "office", path: "/office", dark: true},
		{name: "letters", path: "/office/letters", follow: "/office/letters/"},
	}},
	{role: "post", draw: []picture{
		{name: "post", path: "/post"},
		{name: "plates", path: "/post/progress"},
	}},
	{role: "municipality", draw: []picture{{name: "municipality", path: "/municipality/reports/new"}}},
	{role: "printer", draw: []picture{{name: "printer", path: "/printer"}}},
	{role: "member", draw: []picture{
		{name: "board", path: "/board"},
		{name: "decision", path: "/board/decisions", follow: "/board/decisions/"},
		{name: "deadlines", path: "/board/deadlines"},
		{name: "evaluation", path: "/board/evaluations", follow: "/board/evaluations/"},
	}},
	{role: "inspector", draw: []picture{
		{name: "inspector", path: "/inspector"},
		{name: "audit", path: "/board/audits", follow: "/board/audits/"},
	}},
}

// TestScreens draws the pictures of the documents into ESTELAM_SCREENS, with
// what the demo has.
func TestScreens(t *testing.T) {
	dir := os.Getenv("ESTELAM_SCREENS")
	if dir == "" {
		t.Skip("ESTELAM_SCREENS names no folder")
	}
	base := startDemo(t)
	c := &consoleTour{Browser: consoletest.Chromium(t, base), base: base}
	for _, of := range pictures {
		c.Size(1280)
		c.as(of.role)
		if of.act != nil {
			of.act(c)
		}
		for _, p := range of.draw {
			c.shoot(dir, p)
		}
	}
	c.as("officer")
	c.speak("en")
	c.shoot(dir, picture{name: "answer-english", path: "/officer/inquiries/{code}"})
}

// asksDiffering asks about somebody whose father's name was noted wrongly.
func asksDiffering(c *consoleTour) {
	p := someone(3)
	c.Open("/officer/ask?service=identity&mode=verify")
	c.fill("national_number", p.Number.Persian(), "birth_date", p.Born.Persian(), "claims.given_name", p.Given.Display,
		"claims.surname", p.Surname.Display, "claims.father_name", someone(4).Surname.Display, "purpose", "*", "process", "*", "file", "۱۴۰۵/۲۲۱۰")
	c.press()
	c.See("مشخصات مغایرت دارد")
	c.code = c.Eval(`location.pathname.split("/").pop()`)
}

// looksAtPerson opens the record of somebody as a clerk does.
func looksAtPerson(c *consoleTour) {
	c.Open("/registry/persons")
	c.fill("national_number", someone(5).Number.Persian(), "reason", "registration", "file", "۱۴۰۵-۲")
	c.press()
	c.See(someone(5).Surname.Display)
	c.person = c.Eval(`location.pathname`)
}

// place is a path with what an act has found.
func (c *consoleTour) place(path string) string {
	return strings.NewReplacer("{code}", c.code, "{person}", c.person).Replace(path)
}

// A picture is never longer than two screens.
const tallest = 1300

func (c *consoleTour) shoot(dir string, p picture) {
	c.T.Helper()
	width, scheme := int64(1280), "light"
	if p.phone {
		width = 390
	}
	if p.dark {
		scheme = "dark"
	}
	c.Size(width)
	c.Scheme(scheme)
	c.Open(c.place(p.path))
	if p.follow != "" {
		to := c.Eval(`[...document.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((to) => to.match("^" + ` + quote(p.follow) + ` + "[0-9]+$")) || ""`)
		if to == "" {
			c.T.Errorf("%s: no link to %s", p.path, p.follow)
			return
		}
		c.Open(to)
	}
	if p.press {
		c.press()
		c.Do(chromedp.WaitReady("main [role=alert]"))
	}
	height, err := strconv.ParseInt(c.Eval(`document.fonts.ready.then(() => String(Math.min(Math.max(document.documentElement.scrollHeight, 700), `+strconv.Itoa(tallest)+`)))`), 10, 64)
	consoletest.Must(c.T, err)
	c.Eval(`document.activeElement.blur(), scrollTo(0, 0), ""`)
	c.Do(chromedp.EmulateViewport(width, height))
	c.Eval(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(""))))`) // until it is painted
	picture, err := png.Decode(bytes.NewReader(c.Picture()))
	consoletest.Must(c.T, err)
	f, err := os.Create(filepath.Join(dir, p.name+".png"))
	consoletest.Must(c.T, err)
	consoletest.Must(c.T, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, fewColours(picture)))
	consoletest.Must(c.T, f.Close())
}

// fewColours gives a picture the 256 colours that it uses most; each other
// pixel takes the nearest of them. Pages have few: what is lost is in the edges
// of letters, and the file is a third as large.
func fewColours(from image.Image) *image.Paletted {
	size := from.Bounds()
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA) }
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := color.Palette{}
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	to := image.NewPaletted(size, palette)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			c := at(x, y)
			i, known := nearest[c]
			if !known {
				i = uint8(palette.Index(c)) // at most 256 colours
				nearest[c] = i
			}
			to.SetColorIndex(x, y, i)
		}
	}
	return to
}
