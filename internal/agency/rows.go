package agency

import "github.com/estelam/estelam/internal/store"

var (
	agencyAll = store.Q(store.Register, "agency.all",
		`SELECT id, name, province, state, version FROM agency ORDER BY id`)
	agencyByID = store.Q(store.Register, "agency.by_id",
		`SELECT id, name, province, state, version FROM agency WHERE id = $1`)
	agencyInsert = store.Q(store.Register, "agency.insert",
		`INSERT INTO agency (id, name, province, state, version) VALUES ($1, $2, $3, $4, $5)`)
	agencyUpdate = store.Q(store.Register, "agency.update",
		`UPDATE agency SET name = $1, province = $2, state = $3, version = $4 WHERE id = $5 AND version = $6`)
	agencyHistory = store.Q(store.Register, "agency.history.insert",
		`INSERT INTO agency_history (id, version, name, province, state, until, role, actor, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)

	officerAll = store.Q(store.Register, "agency.officer.all",
		`SELECT agency, login, name, role, until, state, password FROM officer ORDER BY agency, login`)
	officerOne = store.Q(store.Register, "agency.officer.one",
		`SELECT agency, login, name, role, until, state, password FROM officer WHERE agency = $1 AND login = $2`)
	officerPut = store.Q(store.Register, "agency.officer.put",
		`INSERT INTO officer (agency, login, name, role, until, state, password) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (agency, login) DO UPDATE SET name = excluded.name, role = excluded.role,
			until = excluded.until, state = excluded.state, password = excluded.password`)

	certificateAll = store.Q(store.Register, "agency.certificate.all",
		`SELECT fingerprint, agency, since, until, revoked, der FROM certificate ORDER BY agency, since`)
	certificateInsert = store.Q(store.Register, "agency.certificate.insert",
		`INSERT INTO certificate (fingerprint, agency, since, until, revoked, der) VALUES ($1, $2, $3, $4, 0, $5)`)
	certificateRevoke = store.Q(store.Register, "agency.certificate.revoke",
		`UPDATE certificate SET revoked = $1 WHERE fingerprint = $2 AND revoked = 0`)
)
