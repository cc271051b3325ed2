package letter

import (
	"io"
	"strconv"
	"testing"

	"github.com/estelam/estelam/internal/ids"
)

// many gives n letters to different persons.
func many(n int) func(func(*Notification, error) bool) {
	given, surname := []string{"علی‌اکبر", "زهرا", "محمدرضا", "فاطمه", "امیرحسین", "مریم"}, []string{"یزدانی‌فرد", "کریمی", "ملک‌زاده اصل", "رضایی", "حسینی"}
	return func(yield func(*Notification, error) bool) {
		for i := range n {
			l := sampleNotification()
			l.Serial = strconv.Itoa(14050000000000 + i)
			l.Number = ids.NationalNumber(1000000000 + 7919*i)
			l.Given, l.Surname, l.Father = given[i%6], surname[i/6%5]+strconv.Itoa(i%997), given[i/30%6]
			l.Objection = strconv.Itoa(100000000000 + 104729*i)
			l.Link = l.Page + "?code=" + l.Objection
			if !yield(l, nil) {
				return
			}
		}
	}
}

func BenchmarkNotification(b *testing.B) {
	b.ReportAllocs()
	if err := WriteNotifications(io.Discard, "fa", many(b.N)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

func BenchmarkOneFile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := writeNotification(io.Discard, "fa", sampleNotification()); err != nil {
			b.Fatal(err)
		}
	}
}
