package person

import "github.com/estelam/estelam/internal/store"

// personColumns in the order of row.
const personColumns = `number, given, surname, father, life, flags, shenasnameh, booklet, residence, card`

// historyColumns in the order of pastRow.
const historyColumns = personColumns + `, version, card_serial, successor, until, role, agency, officer, why, act`

// proposalColumns in the order of scanProposal.
const proposalColumns = `id, kind, number, version, body, reason, document, made, role, agency, officer, state,
	decided, decider_role, decider_agency, decider, note, act`

// searchColumns in the order of scanSearch.
const searchColumns = `id, given, surname, father, born, reason, document, made, role, agency, officer, state,
	decided, decider_agency, decider, note`

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

	changeTake = store.Q(store.Register, "person.change.take",
		`UPDATE person_feed SET last = last + $1 WHERE one = 1`)
	changeLast   = store.Q(store.Register, "person.change.last", `SELECT last FROM person_feed WHERE one = 1`)
	changeInsert = store.Q(store.Register, "person.change.insert",
		`INSERT INTO person_change (seq, number, version, kind, at) VALUES ($1, $2, $3, $4, $5)`)
	changesAfter = store.Q(store.Register, "person.change.after",
		`SELECT seq, number, version, kind, at FROM person_change WHERE seq > $1 ORDER BY seq LIMIT $2`)

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
	// Of a person, in a state, and all: the first two have indexes, for the queue
	// is short and the table is long.
	proposalsOf = store.Q(store.Register, "person.proposal.of",
		`SELECT `+proposalColumns+` FROM proposal WHERE number = $1 AND id > $2
		AND ($3 = '' OR state = $3) AND ($4 = '' OR kind = $4) AND ($5 = '' OR officer = $5) ORDER BY id LIMIT $6`)
	proposalsIn = store.Q(store.Register, "person.proposal.in",
		`SELECT `+proposalColumns+` FROM proposal WHERE state = $1 AND id > $2
		AND ($3 = '' OR kind = $3) AND ($4 = '' OR officer = $4) ORDER BY id LIMIT $5`)
	proposalsAll = store.Q(store.Register, "person.proposal.all",
		`SELECT `+proposalColumns+` FROM proposal WHERE id > $1
		AND ($2 = '' OR kind = $2) AND ($3 = '' OR officer = $3) ORDER BY id LIMIT $4`)

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

	namesBySound = store.Q(store.Register, "person.name.by_sound",
		`SELECT id, display, key, phonetic FROM name WHERE phonetic = $1`)
	personsByName = store.Q(store.Register, "person.by_name",
		`SELECT `+personColumns+` FROM person WHERE surname = $1 AND given = $2`)
	searchLast   = store.Q(store.Register, "person.search.last", `SELECT COALESCE(MAX(id), 0) FROM name_search`)
	searchInsert = store.Q(store.Register, "person.search.insert",
		`INSERT INTO name_search (id, given, surname, father, born, reason, document, made, role, agency, officer, state,
			decided, decider_agency, decider, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, '', '')`)
	searchDecide = store.Q(store.Register, "person.search.decide",
		`UPDATE name_search SET state = $1, decided = $2, decider_agency = $3, decider = $4, note = $5 WHERE id = $6`)
	searchByID = store.Q(store.Register, "person.search.by_id",
		`SELECT `+searchColumns+` FROM name_search WHERE id = $1`)
	searchesIn = store.Q(store.Register, "person.search.in",
		`SELECT `+searchColumns+` FROM name_search WHERE state = $1 ORDER BY id DESC LIMIT $2`)
	searchesOf = store.Q(store.Register, "person.search.of",
		`SELECT `+searchColumns+` FROM name_search WHERE agency = $1 AND officer = $2 ORDER BY id DESC LIMIT $3`)

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

