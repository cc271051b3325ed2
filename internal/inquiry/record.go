package inquiry

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"sync"

	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/receipt"
	"github.com/estelam/estelam/signature"
)

// work is one inquiry under way: what was seen, what is answered, the body of
// its record. It is used again, so that an inquiry leaves little garbage. It
// holds personal data: it is never logged, and emptied when it is done.
type work struct {
	person person.Person
	seen   seen
	answer answer
	body   []byte
}

var works = sync.Pool{New: func() any { return &work{body: make([]byte, 0, 1024)} }}

// done empties w for the next inquiry. The journal has read its body.
func (w *work) done() {
	results, values := w.answer.results[:0], w.answer.values
	clear(values)
	w.answer = answer{results: results, values: values[:0]}
	w.person, w.seen = person.Person{}, seen{}
	w.body = w.body[:0]
	works.Put(w)
}

// appendBody writes the members of an inquiry's record that follow the
// journal's head, in the order that docs/inquiry.md lists. The form is the
// canonical JSON of package receipt: what is hashed is what is read.
func appendBody(b []byte, who Asker, q *Question, a *answer) []byte {
	b = append(b, `"agency":{"id":"`...)
	b = who.Agency.ID.AppendTo(b)
	b = append(b, `","name":`...)
	b = receipt.AppendString(b, who.Agency.Name)
	b = append(b, '}')
	b = appendBehalf(b, q, a)
	b = appendMember(b, "officer", q.Officer)
	b = appendMember(b, "purpose", q.Purpose)
	if q.Process != "" {
		b = appendMember(b, "process", q.Process)
	}
	b = appendMember(b, "file", q.File)
	if q.Court != nil && a.permission.clause != 0 { // what no clause permits hides nothing
		b = receipt.AppendString(append(b, `,"court":{"reference":`...), q.Court.Reference)
		b = append(q.Court.Until.AppendTo(append(b, `,"until":"`...)), '"', '}')
	}
	b = appendPermission(b, a.permission)
	b = appendMember(b, "service", q.Service)
	b = appendMember(b, "mode", q.Mode)
	b = appendQuestion(b, q)
	b = appendMember(b, "outcome", a.outcome)
	b = appendAnswer(b, q, a)
	b = appendWarnings(b, a.warnings)
	if a.successor != 0 {
		b = append(a.successor.AppendTo(append(b, `,"successor":"`...)), '"')
	}
	if a.version != 0 {
		b = append(b, `,"register_version":`...)
		b = strconv.AppendInt(b, a.version, 10)
	}
	return appendSignature(appendRefusal(b, a), who.Signed)
}

// appendBehalf says in whose name the agency asks, and by which delegation; one
// that was not found is left out.
func appendBehalf(b []byte, q *Question, a *answer) []byte {
	if q.OnBehalf == 0 {
		return b
	}
	b = append(q.OnBehalf.AppendTo(append(b, `,"on_behalf_of":{"id":"`...)), '"')
	if a.principal != nil {
		b = appendMember(b, "name", a.principal.Name)
	}
	if a.delegation != 0 {
		b = strconv.AppendInt(append(b, `,"delegation":`...), a.delegation, 10)
	}
	return append(b, '}')
}

// appendSignature keeps what the signature of the request said, to the byte, so
// that whoever has the certificate can check it again: value signs input.
func appendSignature(b []byte, s *signature.Signed) []byte {
	if s == nil {
		return b
	}
	b = hex.AppendEncode(append(b, `,"signature":{"certificate":"`...), s.Certificate[:])
	b = hex.AppendEncode(append(b, `","digest":"`...), s.Digest[:])
	b = receipt.AppendString(append(b, `","input":`...), s.Base)
	b = base64.StdEncoding.AppendEncode(append(b, `,"value":"`...), s.Value)
	return append(b, '"', '}')
}

// appendMember appends ,"name":"text". Names are ours and need no escaping.
func appendMember(b []byte, name, text string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return receipt.AppendString(b, text)
}

func appendPermission(b []byte, p permission) []byte {
	if p.agreement == 0 {
		return b
	}
	b = append(b, `,"agreement":{"id":`...)
	b = strconv.AppendInt(b, p.agreement, 10)
	b = append(b, `,"version":`...)
	b = strconv.AppendInt(b, int64(p.version), 10)
	if p.clause != 0 {
		b = append(b, `,"clause":`...)
		b = strconv.AppendInt(b, int64(p.clause), 10)
	}
	return append(b, '}')
}

