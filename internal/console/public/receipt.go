package public

import (
	_ "embed"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/receipt"
)

// receiptView is the page that checks a receipt file: in the browser by
// static/receipt.js, which takes keys and words from here; without a script by
// sending the file, as the page then says.
type receiptView struct {
	Script receiptScript
	Module string // file name of the script itself
	Keys   []string
	Now    string // when the keys were read: an old page may lack the newest
	Found  *receiptFinding
	Wrong  string // why nothing was checked
	File   page.Input
}

// receiptScript is what the script takes from the page, as JSON.
type receiptScript struct {
	Lang  string            `json:"lang"`
	Keys  []string          `json:"keys"`
	Words map[string]string `json:"words"`
}

// receiptFinding is what the server found, which tells nothing of the content.
type receiptFinding struct {
	Genuine   bool
	Means     string
	Step, Why string
}

// mostReceipt is the largest file that is taken here. Larger ones are checked in
// the browser or with "estelam verify".
const mostReceipt = 1 << 20

// offlineWorker keeps this page for when there is no network. It stands at an
// address that never changes, as browsers want it.
//
//go:embed offline.js
var offlineWorker []byte

func offline(v *page.Visit) error {
	h := v.W.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	_, _ = v.W.Write(offlineWorker) // the reader has gone: nobody is left to tell
	return nil
}

// receiptPolicy is that of the page: its scripts reach nothing at all, so that
// the browser itself keeps them from sending a file anywhere.
const receiptPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'none'; " +
	"worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (r *room) receiptPage(v *page.Visit) error { return r.showReceipt(v, http.StatusOK, nil, "") }

func (r *room) showReceipt(v *page.Visit, status int, found *receiptFinding, wrong string) error {
	h := v.W.Header()
	h.Set("Content-Security-Policy", receiptPolicy)
	if v.Asker == nil && v.R.Method == http.MethodGet {
		h.Set("Cache-Control", "no-cache") // holds nothing of anybody: offline.js may keep it
		h.Set("Vary", "Cookie")
	}
	keys := v.Journal.VerifierKeys()
	title := v.T("console.public.receipt.title")
	if wrong != "" {
		title = v.T("console.form.wrong", title)
	}
	return v.Page(status, "public/receipt", title, receiptView{
		Script: receiptScript{Lang: string(v.Lang), Keys: keys, Words: r.words[v.Lang]},
		Module: "receipt.js", Keys: keys, Now: v.Moment(v.Clock()), Found: found, Wrong: wrong,
		File: page.Input{ID: "f-file", Name: "file", Help: v.T("console.public.receipt.file.help"), Wrong: wrong, Accept: ".json,application/json"},
	})
}

// receiptTexts are the texts that the script may need, by the beginning of
// their keys; each is called there by what stands beside it.
var receiptTexts = []struct{ key, name string }{
	{"console.public.say.", ""},
	{"console.public.step.", "step."},
	{"console.public.why.", "why."},
	{"console.public.kind.", "value.kind."},
	{"console.public.member.", "member."},
	{"console.field.", "member."},
	{"console.value.", "value."},
	{"console.word.", "value."},
	{"console.result.", "value."},
	{"console.outcome.", "value.outcome."},
	{"console.service.", "value.service."},
	{"console.mode.", "value.mode."},
	{"console.warning.", "value.warnings."},
	{"register.role.", "value.role."},
}

func receiptWords(lang message.Lang) map[string]string {
	words := map[string]string{}
	for _, key := range message.Keys() {
		for _, t := range receiptTexts {
			rest, ok := strings.CutPrefix(key, t.key)
			if !ok || strings.HasSuffix(rest, ".text") || strings.HasSuffix(rest, ".do") {
				continue
			}
			if t.name == "value.kind." {
				rest = strings.ReplaceAll(rest, "_", "-")
			}
			words[t.name+rest] = message.Text(lang, key)
		}
	}
	return words
}

// receiptPost checks a file for those whose browser runs no script.
func (r *room) receiptPost(v *page.Visit) error {
	if !r.checks.Allow(page.ClientOf(v.R), v.Clock()) {
		v.RetryAfter(10)
		return fault.New(fault.TooMany, "console.check.too_many")
	}
	data, err := receiptFile(v)
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return r.showReceipt(v, http.StatusUnprocessableEntity, nil, v.T("console.public.why.nothing"))
	}
	n, err := v.Journal.Verify(data)
	found := &receiptFinding{Genuine: err == nil}
	var failed *receipt.Error
	switch {
	case err == nil && n == 1:
		found.Means = v.T("console.public.say.means.one")
	case err == nil:
		found.Means = v.T("console.public.say.means.batch", v.Count(int64(n)))
	case errors.As(err, &failed):
		found.Step = v.T("console.public.step." + string(failed.Step))
	default:
		return err
	}
	return r.showReceipt(v, http.StatusOK, found, "")
}

// receiptFile is the file that was sent, or the text that was pasted. It never
// lies on a disk.
func receiptFile(v *page.Visit) (data []byte, err error) {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, 2*mostReceipt)
	parts, err := v.R.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Malformed, "console.form.malformed").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return data, nil
		}
		var some []byte
		if err == nil {
			some, err = io.ReadAll(io.LimitReader(part, mostReceipt+1))
		}
		switch {
		case err != nil && !errors.As(err, new(*http.MaxBytesError)):
			return nil, fault.New(fault.Malformed, "console.form.malformed").Because(err)
		case err != nil || len(some) > mostReceipt:
			return nil, fault.New(fault.TooLarge, "console.public.receipt.large")
		case len(strings.TrimSpace(string(some))) > 0 && part.FormName() != "keys":
			data = some
		}
	}
}
