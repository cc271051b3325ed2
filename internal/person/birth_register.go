package person

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Born is what a birth got.
type Born struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"register_version"` // of the record when it was made: 1
	Again   bool               `json:"again"`            // it was registered before; this is what it got then
}

// MaxBirths is how many births one call registers.
const MaxBirths = 1000

// RegisterBirth registers a birth: the child gets a national number and a
// record, whose first version this is.
//
//  1. A birth that is registered already, by its notification and order, gets
//     what it got then: number and entry. With other particulars it is fault
//     Conflict "person.birth.other".
//  2. The day, the office and the parents' records must fit.
//  3. A number is taken from the office's block. A crash from here on to the
//     commit of 4 loses it: a gap.
//  4. One transaction writes the person, the birth and the act's entry.
//  5. The act is answered when its entry is in the log.
func (b *Book) RegisterBirth(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Birth) (*Born, journal.Proven, error) {
	born, proven, err := b.RegisterBirths(ctx, j, actor, []Birth{*in})
	if err != nil {
		return nil, journal.Proven{}, alone(err)
	}
	return &born[0], proven[0], nil
}

// alone takes the index out of the fields of a fault: there was one birth.
func alone(err error) error {
	f := fault.Of(err)
	if !strings.HasPrefix(f.Field, "births.0.") {
		return err
	}
	c := *f
	c.Field, c.More = strings.TrimPrefix(f.Field, "births.0."), slices.Clone(f.More)
	for i, m := range c.More {
		one := *m
		one.Field = strings.TrimPrefix(m.Field, "births.0.")
		c.More[i] = &one
	}
	return &c
}

// RegisterBirths is RegisterBirth for up to 1,000 births at once: all of them
// or none, each with its own entry. All mistakes are found at once; their
// fields are births.N.…, from 0. Those of one notification that stand next to
// each other get numbers that follow each other, as far as the block goes.
func (b *Book) RegisterBirths(ctx context.Context, j *journal.Journal, actor journal.Actor, in []Birth) ([]Born, []journal.Proven, error) {
	d := delivery{book: b, journal: j, actor: actor}
	if err := d.permitted(); err != nil {
		return nil, nil, err
	}
	if len(in) == 0 || len(in) > MaxBirths {
		return nil, nil, fault.New(fault.Invalid, "person.birth.batch").At("births")
	}
	in = slices.Clone(in)
	faults := make([]error, len(in))
	for i := range in {
		faults[i] = in[i].Check()
	}
	if err := d.register(ctx, in, faults); err != nil {
		return nil, nil, err
	}
	var bad fault.List
	for i, err := range faults {
		bad.Add("births."+strconv.Itoa(i), err)
	}
	return d.born, d.proven, bad.Err()
}

// delivery is births on their way into the register.
type delivery struct {
	book    *Book
	journal *journal.Journal
	actor   journal.Actor
	known   *intern  // of names, over several deliveries; may be nil
	late    *arrears // who wants no proof, as an import, waits for the log here; else nil

	born   []Born
	proven []journal.Proven
}

func (d *delivery) permitted() error {
	return register.Only(d.actor, register.Clerk, register.Supervisor, register.Operator)
}

// register does the whole act if faults, which has what each birth's Check
// said, stays without one; else it adds what else is wrong and does nothing.
// The error is of what concerns none of the births.
//
// Between looking and writing another process may register the same birth or
// bring a number on record: then the write fails, and all begins again.
func (d *delivery) register(ctx context.Context, in []Birth, faults []error) error {
	const tries = 10
	for try := 1; ; try++ {
		p, err := d.plan(ctx, in, faults)
		if err != nil || p == nil {
			return err
		}
		if err = d.write(ctx, p); err == nil {
			if d.late != nil {
				return nil
			}
			return d.repeat(ctx, p)
		}
		if !store.IsDuplicate(err) || try == tries {
			return err // the numbers are lost: whether they stand in the rows may be open
		}
		if err := d.giveBack(ctx, p); err != nil {
			return err
		}
	}
}

// plan is what has to be done for some births.
type plan struct {
	births  []Birth
	fresh   []int // births that are to be registered, in the order of their numbers
	again   []int // births that have been
	acts    []journal.ActID
	offices map[int]*Office
	parents map[ids.NationalNumber]*Person
	digests [][16]byte
}

func (p *plan) prefixes() (list []Prefix) {
	for _, o := range p.offices {
		list = append(list, o.Prefixes...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// plan holds births against register and calendar; nil if any has a fault.
func (d *delivery) plan(ctx context.Context, in []Birth, faults []error) (*plan, error) {
	p := &plan{births: in, offices: map[int]*Office{}, acts: make([]journal.ActID, len(in)), digests: make([][16]byte, len(in))}
	d.born, d.proven = make([]Born, len(in)), make([]journal.Proven, len(in))
	if err := d.find(ctx, p, faults); err != nil {
		return nil, err
	}
	if err := d.read(ctx, p); err != nil {
		return nil, err
	}
	today := persian.DateOf(d.book.Clock())
	mayBeOld := register.Only(d.actor, register.Supervisor, register.Operator) == nil
	for _, i := range p.fresh {
		b := &p.births[i]
		bad := b.timely(today, mayBeOld)
		if p.offices[b.Office] == nil {
			bad.Add("office", fault.New(fault.Invalid, "person.office.unknown"))
		}
		for _, q := range b.parents() {
			bad = append(bad, q.check(p.parents[q.number], b.Born)...)
		}
		if err := bad.Err(); err != nil {
			faults[i] = err
		}
	}
	if slices.ContainsFunc(faults, func(err error) bool { return err != nil }) {
		return nil, nil
	}
	slices.SortStableFunc(p.fresh, func(x, y int) int { // twins together
		return strings.Compare(p.births[x].Notification, p.births[y].Notification)
	})
	return p, nil
}

// find sorts the births that have no fault so far into fresh ones and those
// that are registered.
func (d *delivery) find(ctx context.Context, p *plan, faults []error) error {
	seen := map[name2]bool{}
	for i := range p.births {
		if faults[i] != nil {
			continue
		}
		key := name2{p.births[i].Notification, p.births[i].Order}
		if seen[key] {
			faults[i] = sheet.ErrTwice.At("notification")
		}
		seen[key] = true
		p.digests[i] = p.births[i].digest()
	}
	return d.book.db.Read(ctx, func(tx *store.Tx) error {
		p.fresh, p.again = p.fresh[:0], p.again[:0]
		for i := range p.births {
			if faults[i] != nil {
				continue
			}
			var number int64
			var digest, act []byte
			found, err := tx.One(birthByNotification, []any{p.births[i].Notification, p.births[i].Order}, &number, &digest, &act)
			if err != nil {
				return err
			}
			if !found {
				p.fresh = append(p.fresh, i)
				continue
			}
			sealed, err := sealsOf(tx, ids.NationalNumber(number))
			switch {
			case err != nil:
				return err
			case sealed.last() != 0, string(digest) != string(p.digests[i][:]):
				// Of an adopted child the notification leads nowhere any more: whoever
				// has it would find the child by it, and try the former names.
				faults[i] = fault.New(fault.Conflict, "person.birth.other").At("notification")
			default:
				p.again = append(p.again, i)
				d.born[i] = Born{Number: ids.NationalNumber(number), Version: 1, Again: true}
				copy(p.acts[i][:], act)
			}
		}
		return nil
	})
}

// name2 is what names a birth.
type name2 struct {
	notification string
	order        int
}

// read gets the offices and the parents' records that fresh births name. They
// are read before the transaction: what is registered of a parent at the same
// moment might as well be registered a moment later.
func (d *delivery) read(ctx context.Context, p *plan) error {
	var numbers []ids.NationalNumber
	p.parents = map[ids.NationalNumber]*Person{}
	for _, i := range p.fresh {
		b := &p.births[i]
		if _, looked := p.offices[b.Office]; !looked {
			o, err := d.book.Office(ctx, b.Office)
			if err != nil && !fault.Is(err, fault.Invalid) {
				return err
			}
			p.offices[b.Office] = o
		}
		for _, n := range [...]ids.NationalNumber{b.Father, b.Mother} {
			if _, known := p.parents[n]; n != 0 && !known {
				p.parents[n] = nil
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	records, err := d.book.ByNumbers(ctx, numbers)
	for i, r := range records {
		p.parents[numbers[i]] = r
	}
	return err
}

// write registers the fresh births.
func (d *delivery) write(ctx context.Context, p *plan) error {
	if len(p.fresh) == 0 {
		return nil
	}
	if err := d.number(ctx, p); err != nil {
		return err
	}
	acts := make([]register.Act, len(p.fresh))
	for k, i := range p.fresh {
		acts[k] = register.Act{
			Kind: receipt.LifeEvent, Actor: d.actor, Why: p.births[i].why(), Subject: d.born[i].Number, Clock: d.book.Clock,
		}
	}
	var fresh *intern
	var change int64
	made, err := register.PostAll(ctx, d.book.db, d.journal, acts, func(tx *store.Tx, k int, c *register.Change) (body []byte, err error) {
		if k == 0 {
			fresh = newIntern(d.known) // the function may run again
			if change, err = takeChanges(tx, len(p.fresh)); err != nil {
				return nil, err
			}
		}
		i := p.fresh[k]
		if body, err = p.births[i].insert(tx, c, fresh, p, i, d.born[i].Number); err == nil && k == len(p.fresh)-1 {
			err = tellNew(tx, c, change, d.numbers(p), "birth")
		}
		return body, err
	})
	if err != nil {
		return err
	}
	if d.known != nil {
		fresh.learn()
	}
	if d.late != nil {
		return d.late.add(ctx, made)
	}
	proven, err := d.journal.SettleAll(ctx, made)
	for k, i := range p.fresh {
		if err == nil {
			d.proven[i] = proven[k]
		}
	}
	return err
}

// number gives the fresh births numbers, office by office.
func (d *delivery) number(ctx context.Context, p *plan) error {
	of := map[int][]int{}
	for _, i := range p.fresh {
		of[p.births[i].Office] = append(of[p.births[i].Office], i)
	}
	for code, births := range of {
		numbers, err := d.book.numbers.take(ctx, p.offices[code].Prefixes, len(births))
		if err != nil {
			return fault.Of(err).At(fmt.Sprintf("births.%d.office", births[0]))
		}
		for k, i := range births {
			d.born[i] = Born{Number: numbers[k], Version: 1}
		}
	}
	return nil
}

// numbers are those of the fresh births.
func (d *delivery) numbers(p *plan) []ids.NationalNumber {
	numbers := make([]ids.NationalNumber, len(p.fresh))
	for k, i := range p.fresh {
		numbers[k] = d.born[i].Number
	}
	return numbers
}

// giveBack gives back the numbers of births that were not written, apart from
// those that somebody has.
func (d *delivery) giveBack(ctx context.Context, p *plan) error {
	numbers := d.numbers(p)
	slices.Sort(numbers)
	if err := d.book.numbers.giveBack(ctx, numbers); err != nil {
		return err
	}
	return d.book.numbers.recheck(ctx, p.prefixes())
}

// insert writes the rows of birth i of p, and says in the record which they are.
func (in *Birth) insert(tx *store.Tx, c *register.Change, names *intern, p *plan, i int, n ids.NationalNumber) ([]byte, error) {
	child := in.child(n, p.offices[in.Office], p.parents[in.Father])
	child.settle()
	if err := child.check(); err != nil {
		return nil, err
	}
	if err := insert(tx, names, &child); err != nil {
		return nil, err
	}
	mother, err := names.name(tx, &in.MotherName)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(birthInsert, in.Notification, in.Order, int64(n), in.Office, int64(in.Father), int64(in.Mother), mother, in.Place,
		string(in.Declarant), in.Document, in.Late, p.digests[i][:], c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Micros(), c.Act[:])
	return fmt.Appendf(nil, `"birth":{"national_number":"%s","register_version":1,"office":%d,"birth_order":%d}`, n, in.Office, in.Order), err
}

// repeat finds the entries of births that were registered before.
func (d *delivery) repeat(ctx context.Context, p *plan) error {
	acts := make([]journal.ActID, len(p.again))
	for k, i := range p.again {
		acts[k] = p.acts[i]
	}
	proven, err := d.settled(ctx, acts)
	for k, i := range p.again {
		if err == nil {
			d.proven[i] = proven[k]
		}
	}
	return err
}

// settled is SettleAll for acts that another node may have posted: until that
// node has brought them into its log, they cannot be proven here. It waits a
// little, then it is fault Unavailable "journal.waiting".
func (d *delivery) settled(ctx context.Context, acts []journal.ActID) ([]journal.Proven, error) {
	const pause, patience = 100 * time.Millisecond, 5 * time.Second
	for waited := time.Duration(0); ; waited += pause {
		proven, err := d.journal.SettleAll(ctx, acts)
		if err == nil || fault.Of(err).Key != "journal.act.unknown" {
			return proven, err
		}
		if waited > patience {
			return nil, fault.New(fault.Unavailable, "journal.waiting")
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
