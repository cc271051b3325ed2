package notice

import "github.com/estelam/estelam/internal/store"

// Columns in the order of Campaign, Letter and Batch.
const (
	campaignColumns = `id, name, choice, state, job, made, role, agency, officer`
	letterColumns   = `id, campaign, subject, version, postal, province, code, state, reason, batch, changed`
	batchColumns    = `id, campaign, state, letters, last_day, made`
)

var (
	campaignByID = store.Q(store.Register, "notice.campaign.by_id",
		`SELECT `+campaignColumns+` FROM notice_campaign WHERE id = $1`)
	campaignList = store.Q(store.Register, "notice.campaign.list",
		`SELECT `+campaignColumns+` FROM notice_campaign WHERE id < $1 ORDER BY id DESC LIMIT $2`)
	campaignLast   = store.Q(store.Register, "notice.campaign.last", `SELECT COALESCE(MAX(id), 0) FROM notice_campaign`)
	campaignInsert = store.Q(store.Register, "notice.campaign.insert",
		`INSERT INTO notice_campaign (`+campaignColumns+`, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
	campaignState = store.Q(store.Register, "notice.campaign.state",
		`UPDATE notice_campaign SET state = $1 WHERE id = $2`)
	campaignJob = store.Q(store.Register, "notice.campaign.job",
		`UPDATE notice_campaign SET job = $1 WHERE id = $2`)

	letterLast   = store.Q(store.Register, "notice.letter.last", `SELECT COALESCE(MAX(id), 0) FROM notice_letter`)
	letterInsert = store.Q(store.Register, "notice.letter.insert",
		`INSERT INTO notice_letter (`+letterColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	letterByID = store.Q(store.Register, "notice.letter.by_id",
		`SELECT `+letterColumns+` FROM notice_letter WHERE id = $1`)
	letterSubjects = store.Q(store.Register, "notice.letter.subjects",
		`SELECT subject FROM notice_letter WHERE campaign = $1 AND subject >= $2 AND subject <= $3`)
	letterByCode = store.Q(store.Register, "notice.letter.by_code",
		`SELECT `+letterColumns+` FROM notice_letter WHERE code = $1`)
	letterOf = store.Q(store.Register, "notice.letter.of",
		`SELECT `+letterColumns+` FROM notice_letter WHERE subject = $1 ORDER BY id`)
	letterNext = store.Q(store.Register, "notice.letter.next",
		`SELECT `+letterColumns+` FROM notice_letter WHERE campaign = $1 AND state = 1 ORDER BY postal, id LIMIT $2`)
	letterOfBatch = store.Q(store.Register, "notice.letter.of_batch",
		`SELECT `+letterColumns+` FROM notice_letter WHERE batch = $1 AND batch > 0 ORDER BY postal, id`)
	letterList = store.Q(store.Register, "notice.letter.list",
		`SELECT `+letterColumns+` FROM notice_letter
		WHERE campaign = $1 AND subject > $2 AND (state = $3 OR $3 = 0) AND (reason = $4 OR $4 = 0) AND (province = $5 OR $5 = '')
		ORDER BY subject LIMIT $6`)
	letterPut = store.Q(store.Register, "notice.letter.put",
		`UPDATE notice_letter SET version = $1, postal = $2, province = $3, state = $4, reason = $5, batch = $6, changed = $7 WHERE id = $8`)

	unaddressedInsert = store.Q(store.Register, "notice.unaddressed.insert",
		`INSERT INTO notice_unaddressed (campaign, subject, why) VALUES ($1, $2, $3)`)
	unaddressedSubjects = store.Q(store.Register, "notice.unaddressed.subjects",
		`SELECT subject FROM notice_unaddressed WHERE campaign = $1 AND subject >= $2 AND subject <= $3`)
	unaddressedList = store.Q(store.Register, "notice.unaddressed.list",
		`SELECT subject, why FROM notice_unaddressed WHERE campaign = $1 AND subject > $2 ORDER BY subject LIMIT $3`)

	tallyAdd = store.Q(store.Register, "notice.tally.add",
		`INSERT INTO notice_tally (campaign, province, state, reason, lack, n) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (campaign, province, state, reason, lack) DO UPDATE SET n = notice_tally.n + excluded.n`)
	tallyOf = store.Q(store.Register, "notice.tally.of",
		`SELECT province, state, reason, lack, n FROM notice_tally WHERE campaign = $1 AND n > 0
		ORDER BY province, state, reason, lack`)

	batchByID = store.Q(store.Register, "notice.batch.by_id",
		`SELECT `+batchColumns+` FROM notice_batch WHERE id = $1`)
	batchList = store.Q(store.Register, "notice.batch.list",
		`SELECT `+batchColumns+` FROM notice_batch WHERE campaign = $1 ORDER BY id`)
	batchLast   = store.Q(store.Register, "notice.batch.last", `SELECT COALESCE(MAX(id), 0) FROM notice_batch`)
	batchInsert = store.Q(store.Register, "notice.batch.insert",
		`INSERT INTO notice_batch (`+batchColumns+`, role, agency, officer, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
	batchState = store.Q(store.Register, "notice.batch.state",
		`UPDATE notice_batch SET state = $1 WHERE id = $2`)

	tryCount = store.Q(store.Register, "notice.try.count", `SELECT n FROM notice_try WHERE day = $1 AND code = $2`)
	tryAdd   = store.Q(store.Register, "notice.try.add",
		`INSERT INTO notice_try (day, code, n) VALUES ($1, $2, 1)
		ON CONFLICT (day, code) DO UPDATE SET n = notice_try.n + 1`)
	tryForget = store.Q(store.Register, "notice.try.forget", `DELETE FROM notice_try WHERE day < $1`)
)
