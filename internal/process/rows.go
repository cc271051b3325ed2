package process

import "github.com/estelam/estelam/internal/store"

// columns in the order of Process.
const columns = `agency, code, title, documents, monthly, both_keys, state, since, reason, ended, version`

const obstacleColumns = `id, agency, process, text, owner, due, first, made, removed, evidence`

const waveColumns = `id, name, provinces, agencies, since, until, version`

var (
	processAll = store.Q(store.Register, "process.all",
		`SELECT `+columns+` FROM process p
		WHERE version = (SELECT MAX(version) FROM process q WHERE q.agency = p.agency AND q.code = p.code)`)
	processOne = store.Q(store.Register, "process.one",
		`SELECT `+columns+` FROM process WHERE agency = $1 AND code = $2 ORDER BY version DESC LIMIT 1`)
	processCount = store.Q(store.Register, "process.count",
		`SELECT COUNT(DISTINCT code) FROM process WHERE agency = $1`)
	processInsert = store.Q(store.Register, "process.insert",
		`INSERT INTO process (`+columns+`, made, officer, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)

	documentAll    = store.Q(store.Register, "process.document.all", `SELECT code, fa, en FROM document_type ORDER BY code`)
	documentInsert = store.Q(store.Register, "process.document.insert", `INSERT INTO document_type (code, fa, en) VALUES ($1, $2, $3)`)
	provinceAll    = store.Q(store.Register, "process.province.all", `SELECT name FROM province ORDER BY name`)

	waveAll = store.Q(store.Register, "process.wave.all", `SELECT `+waveColumns+` FROM wave ORDER BY id`)
)
