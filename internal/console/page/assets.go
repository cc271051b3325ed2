package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

// The media types of what static/ holds; a file of another kind is not served.
var mediaTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".txt":   "text/plain; charset=utf-8",
}

// assets are the static files under addresses that hold a hash of their
// content, so that browsers may keep them for ever.
type assets struct {
	address map[string]string // style.css → /static/style.0f3a….css
	content map[string][]byte // by address
	zipped  map[string][]byte // the same, of texts
}

func loadAssets() (*assets, error) {
	a := &assets{address: map[string]string{}, content: map[string][]byte{}, zipped: map[string][]byte{}}
	files, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, f := range files {
		if f.Name() != "style.css" {
			names = append(names, f.Name())
		}
	}
	for _, name := range append(names, "style.css") { // the last: it names others by their addresses
		data, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			return nil, err
		}
		if name == "style.css" {
			for other, address := range a.address {
				data = bytes.ReplaceAll(data, []byte(`url("`+other+`")`), []byte(`url("`+address+`")`))
			}
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(name)
		address := "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.address[name], a.content[address] = address, data
		if ext != ".woff2" && len(data) >= smallest {
			a.zipped[address] = zipped(data)
		}
	}
	return a, nil
}

// serve sends a static file; it is false where there is none. The address changes with the content, hence
// "immutable".
func (a *assets) serve(w http.ResponseWriter, r *http.Request) bool {
	data, ok := a.content[r.URL.Path]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", mediaTypes[path.Ext(r.URL.Path)])
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if z, ok := a.zipped[r.URL.Path]; ok && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(z)))
		data = z
	}
	h.Add("Vary", "Accept-Encoding")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return true
}
