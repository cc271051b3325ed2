package durable

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/persian"
)

// operator changes the register beside the running server: each officer whom
// he adds is a row there and an entry in the log, in two commits. Now and then
// his command is killed too. A row without its entry, an entry without its row
// or one of them twice must never be seen.
type operator struct {
	site   *site
	bin    string
	dice   *rand.Rand
	number int
	told   map[string]string // tracking code by login
	count  atomic.Int64      // of told
	faults []string
}

var codePrinted = regexp.MustCompile(`tracking code ((?:\d{4} ?){5})`)

// work adds officers until stop is closed; what is under way then is killed.
func (o *operator) work(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(o.dice.IntN(60)) * time.Millisecond):
		}
		if !o.add(stop) {
			return
		}
	}
}

func (o *operator) add(stop <-chan struct{}) bool {
	o.number++
	login := fmt.Sprintf("o.%d", o.number)
	until := persian.DateOf(now()).AddDays(30).String()
	cmd := o.site.command(o.bin, "agency", "officer", bankID, login, "--name", "کارمند نمونه", "--until", until)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		o.faults = append(o.faults, err.Error())
		return false
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var limit <-chan time.Time
	if o.number%3 == 0 {
		limit = time.After(time.Duration(o.dice.IntN(100)) * time.Millisecond)
	}
	select {
	case err := <-ended:
		found := codePrinted.FindStringSubmatch(out.String())
		if err != nil || found == nil {
			o.faults = append(o.faults, fmt.Sprintf("officer %s: %v %s", login, err, out.String()))
			return false
		}
		o.told[login] = strings.ReplaceAll(found[1], " ", "")
		o.count.Add(1)
		return true
	case <-limit:
		return killed(cmd, ended)
	case <-stop:
		killed(cmd, ended)
		return false
	}
}

func killed(cmd *exec.Cmd, ended <-chan error) bool {
	_ = cmd.Process.Kill() // an error means that it has ended already
	<-ended
	return true
}

// check wants every officer who was acknowledged, and his entry. It returns
// how many there are, acknowledged or not.
func (o *operator) check(c *client.Client, all bool) (rows, lost int) {
	out, err := o.site.run(o.bin, "agency", "list")
	if err != nil {
		o.faults = append(o.faults, fmt.Sprintf("agency list: %v %s", err, out))
		return 0, 0
	}
	listed := map[string]int{}
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "officer" && strings.HasPrefix(f[1], "o.") {
			listed[f[1]]++
			rows++
		}
	}
	checks := 40
	for login, code := range o.told {
		if listed[login] != 1 {
			lost++
			o.faults = append(o.faults, fmt.Sprintf("officer %s is listed %d times", login, listed[login]))
		}
		if checks--; checks < 0 || !all {
			continue
		}
		if ok, err := c.CheckCode(context.Background(), code); !ok || err != nil {
			lost++
			o.faults = append(o.faults, fmt.Sprintf("the code of officer %s: genuine %v, %v", login, ok, err))
		}
	}
	return rows, lost
}
