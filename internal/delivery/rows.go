package delivery

import "github.com/estelam/estelam/internal/store"

const deliveryColumns = `id, agency, state, purpose, fields, method, distinct_rows, coverage, provinces, reason, document,
	agreement, version, clause, officer, requested, priority, decided, note, format, reading, file_sha256, file_size, node,
	job, queued, linked, row_count, answered, report, delivered, act, manifest, package, ended, acknowledged, purged`

const rowColumns = `delivery, no, line, status, subject, version, weight, probability, differs, variants, padded, twin, code`

const reviewColumns = `id, delivery, no, line, sample, state, stakes, round, linked, node, evidence, taker_agency, taker, taken,
	decision, subject, truth, decided, answer, code`

// reviewFree: kept on this node, of a delivery that has been delivered, nobody
// has it, and the officer has not decided it in this round.
const reviewFree = ` c.node = $2 AND c.taken <= $3
	AND EXISTS (SELECT 1 FROM delivery d WHERE d.id = c.delivery AND d.state IN (5, 6) AND d.purged = 0)
	AND NOT EXISTS (SELECT 1 FROM review_step s WHERE s.review_case = c.id AND s.round = c.round AND s.what = 'decided'
		AND s.agency = $4 AND s.officer = $5)`

var (
	deliveryLast = store.Q(store.Register, "delivery.last",
		`SELECT COALESCE(MAX(id), 0) FROM delivery`)
	deliveryInsert = store.Q(store.Register, "delivery.insert",
		`INSERT INTO delivery (`+deliveryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
			$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37)`)
	deliveryPut = store.Q(store.Register, "delivery.put",
		`UPDATE delivery SET state = $1, priority = $2, decided = $3, note = $4, format = $5, reading = $6, file_sha256 = $7,
			file_size = $8, node = $9, job = $10, queued = $11, linked = $12, row_count = $13, answered = $14, report = $15,
			delivered = $16, act = $17, manifest = $18, package = $19, ended = $20, acknowledged = $21,
			purged = $22
		WHERE id = $23`)
	deliveryByID = store.Q(store.Register, "delivery.by_id",
		`SELECT `+deliveryColumns+` FROM delivery WHERE id = $1`)
	deliveryCount = store.Q(store.Register, "delivery.count",
		`SELECT state, COUNT(*) FROM delivery GROUP BY state`)
	deliveryCountOf = store.Q(store.Register, "delivery.count_of",
		`SELECT state, COUNT(*) FROM delivery WHERE agency = $1 GROUP BY state`)
	deliveryQueue = store.Q(store.Register, "delivery.queue", // by approved priority, then who came first
		`SELECT id, agency FROM delivery WHERE state = 3 AND node = $1 ORDER BY priority, queued, id`)
	deliveryKept = store.Q(store.Register, "delivery.kept", // of which something may still lie about
		`SELECT `+deliveryColumns+` FROM delivery WHERE purged = 0 AND node = $1 AND state NOT IN (3, 4) ORDER BY id`)
	deliveryFirst = store.Q(store.Register, "delivery.first", // of each agency: when it first had what the law owes it
		`SELECT agency, COUNT(*), COALESCE(MIN(CASE WHEN delivered > 0 THEN delivered END), 0) FROM delivery GROUP BY agency`)

	rowInsert = store.Q(store.Register, "delivery.row.insert",
		`INSERT INTO delivery_row (`+rowColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	rowsFrom = store.Q(store.Register, "delivery.rows_from",
		`SELECT `+rowColumns+` FROM delivery_row WHERE delivery = $1 AND no >= $2 ORDER BY no LIMIT $3`)
	rowPut = store.Q(store.Register, "delivery.row.put",
		`UPDATE delivery_row SET status = $1, subject = $2, version = $3, code = $4 WHERE delivery = $5 AND no = $6`)
	rowsForget = store.Q(store.Register, "delivery.rows_forget",
		`DELETE FROM delivery_row WHERE delivery = $1 AND no >= $2 AND no < $3`)

	recipientLast = store.Q(store.Register, "delivery.recipient.last",
		`SELECT no, recipient FROM delivery_recipient WHERE agency = $1 ORDER BY no DESC LIMIT 1`)
	recipientInsert = store.Q(store.Register, "delivery.recipient.insert",
		`INSERT INTO delivery_recipient (agency, no, recipient, made, officer, act) VALUES ($1, $2, $3, $4, $5, $6)`)

	// Reviews (review.go).
	reviewLast = store.Q(store.Register, "delivery.review.last",
		`SELECT COALESCE(MAX(id), 0) FROM review_case`)
	reviewInsert = store.Q(store.Register, "delivery.review.insert",
		`INSERT INTO review_case (id, delivery, no, line, sample, state, stakes, round, chance, shown, linked, node, evidence,
			taker_agency, taker, taken, decision, subject, truth, decided, answer, code)
		VALUES ($1, $2, $3, $4, $5, 1, $6, 1, $7, $8, $9, $10, $11, 0, '', 0, 0, 0, 0, 0, 0, '')`)
	reviewPut = store.Q(store.Register, "delivery.review.put",
		`UPDATE review_case SET state = $1, stakes = $2, round = $3, taker_agency = $4, taker = $5, taken = $6, decision = $7,
			subject = $8, truth = $9, decided = $10, answer = $11, code = $12
		WHERE id = $13`)
	reviewByID = store.Q(store.Register, "delivery.review.by_id",
		`SELECT `+reviewColumns+` FROM review_case WHERE id = $1`)
	reviewList = store.Q(store.Register, "delivery.review.list",
		`SELECT `+reviewColumns+` FROM review_case WHERE id > $1 ORDER BY id LIMIT $2`)
	reviewIn = store.Q(store.Register, "delivery.review.in",
		`SELECT `+reviewColumns+` FROM review_case WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3`)
	reviewOf = store.Q(store.Register, "delivery.review.of",
		`SELECT `+reviewColumns+` FROM review_case WHERE delivery = $1 AND id > $2 ORDER BY id LIMIT $3`)
	reviewOfIn = store.Q(store.Register, "delivery.review.of_in",
		`SELECT `+reviewColumns+` FROM review_case WHERE delivery = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4`)
	reviewHeld = store.Q(store.Register, "delivery.review.held",
		`SELECT `+reviewColumns+` FROM review_case WHERE taker = $1 AND taken > 0 AND taken > $2 ORDER BY id LIMIT 100`)
	reviewNext = store.Q(store.Register, "delivery.review.next",
		`SELECT `+reviewColumns+` FROM review_case c WHERE c.state = $1 AND`+reviewFree+` ORDER BY c.id LIMIT 1`)
	reviewNextOf = store.Q(store.Register, "delivery.review.next_of",
		`SELECT `+reviewColumns+` FROM review_case c WHERE c.state = $1 AND`+reviewFree+` AND c.delivery = $6 ORDER BY c.id LIMIT 1`)
	reviewClear = store.Q(store.Register, "delivery.review.clear", // of a linkage that was interrupted
		`DELETE FROM review_case WHERE delivery = $1`)
	reviewForget = store.Q(store.Register, "delivery.review.forget",
		`UPDATE review_case SET evidence = $1, linked = 0, subject = 0, taker = '', taken = 0 WHERE delivery = $2`)
	reviewCounts = store.Q(store.Register, "delivery.review.counts",
		`SELECT sample, state, decision, truth, COUNT(*) FROM review_case WHERE delivery = $1 GROUP BY sample, state, decision, truth`)
	reviewTruths = store.Q(store.Register, "delivery.review.truths", // what decisions say of the estimates
		`SELECT delivery, chance, shown, truth FROM review_case WHERE truth > 0 AND id > $1 ORDER BY id`)

	stepLast = store.Q(store.Register, "delivery.review.step.last",
		`SELECT COALESCE(MAX(no), 0) FROM review_step WHERE review_case = $1`)
	stepInsert = store.Q(store.Register, "delivery.review.step.insert",
		`INSERT INTO review_step (review_case, no, round, what, role, agency, officer, at, seconds, decision, subject, reason, note, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	stepsOf = store.Q(store.Register, "delivery.review.steps",
		`SELECT round, what, role, agency, officer, at, decision, subject, reason, note FROM review_step WHERE review_case = $1 ORDER BY no`)
	stepsIn = store.Q(store.Register, "delivery.review.steps_in",
		`SELECT review_case, round, what, agency, officer, seconds, decision, subject FROM review_step
		WHERE at >= $1 AND at < $2 ORDER BY at, review_case, no`)
	stepsForget = store.Q(store.Register, "delivery.review.steps_forget",
		`UPDATE review_step SET subject = 0, note = '' WHERE review_case IN (SELECT id FROM review_case WHERE delivery = $1)`)

	curveLast = store.Q(store.Register, "delivery.curve.last",
		`SELECT id, made, officer, points, curve, measures FROM review_curve WHERE profile = $1 ORDER BY id DESC LIMIT 1`)
	curveInsert = store.Q(store.Register, "delivery.curve.insert",
		`INSERT INTO review_curve (id, profile, made, officer, points, curve, measures, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	curveNext = store.Q(store.Register, "delivery.curve.next",
		`SELECT COALESCE(MAX(id), 0) + 1 FROM review_curve`)
)

var deliveryLists = store.List(store.Register, "delivery.list", `SELECT `+deliveryColumns+` FROM delivery`,
	[]store.Order{store.ByID(false), store.ByID(true)}, `agency = ?`, `state = ?`)
