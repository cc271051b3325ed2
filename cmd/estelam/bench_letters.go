package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/synth"
)

// benchLetters measures how many notification letters one processor draws:
// shaped text, QR symbol, barcode, compressed, in one PDF. They go nowhere, so
// that no disk is measured. Beside it the same processor hashes, SHA-256 over a
// mebibyte, which says how fast it is.
type benchLetters struct {
	benchFlags `embed:""`
}

// different is how many persons the letters go to; then it begins anew.
const different = 10_000

// Run draws letters in rounds.
func (c *benchLetters) Run(_ context.Context, s streams) error {
	b, err := newBench("letters", c.benchFlags, s)
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	letters := inventedLetters(min(c.Persons, different))
	fmt.Fprintf(b, "letters   to %s persons, A4, Persian, one file a round\n\n", count(int64(len(letters))))
	var hashes, rates, sizes []float64
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tSHA-256 MiB/s\tletters/s\tms each\tKiB each\t\n")
	for r := range c.Rounds {
		hash := c.hash(time.Second)
		stop, err := b.profileLast(r)
		if err != nil {
			return err
		}
		rate, size, err := c.draw(letters)
		stop()
		if err != nil {
			return err
		}
		hashes, rates, sizes = append(hashes, hash), append(rates, rate), append(sizes, size)
		fmt.Fprintf(t, "round %d\t%.0f\t%.0f\t%.2f\t%.1f\t\n", r+1, hash, rate, 1000/rate, size)
	}
	fmt.Fprintf(t, "median\t%s\t%s\t\t%s\t\n", spanOf(hashes).text(0), spanOf(rates).text(0), spanOf(sizes).text(1))
	_ = t.Flush()
	picture := &chart{}
	picture.bars(bars{
		title: "Notification letters a second, one processor",
		note:  "shaped, with QR symbol and barcode, compressed, in one PDF",
		items: []bar{{"promised", spanOf([]float64{100}), 0}, {"letters", spanOf(rates), 1}},
	})
	return b.finish(picture)
}

// inventedLetters makes letters to persons who do not exist.
func inventedLetters(n int) []letter.Notification {
	people := synth.New(synth.Config{Seed: benchSeed, Persons: n, Places: max(n/3, 10)})
	homes := map[ids.PostalCode]string{}
	for at := range people.Places() {
		homes[at.Code] = onOneLine(&at)
	}
	day := persian.Date{Year: 1405, Month: 9, Day: 1}
	all := make([]letter.Notification, 0, n)
	for p := range people.Persons() {
		code := strconv.Itoa(1000000000000000 + 7919*len(all))
		all = append(all, letter.Notification{
			Serial: strconv.Itoa(14050000000000 + len(all)), Date: day, Route: p.Postal.String()[:5],
			Address: homes[p.Postal], Postal: p.Postal,
			Number: p.Number, Given: p.Given.Display, Surname: p.Surname.Display, Father: p.Father.Display,
			Male: p.Sex == person.Male, Female: p.Sex == person.Female,
			Objection: code, Until: day.AddMonths(3),
			Page: "https://estelam.example/objection", Link: "https://estelam.example/objection#" + code, Demo: true,
		})
	}
	return all
}

func onOneLine(p *place.Place) string {
	return strings.Join([]string{p.Province, p.County, p.Locality, p.Street, p.House}, " ")
}

// hash gives mebibytes a second.
func (c *benchLetters) hash(d time.Duration) float64 {
	block := make([]byte, 1<<20)
	start, n := time.Now(), 0
	for ; time.Since(start) < d; n++ {
		sum := sha256.Sum256(block)
		block[0] = sum[0]
	}
	return float64(n) / time.Since(start).Seconds()
}

// draw writes one file for the length of a round, and gives letters a second
// and KiB a letter.
func (c *benchLetters) draw(letters []letter.Notification) (rate, size float64, err error) {
	var w counter
	start, n := time.Now(), 0
	err = letter.WriteNotifications(&w, message.Fa, func(yield func(*letter.Notification, error) bool) {
		for time.Since(start) < c.round() && yield(&letters[n%len(letters)], nil) {
			n++
		}
	})
	return float64(n) / time.Since(start).Seconds(), float64(w) / 1024 / float64(max(n, 1)), err
}

// counter counts the bytes that it forgets.
type counter int64

var _ io.Writer = (*counter)(nil)

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
