package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// Some tests need a process of their own: this binary again, with a task.
var tasks = map[string]func(ctx context.Context, db *store.DB) error{
	"follow": follow,
	"broken": broken,
	"unsync": unsync,
	"full":   full,
}

func child(task string) int {
	ctx := context.Background()
	db, err := store.Open(ctx, os.Getenv("STORE_TEST_URL"), store.Register)
	if err == nil {
		err = tasks[task](ctx, db)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, task, "failed:", err)
		return 1
	}
	return 0
}

// spawn is the command that runs task on url in a process of its own.
func spawn(t *testing.T, task, url string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+task, "STORE_TEST_URL="+url)
	cmd.Stderr = os.Stderr
	return cmd
}

// A second process that reads sees whole transactions, in their order, and
// the last one in the end.
func TestSecondProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		withSample(t, url)
		db := open(t, url)
		for id := range int64(2) {
			do(t, db, sampleInsert, id, int64(0), nil, nil, nil)
		}
		cmd := spawn(t, "follow", url)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		if !lines.Scan() || lines.Text() != "ready" {
			t.Fatalf("the reader says %q", lines.Text())
		}
		for i := range int64(followed) {
			must(t, db.Write(t.Context(), func(tx *store.Tx) error {
				for id := range int64(2) {
					if _, err := tx.Exec(sampleSet, id, i+1); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		must(t, cmd.Wait())
	})
}

const followed = 300

// follow reads until it sees the last write of the other process.
func follow(ctx context.Context, db *store.DB) error {
	fmt.Println("ready")
	for seen := int64(0); seen < followed; {
		var count, total, n int64
		if err := db.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.One(sampleSum, nil, &count, &total)
			return err
		}); err != nil {
			return err
		}
		if total%2 != 0 || total/2 < seen {
			return fmt.Errorf("after %d: half a transaction or an older one: sum %d", seen, total)
		}
		seen = total / 2
		if _, err := db.Point(ctx, sampleByID, 1, func(r store.Row) { n = r.Int(0) }); err != nil {
			return err
		}
		if n == followed {
			return nil // Point has got there too, before Read or after it
		}
	}
	for { // Point follows within milliseconds
		var n int64
		if _, err := db.Point(ctx, sampleByID, 1, func(r store.Row) { n = r.Int(0) }); n == followed || err != nil {
			return err
		}
	}
}

// After an I/O error nothing is written until restart, even when the disk
// behaves again; reading goes on; a restart finds what was acknowledged.
func TestFailed(t *testing.T) {
	for _, task := range []string{"broken", "unsync"} {
		t.Run(task, func(t *testing.T) {
			url := storetest.SQLite(t)
			withSample(t, url)
			must(t, spawn(t, task, url).Run())
			db := open(t, url)
			if n, _ := sum(t, db); n < 1 || n > 2 { // the failed one may be there: it was never refused as not done
				t.Errorf("%d rows after the restart", n)
			}
			do(t, db, sampleInsert, int64(100), int64(1), nil, nil, nil)
		})
	}
}

// broken makes the log unwritable behind the engine's back, then mends it.
func broken(ctx context.Context, db *store.DB) error {
	if err := insert(ctx, db, 1); err != nil {
		return err
	}
	mend, err := breakFiles("register.db-wal")
	if err != nil {
		return err
	}
	if err := refused(insert(ctx, db, 2)); err != nil {
		return err
	}
	if err := mend(); err != nil {
		return err
	}
	return stillRefused(ctx, db)
}

func stillRefused(ctx context.Context, db *store.DB) error {
	for id := range int64(3) {
		if err := refused(insert(ctx, db, 10+id)); err != nil {
			return err
		}
	}
	if ok, err := db.Point(ctx, sampleByID, 1, func(store.Row) {}); !ok || err != nil {
		return fmt.Errorf("point reads have ended: %v, %w", ok, err)
	}
	return db.Read(ctx, func(tx *store.Tx) error {
		var n, s int64
		_, err := tx.One(sampleSum, nil, &n, &s)
		if n != 1 {
			return fmt.Errorf("%d rows seen: %w", n, err)
		}
		return err
	})
}

