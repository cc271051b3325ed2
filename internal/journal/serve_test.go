package journal

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// stranger reads a served log with x/mod's code and the letter of C2SP.
type stranger struct {
	t      testing.TB
	prefix string
}

func (s stranger) Height() int                     { return 8 }
func (s stranger) SaveTiles([]tlog.Tile, [][]byte) {}
func (s stranger) ReadTiles(l []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range l {
		status, data := get(s.t, s.prefix+"/"+c2spPath(fmt.Sprint(tile.L), tile.N, tile.W))
		if status != http.StatusOK {
			return nil, fmt.Errorf("tile %v: %d", tile, status)
		}
		all = append(all, data)
	}
	return all, nil
}

func c2spPath(level string, n int64, width int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/", n%1000) + s
	}
	s = "tile/" + level + "/" + s
	if width < 256 {
		s += fmt.Sprintf(".p/%d", width)
	}
	return s
}

// tree opens the checkpoint with the key that the log publishes.
func (s stranger) tree(vkey string) tlog.Tree {
	s.t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		s.t.Fatal(err)
	}
	_, data := get(s.t, s.prefix+"/checkpoint")
	n, err := note.Open(data, note.VerifierList(v))
	if err != nil {
		s.t.Fatalf("checkpoint: %v\n%s", err, data)
	}
	var tree tlog.Tree
	lines := strings.Split(n.Text, "\n")
	if _, err := fmt.Sscan(lines[1], &tree.N); err != nil || lines[0] != v.Name() {
		s.t.Fatalf("checkpoint: %v\n%s", err, data)
	}
	if tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		s.t.Fatal(err)
	}
	return tree
}

func TestServedLogIsReadByStrangers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		start := time.Date(2027, 3, 20, 12, 0, 0, 0, time.UTC)
		d.setClock(start)
		j := d.open()
		server := httptest.NewServer(j.Handler())
		defer server.Close()
		s := stranger{t, server.URL + "/log/1405/n1"}
		_, keys := get(t, server.URL+"/log/keys")
		vkey := strings.TrimSpace(string(keys))
		if tree := s.tree(vkey); tree.N != 0 || tree.Hash != emptyRoot {
			t.Fatalf("an empty log is %v", tree)
		}
		var old tlog.Tree
		for _, n := range []int{1, 254, 1, 1, 299, 2000} {
			unit(t, j, entries(0, n), [16]byte{}, [16]byte{})
			tree := s.tree(vkey)
			reader := tlog.TileHashReader(tree, s)
			if old.N > 0 {
				proof, err := tlog.ProveTree(tree.N, old.N, reader)
				if err == nil {
					err = tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
				}
				if err != nil {
					t.Fatalf("%d → %d: %v", old.N, tree.N, err)
				}
			}
			old = tree
			s.checkLeaves(tree, reader)
		}

		// A closed log is served as before.
		d.setClock(start.AddDate(0, 0, 2))
		p := commit(t, j, entry(1))
		if p.Origin != "estelam.example/log/1406/n1" {
			t.Fatalf("origin %s", p.Origin)
		}
		for range 2 {
			if tree := s.tree(vkey); tree != old {
				t.Fatalf("the closed log is %v, not %v", tree, old)
			}
			s.checkLeaves(old, tlog.TileHashReader(old, s))
			j.Close()
			j = d.open()
			server.Config.Handler = j.Handler()
		}
	})
}

// checkLeaves reads every bundle and compares each leaf with the tree.
func (s stranger) checkLeaves(tree tlog.Tree, reader tlog.HashReader) {
	s.t.Helper()
	for n := int64(0); n<<8 < tree.N; n++ {
		width := int(min(256, tree.N-n<<8))
		var indexes []int64
		for i := range width {
			indexes = append(indexes, tlog.StoredHashIndex(0, n<<8+int64(i)))
		}
		want, err := reader.ReadHashes(indexes)
		if err != nil {
			s.t.Fatal(err)
		}
		_, data := get(s.t, s.prefix+"/"+c2spPath("entries", n, width))
		for i := range width {
			size := int(binary.BigEndian.Uint16(data))
			if size != receipt.LeafSize || want[i] != tlog.RecordHash(data[2:2+size]) {
				s.t.Fatalf("leaf %d of bundle %d is another one", i, n)
			}
			data = data[2+size:]
		}
		if len(data) > 0 {
			s.t.Fatalf("bundle %d has %d bytes too many", n, len(data))
		}
	}
}

