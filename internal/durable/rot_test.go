package durable

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/journal"
)

// written is a stopped site with a journal in it, of which everything is known.
type written struct {
	site   *site
	ledger *ledger
	file   []byte // journal.db
	size   int64  // entries
	log    string // path of the log
	public map[string][]byte
}

func write(t *testing.T) *written {
	t.Helper()
	w := &written{site: liteSite(t, t.TempDir()), public: map[string][]byte{}}
	srv, err := w.site.serve(t, program(t))
	must(t, err)
	w.ledger, err = newLedger(srv.keys(t))
	must(t, err)
	c, err := w.site.client(srv, w.ledger.watch.text)
	must(t, err)
	for w.ledger.entries < 600 { // not too many at once: many batches of all sizes
		stop := make(chan struct{})
		time.AfterFunc(20*time.Millisecond, func() { close(stop) })
		w.ledger.write(c, stop)
	}
	c.Close()
	w.size, err = w.ledger.watch.look(srv, true)
	must(t, err)
	w.log = "/log" + strings.SplitN(w.ledger.watch.origin, "/log", 2)[1]
	for n := range w.size / 256 {
		for _, kind := range []string{"0", "entries"} {
			path := fmt.Sprintf("%s/tile/%s/%03d", w.log, kind, n)
			_, w.public[path], err = srv.get(path)
			must(t, err)
		}
	}
	if len(w.public) == 0 {
		t.Fatalf("%d entries fill no tile", w.size)
	}
	must(t, srv.stop())
	out, err := w.site.run(program(t), "fsck") // copies the log into the file as well
	if err != nil {
		t.Fatal(out)
	}
	w.file, err = os.ReadFile(w.path())
	must(t, err)
	_, err = command("cp", "-a", w.site.data, w.site.data+".kept")
	must(t, err)
	return w
}

// renew brings all files back to what they were when the server stopped.
func (w *written) renew(t *testing.T) {
	t.Helper()
	must(t, os.RemoveAll(w.site.data))
	_, err := command("cp", "-a", w.site.data+".kept", w.site.data)
	must(t, err)
}

func (w *written) path() string { return filepath.Join(w.site.data, "journal.db") }

// put writes the file with some bytes flipped, as they lie on a rotten disk.
func (w *written) put(t *testing.T, flips ...flip) {
	t.Helper()
	data := bytes.Clone(w.file)
	for _, f := range flips {
		data[f.at] ^= f.by
	}
	must(t, os.WriteFile(w.path(), data, 0o600))
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(w.path() + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// flip is one byte of the file that is changed.
type flip struct {
	at   int
	by   byte
	what string
}

func (f flip) String() string { return fmt.Sprintf("byte %d (%s) by %#02x", f.at, f.what, f.by) }

// contents are the values in which the journal lives, by table and column.
func (w *written) contents(t *testing.T) map[string][][]byte {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.path()+"?mode=ro")
	must(t, err)
	defer func() { _ = db.Close() }()
	all := map[string][][]byte{}
	for _, column := range []string{"batch.leaves", "batch.private", "batch.root", "tile.hashes"} {
		table, name, _ := strings.Cut(column, ".")
		rows, err := db.Query("SELECT " + name + " FROM " + table + " ORDER BY id")
		must(t, err)
		for rows.Next() {
			var value []byte
			must(t, rows.Scan(&value))
			all[column] = append(all[column], value)
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	return all
}

// in draws a byte of the values of a column and finds it in the file by the
// bytes around it. share is how much of the rows, from the first, to draw from.
func (w *written) in(dice *rand.Rand, column string, values [][]byte, share float64) flip {
	for {
		value := values[dice.IntN(max(1, int(share*float64(len(values)))))]
		i := dice.IntN(len(value))
		from, to := max(0, i-dice.IntN(20)), min(len(value), i+1+dice.IntN(20))
		if to-from < 12 || bytes.Count(w.file, value[from:to]) != 1 {
			continue // cut by a page's end, or not the only one
		}
		return flip{bytes.Index(w.file, value[from:to]) + i - from, byte(1 + dice.IntN(255)), column}
	}
}

func (w *written) some(dice *rand.Rand, contents map[string][][]byte, n int, share float64) (flips []flip) {
	columns := slices.Sorted(maps.Keys(contents))
	for range n {
		column := columns[dice.IntN(len(columns))]
		flips = append(flips, w.in(dice, column, contents[column], share))
	}
	return flips
}

// found reports whether fsck sees that the journal is not as it was written.
func (w *written) found(t *testing.T, keys *journal.Keys) bool {
	t.Helper()
	report, err := journal.Fsck(context.Background(), w.site.data, keys)
	return err != nil || len(report.Faults) > 0
}

// Promise P6: fsck finds every flipped byte of what is in the journal.
func TestFsckFindsFlippedBytes(t *testing.T) {
	w, dice := write(t), dice(t)
	keys, err := journal.LoadKeys(filepath.Join(w.site.data, "keys"))
	must(t, err)
	contents := w.contents(t)
	n := 200
	if long() {
		n = 2000
	}
	for i, f := range w.some(dice, contents, n, 1) {
		w.put(t, f)
		if !w.found(t, keys) {
			t.Errorf("fsck does not find %v", f)
		}
		if i < 5 { // the command says so
			out, err := w.site.run(program(t), "fsck")
			if err == nil || strings.Contains(out, " 0 faults") {
				t.Errorf("estelam fsck, %v: %v\n%s", f, err, out)
			}
		}
	}
	t.Logf("%d flipped bytes of %d entries found", n, w.size)

	// Anywhere in the file: what fsck does not find has changed no row.
	w.put(t)
	before, unfound := w.sum(t), 0
	for range n / 4 {
		f := flip{dice.IntN(len(w.file)), byte(1 + dice.IntN(255)), "anywhere"}
		w.put(t, f)
		if w.found(t, keys) {
			continue
		}
		unfound++
		if w.sum(t) != before {
			t.Errorf("fsck does not find %v", f)
		}
	}
	t.Logf("anywhere in the file: %d of %d found, the others have changed no row", n/4-unfound, n/4)
	w.put(t)
	if w.found(t, keys) {
		t.Error("the unharmed file has faults")
	}
}

// sum is a hash over all rows that the journal reads.
func (w *written) sum(t *testing.T) (sum [32]byte) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.path()+"?mode=ro")
	must(t, err)
	defer func() { _ = db.Close() }()
	h := sha256.New()
	for _, query := range []string{
		"SELECT number, origin, path, node, year, vkey, code_epoch, epoch, closed, checkpoint FROM log ORDER BY number",
		"SELECT id, n, epoch, time, root, leaves, private FROM batch ORDER BY id",
		"SELECT id, hashes FROM tile ORDER BY id",
	} {
		rows, err := db.Query(query)
		if err != nil {
			fmt.Fprint(h, err)
			continue
		}
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			must(t, rows.Scan(values...))
			for _, v := range values {
				fmt.Fprintf(h, "%T %[1]v|", *v.(*any))
			}
		}
		fmt.Fprint(h, rows.Err())
		must(t, rows.Close())
	}
	return [32]byte(h.Sum(nil))
}

