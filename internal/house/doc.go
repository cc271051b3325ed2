// Package house holds the rules of the house as tests, and nothing else.
//
// Each rule reads the sources (parsed here, never through a cached command)
// and the documents, and names what breaks it. A rule is shown to work by a
// small tree that breaks it. What must stand in spite of a rule is named in
// exceptions_test.go with its reason; an exception that nothing needs any more
// is itself a finding.
//
// A new package needs a line in storeys_test.go, a new library one in
// libraries there.
package house
