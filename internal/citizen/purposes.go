package citizen

import (
	"encoding/json"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// OpenPurposes is the effect of a decision of the board that says for which
// purposes the law leaves it to the person whether he may be asked about.
const OpenPurposes = "open-purposes"

type openPurposes struct {
	Purposes []string `json:"purposes"`
}

// mostPurposes is how many a decision may name.
const mostPurposes = 100

// Obey lets the board's decisions say which purposes are open.
func (b *Book) Obey(boards *board.Book) {
	boards.Obey(OpenPurposes, checkPurposes, nil)
	type known struct {
		decision int64
		open     []string
	}
	var last atomic.Pointer[known] // decisions do not change: each is read once
	b.Purposes = func(on persian.Date) []string {
		d, ok := boards.InForce(OpenPurposes, on)
		if !ok {
			return nil
		}
		if k := last.Load(); k != nil && k.decision == d.ID {
			return k.open
		}
		var p openPurposes
		_ = json.Unmarshal(d.Effect.Params, &p) // was checked when it was drafted
		last.Store(&known{d.ID, p.Purposes})
		return p.Purposes
	}
}

func checkPurposes(params json.RawMessage) error {
	var p openPurposes
	if err := board.Params(params, &p); err != nil {
		return err
	}
	var bad fault.List
	bad.When(len(p.Purposes) > mostPurposes, "purposes", "citizen.purposes")
	for i, purpose := range p.Purposes {
		bad.When(!ids.IsToken(purpose) || slices.Contains(p.Purposes[:i], purpose), "purposes."+strconv.Itoa(i), "citizen.purposes.word")
	}
	return bad.Err()
}
