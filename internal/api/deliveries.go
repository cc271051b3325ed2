package api

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/sheet"
)

// deliveryRoutes are the routes of deliveries: what an agency's people ask for
// and fetch, what the registry decides. A file comes in as the body itself,
// and packages go out in parts, for both are larger than a JSON text may be.
func (a *API) deliveryRoutes() []*route {
	return append([]*route{
		act("/v1/deliveries/request", func(c *call, who journal.Actor, in *delivery.Request) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Request(c.r.Context(), a.journal, who, in)
		}),
		{method: "PUT", path: "/v1/deliveries/upload", serve: a.upload, gate: a.downloads},
		ask("/v1/deliveries/preview", func(c *call, who journal.Actor, in *delivery.Previewing) (*sheet.Preview, error) {
			return a.deliveries.Preview(c.r.Context(), who, in)
		}),
		act("/v1/deliveries/start", func(c *call, who journal.Actor, in *delivery.Starting) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Start(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/deliveries/withdraw", func(c *call, who journal.Actor, in *delivery.Of) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Withdraw(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/deliveries/result", func(c *call, who journal.Actor, in *delivery.Page) (*delivery.Result, error) {
			return a.deliveries.Result(c.r.Context(), who, in)
		}),
		ask("/v1/deliveries/package", func(c *call, who journal.Actor, in *delivery.Of) (*delivery.Package, error) {
			return a.deliveries.Package(c.r.Context(), who, in)
		}),
		{method: "GET", path: "/v1/deliveries/part", serve: a.packagePart, access: forAgencies, gate: a.downloads},
		act("/v1/deliveries/acknowledge", func(c *call, who journal.Actor, in *delivery.Acknowledgement) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Acknowledge(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/deliveries/recipient", func(c *call, who journal.Actor, in *delivery.Recipient) (*delivery.Registered, journal.Proven, error) {
			return a.deliveries.SetRecipient(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/deliveries/list", func(c *call, who journal.Actor, in *delivery.Filter) (out deliveriesAnswer, err error) {
			out.Deliveries, err = a.deliveries.List(c.r.Context(), who, in)
			return out, err
		}),
		ask("/v1/deliveries/find", func(c *call, who journal.Actor, in *delivery.Of) (*delivery.Delivery, error) {
			return a.deliveries.Find(c.r.Context(), who, in)
		}),
	}, a.deliveryDecisions()...)
}

// deliveryDecisions are the registry's side.
func (a *API) deliveryDecisions() []*route {
	return []*route{
		act("/v1/deliveries/prioritise", func(c *call, who journal.Actor, in *delivery.Priority) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Prioritise(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/deliveries/refuse", func(c *call, who journal.Actor, in *delivery.Refusal) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Refuse(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/deliveries/release", func(c *call, who journal.Actor, in *delivery.Releasing) (*delivery.Delivery, journal.Proven, error) {
			return a.deliveries.Release(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/deliveries/clock", func(c *call, who journal.Actor, _ *struct{}) (*delivery.Clock, error) {
			return a.deliveries.Clock(c.r.Context(), who)
		}),
	}
}

type deliveriesAnswer struct {
	Deliveries []delivery.Delivery `json:"deliveries"`
}

// fileTypes are the media types of files that are handed in. What the file is
// decides what is in it.
var fileTypes = []string{
	"application/octet-stream", "text/csv", "application/vnd.apache.parquet",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// upload serves PUT /v1/deliveries/upload: the body is the file, of any length
// that a delivery may have, sealed on disk while it arrives.
func (a *API) upload(c *call) error {
	id, err := c.count("delivery", 1<<62)
	if err != nil {
		return err
	}
	body := &arriving{from: c.r.Body, patience: a.limits.Read, control: http.NewResponseController(c.w)}
	var file io.Reader = body
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || !slices.Contains(fileTypes, kind) || len(c.r.Header["Content-Encoding"]) > 0 {
		file = refusing{} // who may not come is told so first
	}
	d, proven, err := a.deliveries.Upload(c.r.Context(), a.journal, c.actor(), id, file)
	_ = body.control.SetWriteDeadline(time.Now().Add(a.limits.Write)) // a recorder in tests has none
	if err != nil {
		return err
	}
	c.out, err = appendJSON(c.out, proof{string(proven.Code), d, proven.Receipt().Append(nil)})
	return err
}

// arriving is a body of any length: each piece of it has the time of a whole
// request.
type arriving struct {
	from     io.Reader
	patience time.Duration
	control  *http.ResponseController
}

func (b *arriving) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(b.patience)) // a recorder in tests has none
	return b.from.Read(p)
}

// refusing is the body of a file of another media type.
type refusing struct{}

func (refusing) Read([]byte) (int, error) {
	return 0, fault.New(fault.Unsupported, "delivery.content")
}

// packagePart serves GET /v1/deliveries/part: one part of a media package, or a
// range of it (RFC 9110, section 14).
func (a *API) packagePart(c *call) error {
	id, err := c.count("delivery", 1<<62)
	if err != nil {
		return err
	}
	no, err := c.count("part", 1<<31)
	if err != nil {
		return err
	}
	p, err := a.deliveries.Part(c.r.Context(), c.agency.ID, id, no)
	if err != nil {
		return err
	}
	defer p.Close()
	c.w.Header()["Etag"] = []string{`"` + p.SHA256 + `"`}
	c.w.Header()["Content-Type"] = []string{"application/octet-stream"}
	http.ServeContent(&paced{c, http.NewResponseController(c.w)}, c.r, "", time.Time{}, p)
	return nil
}

// paced writes an answer of another's making: each piece has the time of a
// whole answer.
type paced struct {
	c       *call
	control *http.ResponseController
}

func (p *paced) Header() http.Header { return p.c.w.Header() }

func (p *paced) WriteHeader(status int) {
	p.c.sent, p.c.status = true, status
	p.c.w.WriteHeader(status)
}

func (p *paced) Write(b []byte) (int, error) {
	p.c.sent = true
	_ = p.control.SetWriteDeadline(time.Now().Add(p.c.a.limits.Write)) // a recorder in tests has none
	return p.c.w.Write(b)
}
