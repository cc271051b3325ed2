package page

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
)

// Get is a page to read.
func Get(path string, roles []string, serve func(*Visit) error) Route {
	return Route{Method: http.MethodGet, Path: path, Roles: roles, Serve: serve}
}

// Number is a number in the page's path. One that is none names nothing.
func (v *Visit) Number(name string) (int64, error) {
	n, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, NotFound()
	}
	return n, nil
}

// Asked is a number that the address asks for; 0: none, or none that can be read.
func (v *Visit) Asked(name string) int64 {
	n, _ := strconv.ParseInt(v.R.URL.Query().Get(name), 10, 64) // anything else: none
	return max(n, 0)
}

// Next is the address of a list's next page: this one's with another cursor.
func (v *Visit) Next(name, cursor string) string {
	q := v.R.URL.Query()
	q.Set(name, cursor)
	return v.R.URL.Path + "?" + q.Encode()
}

// Tabs are views of a list, chosen by one word of its address; the texts of the
// words stand below prefix, that of "" at prefix + "all".
func (v *Visit) Tabs(path, name, prefix string, words ...string) (all Tabs) {
	now := v.R.URL.Query().Get(name)
	for _, word := range words {
		link := Link{Path: path, Text: v.T(prefix + "all"), Current: now == word}
		if word != "" {
			link.Path, link.Text = path+"?"+name+"="+word, v.T(prefix+word)
		}
		all = append(all, link)
	}
	return all
}

// Address is where the public reaches this server.
func (v *Visit) Address() string {
	switch {
	case v.URL != "":
		return v.URL
	case v.R.TLS != nil:
		return "https://" + v.R.Host
	}
	return "http://" + v.R.Host
}

// Moved takes the faults below one place of an act's input to another: to "" if
// the form's controls are the members of that place.
func Moved(err error, from, to string) error {
	f := fault.Of(err)
	if f == nil {
		return nil
	}
	moved := func(e *fault.Error) *fault.Error {
		c := *e
		c.More = nil
		if below, ok := strings.CutPrefix(c.Field, from); ok && (below == "" || below[0] == '.') {
			c.Field = strings.TrimPrefix(to+below, ".")
		}
		return &c
	}
	out := moved(f)
	for _, one := range f.More {
		out.More = append(out.More, moved(one))
	}
	return out
}
