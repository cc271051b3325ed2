package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/receipt"
)

// benchInquiry measures whole inquiries: mTLS, agreement, quota, idempotency,
// look-up, comparison, a durable entry, proof and checkpoint.
type benchInquiry struct {
	benchFlags `embed:""`

	Conns    int     `default:"64" help:"Connections, each with one question at a time."`
	OpenRate float64 `default:"5000" help:"Questions a second of the open loop; 0: none."`
	OpenFor  float64 `default:"10" help:"Length of the open loop in seconds."`
	NoKeys   bool    `help:"Send no idempotency keys."`
}

// Run alternates rounds of the yardstick and of the server, then asks at a
// fixed rate.
func (c *benchInquiry) Run(ctx context.Context, s streams) error {
	b, err := newBench("inquiry", c.benchFlags, s)
	if err != nil {
		return err
	}
	d, err := newDuel(ctx, b, c.Conns)
	if err != nil {
		return err
	}
	defer d.close()
	q := newQuestions(d.k, sample(d.k, 50_000), !c.NoKeys)
	fmt.Fprintf(b, "questions %s persons asked about, of %s; verify given name, surname and father; %d connections\n\n",
		count(int64(len(q.people))), count(int64(b.Persons)), c.Conns)
	if err := d.rounds(ctx, q); err != nil {
		return err
	}
	printRounds(b, "null", "answers", d.null)
	printRounds(b, "inquiry", "answers", d.full)
	printShares(b, "the server's", d.shares, d.full[len(d.full)-1].cpu)
	fmt.Fprintf(b, "server processor time, inquiry over null: %s ×\n\n", ratio(d.full, d.null).text(2))
	var open []*round
	if c.OpenRate > 0 {
		l := d.load(d.server, q)
		r, err := measure(ctx, d.server, 1, func() (*tally, error) {
			return l.open(ctx, time.Duration(c.OpenFor*1e9), c.OpenRate)
		})
		if err != nil {
			return err
		}
		open = []*round{r}
		printRounds(b, fmt.Sprintf("open loop at %s/s", count(int64(c.OpenRate))), "answers", open)
	}
	if err := errors.Join(refuseBad(d.null, d.full, open), d.settle(ctx)); err != nil {
		return err
	}
	return b.finish(d.chart(open))
}

// duel is the server and its yardstick, side by side.
type duel struct {
	*bench
	k      *country
	remove func()
	tls    *tls.Config
	conns  int
	keys   []note.Verifier
	server *child
	idle   *child // the yardstick

	null, full []*round
	verified   int
	shares     []share // of the server's processor time in the last round
}

