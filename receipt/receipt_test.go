package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

const origin = "test.example/log/1405/n1"

// logOf is a log made with x/mod's own code, as a stranger would make one.
type logOf struct {
	entries []Entry
	hashes  []tlog.Hash
	skey    string
	vkey    string
}

func newLog(t testing.TB, n int) *logOf {
	t.Helper()
	l := &logOf{}
	var err error
	random := rand.NewChaCha8([32]byte{1})
	if l.skey, l.vkey, err = note.GenerateKey(random, origin); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		h := Head{
			Log: origin, Index: int64(i), Code: fmt.Sprintf("%020d", i), Kind: Inquiry,
			Time: time.Date(2026, 11, 21, 19, 15, 0, 123456000, time.UTC),
		}
		e := Entry{Record: append(h.Append(nil), `,"n":[-1,{"متن":0}]}`...)}
		e.Record = bytes.Replace(e.Record, []byte(`{"متن":0}`), []byte(`{"text":"نام\\ \" \u0001"}`), 1)
		_, _ = random.Read(e.Salt[:])
		l.entries = append(l.entries, e)
		// Not Leaf and LeafHash: the formula of the documentation.
		inner := sha256.Sum256(e.Record)
		outer := sha256.Sum256(append(append([]byte("estelam/leaf/v1"), e.Salt[:]...), inner[:]...))
		more, err := tlog.StoredHashes(int64(i), append([]byte{1, 1}, outer[:]...), l)
		if err != nil {
			t.Fatal(err)
		}
		l.hashes = append(l.hashes, more...)
	}
	return l
}

func (l *logOf) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var list []tlog.Hash
	for _, i := range indexes {
		list = append(list, l.hashes[i])
	}
	return list, nil
}

func (l *logOf) verifier(t testing.TB) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(l.vkey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (l *logOf) checkpoint(t testing.TB, size int64) []byte {
	t.Helper()
	s, err := note.NewSigner(l.skey)
	if err != nil {
		t.Fatal(err)
	}
	root, err := tlog.TreeHash(size, l)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: string(AppendCheckpointText(nil, origin, size, root))}, s)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func (l *logOf) receipt(t testing.TB, index, size int64) *Receipt {
	t.Helper()
	path, err := tlog.ProveRecord(size, index, l)
	if err != nil {
		t.Fatal(err)
	}
	e := l.entries[index]
	return &Receipt{Record: e.Record, Salt: e.Salt, Index: index, Size: size, Path: path, Checkpoint: l.checkpoint(t, size)}
}

// batch is the proof of a run of entries, its hashes found by definition.
func (l *logOf) batch(t testing.TB, first, end, size int64) *Batch {
	t.Helper()
	b := &Batch{Entries: l.entries[first:end], First: first, Size: size, Checkpoint: l.checkpoint(t, size)}
	var visit func(lo, hi int64)
	visit = func(lo, hi int64) {
		switch {
		case hi <= first:
			b.Left = append(b.Left, l.over(t, lo, hi))
		case lo >= end:
			b.Right = append(b.Right, l.over(t, lo, hi))
		case hi-lo > 1:
			k := int64(1)
			for 2*k < hi-lo {
				k *= 2
			}
			visit(lo, lo+k)
			visit(lo+k, hi)
		}
	}
	visit(0, size)
	return b
}

func (l *logOf) over(t testing.TB, lo, hi int64) tlog.Hash {
	if hi-lo == 1 {
		leaf := Leaf(1, Inquiry, &l.entries[lo].Salt, l.entries[lo].Record)
		return LeafHash(&leaf)
	}
	k := int64(1)
	for 2*k < hi-lo {
		k *= 2
	}
	return tlog.NodeHash(l.over(t, lo, lo+k), l.over(t, lo+k, hi))
}

func check(data []byte, v note.Verifier) error {
	r, err := Parse(data)
	if err != nil {
		return err
	}
	return r.Verify(v)
}

func TestEveryIndexOfEverySize(t *testing.T) {
	l := newLog(t, 40)
	v := l.verifier(t)
	for size := int64(1); size <= 40; size++ {
		for index := range size {
			if err := check(l.receipt(t, index, size).Append(nil), v); err != nil {
				t.Fatalf("%d of %d: %v", index, size, err)
			}
		}
	}
}

func TestBatchesSplit(t *testing.T) {
	l := newLog(t, 40)
	v := l.verifier(t)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(1, 40).Draw(rt, "size")
		first := rapid.Int64Range(0, size-1).Draw(rt, "first")
		end := rapid.Int64Range(first+1, size).Draw(rt, "end")
		b, err := ParseBatch(l.batch(t, first, end, size).Append(nil))
		if err != nil {
			rt.Fatal(err)
		}
		if err := b.Verify(v); err != nil {
			rt.Fatal(err)
		}
		list, err := b.Split()
		if err != nil {
			rt.Fatal(err)
		}
		for i, r := range list {
			want := l.receipt(t, first+int64(i), size).Append(nil)
			if got := r.Append(nil); !bytes.Equal(got, want) {
				rt.Fatalf("receipt %d is\n%s\nnot\n%s", i, got, want)
			}
		}
	})
}

