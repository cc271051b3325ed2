package house

// exception lets one finding of one rule stand.
type exception struct {
	rule   string
	where  string // as the finding prints it before the colon
	reason string
}

// exceptions is the whole list. One that no finding needs fails.
var exceptions = []exception{
	{"clock", "internal/journal/log.go", "writes beside a lease when it was taken, for people who read the table"},
	{"clock", "internal/journal/queue.go", "measures how long a batch gathers, on the monotonic clock"},
	{"clock", "internal/register/snapshot.go", "measures its own age on the monotonic clock, which no jump of the clock moves"},
	{"sql", "internal/store/storetest/server.go", "makes, clones and drops whole databases for tests: no query of a noun"},
}
