package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/receipt"
)

// benchBatch measures calls of many questions.
type benchBatch struct {
	benchFlags `embed:""`

	Conns int `default:"4" help:"Connections, each with one call at a time."`
	Size  int `default:"1000" help:"Questions in a call."`
}

// Run alternates the yardstick, which reads the same calls, and the server.
func (c *benchBatch) Run(ctx context.Context, s streams) error {
	if c.Size < 1 || c.Size > 1000 {
		return errors.New("bench: a call holds 1 to 1,000 questions")
	}
	b, err := newBench("batch", c.benchFlags, s)
	if err != nil {
		return err
	}
	d, err := newDuel(ctx, b, c.Conns)
	if err != nil {
		return err
	}
	defer d.close()
	calls := newCalls(d.k, sample(d.k, 40_000), c.Size)
	fmt.Fprintf(b, "calls     of %s questions, on %d connections\n\n", count(int64(c.Size)), c.Conns)
	if err := d.rounds(ctx, calls); err != nil {
		return err
	}
	printRounds(b, "null", "questions", d.null)
	printRounds(b, "batch", "answers", d.full)
	printShares(b, "the server's", d.shares, d.full[len(d.full)-1].cpu)
	if err := errors.Join(refuseBad(d.null, d.full), d.settle(ctx)); err != nil {
		return err
	}
	picture := &chart{}
	picture.bars(bars{
		title: "Proven answers a second", note: fmt.Sprintf("%d questions a call, %d connections", c.Size, c.Conns),
		items: []bar{{"whole server, load generator on the same machine", over(d.full, rateOf), 1}},
	})
	picture.bars(bars{
		title: "Server processor time per question, µs",
		items: []bar{
			{"null handler that reads the same calls", over(d.null, cpuOf), 0},
			{"answered, durable, proven", over(d.full, cpuOf), 1},
		},
		digits: 2,
	})
	return b.finish(picture)
}

// calls is many batch requests, written beforehand.
type calls struct {
	questions // of its people, wire and keys
	size      int
}

func newCalls(k *country, people []person.Person, size int) *calls {
	c := &calls{size: min(size, len(people))}
	c.people, c.own = people, make([][]byte, maxConns)
	for i := 0; i+c.size <= len(people); i += c.size {
		var body bytes.Buffer
		fmt.Fprintf(&body, `{"officer":%q,"purpose":"account-opening","file":"1405/1","questions":[`, k.bank.officer)
		for j := range c.size {
			if j > 0 {
				body.WriteByte(',')
			}
			body.Write(questionBody(k, &people[i+j], false))
		}
		body.WriteString("]}")
		w := request("localhost", "/v1/inquiries/batch", noKey, body.Bytes())
		c.wire = append(c.wire, w)
		c.key = append(c.key, bytes.Index(w, []byte(noKey)))
	}
	return c
}

func (c *calls) each() float64 { return float64(c.size) }

func (c *calls) which(worker, i int) int { return (i + worker*7 + c.run) % len(c.wire) }

func (c *calls) next(worker, i int) []byte {
	n := c.which(worker, i)
	w := append(c.own[worker][:0], c.wire[n]...)
	putKey(w[c.key[n]:], c.run, worker, i)
	c.own[worker] = w
	return w
}

// checkRound asks again what each worker asked first: the same entries come
// back, every one of them genuine, alone too.
func (c *calls) checkRound(ctx context.Context, d *duel) (verified int, err error) {
	a, err := dial(ctx, d.server.api, d.tls)
	if err != nil {
		return 0, err
	}
	defer a.close()
	for w := range d.conns {
		var body bytes.Buffer
		status, _, err := a.ask(c.next(w, 0), &body)
		if err != nil {
			return verified, err
		}
		if status != 200 {
			return verified, fmt.Errorf("status %d: %s", status, body.Bytes())
		}
		n, err := c.check(body.Bytes(), d, c.which(w, 0)*c.size)
		if err != nil {
			return verified, err
		}
		verified += n
	}
	return verified, nil
}

// check verifies a batch whose first question is about person number first,
// and each tenth of its receipts alone.
func (c *calls) check(body []byte, d *duel, first int) (int, error) {
	r, err := receipt.ParseBatch(body)
	if err != nil {
		return 0, err
	}
	if err := r.Verify(d.keys...); err != nil {
		return 0, err
	}
	alone, err := r.Split()
	if err != nil {
		return 0, err
	}
	if len(alone) != c.size {
		return 0, fmt.Errorf("%d answers to %d questions", len(alone), c.size)
	}
	for i := range alone {
		if err := confirmed(alone[i].Record, &c.people[first+i]); err != nil {
			return 0, err
		}
		if i%10 == 0 {
			if err := alone[i].Verify(d.keys...); err != nil {
				return 0, err
			}
		}
	}
	return len(alone), nil
}
