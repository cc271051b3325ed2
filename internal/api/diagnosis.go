package api

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/signature"
)

// Diagnosis is the answer of POST /v1/diagnosis: why a question would be, or by
// a code was, refused. It says nothing about any person.
type Diagnosis struct {
	Permitted   bool            `json:"permitted"`
	Refusal     *refusal        `json:"refusal,omitempty"`
	Recorded    *recorded       `json:"recorded,omitempty"`
	Agency      agencyName      `json:"agency"`
	Officer     officerState    `json:"officer"`
	Agreement   *agreementState `json:"agreement,omitempty"`
	Quota       *quotaState     `json:"quota,omitempty"`
	Certificate struct {
		Until string `json:"until"`
	} `json:"certificate"`
}

type refusal struct {
	Reason string `json:"reason"`
	Clause int    `json:"clause,omitempty"`
	Field  string `json:"field,omitempty"`
	Fa     string `json:"fa"`
	En     string `json:"en"`
}

// recorded is what stands in the journal under a code.
type recorded struct {
	Outcome string   `json:"outcome"`
	Refusal *refusal `json:"refusal,omitempty"`

	signed bool
}

type agencyName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type officerState struct {
	Login string `json:"login,omitempty"`
	Known bool   `json:"known"`
	Until string `json:"until,omitempty"`
}

type agreementState struct {
	ID      int64  `json:"id"`
	Version int    `json:"version"`
	Clause  int    `json:"clause,omitempty"`
	Until   string `json:"until,omitempty"`
}

type quotaState struct {
	Limit  int64  `json:"limit"`
	Used   int64  `json:"used"`
	Left   int64  `json:"left"`
	Resets string `json:"resets"`
}

func newRefusal(reason string, clause int, field string) *refusal {
	if reason == "" {
		return nil
	}
	return &refusal{reason, clause, field, message.Text(message.Fa, reason), message.Text(message.En, reason)}
}

// diagnose serves POST /v1/diagnosis. The body is a question, or the code of an
// inquiry of this agency: then the question is the recorded one.
func (a *API) diagnose(c *call) error {
	signed, err := a.signed(c)
	if err != nil {
		return err
	}
	var f inquiry.Form
	var s string
	if err := decode(c.body, func(d *reader) error { return d.diagnosis(&f, &s) }); err != nil {
		return err
	}
	var was *recorded
	if s != "" {
		var err error
		if was, err = a.recall(c, s, &f); err != nil {
			return err
		}
	}
	now := a.clock()
	q, err := f.Parse(persian.DateOf(now))
	if err != nil {
		return err
	}
	who := a.named(c, f.Officer) // by a code: who asked then
	if s == "" {
		if who, err = a.asker(c, f.Officer, signed); err != nil {
			return err
		}
	} else if was.signed || signed != nil {
		who.Signed = &signature.Signed{} // by a code: that it was signed
	}
	found, err := a.desk.Diagnose(c.r.Context(), who, q)
	if err != nil {
		return err
	}
	d := a.explain(c, who, found, now)
	d.Recorded = was
	c.out, err = json.Marshal(d)
	return err
}

// diagnosis reads a question, or officer and code.
func (d *reader) diagnosis(f *inquiry.Form, code *string) error {
	question := *d
	err := question.question(f, true)
	if err == nil {
		*d = question
		return nil
	}
	byCode := *d
	var officer string
	if byCode.strings([]string{"officer", "code"}, &officer, code) != nil {
		*code = ""
		return err // the question's own mistake
	}
	*d, *f = byCode, inquiry.Form{Officer: officer}
	return nil
}

// recall reads what was asked under a code of this agency. The reading is an
// entry of the journal, as every reading is.
func (a *API) recall(c *call, s string, f *inquiry.Form) (*recorded, error) {
	tc, err := code(s)
	if err != nil {
		return nil, err
	}
	who, err := a.knownOfficer(c, f.Officer)
	if err != nil {
		return nil, err
	}
	p, err := a.desk.OwnReceipt(c.r.Context(), who, tc)
	if err != nil {
		return nil, err
	}
	var r inquiryRecord
	if err := json.Unmarshal(p.Record, &r); err != nil || r.Kind != "inquiry" {
		return nil, fault.New(fault.NotFound, "api.diagnosis.none")
	}
	*f = r.form()
	if f.Court != nil {
		if day, err := persian.ParseDate(f.Court.Until); err == nil && day.Compare(persian.DateOf(a.clock())) <= 0 {
			f.Court = nil // it is over
		}
	}
	return &recorded{r.Outcome, newRefusal(r.Refusal.Reason, r.Refusal.Clause, r.Refusal.Field), r.Signature != nil}, nil
}

func (a *API) explain(c *call, who inquiry.Asker, g *inquiry.Diagnosis, now time.Time) *Diagnosis {
	d := &Diagnosis{
		Permitted: g.Permitted,
		Refusal:   newRefusal(g.Reason, g.Clause, g.Field),
		Agency:    agencyName{who.Agency.ID.String(), who.Agency.Name},
	}
	d.Certificate.Until = moment(c.conn.until)
	if o := who.Officer; o != nil {
		d.Officer = officerState{o.Login, true, day(o.Until)}
	}
	if in := g.Agreement; in != nil {
		d.Agreement = &agreementState{in.ID, in.Version, g.Clause, lastDay(in.Until)}
	}
	if g.Limit > 0 {
		d.Quota = &quotaState{g.Limit, g.Limit - g.Left, g.Left, moment(midnight(now))}
	}
	return d
}
