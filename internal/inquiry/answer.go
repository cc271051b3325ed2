package inquiry

import (
	"context"
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
)

// Outcomes. Every one of them is recorded and has a tracking code (clause C.2b).
const (
	Confirmed = "confirmed" // verify: every claim matches, variants included
	Differs   = "differs"   // verify: at least one claim differs or is not on record
	Answered  = "answered"  // disclose, predicate
	NotFound  = "not_found" // number unknown or second key wrong, never said which
	Dead      = "deceased"  // found, and the person is dead; the answer is given too
	Cancelled = "cancelled" // the number is cancelled; nothing else is said but which number counts instead
	Protected = "protected" // the record may not be shown; nothing else is said
	Refused   = "refused"   // the agreement does not permit the question
)

// Results of a field or predicate.
const (
	match       = "match"
	variant     = "variant" // orthographic: the same name otherwise spelt
	differs     = "differs"
	notOnRecord = "not_on_record" // the register knows no value
	yes         = "yes"
	no          = "no"
	unknown     = "unknown" // the record is not precise enough to say
)

// answer is what the register says to one question.
type answer struct {
	outcome    string
	results    []string // verify and predicate: one for each claim or predicate
	values     []string // disclose: one for each field; empty: not on record
	warnings   []string
	successor  ids.NationalNumber // of a cancelled number; 0: none is known
	version    int64              // of the row that was seen
	principal  *agency.Agency     // of a question in another's name; nil: there is no such body
	delegation int64              // by which it is asked in that name; 0: none permits it
	permission permission
	refusal    agreement.Refusal
}

// permission is the clause that an answer cites.
type permission struct {
	agreement int64
	version   int
	clause    int
}

// lookUp reads what the question is about. The second key is held against the
// record as it stands today, so a question with a corrected birth date's old
// value is not found.
func (d *Desk) lookUp(ctx context.Context, q *Question, w *work) error {
	if q.Service == Place {
		return d.lookUpPlace(ctx, q, &w.seen)
	}
	found, err := d.persons.Find(ctx, q.Number, &w.person)
	if err != nil || !found || !q.holds(&w.person) {
		return err
	}
	return d.backTo(ctx, q, &w.person, &w.seen)
}

func (d *Desk) lookUpPlace(ctx context.Context, q *Question, s *seen) error {
	var p *place.Place
	var found bool
	var err error
	if q.AsOf.IsZero() {
		p, found, err = d.places.ByCode(ctx, q.Postal)
	} else {
		p, found, err = d.places.AsOf(ctx, q.Postal, q.AsOf)
	}
	if found && err == nil {
		s.place = p
	}
	return err
}

