package api

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
)

// ask serves POST /v1/inquiries: the answer is the receipt.
func (a *API) ask(c *call) error {
	signed, err := a.signed(c)
	if err != nil {
		return err
	}
	f := &c.form
	d := reader{text: string(c.body)}
	if err := d.question(f, true); err != nil {
		return err
	}
	if err := d.end(); err != nil {
		return err
	}
	once, err := c.once(sealOne)
	if err != nil {
		return err
	}
	if once.Key != ([16]byte{}) {
		once.Digest = digest(f)
	}
	now := a.clock()
	q, err := f.Parse(persian.DateOf(now))
	if err != nil {
		return err
	}
	who, err := a.asker(c, f.Officer, signed)
	if err != nil {
		return err
	}
	p, err := a.desk.Ask(c.r.Context(), who, q, once)
	if err != nil {
		return err
	}
	if p.Replayed {
		d, err := a.desk.Diagnose(c.r.Context(), who, q)
		if err != nil {
			return err
		}
		p.Quota = inquiry.Quota{Limit: d.Limit, Left: d.Left}
	}
	c.quota(p.Quota, now)
	c.out = p.Receipt().Append(c.out)
	return nil
}

// askAll serves POST /v1/inquiries/batch: all questions or none.
func (a *API) askAll(c *call) error {
	signed, err := a.signed(c)
	if err != nil {
		return err
	}
	var top inquiry.Form
	var forms []inquiry.Form
	if err := decode(c.body, func(d *reader) error { return d.batch(&top, &forms) }); err != nil {
		return err
	}
	if len(forms) == 0 {
		return fault.New(fault.Invalid, "api.missing").At("questions")
	}
	once, err := c.once(sealMany)
	if err != nil {
		return err
	}
	if once.Key != ([16]byte{}) {
		all := make([]*inquiry.Form, len(forms))
		for i := range forms {
			all[i] = &forms[i]
		}
		once.Digest = digest(all...)
	}
	qs, err := parseAll(forms, persian.DateOf(a.clock()))
	if err != nil {
		return err
	}
	who, err := a.asker(c, top.Officer, signed)
	if err != nil {
		return err
	}
	p, err := a.desk.AskAll(c.r.Context(), who, qs, once)
	if err != nil {
		return err
	}
	c.out = p.Receipts().Append(c.out)
	return nil
}

// mostMistakes bounds the mistakes that one problem lists.
const mostMistakes = 100

// parseAll parses every question and reports the mistakes of all of them.
func parseAll(forms []inquiry.Form, today persian.Date) ([]*inquiry.Question, error) {
	qs := make([]*inquiry.Question, len(forms))
	var bad []*fault.Error
	for i := range forms {
		q, err := forms[i].Parse(today)
		if err != nil {
			e := fault.Of(err)
			at := "questions." + strconv.Itoa(i)
			bad = append(bad, e.At(at))
			for _, m := range e.More {
				bad = append(bad, m.At(at))
			}
		}
		qs[i] = q
		if len(bad) > mostMistakes {
			break
		}
	}
	if len(bad) == 0 {
		return qs, nil
	}
	first := *bad[0]
	first.More = bad[1:min(len(bad), mostMistakes)]
	return nil, &first
}

// asker is the agency with its officer; an officer who is not known stays nil,
// and the desk refuses for that reason. Who comes with a certificate that is
// bound to him asks in no other name, and signs in no other name.
func (a *API) asker(c *call, login string, by *signer) (inquiry.Asker, error) {
	if c.bearer != nil && c.bearer.Login != login || by != nil && by.officer != "" && by.officer != login {
		return inquiry.Asker{}, fault.New(fault.Forbidden, "api.officer.other").At("officer")
	}
	who := a.named(c, login)
	if by != nil {
		who.Signed = by.Signed
	}
	return who, nil
}

func (a *API) named(c *call, login string) inquiry.Asker {
	officer, err := a.agencies.Officer(c.agency.ID, login)
	if err != nil {
		officer = nil
	}
	return inquiry.Asker{Agency: c.agency, Officer: officer}
}

