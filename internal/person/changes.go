package person

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Changed says that a record got a new version. What it holds is asked for:
// whoever has this version or a later one has nothing to do.
type Changed struct {
	Seq     int64 // 1, 2, 3 … without gaps
	Number  ids.NationalNumber
	Version int64
	Kind    string // of the event that made it, such as "death"; "import" for a file
	At      time.Time
}

// MaxChanges is how many changes one call of Changes gives at most.
const MaxChanges = 10_000

// Changes lists the changes after a number in the order in which they were
// committed, at most n. Who sees a number has been shown all below it. The
// changes begin with what Import or an act did; what Load has put in came before.
func (b *Book) Changes(ctx context.Context, after int64, n int) (all []Changed, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = changesIn(tx, after, n)
		return err
	})
	return all, err
}

func changesIn(tx *store.Tx, after int64, n int) (all []Changed, err error) {
	err = tx.Each(changesAfter, []any{after, int64(min(n, MaxChanges))}, func(scan func(...any) error) error {
		var c Changed
		var number, at int64
		err := scan(&c.Seq, &number, &c.Version, &c.Kind, &at)
		c.Number, c.At = ids.NationalNumber(number), time.UnixMicro(at).UTC()
		all = append(all, c)
		return err
	})
	return all, err
}

// ChangeHead is the number of the newest change; 0 before the first.
func (b *Book) ChangeHead(ctx context.Context) (last int64, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(changeLast, nil, &last)
		return err
	})
	return last, err
}

// takeChanges gives the next n numbers to this transaction and returns the last
// of them. Nobody else gets any before it ends: so there is no number without a
// change, and a reader who sees one sees all before it. On PostgreSQL those who
// change persons wait for each other here.
func takeChanges(tx *store.Tx, n int) (last int64, err error) {
	if _, err := tx.Exec(changeTake, int64(n)); err != nil {
		return 0, err
	}
	_, err = tx.One(changeLast, nil, &last)
	return last, err
}

// tell adds a change to the sequence, in the transaction that makes it.
func tell(tx *store.Tx, c *register.Change, p *Person, kind string) error {
	seq, err := takeChanges(tx, 1)
	if err == nil {
		_, err = tx.Exec(changeInsert, seq, int64(p.Number), p.Version, kind, c.Micros())
	}
	return err
}

// tellNew is tell for records that are new; last is the last of their numbers.
func tellNew(tx *store.Tx, c *register.Change, last int64, numbers []ids.NationalNumber, kind string) error {
	seq := last - int64(len(numbers))
	args := make([]any, 5)
	_, err := tx.Bulk(changeInsert, func(yield func([]any, error) bool) {
		for _, n := range numbers {
			seq++
			args = append(args[:0], seq, int64(n), int64(1), kind, c.Micros())
			if !yield(args, nil) {
				return
			}
		}
	})
	return err
}
