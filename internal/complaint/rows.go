package complaint

import "github.com/estelam/estelam/internal/store"

// columns in the order of Complaint.
const columns = `id, agency, process, document, day, province, county, place, text, contact, state, made, deadline, answered, late, judged, judge, reopened, copies, code`

var (
	byID = store.Q(store.Register, "complaint.by_id", `SELECT `+columns+` FROM complaint WHERE id = $1`)
	last = store.Q(store.Register, "complaint.last", `SELECT COALESCE(MAX(id), 0) FROM complaint`)
	same = store.Q(store.Register, "complaint.same",
		`SELECT `+columns+` FROM complaint WHERE digest = $1 AND state < 4 ORDER BY id LIMIT 1`)
	recent = store.Q(store.Register, "complaint.recent", `SELECT COUNT(*) FROM complaint WHERE agency = $1 AND made > $2`)
	insert = store.Q(store.Register, "complaint.insert",
		`INSERT INTO complaint (`+columns+`, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`)
	update = store.Q(store.Register, "complaint.update",
		`UPDATE complaint SET state = $1, deadline = $2, answered = $3, late = $4, judged = $5, judge = $6, reopened = $7, copies = $8 WHERE id = $9`)
	setCode = store.Q(store.Register, "complaint.code", `UPDATE complaint SET code = $1 WHERE id = $2 AND code = ''`)
	forget  = store.Q(store.Register, "complaint.forget",
		`UPDATE complaint SET contact = '' WHERE contact <> '' AND judged > 0 AND judged < $1 AND state > 3`)

	// Each way to list has an index that holds its rows in order.
	list   = store.Q(store.Register, "complaint.list", `SELECT `+columns+` FROM complaint WHERE id > $1 ORDER BY id LIMIT $2`)
	listOf = store.Q(store.Register, "complaint.list_of", `SELECT `+columns+` FROM complaint WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`)
	listIn = store.Q(store.Register, "complaint.list_in", `SELECT `+columns+` FROM complaint WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3`)
	// Of what an agency has to answer, not of all that it ever had.
	listOfIn = store.Q(store.Register, "complaint.list_of_in",
		`SELECT `+columns+` FROM complaint WHERE agency = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4`)
	filed   = store.Q(store.Register, "complaint.filed", `SELECT `+columns+` FROM complaint WHERE made >= $1 AND made < $2 ORDER BY made, id`)
	filedOf = store.Q(store.Register, "complaint.filed_of",
		`SELECT `+columns+` FROM complaint WHERE agency = $1 AND made >= $2 AND made < $3 ORDER BY made, id`)

	secretAll = store.Q(store.Register, "complaint.secret.all", `SELECT hash FROM complaint_secret WHERE complaint = $1 ORDER BY made, hash`)
	secretAdd = store.Q(store.Register, "complaint.secret.add",
		`INSERT INTO complaint_secret (complaint, hash, made) VALUES ($1, $2, $3)`)

	stepAll = store.Q(store.Register, "complaint.step.all",
		`SELECT what, at, role, agency, officer, text FROM complaint_step WHERE complaint = $1 ORDER BY no`)
	stepInsert = store.Q(store.Register, "complaint.step.insert",
		`INSERT INTO complaint_step (complaint, no, what, at, role, agency, officer, text, act)
		SELECT $1, COALESCE(MAX(no), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM complaint_step WHERE complaint = $1`)
)
