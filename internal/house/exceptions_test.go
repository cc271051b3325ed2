package house

// exception lets one finding of one rule stand.
type exception struct {
	rule   string
	where  string // as the finding prints it before the colon
	reason string
}

// exceptions is the whole list. One that no finding needs fails.
var exceptions = []exception{
	{"clock", "internal/agency/ca.go", "the authority's own and the server's certificates are judged by other machines' real clocks"},
	{"clock", "internal/journal/log.go", "writes beside a lease when it was taken, for people who read the table"},
	{"clock", "internal/journal/queue.go", "measures how long a batch gathers, on the monotonic clock"},
	{"clock", "internal/journal/project.go", "measures a grace period, on the monotonic clock"},
	{"clock", "internal/journal/tail.go", "measures a grace period, on the monotonic clock"},
	{"clock", "internal/register/snapshot.go", "measures its own age on the monotonic clock, which no jump of the clock moves"},
	{"names", "internal/agreement/scope.go:Service", "the law's own word for what an agreement permits, docs/words.md"},
	{"persian", "cmd/estelam/demo_show.go", "two letters and their Arabic twins, for the demo's question that is spelt as old files are: no text"},
	{"sql", "internal/store/lock.go", "an advisory lock steers PostgreSQL; it asks for no row and SQLite has no such statement"},
	{"sql", "internal/store/storetest/server.go", "makes, clones and drops whole databases for tests: no query of a noun"},
}
