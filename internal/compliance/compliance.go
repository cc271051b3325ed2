// Package compliance shows what agencies have done of the law, and evaluates
// them once a year.
//
//   - Items (item.go): what the bylaw of 1378 asks of each agency without the
//     program doing it for them: articles 4, 6, 8, 10, 11 and 12. The highest
//     officer declares it with a paper, an inspector accepts or returns it, and
//     beside both stands what the program itself has counted (evidence.go).
//   - Conversion tables (conversion.go): an agency's own place codes and the
//     postal codes that replace them (article 8).
//   - The annual evaluation (evaluation.go; circular of 1399, article 3).
//
// An evaluation goes like this:
//
//  1. An inspector has it computed for a Jalali year. Each noun gives its
//     figures (source.go), each agency's are added up over the agencies under
//     it, over its province and over the country, and the published formula
//     (formula.json, with the board's weights) makes points of them. What is
//     missing is said to be missing and earns nothing; nothing is invented.
//  2. For thirty days the highest officer of an agency may appeal against a
//     criterion. Another inspector, or a member of the board, decides; what he
//     corrects makes a new version of all that depends on it.
//  3. An inspector freezes it. The entry of that act holds the SHA-256 of every
//     figure; with each reading the rows are held against it, so nobody can
//     change one unnoticed.
//
// A crash before the commit of a step leaves nothing of it, one after it all.
package compliance

import (
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/usage"
)

// Config names what a Book stands on. All of it is needed but the clock; the
// figures of a source that is not there are missing.
type Config struct {
	DB         *store.DB
	Agencies   *agency.Book
	Agreements *agreement.Book
	Places     *place.Book
	Quality    *quality.Book
	Processes  *process.Book
	Usage      *usage.Book
	Sources    map[string]Source // the other nouns that give figures, by their names in figures.go
	Board      *board.Book       // decides the weights of the evaluation, and when the law entered into force
	Clock      func() time.Time  // nil: time.Now
}

// Book keeps items, conversion tables and evaluations. It is safe for
// concurrent use.
type Book struct {
	c Config
}

// Open makes a Book, which from then on obeys the board's decisions on weights.
func Open(c Config) *Book {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.Board.Obey(effectWeights, checkWeights, nil)
	return &Book{c: c}
}

// Who may see what of all agencies; the officers of an agency see what is its
// own.
var (
	watchers = []string{register.Inspector, register.Supervisor, register.Member}
	inside   = []string{agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer}
	everyone = append(append([]string{}, inside...), watchers...)
)

func watches(a journal.Actor) bool { return register.Only(a, watchers...) == nil }

// seen is the agency that an actor asks about: his own, unless he watches all.
// To others another agency is not there.
func (b *Book) seen(a journal.Actor, of ids.LegalID) (ids.LegalID, error) {
	if err := register.Only(a, everyone...); err != nil {
		return 0, err
	}
	if !watches(a) {
		if of != 0 && of != a.Agency {
			return 0, fault.New(fault.NotFound, "compliance.unknown").At("agency")
		}
		return a.Agency, nil
	}
	if of != 0 {
		if _, err := b.c.Agencies.ByID(of); err != nil {
			return 0, fault.Of(err).At("agency")
		}
	}
	return of, nil
}
