package durable

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// watch is somebody outside who remembers every checkpoint that he ever saw
// and holds the log against them, with the code of x/mod alone.
type watch struct {
	text string // the public keys
	keys note.Verifiers

	mu     sync.Mutex
	texts  map[string]bool
	roots  map[int64]tlog.Hash // of every size seen
	fresh  []int64             // sizes seen since the last look at the log
	origin string
	tiles  map[string][]byte // read in this look
}

func newWatch(keys string) (*watch, error) {
	var list []note.Verifier
	for _, key := range strings.Fields(keys) {
		v, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	if len(list) != 1 {
		return nil, fmt.Errorf("%d keys; a new site has one log", len(list))
	}
	return &watch{text: keys, origin: list[0].Name(), keys: note.VerifierList(list...), texts: map[string]bool{}, roots: map[int64]tlog.Hash{}}, nil
}

// see takes a signed checkpoint. Two roots for one size is a forked log.
func (w *watch) see(checkpoint []byte) (tlog.Tree, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := note.Open(checkpoint, w.keys)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) != 4 {
		return tlog.Tree{}, errors.New("a checkpoint of another form")
	}
	var tree tlog.Tree
	if _, err := fmt.Sscan(lines[1], &tree.N); err != nil {
		return tree, err
	}
	if tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return tree, err
	}
	if w.origin != lines[0] {
		return tree, errors.New("another log")
	}
	if root, ok := w.roots[tree.N]; ok && root != tree.Hash {
		return tree, fmt.Errorf("two roots for size %d: the log is forked", tree.N)
	}
	if !w.texts[n.Text] {
		w.texts[n.Text] = true
		w.roots[tree.N] = tree.Hash
		w.fresh = append(w.fresh, tree.N)
	}
	return tree, nil
}

// look reads the log's checkpoint and proves from its tiles that it continues
// the trees that were seen since the last look, or all of them.
func (w *watch) look(srv *server, all bool) (size int64, err error) {
	path := "/log" + w.origin[strings.Index(w.origin, "/log")+len("/log"):]
	status, body, err := srv.get(path + "/checkpoint")
	if err != nil || status != http.StatusOK {
		return 0, fmt.Errorf("checkpoint: %d, %w", status, err)
	}
	head, err := w.see(body)
	if err != nil {
		return 0, err
	}
	w.tiles = map[string][]byte{}
	reader := tlog.TileHashReader(head, &tileSource{w, srv, path})
	sizes := w.fresh
	if all {
		sizes = nil
		for n := range w.roots {
			sizes = append(sizes, n)
		}
	}
	for _, n := range sizes {
		if n > head.N {
			return head.N, fmt.Errorf("the log has %d entries; a checkpoint over %d was seen", head.N, n)
		}
		if n == 0 {
			continue
		}
		root, err := tlog.TreeHash(n, reader)
		if err != nil {
			return head.N, err
		}
		if root != w.roots[n] {
			return head.N, fmt.Errorf("the log of %d entries does not continue that of %d", head.N, n)
		}
	}
	w.fresh = []int64{head.N}
	return head.N, nil
}

// tileSource reads tiles over HTTP.
type tileSource struct {
	w    *watch
	srv  *server
	path string
}

func (s *tileSource) Height() int { return 8 }

func (s *tileSource) SaveTiles([]tlog.Tile, [][]byte) {}

func (s *tileSource) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		name := strings.Replace(tile.Path(), "tile/8/", "/tile/", 1)
		if known := s.w.tiles[name]; known != nil {
			data[i] = known
			continue
		}
		status, body, err := s.srv.get(s.path + name)
		if err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("%s: %d, %w", name, status, err)
		}
		data[i], s.w.tiles[name] = body, body // a part of a tile never changes either
	}
	return data, nil
}
