package inquiry

import (
	"testing"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store/storetest"
)

// What step 3 costs: it comes before the register is read, on every inquiry.
func BenchmarkPermit(b *testing.B) {
	d := openDesk(b, storetest.SQLite(b))
	q := d.question(of(ali, "1370-01-01", "given_name", "علی"))
	today := persian.DateOf(d.now)
	b.ReportAllocs()
	for b.Loop() {
		var a answer
		if _, err := d.permit(d.ctx, d.bank, q, &a, d.now, today); err != nil || a.refusal.Reason != "" {
			b.Fatal(a.refusal, err)
		}
	}
}

// An inquiry from the parsed question to its proof, 64 at a time.
func BenchmarkAsk(b *testing.B) {
	d := openDesk(b, storetest.SQLite(b))
	q := d.question(of(ali, "1370-01-01", "given_name", "علی"))
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := d.Ask(d.ctx, d.bank, q, Once{}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
