package person

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

var press = journal.Actor{Role: register.Printer, ID: "press"}

// bureau is a town in which cards can be had.
type bureau struct {
	t testing.TB
	b *Book
	j *journal.Journal
}

func openBureau(t testing.TB, url string) *bureau {
	t.Helper()
	b, j, _ := town(t, url)
	registries(t, b, j)
	u := &bureau{t, b, j}
	u.must(b.DecideTimetable(u.ctx(), j, chief, &Timetable{From: 1330, To: 1390, Opens: date(t, "1404-01-01"), Reference: "1"}))
	u.must(b.ReceiveCards(u.ctx(), j, chief, &CardStock{Prefix: "1K", First: "00000001", Last: "00000999", Grounds: papers}))
	u.must(b.PlanSlots(u.ctx(), j, chief, &SlotPlan{Office: 11, From: b.today(), To: b.today().AddDays(60), Hours: []int{9, 10}, Capacity: 50}))
	return u
}

func (u *bureau) ctx() context.Context { return context.Background() }

// must wants an act to succeed; what it says does not matter.
func (u *bureau) must(_ any, _ journal.Proven, err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

func (u *bureau) card(n ids.NationalNumber) Card { return find(u.t, u.b, n).Card }

func (u *bureau) cards(n ids.NationalNumber) []CardRecord {
	u.t.Helper()
	all, _, err := u.b.Cards(u.ctx(), u.j, clerk, &Reading{Number: n, Reason: "dossier", File: "1"})
	if err != nil {
		u.t.Fatal(err)
	}
	return all
}

func (u *bureau) apply(n ids.NationalNumber) error {
	_, _, err := u.b.ApplyForCard(u.ctx(), u.j, clerk, &CardApplication{Number: n, Office: 11})
	return err
}

func (u *bureau) appoint(n ids.NationalNumber) error {
	_, _, err := u.b.Appoint(u.ctx(), u.j, clerk, &CardAppointment{Number: n, Day: u.b.today(), Hour: 9})
	return err
}

func (u *bureau) capture(n ids.NationalNumber) error {
	_, _, err := u.b.Capture(u.ctx(), u.j, clerk, &CardHolder{Number: n})
	return err
}

func (u *bureau) personalise() (*CardBatch, error) {
	k, _, err := u.b.Personalise(u.ctx(), u.j, press, &BatchOrder{})
	return k, err
}

// rows are the cards in a batch's file.
func (u *bureau) rows(id int64) [][]string {
	u.t.Helper()
	file, _, err := u.b.BatchFile(u.ctx(), u.j, press, &BatchQuery{Batch: id})
	if err != nil {
		u.t.Fatal(err)
	}
	cut := bytes.LastIndex(bytes.TrimSuffix(file, []byte("\n")), []byte("\n")) + 1
	all, err := csv.NewReader(bytes.NewReader(file[:cut])).ReadAll()
	if err != nil {
		u.t.Fatal(err)
	}
	if want := fmt.Sprintf("end,%d,%d,%x,,,,,,\n", id, len(all)-1, sha256.Sum256(file[:cut])); string(file[cut:]) != want {
		u.t.Fatalf("the last line is %q, want %q", file[cut:], want)
	}
	return all[1:]
}

// told tells one result for every row of a batch.
func (u *bureau) told(id int64, result string) (*PrintReport, error) {
	text := "row,serial,result,note\n"
	for _, row := range u.rows(id) {
		text += row[1] + "," + row[2] + "," + result + ",\n"
	}
	r, _, err := u.b.RecordPrinted(u.ctx(), u.j, press, &PrintResults{Batch: id, File: text})
	return r, err
}

func (u *bureau) handOver(n ids.NationalNumber) error {
	serial := ""
	for _, k := range u.cards(n) {
		if k.State == "printed" {
			serial = k.Serial
		}
	}
	if serial == "" {
		serial = "1K99999999"
	}
	_, _, err := u.b.HandOver(u.ctx(), u.j, clerk, &CardHandOver{Number: n, Serial: serial, Fingerprint: true})
	return err
}

// print prints everything that is ready.
func (u *bureau) print() {
	u.t.Helper()
	k, err := u.personalise()
	if err != nil {
		u.t.Fatal(err)
	}
	if _, err := u.told(k.Batch, "printed"); err != nil {
		u.t.Fatal(err)
	}
}

// to brings the newest application of n to a state.
func (u *bureau) to(n ids.NationalNumber, s CardState) {
	u.t.Helper()
	steps := []struct {
		to CardState
		do func() error
	}{
		{Applied, func() error { return u.apply(n) }},
		{Appointed, func() error { return u.appoint(n) }},
		{Captured, func() error { return u.capture(n) }},
		{Printing, func() error { _, err := u.personalise(); return err }},
		{Printed, func() error {
			all := u.cards(n)
			_, err := u.told(all[len(all)-1].Batch, "printed")
			return err
		}},
		{Issued, func() error { return u.handOver(n) }},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			u.t.Fatalf("to %s: %v", step.to, err)
		}
		if step.to == s {
			return
		}
	}
}

