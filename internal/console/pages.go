package console

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

//go:embed templates
var templateFiles embed.FS

// pages holds every template, parsed once for each language.
type pages struct {
	by map[message.Lang]map[string]*template.Template
}

func loadPages(a *assets) (*pages, error) {
	p := &pages{by: map[message.Lang]map[string]*template.Template{}}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, lang := range []message.Lang{message.Fa, message.En} {
		frame, err := template.New("").Funcs(functions(lang, a)).ParseFS(templateFiles, "templates/frame/*.html")
		if err != nil {
			return nil, err
		}
		p.by[lang] = map[string]*template.Template{}
		for _, f := range files {
			t, err := frame.Clone()
			if err != nil {
				return nil, err
			}
			if _, err = t.ParseFS(templateFiles, f); err != nil {
				return nil, err
			}
			name := strings.TrimSuffix(strings.TrimPrefix(f, "templates/"), ".html")
			p.by[lang][name] = t
		}
	}
	return p, nil
}

// functions is all that a template may call: texts, digits and addresses.
func functions(lang message.Lang, a *assets) template.FuncMap {
	names := map[string]string{"style": "style.css", "script": "script.js", "font": "vazirmatn.woff2", "licence": "vazirmatn-OFL.txt", "icon": "favicon.svg"}
	return template.FuncMap{
		"t":       func(key string, args ...string) string { return message.Text(lang, key, args...) },
		"persian": func(key string) string { return message.Text(message.Fa, key) }, // in any language
		"digits":  func(s string) string { return digits(lang, s) },
		"static":  func(what string) string { return a.address[names[what]] },
	}
}

// screen is what the frame around a page shows.
type screen struct {
	Lang, Dir string
	Title     string
	Back      string // where a change of language returns to
	Demo      bool
	Lookup    bool // show the small form that checks a code
	Officer   *officerLine
	Menu      []menuItem // officers only
	Body      any
}

type officerLine struct{ Name, Agency string }

type menuItem struct {
	Path, Text, Icon string
	Current          bool
}

// show renders a page. Nothing is sent before all of it is rendered: a page
// that fails half-way becomes a problem page, not half a page.
func (k *Console) show(v *visit, status int, name, title string, body any) error {
	s := screen{
		Lang: string(v.lang), Dir: "rtl", Title: title, Body: body, Demo: k.Demo,
		Back:   "/",
		Lookup: name == "desk" || name == "ask" || name == "answer" || name == "slip",
	}
	if v.lang == message.En {
		s.Dir = "ltr"
	}
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
		s.Back = v.r.URL.RequestURI()
	} else if v.r.URL.Path == "/check" || v.r.URL.Path == "/officer/ask" || v.r.URL.Path == "/officer/sign-in" {
		s.Back = v.r.URL.RequestURI()
	}
	if v.asker != nil && name != "signin" {
		s.Officer = &officerLine{Name: v.asker.Officer.Name, Agency: v.asker.Agency.Name}
		if v.asker.Officer.Role == Officer {
			s.Menu = menu(v)
		}
	}
	var b bytes.Buffer
	if err := k.pages.by[v.lang][name].ExecuteTemplate(&b, "frame", s); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.lang))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // the reader has gone: nobody is left to tell
	return nil
}

func menu(v *visit) []menuItem {
	at := v.r.URL.Path
	return []menuItem{
		{"/officer", v.text("console.menu.desk"), "desk", at == "/officer"},
		{"/officer/ask", v.text("console.menu.ask"), "search", strings.HasPrefix(at, "/officer/ask")},
		{"/check", v.text("console.menu.check"), "shield", at == "/check"},
	}
}

func (v *visit) text(key string, args ...string) string {
	return message.Text(v.lang, key, args...)
}

// digits writes ASCII digits as the language's readers expect them.
func digits(lang message.Lang, s string) string {
	if lang == message.Fa {
		return persian.Digits(s)
	}
	return s
}

// day writes a day of the Jalali calendar in words.
func (v *visit) day(d persian.Date) string {
	if !d.Precise() {
		return digits(v.lang, d.String())
	}
	return v.text("console.day", v.count(int64(d.Day)), v.text("console.month."+itoa(int64(d.Month))), digits(v.lang, itoa(int64(d.Year))))
}

// moment writes a point in time as a day and an hour of Tehran.
func (v *visit) moment(t time.Time) string {
	return v.text("console.moment", v.day(persian.DateOf(t)), digits(v.lang, t.In(persian.Tehran).Format("15:04")))
}

// today is the moment with its day of the week.
func (v *visit) today(now time.Time) string {
	return v.text("console.desk.today", v.text("console.weekday."+itoa(int64(now.In(persian.Tehran).Weekday()))), v.moment(now))
}

// count writes a number with its groups.
func (v *visit) count(n int64) string {
	if v.lang == message.Fa {
		return persian.Number(n)
	}
	s := itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