// Stocks and booklets.
var (
	stockOverlap = store.Q(store.Register, "person.stock.overlap",
		`SELECT COUNT(*) FROM stock WHERE ware = $1 AND serie = $2 AND last >= $3 AND first <= $4`)
	stockInsert = store.Q(store.Register, "person.stock.insert",
		`INSERT INTO stock (ware, serie, first, last, next, office, received) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	stockRemaining = store.Q(store.Register, "person.stock.remaining",
		`SELECT COALESCE(SUM(last + 1 - next), 0) FROM stock WHERE ware = $1 AND office = $2`)
	stockNext = store.Q(store.Register, "person.stock.next",
		`SELECT serie, first, last, next FROM stock WHERE ware = $1 AND office = $2 AND next <= last
		ORDER BY serie, first LIMIT 1`)
	stockTake = store.Q(store.Register, "person.stock.take",
		`UPDATE stock SET next = $1 WHERE ware = $2 AND office = $3 AND serie = $4 AND first = $5`)
	stockLevels = store.Q(store.Register, "person.stock.levels",
		`SELECT office, SUM(last + 1 - next) FROM stock WHERE ware = $1 GROUP BY office ORDER BY 2, 1`)

	bookletHolder = store.Q(store.Register, "person.booklet.holder",
		`SELECT number FROM booklet WHERE serie = $1 AND serial = $2`)
	bookletInsert = store.Q(store.Register, "person.booklet.insert",
		`INSERT INTO booklet (serie, serial, number, text, office, place, issued, reason, ended, end_reason, made)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	bookletTake = store.Q(store.Register, "person.booklet.take",
		`INSERT INTO booklet (serie, serial, number, text, office, place, issued, reason, ended, end_reason, made)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (serie, serial) DO NOTHING`)
	bookletEnd = store.Q(store.Register, "person.booklet.end",
		`UPDATE booklet SET ended = $1, end_reason = $2 WHERE number = $3 AND ended = 0`)
	bookletsByNumber = store.Q(store.Register, "person.booklet.by_number",
		`SELECT serie, serial, text, office, place, issued, reason, ended, end_reason FROM booklet
		WHERE number = $1 ORDER BY made, serie, serial`)
)

// cardColumns in the order of cardRow.
const cardColumns = `id, number, state, purpose, office, applied, day, hour, batch, serial, printed, valid, renewal, issued, ended, end_reason`

// National cards, from the application on.
var (
	cardLast   = store.Q(store.Register, "person.card.last", `SELECT COALESCE(MAX(id), 0) FROM card_life`)
	cardCreate = store.Q(store.Register, "person.card.create",
		`INSERT INTO card_life (`+cardColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`)
	cardChange = store.Q(store.Register, "person.card.change",
		`UPDATE card_life SET state = $1, office = $2, day = $3, hour = $4, batch = $5, serial = $6, printed = $7, valid = $8,
			renewal = $9, issued = $10, ended = $11, end_reason = $12
		WHERE id = $13`)
	cardByID = store.Q(store.Register, "person.card.by_id",
		`SELECT `+cardColumns+` FROM card_life WHERE id = $1`)
	cardsByNumber = store.Q(store.Register, "person.card.of",
		`SELECT `+cardColumns+` FROM card_life WHERE number = $1 ORDER BY id`)
	cardsReady = store.Q(store.Register, "person.card.ready",
		`SELECT `+cardColumns+` FROM card_life WHERE state = 10 AND id > $1 ORDER BY id LIMIT $2`)

	timetableAll = store.Q(store.Register, "person.timetable.all",
		`SELECT province, born_from, born_to, opens, reference FROM card_timetable ORDER BY province, born_from`)
	timetablePut = store.Q(store.Register, "person.timetable.put",
		`INSERT INTO card_timetable (province, born_from, born_to, opens, reference) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (province, born_from, born_to) DO UPDATE SET opens = excluded.opens, reference = excluded.reference`)

	slotAt = store.Q(store.Register, "person.slot.at",
		`SELECT capacity, taken FROM card_slot WHERE office = $1 AND day = $2 AND hour = $3`)
	slotPut = store.Q(store.Register, "person.slot.put",
		`INSERT INTO card_slot (office, day, hour, capacity, taken) VALUES ($1, $2, $3, $4, 0)
		ON CONFLICT (office, day, hour) DO UPDATE SET capacity = excluded.capacity`)
	slotTake = store.Q(store.Register, "person.slot.take",
		`UPDATE card_slot SET taken = taken + 1 WHERE office = $1 AND day = $2 AND hour = $3 AND taken < capacity`)
	slotGive = store.Q(store.Register, "person.slot.give",
		`UPDATE card_slot SET taken = taken - 1 WHERE office = $1 AND day = $2 AND hour = $3`)
	slotsFree = store.Q(store.Register, "person.slot.free",
		`SELECT day, hour, capacity, taken FROM card_slot
		WHERE office = $1 AND day >= $2 AND taken < capacity ORDER BY day, hour LIMIT $3`)

	slotsBetween = store.Q(store.Register, "person.slot.between",
		`SELECT day, hour, capacity, taken FROM card_slot WHERE office = $1 AND day >= $2 AND day <= $3 ORDER BY day, hour`)
	cardsOnDay = store.Q(store.Register, "person.card.on_day",
		`SELECT hour, number FROM card_life WHERE state = 3 AND office = $1 AND day = $2 ORDER BY hour, id`)

	batchLast   = store.Q(store.Register, "person.batch.last", `SELECT COALESCE(MAX(id), 0) FROM card_batch`)
	batchInsert = store.Q(store.Register, "person.batch.insert",
		`INSERT INTO card_batch (id, made, size, open, digest, file, agency) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	batchByID = store.Q(store.Register, "person.batch.by_id",
		`SELECT size, open, digest, file, agency FROM card_batch WHERE id = $1`)
	batchList = store.Q(store.Register, "person.batch.list",
		`SELECT id, made, size, open, digest, agency FROM card_batch WHERE $1 = 0 OR agency = 0 OR agency = $1 ORDER BY id DESC LIMIT $2`)
	batchTake   = store.Q(store.Register, "person.batch.take", `UPDATE card_batch SET agency = $1 WHERE id = $2`)
	batchOpen   = store.Q(store.Register, "person.batch.open", `UPDATE card_batch SET open = $1, file = $2 WHERE id = $3`)
	printInsert = store.Q(store.Register, "person.print.insert",
		`INSERT INTO card_print (batch, row, card, serial, result, note) VALUES ($1, $2, $3, $4, $5, $6)`)
	printAt = store.Q(store.Register, "person.print.at",
		`SELECT card, serial, result FROM card_print WHERE batch = $1 AND row = $2`)
	printSerial = store.Q(store.Register, "person.print.serial",
		`SELECT batch, row FROM card_print WHERE serial = $1`)
	printResult = store.Q(store.Register, "person.print.result",
		`UPDATE card_print SET result = $1, note = $2 WHERE batch = $3 AND row = $4`)
)
