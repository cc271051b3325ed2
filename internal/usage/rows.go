package usage

import "github.com/estelam/estelam/internal/store"

var (
	markAll = store.Q(store.Register, "usage.mark.all", `SELECT log, size, lost FROM usage_mark ORDER BY log`)

	markBegin = store.Q(store.Register, "usage.mark.begin",
		`INSERT INTO usage_mark (log, size, lost) VALUES ($1, 0, 0) ON CONFLICT (log) DO NOTHING`)

	// markMove moves a mark from where the counting began; nobody else has
	// moved it meanwhile, or nothing happens.
	markMove = store.Q(store.Register, "usage.mark.move",
		`UPDATE usage_mark SET size = $1, lost = lost + $2 WHERE log = $3 AND size = $4`)

	countAdd = store.Q(store.Register, "usage.count.add",
		`INSERT INTO usage_count (agency, behalf, month, process, purpose, service, outcome, n) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (month, agency, behalf, process, purpose, service, outcome) DO UPDATE SET n = usage_count.n + excluded.n`)

	countAll = store.Q(store.Register, "usage.count.all",
		`SELECT agency, behalf, month, process, purpose, service, outcome, n FROM usage_count
		WHERE month >= $1 AND month <= $2 ORDER BY month, agency, behalf, process, purpose, service, outcome`)

	countOf = store.Q(store.Register, "usage.count.of",
		`SELECT agency, behalf, month, process, purpose, service, outcome, n FROM usage_count
		WHERE month >= $1 AND month <= $2 AND agency = $3 ORDER BY month, behalf, process, purpose, service, outcome`)
	// The same a page at a time, behind the last count of the page before. The
	// month stands beside the place, so that the index begins there.
	countPage = store.Q(store.Register, "usage.count.page",
		`SELECT agency, behalf, month, process, purpose, service, outcome, n FROM usage_count
		WHERE month >= $1 AND month <= $2 AND (month, agency, behalf, process, purpose, service, outcome) > ($3, $4, $5, $6, $7, $8, $9)
		ORDER BY month, agency, behalf, process, purpose, service, outcome LIMIT $10`)
	countPageOf = store.Q(store.Register, "usage.count.page_of",
		`SELECT agency, behalf, month, process, purpose, service, outcome, n FROM usage_count
		WHERE month >= $1 AND month <= $2 AND (month, agency, behalf, process, purpose, service, outcome) > ($3, $4, $5, $6, $7, $8, $9)
			AND agency = $10
		ORDER BY month, behalf, process, purpose, service, outcome LIMIT $11`)
	countFor = store.Q(store.Register, "usage.count.for",
		`SELECT agency, behalf, month, process, purpose, service, outcome, n FROM usage_count
		WHERE month >= $1 AND month <= $2 AND behalf = $3 AND behalf > 0 ORDER BY month, agency, process, purpose, service, outcome`)
	countFirst = store.Q(store.Register, "usage.count.first", `SELECT agency, MIN(month) FROM usage_count GROUP BY agency`)

	dayAdd = store.Q(store.Register, "usage.day.add",
		`INSERT INTO usage_day (agency, day, outcome, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agency, day, outcome) DO UPDATE SET n = usage_day.n + excluded.n`)
	dayOf = store.Q(store.Register, "usage.day.of",
		`SELECT day, outcome, n FROM usage_day WHERE agency = $1 AND day >= $2 AND day <= $3 ORDER BY day, outcome`)
)
