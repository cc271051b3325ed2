package feed

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// WebhookState is whether an address is called.
type WebhookState uint8

// The states; rows store these numbers.
const (
	Active   WebhookState = 1
	Disabled WebhookState = 2 // after failures, until it is set anew
)

// MarshalText is the state's name.
func (s WebhookState) MarshalText() ([]byte, error) {
	return []byte([...]string{Active: "active", Disabled: "disabled"}[s]), nil
}

// A call that fails is tried again after 5 s, then after twice as long each time,
// up to 6 h; each wait is between half and all of that, so that many that failed
// together do not come back together. After three days it is given up and the
// webhook is disabled.
const (
	firstWait = 5 * time.Second
	mostWait  = 6 * time.Hour
	giveUp    = 72 * time.Hour
	claimFor  = time.Minute // a node that dies while it calls loses its claim after this
)

// Webhook is where an agency wants to be told that its feed has something new.
type Webhook struct {
	Agency   ids.LegalID  `json:"-"`
	URL      string       `json:"url"`
	State    WebhookState `json:"state"`
	Told     int64        `json:"told"`              // the last event that it was told of
	Attempts int          `json:"attempts"`          // failed since the last success
	Failing  time.Time    `json:"failing,omitzero"`  // since when
	Due      time.Time    `json:"due,omitzero"`      // the next try, of one that fails
	Fault    string       `json:"fault,omitempty"`   // key of the last failure
	Officer  string       `json:"officer,omitempty"` // who set it; absent: the agency's program
	Made     time.Time    `json:"made"`
}

func scanWebhook(scan func(...any) error) (w Webhook, err error) {
	var agency, state, failing, due, made int64
	err = scan(&agency, &w.URL, &state, &w.Told, &w.Attempts, &failing, &due, &w.Fault, &w.Officer, &made)
	w.Agency, w.State, w.Made = ids.LegalID(agency), WebhookState(state), time.UnixMicro(made).UTC()
	if failing != 0 {
		w.Failing = time.UnixMicro(failing).UTC()
	}
	if due != 0 {
		w.Due = time.UnixMicro(due).UTC()
	}
	return w, err
}

// Dead is a call that was given up.
type Dead struct {
	At       time.Time `json:"at"`
	URL      string    `json:"url"`
	Last     int64     `json:"last"` // the event that it would have told
	Attempts int       `json:"attempts"`
	Fault    string    `json:"fault"`
}

// Address is what an agency registers.
type Address struct {
	URL string `json:"url"`
}

// SetWebhook registers the agency's address, in place of the one before. It is
// called from the present event on.
func (b *Book) SetWebhook(ctx context.Context, actor journal.Actor, in *Address) (*Webhook, journal.Proven, error) {
	if err := b.Caller.check(ctx, in.URL); err != nil {
		return nil, journal.Proven{}, err
	}
	officer := actor.ID
	if actor.Role == Program {
		officer = ""
	}
	w := &Webhook{Agency: actor.Agency, URL: in.URL, State: Active, Officer: officer}
	proven, err := register.Do(ctx, b.db, b.journal, b.act(receipt.Follow, actor, "webhook", 0), func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if w.Told, err = ready(tx, w.Agency); err != nil {
			return nil, err
		}
		w.Made = c.At.UTC()
		_, err = tx.Exec(webhookPut, int64(w.Agency), w.URL, int64(w.State), w.Told, 0, int64(0), int64(0), "", officer, c.Micros())
		return append(receipt.AppendString([]byte(`"webhook":{"url":`), w.URL), '}'), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return w, proven, nil
}

var errWebhook = fault.New(fault.NotFound, "feed.webhook.none")

// EndWebhook forgets the agency's address.
func (b *Book) EndWebhook(ctx context.Context, actor journal.Actor) (journal.Proven, error) {
	return register.Do(ctx, b.db, b.journal, b.act(receipt.Follow, actor, "webhook", 0), func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		rows, err := tx.Exec(webhookDelete, int64(actor.Agency))
		if err == nil && rows == 0 {
			err = errWebhook
		}
		return []byte(`"webhook":{}`), err
	})
}

// Webhook is the agency's address, nil if it has none, and its calls that were
// given up, the newest first.
func (b *Book) Webhook(ctx context.Context, agency ids.LegalID) (w *Webhook, dead []Dead, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		w, dead = nil, []Dead{}
		if err := tx.Each(webhookOf, []any{int64(agency)}, func(scan func(...any) error) error {
			one, err := scanWebhook(scan)
			w = &one
			return err
		}); err != nil {
			return err
		}
		return tx.Each(deadOf, []any{int64(agency)}, func(scan func(...any) error) error {
			var d Dead
			var at int64
			err := scan(&at, &d.URL, &d.Last, &d.Attempts, &d.Fault)
			d.At = time.UnixMicro(at).UTC()
			dead = append(dead, d)
			return err
		})
	})
	return w, dead, err
}