func TestPrettyPrintedStillVerifies(t *testing.T) {
	l := newLog(t, 9)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, l.receipt(t, 4, 9).Append(nil), "", "\t"); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if err := check(pretty.Bytes(), l.verifier(t)); err != nil {
		t.Fatal(err)
	}
}

// TestEveryFlippedByteIsFound flips every bit of some receipts and batches.
func TestEveryFlippedByteIsFound(t *testing.T) {
	l := newLog(t, 13)
	v := l.verifier(t)
	for _, at := range []struct{ index, size int64 }{{0, 1}, {5, 13}, {12, 13}} {
		flipEveryBit(t, l.receipt(t, at.index, at.size).Append(nil), func(data []byte) error { return check(data, v) })
	}
	flipEveryBit(t, l.batch(t, 3, 6, 13).Append(nil), func(data []byte) error {
		b, err := ParseBatch(data)
		if err != nil {
			return err
		}
		return b.Verify(v)
	})
}

func flipEveryBit(t *testing.T, data []byte, check func([]byte) error) {
	t.Helper()
	if err := check(data); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			err := check(bad)
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatalf("bit %d of byte %d (%q) is not missed: %v", bit, i, data[i], err)
			}
		}
	}
}

// stepCases spoil the receipt of entry 4 of 9 so that a certain step fails.
func stepCases() []stepCase {
	return []stepCase{
		{StepFormat, func(r *Receipt) { r.Checkpoint = r.Checkpoint[:40] }},
		{StepRecord, func(r *Receipt) { r.Index = 5 }},
		{StepRecord, func(r *Receipt) { r.Record = bytes.Replace(r.Record, []byte("n1"), []byte("n2"), 1) }},
		{StepInclusion, func(r *Receipt) { r.Salt[0]++ }},
		{StepInclusion, func(r *Receipt) { r.Path = r.Path[1:] }},
		{StepInclusion, func(r *Receipt) { r.Path = append(r.Path, tlog.Hash{}) }},
		{StepInclusion, func(r *Receipt) { r.Size++ }},
	}
}

type stepCase struct {
	step  Step
	spoil func(*Receipt)
}

func TestStepsAreNamed(t *testing.T) {
	l := newLog(t, 9)
	other := newLog(t, 1)
	_, otherKey, err := note.GenerateKey(rand.NewChaCha8([32]byte{2}), origin)
	if err != nil {
		t.Fatal(err)
	}
	other.vkey = otherKey
	good := func() *Receipt { return l.receipt(t, 4, 9) }
	for _, c := range stepCases() {
		r := good()
		c.spoil(r)
		var failed *Error
		if err := r.Verify(l.verifier(t)); !errors.As(err, &failed) || failed.Step != c.step {
			t.Errorf("want step %s, got %v", c.step, err)
		}
	}
	var failed *Error
	if err := good().Verify(other.verifier(t)); !errors.As(err, &failed) || failed.Step != StepSignature {
		t.Errorf("another key with the log's name: %v", err)
	}
	if err := good().Verify(); !errors.As(err, &failed) || failed.Step != StepSignature {
		t.Errorf("no key: %v", err)
	}
	if err := good().Verify(other.verifier(t), l.verifier(t)); err != nil {
		t.Errorf("two keys of one log, after a rotation: %v", err)
	}
}

// refused are files that no key makes good.
func refused(t *testing.T, l *logOf) map[string]string {
	good := string(l.receipt(t, 4, 9).Append(nil))
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not there", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	return map[string]string{
		"unknown member":    swap(`{"format"`, `{"more":1,"format"`),
		"missing member":    swap(`"format":"estelam-receipt/1",`, ``),
		"member twice":      swap(`{"format":"estelam-receipt/1"`, `{"format":"estelam-receipt/1","format":"estelam-receipt/1"`),
		"name twice inside": swap(`"n":[`, `"n":1,"n":[`),
		"number with point": swap(`"n":[-1,`, `"n":[-1.0,`),
		"escaped letter":    swap(`\u0001`, `\u0041`),
		"capital escape":    swap(`\u0001`, `\u001F`),
		"escaped slash":     swap(`2026`, `\/`),
		"second value":      good + `{}`,
		"trailing comma":    swap(`}]}`, `}],}`),
		"array":             `[` + good + `]`,
		"empty":             ``,
		"number as name":    swap(`"n":[`, `"1":[`),
		"large integer":     swap(`"n":[-1,`, `"n":[9007199254740992,`),
		"minus zero":        swap(`"n":[-1,`, `"n":[-0,`),
		"extra of proof":    swap(`v1\nindex`, `v1\nextra AAAA\nindex`),
		"index with zero":   swap(`\nindex 4`, `\nindex 04`),
		"deep":              swap(`"n":[`, `"n":[`+strings.Repeat("[", 20)+strings.Repeat("]", 20)+`,`),
		"salt is a number":  `{"format":"estelam-receipt/1","record":{},"salt":1,"proof":""}`,
	}
}

