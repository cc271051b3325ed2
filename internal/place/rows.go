package place

import "github.com/estelam/estelam/internal/store"

// columns in the order of row, in a join joined; historyColumns in that of pastRow.
const (
	columns        = `code, area, street, street2, house, floor, side, building, note, state, successors, version`
	joined         = `p.code, p.area, p.street, p.street2, p.house, p.floor, p.side, p.building, p.note, p.state, p.successors, p.version`
	historyColumns = columns + `, until, role, agency, officer, why, act`
)

var (
	byCode = store.Q(store.Register, "place.by_code",
		`SELECT `+columns+` FROM place WHERE code = $1`)
	insert = store.Q(store.Register, "place.insert",
		`INSERT INTO place (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	update = store.Q(store.Register, "place.update",
		`UPDATE place SET area = $1, street = $2, street2 = $3, house = $4, floor = $5, side = $6, building = $7,
			note = $8, state = $9, successors = $10, version = $11
		WHERE code = $12 AND version = $13`)
	count = store.Q(store.Register, "place.count", `SELECT COUNT(*) FROM place`)

	historyInsert = store.Q(store.Register, "place.history.insert",
		`INSERT INTO place_history (`+historyColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`)
	historyAt = store.Q(store.Register, "place.history.at",
		`SELECT `+historyColumns+` FROM place_history WHERE code = $1 AND until > $2 ORDER BY version LIMIT 1`)
	historyAll = store.Q(store.Register, "place.history.all",
		`SELECT `+historyColumns+` FROM place_history WHERE code = $1 ORDER BY version`)
	historyLast = store.Q(store.Register, "place.history.last",
		`SELECT COALESCE(MAX(until), 0) FROM place_history WHERE code = $1`)

	areaByID = store.Q(store.Register, "place.area.by_id",
		`SELECT province, county, district, locality, locality_kind, sub_locality FROM area WHERE id = $1`)
	areaFind = store.Q(store.Register, "place.area.find",
		`SELECT id FROM area WHERE province = $1 AND county = $2 AND district = $3
			AND locality = $4 AND locality_kind = $5 AND sub_locality = $6`)
	areaLast   = store.Q(store.Register, "place.area.last", `SELECT COALESCE(MAX(id), 0) FROM area`)
	areaInsert = store.Q(store.Register, "place.area.insert",
		`INSERT INTO area (id, province, county, district, locality, locality_kind, sub_locality)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`)

	areasOf = store.Q(store.Register, "place.area.of",
		`SELECT id, province, county, district, locality, locality_kind, sub_locality FROM area WHERE province = $1 ORDER BY id`)
	areasAll = store.Q(store.Register, "place.area.all",
		`SELECT id, province, county, district, locality, locality_kind, sub_locality FROM area ORDER BY id`)
	standingIn = store.Q(store.Register, "place.standing_in",
		`SELECT `+columns+` FROM place WHERE area = $1 AND state = 1`)
	placesAfter = store.Q(store.Register, "place.after",
		`SELECT `+columns+` FROM place WHERE code > $1 ORDER BY code LIMIT $2`)

	firstOf = store.Q(store.Register, "place.first_of",
		`SELECT `+columns+` FROM place WHERE code >= $1 AND code < $2 ORDER BY code LIMIT 1`)
	codesFrom = store.Q(store.Register, "place.codes_from",
		`SELECT code FROM place WHERE code >= $1 AND code < $2 ORDER BY code LIMIT 1000`)
	areaNext    = store.Q(store.Register, "place.postal.next", `SELECT next FROM postal_area WHERE area = $1`)
	areaAdvance = store.Q(store.Register, "place.postal.advance",
		`INSERT INTO postal_area (area, next) VALUES ($1, $2)
		ON CONFLICT (area) DO UPDATE SET next = EXCLUDED.next`)

	feedTake     = store.Q(store.Register, "place.feed.take", `UPDATE place_feed SET last = last + $1 WHERE one = 1`)
	feedLast     = store.Q(store.Register, "place.feed.last", `SELECT last FROM place_feed WHERE one = 1`)
	changeInsert = store.Q(store.Register, "place.change.insert",
		`INSERT INTO place_change (seq, code, version, kind, at) VALUES ($1, $2, $3, $4, $5)`)
	changesAfter = store.Q(store.Register, "place.change.after",
		`SELECT seq, kind, at FROM place_change WHERE seq > $1 ORDER BY seq LIMIT $2`)
	changesNow = store.Q(store.Register, "place.change.now",
		`SELECT c.seq, `+joined+` FROM place_change c JOIN place p ON p.code = c.code AND p.version = c.version
		WHERE c.seq > $1 AND c.seq <= $2`)
	changesPast = store.Q(store.Register, "place.change.past",
		`SELECT c.seq, `+joined+` FROM place_change c JOIN place_history p ON p.code = c.code AND p.version = c.version
		WHERE c.seq > $1 AND c.seq <= $2`)
	codesChanged = store.Q(store.Register, "place.change.codes",
		`SELECT DISTINCT code FROM place_change WHERE seq > $1`)
)

// entranceColumns in the order of entranceRow; listed1 and listed2 stand around
// the choice of entrances to list them with what lies behind: a row a place.
const (
	entranceColumns = `id, area, street, street2, house, state, since, installer, version`
	listed1         = `SELECT e.*, COALESCE(p.code, 0) FROM (SELECT ` + entranceColumns + ` FROM entrance WHERE `
	listed2         = `) e LEFT JOIN entrance_place p ON p.entrance = e.id ORDER BY e.area, e.id, p.code`
)

var (
	entranceOf     = store.Q(store.Register, "place.entrance.of", `SELECT entrance FROM entrance_place WHERE code = $1`)
	entranceForget = store.Q(store.Register, "place.entrance.forget", `DELETE FROM entrance_place WHERE code = $1`)
	entranceKeep   = store.Q(store.Register, "place.entrance.keep",
		`INSERT INTO entrance_place (code, entrance) VALUES ($1, $2)
		ON CONFLICT (code) DO UPDATE SET entrance = EXCLUDED.entrance`)
	entranceCodes = store.Q(store.Register, "place.entrance.codes",
		`SELECT code FROM entrance_place WHERE entrance = $1 ORDER BY code`)
	entranceByID = store.Q(store.Register, "place.entrance.by_id",
		`SELECT `+entranceColumns+` FROM entrance WHERE id = $1`)
	entranceAt = store.Q(store.Register, "place.entrance.at",
		`SELECT `+entranceColumns+` FROM entrance WHERE area = $1 AND street = $2 AND street2 = $3 AND house = $4`)
	entranceLast   = store.Q(store.Register, "place.entrance.last", `SELECT COALESCE(MAX(id), 0) FROM entrance`)
	entranceInsert = store.Q(store.Register, "place.entrance.insert",
		`INSERT INTO entrance (`+entranceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	entranceUpdate = store.Q(store.Register, "place.entrance.update",
		`UPDATE entrance SET state = $1, since = $2, installer = $3, version = $4 WHERE id = $5`)
	entrancePast = store.Q(store.Register, "place.entrance.past",
		`INSERT INTO entrance_history (`+entranceColumns+`, until, role, agency, officer, why, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	entrancesAfter = store.Q(store.Register, "place.entrance.after",
		listed1+`state = $1 AND area > $2 ORDER BY area, id LIMIT $3`+listed2)
	entrancesIn = store.Q(store.Register, "place.entrance.in",
		listed1+`state = $1 AND area = $2 AND id > $3 ORDER BY id LIMIT $4`+listed2)
)

// countColumns in the order of part.columns and counts.columns.
const (
	countColumns = `level, province, county, locality, name, district, kind, area, places, served, ordered, installed, missing, damaged`
	countFrom    = `SELECT ` + countColumns + ` FROM place_count WHERE `
)

var (
	countAdd = store.Q(store.Register, "place.count.add",
		`INSERT INTO place_count (`+countColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (level, province, county, locality, name, district, kind) DO UPDATE SET
			places = place_count.places + EXCLUDED.places, served = place_count.served + EXCLUDED.served,
			ordered = place_count.ordered + EXCLUDED.ordered, installed = place_count.installed + EXCLUDED.installed,
			missing = place_count.missing + EXCLUDED.missing, damaged = place_count.damaged + EXCLUDED.damaged`)
	// The parts of a level within a part: of the country, and so on down.
	countWithin = [quarters]*store.Query{
		store.Q(store.Register, "place.count.level", countFrom+`level = $1`),
		store.Q(store.Register, "place.count.province", countFrom+`level = $1 AND province = $2`),
		store.Q(store.Register, "place.count.county", countFrom+`level = $1 AND province = $2 AND county = $3`),
		store.Q(store.Register, "place.count.locality", countFrom+`level = $1 AND province = $2 AND county = $3 AND locality = $4`),
	}
	countAll = store.Q(store.Register, "place.count.all", `SELECT `+countColumns+` FROM place_count`)

	recountPlaces = store.Q(store.Register, "place.recount.places",
		`SELECT area, 0, COUNT(*) FROM place WHERE state = 1 GROUP BY area`)
	recountServed = store.Q(store.Register, "place.recount.served",
		`SELECT p.area, 0, COUNT(*) FROM place p JOIN entrance_place ep ON ep.code = p.code WHERE p.state = 1 GROUP BY p.area`)
	recountPlates = store.Q(store.Register, "place.recount.plates",
		`SELECT area, state, COUNT(*) FROM entrance GROUP BY area, state`)
)

// reportColumns in the order of reportRow, replyColumns in that of lineRow.
const (
	reportColumns = `id, agency, month, province, county, locality, document, origin, lines, refused, waiting, at, officer, act`
	replyColumns  = `report, line, kind, code, address, digest, state, reason, note, codes, places, decided, agency, officer, act`
)

var (
	reportLast   = store.Q(store.Register, "place.report.last", `SELECT COALESCE(MAX(id), 0) FROM place_report`)
	reportInsert = store.Q(store.Register, "place.report.insert",
		`INSERT INTO place_report (`+reportColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	reportByID = store.Q(store.Register, "place.report.by_id",
		`SELECT `+reportColumns+` FROM place_report WHERE id = $1`)
	reportDecide = store.Q(store.Register, "place.report.decide",
		`UPDATE place_report SET waiting = waiting - $1 WHERE id = $2`)
	reportsOf = store.Q(store.Register, "place.report.of",
		`SELECT `+reportColumns+` FROM place_report WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`)
	reportsAll = store.Q(store.Register, "place.report.all",
		`SELECT `+reportColumns+` FROM place_report WHERE id > $1 ORDER BY id LIMIT $2`)
	reportsWaiting = store.Q(store.Register, "place.report.waiting",
		`SELECT `+reportColumns+` FROM place_report WHERE waiting > 0 AND id > $1 ORDER BY id LIMIT $2`)
	reportMonths = store.Q(store.Register, "place.report.months",
		`SELECT DISTINCT month FROM place_report WHERE agency = $1 AND month >= $2 ORDER BY month`)

	lineInsert = store.Q(store.Register, "place.line.insert",
		`INSERT INTO place_report_line (`+replyColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	lineOne = store.Q(store.Register, "place.line.one",
		`SELECT `+replyColumns+` FROM place_report_line WHERE report = $1 AND line = $2`)
	linesOf = store.Q(store.Register, "place.line.of",
		`SELECT `+replyColumns+` FROM place_report_line WHERE report = $1 AND line > $2 ORDER BY line LIMIT $3`)
	lineDecide = store.Q(store.Register, "place.line.decide",
		`UPDATE place_report_line SET state = $1, reason = $2, note = $3, codes = $4, places = $5, decided = $6,
			agency = $7, officer = $8, act = $9
		WHERE report = $10 AND line = $11`)
	lineDigests = store.Q(store.Register, "place.line.digests",
		`SELECT l.digest FROM place_report_line l JOIN place_report r ON r.id = l.report
		WHERE r.agency = $1 AND r.month = $2 AND l.state <> 3`)
)
