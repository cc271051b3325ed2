package feed

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDocumentedCall makes the call that docs/feeds.md shows with the code that
// signs real ones, finds each line of it in the text, and has the text's
// program judge it.
func TestDocumentedCall(t *testing.T) {
	text, err := os.ReadFile("../../docs/feeds.md")
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"agency":"14003552272","last":17,"test":false}` + "\n"
	r, err := http.NewRequest(http.MethodPost, "https://fund.example/estelam", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	public := key.Public().(ed25519.PublicKey)
	if err := sign(r, []byte(body), "14003552272-17", time.Unix(1795312345, 0), key); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Host: " + r.URL.Host,
		"Content-Digest: " + r.Header.Get("Content-Digest"),
		"Estelam-Call: " + r.Header.Get("Estelam-Call"),
		"Signature-Input: " + r.Header.Get("Signature-Input"),
		"Signature: " + r.Header.Get("Signature"),
		strings.TrimSuffix(body, "\n"),
		`"@method": POST`,
		`"@authority": fund.example`,
		`"content-digest": ` + r.Header.Get("Content-Digest"),
		`"estelam-call": 14003552272-17`,
		`"@signature-params": ` + strings.TrimPrefix(r.Header.Get("Signature-Input"), "estelam="),
	} {
		if !bytes.Contains(text, []byte("\n"+want+"\n")) {
			t.Errorf("docs/feeds.md has not the line\n%s", want)
		}
	}
	for _, want := range []string{base64.StdEncoding.EncodeToString(public), keyID(public)} {
		if !bytes.Contains(text, []byte("`"+want+"`")) {
			t.Errorf("docs/feeds.md has not %s", want)
		}
	}

	program := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(text)
	if program == nil {
		t.Fatal("docs/feeds.md has no program")
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[name] = r.Header.Get(name)
	}
	given, err := json.Marshal([]any{r.URL.Host, headers, body, public})
	if err != nil {
		t.Fatal(err)
	}
	got := python(t, string(program[1])+judge, string(given))
	if want := "True False False False False\n"; got != want {
		t.Errorf("the program says %q of the call as it is, with another host, digest and body, key, and late; want %q", got, want)
	}
}

// judge holds the page's program against the call and four that are not it.
const judge = `
import json, sys
host, headers, body, key = json.load(sys.stdin)
body, key = body.encode(), base64.b64decode(key)
other = body.replace(b"17", b"18")
digest = "sha-256=:" + base64.b64encode(hashlib.sha256(other).digest()).decode() + ":"
print(genuine(host, headers, body, key, 1795312346), genuine("other.example", headers, body, key, 1795312346),
      genuine(host, headers | {"Content-Digest": digest}, other, key, 1795312346),
      genuine(host, headers, body, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), 1795312346),
      genuine(host, headers, body, key, 1795312345 + 301))
`

func python(t *testing.T, program, in string) string {
	bin, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3 is not installed")
		}
		t.Skip("python3 is not installed")
	}
	cmd := exec.Command(bin, "-c", program)
	cmd.Env = append(os.Environ(), "PYTHONPATH=../../receipt/verifiers", "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
