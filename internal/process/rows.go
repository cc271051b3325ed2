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

	processBefore = store.Q(store.Register, "process.before",
		`SELECT agency, code, state, ended, made FROM process WHERE made < $1 ORDER BY agency, code, version DESC`)

	processBeforeOf = store.Q(store.Register, "process.before_of",
		`SELECT agency, code, state, ended, made FROM process WHERE agency = $1 AND made < $2 ORDER BY code, version DESC`)

	documentAll    = store.Q(store.Register, "process.document.all", `SELECT code, fa, en FROM document_type ORDER BY code`)
	documentInsert = store.Q(store.Register, "process.document.insert", `INSERT INTO document_type (code, fa, en) VALUES ($1, $2, $3)`)
	provinceAll    = store.Q(store.Register, "process.province.all", `SELECT name FROM province ORDER BY name`)

	// As they stand with their moments, for figures of a time that has passed.
	obstacleEvery = store.Q(store.Register, "process.obstacle.every",
		`SELECT `+obstacleColumns+` FROM obstacle ORDER BY id`)
	obstacleEveryOf = store.Q(store.Register, "process.obstacle.every_of",
		`SELECT `+obstacleColumns+` FROM obstacle WHERE agency = $1 ORDER BY id`)

	waveAll     = store.Q(store.Register, "process.wave.all", `SELECT `+waveColumns+` FROM wave ORDER BY id`)
	waveLast    = store.Q(store.Register, "process.wave.last", `SELECT COALESCE(MAX(id), 0) FROM wave`)
	waveVersion = store.Q(store.Register, "process.wave.version", `SELECT version FROM wave WHERE id = $1`)
	wavePut     = store.Q(store.Register, "process.wave.put",
		`INSERT INTO wave (`+waveColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, provinces = excluded.provinces, agencies = excluded.agencies,
			since = excluded.since, until = excluded.until, version = excluded.version`)

	obstacleByID   = store.Q(store.Register, "process.obstacle.by_id", `SELECT `+obstacleColumns+` FROM obstacle WHERE id = $1`)
	obstacleAgency = store.Q(store.Register, "process.obstacle.agency", `SELECT agency FROM obstacle WHERE id = $1`)
	obstacleLast   = store.Q(store.Register, "process.obstacle.last", `SELECT COALESCE(MAX(id), 0) FROM obstacle`)
	obstacleInsert = store.Q(store.Register, "process.obstacle.insert",
		`INSERT INTO obstacle (`+obstacleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
	obstacleUpdate = store.Q(store.Register, "process.obstacle.update",
		`UPDATE obstacle SET process = $1, text = $2, owner = $3, due = $4 WHERE id = $5`)
	obstacleRemove = store.Q(store.Register, "process.obstacle.remove",
		`UPDATE obstacle SET removed = $1, evidence = $2 WHERE id = $3`)
)

// obstacleOrders are the orders of obstacles by their names. By due a page begins
// at the day that the obstacle before it has now; one that is gone keeps its day.
var obstacleOrders = map[string]store.Order{
	"":       store.ByID(false),
	ByNewest: store.ByID(true),
	ByDue:    {Behind: `(due, id) > (COALESCE((SELECT due FROM obstacle p WHERE p.id = $1), 0), $1)`, By: `due, id`},
}

var obstacleLists = store.List(store.Register, "process.obstacle.list", `SELECT `+obstacleColumns+` FROM obstacle`,
	[]store.Order{obstacleOrders[""], obstacleOrders[ByNewest], obstacleOrders[ByDue]},
	`agency = ?`, `process = ?`, `removed = 0`, `removed <> 0`, `due < ?`)
