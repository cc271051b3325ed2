package citizen_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx   = context.Background()
	clerk = journal.Actor{Role: register.Clerk, Agency: 14003552272, ID: "c1"}
)

const (
	number  ids.NationalNumber = 13542419
	child   ids.NationalNumber = 13542427
	dead    ids.NationalNumber = 13542435
	nobody  ids.NationalNumber = 13542443
	bank    ids.LegalID        = 14003552272
	tax     ids.LegalID        = 10100456787
	grounds                    = "seen"
)

// town is a register with a few persons, and their accesses.
type town struct {
	*testing.T
	db       *store.DB
	journal  *journal.Journal
	citizens *citizen.Book
	now      time.Time
}

func open(t *testing.T, url string) *town {
	t.Helper()
	o := &town{T: t, now: time.Now()}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	o.must(err)
	o.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	o.must(err)
	t.Cleanup(o.journal.Close)
	o.db, err = store.Open(ctx, url, store.Register)
	o.must(err)
	t.Cleanup(func() { _ = o.db.Close() })
	persons, err := person.Open(ctx, o.db)
	o.must(err)
	agencies, err := agency.Open(ctx, o.db, nil)
	o.must(err)
	o.citizens, err = citizen.Open(ctx, o.db, persons, agencies)
	o.must(err)
	o.citizens.Clock = func() time.Time { return o.now }
	o.citizens.Purposes = func(persian.Date) []string { return []string{"marketing"} }
	o.put(persons, number, 1365, person.Active)
	o.put(persons, child, int(persian.DateOf(o.now).Year)-5, person.Active)
	o.put(persons, dead, 1330, person.Deceased)
	return o
}

func (o *town) put(persons *person.Book, n ids.NationalNumber, year int, state person.State) {
	o.Helper()
	given, err := persian.ParseName("زهرا")
	o.must(err)
	p := &person.Person{
		Number: n, Given: given, Surname: given, Father: given, Sex: person.Female,
		Born: persian.Date{Year: int16(year), Month: 4, Day: 2}, State: state,
	}
	if state == person.Deceased {
		p.Died = persian.Date{Year: 1400, Month: 1, Day: 1}
	}
	_ = persons
	o.must(o.db.Write(ctx, func(tx *store.Tx) error {
		return person.Put(tx, &register.Change{Actor: journal.Actor{Role: register.Operator, ID: "tester"}}, p)
	}))
}

func (o *town) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *town) refused(err error, kind fault.Kind, key string) {
	o.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		o.Errorf("got %v, want %v %s", err, kind, key)
	}
}

func (o *town) give(n ids.NationalNumber) string {
	o.Helper()
	given, _, err := o.citizens.Give(ctx, o.journal, clerk, giving(n))
	o.must(err)
	return given.Access
}

func giving(n ids.NationalNumber) *citizen.Giving {
	return &citizen.Giving{Number: n, Grounds: register.Grounds{Reason: grounds, Document: "شناسنامه"}}
}

func (o *town) admit(n ids.NationalNumber, code string) *citizen.Who {
	o.Helper()
	who, err := o.citizens.Admit(ctx, &citizen.Key{Number: n, Access: code})
	o.must(err)
	return who
}

// commit writes an entry about the person as others would.
func (o *town) commit(kind receipt.Kind, of ids.LegalID, format string, args ...any) ids.TrackingCode {
	o.Helper()
	p, err := o.journal.Commit(ctx, journal.Entry{Kind: kind, Body: fmt.Appendf(nil, format, args...), Subject: number, Agency: of})
	o.must(err)
	return p.Code
}

// asked is the whole list, read in pages of a size.
func (o *town) asked(who *citizen.Who, limit int) (entries, own []citizen.Asking, first *citizen.Asked) {
	o.Helper()
	var page citizen.Page
	for page.Limit = limit; ; {
		a, _, err := o.citizens.Asked(ctx, o.journal, who, page)
		o.must(err)
		if first == nil {
			first = a
		}
		if n := len(a.Entries) + len(a.Own); n > limit || n < limit && !a.Next.IsZero() {
			o.Fatalf("a page of %d, wanted %d", n, limit)
		}
		entries, own = append(entries, a.Entries...), append(own, a.Own...)
		if page.After = a.Next; page.After.IsZero() {
			return entries, own, first
		}
	}
}

