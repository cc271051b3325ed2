package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/estelam/estelam/internal/fault"
)

// Lock takes the lock of this name at url, which one process can hold at a
// time, and returns what gives it back. It ends with the process, however that
// ends. If another process has it, the fault is Conflict "store.held".
//
// It keeps a second process from starting by mistake; what must never happen
// even if it fails is prevented elsewhere (the journal's lease).
func Lock(ctx context.Context, url, name string) (release func(), err error) {
	if EngineOf(url) == PostgreSQL {
		return lockPostgres(ctx, url, name)
	}
	f, err := os.OpenFile(filepath.Join(url, name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "store.lost").Because(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault.New(fault.Conflict, "store.held")
		}
		return nil, fault.New(fault.Unavailable, "store.lost").Because(err)
	}
	return sync.OnceFunc(func() { _ = f.Close() }), nil
}

// lockPostgres holds an advisory lock on a connection of its own, for as long
// as the connection lives.
func lockPostgres(ctx context.Context, url, name string) (func(), error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, classify(err)
	}
	sum := sha256.Sum256([]byte("estelam/lock/" + name))
	key := int64(binary.BigEndian.Uint64(sum[:]))
	closeConn := sync.OnceFunc(func() {
		// Unlocked first: the server notices some time later that we have gone.
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", key)
		_ = conn.Close(context.WithoutCancel(ctx))
	})
	var got bool
	err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&got)
	if err == nil && !got {
		err = fault.New(fault.Conflict, "store.held")
	}
	if err != nil {
		closeConn()
		return nil, classify(err)
	}
	return closeConn, nil
}
