package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Memory is the directory for what need not outlive its test: a file system in
// memory, where a database of a thousand small files is made in a tenth of the
// time, or the usual directory where there is none or too little room in it.
func Memory() string {
	const dir, room = "/dev/shm", 2 << 30
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Bavail*uint64(s.Bsize) < room || syscall.Access(dir, 7) != nil {
		return os.TempDir()
	}
	return dir
}

// TempDir is a directory as t.TempDir gives it, but in memory where there is
// room. It is not for tests of what a disk does.
func TempDir(t testing.TB) string {
	t.Helper()
	parent := Memory()
	sweep(parent, "estelam-test-")
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("estelam-test-%d-", os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// sweep removes what test binaries have left behind that were killed: what is
// named by a prefix and the process.
func sweep(parent, prefix string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, prefix+"*-*")) // the pattern is well formed
	for _, dir := range dirs {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(dir), prefix+"%d-", &pid); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(dir)
		}
	}
}
