package quality

import "github.com/estelam/estelam/internal/store"

var (
	qualityLast   = store.Q(store.Register, "quality.last", `SELECT COALESCE(MAX(id), 0) FROM quality`)
	qualityInsert = store.Q(store.Register, "quality.insert",
		`INSERT INTO quality (id, agency, officer, list, made, here, count, number_form, number_known, postal_form, postal_known, both_known)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	qualityList = store.Q(store.Register, "quality.list",
		`SELECT id, officer, list, made, here, count, number_form, number_known, postal_form, postal_known, both_known
		FROM quality WHERE agency = $1 AND id > $2 AND (list = $3 OR $3 = '') ORDER BY id LIMIT $4`)
)