func TestHeadersAndMissingThings(t *testing.T) {
	j := newDesk(t, storetest.SQLite(t)).open()
	unit(t, j, entries(0, 300), [16]byte{}, [16]byte{})
	server := httptest.NewServer(j.Handler())
	defer server.Close()
	log := "/log/" + j.current.Load().path
	for path, want := range map[string][2]string{
		"/log/keys":                   {"text/plain; charset=utf-8", "public, max-age=300"},
		log + "/checkpoint":           {"text/plain; charset=utf-8", "no-cache"},
		log + "/tile/0/000":           {"application/octet-stream", "public, max-age=31536000, immutable"},
		log + "/tile/0/001.p/44":      {"application/octet-stream", "public, max-age=31536000, immutable"},
		log + "/tile/0/000.p/7":       {"application/octet-stream", "public, max-age=31536000, immutable"},
		log + "/tile/1/000.p/1":       {"application/octet-stream", "public, max-age=31536000, immutable"},
		log + "/tile/entries/000":     {"application/octet-stream", "public, max-age=31536000, immutable"},
		log + "/tile/entries/001.p/1": {"application/octet-stream", "public, max-age=31536000, immutable"},
	} {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		h := res.Header
		if res.StatusCode != 200 || h.Get("Content-Type") != want[0] || h.Get("Cache-Control") != want[1] || h.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", path, res.StatusCode, h)
		}
	}
	for _, path := range []string{
		"/", "/log/", "/log/checkpoint", "/log/1300/n1/checkpoint", log, log + "/", log + "/tile/0/001", log + "/tile/0/001.p/45",
		log + "/tile/0/001.p/256", log + "/tile/0/001.p/0", log + "/tile/0/001.p/01", log + "/tile/00/000", log + "/tile/64/000",
		log + "/tile/0/0", log + "/tile/0/x000/000", log + "/tile/0/000/000", log + "/tile/0/x001", log + "/tile/0/-01", log + "/tile/0/+01",
		log + "/tile/2/000.p/1", log + "/tile/0/002", log + "/tile/entries/001", log + "/tile/0/x999/x999/x999/x999/x999/x999/999",
		log + "/tile/1/000", log + "/tile/63/000", log + "/tile/0/", log + "/tile//000", log + "/tile/0/000.p/", log + "/tile/0/000/",
	} {
		if status, _ := get(t, server.URL+path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	res, err := http.Post(server.URL+log+"/checkpoint", "text/plain", strings.NewReader("x"))
	if err != nil || res.StatusCode != 405 {
		t.Errorf("POST: %v", err)
	}
}

func TestTilePathsHaveOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<46).Draw(t, "n")
		w := rapid.IntRange(1, 256).Draw(t, "w")
		l := rapid.IntRange(-1, 63).Draw(t, "l")
		name := fmt.Sprint(l)
		if l == -1 {
			name = "entries"
		}
		path := strings.TrimPrefix(c2spPath(name, n, w), "tile/")
		level, gotN, gotW, ok := parseTile(path)
		if !ok || level != l || gotN != n || gotW != w {
			t.Fatalf("%s is read as %d %d %d %v", path, level, gotN, gotW, ok)
		}
	})
	for _, path := range []string{
		"0/-00", "0/+00", "0/x001/-00", "0/x000/001", "0/00", "0/0000", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/+1",
		"00/000", "-1/000", "64/000", "0/", "0", "", "entries/", "0/x001", "0/000/", "0/000/000", "0/x001/x000/", "0/۰۰۰",
	} {
		if _, _, _, ok := parseTile(path); ok {
			t.Errorf("%s is read", path)
		}
	}
}

// tessera runs the nested module that reads a log with tessera's client and
// fsck. It needs the module proxy or a full module cache.
func tessera(t *testing.T, url, vkey string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", ".", url, vkey)
	cmd.Dir = "tesseratest"
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTesseraReadsTheLog(t *testing.T) {
	j := newDesk(t, storetest.SQLite(t)).open()
	for i := range 6 {
		unit(t, j, entries(i*1000, 1+i*211), [16]byte{}, [16]byte{})
	}
	alter := "" // the resource in which one bit is flipped on its way
	whole := j.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if alter == "" || !strings.HasSuffix(r.URL.Path, alter) {
			whole.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		whole.ServeHTTP(rec, r)
		data := rec.Body.Bytes()
		data[len(data)-1] ^= 1
		_, _ = w.Write(data)
	}))
	defer server.Close()
	url := server.URL + "/log/" + j.current.Load().path + "/"
	vkey := j.State().VerifierKey
	if out, err := tessera(t, url, vkey); err != nil {
		t.Fatalf("tessera does not like the log: %v\n%s", err, out)
	}
	for _, alter = range []string{"/tile/0/002", "/tile/entries/003", "/checkpoint"} {
		out, err := tessera(t, url, vkey)
		if err == nil || !strings.Contains(out, "tesseratest: ") {
			t.Errorf("tessera takes a log whose %s is altered: %v\n%s", alter, err, out)
		}
	}
}
