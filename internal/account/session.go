package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// How long a session lasts, and what is kept of one.
const (
	Idle     = 30 * time.Minute
	Lifetime = 10 * time.Hour // a working day

	seenEvery   = time.Minute
	sessionMost = 20       // open ones of an officer; the oldest ends
	sessionData = 16 << 10 // bytes
	sessionKept = 30 * 24 * time.Hour
)

// Store keeps sessions in rows: they outlive a restart and can be ended from
// elsewhere. It is a store of package scs, with Codec; both hash no token, since
// the store does. A row has the token's hash, never the token: a copy of the
// database opens no session. A session without an officer is not kept: before
// the right password there is none, so strangers fill no table.
type Store struct{ b *Book }

// Store is the store of this book's sessions.
func (b *Book) Store() *Store { return &Store{b} }

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// FindCtx reads the data of a session that has not ended.
func (s *Store) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.b.db.Read(ctx, func(tx *store.Tx) error {
		var made, seen, ends, ended int64
		found, err = tx.One(sessionOne, []any{hashOf(token)}, &data, &made, &seen, &ends, &ended)
		found = found && ended == 0 && s.b.clock().UnixMicro() < ends
		return err
	})
	return data, found, err
}

// CommitCtx writes a session; how long it lasts from now on is said here and not
// by the caller. One whose data is as it was is written at most once
// a minute, to know when it was last used. One that was ended while a request was
// under way stays ended.
func (s *Store) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	if len(data) > sessionData {
		return fault.New(fault.Internal, "fault.internal").Because(errors.New("account: a session holds too much"))
	}
	_, values, err := Codec{}.Decode(data)
	if err != nil {
		return err
	}
	of, _ := values[valueAgency].(int64)
	w := Who{Agency: ids.LegalID(of)}
	w.Login, _ = values[valueLogin].(string)
	if w.Login == "" {
		return nil
	}
	method, _ := values[valueMethod].(string)
	device, _ := values[valueDevice].(string)
	now := s.b.clock()
	current := false
	err = s.b.db.Read(ctx, func(tx *store.Tx) error {
		var had []byte
		var made, seen, ends, ended int64
		found, err := tx.One(sessionOne, []any{hashOf(token)}, &had, &made, &seen, &ends, &ended)
		current = found && (ended != 0 || bytes.Equal(had, data) && now.Sub(store.Moment(seen)) < seenEvery)
		return err
	})
	if err != nil || current {
		return err
	}
	return s.b.db.Write(ctx, func(tx *store.Tx) error {
		return s.b.putSession(tx, w, hashOf(token), method, device, data, now)
	})
}

func (b *Book) putSession(tx *store.Tx, w Who, hash []byte, method, device string, data []byte, now time.Time) error {
	var had []byte
	var made, seen, ends, ended int64
	found, err := tx.One(sessionOne, []any{hash}, &had, &made, &seen, &ends, &ended)
	if err != nil || ended != 0 {
		return err
	}
	if found {
		ends = min(now.Add(Idle).UnixMicro(), store.Moment(made).Add(Lifetime).UnixMicro())
		_, err = tx.Exec(sessionUpdate, method, now.UnixMicro(), ends, data, hash)
		return err
	}
	if _, err := tx.Exec(sessionForget, now.Add(-sessionKept).UnixMicro()); err != nil {
		return err
	}
	open, err := openOnes(tx, w, now)
	if err != nil {
		return err
	}
	for i := sessionMost - 1; i < len(open); i++ {
		if _, err := tx.Exec(sessionEnd, now.UnixMicro(), []byte{}, open[i]); err != nil {
			return err
		}
	}
	_, err = tx.Exec(sessionInsert, hash, int64(w.Agency), w.Login, method, device, now.UnixMicro(), now.UnixMicro(), now.Add(Idle).UnixMicro(), data)
	return err
}

// DeleteCtx ends a session.
func (s *Store) DeleteCtx(ctx context.Context, token string) error {
	return s.b.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(sessionEnd, s.b.clock().UnixMicro(), []byte{}, hashOf(token))
		return err
	})
}

