package board

import "github.com/estelam/estelam/internal/store"

const (
	memberColumns   = `id, body, agency, login, office, since, until, reason, document`
	sessionColumns  = `id, held, place, agenda, minutes, made, member`
	decisionColumns = `id, session, words, reference, authority, effect, params, day, sha256, state, made, member, ended, repealed`
	followColumns   = `id, decision, words, responsible, due, made, member, evidence, done, closer`
)

var (
	memberLast   = store.Q(store.Register, "board.member.last", `SELECT COALESCE(MAX(id), 0) FROM board_member`)
	memberInsert = store.Q(store.Register, "board.member.insert",
		`INSERT INTO board_member (`+memberColumns+`, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
	memberEnd = store.Q(store.Register, "board.member.end",
		`UPDATE board_member SET until = $1, reason = $2, document = $3, act = $4 WHERE id = $5`)
	memberAll = store.Q(store.Register, "board.member.all",
		`SELECT `+memberColumns+` FROM board_member ORDER BY id`)

	sessionLast   = store.Q(store.Register, "board.session.last", `SELECT COALESCE(MAX(id), 0) FROM board_session`)
	sessionInsert = store.Q(store.Register, "board.session.insert",
		`INSERT INTO board_session (`+sessionColumns+`, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	sessionByID = store.Q(store.Register, "board.session.by_id",
		`SELECT `+sessionColumns+` FROM board_session WHERE id = $1`)
	sessionList = store.Q(store.Register, "board.session.list",
		`SELECT `+sessionColumns+` FROM board_session WHERE id > $1 ORDER BY id LIMIT $2`)
	presentInsert = store.Q(store.Register, "board.present.insert",
		`INSERT INTO board_present (session, member) VALUES ($1, $2)`)
	presentOf = store.Q(store.Register, "board.present.of",
		`SELECT member FROM board_present WHERE session = $1 ORDER BY member`)

	decisionLast   = store.Q(store.Register, "board.decision.last", `SELECT COALESCE(MAX(id), 0) FROM board_decision`)
	decisionInsert = store.Q(store.Register, "board.decision.insert",
		`INSERT INTO board_decision (`+decisionColumns+`, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	decisionEnd = store.Q(store.Register, "board.decision.end",
		`UPDATE board_decision SET state = $1, ended = $2, act = $3 WHERE id = $4 AND state = 1`)
	decisionRepeal = store.Q(store.Register, "board.decision.repeal",
		`UPDATE board_decision SET repealed = $1 WHERE id = $2 AND state = 2 AND repealed = 0`)
	decisionByID = store.Q(store.Register, "board.decision.by_id",
		`SELECT `+decisionColumns+` FROM board_decision WHERE id = $1`)
	decisionToSign = store.Q(store.Register, "board.decision.to_sign",
		`SELECT COUNT(*) FROM board_decision WHERE state = 1`+unsigned("$1", "$2"))
	decisionDecided = store.Q(store.Register, "board.decision.decided",
		`SELECT `+decisionColumns+` FROM board_decision WHERE state = 2 ORDER BY day, ended, id`)

	signatureInsert = store.Q(store.Register, "board.signature.insert",
		`INSERT INTO board_signature (decision, body, member, at, act) VALUES ($1, $2, $3, $4, $5)`)
	signatureOf = store.Q(store.Register, "board.signature.of",
		`SELECT body, member, at FROM board_signature WHERE decision = $1 ORDER BY at, body`)

	followLast   = store.Q(store.Register, "board.follow_up.last", `SELECT COALESCE(MAX(id), 0) FROM board_follow_up`)
	followInsert = store.Q(store.Register, "board.follow_up.insert",
		`INSERT INTO board_follow_up (`+followColumns+`, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	followByID = store.Q(store.Register, "board.follow_up.by_id",
		`SELECT `+followColumns+` FROM board_follow_up WHERE id = $1`)
	followList = store.Q(store.Register, "board.follow_up.list",
		`SELECT `+followColumns+` FROM board_follow_up WHERE id > $1 ORDER BY id LIMIT $2`)
	followOverdue = store.Q(store.Register, "board.follow_up.overdue",
		`SELECT `+followColumns+` FROM board_follow_up WHERE id > $1 AND done = 0 AND due < $2 ORDER BY id LIMIT $3`)
	followDone = store.Q(store.Register, "board.follow_up.done",
		`UPDATE board_follow_up SET evidence = $1, done = $2, closer = $3, act = $4 WHERE id = $5`)
)

// unsigned: the member was in the session of a decision, and nobody has signed
// for his body.
func unsigned(member, body string) string {
	return ` AND EXISTS (SELECT 1 FROM board_present p WHERE p.session = board_decision.session AND p.member = ` + member + `)
		AND NOT EXISTS (SELECT 1 FROM board_signature s WHERE s.decision = board_decision.id AND s.body = ` + body + `)`
}

// The last condition is that of drafts which wait for a member with his body.
var decisionLists = store.List(store.Register, "board.decision.list", `SELECT `+decisionColumns+` FROM board_decision`,
	[]store.Order{store.ByID(false), store.ByID(true)}, `state = ?`, `effect = ?`, `state = 1`+unsigned("?", "?"))
