package person

import "github.com/estelam/estelam/internal/store"

// personColumns in the order of row.
const personColumns = `number, given, surname, father, life, flags, shenasnameh, booklet, residence, card`

// historyColumns in the order of pastRow.
const historyColumns = personColumns + `, version, card_serial, successor, until, role, agency, officer, why, act`

// proposalColumns in the order of scanProposal.
const proposalColumns = `id, kind, number, version, body, reason, document, made, role, agency, officer, state,
	decided, decider_role, decider_agency, decider, note, act`

var (
	personByNumber = store.Q(store.Register, "person.by_number",
		`SELECT `+personColumns+` FROM person WHERE number = $1`)
	personInsert = store.Q(store.Register, "person.insert",
		`INSERT INTO person (`+personColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
	personUpdate = store.Q(store.Register, "person.update",
		`UPDATE person SET given = $1, surname = $2, father = $3, life = $4, flags = $5,
			shenasnameh = $6, booklet = $7, residence = $8, card = $9
		WHERE number = $10 AND flags = $11`)
	personCount = store.Q(store.Register, "person.count", `SELECT COUNT(*) FROM person`)
	personScan  = store.Q(store.Register, "person.scan",
		`SELECT `+personColumns+` FROM person WHERE number > $1 ORDER BY number LIMIT $2`)

	historyInsert = store.Q(store.Register, "person.history.insert",
		`INSERT INTO person_history (`+historyColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`)

	historyAt = store.Q(store.Register, "person.history.at",
		`SELECT `+historyColumns+` FROM person_history WHERE number = $1 AND until > $2 ORDER BY version LIMIT 1`)
	historyAll = store.Q(store.Register, "person.history.all",
		`SELECT `+historyColumns+` FROM person_history WHERE number = $1 ORDER BY version`)
	historyLast = store.Q(store.Register, "person.history.last",
		`SELECT COALESCE(MAX(until), 0) FROM person_history WHERE number = $1`)

	eventLast = store.Q(store.Register, "person.event.last",
		`SELECT COALESCE(MAX(no), 0) FROM person_event WHERE number = $1`)
	eventInsert = store.Q(store.Register, "person.event.insert",
		`INSERT INTO person_event (number, no, kind, happened, reason, document,
			proposer_role, proposer_agency, proposer, version, detail, made, role, agency, officer, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`)
	eventsByNumber = store.Q(store.Register, "person.event.by_number",
		`SELECT kind, happened, reason, document, proposer_role, proposer_agency, proposer, version, detail,
			made, role, agency, officer, act
		FROM person_event WHERE number = $1 ORDER BY no`)

	historyVersion = store.Q(store.Register, "person.history.version",
		`SELECT `+historyColumns+` FROM person_history WHERE number = $1 AND version = $2`)
	sealInsert = store.Q(store.Register, "person.seal.insert",
		`INSERT INTO person_seal (number, version, columns) VALUES ($1, $2, $3)`)
	sealsByNumber = store.Q(store.Register, "person.seal.by_number",
		`SELECT version, columns FROM person_seal WHERE number = $1`)

	proposalLast   = store.Q(store.Register, "person.proposal.last", `SELECT COALESCE(MAX(id), 0) FROM proposal`)
	proposalInsert = store.Q(store.Register, "person.proposal.insert",
		`INSERT INTO proposal (id, kind, number, version, body, reason, document, made, role, agency, officer, state,
			decided, decider_role, decider_agency, decider, note, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '', 0, '', '', $13)`)
	proposalDecide = store.Q(store.Register, "person.proposal.decide",
		`UPDATE proposal SET state = $1, decided = $2, decider_role = $3, decider_agency = $4, decider = $5, note = $6
		WHERE id = $7`)
	proposalSame = store.Q(store.Register, "person.proposal.same",
		`SELECT id FROM proposal WHERE number = $1 AND kind = $2 AND version = $3 AND state = $4`)
	proposalByID = store.Q(store.Register, "person.proposal.by_id",
		`SELECT `+proposalColumns+` FROM proposal WHERE id = $1`)
	proposalList = store.Q(store.Register, "person.proposal.list",
		`SELECT `+proposalColumns+` FROM proposal
		WHERE id > $1 AND ($2 = '' OR state = $3) AND ($4 = '' OR kind = $5) AND ($6 = 0 OR number = $7) AND ($8 = '' OR officer = $9)
		ORDER BY id LIMIT $10`)

	childrenOfFather = store.Q(store.Register, "person.birth.of_father",
		`SELECT number FROM birth WHERE father = $1 AND father <> 0 ORDER BY number`)
	childrenOfMother = store.Q(store.Register, "person.birth.of_mother",
		`SELECT number FROM birth WHERE mother = $1 AND mother <> 0 ORDER BY number`)

	successorByNumber = store.Q(store.Register, "person.successor.by_number",
		`SELECT successor FROM person_successor WHERE number = $1`)
	successorPut = store.Q(store.Register, "person.successor.put",
		`INSERT INTO person_successor (number, successor) VALUES ($1, $2)
		ON CONFLICT (number) DO UPDATE SET successor = excluded.successor`)
	successorInsert = store.Q(store.Register, "person.successor.insert",
		`INSERT INTO person_successor (number, successor) VALUES ($1, $2)`)
	successorDelete = store.Q(store.Register, "person.successor.delete",
		`DELETE FROM person_successor WHERE number = $1`)

	cardByNumber = store.Q(store.Register, "person.card.by_number",
		`SELECT serial FROM card WHERE number = $1`)
	cardPut = store.Q(store.Register, "person.card.put",
		`INSERT INTO card (number, serial) VALUES ($1, $2)
		ON CONFLICT (number) DO UPDATE SET serial = excluded.serial`)
	cardInsert = store.Q(store.Register, "person.card.insert",
		`INSERT INTO card (number, serial) VALUES ($1, $2)`)
	cardDelete = store.Q(store.Register, "person.card.delete",
		`DELETE FROM card WHERE number = $1`)
	validityAt = store.Q(store.Register, "person.card.validity_at",
		`SELECT years FROM card_validity WHERE decided_on <= $1 ORDER BY decided_on DESC LIMIT 1`)
	validityPut = store.Q(store.Register, "person.card.validity_put",
		`INSERT INTO card_validity (decided_on, years, reference) VALUES ($1, $2, $3)
		ON CONFLICT (decided_on) DO UPDATE SET years = excluded.years, reference = excluded.reference`)

	nameByID = store.Q(store.Register, "person.name.by_id",
		`SELECT display, key, phonetic FROM name WHERE id = $1`)
	nameByDisplay = store.Q(store.Register, "person.name.by_display",
		`SELECT id FROM name WHERE display = $1`)
	nameLast   = store.Q(store.Register, "person.name.last", `SELECT COALESCE(MAX(id), 0) FROM name`)
	nameInsert = store.Q(store.Register, "person.name.insert",
		`INSERT INTO name (id, display, key, phonetic, sort) VALUES ($1, $2, $3, $4, $5)`)

	serieByID = store.Q(store.Register, "person.serie.by_id",
		`SELECT text FROM serie WHERE id = $1`)
	serieByText = store.Q(store.Register, "person.serie.by_text",
		`SELECT id FROM serie WHERE text = $1`)
	serieLast   = store.Q(store.Register, "person.serie.last", `SELECT COALESCE(MAX(id), 0) FROM serie`)
	serieInsert = store.Q(store.Register, "person.serie.insert",
		`INSERT INTO serie (id, text) VALUES ($1, $2)`)

	officeByID = store.Q(store.Register, "person.office.by_id",
		`SELECT code, place FROM office WHERE id = $1`)
	officeByPlace = store.Q(store.Register, "person.office.by_place",
		`SELECT id FROM office WHERE code = $1 AND place = $2`)
	officeLast   = store.Q(store.Register, "person.office.last", `SELECT COALESCE(MAX(id), 0) FROM office`)
	officeInsert = store.Q(store.Register, "person.office.insert",
		`INSERT INTO office (id, code, place) VALUES ($1, $2, $3)`)

	registryList = store.Q(store.Register, "person.registry.list",
		`SELECT code, name, province, county FROM registry_office ORDER BY code`)
	registryPut = store.Q(store.Register, "person.registry.put",
		`INSERT INTO registry_office (code, name, province, county) VALUES ($1, $2, $3, $4)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, province = excluded.province, county = excluded.county`)
	prefixList = store.Q(store.Register, "person.prefix.list",
		`SELECT office, prefix FROM office_prefix ORDER BY office, no`)
	prefixDelete = store.Q(store.Register, "person.prefix.delete",
		`DELETE FROM office_prefix WHERE office = $1`)
	prefixInsert = store.Q(store.Register, "person.prefix.insert",
		`INSERT INTO office_prefix (office, no, prefix) VALUES ($1, $2, $3)`)

	blockNext = store.Q(store.Register, "person.block.next",
		`SELECT next FROM number_block WHERE prefix = $1`)
	blockInsert = store.Q(store.Register, "person.block.insert",
		`INSERT INTO number_block (prefix, next) VALUES ($1, $2)`)
	blockUpdate = store.Q(store.Register, "person.block.update",
		`UPDATE number_block SET next = $1 WHERE prefix = $2`)
	numbersBetween = store.Q(store.Register, "person.numbers.between",
		`SELECT number FROM person WHERE number >= $1 AND number < $2 ORDER BY number`)

	birthByNotification = store.Q(store.Register, "person.birth.by_notification",
		`SELECT number, digest, act FROM birth WHERE notification = $1 AND birth_order = $2`)
	birthByNumber = store.Q(store.Register, "person.birth.by_number",
		`SELECT notification, birth_order, number, office, father, mother, mother_name, place,
			declarant, document, late, role, agency, officer, at, act
		FROM birth WHERE number = $1`)
	birthInsert = store.Q(store.Register, "person.birth.insert",
		`INSERT INTO birth (notification, birth_order, number, office, father, mother, mother_name, place,
			declarant, document, late, digest, role, agency, officer, at, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`)
)
