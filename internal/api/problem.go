package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// Problem is an RFC 9457 problem document. It holds texts of the catalogue and
// names of fields, never a value that somebody sent.
type Problem struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Kind   string    `json:"kind"`
	Key    string    `json:"key"`
	Fa     string    `json:"fa"`
	En     string    `json:"en"`
	ID     string    `json:"id,omitempty"`
	Errors []Mistake `json:"errors,omitempty"`
}

// Mistake is one wrong field.
type Mistake struct {
	Field string `json:"field"` // JSON pointer
	Key   string `json:"key"`
	Fa    string `json:"fa"`
	En    string `json:"en"`
}

// later is a fault that goes away by waiting.
type later struct {
	fault   *fault.Error
	seconds int
}

func (l later) Error() string { return l.fault.Error() }
func (l later) Unwrap() error { return l.fault }

// retryAfter is how long a caller should wait before the same request again.
func retryAfter(err error) int {
	var l later
	if errors.As(err, &l) {
		return l.seconds
	}
	return 2
}

// newProblem translates a fault for people and programs.
func newProblem(e *fault.Error, lang message.Lang) Problem {
	fa, en := texts(e)
	p := Problem{
		Type:   "/problems/" + e.Key,
		Title:  message.Text(lang, "api.kind."+e.Kind.String()),
		Status: e.Kind.Status(),
		Detail: fa,
		Kind:   e.Kind.String(),
		Key:    e.Key,
		Fa:     fa,
		En:     en,
		ID:     e.ID,
	}
	if lang == message.En {
		p.Detail = en
	}
	// A mistake takes a hundred times the bytes of the member that is wrong.
	for _, m := range append([]*fault.Error{e}, e.More[:min(len(e.More), mostMistakes)]...) {
		if m.Field == "" {
			continue
		}
		fa, en := texts(m)
		p.Errors = append(p.Errors, Mistake{Field: pointer(m.Field), Key: m.Key, Fa: fa, En: en})
	}
	return p
}

func texts(e *fault.Error) (fa, en string) {
	args := e.Args
	if len(args) == 0 && e.ID != "" {
		args = []string{e.ID}
	}
	return message.Text(message.Fa, e.Key, args...), message.Text(message.En, e.Key, args...)
}

// pointer turns a fault's field path into a JSON pointer. Names of fields hold
// neither ~ nor /.
func pointer(field string) string { return "/" + strings.ReplaceAll(field, ".", "/") }

// rendered keeps the problems that say the same each time: under overload a
// refusal must cost next to nothing. Keys are ours, so it is bounded.
var rendered sync.Map // renderedKey → []byte

type renderedKey struct {
	key  string
	kind fault.Kind
	lang message.Lang
}

func render(e *fault.Error, lang message.Lang) []byte {
	same := e.Field == "" && e.ID == "" && len(e.Args) == 0 && len(e.More) == 0
	k := renderedKey{e.Key, e.Kind, lang}
	if same {
		if b, ok := rendered.Load(k); ok {
			return b.([]byte)
		}
	}
	b, err := json.Marshal(newProblem(e, lang))
	if err != nil {
		panic(err) // strings of the catalogue always marshal
	}
	b = append(b, '\n')
	if same {
		rendered.Store(k, b)
	}
	return b
}

var (
	problemType = []string{"application/problem+json"}
	varyLang    = []string{"Accept-Language"}
	langFa      = []string{"fa"}
	langEn      = []string{"en"}
)

// refuse answers with a problem: the only place where an error becomes bytes.
func (a *API) refuse(c *call, err error) {
	e := fault.Of(err)
	if e.Kind == fault.Internal {
		a.log.Error("internal error", "id", e.ID, "key", e.Key, "route", c.route.path, "cause", err.Error())
	}
	lang := message.Prefer(c.r.Header.Get("Accept-Language"))
	h := c.w.Header()
	h["Content-Type"], h["Vary"], h["Content-Language"] = problemType, varyLang, langFa
	if lang == message.En {
		h["Content-Language"] = langEn
	}
	switch e.Kind {
	case fault.TooMany, fault.Unavailable, fault.Full:
		h.Set("Retry-After", strconv.Itoa(retryAfter(err)))
	}
	c.status = e.Kind.Status()
	c.write(render(e, lang))
}

// problemPage explains a key in both languages: as JSON where that is asked
// for, else as a page for people.
func (a *API) problemPage(c *call) error {
	key := strings.TrimPrefix(c.r.URL.Path, "/problems/")
	if !message.Known(key) {
		return fault.New(fault.NotFound, "api.problem.unknown")
	}
	const any = "…" // for what an answer fills in
	fa, en := message.Text(message.Fa, key, any, any, any), message.Text(message.En, key, any, any, any)
	if strings.Contains(c.r.Header.Get("Accept"), "application/json") {
		c.kind = jsonType
		var err error
		c.out, err = json.Marshal(map[string]string{"key": key, "fa": fa, "en": en}, json.Deterministic(true))
		return err
	}
	c.kind = htmlType
	return execute(c, problemTemplate, map[string]string{"Key": key, "Fa": fa, "En": en})
}

func allow(h http.Header, method string) {
	if method == http.MethodGet {
		method = "GET, HEAD"
	}
	h.Set("Allow", method)
}
