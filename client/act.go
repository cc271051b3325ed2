package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/estelam/estelam/receipt"
)

// Done is what the server answers to an officer.
type Done struct {
	Code    string           // tracking code of an act; empty: it was a reading, which leaves none
	Result  json.RawMessage  // what the act made, or what was read; nil: a document
	Receipt *receipt.Receipt // the proof of an act: keep it, as Receipt.Append writes it
	Batch   *receipt.Batch   // of an act with several entries, such as a deed: all of them; Receipt is the first one's

	Document []byte // an answer that is no JSON, such as a PDF
	Kind     string // its media type
}

// errNoReceipt refuses an act whose answer brings no proof.
var errNoReceipt = errors.New("client: the act has no receipt")

// Act performs an act on the registers as the officer of the client's
// certificate. name is its address after /v1/, such as "events/death"; in is
// the input, anything that encodes to its JSON object; the result is decoded
// into out unless that is nil. An answer without a receipt that verifies is an
// error: the act may have happened, but nothing proves it.
//
// An act is sent once. When its answer is lost, look at the record before it
// is sent again; births alone know a repeated notification by its id.
func (c *Client) Act(ctx context.Context, name string, in, out any) (*Done, error) {
	d, err := c.Read(ctx, name, in, out)
	if err == nil && d.Receipt == nil {
		return nil, errNoReceipt
	}
	return d, err
}

// Read asks what an officer may read, which is no act or needs no receipt. An
// answer that brings one is verified all the same.
func (c *Client) Read(ctx context.Context, name string, in, out any) (*Done, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	var head http.Header
	answer, err := c.call(ctx, request{method: http.MethodPost, path: "/v1/" + name, body: body, head: &head})
	if err != nil {
		return nil, err
	}
	d, err := c.done(head, answer)
	if err == nil && out != nil && d.Result != nil {
		err = json.Unmarshal(d.Result, out)
	}
	return d, err
}

// done takes an answer apart and verifies the receipt that it brings.
func (c *Client) done(head http.Header, body []byte) (*Done, error) {
	d := &Done{}
	var file []byte
	kind, _, _ := mime.ParseMediaType(head.Get("Content-Type"))
	if kind != "application/json" {
		d.Document, d.Kind = body, head.Get("Content-Type")
		text := head.Get("Estelam-Receipt")
		var err error
		if file, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("client: receipt: %w", err)
		}
	} else {
		var act struct {
			Code    string          `json:"tracking_code"`
			Result  json.RawMessage `json:"result"`
			Receipt json.RawMessage `json:"receipt"`
		}
		if err := json.Unmarshal(body, &act); err != nil || act.Receipt == nil {
			d.Result = body // a list, or an object of its own
			return d, nil
		}
		d.Code, d.Result, file = act.Code, act.Result, act.Receipt
	}
	if len(file) == 0 {
		return d, nil
	}
	if batch, err := receipt.ParseBatch(file); err == nil {
		return d, c.batch(d, batch)
	}
	r, err := c.proof(file)
	if err != nil {
		return nil, err
	}
	h, err := r.Head() // the rest of an act's record is the noun's own
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	if d.Code == "" {
		d.Code = h.Code
	}
	if d.Code != h.Code || h.Kind == receipt.Inquiry {
		return nil, errAnother
	}
	d.Receipt = r
	return d, nil
}

// batch verifies the entries of an act that made several; its code is the
// first one's.
func (c *Client) batch(d *Done, batch *receipt.Batch) error {
	if c.verify {
		if err := batch.Verify(c.keys...); err != nil {
			return fmt.Errorf("client: %w", err)
		}
	}
	all, err := batch.Split()
	if err != nil || len(all) == 0 {
		return errAnother
	}
	first, err := all[0].Head()
	if err != nil || first.Code != d.Code {
		return errAnother
	}
	d.Receipt, d.Batch = all[0], batch
	return nil
}
