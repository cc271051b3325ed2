package journal

import (
	"context"
	"hash/maphash"
	"slices"
	"sort"

	"github.com/estelam/estelam/internal/store"
)

// ListedUpTo tells, by origin, up to which size of each log the lists by person,
// by agency and by officer are complete: an entry below it is in them. Of logs that other
// nodes write it is what their projections have come to.
func (j *Journal) ListedUpTo(ctx context.Context) (map[string]int64, error) {
	upTo := map[string]int64{}
	err := j.projection.Read(ctx, func(tx *store.Tx) error {
		clear(upTo)
		for i := range j.logs {
			l := j.logs[i].Load()
			if l == nil {
				continue
			}
			size := l.size.Load() // before the tail is asked, which has all below it
			if l.node != j.config.Node {
				size = 0
				if _, err := tx.One(readDone, []any{l.number}, &size); err != nil {
					return err
				}
			}
			upTo[l.origin] = size
		}
		return nil
	})
	return upTo, err
}

// FsckLists holds the lists by person, agency and officer against the logs: every
// entry that is about somebody is in his list, and nothing else is. Who is told
// who asked about him is told it from these lists, so that one that lacks an
// entry would hide an inquiry.
//
// Both sides are added up in blocks of positions; a block whose sums differ is
// read again, entry by entry. Entries whose private part is purged are in no
// list, and those that the projections have not come to yet are not looked at.
func FsckLists(ctx context.Context, url string) (*ListReport, error) {
	db, err := store.Open(ctx, url, store.Journal)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	projections, err := store.Open(ctx, url, store.Projection)
	if err != nil {
		return nil, err
	}
	defer func() { _ = projections.Close() }()
	r := &ListReport{}
	// The snapshot of the projections is the older one: what they have is in
	// the logs.
	err = projections.Read(ctx, func(lists *store.Tx) error {
		c := &listChecker{report: r, lists: lists, seed: maphash.MakeSeed(), done: map[int64]int64{}}
		var newest int64
		if _, err := lists.One(newestRun, nil, &newest); err != nil { // takes the snapshot
			return err
		}
		return db.Read(ctx, c.run)
	})
	return r, err
}

// ListReport is what FsckLists has found.
type ListReport struct {
	Persons, Agencies, Officers int64   // entries in the lists by each
	Faults                      []Fault // an entry missing in a list, or in one where it does not belong
	More                        int64   // faults beyond those listed
}

func (r *ListReport) fault(log int, index int64, what string) {
	if len(r.Faults) >= maxFaults {
		r.More++
		return
	}
	r.Faults = append(r.Faults, Fault{log, index, what})
}

// listBlock is how many positions are added up together.
const listBlock = 1 << 14

// listSum is what a block of one list adds up to, the same in any order.
type listSum struct {
	n   int64
	sum uint64
}

// checkedLists are the lists that people read.
var checkedLists = []int{listPerson, listAgency, listOfficer}

type blockKey struct {
	list  int
	block int64 // position / listBlock
}

type listChecker struct {
	report *ListReport
	lists  *store.Tx
	seed   maphash.Seed // of this run: nobody can make two lists with one sum
	logs   []*log
	done   map[int64]int64 // by log: what the projections have come to
	purged [][2]int64      // positions whose private part is gone, in order: from, to
	sums   map[blockKey]listSum
}

func (c *listChecker) run(tx *store.Tx) error {
	if err := c.begin(tx); err != nil {
		return err
	}
	for _, l := range c.logs {
		if err := c.walk(tx, l, 0, c.done[int64(l.number)], func(list int, i item) { c.add(list, i, 1) }); err != nil {
			return err
		}
	}
	for _, list := range checkedLists {
		if err := c.each(list, func(i item) { c.add(list, i, -1) }); err != nil {
			return err
		}
	}
	return c.look(tx)
}

// begin reads which logs there are and how far the projections have come.
func (c *listChecker) begin(tx *store.Tx) error {
	c.sums = map[blockKey]listSum{}
	err := tx.Each(listLogs, nil, func(scan func(...any) error) error {
		l, closed, final := &log{}, int64(0), ""
		err := scan(&l.number, &l.origin, &l.path, &l.node, &l.year, &l.vkey, &l.codeEpoch, &l.epoch, &closed, &final)
		c.logs = append(c.logs, l)
		return err
	})
	for _, l := range c.logs {
		if err != nil {
			break
		}
		size := int64(0)
		_, err = c.lists.One(readDone, []any{l.number}, &size)
		c.done[int64(l.number)] = size
	}
	return err
}