func appendQuestion(b []byte, q *Question) []byte {
	b = append(b, `,"question":{`...)
	switch q.Key {
	case keyNone:
	case KeyPostalCode:
		b = append(b, `"postal_code":"`...)
		b = append(q.Postal.AppendTo(b), '"')
	case KeyBirthDate:
		b = append(b, `"national_number":"`...)
		b = append(q.Number.AppendTo(b), '"')
		b = append(q.Born.AppendTo(append(b, `,"birth_date":"`...)), '"')
	default:
		b = append(b, `"national_number":"`...)
		b = append(q.Number.AppendTo(b), '"')
		b = append(q.Shenasnameh.AppendTo(append(b, `,"shenasnameh_number":"`...)), '"')
	}
	if q.Declared != 0 {
		b = append(q.Declared.AppendTo(append(b, `,"postal_code":"`...)), '"')
	}
	if len(q.Claims) > 0 {
		b = append(b, `,"claims":{`...)
		for i := range q.Claims {
			b = comma(b, i)
			b = appendName(b, q.Claims[i].field.name)
			b = receipt.AppendString(b, q.Claims[i].text)
		}
		b = append(b, '}')
	}
	if len(q.Fields) > 0 {
		b = append(b, `,"fields":[`...)
		for i, f := range q.Fields {
			b = comma(b, i)
			b = append(append(append(b, '"'), f.name...), '"')
		}
		b = append(b, ']')
	}
	if len(q.Predicates) > 0 {
		b = append(b, `,"predicates":[`...)
		for i, p := range q.Predicates {
			b = comma(b, i)
			b = append(append(append(b, `{"name":"`...), p.Name...), '"')
			if p.Age != 0 {
				b = append(b, `,"age":`...)
				b = strconv.AppendInt(b, int64(p.Age), 10)
			}
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	if !q.AsOf.IsZero() {
		b = appendMember(b, "as_of", q.AsOf.String())
	}
	return append(b, '}')
}

// appendAnswer writes results by field, disclosed values (null: not on record),
// or results by predicate, in the order of the question.
func appendAnswer(b []byte, q *Question, a *answer) []byte {
	switch {
	case len(a.values) > 0:
		b = append(b, `,"answer":{"values":{`...)
		for i, f := range q.Fields {
			b = comma(b, i)
			b = appendName(b, f.name)
			if a.values[i] == "" {
				b = append(b, `null`...)
			} else {
				b = receipt.AppendString(b, a.values[i])
			}
		}
	case len(a.results) > 0 && len(q.Predicates) > 0:
		b = append(b, `,"answer":{"predicates":{`...)
		for i, p := range q.Predicates {
			b = comma(b, i)
			b = appendName(b, p.Name)
			b = append(append(append(b, '"'), a.results[i]...), '"')
		}
	case len(a.results) > 0:
		b = append(b, `,"answer":{"fields":{`...)
		for i := range q.Claims {
			b = comma(b, i)
			b = appendName(b, q.Claims[i].field.name)
			b = append(append(append(b, '"'), a.results[i]...), '"')
		}
	default:
		return b
	}
	return append(b, '}', '}')
}

func appendWarnings(b []byte, warnings []string) []byte {
	if len(warnings) == 0 {
		return b
	}
	b = append(b, `,"warnings":[`...)
	for i, w := range warnings {
		b = comma(b, i)
		b = append(append(append(b, '"'), w...), '"')
	}
	return append(b, ']')
}

func appendRefusal(b []byte, a *answer) []byte {
	if a.refusal.Reason == "" {
		return b
	}
	b = append(append(append(b, `,"refusal":{"reason":"`...), a.refusal.Reason...), '"')
	if a.refusal.Clause != 0 {
		b = append(b, `,"clause":`...)
		b = strconv.AppendInt(b, int64(a.refusal.Clause), 10)
	}
	if a.refusal.Field != "" {
		b = appendMember(b, "field", a.refusal.Field)
	}
	return append(b, '}')
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, '"'), name...), '"', ':')
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}
