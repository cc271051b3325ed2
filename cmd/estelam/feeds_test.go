package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Commands of stories for agencies that follow persons.
//
//	arrives KIND [AFTER]
//
// reads the feed of the agency of $ESTELAM_CERT, after a number, until an event
// of the kind is in it, for a minute at most; the page is kept in feed.json.
//
//	receiver URL
//
// starts an agency's end of a webhook and sets a variable to its address; whom
// to trust is in receiver.pem.
//
//	called LAST
//
// waits, a minute at most, until the receiver has been told of this number, and
// wants every call to be signed by the key that webhooks/list, kept in
// answer.json, has told, and to say nothing else.

// within does something again until it succeeds or a minute is over.
func within(ts *testscript.TestScript, what string, done func() bool) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if done() {
			return
		}
	}
	ts.Fatalf("%s: not within a minute", what)
}

func cmdArrives(ts *testscript.TestScript, _ bool, args []string) {
	pair, err := tls.LoadX509KeyPair(ts.MkAbs(ts.Getenv("ESTELAM_CERT")), ts.MkAbs(ts.Getenv("ESTELAM_KEY")))
	ts.Check(err)
	ca, err := os.ReadFile(filepath.Join(ts.Getenv("ESTELAM_DATA"), "ca", "ca.pem"))
	ts.Check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}}}
	defer c.CloseIdleConnections()
	address := "https://" + ts.Getenv("API") + "/v1/feed"
	if len(args) > 1 {
		address += "?after=" + args[1]
	}
	within(ts, "an event "+args[0], func() bool {
		res, err := c.Get(address)
		ts.Check(err)
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("feed.json"), body, 0o600))
		return strings.Contains(string(body), `"kind":"`+args[0]+`"`)
	})
}

// receiver is an agency's end of a webhook.
type receiver struct {
	mu    sync.Mutex
	calls []call
}

type call struct {
	head http.Header
	host string
	body string
}

func cmdReceiver(ts *testscript.TestScript, _ bool, args []string) {
	r := &receiver{}
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls = append(r.calls, call{q.Header, q.Host, string(body)})
	}))
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("receiver.pem"), cert, 0o600))
	receivers.Store(ts.MkAbs("."), r)
}

// receivers are those of the stories that run, by their directories.
var receivers sync.Map

func cmdCalled(ts *testscript.TestScript, _ bool, args []string) {
	var told struct {
		ID  string `json:"key_id"`
		Key string `json:"key"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("answer.json")), &told))
	key, err := base64.StdEncoding.DecodeString(told.Key)
	ts.Check(err)
	found, _ := receivers.Load(ts.MkAbs("."))
	r := found.(*receiver)
	within(ts, "a call", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		n := len(r.calls)
		return n > 0 && strings.Contains(r.calls[n-1].body, `"last":`+args[0]+`,"test":false}`)
	})
	for _, c := range r.calls {
		if !c.signed(told.ID, key) {
			ts.Fatalf("a call is not signed: %v", c)
		}
		var said struct {
			Agency string
			Last   int64
			Test   bool
		}
		ts.Check(json.Unmarshal([]byte(c.body), &said))
		if c.body != `{"agency":"`+said.Agency+`","last":`+strconv.FormatInt(said.Last, 10)+`,"test":`+strconv.FormatBool(said.Test)+"}\n" {
			ts.Fatalf("a call says more: %s", c.body)
		}
	}
}

// signed checks a call as docs/feeds.md says.
func (c *call) signed(id string, key ed25519.PublicKey) bool {
	params := strings.TrimPrefix(c.head.Get("Signature-Input"), "estelam=")
	sum := sha256.Sum256([]byte(c.body))
	base := "\"@method\": POST\n\"@authority\": " + c.host +
		"\n\"content-digest\": sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":" +
		"\n\"estelam-call\": " + c.head.Get("Estelam-Call") +
		"\n\"@signature-params\": " + params
	signature, err := base64.StdEncoding.DecodeString(strings.Trim(strings.TrimPrefix(c.head.Get("Signature"), "estelam="), ":"))
	return err == nil && strings.Contains(params, `keyid="`+id+`"`) && ed25519.Verify(key, []byte(base), signature)
}