// TestCardLife: from the application to the hand-over and the next card.
func TestCardLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		p := bare(t, u.b, u.j, 1_000_001, "1385-02-03")
		for _, s := range []CardState{Applied, Appointed, Captured, Printing, Printed, Issued} {
			u.to2(p.Number, s)
			if got := u.card(p.Number).State; got != s.shown() {
				t.Errorf("the record says %s of a card that is %s", got, s)
			}
		}
		valid := date(t, "1412-03-10") // 7 years by the bylaw
		if got := u.card(p.Number); got != (Card{State: Issued, Valid: valid, Serial: "1K00000001"}) {
			t.Errorf("%+v", got)
		}
		wants(t, "again", u.apply(p.Number), fault.Conflict, "person.card.at.issued", "")
		u.must(u.b.DeclareResidence(u.ctx(), u.j, clerk, &ResidenceDeclaration{Number: p.Number, Postal: south, Since: u.b.today(), Grounds: papers}))
		if got := u.card(p.Number); got.State != MustReplace || got.Reason != Moved {
			t.Errorf("%+v", got)
		}
		u.to(p.Number, Printed)
		if got := u.card(p.Number); got.State != MustReplace || got.Serial != "1K00000001" {
			t.Errorf("before the hand-over the record says %+v", got)
		}
		decide(t, u.b, &Validity{DecidedOn: u.b.today(), Years: 10, Reference: "2"})
		if err := u.handOver(p.Number); err != nil {
			t.Fatal(err)
		}
		if got := u.card(p.Number); got != (Card{State: Issued, Valid: valid, Serial: "1K00000002"}) {
			t.Errorf("%+v", got)
		}
		all := u.cards(p.Number)
		if len(all) != 2 || all[0].State != "replaced" || all[0].EndReason != "replaced" || all[1].State != "issued" || all[1].Purpose != "moved" {
			t.Errorf("%+v", all)
		}
		dead := find(t, u.b, p.Number)
		dead.State = Deceased
		save(t, u.b, u.j, &dead)
		if all := u.cards(p.Number); all[1].State != "void" {
			t.Errorf("%+v", all)
		}
		var kinds []string
		for _, e := range events(t, u.b, p.Number) {
			kinds = append(kinds, e.Kind)
		}
		once := "card_applied card_appointed card_captured card_printing card_printed card_issued"
		if got := strings.Join(kinds, " "); got != once+" residence "+once {
			t.Error(got)
		}
	})
}

// to2 does the one step to s.
func (u *bureau) to2(n ids.NationalNumber, s CardState) {
	u.t.Helper()
	var err error
	switch s {
	case Applied:
		err = u.apply(n)
	case Appointed:
		err = u.appoint(n)
	case Captured:
		err = u.capture(n)
	case Printing:
		_, err = u.personalise()
	case Printed:
		all := u.cards(n)
		_, err = u.told(all[len(all)-1].Batch, "printed")
	case Issued:
		err = u.handOver(n)
	}
	if err != nil {
		u.t.Fatalf("to %s: %v", s, err)
	}
}

