package agreement

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestCompare(t *testing.T) {
	old := written()
	old.Clauses = append(old.Clauses, Clause{No: 4, Service: "place", Modes: []string{"disclose"}, SearchKeys: []string{"postal_code"}, Fields: []string{"province"}})
	if d := Compare(&old, &old); len(d.Terms)+len(d.Clauses) != 0 || len(d.Persian) != 1 || len(d.English) != 1 {
		t.Errorf("%+v", d)
	}
	new := written()
	new.Until = persian.Date{Year: 1406, Month: 6, Day: 31}
	c := &new.Clauses[0]
	c.Fields = []string{"surname", "father_name"}
	c.DailyQuota, c.Hours, c.Days, c.Purposes = 2500, "07:00-19:00", []string{"sat", "sun"}, nil
	c.Misuse = VerifyOnly // which it is unsaid
	new.Clauses = append(new.Clauses, Clause{No: 9, Service: "predicate", Modes: []string{"verify"}, SearchKeys: []string{"national_number+birth_date"}, Fields: []string{"alive"}})
	d := Compare(&old, &new)
	if want := []Changed{{"until", []string{"1405-12-29"}, []string{"1406-06-31"}}}; !reflect.DeepEqual(d.Terms, want) {
		t.Errorf("%+v", d.Terms)
	}
	var got []string
	for _, c := range d.Clauses {
		got = append(got, c.What)
		for _, m := range c.Members {
			got = append(got, m.Member)
		}
	}
	if want := "changed fields purposes daily_quota hours days removed service modes search_keys fields added service modes search_keys fields"; strings.Join(got, " ") != want {
		t.Errorf("%s", got)
	}
	for lang, want := range map[message.Lang][]string{
		message.Fa: {
			"پایان: «\u2066۱۴۰۵/۱۲/۲۹\u2069» به «\u2066۱۴۰۶/۰۶/۳۱\u2069» تغییر کرده است",
			"بند ۱، مشخصه‌ها: «نام پدر» افزوده شده است",
			"بند ۱، مشخصه‌ها: «نام» برداشته شده است",
			"بند ۱، هدف‌ها: «\u2066kyc\u2069» به «هر هدف» تغییر کرده است",
			"بند ۱، سهمیه روزانه: «۱۰۰ استعلام در روز» به «۲٬۵۰۰ استعلام در روز» تغییر کرده است",
			"بند ۱، ساعت‌ها: «هر ساعت» به «از ساعت \u2066۰۷:۰۰\u2069 تا \u2066۱۹:۰۰\u2069 به وقت تهران» تغییر کرده است",
			"بند ۱، روزهای هفته: «هر روز» به «شنبه، یکشنبه» تغییر کرده است",
			"بند ۴ حذف شده است: نشانی مکان (استان)",
			"بند ۹ افزوده شده است: پرسش بله یا خیر (زنده بودن)",
		},
		message.En: {
			"last day: from “\u20661405/12/29\u2069” to “\u20661406/06/31\u2069”",
			"clause 1, fields: “father’s name” is added",
			"clause 1, fields: “given name” is taken away",
			"clause 1, purposes: from “\u2066kyc\u2069” to “any purpose”",
			"clause 1, daily quota: from “100 inquiries a day” to “2,500 inquiries a day”",
			"clause 1, hours: from “any hour” to “07:00 to 19:00, Tehran time”",
			"clause 1, days of the week: from “any day” to “Saturday, Sunday”",
			"clause 4 is removed: place (province)",
			"clause 9 is added: yes-or-no question (being alive)",
		},
	} {
		if got := map[message.Lang][]string{message.Fa: d.Persian, message.En: d.English}[lang]; !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestEveryWord: whatever an agreement can say has words in both languages.
func TestEveryWord(t *testing.T) {
	for _, lang := range []message.Lang{message.Fa, message.En} {
		for _, s := range slices.Concat(Services, Bulk) {
			c := Clause{
				No: 1, Service: s.Name, Modes: s.Modes, SearchKeys: s.Keys, Fields: s.Fields, Days: weekdays[:], Hours: "07:00-19:00",
				DailyQuota: 1, Signature: true, CourtDays: 1, Statement: "x", Risk: "x", Processes: []string{"p"}, Purposes: []string{"p"},
			}
			for _, open := range []*Clause{&c, {No: 1, Service: s.Name, Modes: s.Modes, SearchKeys: s.Keys, Fields: s.Fields}} {
				for _, term := range terms {
					open.Misuse = term
					for _, m := range open.says() {
						if text := label(lang, m.name) + m.inWords(lang); strings.Contains(text, "[agreement.") {
							t.Errorf("%s: %s", m.name, text)
						}
					}
				}
			}
		}
	}
}

func TestDiff(t *testing.T) {
	l := born(t, storetest.SQLite(t))
	b := l.b
	d := l.draft(bankHead, &Drafting{Text: written()})
	if diff, err := b.Diff(ctx, bankOfficer, &Comparing{Draft: d.ID}); err != nil || len(diff.Clauses) != 1 || diff.Clauses[0].What != "added" {
		t.Error(diff, err)
	}
	l.step(b.Countersign, second, l.step(b.Sign, bankHead, l.step(b.Review, first, l.step(b.Request, bankHead, d))))
	d, _, err := b.Amend(ctx, l.j, bankHead, 1)
	if err != nil {
		t.Fatal(err)
	}
	more := *d.Form
	more.Clauses[0].DailyQuota = 7
	d = l.draft(bankHead, &Drafting{Draft: d.ID, Digest: d.Digest, Text: more})
	quota := func(in *Comparing) bool {
		t.Helper()
		diff, err := b.Diff(ctx, first, in)
		if err != nil {
			t.Fatal(err)
		}
		return len(diff.Clauses) == 1 && diff.Clauses[0].Members[0].Member == "daily_quota"
	}
	if !quota(&Comparing{Draft: d.ID}) {
		t.Error("the draft")
	}
	l.step(b.Countersign, second, l.step(b.Sign, bankHead, l.step(b.Review, first, l.step(b.Request, bankHead, d))))
	if !quota(&Comparing{Draft: d.ID}) || !quota(&Comparing{Agreement: 1}) || !quota(&Comparing{Agreement: 1, From: 2, To: 1}) || quota(&Comparing{Agreement: 1, From: 2, To: 2}) {
		t.Error("the versions")
	}
	for _, c := range []struct {
		in   Comparing
		kind fault.Kind
		key  string
	}{
		{Comparing{}, fault.Invalid, "agreement.pick"},
		{Comparing{Agreement: 1, Draft: 1}, fault.Invalid, "agreement.pick"},
		{Comparing{Draft: 1, To: 1}, fault.Invalid, "agreement.pick"},
		{Comparing{Agreement: 1, To: 3}, fault.NotFound, "agreement.version.unknown"},
		{Comparing{Agreement: 1, From: 3}, fault.NotFound, "agreement.version.unknown"},
		{Comparing{Draft: 2, From: 9}, fault.NotFound, "agreement.version.unknown"},
		{Comparing{Agreement: 2}, fault.NotFound, "agreement.unknown"},
		{Comparing{Draft: 3}, fault.NotFound, "agreement.draft.unknown"},
	} {
		_, err := b.Diff(ctx, first, &c.in)
		wantFault(t, err, c.kind, c.key)
	}
	_, err = b.Diff(ctx, otherHead, &Comparing{Agreement: 1})
	wantFault(t, err, fault.NotFound, "agreement.unknown")
}