func TestRefused(t *testing.T) {
	l := newLog(t, 9)
	v := l.verifier(t)
	for name, bad := range refused(t, l) {
		if err := check([]byte(bad), v); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
	if err := check(l.receipt(t, 4, 9).Append(nil), v); err != nil {
		t.Fatal(err)
	}
}

func TestBase64HasOneSpelling(t *testing.T) {
	var h [32]byte
	for _, bad := range []string{
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=", // a bit beyond the last byte
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		if err := decode(h[:], []byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestCompactIsWhatOthersPrint compares with the standard library's reading.
func TestCompactIsWhatOthersPrint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		raw := AppendString([]byte(nil), s)
		if strings.ToValidUTF8(s, "") == s {
			var back string
			if err := json.Unmarshal(raw, &back); err != nil || back != s {
				t.Fatalf("%q is read as %q: %v", s, back, err)
			}
			if got := string(unquote(raw)); got != s {
				t.Fatalf("%q is unquoted to %q", s, got)
			}
			compact, err := Compact(append([]byte(" "), raw...))
			if err != nil || !bytes.Equal(compact, raw) {
				t.Fatalf("%s becomes %s: %v", raw, compact, err)
			}
		} else if _, err := Compact(raw); err == nil {
			t.Fatalf("%q is not UTF-8 and is taken", raw)
		}
	})
}

func FuzzParse(f *testing.F) {
	l := newLog(f, 3)
	f.Add(l.receipt(f, 1, 3).Append(nil))
	f.Add(l.batch(f, 0, 2, 3).Append(nil))
	f.Add([]byte(`{"a":[1,{"b":"\n"}],"c":null}`))
	v := l.verifier(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if compact, err := Compact(data); err == nil {
			if !json.Valid(data) {
				t.Fatalf("taken, but no JSON: %q", data)
			}
			if again, err := Compact(compact); err != nil || !bytes.Equal(again, compact) {
				t.Fatalf("compact twice: %q, %v", again, err)
			}
		}
		if r, err := Parse(data); err == nil {
			_ = r.Verify(v)
			if again, err := Parse(r.Append(nil)); err != nil || !bytes.Equal(again.Record, r.Record) {
				t.Fatalf("a receipt is not read back: %v", err)
			}
		}
		if b, err := ParseBatch(data); err == nil {
			_, _ = b.Split()
		}
	})
}

func TestKindsHaveNames(t *testing.T) {
	for k := 1; k < len(kinds); k++ {
		if again, ok := ParseKind(Kind(k).String()); !ok || again != Kind(k) {
			t.Errorf("kind %d has the name %q", k, Kind(k))
		}
	}
	if Kind(0).String() != "" || Kind(200).String() != "" {
		t.Error("a byte that is no kind has a name")
	}
	if _, ok := ParseKind(""); ok {
		t.Error("no name is a kind")
	}
}

func TestCheckMembers(t *testing.T) {
	for _, good := range []string{``, `"a":1`, `"a":{"b":[1,"x",null,true]},"c":"نام"`} {
		if err := CheckMembers([]byte(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		`"a":1,`, `,"a":1`, `{"a":1}`, `"a": 1`, `"a":1,"a":2`, `"kind":"x"`, `"A":1`, `"a":1}`, `"a":1.5`, "\"a\":\"\xff\"", `"a":"` + "\n" + `"`,
	} {
		if err := CheckMembers([]byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestHeadRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Head{
			Log: origin, Index: rapid.Int64Range(0, 1<<46).Draw(t, "index"), Code: "12345678901234567890",
			Time: time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "time")).UTC(),
			Kind: Kind(rapid.IntRange(1, len(kinds)-1).Draw(t, "kind")),
		}
		raw := h.Append(nil)
		if len(raw) != h.Len() {
			t.Fatalf("%s: Len says %d", raw, h.Len())
		}
		back, body, err := ParseHead(append(raw, `,"a":1}`...))
		if err != nil || back != h || string(body) != `"a":1` {
			t.Fatalf("%s: %+v %q %v", raw, back, body, err)
		}
		if back, body, err = ParseHead(append(raw, '}')); err != nil || back != h || len(body) != 0 {
			t.Fatalf("%s: %+v %q %v", raw, back, body, err)
		}
	})
}