// TestWhoMayApply: age, cohort and province, residence, state of the record.
func TestWhoMayApply(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url) // today is 1405-03-10
		refused := func(what, born, key, arg string) {
			t.Helper()
			p := bare(t, u.b, u.j, 2_000_000+int64(len(what))*1000+int64(len(born+key+arg)), born)
			err := u.apply(p.Number)
			wants(t, what, err, fault.Conflict, key, "")
			if f := fault.Of(err); strings.Join(f.Args, " ") != arg {
				t.Errorf("%s: %v, want %s", what, f.Args, arg)
			}
			if got := u.card(p.Number); got != (Card{}) {
				t.Errorf("%s: %+v", what, got)
			}
		}
		before := u.j.State().Size
		refused("14", "1390-03-11", "person.card.young", "1405-03-11")
		if n := u.j.State().Size - before; n != 2 { // the birth's record, and that its day was told
			t.Errorf("%d entries: who was told a day of birth has not been written down", n)
		}
		refused("of that year", "1390-00-00", "person.card.young", "1406-01-01")
		refused("no cohort", "1329-05-05", "person.card.timetable.none", "")
		u.must(u.b.DecideTimetable(u.ctx(), u.j, chief, &Timetable{Province: "تهران", From: 1360, To: 1369, Opens: date(t, "1405-06-01"), Reference: "2"}))
		refused("in Tehran later", "1365-01-01", "person.card.timetable.closed", "1405-06-01")
		p := bare(t, u.b, u.j, 1_000_001, "1365-01-01")
		p.Postal = south
		save(t, u.b, u.j, &p)
		if err := u.apply(p.Number); err != nil {
			t.Error("in Fars the country's day holds:", err)
		}
		u.must(u.b.DecideTimetable(u.ctx(), u.j, chief, &Timetable{Province: "تهران", From: 1360, To: 1369, Opens: date(t, "1405-03-01"), Reference: "3"}))
		q := bare(t, u.b, u.j, 1_000_002, "1365-01-01")
		if err := u.apply(q.Number); err != nil {
			t.Error("a later decision replaces the one before:", err)
		}
		wants(t, "twice", u.apply(q.Number), fault.Conflict, "person.card.at.applied", "")
		_, _, err := u.b.DecideTimetable(u.ctx(), u.j, chief, &Timetable{Province: "تهران", From: 1365, To: 1372, Opens: date(t, "1405-03-01"), Reference: "4"})
		wants(t, "an overlap", err, fault.Conflict, "person.timetable.overlap", "")
		r := bare(t, u.b, u.j, 1_000_003, "1390-03-10")
		r.Postal = 0
		save(t, u.b, u.j, &r)
		wants(t, "no residence", u.apply(r.Number), fault.Conflict, "person.card.residence", "")
		for state, key := range map[State]string{Deceased: "deceased", Cancelled: "cancelled", UnderReview: "review"} {
			p := find(t, u.b, r.Number)
			p.State, p.Postal = state, here
			save(t, u.b, u.j, &p)
			wants(t, key, u.apply(r.Number), fault.Conflict, "person.holder."+key, "")
		}
		wants(t, "nobody", u.apply(nth(999)), fault.NotFound, "person.unknown", "national_number")
	})
}

