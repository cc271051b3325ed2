package mirror

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

const (
	keepEvery = 15 * time.Second
	keepAge   = 24 * time.Hour // an image with changes over it is built anew after this
	keepLeast = 10_000         // so many changes are nothing to build anew for
	keepShare = 100            // one in so many of the records
	keepPause = 10 * time.Minute
)

// kind names the job of building: each node builds its own image.
func (m *Mirror) kind() string { return "image." + m.c.Node }

// Serve says to the queue who builds. A build that was cut short begins anew.
func (m *Mirror) Serve() {
	m.c.Jobs.Handle(m.kind(), func(ctx context.Context, r *job.Run) ([]byte, error) {
		last := time.Time{}
		err := m.Build(ctx, func(done, total int64) {
			if now := time.Now(); now.Sub(last) > time.Second {
				last = now
				_ = r.Step(ctx, done, total, nil) // it ends ctx if the job is not ours any more
			}
		})
		if err != nil {
			return nil, err
		}
		s, _, err := m.Position(ctx)
		if err != nil {
			return nil, err
		}
		n := int64(s.Records)
		return fmt.Appendf(nil, `{"persons":%d,"bytes":%d,"change":%d}`, n, s.Bytes, s.Image.Change), r.Step(ctx, 2*n, 2*n, nil)
	})
}

// Order enqueues the building of a new image and gives the job's number.
func (m *Mirror) Order(ctx context.Context, by journal.Actor) (id int64, err error) {
	err = m.c.Register.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = job.Enqueue(tx, by, m.kind(), nil, m.c.Clock())
		return err
	})
	return id, err
}

// Keep has the image built anew when it is due, until ctx ends.
func (m *Mirror) Keep(ctx context.Context) error {
	by := journal.Actor{Role: register.System, ID: "mirror"}
	var id int64 // of the job that was ordered
	var failed time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(keepEvery):
		}
		if id != 0 {
			j, found, err := m.c.Jobs.ByID(ctx, id)
			if err != nil || found && !j.State.Ended() {
				continue
			}
			if id = 0; found && j.State != job.Done {
				failed = time.Now()
			}
		}
		due, err := m.due(ctx)
		if err == nil && due && time.Since(failed) > keepPause {
			id, err = m.Order(ctx, by)
		}
		if err != nil && ctx.Err() == nil {
			m.c.Logger.Warn("the register's image is not kept; trying again", "error", err)
		}
	}
}

// due reports whether a new image is worth its while. Without any, nobody has
// needed one yet.
func (m *Mirror) due(ctx context.Context) (bool, error) {
	head, err := m.c.Persons.ChangeHead(ctx)
	if err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.adopt(ctx); err != nil {
		return false, err
	}
	if m.image == nil {
		_, err := os.Stat(m.path)
		return err == nil, nil // there is one, and it does not fit any more
	}
	since := head - m.image.note.Position.Change
	limit := max(keepLeast, int64(m.image.Len()/keepShare))
	return since > limit || since > 0 && m.c.Clock().Sub(m.image.note.Made) > keepAge, nil
}
