package synth

import (
	"iter"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// The states of a person, as in package person.
const (
	stateActive uint8 = iota + 1
	stateDeceased
	stateCancelled
	stateUnderReview
	stateProtected
)

var states = [...]string{"", "active", "deceased", "cancelled", "under_review", "protected"}

// The states of a card, as in package person.
const (
	cardNone uint8 = iota
	cardAnnounced
	cardApplied
	cardAppointed
	cardIssued
	cardMustReplace
	cardReplaced
	cardVoid
	cardExpired
	cardLost
)

var cardStates = [...]string{
	"none", "announced", "applied", "appointed", "issued", "must_be_replaced", "replaced", "void", "expired", "lost",
}

var cardReasons = [...]string{"", "moved", "item_changed", "damaged"}

// record is what the register holds of a synthetic person.
type record struct {
	number                 int64
	given, surname, father string
	sex                    sex
	born, died             persian.Date
	state                  uint8
	sayyed                 bool
	successor              int64
	booklet                int64
	serie                  string
	serial                 int
	office                 int
	issuePlace             string
	postal                 int64
	since                  persian.Date
	card                   uint8
	cardReason             uint8
	cardValid              persian.Date
	cardSerial             int // 0: none
}

// all makes the records one by one, in ascending order of their numbers. The
// record is valid until the next.
func (p *Population) all() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		m := maker{Population: p}
		var r record
		for block := range p.count() {
			m.fill(block)
			for _, i := range m.order {
				m.record(&r, i)
				if !yield(&r) {
					return
				}
			}
		}
	}
}

// record writes what the register holds of one of the block's people.
func (m *maker) record(r *record, i int32) {
	p := &m.people[i]
	*r = record{
		number: m.numbers[i], given: p.given, surname: p.surname, father: p.father, sex: p.sex, state: p.state,
		born: persian.DateFromDays(p.born), sayyed: p.sayyed,
		office: 10_000 + m.office.prefix, issuePlace: m.office.place,
	}
	if p.died != 0 && p.copyOf < 0 {
		r.died = persian.DateFromDays(p.died)
	}
	if r.state == 0 {
		r.state = stateActive
		if p.died != 0 {
			r.state = stateDeceased
		}
	}
	if p.copyOf >= 0 {
		r.successor = m.numbers[p.copyOf]
	}
	if r.born.Year < 1330 && m.below(100) < 4 {
		r.born = persian.Date{Year: r.born.Year}
	}
	m.shenasnameh(r)
	m.residence(r, p)
	m.card(r, p)
}

// shenasnameh draws the booklet's particulars. From 1368 on its number is the
// national number, which the register writes as 0.
func (m *maker) shenasnameh(r *record) {
	if !ids.From1368(r.born) && !m.chance(40) {
		r.booklet = int64(1 + m.below(1+m.below(12_000)))
		if m.chance(300) {
			r.booklet = int64(10_000 + m.below(80_000))
		}
	}
	r.serie = m.series[m.below(len(m.series))]
	r.serial = 1 + m.below(999_999)
}

// residence gives the household's place, since the household or the person is
// there. Some have none.
func (m *maker) residence(r *record, p *member) {
	if p.home < 0 || p.copyOf >= 0 || m.config.Places == 0 {
		return
	}
	placeless := m.chance(150)
	if p.died != 0 && r.died.Year < 1385 {
		return // died before places had codes
	}
	at := p.home
	if !p.married && p.died == 0 && (m.today-p.born)/365 > 24 && m.below(100) < 55 {
		m.homes = append(m.homes, home{}) // lives elsewhere, with people not in the block
		at = int32(len(m.homes) - 1)
	}
	h := &m.homes[at]
	if h.code == 0 {
		h.code = m.placeOf()
		h.since = m.starts[1384-firstYear] + int32(m.below(int(m.today-m.starts[1384-firstYear])))
	}
	since := h.since
	if p.died != 0 {
		since = min(since, m.starts[1384-firstYear]+int32(m.below(365)))
	}
	if !placeless {
		r.postal, r.since = h.code, persian.DateFromDays(max(since, p.born))
	}
}

// card draws where the person's national card stands.
func (m *maker) card(r *record, p *member) {
	age := (m.today - p.born) / 365
	if p.died != 0 && p.copyOf < 0 {
		if r.died.Year >= 1390 && (p.died-p.born)/365 >= 16 {
			r.card, r.cardSerial = cardVoid, 1+m.below(99_999_999)
		}
		return
	}
	if p.state == stateCancelled || age < 15 {
		return
	}
	switch n := m.below(1000); {
	case age < 16 && n < 600:
		r.card = [...]uint8{cardAnnounced, cardApplied, cardAppointed}[n%3]
		return
	case n < 20:
		r.card = cardAnnounced
		return
	case n < 45:
		r.card = cardApplied
		return
	case n < 55:
		r.card = cardAppointed
		return
	case n < 65:
		r.card = cardLost
	case n < 95:
		r.card, r.cardReason = cardMustReplace, uint8(1+n%3)
	default:
		r.card = cardIssued
	}
	r.cardSerial = 1 + m.below(99_999_999)
	// Issued within the last seven years and a half, valid for seven.
	left := 7*365 - m.below(7*365+180)
	if p.born+15*365 > m.today+int32(left)-7*365 {
		left = 7*365 - m.below(int(age-14)*365/2+1)
	}
	r.cardValid = persian.DateFromDays(m.today + int32(left))
}