// TestSlots: no hour is overbooked, whoever comes at once; moving gives the old
// hour back.
func TestSlots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		day := u.b.today().AddDays(1)
		plan := &SlotPlan{Office: 22, From: day, To: day, Hours: []int{8}, Capacity: 5}
		u.must(u.b.PlanSlots(u.ctx(), u.j, chief, plan))
		book := func(n ids.NationalNumber) error {
			_, _, err := u.b.Appoint(u.ctx(), u.j, clerk, &CardAppointment{Number: n, Office: 22, Day: day, Hour: 8})
			return err
		}
		persons := make([]Person, 12)
		for i := range persons {
			persons[i] = bare(t, u.b, u.j, 1_000_000+int64(i), "1380-01-01")
			u.to(persons[i].Number, Applied)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		var in []ids.NationalNumber
		for i := range persons {
			all.Go(func() {
				err := book(persons[i].Number)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					in = append(in, persons[i].Number)
				case fault.Of(err).Key != "person.slot.full":
					t.Error(err)
				}
			})
		}
		all.Wait()
		free, err := u.b.FreeSlots(u.ctx(), chief, &SlotQuery{Office: 22})
		if len(in) != 5 || err != nil || len(free) != 0 {
			t.Fatal(len(in), free, err)
		}
		plan.Capacity = 4
		_, _, err = u.b.PlanSlots(u.ctx(), u.j, chief, plan)
		wants(t, "below what is taken", err, fault.Conflict, "person.slot.taken", "capacity")
		wants(t, "too early", u.capture(in[0]), fault.Conflict, "person.slot.early", "")
		if err := book(in[1]); err != nil {
			t.Error("the same hour again:", err)
		}
		u.must(u.b.Appoint(u.ctx(), u.j, clerk, &CardAppointment{Number: in[0], Office: 11, Day: day, Hour: 9}))
		u.must(u.b.Unappoint(u.ctx(), u.j, clerk, &CardHolder{Number: in[1]}))
		u.must(u.b.WithdrawApplication(u.ctx(), u.j, clerk, &CardHolder{Number: in[2]}))
		if free, err = u.b.FreeSlots(u.ctx(), chief, &SlotQuery{Office: 22}); err != nil || len(free) != 1 || free[0].Free != 3 {
			t.Error(free, err)
		}
		if got := u.card(in[2]).State; got != Announced {
			t.Error(got)
		}
		_, _, err = u.b.Appoint(u.ctx(), u.j, clerk, &CardAppointment{Number: in[1], Day: u.b.today().AddDays(-1), Hour: 9})
		wants(t, "yesterday", err, fault.Invalid, "person.slot.past", "day")
		for what, plan := range map[string]SlotPlan{
			"from": {Office: 11, From: u.b.today().AddDays(-1), To: day, Hours: []int{1}}, "to": {Office: 11, From: day, To: day.AddDays(-1), Hours: []int{1}},
			"hours": {Office: 11, From: day, To: day, Hours: []int{24}}, "capacity": {Office: 11, From: day, To: day, Hours: []int{1}, Capacity: -1},
			"office": {Office: 12, From: day, To: day, Hours: []int{1}},
		} {
			if _, _, err := u.b.PlanSlots(u.ctx(), u.j, chief, &plan); fault.Of(err) == nil || fault.Of(err).Field != what {
				t.Errorf("a bad %s: %v", what, err)
			}
		}
	})
}

