package compliance

import "github.com/estelam/estelam/internal/store"

const (
	itemColumns       = `agency, clause, version, state, done, share, document, paper, note, at, role, officer`
	evaluationColumns = `id, year, since, until, version, formula, made, actor, officer, appeals, note, frozen, freezer, digest, checkpoint, act`
	appealColumns     = `id, evaluation, agency, criterion, grounds, document, paper, at, officer, outcome, reason, figure, was, value, decided, role, decider`
)

var (
	itemNewest = store.Q(store.Register, "compliance.item.newest",
		`SELECT `+itemColumns+` FROM compliance_item WHERE agency = $1 AND clause = $2 ORDER BY version DESC LIMIT 1`)
	itemAll = store.Q(store.Register, "compliance.item.all",
		`SELECT `+itemColumns+` FROM compliance_item WHERE agency = $1 ORDER BY clause, version`)
	itemInsert = store.Q(store.Register, "compliance.item.insert",
		`INSERT INTO compliance_item (agency, clause, version, state, done, share, document, paper, note, at, role, actor, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	waitingPut = store.Q(store.Register, "compliance.waiting.put",
		`INSERT INTO compliance_waiting (agency, clause, version, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agency, clause) DO UPDATE SET version = excluded.version, at = excluded.at`)
	waitingEnd = store.Q(store.Register, "compliance.waiting.end",
		`DELETE FROM compliance_waiting WHERE agency = $1 AND clause = $2`)
	waitingList = store.Q(store.Register, "compliance.waiting.list",
		`SELECT i.agency, i.clause, i.version, i.state, i.done, i.share, i.document, i.paper, i.note, i.at, i.role, i.officer
		FROM compliance_waiting w INNER JOIN compliance_item i ON i.agency = w.agency AND i.clause = w.clause AND i.version = w.version
		WHERE (w.at, w.agency, w.clause) > ($1, $2, $3) ORDER BY w.at, w.agency, w.clause LIMIT $4`)

	tableByName = store.Q(store.Register, "compliance.table.by_name", `SELECT id FROM conversion WHERE agency = $1 AND name = $2`)
	tableLast   = store.Q(store.Register, "compliance.table.last", `SELECT COALESCE(MAX(id), 0) FROM conversion`)
	tableInsert = store.Q(store.Register, "compliance.table.insert", `INSERT INTO conversion (id, agency, name) VALUES ($1, $2, $3)`)
	versionLast = store.Q(store.Register, "compliance.version.last", `SELECT COALESCE(MAX(version), 0) FROM conversion_version WHERE conversion = $1`)

	versionInsert = store.Q(store.Register, "compliance.version.insert",
		`INSERT INTO conversion_version (conversion, version, part, declared, count, accepted, gone, refused, held, format, file, at, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	versionList = store.Q(store.Register, "compliance.version.list",
		`SELECT c.id, c.agency, c.name, v.version, v.part, v.declared, v.count, v.accepted, v.gone, v.refused, v.held, v.format, v.file, v.at, v.officer
		FROM conversion c INNER JOIN conversion_version v ON v.conversion = c.id
		WHERE c.agency = $1 OR $1 = 0 ORDER BY c.agency, c.id, v.version`)

	rowsNow   = store.Q(store.Register, "compliance.row.now", `SELECT own, postal FROM conversion_row WHERE conversion = $1 AND until = 0`)
	rowInsert = store.Q(store.Register, "compliance.row.insert",
		`INSERT INTO conversion_row (conversion, own, since, until, postal) VALUES ($1, $2, $3, $4, $5)`)
	rowEnd = store.Q(store.Register, "compliance.row.end",
		`UPDATE conversion_row SET until = $1 WHERE conversion = $2 AND own = $3 AND until = 0`)
	rowAt = store.Q(store.Register, "compliance.row.at",
		`SELECT postal, since FROM conversion_row WHERE conversion = $1 AND own = $2 AND since <= $3 AND (until = 0 OR until > $3)`)
	rowsAt = store.Q(store.Register, "compliance.rows.at",
		`SELECT own, postal FROM conversion_row WHERE conversion = $1 AND own > $2 AND since <= $3 AND (until = 0 OR until > $3) ORDER BY own LIMIT $4`)

	evaluationByID = store.Q(store.Register, "compliance.evaluation.by_id",
		`SELECT `+evaluationColumns+` FROM evaluation WHERE id = $1`)
	evaluationOf = store.Q(store.Register, "compliance.evaluation.of",
		`SELECT `+evaluationColumns+` FROM evaluation WHERE year = $1 AND year > 0`)
	evaluationList = store.Q(store.Register, "compliance.evaluation.list",
		`SELECT `+evaluationColumns+` FROM evaluation WHERE id < $1 ORDER BY id DESC LIMIT $2`)
	evaluationLast = store.Q(store.Register, "compliance.evaluation.last", `SELECT COALESCE(MAX(id), 0) FROM evaluation`)
	evaluationPut  = store.Q(store.Register, "compliance.evaluation.put",
		`INSERT INTO evaluation (id, year, since, until, version, formula, made, actor, officer, appeals, note, frozen, freezer, digest, checkpoint, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, '', $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, formula = excluded.formula, made = excluded.made,
			actor = excluded.actor, officer = excluded.officer, appeals = excluded.appeals`)
	evaluationFreeze = store.Q(store.Register, "compliance.evaluation.freeze",
		`UPDATE evaluation SET note = $1, frozen = $2, freezer = $3, digest = $4, checkpoint = $5, act = $6 WHERE id = $7 AND frozen = 0`)

	unitInsert = store.Q(store.Register, "compliance.unit.insert",
		`INSERT INTO evaluation_unit (evaluation, version, unit, body) VALUES ($1, $2, $3, $4)`)
	unitAll = store.Q(store.Register, "compliance.unit.all",
		`SELECT unit, body FROM evaluation_unit WHERE evaluation = $1 AND version = $2 ORDER BY unit`)
	unitOne = store.Q(store.Register, "compliance.unit.one",
		`SELECT unit, body FROM evaluation_unit WHERE evaluation = $1 AND version = $2 AND unit = $3`)

	appealByID = store.Q(store.Register, "compliance.appeal.by_id",
		`SELECT `+appealColumns+` FROM evaluation_appeal WHERE id = $1`)
	appealAll = store.Q(store.Register, "compliance.appeal.all",
		`SELECT `+appealColumns+` FROM evaluation_appeal WHERE evaluation = $1 ORDER BY id`)
	appealLast   = store.Q(store.Register, "compliance.appeal.last", `SELECT COALESCE(MAX(id), 0) FROM evaluation_appeal`)
	appealCount  = store.Q(store.Register, "compliance.appeal.count", `SELECT COUNT(*) FROM evaluation_appeal WHERE evaluation = $1`)
	appealOpen   = store.Q(store.Register, "compliance.appeal.open", `SELECT COUNT(*) FROM evaluation_appeal WHERE evaluation = $1 AND outcome = 0`)
	appealSame   = store.Q(store.Register, "compliance.appeal.same", `SELECT COUNT(*) FROM evaluation_appeal WHERE evaluation = $1 AND agency = $2 AND criterion = $3`)
	appealInsert = store.Q(store.Register, "compliance.appeal.insert",
		`INSERT INTO evaluation_appeal (id, evaluation, agency, criterion, grounds, document, paper, at, officer, outcome, reason, figure, was, value, decided, role, actor, decider, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', '', 0, 0, 0, '', 0, '', $10)`)
	appealDecide = store.Q(store.Register, "compliance.appeal.decide",
		`UPDATE evaluation_appeal SET outcome = $1, reason = $2, figure = $3, was = $4, value = $5, decided = $6, role = $7, actor = $8, decider = $9, act = $10
		WHERE id = $11 AND outcome = 0`)
)