// TestAccess: a code opens until it is over, revoked or replaced, however it is
// typed; whatever is wrong has one answer.
func TestAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		code := o.give(number)
		if len(code) != 24 || strings.Count(code, "-") != 4 {
			t.Errorf("a code of an odd form")
		}
		o.admit(number, code)
		o.admit(number, strings.ToLower(strings.ReplaceAll(code, "-", " ")))
		o.admit(number, strings.NewReplacer("0", "۰", "1", "۱", "2", "۲").Replace(code))
		wrong := func(n ids.NationalNumber, code string) {
			t.Helper()
			_, err := o.citizens.Admit(ctx, &citizen.Key{Number: n, Access: code})
			o.refused(err, fault.Forbidden, "citizen.access")
		}
		wrong(nobody, code)
		wrong(child, code)
		wrong(number, "0000-0000-0000-0000-0000")
		wrong(number, strings.Repeat("A", 10_000))
		_, err := o.citizens.Admit(ctx, &citizen.Key{})
		o.refused(err, fault.Invalid, "citizen.missing")

		second := o.give(number)
		wrong(number, code)
		o.now = o.now.AddDate(0, 11, 0)
		o.admit(number, second)
		o.now = o.now.AddDate(0, 2, 0)
		wrong(number, second)
		third := o.give(number)
		in := giving(number)
		in.Revoke = true
		given, proven, err := o.citizens.Give(ctx, o.journal, clerk, in)
		o.must(err)
		if given.Access != "" || !given.Ended || !strings.HasSuffix(string(proven.Record), `"access":{"revoked":true}}`) {
			t.Errorf("%+v %s", given, proven.Record)
		}
		wrong(number, third)
	})
}

// TestWrongTries: who tries codes is slowed down, and the person himself never.
func TestWrongTries(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	code := o.give(number)
	for _, n := range []ids.NationalNumber{number, nobody} {
		var answers []string
		for range 40 {
			_, err := o.citizens.Admit(ctx, &citizen.Key{Number: n, Access: "x"})
			answers = append(answers, fault.Of(err).Key)
		}
		if answers[19] != "citizen.access" || answers[20] != "citizen.tries" || answers[39] != "citizen.tries" {
			t.Errorf("%v", answers)
		}
	}
	o.admit(number, code)
	o.now = o.now.Add(time.Hour)
	_, err := o.citizens.Admit(ctx, &citizen.Key{Number: number, Access: "x"})
	o.refused(err, fault.Forbidden, "citizen.access")
}

// TestGiving: who may give what to whom; the code stands in no record.
func TestGiving(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	try := func(kind fault.Kind, key string, actor journal.Actor, in *citizen.Giving) {
		t.Helper()
		_, _, err := o.citizens.Give(ctx, o.journal, actor, in)
		o.refused(err, kind, key)
	}
	try(fault.Forbidden, "register.role", journal.Actor{Role: agency.RoleOfficer, Agency: bank, ID: "x"}, giving(number))
	try(fault.NotFound, "citizen.unknown", clerk, giving(nobody))
	try(fault.Conflict, "citizen.state", clerk, giving(dead))
	try(fault.Invalid, "person.guardian.needed", clerk, giving(child))
	in := giving(child)
	in.Guardian = dead
	try(fault.Invalid, "person.guardian.fit", clerk, in)
	in.Guardian = number
	given, proven, err := o.citizens.Give(ctx, o.journal, clerk, in)
	o.must(err)
	o.admit(child, given.Access)
	plain := strings.ReplaceAll(given.Access, "-", "")
	if strings.Contains(string(proven.Record), plain) || strings.Contains(string(proven.Record), given.Access) {
		t.Error("the code stands in the record")
	}
	try(fault.Invalid, "register.document", clerk, &citizen.Giving{Number: number, Grounds: register.Grounds{Reason: "seen"}})
}

