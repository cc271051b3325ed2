package journal

import (
	"context"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/store"
)

// project builds the projections behind the commit, in sorted bulk.
func (j *Journal) project() {
	defer j.tail.release()
	tick := time.NewTicker(projectTick)
	defer tick.Stop()
	for last := false; ; {
		if err := j.projectOnce(j.ctx2()); err != nil {
			j.logger.Warn("the projections cannot be written; trying again", "error", err)
		}
		j.tail.drop(time.Now())
		if last {
			return
		}
		select {
		case <-j.ctx.Done():
			last = true // what is in the tail now is a little less work at the next start
		case <-j.tail.full:
		case <-tick.C:
		}
	}
}

// projectOnce takes what is pending into the projections, in one transaction
// with how far they have come: a crash leaves all of it or nothing, and the
// next start begins where done says.
func (j *Journal) projectOnce(ctx context.Context) error {
	rows, keys := j.tail.pending()
	if len(rows) == 0 {
		return nil
	}
	p := projected(rows, keys)
	p.node = j.node
	err := j.projection.Write(ctx, p.write)
	if err == nil {
		for _, i := range p.lists[listKey] {
			j.filter.add(i.key) // before the tail lets go of it
		}
		j.tail.projected(len(rows), len(keys))
	}
	return err
}

// loadFilter adds every key that the projections have to the filter.
func (j *Journal) loadFilter(ctx context.Context) error {
	if j.db.Engine() != store.SQLite {
		return nil // other nodes' keys come into the projections unseen by us
	}
	return j.projection.Read(ctx, func(tx *store.Tx) error {
		var runs []int64
		err := tx.Each(listRuns, []any{listKey}, func(scan func(...any) error) error {
			var number, skip int64
			err := scan(&number, &skip, &skip)
			runs = append(runs, number)
			return err
		})
		for _, number := range runs {
			r := newReader(tx, number)
			for err == nil {
				if err = r.next(); r.done {
					break
				}
				j.filter.add(r.item.key)
			}
		}
		return err
	})
}

// projection is pending entries in the order in which each table wants them.
type projection struct {
	node  int64
	lists [listOfficer + 1][]item
	used  []count
	done  map[int64]int64 // size by log
}

type count struct {
	day    int32
	bucket uint64
	log    int64
	n      int64
}

func projected(rows []row, keys []keyed) *projection {
	p := &projection{done: map[int64]int64{}}
	used := map[count]int64{}
	day, until := int32(0), int64(-1) // the day of times below until
	for _, r := range rows {
		if r.time >= until {
			day = dayOf(r.time)
			until = r.time - r.time%1e6 + 1e6 // days begin at full seconds
		}
		if r.person != 0 {
			p.lists[listPerson] = append(p.lists[listPerson], item{int64(r.person), r.time, r.position})
		}
		if r.agency != 0 {
			p.lists[listAgency] = append(p.lists[listAgency], item{int64(r.agency), r.time, r.position})
		}
		if r.officer != 0 {
			p.lists[listOfficer] = append(p.lists[listOfficer], item{int64(r.officer), r.time, r.position})
		}
		if r.bucket != 0 {
			used[count{day: day, bucket: r.bucket, log: r.position / logSpan}]++
		}
		p.done[r.position/logSpan] = r.position%logSpan + 1
	}
	for c, n := range used {
		c.n = n
		p.used = append(p.used, c)
	}
	for _, k := range keys {
		p.lists[listKey] = append(p.lists[listKey], item{shortKey(k.key), k.time, k.position})
	}
	for _, list := range p.lists {
		slices.SortFunc(list, item.compare)
	}
	return p
}

func (p *projection) write(tx *store.Tx) error {
	for list, items := range p.lists {
		if err := addRun(tx, p.node, list, items); err != nil {
			return err
		}
	}
	for _, c := range p.used {
		if _, err := tx.Exec(addUsed, c.day, int64(c.bucket), c.log, c.n); err != nil {
			return err
		}
	}
	for log, size := range p.done {
		if _, err := tx.Exec(writeDone, log, size); err != nil {
			return err
		}
	}
	return nil
}
