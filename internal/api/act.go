package api

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
)

// The acts on the registers go through one frame. A noun's file of routes
// states each of them in a line:
//
//	act("/v1/births", func(c *call, who journal.Actor, in *person.Birth) (person.Born, journal.Proven, error) {
//		return c.a.persons.RegisterBirth(c.r.Context(), c.a.journal, who, in)
//	})
//
//   - act is a POST that changes something: its answer holds the result, the
//     tracking code and the receipt. ask is a POST that only reads: its answer
//     is the result.
//   - Both are for officers: the certificate of the connection is bound to one,
//     and he is the actor. An agency's program is refused here, so two persons
//     are two keys. What his role permits is the act's own rule (register.Only
//     stands first in it); an ask of a noun without such a rule begins with
//     register.Only itself. For others: act(…).to(forAnyone), and who is empty.
//   - The input is the noun's own struct, read strictly (input.go). Its Check
//     is the act's business.
//   - A file comes in as a member of the input: CSV as text, other forms as
//     []byte, which is base64. So a file has its mistakes told like any other
//     member. act(…).large() makes room for it.
//   - A document goes out by c.stream instead of a result, from an ask or an
//     act. The receipt of an act then stands in the header Estelam-Receipt, in
//     base64: an act that streams is written as an ask, with c.proves before.

// proof is the answer of an act.
type proof struct {
	Code    string `json:"tracking_code"`
	Result  any    `json:"result"`
	Receipt raw    `json:"receipt"`
}

// raw is JSON that is written as it is; leave it out with omitzero.
type raw = jsontext.Value

// act makes the route of an act.
func act[In, Out any](path string, f func(c *call, who journal.Actor, in *In) (Out, journal.Proven, error)) *route {
	return post(path, func(c *call, who journal.Actor, in *In) error {
		result, proven, err := f(c, who, in)
		if err != nil {
			return err
		}
		c.out, err = appendJSON(c.out, proof{string(proven.Code), result, proven.Receipt().Append(nil)})
		return err
	})
}

// ask makes the route of a reading that is no act.
func ask[In, Out any](path string, f func(c *call, who journal.Actor, in *In) (Out, error)) *route {
	return post(path, func(c *call, who journal.Actor, in *In) error {
		result, err := f(c, who, in)
		if err != nil || c.sent {
			return err
		}
		c.out, err = appendJSON(c.out, result)
		return err
	})
}

func post[In any](path string, f func(c *call, who journal.Actor, in *In) error) *route {
	return &route{method: http.MethodPost, path: path, serve: func(c *call) error {
		in := new(In)
		if err := readInput(c.body, in); err != nil {
			return err
		}
		return f(c, c.actor(), in)
	}}
}

// actor is the officer of the certificate; without one nobody, whom every
// noun's rule refuses.
func (c *call) actor() journal.Actor {
	if c.bearer == nil {
		return journal.Actor{}
	}
	return journal.Actor{Role: c.bearer.Role, Agency: c.agency.ID, ID: c.bearer.Login}
}

// to says who may come if not officers alone.
func (rt *route) to(who access) *route {
	rt.access = who
	return rt
}

// large makes room for a file: a longer body, at the gate of long work.
func (rt *route) large() *route {
	rt.file = true
	return rt
}

// furnish gives routes of acts what the limits say; others stay as they are.
func (a *API) furnish(routes []*route) []*route {
	for _, rt := range routes {
		if rt.gate != nil || rt.method != http.MethodPost {
			continue
		}
		rt.limit, rt.gate = a.limits.Body, a.work
		if rt.file {
			rt.limit, rt.gate = a.limits.ActFile, a.bulk
		}
	}
	return routes
}

// page checks how many items of a list are wanted; 0 becomes the usual number.
func page(limit *int, usual, most int) error {
	if *limit < 0 || *limit > most {
		return fault.New(fault.Invalid, "api.limit", strconv.Itoa(most)).At("limit")
	}
	if *limit == 0 {
		*limit = usual
	}
	return nil
}

func appendJSON(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v, json.FormatNilSliceAsNull(false))
	return append(append(b, text...), '\n'), err
}

// stream answers with a document of another kind, written as it is made. An
// error before its first byte is a problem as ever; after it the connection is
// cut, so that half a document is never taken for a whole one.
func (c *call) stream(kind string, write func(io.Writer) error) error {
	w := &streamed{c: c, kind: []string{kind}, control: http.NewResponseController(c.w)}
	err := write(w)
	switch {
	case err == nil:
		_, err = w.Write(nil) // an empty document has a head too
	case c.sent:
		c.a.log.Warn("a document broke off", "route", c.route.path, "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// proves puts the receipt of an act into the header, for an answer that is a
// document and no JSON. It comes before stream.
func (c *call) proves(p *journal.Proven) {
	c.w.Header()["Estelam-Receipt"] = []string{base64.StdEncoding.EncodeToString(p.Receipt().Append(nil))}
}

// streamed sends the head with the first byte, and gives every part of a long
// document the time of a whole answer.
type streamed struct {
	c       *call
	kind    []string
	control *http.ResponseController
}

func (s *streamed) Write(p []byte) (int, error) {
	if !s.c.sent {
		s.c.sent = true
		s.c.w.Header()["Content-Type"] = s.kind
		s.c.w.WriteHeader(s.c.status)
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(s.c.a.limits.Write)) // a recorder in tests has none
	return s.c.w.Write(p)
}
