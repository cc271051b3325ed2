package durable

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/synth"
)

// Promise P3: no national number is given twice, whoever asks for numbers and
// whatever is killed meanwhile. Writing processes with 64 writers each write
// down every number that they get, on disk, and are killed with signal 9 at any
// moment; then their ledgers are held against each other and against what was
// on record beforehand. With ESTELAM_LONG it is 10⁷ numbers and 100 kills.
func TestNumbersOnce(t *testing.T) {
	kills, numbers := 24, 150_000
	if fast() {
		kills, numbers = 4, 10_000
	}
	if long() {
		kills, numbers = 100, 10_000_000
	}
	t.Run("sqlite", func(t *testing.T) { giveNumbers(t, program(t), kills, numbers, 2, "") })
	t.Run("postgres", func(t *testing.T) {
		if fast() {
			t.Skip("ESTELAM_FAST")
		}
		giveNumbers(t, program(t), kills, numbers, 2, storetest.NewServer(t).Empty(t))
	})
	// An allocator that writes its place down one block late is right as long
	// as its process lives. If this does not find it out, it finds nothing.
	t.Run("forgetful", func(t *testing.T) {
		bin, err := forgetful()
		must(t, err)
		out, err := command(bin, "bench", "allocate", "--kills", "6", "--numbers", "20000", "--processes", "1")
		if err == nil || !strings.Contains(out, "were given twice") {
			t.Errorf("an allocator that forgets was not found out: %v\n%s", err, out)
		}
		if out, err := command(bin, "bench", "allocate", "--numbers", "20000"); err != nil {
			t.Errorf("it is wrong without a crash too, which shows nothing about crashes: %v\n%s", err, out)
		}
	})
}

func giveNumbers(t *testing.T, bin string, kills, numbers, processes int, database string) {
	t.Helper()
	out, err := command(bin, "bench", "allocate", "--writers", "64", "--database", database, "--seed", fmt.Sprint(dice(t).Uint32()|1),
		"--kills", fmt.Sprint(kills), "--numbers", fmt.Sprint(numbers), "--processes", fmt.Sprint(processes))
	must(t, err)
	if !strings.Contains(out, "; 0 numbers twice, 0 wrong") {
		t.Error("no verdict")
	}
	t.Log(strings.TrimSpace(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]))
}

// forgetful is the program with an allocator whose place on disk lags by one
// block behind the one in memory.
var forgetful = sync.OnceValues(func() (string, error) {
	const file = "internal/person/allocate.go"
	source, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		return "", err
	}
	for old, changed := range map[string]string{
		"first = max(next, from)":                        "first = max(next, from, remembered(p, 0))",
		"_, err = tx.Exec(blockUpdate, end, int(p))":     "_, err = tx.Exec(blockUpdate, first, int(p))",
		"_, err = tx.Exec(blockInsert, int(p), end)":     "_, err = tx.Exec(blockInsert, int(p), first)",
		"free, err := a.free(ctx, p, first, end)":        "remembered(p, end)\n\t\tfree, err := a.free(ctx, p, first, end)",
		"// nextSerial is where the next block of p beg": "var memory sync.Map\n\nfunc remembered(p Prefix, end int64) int64 {\n\tif end > 0 {\n\t\tmemory.Store(p, end)\n\t}\n\tat, _ := memory.LoadOrStore(p, int64(0))\n\treturn at.(int64)\n}\n\n// nextSerial is where the next block of p beg",
	} {
		if n := bytes.Count(source, []byte(old)); n != 1 {
			return "", fmt.Errorf("%s says %q %d times, want once: what makes a block durable now?", file, old, n)
		}
		source = bytes.Replace(source, []byte(old), []byte(changed), 1)
	}
	return build("forgetful", map[string][]byte{file: source})
})

// A file of births is taken in though its import is killed again and again:
// in the end each birth is registered once, with one number and one entry.
func TestBirthsResume(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { resumeBirths(t, liteSite(t, t.TempDir())) })
	t.Run("postgres", func(t *testing.T) {
		if fast() {
			t.Skip("ESTELAM_FAST")
		}
		s, err := newSite(program(t), t.TempDir(), storetest.NewServer(t).Empty(t))
		must(t, err)
		resumeBirths(t, s)
	})
}

func resumeBirths(t *testing.T, s *site) {
	t.Helper()
	chance, bin, births, kills := dice(t), program(t), 10_000, 8
	if fast() {
		births, kills = 3000, 3
	}
	if long() {
		births, kills = 200_000, 100
	}
	file := filepath.Join(t.TempDir(), "births.csv")
	must(t, os.WriteFile(file, birthFile(births), 0o600))
	before := entries(t, s)
	begun, killed := now(), 0
	for range kills {
		cmd := s.command(bin, "import", "births", file)
		must(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended: // it was done before
		case <-time.After(time.Duration(50+chance.Int64N(400)) * time.Millisecond):
			must(t, cmd.Process.Kill())
			<-ended
			killed++
		}
	}
	out, err := s.run(bin, "import", "births", file)
	for tries := 0; err != nil && strings.Contains(out, "another process") && tries < 100; tries++ {
		time.Sleep(100 * time.Millisecond) // PostgreSQL has not noticed yet that the killed one is gone
		out, err = s.run(bin, "import", "births", file)
	}
	if want := fmt.Sprintf("%d rows, %d taken in, 0 refused", births, births); err != nil || !strings.Contains(strings.ReplaceAll(out, ",", ""), strings.ReplaceAll(want, ",", "")) {
		t.Fatalf("%v\n%s", err, out)
	}
	took := now().Sub(begun)
	if got := entries(t, s) - before; got != births {
		t.Errorf("%d births have %d entries", births, got)
	}
	out, err = s.run(bin, "import", "births", file)
	if got := entries(t, s) - before; err != nil || got != births {
		t.Errorf("once more: %d entries, %v\n%s", got, err, out)
	}
	t.Logf("%d births, %d imports killed, all in %.1f s", births, killed, took.Seconds())
}

// entries is how many entries the log has; fsck finds no fault in it.
func entries(t *testing.T, s *site) (n int) {
	t.Helper()
	out, err := s.run(program(t), "fsck")
	if err != nil || !strings.Contains(out, "; 0 faults") {
		t.Fatalf("fsck: %v\n%s", err, out)
	}
	words := strings.Fields(strings.ReplaceAll(out, ",", ""))
	for i, word := range words {
		if word == "entries" && i > 0 {
			_, err = fmt.Sscan(words[i-1], &n)
			must(t, err)
			return n
		}
	}
	t.Fatalf("fsck counts no entries:\n%s", out)
	return n
}

// birthFile is births of the last days, some of them twins, at all offices.
func birthFile(n int) []byte {
	var b bytes.Buffer
	b.WriteString("notification,birth_order,office,given_name,surname,sex,birth_date,birth_place,father_name,declarant\n")
	offices := synth.New(synth.Config{Seed: seed}).Offices()
	today := persian.DateOf(now())
	sexes := []person.Sex{person.Male, person.Female}
	for i := range n {
		child, twin := people()[i%len(people())], 1
		if i%50 == 1 {
			twin = 2
		}
		fmt.Fprintf(&b, "H-%d,%d,%d,%s,%s,%s,%s,تهران,%s,father\n", i-twin+1, twin, offices[i%len(offices)].Code,
			child.Given.Display, child.Surname.Display, sexes[i%2], today.AddDays(-i%14), child.Given.Display)
	}
	return b.Bytes()
}
