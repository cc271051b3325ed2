package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/estelam/estelam/receipt"
)

// Question is one question. The words are those of the API's document; dates
// are Solar Hijri, in any usual form.
type Question struct {
	Officer           string            `json:"officer,omitempty"`      // login of who asks; in a batch it stands in Batch
	Purpose           string            `json:"purpose,omitempty"`      // code, as the agreement names it
	Process           string            `json:"process,omitempty"`      // code of the service process
	File              string            `json:"file,omitempty"`         // the agency's own file number
	OnBehalfOf        string            `json:"on_behalf_of,omitempty"` // legal id of the body in whose name it is asked; empty: one's own
	Court             *Court            `json:"court,omitempty"`        // hides the inquiry from the person for a time
	Service           string            `json:"service"`                // identity, shenasnameh, card, residence, place, predicate
	Mode              string            `json:"mode"`                   // verify or disclose
	NationalNumber    string            `json:"national_number,omitempty"`
	BirthDate         string            `json:"birth_date,omitempty"`         // the second key, or
	ShenasnamehNumber string            `json:"shenasnameh_number,omitempty"` // this
	PostalCode        string            `json:"postal_code,omitempty"`        // of service place; else what the person has declared
	Claims            map[string]string `json:"claims,omitempty"`             // verify: what the agency believes
	Fields            []string          `json:"fields,omitempty"`             // disclose: what it wants to be told
	Predicates        []Predicate       `json:"predicates,omitempty"`
	AsOf              string            `json:"as_of,omitempty"` // date; empty: now
}

// Predicate is one yes-or-no question: alive, or age_at_least with Age.
type Predicate struct {
	Name string `json:"name"`
	Age  int    `json:"age,omitempty"`
}

// Court is the reference of the court under which an inquiry stays hidden from
// the person until a day is over.
type Court struct {
	Reference string `json:"reference"`
	Until     string `json:"until"` // the last day on which he does not see it, Solar Hijri
}

// Batch is up to 1,000 questions of one officer. Purpose, Process, File,
// OnBehalfOf and Court stand for the questions that do not have their own.
type Batch struct {
	Officer    string     `json:"officer"`
	Purpose    string     `json:"purpose,omitempty"`
	Process    string     `json:"process,omitempty"`
	File       string     `json:"file,omitempty"`
	OnBehalfOf string     `json:"on_behalf_of,omitempty"`
	Court      *Court     `json:"court,omitempty"`
	Questions  []Question `json:"questions"`
}

// Answer is what the register answered, and its proof.
type Answer struct {
	Record
	Receipt *receipt.Receipt // the proof: keep it, as Receipt.Append writes it
}

