package notice

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Report is how far a campaign is.
type Report struct {
	Campaign
	Letters   int64            `json:"letters"`
	NoAddress map[string]int64 `json:"no_address"` // by what is lacking
	Provinces []ProvinceReport `json:"provinces"`
	Batches   []Batch          `json:"batches"`
}

// ProvinceReport is how far the letters into a province are.
type ProvinceReport struct {
	Province string           `json:"province"`
	Letters  int64            `json:"letters"`
	States   map[string]int64 `json:"states"`
	Returned map[string]int64 `json:"returned_because,omitempty"`
}

// Report tells a campaign's letters by province and state. Fault:
// notice.campaign.unknown.
func (b *Book) Report(ctx context.Context, actor journal.Actor, id int64) (*Report, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Post, register.Printer); err != nil {
		return nil, err
	}
	r := &Report{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		c, err := campaign(tx, id)
		if err != nil {
			return err
		}
		*r = Report{Campaign: c.shown(), NoAddress: map[string]int64{}, Provinces: []ProvinceReport{}, Batches: []Batch{}}
		if err := tx.Each(tallyOf, []any{id}, r.count); err != nil {
			return err
		}
		return tx.Each(batchList, []any{id}, func(scan func(...any) error) error {
			t, err := scanBatch(scan)
			if err == nil {
				r.Batches = append(r.Batches, *t)
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// count takes in one line of counts; they come in order of provinces.
func (r *Report) count(scan func(...any) error) error {
	var province string
	var state, reason, lack, n int64
	if err := scan(&province, &state, &reason, &lack, &n); err != nil {
		return err
	}
	if lack != 0 {
		r.NoAddress[Lack(lack).String()] = n
		return nil
	}
	if k := len(r.Provinces); k == 0 || r.Provinces[k-1].Province != province {
		r.Provinces = append(r.Provinces, ProvinceReport{Province: province, States: map[string]int64{}})
	}
	p := &r.Provinces[len(r.Provinces)-1]
	r.Letters += n
	p.Letters += n
	p.States[LetterState(state).String()] += n
	if reason != 0 {
		if p.Returned == nil {
			p.Returned = map[string]int64{}
		}
		p.Returned[Reason(reason).String()] += n
	}
	return nil
}

// Filter chooses letters of a campaign.
type Filter struct {
	Campaign int64              `json:"campaign"`
	State    LetterState        `json:"state"`    // 0: any
	Reason   Reason             `json:"reason"`   // 0: any
	Province string             `json:"province"` // "": any
	After    ids.NationalNumber `json:"after"`    // the last person of the page before
	Limit    int                `json:"limit"`    // at most 1000; 0: 100
}

// Letters lists letters in order of the persons: what came back from a
// province, say, which its registry offices ask after. Whom they concern is
// read here, so that is an entry.
func (b *Book) Letters(ctx context.Context, j *journal.Journal, actor journal.Actor, f *Filter) ([]Letter, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	limit, err := page(f.Limit)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	all := []Letter{}
	proven, err := b.look(ctx, j, actor, "letters-read", func(tx *store.Tx) ([]byte, error) {
		all = all[:0]
		if _, err := campaign(tx, f.Campaign); err != nil {
			return nil, err
		}
		args := []any{f.Campaign, int64(f.After), int64(f.State), int64(f.Reason), f.Province, int64(limit)}
		err := tx.Each(letterList, args, func(scan func(...any) error) error {
			l, err := scanLetter(scan)
			if err == nil {
				all = append(all, *l)
			}
			return err
		})
		return readBody(f.Campaign, len(all)), err
	})
	return all, proven, err
}

// Unaddressed is a person whom a campaign chose and to whom no letter can go.
type Unaddressed struct {
	Subject ids.NationalNumber `json:"national_number"`
	Why     Lack               `json:"why"`
}

// UnaddressedFilter asks for a page of them.
type UnaddressedFilter struct {
	Campaign int64              `json:"campaign"`
	After    ids.NationalNumber `json:"after"` // the last person of the page before
	Limit    int                `json:"limit"` // at most 1000; 0: 100
}

// Unaddressed lists them in order of their numbers; the reading is an entry.
func (b *Book) Unaddressed(ctx context.Context, j *journal.Journal, actor journal.Actor, f *UnaddressedFilter) ([]Unaddressed, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	limit, err := page(f.Limit)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	all := []Unaddressed{}
	proven, err := b.look(ctx, j, actor, "unaddressed-read", func(tx *store.Tx) ([]byte, error) {
		all = all[:0]
		if _, err := campaign(tx, f.Campaign); err != nil {
			return nil, err
		}
		err := tx.Each(unaddressedList, []any{f.Campaign, int64(f.After), int64(limit)}, func(scan func(...any) error) error {
			var subject, why int64
			err := scan(&subject, &why)
			all = append(all, Unaddressed{ids.NationalNumber(subject), Lack(why)})
			return err
		})
		return readBody(f.Campaign, len(all)), err
	})
	return all, proven, err
}

// look reads letters as an act.
func (b *Book) look(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, look func(*store.Tx) ([]byte, error)) (journal.Proven, error) {
	return register.Read(ctx, b.db, j, register.Act{Kind: receipt.Notice, Actor: actor, Why: why}, look)
}

func readBody(campaign int64, rows int) []byte {
	body := strconv.AppendInt([]byte(`"campaign":`), campaign, 10)
	return strconv.AppendInt(append(body, `,"rows":`...), int64(rows), 10)
}

const mostPage = 1000

func page(limit int) (int, error) {
	switch {
	case limit == 0:
		return 100, nil
	case limit < 0 || limit > mostPage:
		return 0, fault.New(fault.Invalid, "notice.limit").At("limit")
	}
	return limit, nil
}
