package store_test

import (
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// rows is n sample rows.
func rows(n int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		args := make([]any, 5)
		for i := range n {
			args[0], args[1], args[2], args[3], args[4] = int64(i), int64(i)*7, int64(i%100), "w"+strconv.Itoa(i), []byte("0123456789abcdef")
			if !yield(args, nil) {
				return
			}
		}
	}
}

func BenchmarkPoint(b *testing.B) {
	each(b, func(b *testing.B, db *store.DB, url string, n int) {
		b.Run("ints", func(b *testing.B) {
			b.ReportAllocs()
			var sum int64
			f := func(r store.Row) { sum += r.Int(0) + r.Int(1) }
			for b.Loop() {
				if ok, err := db.Point(b.Context(), sampleByID, rand.Int64N(int64(n)), f); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
		if db.Engine() == store.SQLite {
			b.Run("pread", func(b *testing.B) { pread(b, url) })
		}
		b.Run("text", func(b *testing.B) {
			b.ReportAllocs()
			var sum int
			f := func(r store.Row) { sum += int(r.Int(0)) + len(r.Text(2)) + len(r.Bytes(3)) }
			for b.Loop() {
				if ok, err := db.Point(b.Context(), sampleByID, rand.Int64N(int64(n)), f); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
		b.Run("parallel", func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				var sum int64
				f := func(r store.Row) { sum += r.Int(0) + r.Int(1) }
				for pb.Next() {
					if ok, err := db.Point(b.Context(), sampleByID, rand.Int64N(int64(n)), f); !ok || err != nil {
						b.Fatal(ok, err)
					}
				}
			})
		})
		b.Run("points1000", func(b *testing.B) {
			b.ReportAllocs()
			keys := make([]int64, 1000)
			for i := range keys {
				keys[i] = rand.Int64N(int64(n))
			}
			for b.Loop() {
				var sum int64
				must(b, db.Points(b.Context(), sampleByID, keys, func(_ int, r store.Row) { sum += r.Int(0) }))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
		})
		b.Run("read", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(b, db.Read(b.Context(), func(tx *store.Tx) error {
					var n, small int64
					var word string
					var data []byte
					_, err := tx.One(sampleByID, []any{int64(5)}, &n, &small, &word, &data)
					return err
				}))
			}
		})
		b.Run("write", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(b, db.Write(b.Context(), func(tx *store.Tx) error {
					_, err := tx.Exec(sampleAdd, int64(5), int64(1))
					return err
				}))
			}
		})
	})
}

// pread is the yardstick of a point read: the same bytes, position known.
func pread(b *testing.B, url string) {
	f, err := os.Open(filepath.Join(url, "register.db"))
	must(b, err)
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	must(b, err)
	row, fd := make([]byte, 64), int(f.Fd())
	for b.Loop() {
		if _, err := syscall.Pread(fd, row, rand.Int64N(info.Size()-64)); err != nil {
			b.Fatal(err)
		}
	}
}

func each(b *testing.B, f func(*testing.B, *store.DB, string, int)) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		b.Run(e.String(), func(b *testing.B) {
			url, n := "", 1_000_000
			if e == store.SQLite {
				url = storetest.SQLite(b)
			} else {
				url, n = storetest.Postgres(b), 200_000
			}
			withSample(b, url)
			db := open(b, url)
			must(b, db.Write(b.Context(), func(tx *store.Tx) error {
				_, err := tx.Bulk(sampleInsert, rows(n))
				return err
			}))
			b.Logf("%d rows loaded in %v", n, b.Elapsed())
			f(b, db, url, n)
		})
	}
}

func BenchmarkBulk(b *testing.B) {
	storetestEach(b, func(b *testing.B, db *store.DB) {
		const n = 200_000
		next := 0
		for b.Loop() {
			shifted := func(yield func([]any, error) bool) {
				for args, err := range rows(n) {
					args[0], args[3] = args[0].(int64)+int64(next)*n, nil
					if !yield(args, err) {
						return
					}
				}
			}
			must(b, db.Write(b.Context(), func(tx *store.Tx) error {
				_, err := tx.Bulk(sampleInsert, shifted)
				return err
			}))
			next++
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	})
}

func storetestEach(b *testing.B, f func(*testing.B, *store.DB)) {
	for _, url := range []string{storetest.SQLite(b), storetest.Postgres(b)} {
		b.Run(store.EngineOf(url).String(), func(b *testing.B) {
			withSample(b, url)
			f(b, open(b, url))
		})
	}
}