// python runs the second verifier over many files at once and tells for each
// whether it is verified.
func python(t *testing.T, vkey string, files [][]byte) []bool {
	t.Helper()
	bin, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3 is not installed")
		}
		t.Skip("python3 is not installed")
	}
	dir := t.TempDir()
	args := []string{"verifiers/verify.py"}
	for i, data := range files {
		name := filepath.Join(dir, fmt.Sprintf("%05d.json", i))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command(bin, append(args, vkey)...).Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(files) {
		t.Fatalf("%d lines for %d files: %v\n%s", len(lines), len(files), err, out)
	}
	good := make([]bool, len(files))
	all := true
	for i, line := range lines {
		good[i] = strings.Contains(line, ": verified: ")
		all = all && good[i]
		if !good[i] && !strings.Contains(line, ": NOT VERIFIED: ") {
			t.Fatalf("neither verified nor not: %s", line)
		}
	}
	var exit *exec.ExitError
	if failed := errors.As(err, &exit) && exit.ExitCode() == 1; failed == all || !failed && err != nil {
		t.Fatalf("exit status does not fit: %v", err)
	}
	return good
}

func TestSecondVerifierAgrees(t *testing.T) {
	l := newLog(t, 40)
	var good [][]byte
	for _, at := range []struct{ index, size int64 }{{0, 1}, {0, 2}, {1, 2}, {5, 13}, {12, 13}, {31, 32}, {0, 40}, {39, 40}, {32, 33}} {
		good = append(good, l.receipt(t, at.index, at.size).Append(nil))
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, good[3], "", "  "); err != nil {
		t.Fatal(err)
	}
	good = append(good, pretty.Bytes())
	for _, at := range []struct{ first, end, size int64 }{{0, 1, 1}, {0, 40, 40}, {3, 6, 13}, {12, 13, 13}, {7, 33, 40}} {
		good = append(good, l.batch(t, at.first, at.end, at.size).Append(nil))
	}
	for i, ok := range python(t, l.vkey, good) {
		if !ok {
			t.Errorf("the second verifier refuses\n%s", good[i])
		}
	}
	_, other, err := note.GenerateKey(rand.NewChaCha8([32]byte{2}), origin)
	if err != nil {
		t.Fatal(err)
	}
	for i, ok := range python(t, other, good[:2]) {
		if ok {
			t.Errorf("with another key it takes\n%s", good[i])
		}
	}
}

// TestSecondVerifierFindsEveryFlippedByte flips one random bit of every byte,
// and all bits of a few.
func TestSecondVerifierFindsEveryFlippedByte(t *testing.T) {
	l := newLog(t, 13)
	random := rand.New(rand.NewPCG(1, 2))
	for _, good := range [][]byte{l.receipt(t, 5, 13).Append(nil), l.batch(t, 3, 5, 13).Append(nil)} {
		bad := [][]byte{}
		for i := range good {
			bits := []int{random.IntN(8)}
			if random.IntN(50) == 0 {
				bits = []int{0, 1, 2, 3, 4, 5, 6, 7}
			}
			for _, bit := range bits {
				b := bytes.Clone(good)
				b[i] ^= 1 << bit
				bad = append(bad, b)
			}
		}
		for i, ok := range python(t, l.vkey, bad) {
			if ok {
				t.Errorf("the second verifier misses\n%s", bad[i])
			}
		}
	}
}

func TestSecondVerifierIsShort(t *testing.T) {
	data, err := os.ReadFile("verifiers/verify.py")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(data, []byte("\n")); n > 150 {
		t.Errorf("verify.py has %d lines; 150 are allowed", n)
	}
}

func BenchmarkCheckMembers(b *testing.B) {
	body := []byte(`"agency":{"id":"14003552272","name":"سازمان آزمایشی"},"officer":"a.rezaei","process":"p-12","purpose":"review",` +
		`"file":"1405/12345","agreement":{"id":1,"version":1,"clause":2},"service":"identity","mode":"verify",` +
		`"question":{"national_number":"0012345679","birth_date":"1370-01-01","claims":{"surname":"رضایی","father_name":"حسن"}},` +
		`"outcome":"differs","answer":{"fields":{"surname":{"result":"match"},"father_name":{"result":"differs"}}},"register_version":17`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if err := CheckMembers(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	l := newLog(b, 300)
	r := l.receipt(b, 200, 300)
	var room []byte
	for b.Loop() {
		room = r.Append(room[:0])
	}
}

func BenchmarkVerify(b *testing.B) {
	l := newLog(b, 300)
	r, v := l.receipt(b, 200, 300), l.verifier(b)
	for b.Loop() {
		if err := r.Verify(v); err != nil {
			b.Fatal(err)
		}
	}
}
