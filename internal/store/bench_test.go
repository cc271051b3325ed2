package store_test

import (
	"iter"
	"math/rand/v2"
	"strconv"
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
	each(b, func(b *testing.B, db *store.DB, n int) {
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

func each(b *testing.B, f func(*testing.B, *store.DB, int)) {
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
			f(b, db, n)
		})
	}
}