// TestAsked: the list is all that the log has, but what a court hides, and
// that is counted; what follows from it is hidden with it.
func TestAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		until := persian.DateOf(o.now).AddDays(10)
		ask := func(of ids.LegalID, more string) ids.TrackingCode {
			return o.commit(receipt.Inquiry, of, `"agency":{"id":"%s","name":"بانک"},"officer":"b.one","purpose":"kyc","process":"loan","file":"1",`+
				`"agreement":{"id":1,"version":2,"clause":3},"service":"identity","mode":"verify",`+
				`"question":{"national_number":"%s","birth_date":"1365-04-02","claims":{"surname":"کریمی"}},%s`, of, number, more)
		}
		plain := ask(bank, `"outcome":"confirmed"`)
		ask(bank, `"on_behalf_of":{"id":"10861234565","name":"بیمه","delegation":1},"outcome":"refused","refusal":{"reason":"agreement.quota"}`)
		secret := ask(tax, fmt.Sprintf(`"outcome":"confirmed","court":{"reference":"شعبه ۳","until":"%s"}`, until))
		o.commit(receipt.JournalReading, tax, `"agency":{"id":"%s","name":"م"},"read":"receipt","of":"%s","result":true`, tax, secret)
		o.commit(receipt.JournalReading, bank, `"agency":{"id":"%s","name":"م"},"read":"receipt","of":"%s","result":true`, bank, plain)
		o.commit(receipt.CorrectionNotice, tax, `"actor":{"role":"system","id":"feed"},"why":"corrected","agency":"%s","correction":{"id":1,"answers":1,"items":["surname"],"of":["%s"]}`, tax, secret)
		o.commit(receipt.CorrectionNotice, bank, `"actor":{"role":"system","id":"feed"},"why":"corrected","agency":"%s","correction":{"id":2,"answers":1,"items":["surname"],"of":["%s"]}`, bank, plain)
		o.commit(receipt.Follow, tax, `"actor":{"role":"system","id":"feed"},"why":"event","agency":"%s","told":["surname"]`, tax)
		o.commit(receipt.RegisterReading, 0, `"actor":{"role":"clerk","agency":"%s","id":"c1"},"why":"case","read":"record","result":true`, bank)

		who := o.admit(number, o.give(number)) // one more entry
		entries, own, first := o.asked(who, 2)
		if want := (citizen.Count{Total: 10, Shown: 6, Hidden: 4}); first.Count != want || len(own) != 0 {
			t.Errorf("%+v, own %d, want %+v", first.Count, len(own), want)
		}
		text, err := json.Marshal(first)
		o.must(err)
		for _, e := range entries {
			all, err := json.Marshal(e)
			o.must(err)
			text = append(text, all...)
		}
		for _, bad := range []string{string(secret), tax.String(), "شعبه", "b.one", `"c1"`} {
			if strings.Contains(string(text), bad) {
				t.Errorf("the list tells %q", bad)
			}
		}
		last := entries[len(entries)-1]
		want := citizen.Asking{
			Code: plain, Time: last.Time, Kind: "inquiry", Agency: &citizen.Party{ID: bank, Name: "بانک"}, Purpose: "kyc", Process: "loan",
			Service: "identity", Mode: "verify", Fields: []string{"surname"}, Outcome: "confirmed",
			Permission: &citizen.Permission{ID: 1, Version: 2, Clause: 3},
		}
		if got, _ := json.Marshal(last); string(got) != mustJSON(want) {
			t.Errorf("%s\nwant %s", got, mustJSON(want))
		}
		if refused := entries[len(entries)-2]; refused.Refusal != "agreement.quota" || refused.OnBehalf == nil || refused.OnBehalf.Name != "بیمه" {
			t.Errorf("the refused one: %+v", refused)
		}

		// What he has read himself stands apart, and the sums hold.
		_, own, again := o.asked(who, 200)
		if c := again.Count; c.Own != 3 || c.Total != 13 || c.Total != c.Shown+c.Own+c.Hidden+c.Purged || len(own) != 3 {
			t.Errorf("%+v, own %d", c, len(own))
		}
		o.counts(again)

		notices, _, err := o.citizens.Corrections(ctx, o.journal, who)
		o.must(err)
		if len(notices.Corrections) != 1 || notices.Corrections[0].Agency.ID != bank || !slices.Equal(notices.Corrections[0].Of, []ids.TrackingCode{plain}) {
			t.Errorf("%+v", notices)
		}
		for code, want := range map[ids.TrackingCode]bool{plain: true, secret: false, "12345678901234567890": false} {
			if sees, err := o.citizens.Sees(ctx, o.journal, who, code); err != nil || sees != want {
				t.Errorf("sees %v, want %v: %v", sees, want, err)
			}
		}

		o.now = o.now.AddDate(0, 0, 11)
		entries, _, open := o.asked(who, 200)
		if open.Count.Hidden != 0 || !strings.Contains(mustJSON(entries), string(secret)) || !strings.Contains(mustJSON(entries), "شعبه") {
			t.Errorf("after its day: %+v", open.Count)
		}
	})
}