// Promise P6: a server on rotten files gives the right bytes or an error.
func TestRotIsNotServed(t *testing.T) {
	w, dice := write(t), dice(t)
	contents := w.contents(t)
	rounds, each := 4, 25
	if long() {
		rounds, each = 50, 40
	}
	right, refused, down := 0, 0, 0
	for round := range rounds {
		// A server that finds rot where it must go on writing does not start: so
		// the end of the log is spared, and tiles, which a log as small as this
		// one needs from the first, have their turn in the last round.
		some := map[string][][]byte{"batch.leaves": contents["batch.leaves"], "batch.private": contents["batch.private"], "batch.root": contents["batch.root"]}
		if round == rounds-1 {
			some = contents
		}
		w.renew(t)
		w.put(t, w.some(dice, some, each, 0.45)...)
		srv, err := w.site.serve(t, program(t))
		if err != nil {
			down++
			t.Log(err)
			if !strings.Contains(err.Error(), "journal.altered") {
				t.Error(err)
			}
			continue
		}
		c, err := w.site.client(srv, "") // unverified: the server is under test here
		must(t, err)
		r, no := w.served(t, srv, c)
		right, refused = right+r, refused+no
		c.Close()
		srv.kill()
	}
	t.Logf("%d flipped bytes: %d things served right, %d refused; %d of %d servers did not start", rounds*each, right, refused, down, rounds)
	if right == 0 || refused < rounds-down || down > max(1, rounds/4) {
		t.Error("this shows nothing")
	}
}

// served gets everything that is known and compares it.
func (w *written) served(t *testing.T, srv *server, c *client.Client) (right, refused int) {
	t.Helper()
	for path, want := range w.public {
		status, body, err := srv.get(path)
		must(t, err)
		switch {
		case status != http.StatusOK:
			refused++
		case bytes.Equal(body, want):
			right++
		default:
			t.Errorf("%s is served with other bytes", path)
		}
	}
	for _, a := range w.ledger.told {
		for i, code := range a.codes {
			one, err := c.Receipt(context.Background(), officer, code)
			var p *client.Problem
			switch {
			case errors.As(err, &p):
				refused++
			case err == nil && bytes.Equal(one.Receipt.Append(nil), a.receipts[i]):
				right++
			default:
				t.Errorf("the receipt of %s is served with other bytes: %v", a.key, err)
			}
		}
		again, _, err := a.send(context.Background(), c)
		if err != nil {
			refused++
		} else if right++; !bytes.Equal(bytes.Join(again, nil), bytes.Join(a.receipts, nil)) {
			t.Errorf("%s sent again is answered otherwise", a.key)
		}
	}
	return right, refused
}
