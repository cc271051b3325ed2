package api

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/quarter"
)

func init() { lives = append(lives, quarterLife) }

// quarterLife is the life of a report at the door, up to its issue and beyond.
func quarterLife(t *testing.T, k *contract, s *stack) {
	s.decide("delivery-methods", `{"methods":["terminal"]}`, "")
	first, _ := s.seat(0)
	second, _ := s.seat(1)
	third, _ := s.seat(2)
	now := quarter.Of(persian.DateOf(s.clock()))
	q := object{"quarter": now.Before().String()}
	k.refused(t, first, "/v1/quarters/draft", object{"quarter": "1405-7"}.String(), 422, "quarter.form /quarter")
	k.refused(t, s.staff("clerk"), "/v1/quarters/draft", q.String(), 403, "register.role")
	k.refused(t, first, "/v1/quarters/review", q.with("digest", "").String(), 404, "quarter.unknown /quarter")
	k.refused(t, first, "/v1/quarters/return", q.with("digest", "").with("note", "x").String(), 404, "quarter.unknown /quarter")
	k.refused(t, first, "/v1/quarters/issue", q.with("digest", "").String(), 404, "quarter.unknown /quarter")
	k.refused(t, first, "/v1/quarters/issue", object{"quarter": now.String(), "digest": ""}.String(), 409, "quarter.open /quarter")
	var drafted struct{ Result struct{ Digest string } }
	k.act(t, first, "/v1/quarters/draft", q.with("summary", "خلاصه").String(), 200, &drafted)
	step := q.with("digest", drafted.Result.Digest)
	k.refused(t, second, "/v1/quarters/review", q.with("digest", "00").String(), 409, "quarter.stale /digest")
	k.refused(t, first, "/v1/quarters/review", step.String(), 403, "quarter.hands")
	k.act(t, second, "/v1/quarters/return", step.with("note", "ارقام").String(), 200, nil)
	k.refused(t, second, "/v1/quarters/return", q.with("digest", "00").with("note", "x").String(), 409, "quarter.stale /digest")
	k.refused(t, second, "/v1/quarters/return", step.String(), 422, "quarter.note /note")
	k.refused(t, second, "/v1/quarters/review", "{}", 422, "quarter.form /quarter")
	k.refused(t, second, "/v1/quarters/issue", "{}", 422, "quarter.form /quarter")
	k.act(t, second, "/v1/quarters/review", step.String(), 200, nil)
	k.refused(t, first, "/v1/quarters/draft", q.String(), 409, "quarter.reviewed /quarter")

	k.refused(t, s.nobody, "/v1/quarters/find", q.String(), 404, "quarter.unknown /quarter")
	k.refused(t, s.nobody, "/v1/quarters/paper", q.String(), 404, "quarter.unknown /quarter")
	k.refused(t, s.nobody, "/v1/quarters/table", q.String(), 404, "quarter.unknown /quarter")
	k.act(t, first, "/v1/quarters/find", q.String(), 200, nil)
	k.act(t, third, "/v1/quarters/issue", step.String(), 200, nil)
	k.refused(t, third, "/v1/quarters/issue", step.String(), 409, "quarter.issued /quarter")

	k.refused(t, s.nobody, "/v1/quarters/list", `{"x":1}`, 422, "api.json.unknown")
	k.refused(t, s.nobody, "/v1/quarters/find", "{}", 404, "quarter.unknown /quarter")
	k.refused(t, s.nobody, "/v1/quarters/find", `{"quarter":"x"}`, 422, "quarter.form /quarter")
	k.refused(t, s.nobody, "/v1/quarters/paper", q.with("format", "csv").String(), 422, "quarter.format /format")
	k.refused(t, s.nobody, "/v1/quarters/table", q.with("format", "pdf").String(), 422, "quarter.format /format")
	k.act(t, s.nobody, "/v1/quarters/list", "{}", 200, nil)
	k.act(t, s.nobody, "/v1/quarters/find", q.String(), 200, nil)
	for format, begin := range map[string]string{"html": "<!doctype html>", "pdf": "%PDF-"} {
		res := k.act(t, s.nobody, "/v1/quarters/paper", q.with("format", format).String(), 200, nil)
		if res.StatusCode == http.StatusOK && !bytes.HasPrefix(res.body, []byte(begin)) {
			t.Errorf("%q begins with %.20q", format, res.body)
		}
	}
	for format, begin := range map[string]string{"csv": "agency,", "xlsx": "PK"} {
		res := k.act(t, s.nobody, "/v1/quarters/table", q.with("format", format).String(), 200, nil)
		if !bytes.Contains(res.body[:min(20, len(res.body))], []byte(begin)) {
			t.Errorf("%q begins with %.20q", format, res.body)
		}
	}
}
