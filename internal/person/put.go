package person

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// pastRow is a row of the history: a row, what stands beside it, and the
// change that ended it.
type pastRow struct {
	row        row
	version    int64
	cardSerial string
	successor  int64
	until      int64
	role       string
	agency     int64
	officer    string
	why        string
	act        []byte
}

func (r *pastRow) columns() []any {
	return append(r.row.columns(), &r.version, &r.cardSerial, &r.successor, &r.until, &r.role, &r.agency, &r.officer, &r.why, &r.act)
}

// readBeside reads what belongs to the current row and stands in other tables.
func (r *pastRow) readBeside(tx *store.Tx) error {
	if _, err := tx.One(cardByNumber, []any{r.row.number}, &r.cardSerial); err != nil {
		return err
	}
	_, err := tx.One(successorByNumber, []any{r.row.number}, &r.successor)
	return err
}

// version makes a Version of a past row.
func (b *Book) version(ctx context.Context, r *pastRow) (v Version, err error) {
	if err := b.resolve(ctx, &r.row, &v.Person); err != nil {
		return v, err
	}
	if r.row.serialElsewhere() {
		v.Person.Card.Serial = r.cardSerial
	}
	v.Person.Successor = ids.NationalNumber(r.successor)
	v.Until = register.Change{
		Actor: journal.Actor{Role: r.role, Agency: ids.LegalID(r.agency), ID: r.officer},
		Why:   r.why,
		At:    time.UnixMicro(r.until).UTC(),
	}
	copy(v.Until.Act[:], r.act)
	return v, nil
}

// appendBody is what the journal says of a version: which, not what.
func (p *Person) appendBody(b []byte) []byte {
	b = append(b, `"national_number":"`...)
	b = append(p.Number.AppendTo(b), `","register_version":`...)
	b = strconv.AppendInt(b, p.Version, 10)
	b = append(b, `,"state":"`...)
	b = append(b, p.State.String()...)
	return append(b, '"')
}

// Put writes p within the caller's transaction, which also carries the act's
// entry. p.Version is the version that p was made from; if the register has
// moved on since, fault "person.version" and nothing is written. Afterwards it
// is the version written; a p that changes nothing keeps its version.
func Put(tx *store.Tx, c *register.Change, p *Person) error {
	return putAs(tx, c, p, c.Why)
}

// putAs is Put that tells the followers of changes which event it is.
func putAs(tx *store.Tx, c *register.Change, p *Person, event string) error {
	before := p.Version
	err := put(tx, c, newIntern(nil), p, false)
	if err == nil && p.Version != before {
		err = tell(tx, c, p, event)
	}
	return err
}

// put writes the rows, with names that may be known already. cardStands: the
// card's state is what the caller's source says of it, even if it says nothing
// new.
func put(tx *store.Tx, c *register.Change, n *intern, p *Person, cardStands bool) error {
	if err := p.clean(); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	p.settle()
	var old pastRow
	found, err := tx.One(personByNumber, []any{int64(p.Number)}, old.row.columns()...)
	if err != nil {
		return err
	}
	if old.row.version() != p.Version {
		return errVersion
	}
	if !found {
		return insert(tx, n, p)
	}
	if err := old.readBeside(tx); err != nil {
		return err
	}
	var r row
	r.pack(p, old.row.version()-1)
	if err := n.row(tx, p, &r); err != nil {
		return err
	}
	if !cardStands {
		if err := follow(tx, &old.row, &r, p); err != nil {
			return err
		}
	}
	if r == old.row && beside(&r, p) == old.cardSerial && int64(p.Successor) == old.successor {
		return nil
	}
	if err := archive(tx, c, &old); err != nil {
		return err
	}
	r.flags += flagVersion
	rows, err := tx.Exec(personUpdate, append(r.values(nil)[1:], r.number, old.row.flags)...)
	if err == nil && rows != 1 {
		err = errVersion
	}
	if err != nil {
		return err
	}
	p.Version = r.version()
	return putBeside(tx, &r, p, &old)
}

// The longest free texts, in bytes.
const (
	maxIssuePlace = 200
	maxCardSerial = 40
)

var errVersion = fault.New(fault.Conflict, "person.version")

func insert(tx *store.Tx, n *intern, p *Person) error {
	var r row
	r.pack(p, 0)
	if err := n.row(tx, p, &r); err != nil {
		return err
	}
	if _, err := tx.Exec(personInsert, r.values(nil)...); err != nil {
		if store.IsDuplicate(err) {
			return errVersion.Because(err)
		}
		return err
	}
	p.Version = 1
	return putBeside(tx, &r, p, &pastRow{})
}