// walk gives the items that the lists should have for a part of a log.
func (c *listChecker) walk(tx *store.Tx, l *log, from, to int64, f func(list int, i item)) error {
	start := int64(0)
	if _, err := tx.One(startOf, []any{l.base() + from}, &start); err != nil {
		return err
	}
	for next := max(start, l.base()) - l.base(); next < to; {
		before := next
		err := eachBatch(tx, l, next, 64, func(b *stored) error {
			next = b.end()
			return c.batch(l, b, from, to, f)
		})
		if err != nil {
			return err
		}
		if next == before {
			c.report.fault(l.number, next, "the lists have come further than the log")
			return nil
		}
	}
	return nil
}

func (c *listChecker) batch(l *log, b *stored, from, to int64, f func(list int, i item)) error {
	if b.private == nil {
		c.gone(l.base()+b.first, l.base()+b.end())
		return nil
	}
	p, err := parsePrivate(b.private, b.n)
	if err != nil {
		return altered("log %d, batch %d: %w", l.number, b.first, err)
	}
	for i := range b.n {
		index := b.first + int64(i)
		if index < from || index >= to {
			continue
		}
		m, _, err := parseMeta(p.item(i))
		if err != nil {
			return altered("log %d, entry %d: %w", l.number, index, err)
		}
		if m.subject != 0 {
			f(listPerson, item{int64(m.subject), b.time, l.base() + index})
		}
		if m.agency != 0 {
			f(listAgency, item{int64(m.agency), b.time, l.base() + index})
		}
		if m.officer != 0 {
			f(listOfficer, item{int64(m.officer), b.time, l.base() + index})
		}
	}
	return nil
}

// gone remembers a purged part. It is asked for in the order of positions, and
// again when a block is looked at more closely.
func (c *listChecker) gone(from, to int64) {
	switch n := len(c.purged); {
	case n > 0 && c.purged[n-1][1] >= to:
	case n > 0 && c.purged[n-1][1] == from:
		c.purged[n-1][1] = to
	default:
		c.purged = append(c.purged, [2]int64{from, to})
	}
}

func (c *listChecker) isGone(position int64) bool {
	i := sort.Search(len(c.purged), func(i int) bool { return c.purged[i][1] > position })
	return i < len(c.purged) && c.purged[i][0] <= position
}

// each gives every item of a list.
func (c *listChecker) each(list int, f func(item)) error {
	var runs []int64
	err := c.lists.Each(listRuns, []any{list}, func(scan func(...any) error) error {
		var number, skip int64
		err := scan(&number, &skip, &skip)
		runs = append(runs, number)
		return err
	})
	for _, number := range runs {
		r := newReader(c.lists, number)
		for err == nil {
			if err = r.next(); err != nil || r.done {
				break
			}
			f(r.item)
		}
	}
	return err
}

// add counts an item once for the log and once against the list.
func (c *listChecker) add(list int, i item, side int64) {
	if side < 0 {
		switch list {
		case listPerson:
			c.report.Persons++
		case listAgency:
			c.report.Agencies++
		default:
			c.report.Officers++
		}
		if c.isGone(i.position) {
			return // the records go after the lists: a crash between leaves these
		}
	}
	at := blockKey{list, i.position / listBlock}
	s := c.sums[at]
	s.n += side
	s.sum += uint64(side) * maphash.Bytes(c.seed, i.append(nil))
	if s == (listSum{}) {
		delete(c.sums, at)
		return
	}
	c.sums[at] = s
}

// look compares the blocks that differ entry by entry.
func (c *listChecker) look(tx *store.Tx) error {
	if len(c.sums) == 0 {
		return nil
	}
	differ := map[blockKey]bool{}
	for at := range c.sums {
		differ[at] = true
	}
	open := map[item]int{} // times in the log less times in the list
	for _, list := range checkedLists {
		clear(open)
		for _, l := range c.logs {
			err := c.walk(tx, l, 0, c.done[int64(l.number)], func(of int, i item) {
				if of == list && differ[blockKey{list, i.position / listBlock}] {
					open[i]++
				}
			})
			if err != nil {
				return err
			}
		}
		err := c.each(list, func(i item) {
			if differ[blockKey{list, i.position / listBlock}] && !c.isGone(i.position) {
				if open[i]--; open[i] == 0 {
					delete(open, i)
				}
			}
		})
		if err != nil {
			return err
		}
		c.tell(list, open)
	}
	return nil
}

// tell says which entries are missing and which are too many.
func (c *listChecker) tell(list int, open map[item]int) {
	name := map[int]string{listPerson: "its person's list", listAgency: "its agency's list", listOfficer: "its officer's list"}[list]
	all := make([]item, 0, len(open))
	for i := range open {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b item) int { return int(a.position - b.position) })
	for _, i := range all {
		what := "is not in " + name
		if open[i] < 0 {
			what = "stands in a list where it does not belong, not " + name
		}
		c.report.fault(int(i.position/logSpan), i.position%logSpan, what)
	}
}
