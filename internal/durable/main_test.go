package durable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// scratch holds what all tests share; it is removed in the end.
var scratch string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "estelam-durable-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	return m.Run()
}

// fast: the short run, without kill loops (./test fast).
func fast() bool { return os.Getenv("ESTELAM_FAST") != "" }

// long: the run with as many rounds as the promises name.
func long() bool { return os.Getenv("ESTELAM_LONG") != "" }

// dice is the source of everything that a test leaves to chance.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("ESTELAM_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal("ESTELAM_SEED is no number")
		}
	}
	t.Logf("ESTELAM_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1405))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const module = "github.com/estelam/estelam"

// binary is the program under test, built once.
var binary = sync.OnceValues(func() (string, error) { return build("estelam", nil) })

func program(t testing.TB) string {
	t.Helper()
	bin, err := binary()
	must(t, err)
	return bin
}

// careless is the same program but for one word: the commits of the register
// and the journal do not sync. It is built from the very source, so that a
// change there that makes the word meaningless is seen.
var careless = sync.OnceValues(func() (string, error) {
	const file, with, without = "internal/store/sqlite.go", `"_synchronous": {"FULL"}`, `"_synchronous": {"NORMAL"}`
	source, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		return "", err
	}
	if n := bytes.Count(source, []byte(with)); n != 1 {
		return "", fmt.Errorf("%s says %s %d times, want once: what syncs the commits now?", file, with, n)
	}
	return build("careless", map[string][]byte{file: bytes.Replace(source, []byte(with), []byte(without), 1)})
})

// build makes the program, with some files of its source replaced.
func build(name string, replaced map[string][]byte) (string, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return "", err
	}
	bin := filepath.Join(scratch, name)
	args := []string{"build", "-o", bin}
	if len(replaced) > 0 {
		overlay := struct{ Replace map[string]string }{map[string]string{}}
		for file, source := range replaced {
			copied := filepath.Join(scratch, name+"-"+filepath.Base(file))
			if err := os.WriteFile(copied, source, 0o600); err != nil {
				return "", err
			}
			overlay.Replace[filepath.Join(root, file)] = copied
		}
		data, err := json.Marshal(overlay)
		if err != nil {
			return "", err
		}
		list := filepath.Join(scratch, name+".json")
		if err := os.WriteFile(list, data, 0o600); err != nil {
			return "", err
		}
		args = append(args, "-overlay", list)
	}
	cmd := exec.Command("go", append(args, module+"/cmd/estelam")...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
}

// tool is the path of a program that ./test installs.
func tool(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin") {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// asRoot passes over a test that must mount a file system.
func asRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("this mounts a file system: it needs root")
	}
	t.Skip("this mounts a file system: it needs root")
}

// command runs a program to its end and returns what it said.
func command(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return string(out), err
}
