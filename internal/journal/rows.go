package journal

import "github.com/estelam/estelam/internal/store"

// The logs and their lease.
var (
	listLogs = store.Q(store.Journal, "journal.log.list", `
		SELECT number, origin, path, node, year, vkey, code_epoch, epoch, closed, checkpoint
		FROM log ORDER BY number`)

	insertLog = store.Q(store.Journal, "journal.log.insert", `
		INSERT INTO log (number, origin, path, node, year, vkey, code_epoch, epoch, holder, opened, closed, checkpoint)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, 0, '')`)

	takeLease = store.Q(store.Journal, "journal.log.lease", `
		UPDATE log SET epoch = epoch + 1, holder = $1 WHERE number = $2 AND closed = 0`)

	// renewLease is takeLease for who has it: after somebody else has taken it,
	// nothing happens.
	renewLease = store.Q(store.Journal, "journal.log.renew", `
		UPDATE log SET epoch = epoch + 1 WHERE number = $1 AND holder = $2 AND closed = 0`)

	readLease = store.Q(store.Journal, "journal.log.epoch", `SELECT epoch FROM log WHERE number = $1`)

	closeLog = store.Q(store.Journal, "journal.log.close", `
		UPDATE log SET epoch = epoch + 1, closed = $1, checkpoint = $2
		WHERE number = $3 AND epoch = $4 AND closed = 0`)
)

// Batches.
var (
	// insertBatch holds the compare-and-swap: it inserts nothing unless the
	// lease's epoch is still ours ($4) and the log still ends where this batch
	// begins. $1 is the id, $9 the log's number, $10 the id of its first entry.
	insertBatch = store.Q(store.Journal, "journal.batch.insert", `
		INSERT INTO batch (id, n, epoch, time, root, leaves, private)
		SELECT $1, $2, $3, $4, $5, $6, $7 FROM log
		WHERE number = $8 AND epoch = $3 AND closed = 0 AND $1 = COALESCE(
			(SELECT id + n FROM batch WHERE id >= $9 AND id < $9 + 100000000000000 ORDER BY id DESC LIMIT 1), $9)`).
		// PostgreSQL needs the types said, and the lease's row locked: without
		// the lock a batch could still commit after another process has taken
		// the lease and read where the log ends. SQLite has one writer.
		On(store.PostgreSQL, `
		INSERT INTO batch (id, n, epoch, time, root, leaves, private)
		SELECT $1::bigint, $2::integer, $3::bigint, $4::bigint, $5::bytea, $6::bytea, $7::bytea FROM log
		WHERE number = $8 AND epoch = $3 AND closed = 0 AND $1 = COALESCE(
			(SELECT id + n FROM batch WHERE id >= $9 AND id < $9::bigint + 100000000000000 ORDER BY id DESC LIMIT 1), $9)
		FOR SHARE OF log`)

	insertTile = store.Q(store.Journal, "journal.tile.insert", `
		INSERT INTO tile (id, hashes) VALUES ($1, $2)`)

	lastBatch = store.Q(store.Journal, "journal.batch.last", `
		SELECT id, n, epoch, time, root FROM batch WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT 1`)

	// batchAt finds the batch that holds a position, if its log reaches so far.
	batchAt = store.Q(store.Journal, "journal.batch.at", `
		SELECT id, n, time, root, leaves, private FROM batch WHERE id <= $1 ORDER BY id DESC LIMIT 1`)

	// timeAt is batchAt without the blobs.
	timeAt = store.Q(store.Journal, "journal.batch.time", `
		SELECT id, n, time FROM batch WHERE id <= $1 ORDER BY id DESC LIMIT 1`)

	batchesFrom = store.Q(store.Journal, "journal.batch.from", `
		SELECT id, n, epoch, time, root, leaves, private FROM batch
		WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3`)

	leavesFrom = store.Q(store.Journal, "journal.leaves.from", `
		SELECT id, n, leaves FROM batch WHERE id >= $1 AND id < $2 ORDER BY id`)

	startOf = store.Q(store.Journal, "journal.batch.start", `
		SELECT id FROM batch WHERE id <= $1 ORDER BY id DESC LIMIT 1`)

	tileAt = store.Q(store.Journal, "journal.tile.at", `SELECT hashes FROM tile WHERE id = $1`)

	countBatches = store.Q(store.Journal, "journal.batch.count", `SELECT COUNT(*) FROM batch`)
	countTiles   = store.Q(store.Journal, "journal.tile.count", `SELECT COUNT(*) FROM tile`)

	tilesFrom = store.Q(store.Journal, "journal.tile.from", `
		SELECT id, hashes FROM tile WHERE id >= $1 AND id < $2 ORDER BY id`)

	purgeable = store.Q(store.Journal, "journal.batch.purgeable", `
		SELECT id FROM batch
		WHERE id >= $1 AND id < $2 AND time < $3 AND private IS NOT NULL ORDER BY id LIMIT 500`)

	purgeableCount = store.Q(store.Journal, "journal.batch.purgeable.count", `
		SELECT COALESCE(SUM(n), 0) FROM batch
		WHERE id >= $1 AND id < $2 AND time < $3 AND private IS NOT NULL`)

	purgeBatch = store.Q(store.Journal, "journal.batch.purge", `
		UPDATE batch SET private = NULL WHERE id = $1`)
)