// counts holds the number against a walk over the log itself.
func (o *town) counts(a *citizen.Asked) {
	o.Helper()
	n, sizes := int64(0), map[string]int64{}
	o.must(o.journal.Walk(ctx, journal.Span{}, func(w *journal.Walked) error {
		if h, _, err := receipt.ParseHead(w.Record); err == nil {
			sizes[h.Log] = w.Index + 1
			if w.Subject == number && w.Index < a.UpTo[h.Log] {
				n++
			}
		}
		return nil
	}))
	if n != a.Count.Total || len(sizes) != len(a.UpTo) {
		o.Errorf("the log has %d entries about the person below %v, the list has %d", n, a.UpTo, a.Count.Total)
	}
}

// TestLock: a lock holds from its act on, for what the law leaves open.
func TestLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		who := o.admit(number, o.give(number))
		locked := func(purpose string, want bool) {
			t.Helper()
			if is, err := o.citizens.Locked(ctx, number, purpose); err != nil || is != want {
				t.Errorf("locked for %q: %v, want %v: %v", purpose, is, want, err)
			}
		}
		if !o.citizens.Open("marketing") || o.citizens.Open("kyc") || o.citizens.Open("") {
			t.Error("the law leaves open what the board says")
		}
		_, _, err := o.citizens.Lock(ctx, o.journal, who, "kyc")
		o.refused(err, fault.Invalid, "citizen.purpose")
		locked("marketing", false)
		all, proven, err := o.citizens.Lock(ctx, o.journal, who, "marketing")
		o.must(err)
		if proven.Kind != receipt.Access || proven.Subject != number || len(all.Locks) != 1 ||
			!strings.HasSuffix(string(proven.Record), `"actor":{"role":"citizen","id":"access-1"},"why":"locked","purpose":"marketing"}`) {
			t.Errorf("%+v %s", all, proven.Record)
		}
		locked("marketing", true)
		_, _, err = o.citizens.Lock(ctx, o.journal, who, "marketing")
		o.refused(err, fault.Conflict, "citizen.locked")
		_, _, err = o.citizens.Unlock(ctx, o.journal, who, "survey")
		o.refused(err, fault.Conflict, "citizen.unlocked")
		_, _, err = o.citizens.Unlock(ctx, o.journal, who, "marketing")
		o.must(err)
		locked("marketing", false)
		_, _, err = o.citizens.Lock(ctx, o.journal, who, "")
		o.must(err)
		locked("marketing", true)
		locked("survey", true)
		if all, err = o.citizens.Locks(ctx, who); err != nil || len(all.Locks) != 2 || all.Locks[1].Until.IsZero() || !all.Locks[0].Until.IsZero() {
			t.Errorf("%+v: %v", all, err)
		}
	})
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
