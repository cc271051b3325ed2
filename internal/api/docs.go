package api

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/swaggest/swgui/v5emb"

	"github.com/estelam/estelam/internal/fault"
)

//go:embed openapi/*.yaml
var parts embed.FS

// document is openapi/*.yaml as one; head.yaml says how the parts are joined.
var document = func() []byte {
	b := append(part("head.yaml"), "paths:\n"...)
	b = append(append(append(b, part("inquiry.yaml")...), nounPaths()...), part("service.yaml")...)
	b = append(append(b, "components:\n"...), part("components.yaml")...)
	b = append(b, "  schemas:\n"...)
	for _, name := range partNames() {
		if strings.HasSuffix(name, "_schemas.yaml") {
			b = append(b, part(name)...)
		}
	}
	return append(append(b, "  examples:\n"...), part("examples.yaml")...)
}()

// nounPaths is the paths of all nouns, in order of their parts' names.
func nounPaths() (b []byte) {
	fixed := []string{"head.yaml", "inquiry.yaml", "service.yaml", "components.yaml", "examples.yaml"}
	for _, name := range partNames() {
		if !slices.Contains(fixed, name) && !strings.HasSuffix(name, "_schemas.yaml") {
			b = append(b, part(name)...)
		}
	}
	return b
}

func partNames() (names []string) {
	files, err := parts.ReadDir("openapi") // in order of names
	if err != nil {
		panic(err) // embedded
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func part(name string) []byte {
	text, err := parts.ReadFile("openapi/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return text
}

// Document is openapi.yaml, for tools and tests.
func Document() []byte { return bytes.Clone(document) }

var (
	//go:embed docs/index.html
	docsPage []byte
	//go:embed docs/init.js
	docsScript []byte
	//go:embed docs/style.css
	docsStyle []byte
	//go:embed docs/problem.html
	problemSource string

	problemTemplate = template.Must(template.New("problem").Parse(problemSource))

	yamlType   = []string{"application/yaml"}
	styleType  = []string{"text/css; charset=utf-8"}
	scriptType = []string{"text/javascript; charset=utf-8"}
)

// The library's own page starts with an inline script, which our policy does
// not run: the page and the few lines of script are ours, the rest is served
// from the library's embedded files. No request leaves for elsewhere.
var (
	docsPolicy = []string{"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}
	docsAssets = v5emb.New("Estelam", "/openapi.yaml", "/docs/")
)

// document serves GET /openapi.yaml.
func (a *API) document(c *call) error {
	c.kind, c.out = yamlType, append(c.out, document...)
	return nil
}

// docs serves GET /docs/: this document as a page.
func (a *API) docs(c *call) error {
	c.w.Header()["Content-Security-Policy"] = docsPolicy
	switch name := strings.TrimPrefix(c.r.URL.Path, "/docs/"); name {
	case "":
		c.kind, c.out = htmlType, append(c.out, docsPage...)
	case "init.js":
		c.kind, c.out = scriptType, append(c.out, docsScript...)
	case "style.css":
		c.kind, c.out = styleType, append(c.out, docsStyle...)
	case "swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png":
		c.w.Header()["Cache-Control"] = []string{"public, max-age=3600"}
		return c.pass(docsAssets)
	default:
		return nowhere(c)
	}
	return nil
}

// pass lets another handler answer.
func (c *call) pass(h http.Handler) error {
	w := &watched{ResponseWriter: c.w, status: http.StatusOK}
	h.ServeHTTP(w, c.r)
	c.sent, c.status = true, w.status
	return nil
}

// watched remembers the status for the meter.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func execute(c *call, t *template.Template, data any) error {
	var b bytes.Buffer
	err := t.Execute(&b, data)
	c.out = append(c.out, b.Bytes()...)
	return err
}

// nowhere answers for paths that are no routes.
func nowhere(*call) error { return fault.New(fault.NotFound, "api.route") }

// elsewhere answers on the public listener for routes that need a certificate.
func elsewhere(*call) error { return fault.New(fault.Unauthenticated, "api.certificate.elsewhere") }

// healthz says that the process is up.
func (a *API) healthz(c *call) error {
	c.kind, c.out = textType, append(c.out, "ok\n"...)
	return nil
}

// readyz says whether an inquiry asked now could be answered.
func (a *API) readyz(c *call) error {
	if err := a.journal.State().Err; err != nil {
		return notReady(err) // the lease is lost, or the disk failed
	}
	if a.ready != nil {
		if err := a.ready(); err != nil {
			return notReady(err)
		}
	}
	return a.healthz(c)
}

func notReady(err error) error {
	return fault.New(fault.Unavailable, "api.not_ready").Because(err)
}

// errPanic stands for a panic in problems; the stack is in the log.
var errPanic = errors.New("panic")
