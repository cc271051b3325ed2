package api

import (
	"errors"

	"github.com/go-json-experiment/json"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/receipt"
)

// The two answers of checkCode are of one length.
const (
	genuine    = `{"genuine":true }` + "\n"
	notGenuine = `{"genuine":false}` + "\n"
)

// checkCode serves POST /v1/codes/check. What is not genuine differs from what
// is in the word alone: same work, same length, same headers (promise P13).
func (a *API) checkCode(c *call) error {
	var s string
	if err := decode(c.body, func(d *reader) error { return d.strings([]string{"code"}, &s) }); err != nil {
		return err
	}
	tc, err := code(s)
	if err != nil {
		return err
	}
	ok, err := a.desk.CheckCode(c.r.Context(), tc)
	if err != nil {
		return err
	}
	if ok {
		c.out = append(c.out, genuine...)
	} else {
		c.out = append(c.out, notGenuine...)
	}
	return nil
}

// matchCode serves POST /v1/codes/match.
func (a *API) matchCode(c *call) error {
	var officer, s, number string
	if err := decode(c.body, func(d *reader) error {
		return d.strings([]string{"officer", "code", "national_number"}, &officer, &s, &number)
	}); err != nil {
		return err
	}
	tc, err := code(s)
	if err != nil {
		return err
	}
	n, err := ids.ParseNationalNumber(number)
	if err != nil {
		return within(err, "national_number")
	}
	who, err := a.knownOfficer(c, officer)
	if err != nil {
		return err
	}
	match, p, err := a.desk.MatchCode(c.r.Context(), who, tc, n)
	if fault.Is(err, fault.TooMany) {
		now := a.clock()
		return later{fault.Of(err), int(midnight(now).Sub(now).Seconds()) + 1}
	}
	if err != nil {
		return err
	}
	c.out, err = json.Marshal(struct {
		Match bool   `json:"match"`
		Code  string `json:"code"`
	}{match, string(p.Code)})
	return err
}

// ownReceipt serves POST /v1/receipts.
func (a *API) ownReceipt(c *call) error {
	officer, s := "", ""
	if err := decode(c.body, func(d *reader) error {
		return d.strings([]string{"officer", "code"}, &officer, &s)
	}); err != nil {
		return err
	}
	p, err := a.own(c, officer, s)
	if err != nil {
		return err
	}
	c.out = p.Receipt().Append(c.out)
	return nil
}

// own finds an entry of the caller's own agency by its tracking code.
func (a *API) own(c *call, officer, s string) (*journal.Proven, error) {
	tc, err := code(s)
	if err != nil {
		return nil, err
	}
	who, err := a.knownOfficer(c, officer)
	if err != nil {
		return nil, err
	}
	return a.desk.OwnReceipt(c.r.Context(), who, tc)
}

// checked is the answer of checkReceipt.
type checked struct {
	Valid   bool   `json:"valid"`
	Entries int    `json:"entries"`
	Step    string `json:"step,omitempty"`
	Key     string `json:"key,omitempty"`
	Fa      string `json:"fa,omitempty"`
	En      string `json:"en,omitempty"`
}

// checkReceipt serves POST /v1/receipts/check: what a receipt's holder can do
// offline, done here. Only the finding is told, nothing of the content.
func (a *API) checkReceipt(c *call) (err error) {
	n, err := a.journal.Verify(c.body)
	found := checked{Valid: err == nil, Entries: n}
	if err != nil {
		var e *receipt.Error
		if !errors.As(err, &e) {
			return err
		}
		found.Step = string(e.Step)
		found.Key = "api.receipt." + found.Step
		found.Fa, found.En = message.Text(message.Fa, found.Key), message.Text(message.En, found.Key)
	}
	c.out, err = json.Marshal(found)
	return err
}