// lookUpAll is lookUp for many: all persons in one read.
func (d *Desk) lookUpAll(ctx context.Context, qs []*Question, answers []answer) ([]*seen, error) {
	numbers := make([]ids.NationalNumber, 0, len(qs))
	at := make([]int, 0, len(qs))
	all := make([]*seen, len(qs))
	for i, q := range qs {
		switch {
		case answers[i].refusal.Reason != "":
		case q.Service == Place:
			all[i] = &seen{}
			if err := d.lookUpPlace(ctx, q, all[i]); err != nil {
				return nil, err
			}
		default:
			numbers = append(numbers, q.Number)
			at = append(at, i)
		}
	}
	persons, err := d.persons.ByNumbers(ctx, numbers)
	if err != nil {
		return nil, err
	}
	for k, p := range persons {
		i := at[k]
		all[i] = &seen{}
		if p == nil || !qs[i].holds(p) {
			continue
		}
		if err := d.backTo(ctx, qs[i], p, all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// holds reports whether the second key is the record's. A shenasnameh number of
// 0 is none: from 1368 on it would be the national number over again, and a
// number alone never identifies.
func (q *Question) holds(p *person.Person) bool {
	if q.Key == KeyBirthDate {
		return !p.Born.IsZero() && q.Born == p.Born
	}
	return p.Shenasnameh.Number != 0 && p.Shenasnameh.Number == q.Shenasnameh
}

// backTo takes the person as it stood on the day asked for. Protection and
// cancellation of today hold for every past day.
func (d *Desk) backTo(ctx context.Context, q *Question, p *person.Person, s *seen) error {
	if q.AsOf.IsZero() || p.State == person.Protected || p.State == person.Cancelled {
		s.person, s.now = p, p
		return nil
	}
	then, found, err := d.persons.AsOf(ctx, q.Number, q.AsOf)
	if found && err == nil {
		s.person, s.now = then, p
	}
	return err
}

// judge turns what was seen into the answer. today is the day in Tehran.
func (a *answer) judge(q *Question, s *seen, today persian.Date) {
	switch {
	case s.place != nil:
		a.version = s.place.Version
		if s.place.State != place.Active {
			a.warnings = append(a.warnings, "place_"+s.place.State.String())
		}
	case s.person == nil:
		a.outcome = NotFound
		return
	case s.now.State == person.Protected:
		a.outcome = Protected
		return
	case s.now.State == person.Cancelled:
		a.outcome, a.warnings, a.successor = Cancelled, []string{"cancelled"}, s.now.Successor
		return
	default:
		a.version = s.person.Version
		a.warn(s.now)
	}
	switch {
	case q.Mode == Disclose:
		a.disclose(q, s)
	case q.Service == Predicates:
		a.predicates(q, s, today)
	default:
		a.compare(q, s)
	}
	if s.person != nil && !s.person.Alive() {
		a.outcome = Dead
	}
}

// warn adds what nobody can ask for and everybody is told.
func (a *answer) warn(p *person.Person) {
	if !p.Alive() {
		a.warnings = append(a.warnings, "deceased")
	}
	if p.State == person.UnderReview {
		a.warnings = append(a.warnings, "under_review")
	}
	if p.Card.MustBeReplaced() {
		a.warnings = append(a.warnings, "card_must_be_replaced")
	}
}

func (a *answer) compare(q *Question, s *seen) {
	for i := range q.Claims {
		c := &q.Claims[i]
		result := notOnRecord
		if _, known := c.field.value(s); known {
			result = likenesses[c.field.like(s, c)]
		}
		a.results = append(a.results, result)
	}
	a.outcome = Confirmed
	if slices.Contains(a.results, differs) || slices.Contains(a.results, notOnRecord) {
		a.outcome = Differs
	}
}

var likenesses = [...]string{persian.Same: match, persian.Variant: variant, persian.Different: differs}

func (a *answer) disclose(q *Question, s *seen) {
	for _, f := range q.Fields {
		v, _ := f.value(s)
		a.values = append(a.values, v)
	}
	a.outcome = Answered
}

func (a *answer) predicates(q *Question, s *seen, today persian.Date) {
	day := today
	if !q.AsOf.IsZero() {
		day = q.AsOf
	}
	for _, p := range q.Predicates {
		result := no
		switch {
		case p.Name != Alive:
			result = ageAtLeast(s.person.Born, p.Age, day)
		case s.person.Alive():
			result = yes
		}
		a.results = append(a.results, result)
	}
	a.outcome = Answered
}

// ageAtLeast is certain or unknown: where only the year of birth is on record
// the answer is yes or no only if every day of that year gives the same.
func ageAtLeast(born persian.Date, age int, day persian.Date) string {
	if born.IsZero() {
		return unknown
	}
	first, last := born, born
	switch {
	case born.Month == 0:
		first.Month, first.Day = 1, 1
		last = first.AddYears(1).AddDays(-1)
	case born.Day == 0:
		first.Day = 1
		last = first.AddMonths(1).AddDays(-1)
	}
	switch {
	case last.AddYears(age).Compare(day) <= 0:
		return yes
	case first.AddYears(age).Compare(day) > 0:
		return no
	}
	return unknown
}
