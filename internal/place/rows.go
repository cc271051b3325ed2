package place

import "github.com/estelam/estelam/internal/store"

// columns in the order of row; historyColumns in that of pastRow.
const (
	columns        = `code, area, street, street2, house, floor, side, building, note, state, successors, version`
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
)
