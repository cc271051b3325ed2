// Package job does later work: rows that an act enqueues in its own transaction
// and a worker takes up, with progress, retry and resumption after a crash.
package job
