package durable

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/receipt"
)

// act is one keyed call of a writer: a question, or a batch of them.
type act struct {
	key       string
	questions []client.Question
	receipts  [][]byte // what the answer said, once there is one
	codes     []string
}

// ledger is what the writers were told, kept outside the server.
type ledger struct {
	watch *watch
	vkeys []note.Verifier

	mu      sync.Mutex
	told    []*act          // acknowledged since the last check
	open    []*act          // sent, and no answer came
	all     []*act          // acknowledged and checked
	codes   map[string]bool // every code that was ever given
	entries int64           // of all acts that were acknowledged
	reads   int64           // receipts that were fetched again: each is an entry
	number  int
	faults  []string
}

func newLedger(keys string) (*ledger, error) {
	w, err := newWatch(keys)
	if err != nil {
		return nil, err
	}
	l := &ledger{watch: w, codes: map[string]bool{}}
	for _, key := range bytes.Fields([]byte(keys)) {
		v, err := note.NewVerifier(string(key))
		if err != nil {
			return nil, err
		}
		l.vkeys = append(l.vkeys, v)
	}
	return l, nil
}

func (l *ledger) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.faults) < 20 {
		l.faults = append(l.faults, fmt.Sprintf(format, args...))
	}
}

// next is a new act: a batch if n > 1.
func (l *ledger) next(n int) *act {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	a := &act{key: fmt.Sprintf("act-%d", l.number)}
	for i := range n {
		q := question(l.number*31+i, a.key)
		if n > 1 {
			q.Officer = "" // the batch names him
		}
		a.questions = append(a.questions, q)
	}
	return a
}

// send sends an act and gives its receipts, verified by the client.
func (a *act) send(ctx context.Context, c *client.Client) (receipts [][]byte, codes []string, err error) {
	var answers []*client.Answer
	if len(a.questions) == 1 {
		var one *client.Answer
		one, err = c.Inquire(ctx, a.questions[0], client.Key(a.key))
		answers = []*client.Answer{one}
	} else {
		answers, err = c.Batch(ctx, client.Batch{Officer: officer, Questions: a.questions}, client.Key(a.key))
	}
	if err != nil {
		return nil, nil, err
	}
	for _, one := range answers {
		receipts = append(receipts, one.Receipt.Append(nil))
		codes = append(codes, one.Code)
	}
	return receipts, codes, nil
}

// acknowledge takes down what was answered.
func (l *ledger) acknowledge(a *act, receipts [][]byte, codes []string) {
	l.mu.Lock()
	a.receipts, a.codes = receipts, codes
	l.told = append(l.told, a)
	l.entries += int64(len(codes))
	twice := ""
	for _, code := range codes {
		if l.codes[code] {
			twice = code
		}
		l.codes[code] = true
	}
	l.mu.Unlock()
	if twice != "" {
		l.fault("code %s was given twice", twice)
	}
}

const writers = 16

// write has 16 writers ask until the server is gone or stop is closed. It
// counts what the server refused.
func (l *ledger) write(c *client.Client, stop <-chan struct{}) (refused map[string]int) {
	refused = map[string]int{}
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := 1
				if w%8 == 7 {
					n = w
				}
				a := l.next(n)
				receipts, codes, err := a.send(context.Background(), c)
				if err == nil {
					l.acknowledge(a, receipts, codes)
					time.Sleep(10 * time.Millisecond) // all of it is checked several times later
					continue
				}
				l.mu.Lock()
				l.open = append(l.open, a)
				var p *client.Problem
				known := errors.As(err, &p)
				if known {
					refused[fmt.Sprintf("%d %s", p.Status, p.Key)]++
				}
				l.mu.Unlock()
				if !known {
					return // the connection broke
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	wait.Wait()
	return refused
}

// check holds a server that came up after a crash against what was told since
// the last check. It returns how many acknowledged entries are lost.
func (l *ledger) check(srv *server, c *client.Client, dice *rand.Rand) (lost int) {
	told := l.told
	l.told = nil
	l.offline(told)
	if _, err := l.watch.look(srv, false); err != nil {
		l.fault("%v", err)
	}
	l.genuine(c, told, dice)
	lost = l.again(c, told)
	lost += l.fetched(c, told, dice)
	l.all = append(l.all, told...)
	if lost > 0 {
		return lost
	}
	for _, a := range l.open { // there or not: now it is there once
		receipts, codes, err := a.send(context.Background(), c)
		if err != nil {
			l.fault("%s cannot be sent again: %v", a.key, err)
			continue
		}
		l.acknowledge(a, receipts, codes)
	}
	l.open = nil
	return 0
}

// offline verifies every receipt from its bytes, with the log's key alone.
func (l *ledger) offline(told []*act) {
	for _, a := range told {
		for _, data := range a.receipts {
			r, err := receipt.Parse(data)
			if err == nil {
				err = r.Verify(l.vkeys...)
			}
			if err == nil {
				_, err = l.watch.see(r.Checkpoint)
			}
			if err != nil {
				l.fault("a receipt of %s: %v", a.key, err)
			}
		}
	}
}

// mostChecks stays below what one address may ask anonymously in a minute.
const mostChecks = 60

func (l *ledger) genuine(c *client.Client, told []*act, dice *rand.Rand) {
	for range min(mostChecks, len(told)) {
		a := told[dice.IntN(len(told))]
		ok, err := c.CheckCode(context.Background(), a.codes[dice.IntN(len(a.codes))])
		if !ok || err != nil {
			l.fault("a code of %s: genuine %v, %v", a.key, ok, err)
		}
	}
}

// again sends every act again: the same key must give the same bytes. That
// finds entries that are gone, too: they would get a new salt.
func (l *ledger) again(c *client.Client, told []*act) (lost int) {
	l.each(told, func(a *act) {
		receipts, _, err := a.send(context.Background(), c)
		if err != nil {
			l.fault("%s again: %v", a.key, err)
		}
		for i, data := range a.receipts {
			if err != nil || i >= len(receipts) || !bytes.Equal(receipts[i], data) {
				l.mu.Lock()
				lost++
				l.mu.Unlock()
			}
		}
	})
	return lost
}

// fetched gets some receipts again by their code. Each such reading is an
// entry of the log as well.
func (l *ledger) fetched(c *client.Client, told []*act, dice *rand.Rand) (lost int) {
	for range min(20, len(told)) {
		a := told[dice.IntN(len(told))]
		i := dice.IntN(len(a.codes))
		one, err := c.Receipt(context.Background(), officer, a.codes[i])
		if err == nil {
			l.reads++
		}
		if err != nil || !bytes.Equal(one.Receipt.Append(nil), a.receipts[i]) {
			l.fault("the receipt of %s, fetched: %v", a.key, err)
			lost++
		}
	}
	return lost
}

// each runs f over acts with as many callers as there are writers.
func (l *ledger) each(acts []*act, f func(*act)) {
	line := make(chan *act)
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for a := range line {
				f(a)
			}
		})
	}
	for _, a := range acts {
		line <- a
	}
	close(line)
	wait.Wait()
}
