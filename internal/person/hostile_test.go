package person

import (
	"fmt"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestAdoptionCannotBeUndoneByAsking: neither the notification of the birth, nor
// the guardian who declared the residence, nor the story of earlier adopting
// parents leads from a child to its former parents or from them to the child.
func TestAdoptionCannotBeUndoneByAsking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j, clock := town(t, url)
		clock.t = date(t, "1405-08-30").Start()
		f := settleFamily(t, b)
		in := f.birth(t, "H-1")
		made, _, err := b.RegisterBirth(t.Context(), j, clerk1, &in)
		if err != nil {
			t.Fatal(err)
		}
		l := &lives{T: t, b: b, j: j, ctx: t.Context(), clock: clock, next: 3_000_000}
		_, proven, err := b.DeclareResidence(l.ctx, j, clerk1, &ResidenceDeclaration{
			Number: made.Number, Postal: here, Since: date(t, "1405-08-25"), Guardian: f.mother, Grounds: papers,
		})
		l.ok(proven, err)
		first, second := l.born(nil), l.born(func(p *Person) { p.Surname = name(t, "مرادی") })
		adopt := func(by Person) {
			t.Helper()
			l.both("adoption", &Adoption{Edit: edit(made.Number), Surname: by.Surname, Father: by.Given, Dad: by.Number})
		}
		story := func(of Person) string {
			t.Helper()
			tl, found, err := b.Timeline(l.ctx, of.Number)
			if err != nil || !found {
				t.Fatal(found, err)
			}
			return fmt.Sprintf("%+v", *tl)
		}
		child := find(t, b, made.Number)
		if s := story(child); !strings.Contains(s, f.mother.String()) {
			t.Fatal("the guardian was never there", s)
		}
		adopt(first)
		if s := story(child); strings.Contains(s, f.mother.String()) || strings.Contains(s, f.father.String()) || !strings.Contains(s, first.Number.String()) {
			t.Error(s)
		}
		if s := story(first); !strings.Contains(s, made.Number.String()) {
			t.Error("an adopting father's story is without the child", s)
		}
		adopt(second)
		if s := story(child); strings.Contains(s, first.Number.String()) || !strings.Contains(s, second.Number.String()) {
			t.Error(s)
		}
		if s := story(first); strings.Contains(s, made.Number.String()) {
			t.Error("the story of a former father leads to the child", s)
		}
		opened, _, err := b.ReadSealed(l.ctx, j, supervisor1, &Reading{Number: made.Number, Reason: "court-order", File: "1"})
		if s := fmt.Sprintf("%+v", opened); err != nil || !strings.Contains(s, first.Number.String()) || !strings.Contains(s, f.mother.String()) {
			t.Error("the opened seal does not show it", err)
		}
		// The right former particulars and wrong ones get the same answer.
		size := j.State().Size
		other := in
		other.Given = name(t, "مینا")
		for _, in := range []Birth{in, other} {
			if _, _, err := b.RegisterBirth(l.ctx, j, clerk1, &in); spell(err) != "notification person.birth.other" {
				t.Error(err)
			}
		}
		if n, err := b.Count(l.ctx); err != nil || j.State().Size != size {
			t.Error("a birth was registered again", n, err)
		}
	})
}

// TestProtectedStaysHidden: no act shows a clerk what he may not read.
func TestProtectedStaysHidden(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j, _ := town(t, url)
		ctx := t.Context()
		p := settler(t, b, j, 700100001, "1360-01-01")
		surname := name(t, "پنهانی")
		made, _, err := b.Propose(ctx, j, clerk1, "correction", &Correction{Edit: edit(p.Number), Surname: &surname})
		if err != nil {
			t.Fatal(err)
		}
		p.State = Protected
		save(t, b, j, &p)

		order := &CertificateOrder{Number: p.Number, Grounds: papers}
		_, _, err = b.CertifyResidence(ctx, j, clerk1, order)
		wants(t, "a certificate for a clerk", err, fault.Forbidden, "person.protected", "")
		if c, _, err := b.CertifyResidence(ctx, j, supervisor1, order); err != nil || c.Place.Code != here {
			t.Error(err)
		}
		size := j.State().Size
		got, _, err := b.ReadProposal(ctx, j, clerk2, made.ID)
		wants(t, "a proposal for a clerk", err, fault.Forbidden, "person.protected", "")
		if got != nil || j.State().Size != size+1 {
			t.Error("shown, or tried without a trace", got)
		}
		for _, who := range []journal.Actor{clerk1, supervisor1} { // who wrote it, and who decides
			if got, _, err := b.ReadProposal(ctx, j, who, made.ID); err != nil || got.Body == nil {
				t.Error(who, err)
			}
		}
		// A birth does not tell whether a guess of the name is right.
		f := settleFamily(t, b)
		in := f.birth(t, "H-2")
		in.Born, in.Mother = date(t, "1405-03-09"), 0
		in.Father, in.FatherName = p.Number, name(t, "هیچکس")
		if _, _, err := b.RegisterBirth(ctx, j, clerk1, &in); err != nil {
			t.Error(err)
		}
	})
}

// TestPrinterKeepsToItsBatches: what one printing house has, another one neither
// reads nor answers; what a supervisor made is the first one's that fetches it.
func TestPrinterKeepsToItsBatches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		u := openBureau(t, url)
		house := journal.Actor{Role: register.Printer, Agency: 14003552272, ID: "press"}
		rival := journal.Actor{Role: register.Printer, Agency: 10101328960, ID: "press"}
		for i, by := range []journal.Actor{house, supervisor1} {
			p := bare(t, u.b, u.j, 1_000_000+int64(i), "1380-01-01")
			u.to(p.Number, Captured)
			k, _, err := u.b.Personalise(u.ctx(), u.j, by, &BatchOrder{})
			if err != nil || k.Rows != 1 {
				t.Fatal(k, err)
			}
			read := func(who journal.Actor) error {
				_, _, err := u.b.BatchFile(u.ctx(), u.j, who, &BatchQuery{Batch: k.Batch})
				return err
			}
			tell := func(who journal.Actor) (*PrintReport, error) {
				file := fmt.Sprintf("row,serial,result\n1,1K%08d,printed\n", i+1)
				r, _, err := u.b.RecordPrinted(u.ctx(), u.j, who, &PrintResults{Batch: k.Batch, File: file})
				return r, err
			}
			if by == supervisor1 {
				if err := read(house); err != nil {
					t.Error(err)
				}
			}
			wants(t, "another's file", read(rival), fault.NotFound, "person.batch.unknown", "batch")
			_, err = tell(rival)
			wants(t, "another's results", err, fault.NotFound, "person.batch.unknown", "batch")
			if r, err := tell(house); err != nil || r.Printed != 1 {
				t.Error(r, err)
			}
		}
	})
}
