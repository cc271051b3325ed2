package citizen

import "github.com/estelam/estelam/internal/store"

var (
	accessLast   = store.Q(store.Register, "citizen.access.last", `SELECT COALESCE(MAX(id), 0) FROM citizen_access`)
	accessInsert = store.Q(store.Register, "citizen.access.insert",
		`INSERT INTO citizen_access (id, subject, hash, given, until, ended, agency, officer, document, act)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)`)
	accessValid = store.Q(store.Register, "citizen.access.valid",
		`SELECT id, hash, until FROM citizen_access WHERE subject = $1 AND ended = 0`)
	accessEnd = store.Q(store.Register, "citizen.access.end",
		`UPDATE citizen_access SET ended = $1 WHERE subject = $2 AND ended = 0`)

	lockLast   = store.Q(store.Register, "citizen.lock.last", `SELECT COALESCE(MAX(id), 0) FROM citizen_lock`)
	lockInsert = store.Q(store.Register, "citizen.lock.insert",
		`INSERT INTO citizen_lock (id, subject, purpose, since, ended, act) VALUES ($1, $2, $3, $4, 0, $5)`)
	lockHolds = store.Q(store.Register, "citizen.lock.holds",
		`SELECT COUNT(*) FROM citizen_lock WHERE subject = $1 AND (purpose = $2 OR purpose = '') AND ended = 0`)
	lockExact = store.Q(store.Register, "citizen.lock.exact",
		`SELECT COUNT(*) FROM citizen_lock WHERE subject = $1 AND purpose = $2 AND ended = 0`)
	lockEnd = store.Q(store.Register, "citizen.lock.end",
		`UPDATE citizen_lock SET ended = $1 WHERE subject = $2 AND purpose = $3 AND ended = 0`)
	lockAll = store.Q(store.Register, "citizen.lock.all",
		`SELECT purpose, since, ended FROM citizen_lock WHERE subject = $1 ORDER BY id DESC LIMIT $2`)
)
