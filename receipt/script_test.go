package receipt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// pageScript is the verifier that the page /receipt runs in the browser.
const pageScript = "../internal/console/page/static/receipt.js"

// finding is what the page's script says of a file: "genuine", or the step that
// failed and why.
type finding struct{ Step, Why string }

func (f finding) genuine() bool { return f.Step == "genuine" }

// script runs the page's verifier over many files at once, with the browser
// engine's own Ed25519 or with the script's.
func script(t *testing.T, native bool, keys []string, files [][]byte) []finding {
	t.Helper()
	bin, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("node is not installed")
		}
		t.Skip("node is not installed")
	}
	source, err := os.ReadFile(pageScript)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"receipt.mjs": source, "run.mjs": []byte(scriptRunner)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(map[string]any{"native": native, "keys": keys, "files": files})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, filepath.Join(dir, "run.mjs"))
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, said.String())
	}
	var findings []finding
	if err := json.Unmarshal(out, &findings); err != nil || len(findings) != len(files) {
		t.Fatalf("%d findings of %d files: %v", len(findings), len(files), err)
	}
	return findings
}

// scriptRunner calls the verifier as the page does. What it throws must be one of its
// own failures.
const scriptRunner = `
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { verify } from "./receipt.mjs";
globalThis.crypto ??= webcrypto;
const { native, keys, files } = JSON.parse(readFileSync(0, "utf8"));
if (!native) crypto.subtle.importKey = () => { throw new Error("this engine's Ed25519 must not be asked"); };
const findings = [];
for (const file of files ?? []) {
  try {
    await verify(new Uint8Array(Buffer.from(file, "base64")), keys, native);
    findings.push({ step: "genuine" });
  } catch (e) {
    if (!e.step) throw e;
    findings.push({ step: e.step, why: e.why });
  }
}
process.stdout.write(JSON.stringify(findings));
`

func TestScriptTakesWhatIsGenuine(t *testing.T) {
	l := newLog(t, 40)
	var good [][]byte
	for size := int64(1); size <= 40; size++ {
		for _, index := range []int64{0, size / 3, size / 2, size - 1} {
			good = append(good, l.receipt(t, index, size).Append(nil))
		}
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, good[3], "\t", "  "); err != nil {
		t.Fatal(err)
	}
	act := `{"tracking_code":"12345678901234567890","receipt":` + string(good[3]) + `}`
	good = append(good, append(pretty.Bytes(), "\r\n"...), []byte(act))
	for _, at := range []struct{ first, end, size int64 }{{0, 1, 1}, {0, 40, 40}, {3, 6, 13}, {12, 13, 13}, {7, 33, 40}} {
		good = append(good, l.batch(t, at.first, at.end, at.size).Append(nil))
	}
	_, other, err := note.GenerateKey(rand.NewChaCha8([32]byte{2}), origin)
	if err != nil {
		t.Fatal(err)
	}
	// A line that is no key, and a second key of the log, are passed over.
	for i, f := range script(t, true, []string{"# keys", other, l.vkey, l.vkey}, good) {
		if !f.genuine() {
			t.Errorf("%v:\n%s", f, good[i])
		}
	}
	some := good[:12]
	for i, f := range script(t, false, []string{l.vkey}, some) {
		if !f.genuine() {
			t.Errorf("reckoned by the script itself: %v:\n%s", f, some[i])
		}
	}
	for _, native := range []bool{true, false} {
		for keys, why := range map[string]string{other: "unsigned", "": "no_key", strings.Replace(l.vkey, "n1+", "n2+", 1): "no_key"} {
			if f := script(t, native, []string{keys}, good[:1])[0]; f != (finding{"signature", why}) {
				t.Errorf("key %q: %v", keys, f)
			}
		}
	}
}

