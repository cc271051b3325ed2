package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

// freeBody is how much of a body costs no part of the budget: as much as the
// connection's own buffers.
const freeBody = 8 << 10

// budget bounds the bytes of bodies in memory. A body takes its part as it
// arrives, not as it announces itself, so slow senders hold little.
type budget struct{ left atomic.Int64 }

func (b *budget) take(n int64) bool {
	if b.left.Add(-n) < 0 {
		b.left.Add(n)
		return false
	}
	return true
}

// readBody checks the form of the body and reads it into the call's buffer. A
// body that says it is too long is not read at all.
func (c *call) readBody() error {
	if err := checkForm(c.r.Header); err != nil {
		return err
	}
	want, limit := c.r.ContentLength, c.route.limit
	if want > limit {
		return tooLarge(limit)
	}
	c.body = c.body[:0]
	for {
		if len(c.body) == cap(c.body) {
			if err := c.grow(want); err != nil {
				return err
			}
		}
		n, err := c.r.Body.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		switch {
		case int64(len(c.body)) > limit:
			return tooLarge(limit)
		case errors.Is(err, io.EOF):
			if !utf8.Valid(c.body) {
				return fault.New(fault.Malformed, "api.json.utf8")
			}
			return nil
		case err != nil:
			return fault.New(fault.Malformed, "api.body.cut").Because(err)
		}
	}
}

// grow makes room for the next part of a body of want bytes (-1: unknown): twice
// as much as has come.
func (c *call) grow(want int64) error {
	size := max(2048, 2*int64(cap(c.body)))
	if want >= 0 {
		size = min(size, want+1) // one more, so that the end is seen without growing
	}
	size = max(size, int64(len(c.body))+1)
	if more := size - freeBody - c.reserved; more > 0 {
		if !c.a.bodies.take(more) {
			return later{fault.New(fault.Unavailable, "api.busy"), 1}
		}
		c.reserved += more
	}
	c.body = append(make([]byte, 0, size), c.body...)
	return nil
}

// checkForm accepts JSON in UTF-8, uncompressed, and nothing else.
func checkForm(h http.Header) error {
	if enc := h["Content-Encoding"]; len(enc) > 0 {
		return fault.New(fault.Unsupported, "api.encoding")
	}
	types := h["Content-Type"]
	if len(types) == 1 && types[0] == "application/json" {
		return nil
	}
	if len(types) != 1 {
		return fault.New(fault.Unsupported, "api.type")
	}
	kind, params, err := mime.ParseMediaType(types[0])
	if err != nil || kind != "application/json" {
		return fault.New(fault.Unsupported, "api.type")
	}
	for name, value := range params {
		if name == "charset" && !strings.EqualFold(value, "utf-8") {
			return fault.New(fault.Unsupported, "api.charset")
		}
	}
	return nil
}

func tooLarge(limit int64) error {
	if limit >= 1<<20 {
		return fault.New(fault.TooLarge, "api.body.large.mb", itoa(limit>>20))
	}
	return fault.New(fault.TooLarge, "api.body.large", itoa(limit>>10))
}