// follow applies the rules of card.go to the new row r of p.
func follow(tx *store.Tx, old, r *row, p *Person) (err error) {
	var was Person
	old.unpack(&was)
	printed := old
	var alive *Person
	if revived(&was, p) {
		if printed, err = lastAlive(tx, p.Number); err != nil {
			return err
		}
		if printed == nil {
			printed = old
		} else {
			alive = new(Person)
			printed.unpack(alive)
		}
	}
	p.follow(&was, alive, reprinted(printed, r))
	r.card = packCard(&p.Card)
	return nil
}

// reprinted reports whether something that is printed on the card changed, the
// residence code apart.
func reprinted(old, r *row) bool {
	return r.given != old.given || r.surname != old.surname || r.father != old.father ||
		r.life%lifeDeath != old.life%lifeDeath || r.flags/flagSex%10 != old.flags/flagSex%10
}

// lastAlive is the row of the last version before a death, nil if there is none.
func lastAlive(tx *store.Tx, n ids.NationalNumber) (*row, error) {
	return lastVersion(tx, n, (*Person).Alive)
}

// archive copies the row that is about to be replaced. A clock that went back
// does not disorder the history: a version ends no earlier than the one before.
func archive(tx *store.Tx, c *register.Change, old *pastRow) error {
	var last int64
	if _, err := tx.One(historyLast, []any{old.row.number}, &last); err != nil {
		return err
	}
	args := append(old.row.values(nil), old.row.version(), old.cardSerial, old.successor, max(c.Micros(), last),
		c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Why, c.Act[:])
	_, err := tx.Exec(historyInsert, args...)
	return err
}

// beside is the card's serial if it does not fit into the row r, else "".
func beside(r *row, p *Person) string {
	if r.serialElsewhere() {
		return p.Card.Serial
	}
	return ""
}

// putBeside writes what stands in other tables.
func putBeside(tx *store.Tx, r *row, p *Person, old *pastRow) (err error) {
	switch serial := beside(r, p); serial {
	case old.cardSerial:
	case "":
		_, err = tx.Exec(cardDelete, int64(p.Number))
	default:
		_, err = tx.Exec(cardPut, int64(p.Number), serial)
	}
	if err != nil {
		return err
	}
	switch {
	case int64(p.Successor) == old.successor:
	case p.Successor == 0:
		_, err = tx.Exec(successorDelete, int64(p.Number))
	default:
		_, err = tx.Exec(successorPut, int64(p.Number), int64(p.Successor))
	}
	return err
}

// clean brings the free texts into the form that is safe to store and show.
// Names have it by their type.
func (p *Person) clean() (err error) {
	if p.Shenasnameh.IssuePlace, err = persian.Display(p.Shenasnameh.IssuePlace); err != nil {
		return fault.Of(err).At("issue_place")
	}
	if p.Card.Serial, err = persian.Display(p.Card.Serial); err != nil {
		return fault.Of(err).At("card_serial")
	}
	return nil
}

// check refuses what cannot be true together, all of it at once.
func (p *Person) check() error {
	var bad mistakes
	bad.missing(p.Number == 0, "national_number")
	bad.missing(p.Given.Display == "", "given_name")
	bad.missing(p.Surname.Display == "", "surname")
	bad.When(p.State < Active || p.State > Protected, "state", "person.word")
	bad.When(p.Sex > Female, "sex", "person.word")
	bad.When(p.Card.State > Lost, "card_state", "person.word")
	bad.When(p.State == Active && !p.Died.IsZero(), "death_date", "person.death.alive")
	bad.When(before(p.Died, p.Born), "death_date", "person.death.early")
	bad.When(len(p.Shenasnameh.IssuePlace) > maxIssuePlace, "issue_place", "person.long")
	bad.When(len(p.Card.Serial) > maxCardSerial, "card_serial", "person.long")
	bad.When(p.Successor != 0 && p.State != Cancelled, "successor", "person.successor.state")
	bad.When(p.Successor != 0 && p.Successor == p.Number, "successor", "person.successor.self")
	bad.When(!p.ResidenceSince.IsZero() && !p.ResidenceSince.Precise(), "residence_since", "person.date.precise")
	bad.When(!p.Card.Valid.IsZero() && !p.Card.Valid.Precise(), "card_valid_until", "person.date.precise")
	return bad.Err()
}