// TestPrinting: the file is whole and the same each time; results are taken row
// by row; what failed is printed again with another serial.
func TestPrinting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		if _, err := u.personalise(); fault.Of(err) == nil || fault.Of(err).Key != "person.batch.none" {
			t.Error(err)
		}
		var persons []Person
		for i := range 4 {
			p := bare(t, u.b, u.j, 1_000_000+int64(i), "1380-01-01")
			u.to(p.Number, Captured)
			persons = append(persons, p)
		}
		gone := find(t, u.b, persons[1].Number)
		gone.State = Deceased
		save(t, u.b, u.j, &gone)
		k, err := u.personalise()
		if err != nil || k.Rows != 3 || k.Passed != 1 {
			t.Fatal(k, err)
		}
		rows := u.rows(k.Batch)
		want := []string{"1", "1", "1K00000001", persons[0].Number.String(), "محمدرضا", "حسینی تهرانی", "علی", "1380-01-01", "1412-03-10", here.String()}
		if strings.Join(rows[0], ",") != strings.Join(want, ",") || len(rows) != 3 {
			t.Errorf("%v", rows)
		}
		file := "result;row;serial;note\nprinted;1;1K00000001;\nfailed;2;1K00000002;chip-dead\nprinted;2;1K00000002;\n" +
			"printed;3;1K00000001;\nprinted;9;1K00000009;\nperhaps;3;1K00000003;\nprinted;x;1K00000003;\n1;2\n"
		in := &PrintResults{Batch: k.Batch, File: file}
		r, _, err := u.b.RecordPrinted(u.ctx(), u.j, press, in)
		if err != nil || r.Printed != 1 || r.Failed != 1 || r.Open != 1 || r.Refused != 6 || r.Known != 0 {
			t.Fatalf("%+v %v", r, err)
		}
		if r, _, err = u.b.RecordPrinted(u.ctx(), u.j, press, in); err != nil || r.Printed != 0 || r.Known != 2 || r.Open != 1 {
			t.Errorf("again: %+v %v", r, err)
		}
		if next := u.rows(k.Batch); len(next) != 3 {
			t.Error("the file of an open batch changed")
		}
		again, err := u.personalise()
		if err != nil || again.Rows != 1 || u.rows(again.Batch)[0][2] != "1K00000004" || u.rows(again.Batch)[0][3] != persons[2].Number.String() {
			t.Errorf("the next batch: %+v %v", again, err)
		}
		if _, err := u.told(k.Batch, "printed"); err != nil {
			t.Error(err)
		}
		_, _, err = u.b.BatchFile(u.ctx(), u.j, press, &BatchQuery{Batch: k.Batch})
		wants(t, "a complete batch", err, fault.Conflict, "person.batch.complete", "")
		_, _, err = u.b.BatchFile(u.ctx(), u.j, press, &BatchQuery{Batch: 77})
		wants(t, "no batch", err, fault.NotFound, "person.batch.unknown", "batch")
		_, _, err = u.b.BatchFile(u.ctx(), u.j, clerk, &BatchQuery{Batch: 1})
		wants(t, "a clerk", err, fault.Forbidden, "register.role", "")
		for _, file := range []string{"", "row,serial\n1,2\n", "\x00\x01"} {
			if _, _, err := u.b.RecordPrinted(u.ctx(), u.j, press, &PrintResults{Batch: 1, File: file}); fault.Of(err) == nil {
				t.Errorf("%q was taken", file)
			}
		}
	})
}

// TestFewBlanks: a batch is as long as the blanks last, and no blank is lost
// when there are none.
func TestFewBlanks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j, _ := town(t, url)
		registries(t, b, j)
		u := &bureau{t, b, j}
		u.must(b.DecideTimetable(u.ctx(), j, chief, &Timetable{From: 1330, To: 1390, Opens: date(t, "1404-01-01"), Reference: "1"}))
		u.must(b.PlanSlots(u.ctx(), j, chief, &SlotPlan{Office: 11, From: b.today(), To: b.today(), Hours: []int{9}, Capacity: 5}))
		for i := range int64(3) {
			p := bare(t, b, j, 1_000_000+i, "1380-01-01")
			u.to(p.Number, Captured)
		}
		_, err := u.personalise()
		wants(t, "no blanks", err, fault.Conflict, "person.stock.exhausted", "")
		u.must(b.ReceiveCards(u.ctx(), j, chief, &CardStock{Prefix: "1K", First: "00000001", Last: "00000002", Grounds: papers}))
		if k, err := u.personalise(); err != nil || k.Rows != 2 || k.Passed != 0 {
			t.Fatal(k, err)
		}
		_, err = u.personalise()
		wants(t, "the third waits", err, fault.Conflict, "person.stock.exhausted", "")
		u.must(b.ReceiveCards(u.ctx(), j, chief, &CardStock{Prefix: "1K", First: "00000003", Last: "00000003", Grounds: papers}))
		if k, err := u.personalise(); err != nil || k.Rows != 1 || u.rows(k.Batch)[0][2] != "1K00000003" {
			t.Error(k, err)
		}
	})
}