// Test calls the agency's address now, with "test" in the body, and tells how it
// went. It changes nothing.
func (b *Book) Test(ctx context.Context, agency ids.LegalID) error {
	w, _, err := b.Webhook(ctx, agency)
	switch {
	case err != nil:
		return err
	case w == nil:
		return errWebhook
	}
	return b.call(ctx, w, w.Told, true)
}

// call tells the address up to which number the feed can be read. Nothing else
// is said: an address that was given wrongly learns nothing of anybody.
func (b *Book) call(ctx context.Context, w *Webhook, last int64, test bool) error {
	body := append([]byte(`{"agency":"`), w.Agency.String()...)
	body = strconv.AppendInt(append(body, `","last":`...), last, 10)
	body = strconv.AppendBool(append(body, `,"test":`...), test)
	id := w.Agency.String() + "-" + strconv.FormatInt(last, 10)
	if test {
		id += "-test"
	}
	return b.Caller.call(ctx, w.URL, id, append(body, "}\n"...), b.Clock())
}

// Ring calls the addresses of all feeds that have something new, side by side.
func (b *Book) Ring(ctx context.Context) error {
	var due []Webhook
	var last []int64
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		due, last = due[:0], last[:0]
		var all []Webhook
		if err := tx.Each(webhooksDue, []any{b.Clock().UnixMicro()}, func(scan func(...any) error) error {
			w, err := scanWebhook(scan)
			all = append(all, w)
			return err
		}); err != nil {
			return err
		}
		for _, w := range all {
			n, err := ready(tx, w.Agency)
			if err != nil {
				return err
			}
			if n > w.Told {
				due, last = append(due, w), append(last, n)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	failed := make(chan error, len(due))
	slots := make(chan struct{}, 16)
	for i := range due {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			failed <- b.ring(ctx, &due[i], last[i])
		}()
	}
	for range due {
		err = errors.Join(err, <-failed)
	}
	return err
}

// ring claims one address, so that no other node calls it too, calls it, and
// writes how it went. A crash between them costs a call more.
func (b *Book) ring(ctx context.Context, w *Webhook, last int64) error {
	due, claimed := int64(0), b.Clock().Add(claimFor).UnixMicro()
	if !w.Due.IsZero() {
		due = w.Due.UnixMicro()
	}
	var rows int64
	if err := b.db.Write(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Exec(webhookClaim, claimed, int64(w.Agency), due, w.Made.UnixMicro())
		return err
	}); err != nil || rows == 0 {
		return err
	}
	failed := b.call(ctx, w, last, false)
	if ctx.Err() != nil {
		return nil // the claim ends by itself
	}
	now := b.Clock()
	w.after(failed, last, now)
	if w.State == Disabled {
		b.Logger.Warn("a webhook is disabled: its calls have failed", "agency", w.Agency.String(), "attempts", w.Attempts, "fault", w.Fault)
	}
	return b.db.Write(ctx, func(tx *store.Tx) error {
		var failing, due int64
		if !w.Failing.IsZero() {
			failing, due = w.Failing.UnixMicro(), w.Due.UnixMicro()
		}
		rows, err := tx.Exec(webhookEnd, int64(w.State), w.Told, w.Attempts, failing, due, w.Fault, int64(w.Agency), claimed, w.Made.UnixMicro())
		if err == nil && rows == 1 && w.State == Disabled {
			_, err = tx.Exec(deadInsert, int64(w.Agency), now.UnixMicro(), w.URL, last, w.Attempts, w.Fault)
		}
		return err
	})
}

// after is how the webhook stands after a call.
func (w *Webhook) after(failed error, last int64, now time.Time) {
	if failed == nil {
		w.Told, w.Attempts, w.Failing, w.Due, w.Fault = last, 0, time.Time{}, time.Time{}, ""
		return
	}
	if w.Failing.IsZero() {
		w.Failing = now
	}
	w.Fault = fault.Of(failed).Key
	if now.Sub(w.Failing) >= giveUp || errors.Is(failed, errGone) {
		w.State = Disabled
	}
	wait := min(firstWait<<min(w.Attempts, 20), mostWait)
	w.Attempts++
	w.Due = now.Add(wait/2 + rand.N(wait/2+1))
}
