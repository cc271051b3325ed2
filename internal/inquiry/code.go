package inquiry

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/receipt"
)

// Who may learn what from a tracking code (clause C.2c): anyone, whether it is
// genuine; an agency that also knows the national number, whether the two
// belong together; the agency that asked, its own record again.

// CheckCode says whether a code is genuine, and nothing else. The work is the
// same for every well-formed code.
func (d *Desk) CheckCode(ctx context.Context, c ids.TrackingCode) (bool, error) {
	return d.journal.Genuine(ctx, c)
}

// maxTries is how often a wrong national number may be tried on one code in a
// day, by all agencies together.
const maxTries = 5

// MatchCode says whether an inquiry's code and a national number belong
// together. Asking reads the journal, so it is an entry of its own; a wrong
// number counts as a try on the code for that Tehran day.
func (d *Desk) MatchCode(ctx context.Context, who Asker, c ids.TrackingCode, n ids.NationalNumber) (bool, *journal.Proven, error) {
	bucket := codeBucket(c)
	if d.guard.stopped(who.Agency) {
		return false, nil, fault.New(fault.Forbidden, "inquiry.stopped")
	}
	today := persian.DateOf(d.clock())
	_, ok, err := d.tries.take(ctx, bucket, today, maxTries)
	if err != nil {
		return false, nil, err
	}
	if !ok {
		return false, nil, fault.New(fault.TooMany, "inquiry.tries")
	}
	p, found, err := d.journal.ByCode(ctx, c)
	if err != nil {
		d.tries.giveBack(bucket, today, 1)
		return false, nil, err
	}
	matches := found && p.Kind == receipt.Inquiry && (p.Subject == n || p.Subject == 0 && inDeed(p.Record, n))
	if matches {
		d.tries.giveBack(bucket, today, 1)
		bucket = 0
	}
	body := readBody(who, "match", c, strconv.FormatBool(matches))
	proof, err := d.journal.Commit(ctx, journal.Entry{Kind: receipt.CodeMatch, Body: body, Agency: who.Agency.ID, Bucket: bucket})
	if uncounted(false, err) {
		d.tries.giveBack(bucket, today, 1)
	}
	if err != nil {
		return false, nil, err
	}
	return matches, &proof, nil
}

// OwnReceipt gives the asking agency the receipt of its own inquiry again. To
// everyone else the code does not exist. The reading is an entry too.
func (d *Desk) OwnReceipt(ctx context.Context, who Asker, c ids.TrackingCode) (*journal.Proven, error) {
	p, found, err := d.journal.ByCode(ctx, c)
	if err != nil {
		return nil, err
	}
	own := found && p.Agency == who.Agency.ID
	if !own {
		return nil, fault.New(fault.NotFound, "inquiry.code.not_yours")
	}
	if p.Record == nil {
		return nil, fault.New(fault.NotFound, "inquiry.code.purged")
	}
	body := readBody(who, "receipt", c, "true")
	if _, err := d.journal.Commit(ctx, journal.Entry{Kind: receipt.JournalReading, Body: body, Subject: p.Subject, Agency: who.Agency.ID}); err != nil {
		return nil, err
	}
	return p, nil
}

// readBody is the record of a look into the journal.
func readBody(who Asker, what string, c ids.TrackingCode, result string) []byte {
	b := who.Agency.ID.AppendTo([]byte(`"agency":{"id":"`))
	b = append(b, `","name":`...)
	b = receipt.AppendString(b, who.Agency.Name)
	b = append(b, '}')
	if who.Officer != nil {
		b = appendMember(b, "officer", who.Officer.Login)
	}
	b = appendMember(b, "read", what)
	if c != "" {
		b = appendMember(b, "of", string(c))
	}
	return append(append(b, `,"result":`...), result...)
}

// codeBucket is the quota bucket of wrong tries on a code. Its top bit keeps it
// apart from the agreements' buckets.
func codeBucket(c ids.TrackingCode) uint64 {
	sum := sha256.Sum256([]byte(c))
	return binary.BigEndian.Uint64(sum[:]) | 1<<63
}

// tries counts like quotas do, in buckets of their own.
type tries = quotas