// Record is the record of an inquiry, as it stands in the log.
type Record struct {
	Log   string    `json:"log"`
	Index int64     `json:"index"`
	Code  string    `json:"code"` // the tracking code
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"`

	Agency struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"agency"`
	OnBehalfOf *struct { // in whose name it was asked; nil: the agency's own
		ID         string `json:"id"`
		Name       string `json:"name"`
		Delegation int64  `json:"delegation"` // 0: none permits it
	} `json:"on_behalf_of"`
	Officer   string `json:"officer"`
	Purpose   string `json:"purpose"`
	Process   string `json:"process"`
	File      string `json:"file"`
	Court     *Court `json:"court"`
	Agreement struct {
		ID      int64 `json:"id"`
		Version int   `json:"version"`
		Clause  int   `json:"clause"`
	} `json:"agreement"`
	Service string `json:"service"`
	Mode    string `json:"mode"`

	Outcome string `json:"outcome"` // confirmed, differs, answered, deceased, not_found, protected, cancelled, refused
	Results struct {
		Fields     map[string]string  `json:"fields"`     // verify: match, variant, differs, not_on_record
		Values     map[string]*string `json:"values"`     // disclose: nil is not on record
		Predicates map[string]string  `json:"predicates"` // yes, no, unknown
	} `json:"answer"`
	Warnings  []string `json:"warnings"`  // deceased, cancelled, under_review, card_must_be_replaced, place_…
	Successor string   `json:"successor"` // of a cancelled number: the one that counts instead
	Refusal   struct {
		Reason string `json:"reason"` // message key; GET /problems/{key} explains it
		Clause int    `json:"clause"`
		Field  string `json:"field"`
	} `json:"refusal"`
	Signature *struct { // of the request, if it was signed: value signs input
		Certificate string `json:"certificate"` // SHA-256 of the certificate (DER), hex
		Digest      string `json:"digest"`      // SHA-256 of the body of the request, hex
		Input       string `json:"input"`       // the signature base of RFC 9421
		Value       []byte `json:"value"`
	} `json:"signature"`
}

// Inquire asks one question. A refusal is an answer too: its Outcome says so.
func (c *Client) Inquire(ctx context.Context, q Question, options ...Option) (*Answer, error) {
	body, err := c.post(ctx, "/v1/inquiries", q, options...)
	if err != nil {
		return nil, err
	}
	a, err := c.answer(body)
	if err != nil {
		return nil, err
	}
	if !a.about(&q, q.Officer) {
		return nil, errAnother
	}
	return a, nil
}

var errAnother = errors.New("client: the receipt is about another question")

// about reports whether a is the answer to q: a receipt may be genuine and yet
// be about somebody else.
func (a *Answer) about(q *Question, officer string) bool {
	var r struct {
		Question struct {
			NationalNumber string `json:"national_number"`
			PostalCode     string `json:"postal_code"`
		} `json:"question"`
	}
	if err := json.Unmarshal(a.Receipt.Record, &r); err != nil {
		return false
	}
	return a.Kind == receipt.Inquiry.String() && a.Service == q.Service && a.Mode == q.Mode && a.Officer == officer &&
		r.Question.NationalNumber == digits(q.NationalNumber) && r.Question.PostalCode == digits(q.PostalCode)
}

// digits is the ASCII digits of a number as people write it.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return r
		case 0x6f0 <= r && r <= 0x6f9: // Persian
			return r - 0x6f0 + '0'
		case 0x660 <= r && r <= 0x669: // Arabic
			return r - 0x660 + '0'
		}
		return -1
	}, s)
}

// Batch asks a batch. The answers stand in the order of the questions,
// each with a receipt of its own, made of the shared proof.
func (c *Client) Batch(ctx context.Context, b Batch, options ...Option) ([]*Answer, error) {
	body, err := c.post(ctx, "/v1/inquiries/batch", b, options...)
	if err != nil {
		return nil, err
	}
	batch, err := receipt.ParseBatch(body)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	if c.verify {
		if err := batch.Verify(c.keys...); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
	}
	receipts, err := batch.Split()
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	if len(receipts) != len(b.Questions) {
		return nil, errors.New("client: the batch has another number of receipts than of questions")
	}
	answers := make([]*Answer, len(receipts))
	for i, r := range receipts {
		if answers[i], err = read(r); err != nil {
			return nil, err
		}
		if !answers[i].about(&b.Questions[i], b.Officer) {
			return nil, errAnother
		}
	}
	return answers, nil
}

// answer reads the receipt of an inquiry and verifies it.
func (c *Client) answer(body []byte) (*Answer, error) {
	r, err := c.proof(body)
	if err != nil {
		return nil, err
	}
	return read(r)
}

// proof reads a receipt and verifies it.
func (c *Client) proof(body []byte) (*receipt.Receipt, error) {
	r, err := receipt.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	if c.verify {
		if err := r.Verify(c.keys...); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
	}
	return r, nil
}

func read(r *receipt.Receipt) (*Answer, error) {
	a := &Answer{Receipt: r}
	if err := json.Unmarshal(r.Record, &a.Record); err != nil {
		return nil, errors.New("client: the record cannot be read")
	}
	return a, nil
}

// CheckCode says whether the server gave a tracking code. It needs no
// certificate.
func (c *Client) CheckCode(ctx context.Context, code string) (bool, error) {
	var found struct {
		Genuine bool `json:"genuine"`
	}
	err := c.look(ctx, "/v1/codes/check", map[string]string{"code": code}, &found)
	return found.Genuine, err
}

// MatchCode says whether a tracking code belongs to an inquiry about the person
// with this national number. Five wrong tries close a code for the day.
func (c *Client) MatchCode(ctx context.Context, officer, code, nationalNumber string) (bool, error) {
	var found struct {
		Match bool `json:"match"`
	}
	body, err := c.post(ctx, "/v1/codes/match", map[string]string{"officer": officer, "code": code, "national_number": nationalNumber})
	if err == nil {
		err = json.Unmarshal(body, &found)
	}
	return found.Match, err
}

// Receipt gets the receipt of an inquiry of this agency again.
func (c *Client) Receipt(ctx context.Context, officer, code string) (*Answer, error) {
	body, err := c.post(ctx, "/v1/receipts", map[string]string{"officer": officer, "code": code})
	if err != nil {
		return nil, err
	}
	return c.answer(body)
}

// Finding is the result of CheckReceipt.
type Finding struct {
	Valid   bool   `json:"valid"`
	Entries int    `json:"entries"` // receipts checked
	Step    string `json:"step"`    // that failed: format, record, inclusion, signature
	Key     string `json:"key"`
	Fa      string `json:"fa"`
	En      string `json:"en"`
}

// CheckReceipt has the server verify a receipt file or a batch's. Verifying it
// yourself needs no server: see package receipt.
func (c *Client) CheckReceipt(ctx context.Context, file []byte) (*Finding, error) {
	found := &Finding{}
	body, err := c.call(ctx, request{method: http.MethodPost, path: "/v1/receipts/check", body: file, repeatable: true})
	if err == nil {
		err = json.Unmarshal(body, found)
	}
	return found, err
}

// Diagnosis says why a question would be, or was, refused.
type Diagnosis struct {
	Permitted bool     `json:"permitted"`
	Refusal   *Refusal `json:"refusal"`
	Recorded  *struct {
		Outcome string   `json:"outcome"`
		Refusal *Refusal `json:"refusal"`
	} `json:"recorded"` // what stands under the code
	Agency struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"agency"`
	Officer struct {
		Login string `json:"login"`
		Known bool   `json:"known"`
		Until string `json:"until"`
	} `json:"officer"`
	Agreement *struct {
		ID      int64  `json:"id"`
		Version int    `json:"version"`
		Clause  int    `json:"clause"`
		Until   string `json:"until"`
	} `json:"agreement"`
	Quota *struct {
		Limit  int64     `json:"limit"`
		Used   int64     `json:"used"`
		Left   int64     `json:"left"`
		Resets time.Time `json:"resets"`
	} `json:"quota"`
	Certificate struct {
		Until time.Time `json:"until"`
	} `json:"certificate"`
}

