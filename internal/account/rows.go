package account

import "github.com/estelam/estelam/internal/store"

const passkeyColumns = `id, agency, login, name, public, counter, flags, model, transports, made, used, blocked`

var (
	accountOpen = store.Q(store.Register, "account.open",
		`INSERT INTO account (agency, login, handle, secret, step, since, wrong, until) VALUES ($1, $2, $3, $4, 0, 0, 0, 0)
		ON CONFLICT (agency, login) DO NOTHING`)
	accountOne = store.Q(store.Register, "account.one",
		`SELECT secret, step, since, wrong, until FROM account WHERE agency = $1 AND login = $2`)
	accountHandle = store.Q(store.Register, "account.handle",
		`SELECT handle FROM account WHERE agency = $1 AND login = $2`)
	accountClear = store.Q(store.Register, "account.clear",
		`DELETE FROM account WHERE agency = $1 AND login = $2`)

	codeSet = store.Q(store.Register, "account.code.set",
		`UPDATE account SET secret = $1, step = $2, since = $3, wrong = 0, until = 0 WHERE agency = $4 AND login = $5`)
	codeRight = store.Q(store.Register, "account.code.right",
		`UPDATE account SET step = $1, wrong = 0, until = 0 WHERE agency = $2 AND login = $3`)
	codeWrong = store.Q(store.Register, "account.code.wrong",
		`UPDATE account SET wrong = $1, until = $2 WHERE agency = $3 AND login = $4`)
	codeForget = store.Q(store.Register, "account.code.forget",
		`UPDATE account SET wrong = 0, until = 0 WHERE agency = $1 AND login = $2`)

	recoveryClear = store.Q(store.Register, "account.recovery.clear",
		`DELETE FROM account_recovery WHERE agency = $1 AND login = $2`)
	recoveryInsert = store.Q(store.Register, "account.recovery.insert",
		`INSERT INTO account_recovery (agency, login, hash, used) VALUES ($1, $2, $3, 0)`)
	recoveryUse = store.Q(store.Register, "account.recovery.use",
		`UPDATE account_recovery SET used = $1 WHERE agency = $2 AND login = $3 AND hash = $4 AND used = 0`)
	recoveryCount = store.Q(store.Register, "account.recovery.count",
		`SELECT COUNT(*) FROM account_recovery WHERE agency = $1 AND login = $2 AND used = 0`)

	passkeyAll = store.Q(store.Register, "account.passkey.all",
		`SELECT `+passkeyColumns+` FROM account_passkey WHERE agency = $1 AND login = $2 ORDER BY made, id`)
	passkeyOne = store.Q(store.Register, "account.passkey.one",
		`SELECT `+passkeyColumns+` FROM account_passkey WHERE id = $1`)
	passkeyCount = store.Q(store.Register, "account.passkey.count",
		`SELECT COUNT(*) FROM account_passkey WHERE agency = $1 AND login = $2 AND blocked = 0`)
	passkeyInsert = store.Q(store.Register, "account.passkey.insert",
		`INSERT INTO account_passkey (`+passkeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0)`)
	passkeyRename = store.Q(store.Register, "account.passkey.rename",
		`UPDATE account_passkey SET name = $1 WHERE id = $2`)
	passkeyRemove = store.Q(store.Register, "account.passkey.remove",
		`DELETE FROM account_passkey WHERE id = $1`)
	passkeyUse = store.Q(store.Register, "account.passkey.use",
		`UPDATE account_passkey SET counter = $1, used = $2
		WHERE id = $3 AND blocked = 0 AND (counter < $4 OR counter = 0 AND $5 = 0)`)
	passkeyBlock = store.Q(store.Register, "account.passkey.block",
		`UPDATE account_passkey SET blocked = $1 WHERE id = $2`)
	passkeyClear = store.Q(store.Register, "account.passkey.clear",
		`DELETE FROM account_passkey WHERE agency = $1 AND login = $2`)

	activationVoid = store.Q(store.Register, "account.activation.void",
		`UPDATE account_activation SET used = $1 WHERE agency = $2 AND login = $3 AND used = 0`)
	activationInsert = store.Q(store.Register, "account.activation.insert",
		`INSERT INTO account_activation (hash, agency, login, made, ends, used) VALUES ($1, $2, $3, $4, $5, 0)`)
	activationFind = store.Q(store.Register, "account.activation.find",
		`SELECT agency, login FROM account_activation WHERE hash = $1 AND used = 0 AND ends > $2`)
	activationUse = store.Q(store.Register, "account.activation.use",
		`UPDATE account_activation SET used = $1 WHERE hash = $2 AND used = 0 AND ends > $3`)

	sessionOne = store.Q(store.Register, "account.session.one",
		`SELECT data, made, seen, ends, ended FROM account_session WHERE hash = $1`)
	sessionInsert = store.Q(store.Register, "account.session.insert",
		`INSERT INTO account_session (hash, agency, login, method, device, made, seen, ends, ended, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)`)
	sessionUpdate = store.Q(store.Register, "account.session.update",
		`UPDATE account_session SET method = $1, seen = $2, ends = $3, data = $4 WHERE hash = $5 AND ended = 0`)
	sessionEnd = store.Q(store.Register, "account.session.end",
		`UPDATE account_session SET ended = $1, data = $2 WHERE hash = $3 AND ended = 0`)
	sessionEndAll = store.Q(store.Register, "account.session.end_all",
		`UPDATE account_session SET ended = $1, data = $2 WHERE agency = $3 AND login = $4 AND hash <> $5 AND ended = 0`)
	sessionOf = store.Q(store.Register, "account.session.of",
		`SELECT hash, method, device, made, seen, ends, ended FROM account_session
		WHERE agency = $1 AND login = $2 AND method <> 'password' ORDER BY made DESC, hash LIMIT 200`)
	sessionOpen = store.Q(store.Register, "account.session.open",
		`SELECT hash FROM account_session WHERE agency = $1 AND login = $2 AND ended = 0 AND ends > $3 ORDER BY made DESC, hash`)
	sessionForget = store.Q(store.Register, "account.session.forget",
		`DELETE FROM account_session WHERE ends < $1`)

	linkFind = store.Q(store.Register, "account.link.find",
		`SELECT agency, login FROM account_link WHERE issuer = $1 AND subject = $2`)
	linkInsert = store.Q(store.Register, "account.link.insert",
		`INSERT INTO account_link (issuer, subject, agency, login, made) VALUES ($1, $2, $3, $4, $5)`)
	linkSince = store.Q(store.Register, "account.link.since",
		`SELECT MIN(made) FROM account_link WHERE agency = $1 AND login = $2 HAVING COUNT(*) > 0`)
	linkClear = store.Q(store.Register, "account.link.clear",
		`DELETE FROM account_link WHERE agency = $1 AND login = $2`)

	demoFind   = store.Q(store.Register, "account.demo.find", `SELECT COUNT(*) FROM demo`)
	demoInsert = store.Q(store.Register, "account.demo.insert", `INSERT INTO demo (id, made) VALUES (1, $1)`)
	demoEmpty  = store.Q(store.Register, "account.demo.empty",
		`SELECT (SELECT COUNT(*) FROM agency) + (SELECT COUNT(*) FROM (SELECT number FROM person LIMIT 1) one)`)
)
