package inquiry

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/persian"
)

// permitted is what step 3 leaves behind: the quota bucket that the question
// was counted in (0: none), and what is left of the quota.
type permitted struct {
	bucket uint64
	quota  Quota
}

// Quota is a clause's daily quota.
type Quota struct {
	Limit int64 // a day; 0: unlimited
	Left  int64 // of it today
}

// permit is step 3: officer, delegation, agreement, process, quota, in this
// order, the first that refuses is the reason. It fills a.refusal or
// a.permission.
func (d *Desk) permit(ctx context.Context, who Asker, q *Question, a *answer, now time.Time, today persian.Date) (permitted, error) {
	_, clause, left := d.check(who, q, a, now)
	if a.refusal.Reason != "" {
		a.outcome = Refused
		return permitted{}, nil
	}
	if left.limit == 0 {
		return permitted{bucket: left.bucket}, nil
	}
	n, ok, err := d.quotas.take(ctx, left.bucket, today, left.limit)
	if err != nil {
		return permitted{}, err
	}
	if !ok {
		a.refuse("agreement.quota")
		a.refusal.Clause = clause.No
		return permitted{quota: Quota{Limit: left.limit}}, nil
	}
	return permitted{left.bucket, Quota{left.limit, n}}, nil
}

// refuse makes a a refusal; what it answered is forgotten.
func (a *answer) refuse(reason string) {
	clear(a.values)
	a.results, a.values, a.warnings, a.version = a.results[:0], a.values[:0], nil, 0
	a.outcome, a.refusal = Refused, agreement.Refusal{Reason: reason}
}

// allowance is the quota that a question would be counted in.
type allowance struct {
	bucket uint64
	limit  int64 // a day; 0: unlimited
}

// check finds the agreement and the clause that permit the question, or the
// reason of refusal, and changes nothing: Diagnose asks the same.
func (d *Desk) check(who Asker, q *Question, a *answer, now time.Time) (*agreement.Agreement, *agreement.Clause, allowance) {
	if who.Officer == nil || !who.Officer.ActiveAt(now) {
		a.refusal = agreement.Refusal{Reason: "agreement.officer", Field: "officer"}
		return nil, nil, allowance{}
	}
	if d.guard.stopped(who.Agency) {
		a.refusal = agreement.Refusal{Reason: "agreement.guard"}
		return nil, nil, allowance{}
	}
	principal := who.Agency.ID
	if q.OnBehalf != 0 {
		if principal = q.OnBehalf; !d.delegated(who, q, a, now) {
			a.refusal = agreement.Refusal{Reason: "agreement.delegation", Field: "on_behalf_of"}
			return nil, nil, allowance{}
		}
	}
	in, ok := d.agreements.InForce(principal, now)
	if !ok {
		a.refusal = agreement.Refusal{Reason: "agreement.none"}
		return nil, nil, allowance{}
	}
	a.permission = permission{agreement: in.ID, version: in.Version}
	clause := d.clause(in, who, q, a, now)
	if clause == nil {
		return in, nil, allowance{}
	}
	if reason, field := d.process(principal, q); reason != "" {
		a.refusal = agreement.Refusal{Clause: clause.No, Reason: reason, Field: field}
		return in, nil, allowance{}
	}
	a.permission.clause = clause.No
	return in, clause, allowance{bucket: bucketOf(in, clause), limit: clause.DailyQuota}
}

func bucketOf(a *agreement.Agreement, c *agreement.Clause) uint64 {
	return uint64(a.ID)<<16 | uint64(c.No)
}

// Used is how many questions of a day (Tehran) have counted in a clause's quota.
func (d *Desk) Used(ctx context.Context, a *agreement.Agreement, c *agreement.Clause, day persian.Date) (int64, error) {
	return d.journal.Used(ctx, bucketOf(a, c), day)
}

// quotas counts inquiries by bucket and Tehran day. The journal holds the
// truth; this is its running total in memory, read from the journal when a
// bucket is first seen on a day.
type quotas struct {
	used func(ctx context.Context, bucket uint64, day persian.Date) (int64, error)

	mu   sync.Mutex
	day  persian.Date
	runs map[uint64]*atomic.Int64
}

// take counts one inquiry unless the day's limit is reached, and tells how many
// are left.
func (u *quotas) take(ctx context.Context, bucket uint64, day persian.Date, limit int64) (left int64, ok bool, err error) {
	n, err := u.counter(ctx, bucket, day)
	if err != nil {
		return 0, false, err
	}
	used := n.Add(1)
	if used > limit {
		n.Add(-1)
		return 0, false, nil
	}
	return limit - used, true, nil
}

// giveBack uncounts n inquiries that came to nothing.
func (u *quotas) giveBack(bucket uint64, day persian.Date, n int64) {
	if bucket == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if c := u.runs[bucket]; c != nil && u.day == day {
		c.Add(-n)
	}
}

// left is how many of limit remain today.
func (u *quotas) left(ctx context.Context, bucket uint64, day persian.Date, limit int64) (int64, error) {
	n, err := u.counter(ctx, bucket, day)
	if err != nil {
		return 0, err
	}
	return max(limit-n.Load(), 0), nil
}

func (u *quotas) counter(ctx context.Context, bucket uint64, day persian.Date) (*atomic.Int64, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.day != day {
		u.day, u.runs = day, map[uint64]*atomic.Int64{}
	}
	if n := u.runs[bucket]; n != nil {
		return n, nil
	}
	n := new(atomic.Int64)
	used, err := u.used(ctx, bucket, day)
	if err != nil {
		return nil, err
	}
	n.Store(used)
	u.runs[bucket] = n
	return n, nil
}
