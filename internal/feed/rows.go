package feed

import "github.com/estelam/estelam/internal/store"

// Columns in the order of mark, event, Correction and Webhook.
const (
	markColumns       = `id, agency, number, until, version, terms, since`
	eventColumns      = `agency, seq, number, version, kind, items, terms, correction, at, code, act`
	correctionColumns = `id, agency, number, change, version, items, codes, answers, made, acknowledged, officer`
	webhookColumns    = `agency, url, state, told, attempts, failing, due, fault, officer, made`
)

// Follow marks.
var (
	followLast   = store.Q(store.Register, "feed.follow.last", `SELECT COALESCE(MAX(id), 0) FROM follow`)
	followUpdate = store.Q(store.Register, "feed.follow.update",
		`UPDATE follow SET until = $1, terms = $2, since = $3, act = $4 WHERE agency = $5 AND number = $6`)
	followInsert = store.Q(store.Register, "feed.follow.insert",
		`INSERT INTO follow (until, terms, since, act, agency, number, id, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	followDelete = store.Q(store.Register, "feed.follow.delete",
		`DELETE FROM follow WHERE agency = $1 AND number = $2`)
	followOne = store.Q(store.Register, "feed.follow.one",
		`SELECT id FROM follow WHERE agency = $1 AND number = $2`)
	followUntil = store.Q(store.Register, "feed.follow.until",
		`SELECT until FROM follow WHERE agency = $1 AND number = $2`)
	followPage = store.Q(store.Register, "feed.follow.page",
		`SELECT `+markColumns+` FROM follow WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`)
	followersOf = store.Q(store.Register, "feed.follow.of",
		`SELECT `+markColumns+` FROM follow WHERE number = $1 ORDER BY id`)
	followTold = store.Q(store.Register, "feed.follow.told",
		`UPDATE follow SET version = $1 WHERE id = $2 AND version = $3`)
)

// Feeds.
var (
	markAt = store.Q(store.Register, "feed.mark.at", `SELECT seq FROM feed_mark WHERE name = $1`)
	markTo = store.Q(store.Register, "feed.mark.to", `UPDATE feed_mark SET seq = $1 WHERE name = $2 AND seq = $3`)

	feedTake   = store.Q(store.Register, "feed.take", `UPDATE feed SET last = last + $1 WHERE agency = $2`)
	feedInsert = store.Q(store.Register, "feed.insert", `INSERT INTO feed (agency, last) VALUES ($1, $2)`)
	feedLast   = store.Q(store.Register, "feed.last", `SELECT last FROM feed WHERE agency = $1`)
	feedOpen   = store.Q(store.Register, "feed.open",
		`SELECT COALESCE(MIN(seq), 0) FROM feed_event WHERE agency = $1 AND code = ''`)

	eventInsert = store.Q(store.Register, "feed.event.insert",
		`INSERT INTO feed_event (`+eventColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	eventsAfter = store.Q(store.Register, "feed.event.after",
		`SELECT `+eventColumns+` FROM feed_event WHERE agency = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`)
	eventsOpen = store.Q(store.Register, "feed.event.open",
		`SELECT agency, seq, act FROM feed_event WHERE code = '' ORDER BY agency, seq LIMIT $1`)
	eventCode = store.Q(store.Register, "feed.event.code",
		`UPDATE feed_event SET code = $1 WHERE agency = $2 AND seq = $3`)
)

// Corrections.
var (
	correctionLast   = store.Q(store.Register, "feed.correction.last", `SELECT COALESCE(MAX(id), 0) FROM correction`)
	correctionInsert = store.Q(store.Register, "feed.correction.insert",
		`INSERT INTO correction (`+correctionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	correctionByID = store.Q(store.Register, "feed.correction.by_id",
		`SELECT `+correctionColumns+` FROM correction WHERE id = $1`)
	correctionsOf = store.Q(store.Register, "feed.correction.of",
		`SELECT `+correctionColumns+` FROM correction WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`)
	correctionsWaiting = store.Q(store.Register, "feed.correction.waiting",
		`SELECT `+correctionColumns+` FROM correction WHERE agency = $1 AND id > $2 AND acknowledged = 0 ORDER BY id LIMIT $3`)
	correctionsCount = store.Q(store.Register, "feed.correction.count",
		`SELECT COUNT(*) FROM correction WHERE agency = $1 AND acknowledged = 0`)
	correctionsOpen = store.Q(store.Register, "feed.correction.open",
		`SELECT `+correctionColumns+` FROM correction WHERE acknowledged = 0 AND id > $1 ORDER BY id LIMIT $2`)
	correctionDone = store.Q(store.Register, "feed.correction.done",
		`UPDATE correction SET acknowledged = $1, officer = $2 WHERE id = $3 AND acknowledged = 0`)
)

// Webhooks.
var (
	webhookOf = store.Q(store.Register, "feed.webhook.of",
		`SELECT `+webhookColumns+` FROM webhook WHERE agency = $1`)
	webhookPut = store.Q(store.Register, "feed.webhook.put",
		`INSERT INTO webhook (`+webhookColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (agency) DO UPDATE SET url = excluded.url, state = excluded.state, told = excluded.told, attempts = 0,
			failing = 0, due = 0, fault = '', officer = excluded.officer, made = excluded.made`)
	webhookDelete = store.Q(store.Register, "feed.webhook.delete", `DELETE FROM webhook WHERE agency = $1`)
	webhooksDue   = store.Q(store.Register, "feed.webhook.due",
		`SELECT `+webhookColumns+` FROM webhook WHERE state = 1 AND due <= $1 ORDER BY due`)
	webhookClaim = store.Q(store.Register, "feed.webhook.claim",
		`UPDATE webhook SET due = $1 WHERE agency = $2 AND due = $3 AND made = $4 AND state = 1`)
	webhookEnd = store.Q(store.Register, "feed.webhook.end",
		`UPDATE webhook SET state = $1, told = $2, attempts = $3, failing = $4, due = $5, fault = $6
		WHERE agency = $7 AND due = $8 AND made = $9`)
	deadInsert = store.Q(store.Register, "feed.webhook.dead.insert",
		`INSERT INTO webhook_dead (agency, at, url, last, attempts, fault) VALUES ($1, $2, $3, $4, $5, $6)`)
	deadOf = store.Q(store.Register, "feed.webhook.dead.of",
		`SELECT at, url, last, attempts, fault FROM webhook_dead WHERE agency = $1 ORDER BY at DESC LIMIT 100`)
)
