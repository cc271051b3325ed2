package inquiry

import (
	"context"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/persian"
)

// Diagnosis tells an integrator what the agreement says to a question: which
// clause permits it, or which refuses it and why. The register is not read, so
// it says nothing about any person, not even whether he has locked his number,
// and nothing is recorded.
type Diagnosis struct {
	Permitted bool
	Agreement *agreement.Agreement // nil: none in force, or the question did not come so far
	Clause    int                  // that permits or refuses; 0: none
	Reason    string               // message key of the refusal
	Field     string               // the field that is refused
	Limit     int64                // of the clause's daily quota; 0: unlimited
	Left      int64                // of it today
}

// Diagnose runs step 3 without counting.
func (d *Desk) Diagnose(ctx context.Context, who Asker, q *Question) (*Diagnosis, error) {
	now := d.clock()
	var a answer
	in, _, quota := d.check(who, q, &a, now)
	g := &Diagnosis{
		Permitted: a.refusal.Reason == "", Agreement: in, Clause: a.permission.clause,
		Reason: a.refusal.Reason, Field: a.refusal.Field,
	}
	if !g.Permitted {
		g.Clause = a.refusal.Clause
		return g, nil
	}
	if quota.limit == 0 {
		return g, nil
	}
	left, err := d.quotas.left(ctx, quota.bucket, persian.DateOf(now), quota.limit)
	if err != nil {
		return nil, err
	}
	g.Limit, g.Left = quota.limit, left
	if left == 0 {
		g.Permitted, g.Reason = false, "agreement.quota"
	}
	return g, nil
}
