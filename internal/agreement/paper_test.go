package agreement

import (
	"bytes"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestPaper(t *testing.T) {
	l := born(t, storetest.SQLite(t))
	b := l.b
	text := written()
	text.Clauses[0].Hours, text.Clauses[0].Days, text.Clauses[0].Signature, text.Clauses[0].CourtDays = "07:00-19:00", []string{"sat", "sun", "mon", "tue", "wed"}, true, 90
	place := Services[4]
	text.Clauses = append(text.Clauses, Clause{
		No: 2, Service: place.Name, Modes: place.Modes, SearchKeys: place.Keys, Fields: place.Fields, Processes: []string{"loan", "account-opening"},
		Statement: "نشانی روی قرارداد نوشته می‌شود و دیگر قبض آب و برق خواسته نمی‌شود", Risk: "شناسایی همسایگان مشتری", Misuse: SuspendAll, AuditDays: 5,
	})
	d := l.draft(bankHead, &Drafting{Text: text})
	write := func(in *Picking, lang message.Lang) []byte {
		t.Helper()
		p, err := b.Paper(ctx, l.j, first, in)
		if err != nil {
			t.Fatal(err)
		}
		p.Name, p.Page, p.Link = "بانک نمونه", "https://estelam.example/check", "https://estelam.example/check?code="+string(p.Code)
		var out bytes.Buffer
		if err := p.Write(&out, lang); err != nil {
			t.Fatal(err)
		}
		if again := (bytes.Buffer{}); p.Write(&again, lang) != nil || !bytes.Equal(again.Bytes(), out.Bytes()) || len(p.Code) != 20 {
			t.Error("another paper, or no code", p.Code)
		}
		return out.Bytes()
	}
	before := write(&Picking{Draft: d.ID}, message.Fa)
	d = l.step(b.Countersign, second, l.step(b.Sign, bankHead, l.step(b.Review, first, l.step(b.Request, bankHead, d))))
	after := write(&Picking{Draft: d.ID}, message.Fa)
	if bytes.Equal(before, after) || !bytes.Equal(after, write(&Picking{Agreement: 1}, message.Fa)) {
		t.Error("the version's paper is not that of its draft")
	}
	write(&Picking{Agreement: 1}, message.En)
	l.c.t = day(t, "1405-03-01")
	if _, _, err := b.Narrow(ctx, l.j, machine, 1, 2, Misuse, "audit-1"); err != nil {
		t.Fatal(err)
	}
	write(&Picking{Agreement: 1}, message.Fa) // by the program: nobody signs
	for _, c := range []struct {
		in  Picking
		key string
	}{{Picking{Agreement: 1, Version: 3}, "agreement.version.unknown"}, {Picking{Agreement: 2}, "agreement.unknown"}, {Picking{Draft: 2}, "agreement.draft.unknown"}} {
		_, err := b.Paper(ctx, l.j, first, &c.in)
		wantFault(t, err, fault.NotFound, c.key)
	}
	_, err := b.Paper(ctx, l.j, first, &Picking{})
	wantFault(t, err, fault.Invalid, "agreement.pick")
}
