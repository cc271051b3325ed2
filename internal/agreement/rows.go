package agreement

import "github.com/estelam/estelam/internal/store"

// The columns of the tables, in the order in which they are read.
const (
	versionColumns    = `id, version, agency, state, since, until, service, why, draft, narrowed, made`
	clauseColumns     = `agreement, version, no, service, modes, search_keys, fields, processes, purposes, daily_quota, hours, days, signature, court_days, audit_days, silence, misuse, statement, risk`
	draftColumns      = `id, agency, agreement, version, state, text, digest`
	delegationColumns = `id, principal, delegate, services, since, until, reference, state, made, proposer, accepted, acceptor, confirmed, confirmer, ended, ender`
)

var (
	agreementAll = store.Q(store.Register, "agreement.all",
		`SELECT `+versionColumns+` FROM agreement ORDER BY id, version`)
	agreementVersions = store.Q(store.Register, "agreement.versions",
		`SELECT `+versionColumns+` FROM agreement
		WHERE id = $1 ORDER BY version DESC`)
	agreementOf = store.Q(store.Register, "agreement.of",
		`SELECT `+versionColumns+` FROM agreement WHERE agency = $1 ORDER BY id, version`)
	agreementLast = store.Q(store.Register, "agreement.last",
		`SELECT COALESCE(MAX(id), 0) FROM agreement`)
	agreementInsert = store.Q(store.Register, "agreement.insert",
		`INSERT INTO agreement (`+versionColumns+`, role, actor, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	agreementAct = store.Q(store.Register, "agreement.act",
		`SELECT act FROM agreement WHERE id = $1 AND version = $2`)

	clauseAll = store.Q(store.Register, "agreement.clause.all",
		`SELECT `+clauseColumns+`
		FROM clause ORDER BY agreement, version, no`)
	clauseOf = store.Q(store.Register, "agreement.clause.of",
		`SELECT `+clauseColumns+`
		FROM clause WHERE agreement = $1 AND version = $2 ORDER BY no`)
	clauseInsert = store.Q(store.Register, "agreement.clause.insert",
		`INSERT INTO clause (`+clauseColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`)

	draftLast = store.Q(store.Register, "agreement.draft.last",
		`SELECT COALESCE(MAX(id), 0) FROM agreement_draft`)
	draftByID = store.Q(store.Register, "agreement.draft.by_id",
		`SELECT `+draftColumns+` FROM agreement_draft WHERE id = $1`)
	// Both counts read nothing but an index of what is not in force.
	draftCount = store.Q(store.Register, "agreement.draft.count",
		`SELECT state, COUNT(*) FROM agreement_draft WHERE state < 6 GROUP BY state`)
	draftCountOf = store.Q(store.Register, "agreement.draft.count_of",
		`SELECT state, COUNT(*) FROM agreement_draft WHERE agency = $1 AND state < 6 GROUP BY state`)
	draftInsert = store.Q(store.Register, "agreement.draft.insert",
		`INSERT INTO agreement_draft (`+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	draftUpdate = store.Q(store.Register, "agreement.draft.update",
		`UPDATE agreement_draft SET agreement = $1, version = $2, state = $3, text = $4, digest = $5 WHERE id = $6`)
	draftSteps = store.Q(store.Register, "agreement.step.all",
		`SELECT state, at, role, agency, officer, note, digest, act FROM agreement_step WHERE draft = $1 ORDER BY no`)
	draftStep = store.Q(store.Register, "agreement.step.insert",
		`INSERT INTO agreement_step (draft, no, state, at, role, agency, officer, note, digest, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)

	delegationAll = store.Q(store.Register, "agreement.delegation.all",
		`SELECT `+delegationColumns+` FROM delegation ORDER BY id`)
	delegationByID = store.Q(store.Register, "agreement.delegation.by_id",
		`SELECT `+delegationColumns+` FROM delegation WHERE id = $1`)
	delegationOf = store.Q(store.Register, "agreement.delegation.of",
		`SELECT `+delegationColumns+` FROM delegation WHERE principal = $1 ORDER BY id`)
	delegationLast = store.Q(store.Register, "agreement.delegation.last",
		`SELECT COALESCE(MAX(id), 0) FROM delegation`)
	delegationInsert = store.Q(store.Register, "agreement.delegation.insert",
		`INSERT INTO delegation (`+delegationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', 0, '', 0, '')`)
	delegationUpdate = store.Q(store.Register, "agreement.delegation.update",
		`UPDATE delegation SET state = $1, accepted = $2, acceptor = $3, confirmed = $4, confirmer = $5, ended = $6, ender = $7 WHERE id = $8`)
)

// draftLists go along an index in every choice.
var draftLists = store.List(store.Register, "agreement.draft.list", `SELECT `+draftColumns+` FROM agreement_draft`,
	[]store.Order{store.ByID(false), store.ByID(true)}, `agency = ?`, `state = ?`, `state < 6`)
