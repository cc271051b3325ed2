package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Pages and texts go out compressed: a page is a tenth then. That a guess in a
// page could be told from its length (BREACH) needs another site to fetch
// pages in an officer's name again and again, which the session cookie's
// SameSite and Cross-Origin-Resource-Policy forbid; and no page holds a secret
// that outlives it.

// smallest is the length below which compressing gains nothing.
const smallest = 1 << 10

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func zipped(data []byte) []byte {
	var b bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// send writes a whole body, compressed if the reader takes that.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= smallest && takesGzip(r) {
		body = zipped(body)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader has gone: nobody is left to tell
}
