// Package exception records the two exceptions to "no copies" that the circular
// of 1399/12/09 leaves: a copy that an agency makes itself, free of charge,
// because the service failed, there is none, or a law demands the copy; and the
// outage ticket, a signed provisional code that an agency's own client issues
// while the service cannot be reached, and that a real inquiry completes.
//
// A copy is recorded with its reason, the law that is cited, and the day by which
// it is destroyed. Its destruction is recorded too, and what is overdue is listed.
//
// A ticket is worth what can be checked of it. The server takes it if
//
//  1. its form has the one spelling there is (client.ParseTicket);
//  2. it is signed with the key of a certificate that the registry gave the
//     agency and that counted at that moment;
//  3. it is the next of the certificate's chain: none was dropped;
//  4. it is not from the future.
//
// One that is too old is taken into the chain, for those behind it rest on it,
// but as late: it stays unresolved. Then the log is looked at: if the service
// answered this agency's inquiries just before and just after, the ticket is
// flagged for the inspectors. It is completed by naming the tracking code of the
// agency's own inquiry about the same matter; the salt that comes along opens
// the ticket's hash and shows that it is the same person.
package exception

import (
	"context"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Config names what a Book stands on.
type Config struct {
	DB        *store.DB
	Journal   *journal.Journal
	Agencies  *agency.Book
	Processes *process.Book
	Clock     func() time.Time // nil: time.Now
}

// Book records copies and tickets. It is safe for concurrent use.
type Book struct {
	Config
	Within time.Duration // of being issued a ticket is handed in, and within as much again it is completed; set before use
}

// within is the usual time: three days.
const within = 72 * time.Hour

// Open makes a Book.
func Open(c Config) *Book {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Book{Config: c, Within: within}
}

// Program is the role of an agency's program, which has no officer.
const Program = "program"

var (
	recorders = []string{agency.RoleOfficer, agency.RoleHead}
	overseers = []string{register.Supervisor, register.Member, register.Inspector}
)

// whose is whose rows an actor may list: an agency's officer those of his own
// agency alone; 0 is all.
func whose(actor journal.Actor, wanted ids.LegalID, own []string) (ids.LegalID, error) {
	if slices.Contains(own, actor.Role) {
		if wanted != 0 && wanted != actor.Agency {
			return 0, fault.New(fault.NotFound, "exception.agency").At("agency")
		}
		return actor.Agency, nil
	}
	return wanted, register.Only(actor, append(slices.Clone(own), overseers...)...)
}

// Bounds of lists.
const (
	usual = 100
	most  = 1000
)

func limited(limit int) (int, error) {
	if limit == 0 {
		return usual, nil
	}
	if limit < 0 || limit > most {
		return 0, fault.New(fault.Invalid, "exception.limit").At("limit")
	}
	return limit, nil
}

// text cleans a text, which must be there and have at most so many bytes.
func text(s *string, field string, most int) error {
	clean, err := persian.Display(*s)
	if err == nil && clean == "" {
		err = fault.New(fault.Invalid, "exception.missing")
	}
	if err == nil && len(clean) > most {
		err = fault.New(fault.Invalid, "exception.long")
	}
	if err != nil {
		return fault.Of(err).At(field)
	}
	*s = clean
	return nil
}

func (b *Book) today() persian.Date { return persian.DateOf(b.Clock()) }

// Figures are an agency's exceptions of a time.
type Figures struct {
	Copies     int64 `json:"copies"`     // recorded
	Tickets    int64 `json:"tickets"`    // registered
	Completed  int64 `json:"completed"`  // of these
	Unresolved int64 `json:"unresolved"` // of these: late, or not completed in time
	Flagged    int64 `json:"flagged"`    // of these
}

// Figures counts what was recorded and registered from one moment until before
// another, as it stands at that other moment, or now if that is to come.
func (b *Book) Figures(ctx context.Context, from, until time.Time) (map[ids.LegalID]Figures, error) {
	if now := b.Clock(); until.After(now) {
		until = now
	}
	span := []any{from.UnixMicro(), until.UnixMicro()}
	all := map[ids.LegalID]Figures{}
	err := b.DB.Read(ctx, func(tx *store.Tx) error {
		clear(all)
		err := tx.Each(copyCount, span, func(scan func(...any) error) error {
			var of, n int64
			err := scan(&of, &n)
			all[ids.LegalID(of)] = Figures{Copies: n}
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(ticketBetween, span, func(scan func(...any) error) error {
			var of, state, flagged, due, completed int64
			err := scan(&of, &state, &flagged, &due, &completed)
			t := Ticket{State: State(state), Due: time.UnixMicro(due), Completed: time.UnixMicro(completed)}
			f := all[ids.LegalID(of)]
			f.Tickets++
			f.Flagged += flagged
			if t.completedBy(until) {
				f.Completed++
			}
			if t.unresolvedBy(until) {
				f.Unresolved++
			}
			all[ids.LegalID(of)] = f
			return err
		})
	})
	return all, err
}