// Refusal is why: a message key with its texts, the clause and the field.
type Refusal struct {
	Reason string `json:"reason"`
	Clause int    `json:"clause"`
	Field  string `json:"field"`
	Fa     string `json:"fa"`
	En     string `json:"en"`
}

// Diagnose says whether a question would be permitted, and why not. It asks
// the register nothing and counts against no quota.
func (c *Client) Diagnose(ctx context.Context, q Question) (*Diagnosis, error) {
	d := &Diagnosis{}
	return d, c.look(ctx, "/v1/diagnosis", q, d)
}

// DiagnoseCode does the same for an inquiry of this agency, by its code.
func (c *Client) DiagnoseCode(ctx context.Context, officer, code string) (*Diagnosis, error) {
	d := &Diagnosis{}
	body, err := c.post(ctx, "/v1/diagnosis", map[string]string{"officer": officer, "code": code})
	if err == nil {
		err = json.Unmarshal(body, d)
	}
	return d, err
}

// Agreement is the agency's agreement in force.
type Agreement struct {
	ID      int64  `json:"id"`
	Version int    `json:"version"`
	Agency  string `json:"agency"`
	From    string `json:"from"`
	Until   string `json:"until"`
	Clauses []struct {
		No         int      `json:"no"`
		Service    string   `json:"service"`
		Modes      []string `json:"modes"`
		SearchKeys []string `json:"search_keys"`
		Fields     []string `json:"fields"`
		Processes  []string `json:"processes"`
		Purposes   []string `json:"purposes"`
		DailyQuota int64    `json:"daily_quota"`
	} `json:"clauses"`
}

// Agreement gets the agreement in force: what may be asked.
func (c *Client) Agreement(ctx context.Context) (*Agreement, error) {
	a := &Agreement{}
	body, err := c.call(ctx, request{method: http.MethodGet, path: "/v1/agreement", repeatable: true})
	if err == nil {
		err = json.Unmarshal(body, a)
	}
	return a, err
}

// LogKeys gets the public keys of the server's logs from the server itself.
// Compare them with what you got by another way before you rely on them.
func (c *Client) LogKeys(ctx context.Context) ([]string, error) {
	body, err := c.call(ctx, request{method: http.MethodGet, path: "/log/keys", repeatable: true})
	return strings.Fields(string(body)), err
}

// post sends what may leave an entry in the journal: without a key it is sent
// once.
func (c *Client) post(ctx context.Context, path string, what any, options ...Option) ([]byte, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	r := request{method: http.MethodPost, path: path, body: body}
	for _, o := range options {
		o(&r)
	}
	return c.call(ctx, r)
}

// look sends what changes nothing.
func (c *Client) look(ctx context.Context, path string, what, into any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	body, err = c.call(ctx, request{method: http.MethodPost, path: path, body: body, repeatable: true})
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}
