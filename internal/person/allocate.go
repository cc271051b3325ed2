package person

import (
	"context"
	"slices"
	"sync"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
)

// allocator gives national numbers. What is promised: no number is given
// twice, whatever crashes and however many processes give numbers at once.
//
//  1. A process reserves a block of a prefix in a transaction of its own: the
//     row in number_block moves on, and is never moved back. A crash before
//     the commit reserves nothing; one after it leaves a gap.
//  2. Only then numbers of the block are given, each once, from memory. A
//     crash loses the rest of the block: those numbers are never given.
//  3. Numbers that are on record already, because the register took over
//     records that existed before it, and those of ten equal digits are left out.
type allocator struct {
	db     *store.DB
	mu     sync.Mutex
	blocks map[Prefix]*block
}

// block is what this process may still give of a prefix.
type block struct {
	turn  chan struct{} // who has put something in may use the rest
	free  []ids.NationalNumber
	spent bool // there is no further block
}

// The size of a block: one that a few clerks use up in a while, or as many as
// a batch of births wants at once.
const (
	minBlock = 100
	maxBlock = 1000
)

// The six digits that follow a prefix.
const (
	firstSerial = 1
	endSerial   = 1_000_000
)

func newAllocator(db *store.DB) *allocator {
	return &allocator{db: db, blocks: map[Prefix]*block{}}
}

// take gives n numbers, from the first of the prefixes that has any left.
func (a *allocator) take(ctx context.Context, prefixes []Prefix, n int) ([]ids.NationalNumber, error) {
	given := make([]ids.NationalNumber, 0, n)
	for _, p := range prefixes {
		var err error
		if given, err = a.from(ctx, p, given, n); err != nil {
			return nil, err // a gap
		}
		if len(given) == n {
			return given, nil
		}
	}
	if err := a.giveBack(ctx, given); err != nil {
		return nil, err
	}
	return nil, fault.New(fault.Conflict, "person.number.exhausted")
}

// giveBack takes numbers that nobody has seen, to give them to others.
func (a *allocator) giveBack(ctx context.Context, numbers []ids.NationalNumber) error {
	for len(numbers) > 0 {
		p, n := prefixOf(numbers[0]), 1
		for n < len(numbers) && prefixOf(numbers[n]) == p {
			n++
		}
		b, release, err := a.hold(ctx, p)
		if err != nil {
			return err
		}
		b.free = append(numbers[:n:n], b.free...)
		release()
		numbers = numbers[n:]
	}
	return nil
}

func (a *allocator) block(p Prefix) *block {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.blocks[p]
	if b == nil {
		b = &block{turn: make(chan struct{}, 1)}
		a.blocks[p] = b
	}
	return b
}

// hold waits for the block of a prefix; release lets the next one in.
func (a *allocator) hold(ctx context.Context, p Prefix) (b *block, release func(), err error) {
	b = a.block(p)
	select {
	case b.turn <- struct{}{}:
		return b, func() { <-b.turn }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// from appends numbers with prefix p until there are n, or p has none left.
func (a *allocator) from(ctx context.Context, p Prefix, given []ids.NationalNumber, n int) ([]ids.NationalNumber, error) {
	b, release, err := a.hold(ctx, p)
	if err != nil {
		return nil, err
	}
	defer release()
	for len(given) < n {
		if len(b.free) == 0 && !b.spent {
			if b.free, err = a.reserve(ctx, p, n-len(given)); err != nil {
				return given, err
			}
			b.spent = len(b.free) == 0
		}
		if len(b.free) == 0 {
			return given, nil
		}
		k := min(n-len(given), len(b.free))
		given = append(given, b.free[:k]...)
		b.free = b.free[k:]
	}
	return given, nil
}

// reserve makes a block of p this process's own and lists the numbers of it
// that may be given; none if p is used up.
func (a *allocator) reserve(ctx context.Context, p Prefix, n int) ([]ids.NationalNumber, error) {
	size := int64(min(max(n, minBlock), maxBlock))
	for {
		from, err := a.vacant(ctx, p)
		if err != nil {
			return nil, err
		}
		var first, end int64
		err = a.db.Write(ctx, func(tx *store.Tx) error {
			next, found, err := nextSerial(tx, p)
			if err != nil {
				return err
			}
			first = max(next, from) // another process may have moved on
			end = min(first+size, endSerial)
			switch {
			case next >= endSerial:
				return nil
			case found:
				_, err = tx.Exec(blockUpdate, end, int(p))
			default:
				_, err = tx.Exec(blockInsert, int(p), end)
			}
			return err
		})
		switch {
		case store.IsDuplicate(err):
			continue // another process began with p at the same moment
		case err != nil:
			return nil, err
		case first >= endSerial:
			return nil, nil
		}
		free, err := a.free(ctx, p, first, end)
		if err != nil || len(free) > 0 {
			return free, err
		}
	}
}

// nextSerial is where the next block of p begins.
func nextSerial(tx *store.Tx, p Prefix) (next int64, found bool, err error) {
	next = firstSerial
	found, err = tx.One(blockNext, []any{int(p)}, &next)
	return next, found, err
}

// vacant is the first serial of p that is neither reserved nor on record, so
// that no block is spent on numbers that an import has brought.
func (a *allocator) vacant(ctx context.Context, p Prefix) (serial int64, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		if serial, _, err = nextSerial(tx, p); err != nil {
			return err
		}
		for full := true; full && serial < endSerial; {
			taken, err := onRecord(tx, p, serial, min(serial+maxBlock, endSerial))
			if err != nil {
				return err
			}
			for full = len(taken) == maxBlock; len(taken) > 0 && taken[0] == number(p, serial); serial++ {
				taken = taken[1:]
			}
		}
		return nil
	})
	return serial, err
}

