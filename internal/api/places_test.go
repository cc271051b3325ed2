package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, placesLife) }

// placeDone is the answer of an act on places.
type placeDone struct {
	Result struct {
		Places []struct {
			PostalCode string `json:"postal_code"`
			State      string
			Version    int
		}
		Sequence struct{ First, Last int64 }
		Entrance int64
		Report   int64
		Taken    int
		Refused  []struct{ Line int }
	}
}

var acted = object{"reason": "field-survey", "document": "12/3"}

// placesLife: places are assigned, split, merged, retired; plates go up;
// a municipality reports, the Post reviews; any agency follows.
func placesLife(t *testing.T, k *contract, s *stack) {
	post, town := s.staff(register.Post), s.staff(register.Municipality)
	address := object{"province": "تهران", "county": "تهران", "locality": "تهران", "street": "آزادی", "house_number": "1"}
	assign := acted.with("area_code", "14169", "address", address)
	done := func(path string, body object) placeDone {
		t.Helper()
		var d placeDone
		k.act(t, post, path, body.String(), 200, &d)
		return d
	}
	a, b := done("/v1/places/assign", assign).Result.Places[0].PostalCode, done("/v1/places/assign", assign).Result.Places[0].PostalCode
	if a == "" || a == b {
		t.Fatal(a, b)
	}
	k.refused(t, post, "/v1/places/assign", acted.with("postal_code", a, "address", address).String(), 409, "place.taken /postal_code")
	k.refused(t, post, "/v1/places/assign", acted.with("area_code", "1416", "address", address).String(), 422, "place.area.code /area_code")
	k.refused(t, town, "/v1/places/assign", assign.String(), 403, "register.role")

	change := acted.with("postal_code", a, "version", 1, "address", object{"floor": "دوم"})
	done("/v1/places/change", change)
	k.refused(t, post, "/v1/places/change", change.String(), 409, "place.version /postal_code")
	k.refused(t, post, "/v1/places/change", change.with("postal_code", "1999999999").String(), 404, "place.unknown /postal_code")
	k.refused(t, post, "/v1/places/change", change.with("version", 0).String(), 422, "place.same /address")

	split := acted.with("postal_code", a, "into", []object{{}, {"address": object{"floor": "سوم"}}})
	parts := done("/v1/places/split", split).Result.Places
	k.refused(t, post, "/v1/places/split", split.String(), 409, "place.gone.split /postal_code")
	k.refused(t, post, "/v1/places/split", split.with("postal_code", "1999999999").String(), 404, "place.unknown /postal_code")
	k.refused(t, post, "/v1/places/split", split.with("into", []object{{}}).String(), 422, "place.successors.split /into")
	merge := acted.with("places", []object{{"postal_code": parts[0].PostalCode}, {"postal_code": b, "version": 1}})
	whole := done("/v1/places/merge", merge).Result.Places[0].PostalCode
	k.refused(t, post, "/v1/places/merge", merge.String(), 409, "place.gone.merged /places/0/postal_code")
	k.refused(t, post, "/v1/places/merge", merge.with("places", []object{{"postal_code": whole}, {"postal_code": "1999999999"}}).String(), 404, "place.unknown /places/1/postal_code")
	k.refused(t, post, "/v1/places/merge", merge.with("places", []object{{"postal_code": whole}}).String(), 422, "place.merge.two /places")
	retire := acted.with("postal_code", parts[1].PostalCode, "successors", []string{whole})
	done("/v1/places/retire", retire)
	k.refused(t, post, "/v1/places/retire", retire.String(), 409, "place.gone.retired /postal_code")
	k.refused(t, post, "/v1/places/retire", retire.with("postal_code", "1999999999").String(), 404, "place.unknown /postal_code")
	k.refused(t, post, "/v1/places/retire", retire.with("successors", []string{parts[1].PostalCode}).String(), 422, "place.successors.self /successors/0")

	var found struct {
		Places, Current []struct {
			PostalCode string `json:"postal_code"`
		}
		History []struct{ Until string }
	}
	k.act(t, town, "/v1/places/find", object{"postal_code": a}.String(), 200, &found)
	if len(found.Current) != 1 || found.Current[0].PostalCode != whole || len(found.History) != 2 {
		t.Errorf("%+v", found)
	}
	k.act(t, post, "/v1/places/find", object{"address": address}.String(), 200, &found)
	k.refused(t, post, "/v1/places/find", `{"postal_code":"1999999999"}`, 404, "place.unknown /postal_code")
	k.refused(t, post, "/v1/places/find", `{"address":{"province":"x"}}`, 422,
		"place.missing /address/county", "place.missing /address/locality", "place.missing /address/street")
	k.refused(t, s.staff(register.Printer), "/v1/places/find", object{"postal_code": a}.String(), 403, "register.role")
	platesLife(t, k, s, whole)
	reportsLife(t, k, s, whole)
	followers(t, k, s)
}

