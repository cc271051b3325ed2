package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, birthsLife) }

// proofOf is the answer of a birth.
type proofOf struct {
	Code   string `json:"tracking_code"`
	Result struct {
		Number string `json:"national_number"`
		Again  bool   `json:"again"`
	} `json:"result"`
}

// birthsLife: offices are registered, a child is born, its birth is sent again,
// twins come with mistakes and without.
func birthsLife(t *testing.T, k *contract, s *stack) {
	clerk, chief := s.staff(register.Clerk), s.staff(register.Supervisor)
	office := object{"code": 10101, "name": "آزمایشی", "province": "تهران", "county": "تهران", "prefixes": []string{"101", "۱۰۲"}}
	k.act(t, chief, "/v1/offices/put", object{"offices": []object{office, office.with("code", 10102)}}.String(), 200, nil)
	k.refused(t, clerk, "/v1/offices/put", object{"offices": []object{office}}.String(), 403, "register.role")
	said := clerk.do("POST", "/v1/offices/put", object{"offices": []object{office}}.String())
	if p := said.problem(t); !strings.HasSuffix(p.Detail, ": ناظر") && !strings.HasSuffix(p.Detail, ": supervisor") {
		t.Errorf("who may is not said: %+v", p)
	}
	k.refused(t, chief, "/v1/offices/put", object{"offices": []object{office, office, office.with("prefixes", []string{"1", "101", "101"})}}.String(), 422,
		"person.office.prefix /offices/2/prefixes/0")
	k.refused(t, chief, "/v1/offices/put", object{"offices": []object{office, office, office.with("prefixes", []string{"101", "101"})}}.String(), 422,
		"sheet.twice /offices/1/code", "person.office.prefix /offices/2/prefixes")
	var page officesAnswer
	k.act(t, s.staff(register.Post), "/v1/offices", `{"after":10100,"limit":1}`, 200, &page)
	if len(page.Offices) != 1 || page.Next != 10101 || page.Offices[0].Prefixes[1] != 102 {
		t.Errorf("%+v", page)
	}
	k.refused(t, chief, "/v1/offices", `{"limit":1001}`, 422, "api.limit /limit")

	today := persian.DateOf(time.Now())
	birth := object{
		"notification": "H-1", "birth_order": 1, "office": 10101, "given_name": "آزمون", "surname": "نمونه‌ای", "sex": "female",
		"birth_date": today.AddDays(-3).String(), "birth_place": "تهران", "father_name": "فرضی", "declarant": "father",
	}
	var first, again proofOf
	k.act(t, clerk, "/v1/births", birth.String(), 200, &first)
	k.act(t, chief, "/v1/births", birth.String(), 200, &again)
	if first.Result.Again || !again.Result.Again || first.Code != again.Code || first.Result.Number != again.Result.Number || first.Result.Number[:3] != "101" {
		t.Errorf("%+v %+v", first, again)
	}
	k.refused(t, clerk, "/v1/births", birth.with("birth_place", "شیراز").String(), 409, "person.birth.other /notification")
	k.refused(t, s.staff(register.Post), "/v1/births", birth.String(), 403, "register.role")
	k.refused(t, clerk, "/v1/births", birth.with("notification", "H-2").with("birth_date", today.AddDays(1).String()).with("office", 9).String(), 422,
		"person.date.future /birth_date", "person.office.unknown /office")
	k.refused(t, clerk, "/v1/births", `{"sex":"x","birth_date":"1404/12/30","father_number":"1"}`, 422,
		"person.word /sex", "persian.date.impossible /birth_date", "ids.number.length /father_number")

	twins := []object{birth.with("notification", "T-1"), birth.with("notification", "T-1").with("birth_order", 2)}
	bad := append(twins[:1:1], twins[0].with("notification", "T-2").with("father_number", numberOf(7).String()), twins[1].with("given_name", "1"))
	k.refused(t, clerk, "/v1/births/batch", object{"births": bad}.String(), 422, "persian.name.letter /births/2/given_name")
	k.refused(t, clerk, "/v1/births/batch", object{"births": bad[:2]}.String(), 422, "person.birth.parent.unknown /births/1/father_number")
	k.refused(t, clerk, "/v1/births/batch", object{"births": []object{birth.with("sex", "male")}}.String(), 409, "person.birth.other /births/0/notification")
	k.refused(t, clerk, "/v1/births/batch", `{"births":[]}`, 422, "person.birth.batch /births")
	var both struct{ Births []proofOf }
	k.act(t, clerk, "/v1/births/batch", object{"births": append(twins, birth)}.String(), 200, &both)
	if len(both.Births) != 3 || both.Births[0].Code == both.Births[1].Code || both.Births[2].Code != first.Code || !both.Births[2].Result.Again {
		t.Errorf("%+v", both)
	}
	var one, two int64
	if _, err := fmt.Sscan(both.Births[0].Result.Number+" "+both.Births[1].Result.Number, &one, &two); err != nil || two/10 != one/10+1 {
		t.Errorf("twins have %d and %d: %v", one, two, err)
	}
}