// TestHandOver: only to the holder, only his card, only as the record is now.
func TestHandOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		stock(t, u.b, u.j, 11, "الف12", "000007", "000007")
		p := bare(t, u.b, u.j, 1_000_001, "1380-01-01")
		u.must(u.b.IssueShenasnameh(u.ctx(), u.j, clerk, &BookletIssue{Number: p.Number, Office: 11, Grounds: papers}))
		u.to(p.Number, Printed)
		give := func(in CardHandOver) error {
			in.Number = p.Number
			_, _, err := u.b.HandOver(u.ctx(), u.j, clerk, &in)
			return err
		}
		good := CardHandOver{Serial: "1K00000001", Serie: "الف12", Booklet: "000007"}
		wants(t, "nobody asked who he is", give(CardHandOver{Serial: "1K00000001"}), fault.Invalid, "person.card.identity.none", "shenasnameh_serial")
		wants(t, "another booklet", give(CardHandOver{Serial: "1K00000001", Serie: "الف12", Booklet: "000008"}), fault.Invalid, "person.card.identity", "shenasnameh_serial")
		wants(t, "another card", give(CardHandOver{Serial: "1K00000002", Fingerprint: true}), fault.Invalid, "person.card.serial", "card_serial")
		now := find(t, u.b, p.Number)
		now.Surname = name(t, "کریمی")
		save(t, u.b, u.j, &now)
		wants(t, "another name meanwhile", give(good), fault.Conflict, "person.card.outdated", "")
		u.must(u.b.SpoilCard(u.ctx(), u.j, clerk, &CardReport{Number: p.Number, Grounds: papers}))
		u.print()
		good.Serial = "1K00000002"
		if err := give(good); err != nil {
			t.Fatal(err)
		}
		u.must(u.b.ReportLost(u.ctx(), u.j, clerk, &CardReport{Number: p.Number, Grounds: papers}))
		if got := u.card(p.Number); got != (Card{State: Lost}) {
			t.Errorf("%+v", got)
		}
		u.to(p.Number, Issued)
		all := u.cards(p.Number)
		if len(all) != 2 || all[0].State != "lost" || all[0].Serial != "1K00000002" || all[1].Purpose != "lost" || all[1].Serial != "1K00000003" {
			t.Errorf("%+v", all)
		}
	})
}

// TestOldCard: a card from before this register is the oldest in the list and
// has no application, also when it is replaced.
func TestOldCard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		p := bare(t, u.b, u.j, 1_000_001, "1380-01-01")
		p.Card = Card{State: Issued, Serial: "9G00000001", Valid: date(t, "1409-01-01")}
		save(t, u.b, u.j, &p)
		old := func(state string, of int) {
			t.Helper()
			all := u.cards(p.Number)
			if len(all) != of || all[0].Serial != "9G00000001" || all[0].State != state || all[0].Application != 0 {
				t.Fatalf("want the old card %s, first of %d: %+v", state, of, all)
			}
		}
		old("issued", 1)
		u.must(u.b.ReportDamaged(u.ctx(), u.j, clerk, &CardReport{Number: p.Number, Grounds: papers}))
		old("must_be_replaced", 1)
		u.to(p.Number, Printed)
		old("must_be_replaced", 2)
		if err := u.handOver(p.Number); err != nil {
			t.Fatal(err)
		}
		old("replaced", 2)
		if all := u.cards(p.Number); all[1].State != "issued" || all[1].Application == 0 {
			t.Errorf("the new card: %+v", all[1])
		}
	})
}

// TestDiagram: docs/cards.md draws the table of moves, no more and no less.
func TestDiagram(t *testing.T) {
	text, err := os.ReadFile("../../docs/cards.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ *(\w+|\[\*\]) --> (\w+): (\w+)$`).FindAllStringSubmatch(string(text), -1) {
		drawn[m[1]+" "+m[3]+" "+m[2]] = true
	}
	for from, moves := range cardMoves {
		for e, to := range moves {
			line := from.String() + " " + e.String() + " " + to.String()
			if !drawn[line] {
				t.Errorf("docs/cards.md does not draw %s", line)
			}
			delete(drawn, line)
		}
	}
	for line := range drawn {
		t.Errorf("docs/cards.md draws %s, which is refused", line)
	}
}

