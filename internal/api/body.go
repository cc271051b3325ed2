package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

// readBody checks the form of the body and reads it into the call's buffer. A
// body that says it is too long is not read at all.
func (c *call) readBody() error {
	if err := checkForm(c.r.Header); err != nil {
		return err
	}
	n, limit := c.r.ContentLength, c.route.limit
	if n > limit {
		return tooLarge(limit)
	}
	c.body = c.body[:0]
	if n >= 0 {
		if int64(cap(c.body)) < n {
			c.body = make([]byte, 0, max(n, 2048))
		}
		c.body = c.body[:n]
		if _, err := io.ReadFull(c.r.Body, c.body); err != nil {
			return fault.New(fault.Malformed, "api.body.cut").Because(err)
		}
	} else if err := c.readChunks(limit); err != nil {
		return err
	}
	if !utf8.Valid(c.body) {
		return fault.New(fault.Malformed, "api.json.utf8")
	}
	return nil
}

// readChunks reads a body that does not tell its length.
func (c *call) readChunks(limit int64) error {
	if cap(c.body) == 0 {
		c.body = make([]byte, 0, 2048)
	}
	for {
		if len(c.body) == cap(c.body) {
			c.body = append(c.body, 0)[:len(c.body)]
		}
		n, err := c.r.Body.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		switch {
		case int64(len(c.body)) > limit:
			return tooLarge(limit)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fault.New(fault.Malformed, "api.body.cut").Because(err)
		}
	}
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
