package store

var (
	bumpGeneration = Q(Register, "store.bump",
		`INSERT INTO generation (noun, n) VALUES ($1, 1)
		ON CONFLICT (noun) DO UPDATE SET n = generation.n + 1`)
	readGeneration = Q(Register, "store.generation",
		`SELECT n FROM generation WHERE noun = $1`)

	// The version tables are the migration library's; see migrate.go.
	versions = map[Database]*Query{
		Register:   Q(Register, "store.version.register", `SELECT MAX(version_id) FROM register_version`),
		Journal:    Q(Journal, "store.version.journal", `SELECT MAX(version_id) FROM journal_version`),
		Projection: Q(Projection, "store.version.projection", `SELECT MAX(version_id) FROM projection_version`),
	}

	// PostgreSQL checks its pages as it reads them: see Check.
	checks = map[Database]*Query{
		Register:   Q(Register, "store.check.register", `PRAGMA integrity_check`).On(PostgreSQL, `SELECT 'ok'`),
		Journal:    Q(Journal, "store.check.journal", `PRAGMA integrity_check`).On(PostgreSQL, `SELECT 'ok'`),
		Projection: Q(Projection, "store.check.projection", `PRAGMA integrity_check`).On(PostgreSQL, `SELECT 'ok'`),
	}
)

// waitForMigration is PostgreSQL's only: the files of SQLite have flock.
const waitForMigration = `SELECT pg_advisory_lock($1)`
