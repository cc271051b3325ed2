package agency

import "github.com/estelam/estelam/internal/store"

const columns = `id, name, kind, parent, province, county, locality, bound, accountable, state, version`

var (
	agencyAll = store.Q(store.Register, "agency.all",
		`SELECT `+columns+` FROM agency ORDER BY id`)
	agencyByID = store.Q(store.Register, "agency.by_id",
		`SELECT `+columns+` FROM agency WHERE id = $1`)
	agencyInsert = store.Q(store.Register, "agency.insert",
		`INSERT INTO agency (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	agencyUpdate = store.Q(store.Register, "agency.update",
		`UPDATE agency SET name = $1, parent = $2, province = $3, county = $4, locality = $5, bound = $6, accountable = $7, state = $8, version = $9
		WHERE id = $10 AND version = $11`)
	agencyHistory = store.Q(store.Register, "agency.history.insert",
		`INSERT INTO agency_history (`+columns+`, until, role, actor, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`)

	officerAll = store.Q(store.Register, "agency.officer.all",
		`SELECT agency, login, name, role, until, state, password FROM officer ORDER BY agency, login`)
	officerOne = store.Q(store.Register, "agency.officer.one",
		`SELECT agency, login, name, role, until, state, password FROM officer WHERE agency = $1 AND login = $2`)
	officerPut = store.Q(store.Register, "agency.officer.put",
		`INSERT INTO officer (agency, login, name, role, until, state, password) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (agency, login) DO UPDATE SET name = excluded.name, role = excluded.role,
			until = excluded.until, state = excluded.state, password = excluded.password`)

	certificateAll = store.Q(store.Register, "agency.certificate.all",
		`SELECT fingerprint, agency, officer, since, until, revoked, der FROM certificate ORDER BY agency, since`)
	certificateInsert = store.Q(store.Register, "agency.certificate.insert",
		`INSERT INTO certificate (fingerprint, agency, officer, since, until, revoked, der) VALUES ($1, $2, $3, $4, $5, 0, $6)`)
	certificateRevoke = store.Q(store.Register, "agency.certificate.revoke",
		`UPDATE certificate SET revoked = $1 WHERE fingerprint = $2 AND revoked = 0`)

	// A newer invitation takes the place of an older one.
	invitationVoid = store.Q(store.Register, "agency.invitation.void",
		`UPDATE invitation SET used = $1 WHERE agency = $2 AND used = 0`)
	invitationInsert = store.Q(store.Register, "agency.invitation.insert",
		`INSERT INTO invitation (hash, agency, login, name, until, made, ends, used) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`)
	invitationFind = store.Q(store.Register, "agency.invitation.find",
		`SELECT agency, login, name, until FROM invitation WHERE hash = $1 AND used = 0 AND ends > $2`)
	invitationUse = store.Q(store.Register, "agency.invitation.use",
		`UPDATE invitation SET used = $1 WHERE hash = $2 AND used = 0`)
)