// free lists the numbers of a block that may be given, in ascending order.
func (a *allocator) free(ctx context.Context, p Prefix, first, end int64) (free []ids.NationalNumber, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		free = make([]ids.NationalNumber, 0, end-first)
		taken, err := onRecord(tx, p, first, end)
		if err != nil {
			return err
		}
		for serial := first; serial < end; serial++ {
			n := number(p, serial)
			if len(taken) > 0 && taken[0] == n {
				taken = taken[1:]
				continue
			}
			if !sameDigits(n) {
				free = append(free, n)
			}
		}
		return nil
	})
	return free, err
}

// onRecord lists the numbers of p from first to end that the register holds,
// in whatever state, in ascending order.
func onRecord(tx *store.Tx, p Prefix, first, end int64) (taken []ids.NationalNumber, err error) {
	from, to := (int64(p)*endSerial+first)*10, (int64(p)*endSerial+end)*10
	err = tx.Each(numbersBetween, []any{from, to}, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		taken = append(taken, ids.NationalNumber(n))
		return err
	})
	return taken, err
}

// recheck leaves out what has come on record since the blocks were reserved: an
// insert has found such a number.
func (a *allocator) recheck(ctx context.Context, prefixes []Prefix) error {
	for _, p := range prefixes {
		b, release, err := a.hold(ctx, p)
		if err != nil {
			return err
		}
		err = a.drop(ctx, p, b)
		release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *allocator) drop(ctx context.Context, p Prefix, b *block) error {
	if len(b.free) == 0 {
		return nil
	}
	first, last := middle(slices.Min(b.free)), middle(slices.Max(b.free))
	return a.db.Read(ctx, func(tx *store.Tx) error {
		taken, err := onRecord(tx, p, first, last+1)
		if err != nil {
			return err
		}
		b.free = slices.DeleteFunc(b.free, func(n ids.NationalNumber) bool {
			_, found := slices.BinarySearch(taken, n)
			return found
		})
		return nil
	})
}

// number is the national number of a prefix and the six digits after it.
func number(p Prefix, serial int64) ids.NationalNumber {
	first9 := int64(p)*endSerial + serial
	return ids.NationalNumber(first9*10 + ids.CheckDigit(first9))
}

// prefixOf is the digits 1 to 3 of a number.
func prefixOf(n ids.NationalNumber) Prefix { return Prefix(n / 10 / endSerial) }

// middle is the digits 4 to 9 of a number.
func middle(n ids.NationalNumber) int64 { return int64(n) / 10 % endSerial }

// sameDigits reports whether n is ten times one digit: such a number passes the
// check and is nobody's.
func sameDigits(n ids.NationalNumber) bool { return n%1_111_111_111 == 0 }
