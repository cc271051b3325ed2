package journal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/receipt"
)

// TestDocumentedExample makes the worked example of docs/journal.md with the
// code that makes real entries, and finds every byte of it in the text.
func TestDocumentedExample(t *testing.T) {
	text, err := os.ReadFile("../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	const origin = "estelam.example/log/1405/n1"
	seed, aes := bytes.Repeat([]byte{7}, 32), [32]byte(bytes.Repeat([]byte{9}, 32))
	code, err := ids.NewCodeKey(1, aes)
	if err != nil {
		t.Fatal(err)
	}
	keys := &Keys{logs: []ed25519.PrivateKey{ed25519.NewKeyFromSeed(seed)}, codes: map[int]*ids.CodeKey{1: code}}
	l := &log{number: 1, origin: origin, vkey: keys.vkey(origin), code: code}
	l.signer = keys.signer(origin, l.vkey)

	b := &batch{log: l, time: time.Date(2026, 11, 21, 19, 15, 0, 123456000, time.UTC).UnixMicro()}
	single, r := newRequest(), newRequest()
	single.entries = []Entry{
		{Kind: receipt.Inquiry, Body: []byte(`"service":"identity","outcome":"confirmed"`), Subject: 12345679, Agency: 14003552272},
	}
	r.entries = []Entry{
		{Kind: receipt.Inquiry, Body: []byte(`"service":"place","outcome":"not_found"`)},
		{Kind: receipt.CardEvent},
	}
	r.unit = true
	b.add(single)
	b.add(r)
	b.pack()
	for i := range b.slots { // the salts of the example are 0x01…, 0x02…, 0x03…
		copy(b.private.salt(i)[:], bytes.Repeat([]byte{byte(i + 1)}, 32))
		b.packOne(i, &receipt.Head{Log: origin, Code: noCode, Time: time.UnixMicro(b.time)})
	}
	b.private.seal()
	var tree tree
	tree.grow(b.hashes)
	shape := tree.shape()
	b.size, b.root = tree.size, shape.root()
	b.checkpoint = l.signer.checkpoint(b.size, b.root)
	b.prove(shape)
	all := r.provenAll()

	one := receipt.Receipt{
		Record: b.slots[1].record, Salt: *b.private.salt(1), Index: 1, Size: 3,
		Path: shape.path(nil, 1), Checkpoint: b.checkpoint,
	}
	v, err := note.NewVerifier(l.vkey)
	if err == nil {
		err = one.Verify(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"log key file":   logKeyForm + " " + base64.StdEncoding.EncodeToString(seed),
		"code key file":  codeKeyForm + " " + base64.StdEncoding.EncodeToString(aes[:]),
		"public key":     l.vkey,
		"record 0":       string(b.slots[0].record),
		"record 1":       string(b.slots[1].record),
		"record 2":       string(b.slots[2].record),
		"code grouped":   b.slots[1].code.Grouped(),
		"leaf 0":         hex.EncodeToString(b.leaves[:34]),
		"leaf 1":         hex.EncodeToString(b.leaves[34:68]),
		"leaf 2":         hex.EncodeToString(b.leaves[68:]),
		"leaf hash 0":    b.hashes[0].String(),
		"leaf hash 1":    b.hashes[1].String(),
		"leaf hash 2":    b.hashes[2].String(),
		"root":           b.root.String(),
		"checkpoint":     string(b.checkpoint),
		"receipt":        string(one.Append(nil)),
		"batch receipt":  string(all.Receipts().Append(nil)),
		"bundle":         "0022" + hex.EncodeToString(b.leaves[:34]),
		"meta of 0":      hex.EncodeToString(b.slots[0].meta.append(nil)),
		"meta of 1":      hex.EncodeToString(b.slots[1].meta.append(nil)),
		"officer's key":  fmt.Sprintf("%016x", uint64(KeyOf(14003552272, "a.rezaei"))),
		"end offsets":    hex.EncodeToString(b.private.data[1+3*32 : 1+3*36]),
		"checksum":       hex.EncodeToString(b.private.data[len(b.private.data)-4:]),
		"leaf domain":    "estelam/leaf/v1",
		"kinds' numbers": "17 key-event, 18 purge",
	}
	for name, s := range want {
		if !strings.Contains(string(text), s) {
			t.Errorf("docs/journal.md lacks the %s:\n%s", name, s)
		}
	}
}
