package quarter

import (
	"encoding/hex"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

const columns = `quarter, state, version, content, digest, drawn, drafter, draft_body, reviewed, reviewer, review_body, note,
	issued, issuer, issue_body, checkpoint, act`

var (
	quarterList = store.Q(store.Register, "quarter.list",
		`SELECT `+columns+` FROM quarter ORDER BY quarter DESC`)
	quarterOne = store.Q(store.Register, "quarter.one",
		`SELECT `+columns+` FROM quarter WHERE quarter = $1`)
	quarterPut = store.Q(store.Register, "quarter.put",
		`INSERT INTO quarter (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (quarter) DO UPDATE SET state = excluded.state, version = excluded.version, content = excluded.content,
			digest = excluded.digest, drawn = excluded.drawn, drafter = excluded.drafter, draft_body = excluded.draft_body,
			reviewed = excluded.reviewed, reviewer = excluded.reviewer, review_body = excluded.review_body, note = excluded.note,
			issued = excluded.issued, issuer = excluded.issuer, issue_body = excluded.issue_body,
			checkpoint = excluded.checkpoint, act = excluded.act`)
)

func scanReport(scan func(...any) error) (*Report, error) {
	var key, state, drawn, draftBody, reviewed, reviewBody, issued, issueBody int64
	var content, reviewer, issuer string
	var act []byte
	r := &Report{}
	err := scan(&key, &state, &r.Version, &content, &r.digest, &drawn, &r.Drafted.Login, &draftBody,
		&reviewed, &reviewer, &reviewBody, &r.Note, &issued, &issuer, &issueBody, &r.Checkpoint, &act)
	if err != nil {
		return nil, err
	}
	r.Quarter, r.State = Quarter{int(key / 10), int(key % 10)}, State(state)
	r.content, r.Digest = []byte(content), hex.EncodeToString(r.digest)
	r.Drafted.Body, r.Drafted.At = ids.LegalID(draftBody), time.UnixMicro(drawn).UTC()
	r.Reviewed, r.Issued = signer(reviewer, reviewBody, reviewed), signer(issuer, issueBody, issued)
	copy(r.act[:], act)
	return r, nil
}

func signer(login string, body, at int64) *Signer {
	if at == 0 {
		return nil
	}
	return &Signer{login, ids.LegalID(body), time.UnixMicro(at).UTC()}
}

// columnsOf are a signer's columns: login, body, moment.
func (s *Signer) columns() (login string, body, at int64) {
	if s == nil {
		return "", 0, 0
	}
	return s.Login, int64(s.Body), s.At.UnixMicro()
}

// find reads one report; nil: there is none.
func find(tx *store.Tx, q Quarter) (r *Report, err error) {
	err = tx.Each(quarterOne, []any{q.key()}, func(scan func(...any) error) (err error) {
		r, err = scanReport(scan)
		return err
	})
	return r, err
}

// put writes a report.
func put(tx *store.Tx, r *Report, act journal.ActID) error {
	_, draftBody, drawn := r.Drafted.columns()
	reviewer, reviewBody, reviewed := r.Reviewed.columns()
	issuer, issueBody, issued := r.Issued.columns()
	_, err := tx.Exec(quarterPut, r.Quarter.key(), int64(r.State), r.Version, string(r.content), r.digest,
		drawn, r.Drafted.Login, draftBody, reviewed, reviewer, reviewBody, r.Note, issued, issuer, issueBody, r.Checkpoint, act[:])
	return err
}
