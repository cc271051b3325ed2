package notice_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// Every letter and line of a campaign, counted one by one.
var (
	countedLetters = store.Q(store.Register, "sample.notice.counted.letters",
		`SELECT province, state, reason, COUNT(*) FROM notice_letter WHERE campaign = $1 GROUP BY province, state, reason`)
	countedLacks = store.Q(store.Register, "sample.notice.counted.lacks",
		`SELECT why, COUNT(*) FROM notice_unaddressed WHERE campaign = $1 GROUP BY why`)
)

// counted is what a campaign's report should say.
func (o *office) counted(id int64) string {
	o.Helper()
	all := map[string]int64{}
	o.must(o.db.Read(ctx, func(tx *store.Tx) error {
		clear(all)
		err := tx.Each(countedLetters, []any{id}, func(scan func(...any) error) error {
			var province string
			var state, reason, n int64
			err := scan(&province, &state, &reason, &n)
			all["letters"] += n
			all[province] += n
			all[province+" "+notice.LetterState(state).String()] += n
			if reason != 0 {
				all[province+" because "+notice.Reason(reason).String()] += n
			}
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(countedLacks, []any{id}, func(scan func(...any) error) error {
			var why, n int64
			err := scan(&why, &n)
			all["lack "+notice.Lack(why).String()] = n
			return err
		})
	}))
	return fmt.Sprint(all)
}

// reported is what it says.
func (o *office) reported(id int64) string {
	o.Helper()
	r := o.report(id)
	all := map[string]int64{"letters": r.Letters}
	for _, p := range r.Provinces {
		all[p.Province] = p.Letters
		for s, n := range p.States {
			all[p.Province+" "+s] = n
		}
		for s, n := range p.Returned {
			all[p.Province+" because "+s] = n
		}
	}
	for s, n := range r.NoAddress {
		all["lack "+s] = n
	}
	return fmt.Sprint(all)
}

// walk is a random walk of acts about the letters of campaigns.
type walk struct {
	*office
	*rand.Rand
	campaigns []int64
	batches   []int64
	refused   int
}

// may lets an act fail for a reason that the walk can run into.
func (w *walk) may(err error) {
	w.Helper()
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		w.refused++
	} else {
		w.must(err)
	}
}

func (w *walk) any(all []int64) int64 { return all[w.IntN(len(all))] }

func (w *walk) act() {
	w.Helper()
	campaign := w.any(w.campaigns)
	act := w.IntN(6)
	if len(w.batches) == 0 {
		act = 0
	}
	switch act {
	case 0:
		b, _, err := w.notices.NextBatch(ctx, w.journal, printer, &notice.Cut{Campaign: campaign, Most: 1 + w.IntN(20)})
		if w.may(err); err == nil {
			w.batches = append(w.batches, b.ID)
		}
	case 1:
		in := &notice.PrintReport{Batch: w.any(w.batches)}
		for _, l := range w.letters(notice.Filter{Campaign: campaign, State: notice.Batched}) {
			// Now and then a letter of another batch: all of it is refused.
			if w.IntN(4) == 0 && (l.Batch == in.Batch || w.IntN(20) == 0) {
				in.Failed = append(in.Failed, l.ID)
			}
		}
		_, _, err := w.notices.ReportPrinted(ctx, w.journal, printer, in)
		w.may(err)
	case 2:
		_, _, err := w.notices.HandOver(ctx, w.journal, postman, &notice.Handed{Batch: w.any(w.batches)})
		w.may(err)
	case 3, 4:
		w.mail(campaign)
	case 5:
		w.change(number(w.IntN(60)), func(p *person.Person) {
			if w.IntN(4) > 0 {
				p.Postal = codes[w.IntN(len(codes))] // the last is no address
			} else if p.Alive() {
				p.State, p.Died = person.Deceased, persian.Date{Year: 1404, Month: 1, Day: 1}
			}
		})
	}
}

// mail reports some letters, in whatever state, some of them twice.
func (w *walk) mail(campaign int64) {
	w.Helper()
	in := &notice.MailReport{}
	reason := notice.Reason(w.IntN(3))
	for _, l := range w.letters(notice.Filter{Campaign: campaign}) {
		for w.IntN(4) == 0 {
			in.Letters = append(in.Letters, notice.MailLine{Letter: l.ID, Reason: reason})
		}
	}
	if len(in.Letters) == 0 {
		return
	}
	report := w.notices.ReportDelivered
	if reason != 0 {
		report = w.notices.ReportReturned
	}
	_, _, err := report(ctx, w.journal, postman, in)
	w.must(err)
}

// TestTally: whatever happens to letters, a report tells what counting them
// one by one gives.
func TestTally(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		seed := rand.Uint64()
		t.Log("seed", seed)
		o := open(t, url, 60)
		o.change(number(1), func(p *person.Person) { p.Postal = codes[4] })
		o.change(number(2), func(p *person.Person) { p.Postal = 1333333333 })
		w := &walk{office: o, Rand: rand.New(rand.NewPCG(seed, 0))}
		for _, c := range []notice.Choice{{BornFrom: 1300}, {Numbers: []ids.NationalNumber{number(0), number(3), number(4), number(5)}}} {
			id, _ := o.order(c)
			w.campaigns = append(w.campaigns, id)
		}
		for step := range 150 {
			w.act()
			for _, id := range w.campaigns {
				if want, got := o.counted(id), o.reported(id); got != want {
					t.Fatalf("after %d acts campaign %d reports\n%s, counted are\n%s", step+1, id, got, want)
				}
			}
		}
		if len(w.batches) == 0 || w.refused == 0 {
			t.Errorf("a walk of %d batches and %d refusals shows little", len(w.batches), w.refused)
		}
		t.Log(o.reported(w.campaigns[0]))

		// Acts that meet count one after the other.
		id, _ := o.order(notice.Choice{BornFrom: 1300})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, _, err := o.notices.NextBatch(ctx, o.journal, printer, &notice.Cut{Campaign: id, Most: 5}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if want, got := o.counted(id), o.reported(id); got != want {
			t.Errorf("after four acts at once the report is\n%s, counted are\n%s", got, want)
		}
	})
}