func platesLife(t *testing.T, k *contract, s *stack, code string) {
	post, town := s.staff(register.Post), s.staff(register.Municipality)
	order := acted.with("postal_codes", []string{code})
	var d placeDone
	k.act(t, town, "/v1/plates/order", order.String(), 200, &d)
	k.refused(t, post, "/v1/plates/order", order.String(), 409, "place.plate.ordered")
	k.refused(t, post, "/v1/plates/order", order.with("postal_codes", []string{"1999999999"}).String(), 404, "place.unknown /postal_codes/0")
	lose := acted.with("entrance", d.Result.Entrance, "condition", "missing")
	k.refused(t, post, "/v1/plates/missing", lose.String(), 409, "place.plate.down /entrance")
	install := acted.with("entrance", d.Result.Entrance, "installer", "شرکت نمونه")
	k.act(t, town, "/v1/plates/install", install.String(), 200, nil)
	k.refused(t, town, "/v1/plates/install", install.String(), 409, "place.plate.installed /entrance")
	k.refused(t, town, "/v1/plates/install", install.with("entrance", 999).String(), 404, "place.plate.unknown /entrance")
	k.refused(t, town, "/v1/plates/install", install.with("on", "1405").String(), 422, "place.day /on")
	k.act(t, town, "/v1/plates/missing", lose.String(), 200, nil)
	k.refused(t, town, "/v1/plates/missing", lose.with("entrance", 999).String(), 404, "place.plate.unknown /entrance")
	k.refused(t, town, "/v1/plates/missing", lose.with("condition", "ordered").String(), 422, "place.word /condition")
	var page struct {
		Entrances []struct{ State string }
	}
	k.act(t, town, "/v1/plates/list", `{"state":"missing"}`, 200, &page)
	if len(page.Entrances) != 1 || page.Entrances[0].State != "missing" {
		t.Errorf("%+v", page)
	}
	k.refused(t, post, "/v1/plates/list", `{"after":"x"}`, 400, "place.cursor /after")
	var table struct {
		Rows []struct {
			Name    string
			Missing int
		}
	}
	k.act(t, post, "/v1/plates/progress", `{}`, 200, &table)
	if len(table.Rows) != 1 || table.Rows[0].Name != "تهران" || table.Rows[0].Missing != 1 {
		t.Errorf("%+v", table)
	}
}