// TestEveryMove tries every event that is an act in every state that a card
// can be in: the act succeeds where the table has the move, and is refused with
// the state's own message where it has not.
func TestEveryMove(t *testing.T) {
	u := openBureau(t, storetest.SQLite(t))
	acts := map[CardEvent]func(n ids.NationalNumber) error{
		Apply: u.apply, Appoint: u.appoint, Capture: u.capture, HandOver: u.handOver,
		Unappoint: func(n ids.NationalNumber) error {
			_, _, err := u.b.Unappoint(u.ctx(), u.j, clerk, &CardHolder{Number: n})
			return err
		},
		Withdraw: func(n ids.NationalNumber) error {
			_, _, err := u.b.WithdrawApplication(u.ctx(), u.j, clerk, &CardHolder{Number: n})
			return err
		},
		Spoil: func(n ids.NationalNumber) error {
			_, _, err := u.b.SpoilCard(u.ctx(), u.j, clerk, &CardReport{Number: n, Grounds: papers})
			return err
		},
		Lose: func(n ids.NationalNumber) error {
			_, _, err := u.b.ReportLost(u.ctx(), u.j, clerk, &CardReport{Number: n, Grounds: papers})
			return err
		},
		Damage: func(n ids.NationalNumber) error {
			_, _, err := u.b.ReportDamaged(u.ctx(), u.j, clerk, &CardReport{Number: n, Grounds: papers})
			return err
		},
		Die: func(n ids.NationalNumber) error {
			p := find(t, u.b, n)
			p.State = Deceased
			save(t, u.b, u.j, &p)
			return nil
		},
		Move: func(n ids.NationalNumber) error {
			p := find(t, u.b, n)
			p.Postal = there
			save(t, u.b, u.j, &p)
			return nil
		},
		ChangeItem: func(n ids.NationalNumber) error {
			p := find(t, u.b, n)
			p.Father = name(t, "حسن")
			save(t, u.b, u.j, &p)
			return nil
		},
	}
	next := int64(3_000_000)
	for state := range cardMoves {
		if state == Replaced || state == Withdrawn {
			continue // of a card that is its holder's no more: no act reaches it
		}
		for event, act := range acts {
			next++
			n := u.inState(next, state)
			if got := u.stateOf(n); got != state {
				t.Fatalf("%s, want %s", got, state)
			}
			want, moves := cardMoves[state][event]
			err := act(n)
			silent := event == Die || event == Move || event == ChangeItem // what befalls the holder is never refused
			switch got := u.stateOf(n); {
			case moves && (err != nil || got != want):
				t.Errorf("%s in %s: %v, %s, want %s", event, state, err, got, want)
			case !moves && event == Apply && (state == MustReplace || state == Expired || state == Lost):
				if err != nil || got != Applied { // another card: TestCardLife
					t.Errorf("a replacement in %s: %v, %s", state, err, got)
				}
			case !moves && got != state:
				t.Errorf("%s in %s: now %s", event, state, got)
			case !moves && !silent && err == nil:
				t.Errorf("%s in %s was not refused", event, state)
			case !moves && !silent && state != Void && !slices.Contains([]string{"person.card.at." + state.String(), "person.card.at." + state.shown().String()}, fault.Of(err).Key):
				t.Errorf("%s in %s: %v", event, state, err)
			}
		}
	}
}

