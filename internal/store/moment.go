package store

import "time"

// Moment is a moment as rows store it: microseconds since 1970-01-01 UTC, 0 for
// none, which is the zero time.
func Moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Micros is how rows store a moment.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