// TestScriptReckonsSignatures alters each byte of a signature: the script's own
// Ed25519 must refuse what the engine's refuses.
func TestScriptReckonsSignatures(t *testing.T) {
	l := newLog(t, 2)
	r := l.receipt(t, 1, 2)
	end := bytes.LastIndex(r.Checkpoint, []byte(" ")) + 1
	var sig [68]byte
	if err := decode(sig[:], bytes.TrimSpace(r.Checkpoint[end:])); err != nil {
		t.Fatal(err)
	}
	var bad [][]byte
	for i := range 64 {
		altered := sig
		altered[4+i] ^= 1 << (i % 8)
		c := *r
		c.Checkpoint = append(base64.StdEncoding.AppendEncode(bytes.Clone(r.Checkpoint[:end]), altered[:]), '\n')
		bad = append(bad, c.Append(nil))
	}
	for _, native := range []bool{true, false} {
		for i, f := range script(t, native, []string{l.vkey}, bad) {
			if f != (finding{"signature", "forged"}) {
				t.Errorf("native %v, byte %d: %v", native, i, f)
			}
		}
	}
}

func TestScriptNamesSteps(t *testing.T) {
	l := newLog(t, 9)
	var files [][]byte
	var want []Step
	for _, c := range stepCases() {
		r := l.receipt(t, 4, 9)
		if c.spoil(r); r.Size == 9 { // a file does not hold the size but in its checkpoint
			files, want = append(files, r.Append(nil)), append(want, c.step)
		}
	}
	for i, f := range script(t, true, []string{l.vkey}, files) {
		if f.Step != string(want[i]) {
			t.Errorf("want step %s, got %v:\n%s", want[i], f, files[i])
		}
	}
}

// TestScriptAgrees: the page takes a file that Go takes, and no other.
func TestScriptAgrees(t *testing.T) {
	l := newLog(t, 13)
	var names []string
	var files [][]byte
	for name, file := range tampered(t, l) {
		names, files = append(names, name), append(files, file)
	}
	for name, file := range refused(t, l) {
		names, files = append(names, name), append(files, []byte(file))
	}
	random := rand.New(rand.NewPCG(5, 6))
	for _, file := range atRandom(t, l, random, 1000) {
		names, files = append(names, "at random"), append(files, file)
	}
	taken := 0
	for i, f := range script(t, true, []string{l.vkey}, files) {
		var failed *Error
		err := checkAny(files[i], l.verifier(t))
		if err == nil {
			taken++
		} else if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		if f.genuine() != (err == nil) {
			t.Errorf("%s: Go says %v, the page %v:\n%s", names[i], err, f, files[i])
		}
	}
	if taken == 0 || taken == len(files) {
		t.Errorf("%d of %d files are taken", taken, len(files))
	}
}

// TestScriptFindsEveryFlippedBit flips every bit of a receipt and of a batch.
func TestScriptFindsEveryFlippedBit(t *testing.T) {
	l := newLog(t, 13)
	for _, good := range [][]byte{l.receipt(t, 5, 13).Append(nil), l.batch(t, 3, 5, 13).Append(nil)} {
		var bad [][]byte
		for i := range good {
			for bit := range 8 {
				b := bytes.Clone(good)
				b[i] ^= 1 << bit
				bad = append(bad, b)
			}
		}
		for i, f := range script(t, true, []string{l.vkey}, bad) {
			if f.genuine() {
				t.Errorf("bit %d of byte %d is missed", i%8, i/8)
			}
		}
	}
}

// TestScriptKnowsEveryKind: a kind that the script lacks makes genuine receipts fail.
func TestScriptKnowsEveryKind(t *testing.T) {
	l := newLog(t, 0)
	var files [][]byte
	for k := Inquiry; k.String() != ""; k++ {
		h := Head{Log: origin, Code: strings.Repeat("0", 20), Kind: k, Time: time.Unix(0, 0)}
		r := &Receipt{Record: append(h.Append(nil), '}'), Size: 1}
		leaf := Leaf(Version, k, &r.Salt, r.Record)
		l.hashes = []tlog.Hash{LeafHash(&leaf)}
		r.Checkpoint = l.checkpoint(t, 1)
		files = append(files, r.Append(nil))
	}
	for i, f := range script(t, true, []string{l.vkey}, files) {
		if !f.genuine() {
			t.Errorf("%s: %v", Kind(i+1), f)
		}
	}
}
