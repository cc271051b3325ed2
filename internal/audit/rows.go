package audit

import "github.com/estelam/estelam/internal/store"

// columns in the order of scanCase.
const columns = `id, source, source_id, agency, holder, code, asked, officer, service, process, purpose, file,
	agreement, version, clause, opened, deadline, state, outcome, disputed, shown, shown_by, shown_file, shown_purpose,
	words, ground, paper, judged, judge_agency, judge, appeal, measure, how, claimed, made`

// drawColumns in the order of scanDraw.
const drawColumns = `id, month, agency, since, until, least, most, role, actor, officer, ordered, job, origin, size, root, purged, drawn`

// patternColumns in the order of scanPattern.
const patternColumns = `id, draw, kind, agency, officer, observed, asked, expected, chance, codes, found, state, decided, decider, reason`

var (
	caseLast   = store.Q(store.Register, "audit.last", `SELECT COALESCE(MAX(id), 0) FROM audit`)
	caseInsert = store.Q(store.Register, "audit.insert",
		`INSERT INTO audit (id, source, source_id, agency, holder, code, asked, officer, service, process, purpose, file,
			agreement, version, clause, opened, deadline, state, outcome, disputed, shown, shown_by, shown_file, shown_purpose,
			words, ground, paper, judged, judge_agency, judge, appeal, measure, how, claimed, made, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, 0, $18, 0, '', '', '',
			'', '', $19, 0, 0, '', 0, 0, '', 0, 0, $20)`)
	caseByID   = store.Q(store.Register, "audit.by_id", `SELECT `+columns+` FROM audit WHERE id = $1`)
	caseByCode = store.Q(store.Register, "audit.by_code", `SELECT `+columns+` FROM audit WHERE code = $1`)
	caseUpdate = store.Q(store.Register, "audit.update",
		`UPDATE audit SET state = $1, outcome = $2, disputed = $3, shown = $4, shown_by = $5, shown_file = $6, shown_purpose = $7,
			words = $8, ground = $9, paper = $10, judged = $11, judge_agency = $12, judge = $13, appeal = $14,
			measure = $15, how = $16, claimed = $17, made = $18, deadline = $19 WHERE id = $20`)
	caseList = store.Q(store.Register, "audit.list", `SELECT `+columns+` FROM audit WHERE id > $1 ORDER BY id LIMIT $2`)
	caseOf   = store.Q(store.Register, "audit.of",
		`SELECT `+columns+` FROM audit WHERE id > $1 AND (agency = $2 OR holder = $2) ORDER BY id LIMIT $3`)
	caseAppealed = store.Q(store.Register, "audit.appealed", `SELECT `+columns+` FROM audit WHERE appeal = 1 AND id > $1 ORDER BY id LIMIT $2`)
	caseDisputed = store.Q(store.Register, "audit.disputed", `SELECT `+columns+` FROM audit WHERE disputed > 0 AND id > $1 ORDER BY id LIMIT $2`)
	caseUnclosed = store.Q(store.Register, "audit.unclosed", `SELECT `+columns+` FROM audit WHERE state < 3 AND id > $1 ORDER BY id LIMIT $2`)
	// One agency's, as its highest officer's menu counts them on every page.
	caseUnclosedOf = store.Q(store.Register, "audit.unclosed_of",
		`SELECT `+columns+` FROM audit WHERE id > $1 AND (agency = $2 OR holder = $2) AND state < 3 ORDER BY id LIMIT $3`)
	caseWrong   = store.Q(store.Register, "audit.wrong", `SELECT `+columns+` FROM audit WHERE outcome > 1 AND id > $1 ORDER BY id LIMIT $2`)
	caseOverdue = store.Q(store.Register, "audit.overdue",
		`SELECT `+columns+` FROM audit WHERE state = 1 AND deadline < $1 ORDER BY deadline, id LIMIT $2`)
	caseMeasure = store.Q(store.Register, "audit.measure",
		`SELECT `+columns+` FROM audit WHERE measure IN (1, 2, 6, 7) ORDER BY id`)
	caseBeside = store.Q(store.Register, "audit.beside",
		`SELECT id, measure, how, made FROM audit WHERE agreement = $1 AND clause = $2 AND measure IN (2, 3, 4, 7) ORDER BY id`)
	caseOpened = store.Q(store.Register, "audit.opened",
		`SELECT `+columns+` FROM audit WHERE opened >= $1 AND opened < $2 ORDER BY opened, id`)
	caseOpenedOf = store.Q(store.Register, "audit.opened_of",
		`SELECT `+columns+` FROM audit WHERE agency = $1 AND opened >= $2 AND opened < $3 ORDER BY opened, id`)

	stepAll = store.Q(store.Register, "audit.step.all",
		`SELECT what, at, role, agency, officer, text FROM audit_step WHERE audit = $1 ORDER BY no`)
	stepInsert = store.Q(store.Register, "audit.step.insert",
		`INSERT INTO audit_step (audit, no, what, at, role, agency, officer, text, act)
		SELECT $1, COALESCE(MAX(no), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM audit_step WHERE audit = $1`)

	drawLast   = store.Q(store.Register, "audit.draw.last", `SELECT COALESCE(MAX(id), 0) FROM audit_draw`)
	drawInsert = store.Q(store.Register, "audit.draw.insert",
		`INSERT INTO audit_draw (id, month, agency, since, until, least, most, role, actor, officer, ordered, job, origin, size, root, purged, drawn, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, '', 0, 0, $13)`)
	drawByID   = store.Q(store.Register, "audit.draw.by_id", `SELECT `+drawColumns+` FROM audit_draw WHERE id = $1`)
	drawOfSpan = store.Q(store.Register, "audit.draw.of_span",
		`SELECT `+drawColumns+` FROM audit_draw WHERE agency = $1 AND since = $2 AND until = $3`)
	drawList = store.Q(store.Register, "audit.draw.list", `SELECT `+drawColumns+` FROM audit_draw ORDER BY id DESC LIMIT $1`)
	drawSeed = store.Q(store.Register, "audit.draw.seed",
		`UPDATE audit_draw SET origin = $1, size = $2, root = $3 WHERE id = $4 AND size = 0`)
	drawDone = store.Q(store.Register, "audit.draw.done", `UPDATE audit_draw SET purged = $1, drawn = $2 WHERE id = $3 AND drawn = 0`)

	shareInsert = store.Q(store.Register, "audit.share.insert",
		`INSERT INTO audit_share (draw, agency, population, chosen, opened, digest) VALUES ($1, $2, $3, $4, $5, $6)`)
	shareAll = store.Q(store.Register, "audit.share.all",
		`SELECT agency, population, chosen, opened, digest FROM audit_share WHERE draw = $1 ORDER BY agency`)

	patternLast   = store.Q(store.Register, "audit.pattern.last", `SELECT COALESCE(MAX(id), 0) FROM audit_pattern`)
	patternInsert = store.Q(store.Register, "audit.pattern.insert",
		`INSERT INTO audit_pattern (`+patternColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, 0, '', '')`)
	patternByID = store.Q(store.Register, "audit.pattern.by_id", `SELECT `+patternColumns+` FROM audit_pattern WHERE id = $1`)
	patternList = store.Q(store.Register, "audit.pattern.list",
		`SELECT `+patternColumns+` FROM audit_pattern WHERE id > $1 ORDER BY id LIMIT $2`)
	patternIn = store.Q(store.Register, "audit.pattern.in",
		`SELECT `+patternColumns+` FROM audit_pattern WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3`)
	patternOf     = store.Q(store.Register, "audit.pattern.of", `SELECT COUNT(*) FROM audit_pattern WHERE draw = $1`)
	patternDecide = store.Q(store.Register, "audit.pattern.decide",
		`UPDATE audit_pattern SET state = $1, decided = $2, decider = $3, reason = $4 WHERE id = $5 AND state = 1`)
)
