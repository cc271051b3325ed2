package agreement

import (
	"slices"

	"github.com/estelam/estelam/internal/fault"
)

// What a clause says happens to it when an audit finds misuse, or is met with
// silence.
const (
	VerifyOnly = "verify_only" // nothing is disclosed any more
	HalveQuota = "halve_quota"
	EndClause  = "end_clause"
	SuspendAll = "suspend" // of the whole agreement
)

var terms = []string{VerifyOnly, HalveQuota, EndClause, SuspendAll}

// What calls for a term.
const (
	Misuse  = "misuse"
	Silence = "silence"
)

// Term is what misuse or silence comes to under the clause. "": neither of the two.
func (c *Clause) Term(how string) string {
	switch {
	case how == Misuse && c.Misuse == "":
		return VerifyOnly
	case how == Misuse:
		return c.Misuse
	case how == Silence && c.Silence == "":
		return EndClause
	case how == Silence:
		return c.Silence
	}
	return ""
}

func (c *Clause) checkTerm(m *fault.List, at, term string) {
	m.When(term != "" && !slices.Contains(terms, term), at, "agreement.term")
	m.When(term == HalveQuota && c.DailyQuota == 0, at, "agreement.term.quota")
}

// narrowed is the clause after a term; false if nothing is left of it. A term
// that would leave it as it was ends it, so that every one bites: a clause that
// only verifies has nothing else to lose to verify_only.
func (c Clause) narrowed(term string) (Clause, bool) {
	switch term {
	case VerifyOnly:
		if !slices.Contains(c.Modes, "verify") || !slices.Contains(c.Modes, "disclose") {
			return c, false
		}
		c.Modes = []string{"verify"}
		return c, true
	case HalveQuota:
		c.DailyQuota /= 2 // a quota of 0 would be none
		return c, c.DailyQuota > 0
	}
	return c, false
}
