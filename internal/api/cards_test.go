package api

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

func init() { lives = append(lives, papersLife) }

// papersTest is the life of one person's papers, with what is refused on the way.
type papersTest struct {
	*testing.T
	k                     *contract
	s                     *stack
	clerk, chief, press   *client
	holder, child, nobody object
}

// statusOf is the answer of an act on a card.
type statusOf struct {
	Result struct {
		Card  person.CardRecord `json:"card"`
		Holds string            `json:"card_state"`
	} `json:"result"`
}

func papersLife(t *testing.T, k *contract, s *stack) {
	l := &papersTest{T: t, k: k, s: s, clerk: s.staff(register.Clerk), chief: s.staff(register.Supervisor), press: s.staff(register.Printer)}
	today := persian.DateOf(time.Now())
	all := make([]object, 2)
	_, err := person.Load(s.Context(), s.db, func(yield func(person.Person, error) bool) {
		for i := range all {
			p := person.Person{
				Number: numberOf(7_100_001 + int64(i)), Given: name("آزمون"), Surname: name("نمونه‌ای"), Father: name("فرضی"), State: person.Active,
				Born: persian.Date{Year: 1375, Month: 2, Day: 3}, Sex: person.Male,
			}
			if i == 1 {
				p.Born = today.AddYears(-10)
			}
			if all[i] = (object{"national_number": p.Number.String()}); !yield(p, nil) {
				return
			}
		}
	}, nil)
	s.ok(err)
	l.holder, l.child, l.nobody = all[0], all[1], object{"national_number": numberOf(7_199_999).String()}
	office := object{"code": 30101, "name": "آزمایشی", "province": "تهران", "county": "تهران", "prefixes": []string{"301"}}
	l.done(l.chief, "offices/put", object{"offices": []object{office}})
	l.booklets()
	l.residence(today)
	l.plans(today)
	l.application(today)
	l.print()
	l.held()
}

var (
	grounds = []any{"reason", "declaration", "document", "17/1405"}
	dossier = []any{"reason", "dossier", "file", "17"}
)

func (l *papersTest) done(c *client, path string, in object) (out statusOf) {
	l.Helper()
	var into any
	if strings.HasPrefix(path, "cards/") {
		into = &out
	}
	l.k.act(l, c, "/v1/"+path, in.String(), 200, into)
	return out
}

func (l *papersTest) refused(c *client, path string, in object, status int, mistakes ...string) {
	l.Helper()
	l.k.refused(l, c, "/v1/"+path, in.String(), status, mistakes...)
}

// unknown: an act on a person names nobody but a person.
func (l *papersTest) unknown(path string, in object) {
	l.Helper()
	l.refused(l.chief, path, in.with("national_number", l.nobody["national_number"]), 404, "person.unknown /national_number")
	l.refused(l.chief, path, in.with("national_number", "1"), 422, "ids.number.length /national_number")
}

func (l *papersTest) booklets() {
	stock := object{"office": 30101, "serie": "الف/12", "first": "000001", "last": "000002"}.with(grounds...)
	l.done(l.chief, "shenasnamehs/receive", stock)
	l.refused(l.chief, "shenasnamehs/receive", stock, 409, "person.stock.overlap")
	l.refused(l.chief, "shenasnamehs/receive", stock.with("first", "1", "serie", "x"), 422, "ids.serial.form /first", "ids.serie.form /serie")
	l.done(l.clerk, "shenasnamehs/stock", object{"below": 10})
	issue := l.holder.with("office", 30101).with(grounds...)
	l.done(l.clerk, "shenasnamehs/issue", issue)
	l.refused(l.clerk, "shenasnamehs/issue", issue, 409, "person.shenasnameh.has")
	l.unknown("shenasnamehs/issue", issue)
	l.unknown("shenasnamehs/reissue", issue.with("reason", "worn"))
	l.done(l.clerk, "shenasnamehs/reissue", issue.with("reason", "worn"))
	l.refused(l.clerk, "shenasnamehs/reissue", issue.with("reason", "lost"), 409, "person.stock.exhausted")
	l.done(l.chief, "shenasnamehs/receive", stock.with("first", "000003", "last", "000003"))
	annul := l.holder.with(grounds...)
	l.unknown("shenasnamehs/annul", annul)
	l.done(l.chief, "shenasnamehs/annul", annul)
	l.refused(l.chief, "shenasnamehs/annul", annul, 409, "person.shenasnameh.none")
	l.done(l.clerk, "shenasnamehs/issue", issue)
	var list struct {
		Result bookletsAnswer `json:"result"`
	}
	l.k.act(l, l.clerk, "/v1/shenasnamehs/history", l.holder.with(dossier...).String(), 200, &list)
	if b := list.Result.Booklets; len(b) != 3 || b[0].EndReason != "worn" || b[1].State != "annulled" || b[2].Serial != "000003" {
		l.Errorf("%+v", b)
	}
	l.unknown("shenasnamehs/history", l.nobody.with(dossier...))
}

