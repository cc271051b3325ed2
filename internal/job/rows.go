package job

import "github.com/estelam/estelam/internal/store"

const columns = `id, kind, state, done, total, role, agency, officer, made, began, ended, result, fault`

var (
	jobLast   = store.Q(store.Register, "job.last", `SELECT COALESCE(MAX(id), 0) FROM job`)
	jobInsert = store.Q(store.Register, "job.insert",
		`INSERT INTO job (id, kind, args, state, due, epoch, tries, mark, done, total, role, agency, officer,
			made, began, ended, result, fault, cancelled_by)
		VALUES ($1, $2, $3, 1, $4, 0, 0, $5, 0, 0, $6, $7, $8, $9, 0, 0, $5, '', '')`)
	jobByID = store.Q(store.Register, "job.by_id", `SELECT `+columns+` FROM job WHERE id = $1`)
	jobList = store.Q(store.Register, "job.list",
		`SELECT `+columns+` FROM job WHERE id < $1 ORDER BY id DESC LIMIT $2`)
	jobCounts = store.Q(store.Register, "job.counts", `SELECT state, COUNT(*) FROM job GROUP BY state`)

	jobOpen = store.Q(store.Register, "job.open",
		`SELECT COUNT(*) FROM job WHERE state IN (1, 2) AND agency = $1 AND officer = $2`)

	jobDue = store.Q(store.Register, "job.due",
		`SELECT id, kind, epoch, tries FROM job WHERE state IN (1, 2) AND due <= $1 ORDER BY due, id`)
	jobTake = store.Q(store.Register, "job.take",
		`UPDATE job SET state = 2, epoch = epoch + 1, tries = tries + 1, due = $1,
			began = CASE WHEN began = 0 THEN $2 ELSE began END
		WHERE id = $3 AND epoch = $4 AND state IN (1, 2) AND due <= $2`)
	jobTaken = store.Q(store.Register, "job.taken", `SELECT args, mark, done FROM job WHERE id = $1`)
	jobHold  = store.Q(store.Register, "job.hold",
		`UPDATE job SET due = $1 WHERE id = $2 AND epoch = $3 AND state = 2`)
	jobStep = store.Q(store.Register, "job.step",
		`UPDATE job SET due = $1, done = $2, total = $3, mark = $4, tries = 1, fault = '' WHERE id = $5 AND epoch = $6 AND state = 2`)
	jobBack = store.Q(store.Register, "job.back",
		`UPDATE job SET state = 1, due = $1, fault = $2, tries = tries - $3 WHERE id = $4 AND epoch = $5 AND state = 2`)
	jobEnd = store.Q(store.Register, "job.end",
		`UPDATE job SET state = $1, ended = $2, result = $3, fault = $4, args = $5, mark = $5 WHERE id = $6 AND epoch = $7 AND state = 2`)
	// The newest job stays, so that its number is not given again.
	jobForget = store.Q(store.Register, "job.forget",
		`DELETE FROM job WHERE state IN (3, 4, 5) AND ended < $1 AND id < (SELECT MAX(id) FROM job)`)
	jobCancel = store.Q(store.Register, "job.cancel",
		`UPDATE job SET state = 5, ended = $1, cancelled_by = $2, args = $3, mark = $3 WHERE id = $4 AND state IN (1, 2)`)
)