// Find is FindCtx of a program without a request.
func (s *Store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx of a program without a request.
func (s *Store) Commit(token string, data []byte, until time.Time) error {
	return s.CommitCtx(context.Background(), token, data, until)
}

// Delete is DeleteCtx of a program without a request.
func (s *Store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// Session is one as its officer sees it.
type Session struct {
	ID     string // the beginning of its token's hash
	Method string
	Device string
	Made   time.Time
	Seen   time.Time
	Ended  time.Time // zero: it is open
}

// SessionID is the id of the session with this token; "" for none.
func SessionID(token string) string {
	if token == "" {
		return ""
	}
	return hex.EncodeToString(hashOf(token)[:8])
}

// Sessions lists an officer's, newest first: the open ones, and those of the last
// thirty days. Half-done sign-ins are not among them.
func (b *Book) Sessions(ctx context.Context, w Who) (all []Session, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(sessionOf, w.args(), func(scan func(...any) error) error {
			var hash []byte
			var made, seen, ends, ended int64
			var s Session
			err := scan(&hash, &s.Method, &s.Device, &made, &seen, &ends, &ended)
			s.ID, s.Made, s.Seen, s.Ended = hex.EncodeToString(hash[:8]), store.Moment(made), store.Moment(seen), store.Moment(ended)
			if ended == 0 && ends <= b.clock().UnixMicro() {
				s.Ended = store.Moment(ends)
			}
			all = append(all, s)
			return err
		})
	})
	return all, err
}

// EndSession ends one of the officer's own sessions. Fault: account.session.
func (b *Book) EndSession(ctx context.Context, w Who, id string) error {
	none := fault.New(fault.NotFound, "account.session").At("session")
	return b.db.Write(ctx, func(tx *store.Tx) error {
		open, err := openOnes(tx, w, b.clock())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(open, func(hash []byte) bool { return hex.EncodeToString(hash[:8]) == id })
		if i < 0 {
			return none
		}
		_, err = tx.Exec(sessionEnd, b.clock().UnixMicro(), []byte{}, open[i])
		return err
	})
}

// openOnes are the hashes of an officer's open sessions, newest first.
func openOnes(tx *store.Tx, w Who, now time.Time) (open [][]byte, err error) {
	err = tx.Each(sessionOpen, append(w.args(), now.UnixMicro()), func(scan func(...any) error) error {
		var hash []byte
		err := scan(&hash)
		open = append(open, hash)
		return err
	})
	return open, err
}

// EndOthers ends all sessions of the officer but the one with this token.
func (b *Book) EndOthers(ctx context.Context, w Who, token string) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(sessionEndAll, b.clock().UnixMicro(), []byte{}, int64(w.Agency), w.Login, hashOf(token))
		return err
	})
}

func (b *Book) endAll(tx *store.Tx, w Who) error {
	_, err := tx.Exec(sessionEndAll, b.clock().UnixMicro(), []byte{}, int64(w.Agency), w.Login, []byte{})
	return err
}

// EndAll ends all sessions of an officer, by who may reset his account; his
// factors stay. Faults: of who may not.
func (b *Book) EndAll(ctx context.Context, j *journal.Journal, actor journal.Actor, w Who) (journal.Proven, error) {
	if _, err := b.mayHelp(actor, w); err != nil {
		return journal.Proven{}, err
	}
	return b.do(ctx, j, actor, "sessions", event{of: w, factor: "sessions", state: "ended"}, func(tx *store.Tx, _ *register.Change) error {
		return b.endAll(tx, w)
	})
}

// Codec writes the values of a session in order, so that what has not changed has
// the same bytes.
type Codec struct{}

type pair struct {
	Name  string
	Value any
}

type pairs struct {
	Deadline time.Time
	Values   []pair
}

// Encode makes bytes of a session.
func (Codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	p := pairs{Deadline: deadline}
	for _, name := range slices.SortedFunc(maps.Keys(values), strings.Compare) {
		p.Values = append(p.Values, pair{name, values[name]})
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(&p)
	return b.Bytes(), err
}

// Decode reads what Encode made.
func (Codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var p pairs
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		return time.Time{}, nil, err
	}
	values := map[string]any{}
	for _, v := range p.Values {
		values[v.Name] = v.Value
	}
	return p.Deadline, values, nil
}
