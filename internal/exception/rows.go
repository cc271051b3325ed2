package exception

import "github.com/estelam/estelam/internal/store"

// columns of a copy and of a ticket, in the order in which they are scanned.
const (
	copyColumns   = `id, agency, officer, process, document, reason, law, article, subject, reference, made, until, destroyed, destroyer, minutes`
	ticketColumns = `id, hash, code, agency, certificate, no, file, issued, registered, state, flagged, due, inquiry, completed`
)

var (
	copyLast   = store.Q(store.Register, "exception.copy.last", `SELECT COALESCE(MAX(id), 0) FROM exception_copy`)
	copyInsert = store.Q(store.Register, "exception.copy.insert",
		`INSERT INTO exception_copy (`+copyColumns+`, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '', '', $13)`)
	copyByID    = store.Q(store.Register, "exception.copy.by_id", `SELECT `+copyColumns+` FROM exception_copy WHERE id = $1`)
	copyDestroy = store.Q(store.Register, "exception.copy.destroy",
		`UPDATE exception_copy SET destroyed = $1, destroyer = $2, minutes = $3 WHERE id = $4 AND destroyed = 0`)

	// Each way to list has an index that holds its rows in order.
	copyAll = store.Q(store.Register, "exception.copy.all",
		`SELECT `+copyColumns+` FROM exception_copy WHERE id > $1 ORDER BY id LIMIT $2`)
	copyOf = store.Q(store.Register, "exception.copy.of",
		`SELECT `+copyColumns+` FROM exception_copy WHERE id > $1 AND agency = $2 ORDER BY id LIMIT $3`)
	copyOverdue = store.Q(store.Register, "exception.copy.overdue",
		`SELECT `+copyColumns+` FROM exception_copy WHERE destroyed = 0 AND until < $1 AND id > $2 ORDER BY id LIMIT $3`)
	copyOverdueOf = store.Q(store.Register, "exception.copy.overdue_of",
		`SELECT `+copyColumns+` FROM exception_copy WHERE destroyed = 0 AND until < $1 AND id > $2 AND agency = $3 ORDER BY id LIMIT $4`)
	copyWaiting = store.Q(store.Register, "exception.copy.waiting",
		`SELECT COUNT(*), COALESCE(MIN(until), 0) FROM exception_copy WHERE destroyed = 0 AND until < $1 AND agency = $2`)
	copyCount = store.Q(store.Register, "exception.copy.count",
		`SELECT agency, COUNT(*) FROM exception_copy WHERE made >= $1 AND made < $2 GROUP BY agency`)

	ticketLast   = store.Q(store.Register, "exception.ticket.last", `SELECT COALESCE(MAX(id), 0) FROM exception_ticket`)
	ticketInsert = store.Q(store.Register, "exception.ticket.insert",
		`INSERT INTO exception_ticket (`+ticketColumns+`, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, $13)`)
	ticketByHash   = store.Q(store.Register, "exception.ticket.by_hash", `SELECT `+ticketColumns+` FROM exception_ticket WHERE hash = $1`)
	ticketNewest   = store.Q(store.Register, "exception.ticket.newest", `SELECT `+ticketColumns+` FROM exception_ticket WHERE certificate = $1 ORDER BY no DESC LIMIT 1`)
	ticketUsed     = store.Q(store.Register, "exception.ticket.used", `SELECT id FROM exception_ticket WHERE inquiry = $1 AND inquiry <> ''`)
	ticketComplete = store.Q(store.Register, "exception.ticket.complete",
		`UPDATE exception_ticket SET state = 2, inquiry = $1, completed = $2 WHERE id = $3 AND state = 1`)

	ticketBetween = store.Q(store.Register, "exception.ticket.between",
		`SELECT agency, state, flagged, due, completed FROM exception_ticket WHERE registered >= $1 AND registered < $2`)
)

// ticketLists have indexes of their own for tickets that are flagged, and for
// those that nothing has completed: the engine knows them by state <> 2.
var ticketLists = store.List(store.Register, "exception.ticket.list", `SELECT `+ticketColumns+` FROM exception_ticket`,
	[]store.Order{store.ByID(false)},
	`agency = ?`, `code = ?`, `flagged = 1`, `state <> 2 AND state = 1`, `state <> 2 AND (state = 3 OR due < ?)`)
