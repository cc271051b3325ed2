package agreement

import "github.com/estelam/estelam/internal/store"

var (
	agreementAll = store.Q(store.Register, "agreement.all",
		`SELECT id, version, agency, state, since, until, service FROM agreement ORDER BY id, version`)
	agreementVersions = store.Q(store.Register, "agreement.versions",
		`SELECT id, version, agency, state, since, until, service FROM agreement
		WHERE id = $1 ORDER BY version DESC`)
	agreementOf = store.Q(store.Register, "agreement.of",
		`SELECT id, version, agency, state, since, until, service FROM agreement WHERE agency = $1 ORDER BY id, version`)
	agreementLast = store.Q(store.Register, "agreement.last",
		`SELECT COALESCE(MAX(id), 0) FROM agreement`)
	agreementInsert = store.Q(store.Register, "agreement.insert",
		`INSERT INTO agreement (id, version, agency, state, since, until, service, made, role, actor, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)

	clauseAll = store.Q(store.Register, "agreement.clause.all",
		`SELECT agreement, version, no, service, modes, search_keys, fields, processes, purposes, daily_quota
		FROM clause ORDER BY agreement, version, no`)
	clauseOf = store.Q(store.Register, "agreement.clause.of",
		`SELECT agreement, version, no, service, modes, search_keys, fields, processes, purposes, daily_quota
		FROM clause WHERE agreement = $1 AND version = $2 ORDER BY no`)
	clauseInsert = store.Q(store.Register, "agreement.clause.insert",
		`INSERT INTO clause (agreement, version, no, service, modes, search_keys, fields, processes, purposes, daily_quota)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
)
