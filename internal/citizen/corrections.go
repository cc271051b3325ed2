package citizen

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/receipt"
)

// Corrections is who had been told a wrong value of the person, and was told
// so, newest first.
type Corrections struct {
	Corrections []Notice        `json:"corrections"`
	Words       map[string]Word `json:"words"`
}

// Notice is one that was sent.
type Notice struct {
	Code         ids.TrackingCode   `json:"tracking_code"`
	Time         time.Time          `json:"time"`
	Agency       *Party             `json:"agency"`
	Fields       []string           `json:"fields"` // in which it had been told something wrong
	Answers      int64              `json:"answers"`
	Of           []ids.TrackingCode `json:"of"`                    // those answers, as far as they are listed
	Acknowledged time.Time          `json:"acknowledged,omitzero"` // the agency says that it has put it right
}

// mostNotices bounds what is told at once.
const mostNotices = 1000

// Corrections lists the notices that were sent to agencies about the person.
// That he reads it is an entry too.
func (b *Book) Corrections(ctx context.Context, j *journal.Journal, who *Who) (*Corrections, journal.Proven, error) {
	s, err := b.survey(ctx, j, who.Number)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out := &Corrections{Corrections: []Notice{}, Words: map[string]Word{}}
	done := map[int64]time.Time{} // by correction; newer entries come first
	err = each(ctx, j, who.Number, journal.Cursor{}, func(e *journal.Listed) (bool, error) {
		if e.Kind != receipt.CorrectionNotice || s.fates[e.Code] != shown {
			return true, nil
		}
		r, err := read(e.Record)
		if err != nil {
			return false, err
		}
		var id int64
		if r.get("acknowledged", &id); id != 0 {
			done[id] = e.Time
			return true, nil
		}
		var c struct {
			ID      int64              `json:"id"`
			Answers int64              `json:"answers"`
			Items   []string           `json:"items"`
			Of      []ids.TrackingCode `json:"of"`
		}
		r.get("correction", &c)
		out.Corrections = append(out.Corrections, Notice{
			Code: e.Code, Time: e.Time, Agency: b.named(r.agency()),
			Fields: c.Items, Answers: c.Answers, Of: c.Of, Acknowledged: done[c.ID],
		})
		(&Asking{Fields: c.Items}).explain(out.Words)
		return len(out.Corrections) < mostNotices, nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	proven, err := b.note(ctx, j, who, "corrections")
	return out, proven, err
}

// Sees finds out whether the person is told of an entry: what he disputes must
// be one. To him, all others are not there.
func (b *Book) Sees(ctx context.Context, j *journal.Journal, who *Who, code ids.TrackingCode) (bool, error) {
	s, err := b.survey(ctx, j, who.Number)
	return err == nil && s.fates[code] == shown, err
}
