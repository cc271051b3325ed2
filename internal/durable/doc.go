// Package durable holds tests only. They run the real binary as an operator
// would, ask it as agencies do, over mTLS, and then take its processes, its
// disk or single bytes of its files away from it:
//
//	kill_test.go      kill -9 under 16 writers, on both engines
//	number_test.go    kill -9 of those who give numbers and register births
//	powercut_test.go  power cuts of a mounted file system; needs root
//	sync_test.go      the sync before each answer, and what finds that it is missing
//	storage_test.go   full disks and syncs that fail
//	rot_test.go       flipped bytes
//	canary_test.go    where personal data must never appear
//
// What the writers were told is kept here, outside the server, and held
// against what a new server says after each crash (ledger_test.go). The log
// is watched from outside as well, with the code of x/mod (watch_test.go).
//
// The tests print the seed of what they draw by chance; ESTELAM_SEED repeats it.
package durable