func insert(ctx context.Context, db *store.DB, id int64) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, _ = tx.Exec(sampleInsert, id, int64(1), nil, nil, nil) // the store remembers
		return nil
	})
}

func refused(err error) error {
	if fault.Of(err) == nil || fault.Of(err).Key != "store.failed" {
		return fmt.Errorf("want store.failed, got %w", errors.Join(err, errors.ErrUnsupported))
	}
	return nil
}

// breakFiles puts a descriptor that cannot be written in the place of each
// open one of a file; mend puts them back.
func breakFiles(name string) (mend func() error, err error) {
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	saved := map[int]int{}
	for _, l := range links {
		var fd int
		target, _ := os.Readlink("/proc/self/fd/" + l.Name())
		if _, err := fmt.Sscan(l.Name(), &fd); err != nil || filepath.Base(target) != name {
			continue
		}
		if saved[fd], err = syscall.Dup(fd); err != nil {
			return nil, err
		}
		weak, err := os.Open(target) // read only
		if err != nil {
			return nil, err
		}
		if err := errors.Join(unix.Dup3(int(weak.Fd()), fd, 0), weak.Close()); err != nil {
			return nil, err
		}
	}
	if len(saved) == 0 {
		return nil, errors.New("the file is not open")
	}
	return func() error {
		var bad error
		for fd, copied := range saved {
			bad = errors.Join(bad, unix.Dup3(copied, fd, 0))
		}
		return bad
	}, nil
}

// unsync has the kernel fail every sync of this process. A commit that did
// not sync would be acknowledged here: this is also the test that it does.
func unsync(ctx context.Context, db *store.DB) error {
	if err := insert(ctx, db, 1); err != nil {
		return err
	}
	if err := failSyncs(); err != nil {
		return err
	}
	if err := refused(insert(ctx, db, 2)); err != nil {
		return err
	}
	return stillRefused(ctx, db)
}

// failSyncs installs a seccomp filter: fsync and fdatasync give EIO in all
// threads from now on.
func failSyncs() error {
	const load, equal, give = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	filter := []unix.SockFilter{
		{Code: load, K: 0}, // the number of the system call
		{Code: equal, K: unix.SYS_FSYNC, Jt: 2},
		{Code: equal, K: unix.SYS_FDATASYNC, Jt: 1},
		{Code: give, K: unix.SECCOMP_RET_ALLOW},
		{Code: give, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EIO)},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	r, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 || r != 0 {
		return fmt.Errorf("seccomp: %d, %w", r, errno)
	}
	return nil
}

// A full disk refuses writes, keeps reading, and takes writes again when
// there is room.
func TestFull(t *testing.T) {
	url := storetest.SQLite(t)
	withSample(t, url)
	must(t, spawn(t, "full", url).Run())
	if n, _ := sum(t, open(t, url)); n != 2 {
		t.Errorf("%d rows; want the two acknowledged ones", n)
	}
}

func full(ctx context.Context, db *store.DB) error {
	signal.Ignore(syscall.SIGXFSZ) // else the limit kills
	if err := insert(ctx, db, 1); err != nil {
		return err
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: old.Max}); err != nil {
		return err
	}
	for range 3 {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(sampleInsert, int64(2), int64(1), nil, strings.Repeat("full", 1<<20), nil)
			return err
		})
		if !fault.Is(err, fault.Full) {
			return fmt.Errorf("want store.full, got %w", errors.Join(err, errors.ErrUnsupported))
		}
		if ok, err := db.Point(ctx, sampleByID, 1, func(store.Row) {}); !ok || err != nil {
			return fmt.Errorf("reading has ended: %v, %w", ok, err)
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	return insert(ctx, db, 3)
}