// knownOfficer is asker for acts that are no inquiries and so record no refusal.
func (a *API) knownOfficer(c *call, login string) (inquiry.Asker, error) {
	who, err := a.asker(c, login, nil)
	if err != nil {
		return who, err
	}
	if who.Officer == nil || !who.Officer.ActiveAt(a.clock()) {
		return who, fault.New(fault.Forbidden, "api.officer").At("officer")
	}
	return who, nil
}

// Seals keep the keys of the two acts apart.
const (
	sealOne  = "estelam/once/v1/inquiry"
	sealMany = "estelam/once/v1/batch"
)

// once reads the Idempotency-Key header. The agency is part of the key's hash,
// so agencies cannot meet in a key.
func (c *call) once(seal string) (o inquiry.Once, err error) {
	keys, ok := c.r.Header["Idempotency-Key"]
	if !ok {
		return o, nil
	}
	if len(keys) != 1 || len(keys[0]) < 1 || len(keys[0]) > 128 {
		return o, fault.New(fault.Malformed, "api.key")
	}
	for i := range len(keys[0]) {
		if b := keys[0][i]; b <= ' ' || b > '~' {
			return o, fault.New(fault.Malformed, "api.key")
		}
	}
	var room [256]byte
	b := append(append(room[:0], seal...), 0)
	b = binary.BigEndian.AppendUint64(b, uint64(c.agency.ID))
	sum := sha256.Sum256(append(b, keys[0]...))
	o.Key = [16]byte(sum[:16])
	o.Key[0] |= 1 // zero means no key
	return o, nil
}

// digest is over what was asked, member by member: the same question in another
// order of members or other white space is the same.
func digest(forms ...*inquiry.Form) [16]byte {
	var room [1024]byte
	b := room[:0]
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, f := range forms {
		for _, s := range [...]string{
			f.Service, f.Mode, f.NationalNumber, f.BirthDate, f.ShenasnamehNumber, f.PostalCode,
			f.AsOf, f.Officer, f.Purpose, f.Process, f.File,
		} {
			text(s)
		}
		b = binary.AppendUvarint(b, uint64(len(f.Claims)))
		for _, c := range byField(f.Claims) {
			text(c.Field)
			text(c.Value)
		}
		b = binary.AppendUvarint(b, uint64(len(f.Fields)))
		for _, s := range f.Fields {
			text(s)
		}
		b = binary.AppendUvarint(b, uint64(len(f.Predicates)))
		for _, p := range f.Predicates {
			text(p.Name)
			b = binary.AppendVarint(b, int64(p.Age))
		}
		if f.OnBehalfOf != "" || f.Court != nil { // else the digest is what it was before there were these
			text("on_behalf_of")
			text(f.OnBehalfOf)
			if f.Court != nil {
				text(f.Court.Reference)
				text(f.Court.Until)
			}
		}
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// quota tells the agency what is left of its clause's day, as the IETF draft
// RateLimit header fields has it.
func (c *call) quota(q inquiry.Quota, now time.Time) {
	if q.Limit == 0 {
		return
	}
	var room [96]byte
	b := append(room[:0], `"day";q=`...)
	b = append(strconv.AppendInt(b, q.Limit, 10), `;w=86400`...)
	n := len(b)
	b = append(b, `"day";r=`...)
	b = append(strconv.AppendInt(b, q.Left, 10), `;t=`...)
	b = strconv.AppendInt(b, persian.DayLeft(now), 10)
	text := string(b)
	values := []string{text[:n], text[n:]}
	h := c.w.Header()
	h["RateLimit-Policy"], h["RateLimit"] = values[:1:1], values[1:]
}

// midnight is the end of the day in Tehran, when quotas are new.
func midnight(now time.Time) time.Time {
	y, m, d := now.In(persian.Tehran).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, persian.Tehran)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// code reads a tracking code out of a body's member.
func code(s string) (ids.TrackingCode, error) {
	c, err := ids.ParseTrackingCode(s)
	return c, within(err, "code")
}
