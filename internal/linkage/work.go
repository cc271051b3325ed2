package linkage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"unsafe"
)

// A work file keeps what was found for the rows of a table, so that a linkage
// that was cut short goes on where it was, to the same result. It holds
// ordinals of records, weights and bits, and no value of anybody.
//
//	0    "estelam work 1\n\x00"
//	16   SHA-256 of all that the linkage follows from
//	48   chunks in the order in which they were done, each: uint32 its number,
//	     its rows as they are in memory, uint32 CRC-32C of both
//
// A crash leaves the chunks that were written whole; what comes after the first
// one that is not is written over. A file of another linkage, or of another
// version of the program, is begun anew.
type work struct {
	mu    sync.Mutex
	f     *os.File // nil: no work file
	done  []bool   // by chunk
	again bool     // the rows have been linked once, what is done now is not kept
	err   error    // the first one
}

const (
	workMagic = "estelam work 1\n\x00"
	workHead  = len(workMagic) + sha256.Size
)

// openWork finds what an earlier linkage has left.
func (k *linker) openWork() (w *work, err error) {
	w = &work{done: make([]bool, (len(k.rows)+chunk-1)/chunk)}
	if k.o.Work == "" {
		return w, nil
	}
	if w.f, err = os.OpenFile(k.o.Work, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	mark, err := k.mark()
	if err == nil {
		err = w.resume(k, append([]byte(workMagic), mark...))
	}
	if err != nil {
		_ = w.f.Close()
		return nil, err
	}
	return w, nil
}

// mark is a hash of all that the linkage follows from: the program, the
// register, the model, and the rows.
func (k *linker) mark() ([]byte, error) {
	h := sha256.New()
	e := json.NewEncoder(h)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.time" || s.Key == "vcs.modified" {
				_ = e.Encode(s) // a hash takes everything
			}
		}
	}
	r := k.t.r
	_ = e.Encode([]int{r.Records, int(unsafe.Sizeof(linked{}))})
	_ = e.Encode(r.head.Note)
	for i := range r.Sections {
		_ = e.Encode(r.Sections[i].Sums)
	}
	if o := r.overlay; o != nil {
		for i := range o.records {
			_ = e.Encode([]uint64{o.records[i].Key, uint64(o.records[i].Version)})
		}
	}
	if err := e.Encode(k.m); err != nil {
		return nil, err
	}
	_ = binary.Write(h, binary.LittleEndian, k.t.values)
	for c := range k.t.names {
		for i := range k.t.names[c].all {
			for _, s := range k.t.names[c].all[i].texts() {
				_, _ = io.WriteString(h, *s+"\n")
			}
		}
	}
	return h.Sum(nil), nil
}

// resume reads the chunks that are there, and begins the file anew if it is of
// another linkage.
func (w *work) resume(k *linker, head []byte) error {
	had := make([]byte, workHead)
	n, err := io.ReadFull(w.f, had)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if n < workHead || string(had) != string(head) {
		if err := w.f.Truncate(0); err != nil {
			return err
		}
		_, err := w.f.WriteAt(head, 0)
		if err == nil {
			_, err = w.f.Seek(int64(workHead), io.SeekStart)
		}
		return err
	}
	at := int64(workHead)
	for {
		number, size, err := w.chunk(k)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		w.done[number] = true
		at += size
	}
	if err := w.f.Truncate(at); err != nil {
		return err
	}
	_, err = w.f.Seek(at, io.SeekStart)
	return err
}

// chunk reads the next chunk into the rows; size 0: there is no whole one.
func (w *work) chunk(k *linker) (number int, size int64, err error) {
	var b [4]byte
	if _, err := io.ReadFull(w.f, b[:]); err != nil {
		return 0, 0, ended(err)
	}
	number = int(binary.LittleEndian.Uint32(b[:]))
	if number >= len(w.done) || w.done[number] {
		return 0, 0, nil
	}
	rows := make([]linked, len(k.part(number)))
	data := bytesOf(rows)
	if _, err := io.ReadFull(w.f, data); err != nil {
		return 0, 0, ended(err)
	}
	sum := crc32.Update(crc32.Checksum(b[:], castagnoli), castagnoli, data)
	if _, err := io.ReadFull(w.f, b[:]); err != nil {
		return 0, 0, ended(err)
	}
	if binary.LittleEndian.Uint32(b[:]) != sum {
		return 0, 0, nil
	}
	copy(k.part(number), rows)
	return number, int64(len(data) + 8), nil
}

// ended is nil where a file only ends too soon.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// part is the rows of a chunk.
func (k *linker) part(number int) []linked {
	return k.rows[number*chunk : min(len(k.rows), (number+1)*chunk)]
}

// bytesOf is the memory of rows, which hold no pointers.
func bytesOf(rows []linked) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(rows))), len(rows)*int(unsafe.Sizeof(linked{})))
}

// keep writes a chunk that is done. It may be called by several goroutines.
func (w *work) keep(k *linker, number int) {
	if w.f == nil {
		return
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(number))
	b = append(b, bytesOf(k.part(number))...)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		_, w.err = w.f.Write(b)
	}
}

// failed is why a chunk could not be written, if so.
func (w *work) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// close leaves the file to the caller, who knows when it is of no more use.
func (w *work) close() error {
	if w.f == nil {
		return nil
	}
	return errors.Join(w.failed(), w.f.Close())
}
