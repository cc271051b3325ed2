package journal

import (
	"context"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Handler serves the logs to the public, as c2sp.org/tlog-tiles has it:
//
//	/log/keys                                       public keys, one a line
//	/log/<year>/<node>/checkpoint                   signed note
//	/log/<year>/<node>/tile/<L>/<N>[.p/<W>]         hashes
//	/log/<year>/<node>/tile/entries/<N>[.p/<W>]     leaves
//
// There is nothing private in any of it. What does not fit the log's root is
// not served.
func (j *Journal) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		a, err := j.serve(r.Context(), r.URL.Path)
		if err != nil {
			f := fault.Of(err)
			if f.Kind == fault.Internal {
				j.logger.Error("the log cannot be served", "id", f.ID, "error", err)
			}
			h.Set("Cache-Control", "no-store")
			http.Error(w, f.Key+" "+f.ID, f.Kind.Status())
			return
		}
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", a.cache)
		h.Set("Content-Length", strconv.Itoa(len(a.data)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(a.data) // a client that has gone
		}
	})
}

type answer struct {
	data        []byte
	kind, cache string
}

const (
	plainText = "text/plain; charset=utf-8"
	octets    = "application/octet-stream"
	forEver   = "public, max-age=31536000, immutable"
	notAtAll  = "no-cache"
)

var errNowhere = fault.New(fault.NotFound, "journal.nowhere")

func (j *Journal) serve(ctx context.Context, path string) (*answer, error) {
	path, ok := strings.CutPrefix(path, "/log/")
	if !ok {
		return nil, errNowhere
	}
	if path == "keys" {
		return &answer{[]byte(strings.Join(j.VerifierKeys(), "\n") + "\n"), plainText, "public, max-age=300"}, nil
	}
	if of, ok := strings.CutSuffix(path, "/checkpoint"); ok {
		return j.serveCheckpoint(ctx, j.logNamed(of))
	}
	of, name, ok := strings.Cut(path, "/tile/")
	l := j.logNamed(of)
	if !ok || l == nil {
		return nil, errNowhere
	}
	level, n, width, ok := parseTile(name)
	if !ok {
		return nil, errNowhere
	}
	r, err := j.reader(ctx, l)
	if err != nil {
		return nil, err
	}
	data, err := r.verified(max(level, 0), n, width)
	if err == nil && data == nil {
		err = errNowhere
	}
	if err == nil && level == entryLevel {
		data, err = j.bundle(ctx, l, n, data)
	}
	if err != nil {
		return nil, err
	}
	return &answer{data, octets, forEver}, nil
}

func (j *Journal) logNamed(path string) *log {
	for i := range j.logs {
		if l := j.logs[i].Load(); l != nil && l.path == path {
			return l
		}
	}
	return nil
}

func (j *Journal) serveCheckpoint(ctx context.Context, l *log) (*answer, error) {
	if l == nil {
		return nil, errNowhere
	}
	if l == j.current.Load() {
		if err := j.usable(); err != nil {
			return nil, err // another process may have signed a later one
		}
	}
	h, err := j.headOf(ctx, l)
	if err != nil {
		return nil, err
	}
	if len(h.checkpoint) == 0 {
		return nil, errNoKey
	}
	return &answer{h.checkpoint, plainText, notAtAll}, nil
}

// entryLevel is what parseTile calls the level of entry bundles.
const entryLevel = -1

// parseTile reads <L>/<N>[.p/<W>] or entries/<N>[.p/<W>], in its one spelling.
func parseTile(s string) (level int, n int64, width int, ok bool) {
	first, rest, _ := strings.Cut(s, "/")
	level = entryLevel
	if first != "entries" {
		at, err := strconv.Atoi(first)
		if err != nil || at < 0 || at > 63 || strconv.Itoa(at) != first {
			return 0, 0, 0, false
		}
		level = at
	}
	width = tileWidth
	if number, w, partial := strings.Cut(rest, ".p/"); partial {
		at, err := strconv.Atoi(w)
		if err != nil || at < 1 || at >= tileWidth || strconv.Itoa(at) != w {
			return 0, 0, 0, false
		}
		rest, width = number, at
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		digits, more := strings.CutPrefix(part, "x")
		d, err := strconv.ParseUint(digits, 10, 16) // no sign
		if err != nil || len(digits) != 3 || more == (i == len(parts)-1) || i > 5 || i == 0 && more && d == 0 {
			return 0, 0, 0, false
		}
		n = n*1000 + int64(d)
	}
	return level, n, width, true
}

// verified is a tile whose hashes belong to the head's root; nil if the log is
// not so large.
func (r *reader) verified(level int, n int64, width int) ([]byte, error) {
	data, err := r.tile(level, n, tileWidth)
	if err != nil || data == nil { // not full: it is part of the head itself
		if err != nil {
			return nil, err
		}
		return r.tile(level, n, width)
	}
	above, err := r.hashes.ReadHashes([]int64{tlog.StoredHashIndex((level+1)*tileHeight, n)})
	if err != nil {
		return nil, altered("log %d: %w", r.log.number, err)
	}
	if above[0] != tileRoot(data) {
		return nil, altered("log %d: tile %d of level %d is not the tree's", r.log.number, n, level)
	}
	return data[:width*tlog.HashSize], nil
}

// bundle is the leaves under the hashes of a part of a tile of level 0.
func (j *Journal) bundle(ctx context.Context, l *log, n int64, hashes []byte) ([]byte, error) {
	from := n << tileHeight
	to := from + int64(len(hashes)/tlog.HashSize)
	data := make([]byte, 0, (to-from)*(2+receipt.LeafSize))
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		good := true
		err := eachLeaf(tx, l, from, to, func(leaf []byte) {
			h := receipt.LeafHash((*[receipt.LeafSize]byte)(leaf))
			good = good && h == tlog.Hash(hashes)
			hashes = hashes[tlog.HashSize:]
			data = binary.BigEndian.AppendUint16(data, receipt.LeafSize)
			data = append(data, leaf...)
		})
		if err == nil && !good {
			err = altered("log %d: a leaf of bundle %d is not the tree's", l.number, n)
		}
		return err
	})
	return data, err
}
