package page

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/estelam/estelam/internal/message"
)

//go:embed templates
var templateFiles embed.FS

// sheets holds every template, parsed once for each language.
type sheets struct {
	by map[message.Lang]map[string]*template.Template
}

func loadSheets(a *assets, rooms []Room) (*sheets, error) {
	p := &sheets{by: map[message.Lang]map[string]*template.Template{}}
	for _, lang := range []message.Lang{message.Fa, message.En} {
		frame := template.New("")
		frame.Funcs(functions(lang, a, frame))
		if _, err := frame.ParseFS(templateFiles, "templates/*.html"); err != nil {
			return nil, err
		}
		p.by[lang] = map[string]*template.Template{"": frame}
		for _, room := range rooms {
			if err := p.furnish(lang, a, room); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// furnish parses the templates of a room, each on a copy of the frame.
func (p *sheets) furnish(lang message.Lang, a *assets, room Room) error {
	if room.Templates == nil {
		return nil
	}
	files, err := fs.Glob(room.Templates, "templates/*.html")
	if err != nil {
		return err
	}
	for _, f := range files {
		t, err := p.by[lang][""].Clone()
		if err != nil {
			return err
		}
		t.Funcs(functions(lang, a, t))
		if _, err = t.ParseFS(room.Templates, f); err != nil {
			return err
		}
		p.by[lang][room.Name+"/"+strings.TrimSuffix(path.Base(f), ".html")] = t
	}
	return nil
}

// functions is all that a template may call: texts, digits, addresses, blocks.
func functions(lang message.Lang, a *assets, of *template.Template) template.FuncMap {
	return template.FuncMap{
		"t":       func(key string, args ...string) string { return message.Text(lang, key, args...) },
		"persian": func(key string) string { return message.Text(message.Fa, key) }, // in any language
		"digits":  func(s string) string { return digits(lang, s) },
		"static":  func(name string) string { return a.address[name] },
		"draw": func(b any) (template.HTML, error) {
			if r := reflect.ValueOf(b); b == nil || r.Kind() == reflect.Pointer && r.IsNil() {
				return "", nil
			}
			var out bytes.Buffer
			err := of.ExecuteTemplate(&out, "block-"+strings.ToLower(reflect.Indirect(reflect.ValueOf(b)).Type().Name()), b)
			return template.HTML(out.String()), err // made by this very template set, which escaped it
		},
	}
}

// Screen is a page made of blocks.
type Screen struct {
	Title   string
	Lead    string
	Above   *Link    // the page that this one belongs to
	Buttons []Button // beside the title
	Blocks  []any    // of the types in blocks.go, table.go, chart.go, act.go; wherever blocks stand, nil ones are left out
	Slim    bool     // a narrow column: a short form
	Scripts []string // static scripts of this page alone
	Refresh int      // seconds until the page looks again, while something goes on; 0: it does not
	Status  int      // 0: 200
}

// Show answers with a screen.
func (v *Visit) Show(s Screen) error {
	return v.render(cmp.Or(s.Status, http.StatusOK), "", s.Title, s.Scripts, s.Refresh, s)
}

// Page answers with a template of a room's own, such as "officer/ask".
func (v *Visit) Page(status int, name, title string, body any, scripts ...string) error {
	return v.render(status, name, title, scripts, 0, body)
}

// screen is what the frame around a page shows.
type screen struct {
	Lang, Dir string
	Title     string
	Back      string // where a change of language returns to
	Demo      bool
	Lookup    bool // show the small form that checks a code
	Officer   *officerLine
	Menu      []menuGroup
	Flash     *flash
	Scripts   []string
	Refresh   int
	Problem   bool // the body is what went wrong
	Body      any
}

type officerLine struct{ Name, Agency, Role string }

type menuGroup struct {
	Title string
	Items []menuItem
}

type menuItem struct {
	Path, Text, Icon string
	Count            string
	Current          bool
}

// render writes a page. Nothing is sent before all of it is rendered: a page
// that fails half-way becomes a problem page, not half a page.
func (v *Visit) render(status int, name, title string, scripts []string, refresh int, body any) error {
	s := screen{
		Lang: string(v.Lang), Dir: "rtl", Title: title, Body: body, Demo: v.Demo, Scripts: scripts, Refresh: refresh,
		Back: v.back(), Lookup: v.Asker != nil,
	}
	_, s.Problem = body.(problemView)
	if v.Lang == message.En {
		s.Dir = "ltr"
	}
	if v.Asker != nil {
		o := v.Asker.Officer
		s.Officer = &officerLine{Name: o.Name, Agency: v.Asker.Agency.Name, Role: v.T("register.role." + o.Role)}
		s.Menu, s.Flash = v.menuOf(), v.takeFlash()
	}
	t := v.sheets.by[v.Lang][name]
	if t == nil {
		return fmt.Errorf("no template %q", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "frame", s); err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(v.Lang))
	send(v.W, v.R, status, b.Bytes())
	return nil
}

// back is the page to return to after a change of language: this one, if it
// can be had by GET.
func (v *Visit) back() string {
	if v.R.Method == http.MethodGet || v.R.Method == http.MethodHead {
		return v.R.URL.RequestURI()
	}
	other := v.R.Clone(v.R.Context())
	other.Method = http.MethodGet
	if _, pattern := v.mux.Handler(other); pattern == "/" {
		return Home(v.Role())
	}
	return v.R.URL.RequestURI()
}

// menuOf is the side menu of the visitor's role; the longest path that leads
// here is the current one.
func (v *Visit) menuOf() (groups []menuGroup) {
	at, best := v.R.URL.Path, ""
	for _, item := range v.menu {
		if v.shown(item) && (at == item.Path || strings.HasPrefix(at, item.Path+"/")) && len(item.Path) > len(best) {
			best = item.Path
		}
	}
	for _, item := range v.menu {
		if !v.shown(item) {
			continue
		}
		title := ""
		if item.Group != "" {
			title = v.T(item.Group)
		}
		if n := len(groups); n == 0 || groups[n-1].Title != title {
			groups = append(groups, menuGroup{Title: title})
		}
		line := menuItem{Path: item.Path, Text: v.T(item.Key), Icon: item.Icon, Current: item.Path == best}
		if item.Count != nil {
			if n := item.Count(v); n > 0 {
				line.Count = v.Count(int64(min(n, MostCounted)))
				if n > MostCounted {
					line.Count += "+"
				}
			}
		}
		g := &groups[len(groups)-1]
		g.Items = append(g.Items, line)
	}
	return groups
}

func (v *Visit) shown(i Item) bool {
	r := Route{Roles: i.Roles}
	return r.lets(v.Role()) && (i.Shows == nil || i.Shows(v))
}
