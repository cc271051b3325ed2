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
)
