package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Roles of those who act on the registers, as journal.Actor names them. Who is
// in which role the agency register knows: clerks and supervisors belong to
// the registry, the others to the bodies they are named after.
const (
	Clerk        = "clerk"        // of a registry office: proposes, and does what one person may
	Supervisor   = "supervisor"   // of the registry: approves what a clerk proposed, and does all a clerk does
	Post         = "post"         // of the Post: places, postal codes, delivery
	Municipality = "municipality" // of a municipality or district governor: plates, monthly reports
	Printer      = "printer"      // of the house that personalises cards and prints letters
	Member       = "member"       // of the board, for one of its four bodies
	Inspector    = "inspector"    // draws samples, judges what agencies show, hears reports of citizens
	Citizen      = "citizen"      // the person concerned, by a code from a letter
	Operator     = "operator"     // of the machine, at its command line
	System       = "system"       // the program itself, in later work
)

// roleKey and a role are the key of the role's name.
const roleKey = "register.role."

// Only refuses an actor who is in none of the roles, and says which they are:
// those that a person can have.
func Only(a journal.Actor, roles ...string) error {
	if slices.Contains(roles, a.Role) {
		return nil
	}
	var named []string
	for _, role := range roles {
		if role != Operator && role != System {
			named = append(named, "["+roleKey+role+"]")
		}
	}
	return fault.New(fault.Forbidden, "register.role", strings.Join(named, " "))
}

// Grounds is what an act rests on. Every act of staff states it.
type Grounds struct {
	Reason   string `json:"reason"`   // code word, such as court-order
	Document string `json:"document"` // number and date of the paper that proves it
}

const maxDocument = 200 // bytes

// Check refuses grounds that say nothing, and cleans the document's text.
func (g *Grounds) Check() (err error) {
	if !codeWord(g.Reason) {
		return fault.New(fault.Invalid, "register.reason").At("reason")
	}
	if g.Document == "" || len(g.Document) > maxDocument {
		return fault.New(fault.Invalid, "register.document").At("document")
	}
	if g.Document, err = persian.Display(g.Document); err != nil {
		return fault.Of(err).At("document")
	}
	return nil
}

// codeWord reports whether s is lower-case Latin letters, digits and dashes,
// at most 40, beginning with a letter.
func codeWord(s string) bool {
	if s == "" || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.') {
			return false
		}
	}
	return true
}

// DoAll performs many acts in one transaction: all of them or none. Each has
// its own entry in the log. change is called for each in order, and on
// PostgreSQL all of it may run more than once.
func DoAll(ctx context.Context, db *store.DB, j *journal.Journal, acts []Act, change func(tx *store.Tx, i int, c *Change) ([]byte, error)) ([]journal.Proven, error) {
	made, err := PostAll(ctx, db, j, acts, change)
	if err != nil {
		return nil, err
	}
	return j.SettleAll(ctx, made)
}

// PostAll is DoAll for who waits for the log later, with SettleAll: the acts
// are done, and their entries are on their way.
func PostAll(ctx context.Context, db *store.DB, j *journal.Journal, acts []Act, change func(tx *store.Tx, i int, c *Change) ([]byte, error)) ([]journal.ActID, error) {
	made := make([]journal.ActID, len(acts))
	for i := range made {
		made[i] = j.NewAct()
	}
	err := db.Write(ctx, func(tx *store.Tx) error {
		for i := range acts {
			if err := acts[i].post(tx, made[i], func(tx *store.Tx, c *Change) ([]byte, error) { return change(tx, i, c) }); err != nil {
				return err
			}
		}
		return nil
	})
	return made, certain(ctx, j, made[:min(1, len(made))], err)
}

// Read performs an act that only reads. What look found is to be handed out when
// Read returns: then the entry that it was read is in the log. look may run more
// than once.
func Read(ctx context.Context, db *store.DB, j *journal.Journal, a Act, look func(*store.Tx) ([]byte, error)) (journal.Proven, error) {
	var body []byte
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		body, err = look(tx)
		return err
	})
	if err != nil {
		return journal.Proven{}, err
	}
	return j.Commit(ctx, a.entry(body))
}

// certain finds out whether a transaction stands whose connection broke during
// the commit: its first act tells for all.
func certain(ctx context.Context, j *journal.Journal, acts []journal.ActID, err error) error {
	if len(acts) == 0 || err == nil || fault.Of(err).Key != "store.unknown" {
		return err
	}
	if stands, failed := j.Posted(ctx, acts[0]); failed == nil && stands {
		return nil
	}
	return err
}

// post runs the change of one act and puts its entry into the outbox.
func (a *Act) post(tx *store.Tx, act journal.ActID, change func(*store.Tx, *Change) ([]byte, error)) error {
	now := a.Clock
	if now == nil {
		now = time.Now
	}
	c := Change{Actor: a.Actor, Why: a.Why, At: now().Truncate(time.Microsecond), Act: act}
	done, err := change(tx, &c)
	if err != nil {
		return err
	}
	return journal.Post(tx, act, a.entry(done))
}

// entry is what the log says of the act: who, why, and the members of done.
func (a *Act) entry(done []byte) journal.Entry {
	return journal.Entry{Kind: a.Kind, Body: append(a.head(), done...), Subject: a.Subject, Agency: a.Agency}
}