// The outbox, in the register.
var (
	insertOutbox = store.Q(store.Register, "journal.outbox.insert", `
		INSERT INTO outbox (act, node, entry) VALUES ($1, $2, $3)`)

	listOutbox = store.Q(store.Register, "journal.outbox.list", `
		SELECT act, entry FROM outbox WHERE node = $1 ORDER BY act LIMIT 1000`)

	holdsOutbox = store.Q(store.Register, "journal.outbox.holds", `SELECT node FROM outbox WHERE act = $1`)

	deleteOutbox = store.Q(store.Register, "journal.outbox.delete", `DELETE FROM outbox WHERE act = $1`)
)

// The projections.
var (
	readDone = store.Q(store.Projection, "journal.done.read", `SELECT size FROM done WHERE log = $1`)

	writeDone = store.Q(store.Projection, "journal.done.write", `
		INSERT INTO done (log, size) VALUES ($1, $2) ON CONFLICT (log) DO UPDATE SET size = excluded.size`)

	listRuns = store.Q(store.Projection, "journal.run.list", `
		SELECT number, node, level FROM run WHERE list = $1 ORDER BY number`)

	newestRun = store.Q(store.Projection, "journal.run.newest", `SELECT COALESCE(MAX(number), 0) FROM run`)

	insertRun = store.Q(store.Projection, "journal.run.insert", `
		INSERT INTO run (number, node, list, level) VALUES ($1, $2, $3, $4)`)

	deleteRun    = store.Q(store.Projection, "journal.run.delete", `DELETE FROM run WHERE number = $1`)
	deleteBlocks = store.Q(store.Projection, "journal.block.delete", `DELETE FROM block WHERE run = $1`)

	insertBlock = store.Q(store.Projection, "journal.block.insert", `
		INSERT INTO block (run, key, time, position, entries) VALUES ($1, $2, $3, $4, $5)`)

	blocksAfter = store.Q(store.Projection, "journal.block.after", `
		SELECT key, time, position, entries FROM block
		WHERE run = $1 AND (key, time, position) > ($2, $3, $4)
		ORDER BY key, time, position LIMIT 32`)

	blocksBefore = store.Q(store.Projection, "journal.block.before", `
		SELECT entries FROM block
		WHERE run = $1 AND (key, time, position) < ($2, $3, $4)
		ORDER BY key DESC, time DESC, position DESC LIMIT $5`)

	addUsed = store.Q(store.Projection, "journal.used.add", `
		INSERT INTO used (day, bucket, log, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (day, bucket, log) DO UPDATE SET n = used.n + excluded.n`)

	readUsed = store.Q(store.Projection, "journal.used.read", `
		SELECT log, n FROM used WHERE day = $1 AND bucket = $2`)

	listUsed = store.Q(store.Projection, "journal.used.list", `
		SELECT bucket, log, n FROM used WHERE day = $1`)
)
