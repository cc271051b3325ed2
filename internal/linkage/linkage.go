// Package linkage finds out which person of the register each row of an
// agency's file speaks of, though names are spelt as people spell them and
// numbers are missing or wrong.
//
// # How a row finds its person
//
//  1. A row is read into values (value.go): dates of any calendar and form,
//     names in the forms of package persian, numbers with their lost zeros.
//     Names are looked up in the register's dictionary; one that is not in it
//     brings along the names it may be a slip of (table.go, slip.go).
//  2. Candidates come from the register's indexes (search.go), selective keys
//     first, broad ones only while nothing certain was found.
//  3. A candidate is compared column by column, which gives a level for each
//     (candidate.go, level.go): exact, variant, near, part, differs, and for dates the ways
//     in which dates go wrong.
//  4. Each level weighs log2(m/u) (model.go): m is how often the level comes
//     about in rows of this file that do speak of the person, found without
//     labels by expectation maximisation (train.go); u is how often it comes
//     about by chance, from the register, for the very name, date or number
//     that the row has.
//  5. The weights of all candidates, and of the possibility that the person is
//     not in the register, or only his brother is, or that no key has led to him,
//     give each candidate its probability (train.go: judge; lost.go).
//  6. What the row would have been linked to if its person were missing tells
//     how often a row of nobody is linked (decoy.go); the estimates, and with them
//     the thresholds, are set by that.
//  7. Where many rows speak of each person, what the certain ones say of him
//     helps to link the others (alias.go).
//  8. Rows that the agency declares distinct do not share a person, and each row
//     gets its status (result.go).
//
// # The image
//
// What is linked against is an image of the register in one file that is mapped
// into memory: records of a fixed size in the order of their numbers, the dictionary
// of names with the frequency of each, and an index for each key (image.go says
// byte by byte). It is built once and serves any number of files; changes
// since lie over it (overlay.go).
//
// The same code links other people's tables: a Profile says which columns there
// are, how each is compared and which keys bring candidates. Persian is the
// register's.
package linkage

import "math"

// Status is what became of a row.
type Status uint8

// The statuses. Rows of the first three, and of deceased and cancelled
// persons, are linked: each of those names one person.
const (
	Verified   Status = iota + 1 // the row's number is his, and nothing disagrees
	Corrected                    // the number was missing or wrong, and nothing else disagrees
	Discrepant                   // linked, but some columns disagree
	Ambiguous                    // one or several persons it may be; a clerk decides
	NotFound                     // nobody fits
	TooSparse                    // the row says too little to tell anybody from others
	Deceased                     // linked to a person who has died
	Cancelled                    // linked to a number that is void
	Protected                    // linked to a person who may not be shown
	Duplicate                    // another row of the file is of the same person
	NotCovered                   // linked to a person whom the agency does not cover
)

var statuses = [...]string{
	"", "verified", "corrected", "linked_with_discrepancy", "ambiguous", "not_found", "too_sparse",
	"deceased", "cancelled", "protected", "duplicate_in_file", "not_covered",
}

// String is the status's name in files and records.
func (s Status) String() string {
	if int(s) < len(statuses) {
		return statuses[s]
	}
	return ""
}

// MarshalText is String.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Statuses lists them all, in their order.
func Statuses() (all []Status) {
	for s := Verified; s <= NotCovered; s++ {
		all = append(all, s)
	}
	return all
}

// Outcome is what became of one row.
type Outcome struct {
	Row         int     // the sheet's row number
	Status      Status  //
	Key         uint64  // national number; 0 unless the row was linked, whatever may be told of him
	Version     uint32  // of the record that was compared
	Weight      float32 // bits for the best candidate
	Probability float32 // that the best candidate is the one
	Fields      uint32  // a bit for each column that disagrees
	Variants    uint32  // a bit for each column that is another spelling
	Padded      bool    // leading zeros of the number were restored
	DuplicateOf int     // row number of the row that stands for the person

	best int32 // ordinal of the best candidate, -1: none
}

// Linked reports whether the row names one person for certain.
func (o *Outcome) Linked() bool {
	switch o.Status {
	case Verified, Corrected, Discrepant, Deceased, Cancelled:
		return true
	}
	return false
}

// Record is one person as the register's image knows him.
type Record struct {
	Key     uint64   // national number, or another register's key
	State   uint8    // the register's word for it: 1 active, 2 deceased, 3 cancelled, 4 under review, 5 protected
	Version uint32   // version of the register's row
	Values  []string // in the profile's order; "": not on record
}

// Options of one linkage.
type Options struct {
	Distinct bool                    // the agency declares that no two rows are of one person
	Allowed  func(key uint64) bool   // nil: everyone is covered
	Curve    *Curve                  // what clerks' decisions taught; nil: nothing yet
	Progress func(done, total int64) // rows; may be nil
	Work     string                  // path of the file that an interrupted linkage goes on from; "": none
}

// Result is what became of a file.
type Result struct {
	Outcomes      []Outcome
	Counts        map[Status]int
	Model         *Model
	ExpectedFalse float64 // of the linked rows, how many are expected to be wrong
	FalseLow      float64 // the interval of nineteen in twenty
	FalseHigh     float64
	Recall        float64 // share of the rows whose person is in the register that were linked, estimated
	Automatic     float64 // a row is linked from this probability on
	Review        float64 // and a clerk sees it from this one on
	Histogram     []Bin   // rows by the weight of their best candidate

	table *Table
	link  *linker
}

// Bin is one bar of the histogram of weights.
type Bin struct {
	From, To      float64 // bits
	Rows, Linked  int
	ExpectedFalse float64 // sum over its linked rows
}

// Explanation shows how a row was judged.
type Explanation struct {
	Outcome
	Values     []string    // the row's
	Candidates []Candidate // the best three
}

// Candidate is one person that a row may speak of.
type Candidate struct {
	Record
	Weight, Probability float64
	Columns             []ColumnWeight
}

// ColumnWeight is what one column says for a candidate or against him.
type ColumnWeight struct {
	Column string
	Level  string
	Weight float64 // bits
}

// inBits turns a ratio of probabilities into a weight.
func inBits(x float64) float32 { return float32(math.Log2(x)) }
