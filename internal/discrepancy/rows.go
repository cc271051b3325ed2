package discrepancy

import "github.com/estelam/estelam/internal/store"

// columns in the order of Case.
const columns = `id, subject, source, source_id, version, text, opened, deadline, state, outcome, taker_agency, taker, proposal`

// doubtColumns in the order of Reported.
const doubtColumns = `id, agency, officer, code, subject, field, believed, evidence, paper, file, made, answer, answered`

var (
	caseByID = store.Q(store.Register, "discrepancy.by_id",
		`SELECT `+columns+` FROM discrepancy WHERE id = $1`)
	caseOpenOf = store.Q(store.Register, "discrepancy.open_of",
		`SELECT `+columns+` FROM discrepancy WHERE source = $1 AND source_id = $2 AND state < 4`)
	caseFrom = store.Q(store.Register, "discrepancy.from",
		`SELECT `+columns+` FROM discrepancy WHERE source = $1 AND source_id = $2 ORDER BY id`)

	// Each way to list has an index that holds its cases in order; deadlines of
	// open cases go with their numbers, but for a change of the months.
	caseList = store.Q(store.Register, "discrepancy.list",
		`SELECT `+columns+` FROM discrepancy WHERE id > $1 ORDER BY id LIMIT $2`)
	caseOf = store.Q(store.Register, "discrepancy.of",
		`SELECT `+columns+` FROM discrepancy WHERE id > $1 AND subject = $2 ORDER BY id LIMIT $3`)
	caseIn = store.Q(store.Register, "discrepancy.in",
		`SELECT `+columns+` FROM discrepancy WHERE id > $1 AND state = $2 ORDER BY id LIMIT $3`)
	caseOverdue = store.Q(store.Register, "discrepancy.overdue",
		`SELECT `+columns+` FROM discrepancy WHERE id > $1 AND state < 4 AND deadline < $2 ORDER BY id LIMIT $3`)

	casePending = store.Q(store.Register, "discrepancy.pending", // how many are open, and by when the first of them is due
		`SELECT COUNT(*), COALESCE(MIN(deadline), 0) FROM discrepancy WHERE state < 4`)

	caseLast   = store.Q(store.Register, "discrepancy.last", `SELECT COALESCE(MAX(id), 0) FROM discrepancy`)
	caseInsert = store.Q(store.Register, "discrepancy.insert",
		`INSERT INTO discrepancy (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	caseUpdate = store.Q(store.Register, "discrepancy.update",
		`UPDATE discrepancy SET text = $1, state = $2, outcome = $3, taker_agency = $4, taker = $5, proposal = $6 WHERE id = $7`)

	itemAll = store.Q(store.Register, "discrepancy.item.all",
		`SELECT field, claimed FROM discrepancy_item WHERE discrepancy = $1 ORDER BY field`)
	itemPut = store.Q(store.Register, "discrepancy.item.put",
		`INSERT INTO discrepancy_item (discrepancy, field, claimed) VALUES ($1, $2, $3)
		ON CONFLICT (discrepancy, field) DO UPDATE SET claimed = excluded.claimed`)

	stepCount = store.Q(store.Register, "discrepancy.step.count", `SELECT COUNT(*) FROM discrepancy_step WHERE discrepancy = $1`)
	stepAll   = store.Q(store.Register, "discrepancy.step.all",
		`SELECT what, at, role, agency, officer, reason, document, note FROM discrepancy_step WHERE discrepancy = $1 ORDER BY no`)
	stepInsert = store.Q(store.Register, "discrepancy.step.insert",
		`INSERT INTO discrepancy_step (discrepancy, no, what, at, role, agency, officer, reason, document, note, act)
		SELECT $1, COALESCE(MAX(no), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM discrepancy_step WHERE discrepancy = $1`)

	doubtLast   = store.Q(store.Register, "discrepancy.doubt.last", `SELECT COALESCE(MAX(id), 0) FROM doubt`)
	doubtInsert = store.Q(store.Register, "discrepancy.doubt.insert",
		`INSERT INTO doubt (`+doubtColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	doubtByID = store.Q(store.Register, "discrepancy.doubt.by_id",
		`SELECT `+doubtColumns+` FROM doubt WHERE id = $1`)
	doubtList = store.Q(store.Register, "discrepancy.doubt.list",
		`SELECT `+doubtColumns+` FROM doubt WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`)
	doubtNewest = store.Q(store.Register, "discrepancy.doubt.newest",
		`SELECT `+doubtColumns+` FROM doubt WHERE id < $1 ORDER BY id DESC LIMIT $2`)
	doubtOpen = store.Q(store.Register, "discrepancy.doubt.open",
		`SELECT COUNT(*) FROM doubt INNER JOIN discrepancy ON discrepancy.id = doubt.file
		WHERE doubt.subject = $1 AND doubt.agency = $2 AND doubt.field = $3 AND discrepancy.state < 4`)
	doubtAnswer = store.Q(store.Register, "discrepancy.doubt.answer",
		`UPDATE doubt SET answer = $1, answered = $2 WHERE id = $3 AND answered = 0`)
)
