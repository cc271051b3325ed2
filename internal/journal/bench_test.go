package journal

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
)

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// body is as long as an ordinary inquiry's.
func body() []byte {
	return []byte(`"agency":{"id":"14003552272","name":"سازمان آزمایشی"},"officer":"a.rezaei","process":"p-12","purpose":"review",` +
		`"file":"1405/12345","agreement":{"id":1,"version":1,"clause":2},"service":"identity","mode":"verify",` +
		`"question":{"national_number":"0012345679","birth_date":"1370-01-01","claims":{"surname":"رضایی","father_name":"حسن"}},` +
		`"outcome":"differs","answer":{"fields":{"surname":{"result":"match"},"father_name":{"result":"differs"}}},"register_version":17`)
}

func benchmarkCommit(b *testing.B, callers int) {
	j := newDesk(b, storetest.SQLite(b)).open()
	ctx := context.Background()
	var left atomic.Int64
	left.Store(int64(b.N))
	before := cpu(b)
	b.ResetTimer()
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			text := body()
			for left.Add(-1) >= 0 {
				if _, err := j.Commit(ctx, Entry{Kind: 1, Body: text, Subject: ids.NationalNumber(12345679), Agency: 14003552272, Bucket: 7}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	b.ReportMetric(float64(cpu(b)-before)/1e3/float64(b.N), "cpu-µs/entry")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(b.N)/float64(batches(b, j)), "entries/batch")
}

func batches(b *testing.B, j *Journal) int64 {
	return max(1, batchesOf(b, j))
}

func BenchmarkCommit1(b *testing.B)   { benchmarkCommit(b, 1) }
func BenchmarkCommit64(b *testing.B)  { benchmarkCommit(b, 64) }
func BenchmarkCommit512(b *testing.B) { benchmarkCommit(b, 512) }

func benchmarkCommitAll(b *testing.B, size, callers int) {
	j := newDesk(b, storetest.SQLite(b)).open()
	ctx := context.Background()
	var left atomic.Int64
	left.Store(int64(b.N))
	before := cpu(b)
	b.ResetTimer()
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			entries := make([]Entry, size)
			for i := range entries {
				entries[i] = Entry{Kind: 1, Body: body(), Subject: ids.NationalNumber(12345679 + i), Agency: 14003552272}
			}
			for left.Add(-1) >= 0 {
				if _, err := j.CommitAll(ctx, entries, [16]byte{}, [16]byte{}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	n := float64(b.N * size)
	b.ReportMetric(float64(cpu(b)-before)/1e3/n, "cpu-µs/entry")
	b.ReportMetric(n/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkCommitAll256(b *testing.B)    { benchmarkCommitAll(b, 256, 2) }
func BenchmarkCommitAll1000(b *testing.B)   { benchmarkCommitAll(b, 1000, 2) }
func BenchmarkCommitAll1000x4(b *testing.B) { benchmarkCommitAll(b, 1000, 4) }

// BenchmarkTree is the Merkle part alone: growing and one path an entry.
func BenchmarkTree(b *testing.B) {
	var t tree
	hashes := make([]tlog.Hash, 256)
	t.grow(make([]tlog.Hash, 10_000_000&^255))
	t.settle()
	room := make([]tlog.Hash, 0, 64)
	b.ResetTimer()
	for n := 0; n < b.N; n += len(hashes) {
		first := t.size
		t.grow(hashes)
		s := t.shape()
		for i := range hashes {
			room = s.path(room[:0], first+int64(i))
		}
		t.settle()
	}
}

func BenchmarkByCode(b *testing.B) {
	j := newDesk(b, storetest.SQLite(b)).open()
	ctx := context.Background()
	var codes []ids.TrackingCode
	for range 100 {
		entries := make([]Entry, 1000)
		for i := range entries {
			entries[i] = Entry{Kind: 1, Body: body()}
		}
		p, err := j.CommitAll(ctx, entries, [16]byte{}, [16]byte{})
		if err != nil {
			b.Fatal(err)
		}
		codes = append(codes, p.Entries[500].Code)
	}
	b.ResetTimer()
	for i := range b.N {
		if _, found, err := j.ByCode(ctx, codes[i%len(codes)]); err != nil || !found {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkGenuine(b *testing.B) {
	j := newDesk(b, storetest.SQLite(b)).open()
	ctx := context.Background()
	p := commit(b, j, entry(1))
	b.ResetTimer()
	for range b.N {
		if ok, err := j.Genuine(ctx, p.Code); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}
