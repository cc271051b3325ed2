package journal

import (
	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/receipt"
)

// Verify checks a file that is said to be a receipt, or a batch's receipts, of
// one of these logs, and counts its records. It does what the file's holder can
// do offline: a finding is a *receipt.Error.
func (j *Journal) Verify(data []byte) (int, error) {
	var keys []note.Verifier
	for _, vkey := range j.VerifierKeys() {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return 0, altered("the key of a log cannot be read: %w", err)
		}
		keys = append(keys, v)
	}
	r, err := receipt.Parse(data)
	if err == nil {
		return 1, r.Verify(keys...)
	}
	b, batchErr := receipt.ParseBatch(data)
	if batchErr != nil {
		return 0, err
	}
	return len(b.Entries), b.Verify(keys...)
}