func reportsLife(t *testing.T, k *contract, s *stack, code string) {
	post, town := s.staff(register.Post), s.staff(register.Municipality)
	report := object{"month": "1404-05", "document": "۱۲", "lines": []object{
		{"kind": "added", "new": object{"locality": "تهران", "street": "بهار", "house_number": "9"}},
		{"kind": "renumbered", "postal_code": code, "new": object{"house_number": "۷"}},
		{"kind": "demolished", "old": object{"province": "البرز", "locality": "کرج", "street": "بهار", "house_number": "9"}},
	}}
	var d placeDone
	k.act(t, town, "/v1/place-reports/submit", report.String(), 200, &d)
	if d.Result.Taken != 2 || len(d.Result.Refused) != 1 || d.Result.Refused[0].Line != 3 {
		t.Errorf("%+v", d)
	}
	k.refused(t, town, "/v1/place-reports/submit", object{"month": "1404-05", "document": "۱۲", "file": "kind,postal_code\ndemolished,1999999999\n"}.String(),
		422, "place.unknown /file/2/postal_code")
	k.refused(t, post, "/v1/place-reports/submit", report.String(), 403, "register.role")
	var list struct {
		Reports []struct{ Report, Waiting int64 }
	}
	k.act(t, post, "/v1/place-reports/list", `{"waiting":true}`, 200, &list)
	if len(list.Reports) != 1 || list.Reports[0].Report != d.Result.Report || list.Reports[0].Waiting != 2 {
		t.Errorf("%+v", list)
	}
	review := object{"report": d.Result.Report, "lines": []object{{"line": 1, "accept": true, "area_code": "14169"}, {"line": 2, "reason": "no-proof"}}}
	k.refused(t, town, "/v1/place-reports/review", review.String(), 403, "register.role")
	k.act(t, post, "/v1/place-reports/review", review.String(), 200, nil)
	k.refused(t, post, "/v1/place-reports/review", review.String(), 409, "place.report.decided /lines/0/line")
	k.refused(t, post, "/v1/place-reports/review", review.with("report", 99).String(), 404, "place.report.unknown /report")
	k.refused(t, post, "/v1/place-reports/review", review.with("lines", []object{{"line": 1}}).String(), 422, "register.reason /lines/0/reason")
	var one struct {
		Waiting int
		Reply   []struct {
			State, Reason string
			PostalCodes   []string `json:"postal_codes"`
		}
	}
	k.act(t, town, "/v1/place-reports/find", object{"report": d.Result.Report}.String(), 200, &one)
	if len(one.Reply) != 2 || one.Waiting != 0 || len(one.Reply[0].PostalCodes) != 1 || one.Reply[1].Reason != "no-proof" {
		t.Errorf("%+v", one)
	}
	k.refused(t, town, "/v1/place-reports/find", `{"report":99}`, 404, "place.report.unknown /report")
	var late struct {
		Overdue []struct{ Months []string }
	}
	k.act(t, post, "/v1/place-reports/overdue", `{"since":"1404-04"}`, 200, &late)
	if len(late.Overdue) != 1 || len(late.Overdue[0].Months) < 2 || late.Overdue[0].Months[0] != "1404-04" || late.Overdue[0].Months[1] != "1404-06" {
		t.Errorf("%+v", late)
	}
}

// followers: an agency takes the file and goes on with the changes.
func followers(t *testing.T, k *contract, s *stack) {
	file := k.check(t, s.bank, http.MethodGet, "/v1/places/file", "/v1/places/file", "")
	last := file.Header.Get("Estelam-Sequence")
	if file.StatusCode != 200 || last == "" || !strings.HasPrefix(string(file.body), "postal_code,state,successors,province,") {
		t.Fatalf("%d %q %.100s", file.StatusCode, last, file.body)
	}
	if rows := strings.Count(string(file.body), "\n"); rows < 7 {
		t.Error(rows, "rows")
	}
	for path, want := range map[string]string{
		"/v1/places/changes?after=" + last: `{"changes":[],"last":` + last + `}`,
		"/v1/places/changes?limit=1":       `{"changes":[{"sequence":1,"kind":"assigned","at":`,
	} {
		if res := k.check(t, s.bank, http.MethodGet, "/v1/places/changes", path, ""); !strings.HasPrefix(string(res.body), want) {
			t.Errorf("%s: %.200s", path, res.body)
		}
	}
	for _, query := range []string{"after=-1", "after=x", "limit=1001"} {
		if res := k.check(t, s.bank, http.MethodGet, "/v1/places/changes", "/v1/places/changes?"+query, ""); res.StatusCode != 422 || res.problem(t).Key != "place.count" {
			t.Errorf("%s: %d", query, res.StatusCode)
		}
	}
}