func newDuel(ctx context.Context, b *bench, conns int) (d *duel, err error) {
	d = &duel{bench: b, conns: conns}
	if d.k, d.remove, err = b.country(ctx); err != nil {
		return nil, err
	}
	if d.tls, err = clientTLS(d.k); err == nil {
		if d.keys, err = readKeys(filepath.Join(d.k.dir, "log.vkey")); err == nil {
			if d.server, err = startServer(ctx, d.k.dir); err == nil {
				d.idle, err = startNull(ctx, d.k, d.k.dir)
			}
		}
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// close ends the servers and takes the country away.
func (d *duel) close() {
	for _, c := range []*child{d.server, d.idle} {
		if c != nil {
			_ = c.stop()
		}
	}
	d.server, d.idle = nil, nil
	d.remove()
}

// asking is a kind of request that a duel is fought with.
type asking interface {
	next(worker, i int) []byte
	// checkRound looks at answers of the round that has just ended.
	checkRound(ctx context.Context, d *duel) (verified int, err error)
	turn()         // a new round begins
	each() float64 // answers in one request
}

func (d *duel) load(c *child, q asking) *load {
	q.turn()
	return &load{addr: c.api, tls: d.tls, conns: d.conns, next: q.next}
}

// rounds warms both up and fights round after round. The server's answers of
// each round are verified after it.
func (d *duel) rounds(ctx context.Context, q asking) error {
	for _, c := range []*child{d.idle, d.server} {
		if _, err := d.load(c, q).closed(ctx, min(2*time.Second, d.round())); err != nil {
			return err
		}
	}
	for i := range d.Rounds {
		for _, side := range []struct {
			c  *child
			to *[]*round
		}{{d.idle, &d.null}, {d.server, &d.full}} {
			var profiled <-chan profiled
			if side.c == d.server && i == d.Rounds-1 {
				profiled = d.server.profile(ctx, d.round())
			}
			l := d.load(side.c, q)
			r, err := measure(ctx, side.c, q.each(), func() (*tally, error) { return l.closed(ctx, d.round()) })
			if err != nil {
				return err
			}
			if profiled != nil {
				if err := d.weigh(<-profiled); err != nil {
					return err
				}
			}
			*side.to = append(*side.to, r)
		}
		n, err := q.checkRound(ctx, d)
		if err != nil {
			return fmt.Errorf("round %d: %w", i+1, err)
		}
		d.verified += n
	}
	return nil
}

// weigh takes a profile in.
func (d *duel) weigh(p profiled) (err error) {
	if p.err == nil && d.Profile != "" {
		p.err = os.WriteFile(d.Profile, p.data, 0o644)
	}
	if p.err != nil {
		return p.err
	}
	d.shares, err = shares(p.data)
	return err
}

// settle stops the server and reads the whole journal again.
func (d *duel) settle(ctx context.Context) error {
	err := d.server.stop()
	d.server = nil
	if err != nil {
		return fmt.Errorf("the server's end: %w", err)
	}
	found, err := d.fsck(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(d, "verified  %s receipts of the rounds, offline; journal read again: %s entries in %s batches (%.1f each), nothing amiss\n",
		count(int64(d.verified)), count(found.Entries), count(found.Batches), float64(found.Entries)/float64(max(found.Batches, 1)))
	return nil
}

// questions is many inquiries, each written beforehand as a whole request.
type questions struct {
	people []person.Person
	wire   [][]byte
	key    []int // where the idempotency key stands in wire; nil: none
	own    [][]byte
	run    int
}

// maxConns bounds connections; the numbers of keys have room for more.
const maxConns = 4096

func newQuestions(k *country, people []person.Person, keys bool) *questions {
	q := &questions{people: people, own: make([][]byte, maxConns)}
	once := ""
	if keys {
		once = noKey
	}
	for i := range people {
		w := request("localhost", "/v1/inquiries", once, questionBody(k, &people[i], true))
		q.wire = append(q.wire, w)
		if keys {
			q.key = append(q.key, bytes.Index(w, []byte(noKey)))
		}
	}
	return q
}

// noKey stands where a key comes: 16 digits of this process, 16 of the question.
const noKey = "00000000000000000000000000000000"

var keyBase = rand.Uint64()

// questionBody is the JSON of a question whose every claim is right.
func questionBody(k *country, p *person.Person, alone bool) []byte {
	type claims struct {
		Given   string `json:"given_name"`
		Surname string `json:"surname"`
		Father  string `json:"father_name"`
	}
	body, err := json.Marshal(struct {
		Officer string `json:"officer,omitempty"`
		Purpose string `json:"purpose,omitempty"`
		File    string `json:"file"`
		Service string `json:"service"`
		Mode    string `json:"mode"`
		Number  string `json:"national_number"`
		Born    string `json:"birth_date"`
		Claims  claims `json:"claims"`
	}{
		Officer: onlyIf(alone, k.bank.officer), Purpose: onlyIf(alone, "account-opening"),
		File: "1405/" + strconv.FormatInt(int64(p.Number)%100_000, 10), Service: "identity", Mode: "verify",
		Number: p.Number.String(), Born: p.Born.String(),
		Claims: claims{p.Given.Display, p.Surname.Display, p.Father.Display},
	})
	if err != nil {
		panic(err) // strings always have JSON
	}
	return body
}

func onlyIf(yes bool, s string) string {
	if yes {
		return s
	}
	return ""
}

func (q *questions) each() float64 { return 1 }

func (q *questions) turn() { q.run++ }

// person is the index of the person whom question i of a worker is about.
func (q *questions) person(worker, i int) int {
	return (i*257 + worker*7919 + q.run*104_729) % len(q.people)
}

// next writes question i of a worker with a key of its own.
func (q *questions) next(worker, i int) []byte {
	p := q.person(worker, i)
	if q.key == nil {
		return q.wire[p]
	}
	w := append(q.own[worker][:0], q.wire[p]...)
	putKey(w[q.key[p]:], q.run, worker, i)
	q.own[worker] = w
	return w
}

// putKey writes a key that no other question has, of this bench or another one
// on the same country.
func putKey(to []byte, run, worker, i int) {
	const digits = "0123456789abcdef"
	n := uint64(run)<<48 | uint64(worker)<<32 | uint64(uint32(i))
	for k := range 16 {
		to[k] = digits[keyBase>>(60-4*k)&15]
		to[16+k] = digits[n>>(60-4*k)&15]
	}
}

// checkRound asks again what each worker asked first in the round, with the
// same keys: the answers must be the same entries, and genuine. Without keys
// they are new entries.
func (q *questions) checkRound(ctx context.Context, d *duel) (verified int, err error) {
	a, err := dial(ctx, d.server.api, d.tls)
	if err != nil {
		return 0, err
	}
	defer a.close()
	fresh, err := q.check(a, d, maxConns-1, 0)
	if err != nil {
		return 0, err
	}
	for i := range 2 {
		for w := range d.conns {
			index, err := q.check(a, d, w, i)
			if err != nil {
				return verified, err
			}
			if q.key != nil && index >= fresh {
				return verified, errors.New("a repeated question got a new entry")
			}
			verified++
		}
	}
	return verified, nil
}

// check verifies one receipt and that it answers what was asked.
func (q *questions) check(a *asker, d *duel, worker, i int) (index int64, err error) {
	var body bytes.Buffer
	status, _, err := a.ask(q.next(worker, i), &body)
	if err != nil {
		return 0, err
	}
	if status != 200 {
		return 0, fmt.Errorf("status %d: %s", status, body.Bytes())
	}
	r, err := receipt.Parse(body.Bytes())
	if err != nil {
		return 0, err
	}
	if err := r.Verify(d.keys...); err != nil {
		return 0, err
	}
	return r.Index, confirmed(r.Record, &q.people[q.person(worker, i)])
}

// confirmed checks that a record says what the register knows of p.
func confirmed(record []byte, p *person.Person) error {
	var is struct {
		Outcome  string
		Question struct {
			Number string `json:"national_number"`
		}
		Answer struct{ Fields map[string]string }
	}
	if err := json.Unmarshal(record, &is); err != nil {
		return err
	}
	for _, field := range []string{"given_name", "surname", "father_name"} {
		if is.Answer.Fields[field] != "match" {
			return fmt.Errorf("a right claim was answered %q", is.Answer.Fields[field])
		}
	}
	want := inquiry.Confirmed
	if p.State == person.Deceased {
		want = inquiry.Dead
	}
	if is.Outcome != want || is.Question.Number != p.Number.String() {
		return fmt.Errorf("outcome %q, not %q, or the answer is about another person", is.Outcome, want)
	}
	return nil
}

// chart draws processor time and latency.
func (d *duel) chart(open []*round) *chart {
	c := &chart{}
	c.bars(bars{
		title: "Server processor time per inquiry, µs",
		note:  fmt.Sprintf("%d connections, median and range of %d rounds", d.conns, d.Rounds),
		items: []bar{
			{"null handler (TLS and HTTP alone)", over(d.null, cpuOf), 0},
			{"inquiry: answered, durable, proven", over(d.full, cpuOf), 1},
		},
		digits: 1,
	})
	c.bars(bars{
		title: "Where the processor time of an inquiry goes, µs", note: "CPU profile of the last round; parts under 1 % left out",
		items: shareBars(d.shares, d.full[len(d.full)-1].cpu), digits: 1, single: true,
	})
	lines := []line{
		{fmt.Sprintf("null, closed loop, %s/s", number(over(d.null, rateOf).mid, 0)), cdf(d.null), 0},
		{fmt.Sprintf("inquiry, closed loop, %s/s", number(over(d.full, rateOf).mid, 0)), cdf(d.full), 1},
	}
	if len(open) > 0 {
		lines = append(lines, line{fmt.Sprintf("inquiry, open loop at %s/s", number(rateOf(open[0]), 0)), cdf(open), 2})
	}
	c.quantiles("Latency, share of answers that came within", lines)
	return c
}

// fsck reads the whole journal of the server, which has ended.
func (d *duel) fsck(ctx context.Context) (*journal.Report, error) {
	keys, err := journal.LoadKeys(keyDir(d.k.dir))
	if err != nil {
		return nil, err
	}
	found, err := journal.Fsck(ctx, d.k.dir, keys)
	if err == nil && len(found.Faults) > 0 {
		err = fmt.Errorf("the journal: %v", found.Faults[0])
	}
	return found, err
}