func (l *papersTest) residence(today persian.Date) {
	declare := l.holder.with("postal_code", postal.String(), "since", today.String()).with(grounds...)
	l.done(l.clerk, "residences/declare", declare)
	l.refused(l.clerk, "residences/declare", declare, 409, "person.residence.same")
	l.refused(l.clerk, "residences/declare", declare.with("postal_code", "1416932791"), 422, "person.residence.place /postal_code")
	l.unknown("residences/declare", declare)
	withdraw := l.holder.with(grounds...)
	l.unknown("residences/withdraw", withdraw)
	l.done(l.clerk, "residences/withdraw", withdraw)
	l.refused(l.clerk, "residences/withdraw", withdraw, 409, "person.residence.none")
	l.done(l.clerk, "residences/declare", declare)
	l.done(l.clerk, "residences/declare", declare.with("national_number", l.child["national_number"], "guardian", l.holder["national_number"]))
	l.done(l.clerk, "residences/history", l.holder.with(dossier...))
	l.unknown("residences/history", l.nobody.with(dossier...))
}

func (l *papersTest) plans(today persian.Date) {
	l.s.ok(l.s.db.Write(l.Context(), func(tx *store.Tx) error {
		return person.DecideCardValidity(tx, &person.Validity{DecidedOn: today, Years: 10, Reference: "1"})
	}))
	table := object{"born_from": 1370, "born_to": 1379, "opens": today.String(), "reference": "1"}
	l.done(l.chief, "cards/timetable", table)
	l.refused(l.chief, "cards/timetable", table.with("born_to", 1380), 409, "person.timetable.overlap")
	l.done(l.clerk, "cards/timetables", object{})
	l.done(l.chief, "cards/announce", object{}.with(grounds...))
	l.done(l.chief, "cards/expiry", object{"months": 3}.with(grounds...))
	l.refused(l.chief, "cards/expiry", object{"months": 37}.with(grounds...), 422, "person.card.months /months")
	plan := object{"office": 30101, "from": today.String(), "to": today.AddDays(7).String(), "hours": []int{9}, "capacity": 1}
	l.done(l.chief, "cards/plan", plan)
	l.done(l.clerk, "cards/slots", object{"office": 30101})
	blanks := object{"prefix": "3T", "first": "00000001", "last": "00000009"}.with(grounds...)
	l.done(l.chief, "cards/receive", blanks)
	l.refused(l.chief, "cards/receive", blanks, 409, "person.stock.overlap")
	l.done(l.press, "cards/stock", object{})
}

func (l *papersTest) application(today persian.Date) {
	apply := l.holder.with("office", 30101)
	l.unknown("cards/apply", apply)
	res := l.k.act(l, l.clerk, "/v1/cards/apply", apply.with("national_number", l.child["national_number"]).String(), 409, nil)
	if p := res.problem(l); p.Key != "person.card.young" || !strings.Contains(p.En, today.AddYears(5).String()) || !strings.Contains(p.Fa, today.AddYears(5).Persian()) {
		l.Errorf("%s", res.body)
	}
	l.done(l.clerk, "cards/apply", apply)
	l.refused(l.clerk, "cards/apply", apply, 409, "person.card.at.applied")
	l.unknown("cards/withdraw", l.holder)
	l.done(l.clerk, "cards/withdraw", l.holder)
	l.refused(l.clerk, "cards/withdraw", l.holder, 409, "person.card.at.announced")
	l.done(l.clerk, "cards/apply", apply)
	appoint := l.holder.with("day", today.String(), "hour", 9)
	l.unknown("cards/appoint", appoint)
	l.refused(l.clerk, "cards/appoint", appoint.with("hour", 10), 409, "person.slot.full")
	l.unknown("cards/unappoint", l.holder)
	l.refused(l.clerk, "cards/unappoint", l.holder, 409, "person.card.at.applied")
	l.done(l.clerk, "cards/appoint", appoint)
	l.done(l.clerk, "cards/unappoint", l.holder)
	if got := l.done(l.clerk, "cards/appoint", appoint); got.Result.Card.Hour != 9 || got.Result.Holds != "appointed" {
		l.Errorf("%+v", got)
	}
	l.refused(l.chief, "cards/plan", object{"office": 30101, "from": today.String(), "to": today.String(), "hours": []int{9}, "capacity": 0}, 409,
		"person.slot.taken /capacity")
	l.refused(l.press, "cards/personalise", object{}, 409, "person.batch.none")
	l.unknown("cards/capture", l.holder)
	l.done(l.clerk, "cards/capture", l.holder)
	l.refused(l.clerk, "cards/capture", l.holder, 409, "person.card.at.captured")
}