// inState makes a person whose card is in a state.
func (u *bureau) inState(first9 int64, s CardState) ids.NationalNumber {
	u.t.Helper()
	p := bare(u.t, u.b, u.j, first9, "1380-01-01")
	with := func(c Card) {
		p.Card = c
		save(u.t, u.b, u.j, &p)
	}
	valid := date(u.t, "1410-01-01")
	switch s {
	case NoCard:
	case Announced:
		with(Card{State: Announced})
	case Issued, Void:
		with(Card{State: Issued, Valid: valid, Serial: "9A00000001"})
	case MustReplace:
		with(Card{State: MustReplace, Reason: ItemChanged, Valid: valid, Serial: "9A00000001"})
	case Expired:
		with(Card{State: Issued, Valid: date(u.t, "1405-01-01"), Serial: "9A00000001"})
	case Lost:
		with(Card{State: Lost})
	default:
		u.to(p.Number, s)
	}
	if s == Void {
		p.State = Deceased
		save(u.t, u.b, u.j, &p)
	}
	return p.Number
}

// stateOf is the state of the card that n has applied for, else of the one he
// has.
func (u *bureau) stateOf(n ids.NationalNumber) (s CardState) {
	u.t.Helper()
	p := find(u.t, u.b, n)
	if err := u.b.db.Read(u.ctx(), func(tx *store.Tx) error {
		s = p.Card.State
		k, err := pendingCard(tx, &p)
		if k != nil && p.State != Deceased {
			s = k.at()
		}
		if all, _ := cardsOf(tx, n); len(all) > 0 && all[len(all)-1].at() == Withdrawn {
			s = Withdrawn
		}
		return err
	}); err != nil {
		u.t.Fatal(err)
	}
	return s
}

// TestRuns: the announcement finds exactly those whose turn has come, the
// expiry run those whose card ends soon; done again they find nobody.
func TestRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		turn := bare(t, u.b, u.j, 1_000_001, "1380-01-01")
		young := bare(t, u.b, u.j, 1_000_002, "1390-03-11")
		soon := u.inState(1_000_003, Issued)
		p := find(t, u.b, soon)
		p.Card.Valid = date(t, "1405-08-01")
		save(t, u.b, u.j, &p)
		late := u.inState(1_000_004, Issued)
		over := u.inState(1_000_005, Expired)
		q, err := job.Open(u.ctx(), u.b.db)
		if err != nil {
			t.Fatal(err)
		}
		u.b.HandleCardRuns(q, u.j)
		ctx, cancel := context.WithCancel(u.ctx())
		var working sync.WaitGroup
		working.Go(func() { _ = q.Work(ctx) })
		defer working.Wait()
		defer cancel()
		run := func(expiry bool, served int) {
			t.Helper()
			made, _, err := u.b.AnnounceCards(u.ctx(), u.j, chief, &CardRun{Grounds: papers})
			if expiry {
				made, _, err = u.b.AnnounceExpiry(u.ctx(), u.j, chief, &ExpiryRun{Grounds: papers})
			}
			if err != nil {
				t.Fatal(err)
			}
			wait, stop := context.WithTimeout(ctx, 30*time.Second)
			defer stop()
			done, err := q.Wait(wait, made.Job)
			if want := fmt.Sprintf(`{"persons":5,"served":%d}`, served); err != nil || string(done.Result) != want {
				t.Errorf("%+v %v, want %s", done, err, want)
			}
			if done.Done != 5 || done.Total != 5 {
				t.Errorf("a run over 5 persons ended with %d of %d done", done.Done, done.Total)
			}
		}
		run(false, 1)
		run(false, 0)
		run(true, 2)
		run(true, 0)
		if u.card(turn.Number).State != Announced || u.card(young.Number).State != NoCard || u.card(late).State != Issued {
			t.Error("the wrong ones were announced to")
		}
		for _, n := range []ids.NationalNumber{soon, over} {
			if e := events(t, u.b, n); len(e) != 1 || e[0].Kind != "card_expiring" || e[0].By.Role != register.System {
				t.Errorf("%+v", e)
			}
			if err := u.apply(n); err != nil {
				t.Error("after the announcement the next card can be had:", err)
			}
		}
		wants(t, "without it not", u.apply(late), fault.Conflict, "person.card.at.issued", "")
		if all := u.cards(soon); len(all) != 2 || all[1].Purpose != "expired" {
			t.Errorf("%+v", all)
		}
	})
}
