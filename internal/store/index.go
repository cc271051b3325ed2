package store

import (
	"os"
	"sync"
	"syscall"
)

// index is the shared index of a write-ahead log, its -shm file, open for
// reading.
//
// SQLite keeps its locks against other processes on that file, and they belong
// to the process: closing any descriptor of the file gives up all of them
// (sqlite.org/howtocorrupt.html, 2.2). The next process to open the database
// would think it is alone and build the index anew under our feet. So a file
// is opened once in a process, and closed only after the last connection to
// its database.
type index struct {
	file  *os.File
	id    fileID
	users int
}

// fileID is a file whatever its names.
type fileID struct{ device, inode uint64 }

var indexes = struct {
	sync.Mutex
	open map[fileID]*index
}{open: map[fileID]*index{}}

// openIndex is called while a connection to the database is open, which keeps
// the file where it is.
func openIndex(path string) (*index, error) {
	indexes.Lock()
	defer indexes.Unlock()
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		return nil, err
	}
	id := fileID{s.Dev, s.Ino}
	x := indexes.open[id]
	if x == nil {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		x = &index{file: f, id: id}
		indexes.open[id] = x
	}
	x.users++
	return x, nil
}

// close is called after the last connection of one user has been closed.
func (x *index) close() {
	indexes.Lock()
	defer indexes.Unlock()
	if x.users--; x.users == 0 {
		delete(indexes.open, x.id)
		_ = x.file.Close()
	}
}