func (l *papersTest) print() {
	var batch struct {
		Result person.CardBatch `json:"result"`
	}
	l.k.act(l, l.press, "/v1/cards/personalise", `{"rows":10}`, 200, &batch)
	l.refused(l.press, "cards/personalise", object{"rows": 5001}, 422, "person.batch.rows /rows")
	which := object{"batch": batch.Result.Batch}
	res := l.k.act(l, l.press, "/v1/cards/batch", which.String(), 200, nil)
	if !bytes.HasPrefix(res.body, []byte("batch,row,serial,")) || !bytes.Contains(res.body, []byte(",3T00000001,")) || res.Header.Get("Estelam-Receipt") == "" {
		l.Errorf("%s", res.body)
	}
	l.refused(l.press, "cards/batch", object{"batch": 99}, 404, "person.batch.unknown /batch")
	told := which.with("file", "row,serial,result\n1,3T00000001,printed\n2,3T00000002,printed\n")
	var report struct {
		Result person.PrintReport `json:"result"`
	}
	l.k.act(l, l.press, "/v1/cards/printed", told.String(), 200, &report)
	if r := report.Result; r.Printed != 1 || r.Refused != 1 || r.Lines[0].Line != 3 || r.Lines[0].Key != "person.print.row" || r.Open != 0 {
		l.Errorf("%+v", r)
	}
	l.refused(l.press, "cards/printed", told.with("batch", 99), 404, "person.batch.unknown /batch")
	l.refused(l.press, "cards/batch", which, 409, "person.batch.complete")
	spoil := l.holder.with(grounds...)
	l.unknown("cards/spoil", spoil)
	l.done(l.clerk, "cards/spoil", spoil)
	l.refused(l.clerk, "cards/spoil", spoil, 409, "person.card.at.captured")
	l.k.act(l, l.press, "/v1/cards/personalise", `{}`, 200, &batch)
	l.done(l.press, "cards/printed", object{"batch": batch.Result.Batch, "file": "row,serial,result,note\n1,3T00000002,printed,\n"})
}

func (l *papersTest) held() {
	give := l.holder.with("card_serial", "3T00000002", "shenasnameh_serie", "الف12", "shenasnameh_serial", "000003")
	l.unknown("cards/hand-over", give)
	l.refused(l.clerk, "cards/hand-over", give.with("shenasnameh_serial", "000002"), 422, "person.card.identity /shenasnameh_serial")
	if got := l.done(l.clerk, "cards/hand-over", give); got.Result.Card.State != "issued" || got.Result.Card.Serial != "3T00000002" || got.Result.Holds != "issued" {
		l.Errorf("%+v", got)
	}
	l.refused(l.clerk, "cards/hand-over", give, 409, "person.card.at.issued")
	report := l.holder.with(grounds...)
	l.unknown("cards/damaged", report)
	l.done(l.clerk, "cards/damaged", report)
	l.refused(l.clerk, "cards/damaged", report, 409, "person.card.at.must_be_replaced")
	l.unknown("cards/lost", report)
	l.done(l.clerk, "cards/lost", report)
	l.refused(l.clerk, "cards/lost", report, 409, "person.card.at.lost")
	var list struct {
		Result cardsAnswer `json:"result"`
	}
	l.k.act(l, l.clerk, "/v1/cards/history", l.holder.with(dossier...).String(), 200, &list)
	if c := list.Result.Cards; len(c) != 2 || c[0].State != "withdrawn" || c[1].State != "lost" {
		l.Errorf("%+v", c)
	}
	l.unknown("cards/history", l.nobody.with(dossier...))
}
