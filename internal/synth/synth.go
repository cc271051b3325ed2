// Package synth makes a population that does not exist: persons and places in
// any number, for the demo, the tests and the benchmarks. The same Config gives
// the same bytes on every machine: there is no floating point, no clock and no
// map order in it.
//
// # How it is made
//
//  1. The country (land.go): provinces, counties, cities and rural districts of
//     data/divisions share the postal areas by their inhabitants, and the
//     offices' prefixes of national numbers by their county's.
//  2. Places and persons are made in blocks, each from its own dice, keyed by
//     the seed and the block's index: block i needs none before it, and a
//     stream holds one block in memory.
//  3. A block of persons belongs to one office. It is filled with families
//     (family.go): founders marry, have children by the rates of each year's
//     women, die by the rates of each year's age, and some of the children
//     marry and go on. Names follow the year of birth and the region (names.go).
//  4. Then the block is put in order of registration, which gives the numbers
//     in ascending order, and each person gets shenasnameh, residence and card
//     (record.go).
//
// # How to tell that a person is synthetic
//
//   - The number: its digits 4 to 9 are 990000 or more (IsSynthetic), which one
//     arbitrary number in a hundred is too, and n arbitrary numbers together
//     once in 100ⁿ. Populations of more than four million persons need more room (Mark).
//   - The shenasnameh's series begins with the first two letters of the word
//     for "sample", and the note of every place is that word.
//   - Population.Meta is what to write into the register that is filled with them.
//
// # Files of agencies
//
// DirtyRows makes an agency's file about the population, with mistakes and with
// the truth (dirty.go): a block knows who is whose brother, twin or father
// (member, before record flattens it), so it goes block by block as all does.
package synth

import (
	"fmt"
	"sync"

	"github.com/estelam/estelam/internal/persian"
)

// Version is of the algorithm and its data: a change of either changes what a
// seed gives, and must change this.
const Version = 1

// Today is the day up to which the synthetic people have lived.
var Today = persian.Date{Year: 1405, Month: 6, Day: 31}

// Config says which population. The zero value is an empty one. There are
// numbers for 290 million persons, and codes for a thousand million places.
type Config struct {
	Seed    uint64
	Persons int
	Places  int
}

// Population is one synthetic population. It is read-only and may be used by
// several goroutines at once.
type Population struct {
	config Config
	*land
	*names
	demography
	words     words
	mark      Mark
	blocks    []int // per office the index of its first block, and the number of all
	around    []int // per office the number of blocks that its county's earlier offices have
	perCounty []int // per county the number of blocks of its offices
	places    placePlan
	series    []string // of shenasnamehs
}

// base is what does not depend on the Config.
var base = sync.OnceValue(func() *Population {
	w := readWords("words.txt")
	p := &Population{words: w, land: readLand(w), demography: readDemography()}
	p.names = readNames(w, p.land)
	for i := range 100 {
		p.series = append(p.series, fmt.Sprintf("%s%02d", w.one("serie"), i))
	}
	return p
})

// New prepares a population, which takes a few milliseconds; it is made as it
// is read.
func New(c Config) *Population {
	p := *base()
	c.Persons, c.Places = max(c.Persons, 0), max(c.Places, 0)
	p.config, p.mark = c, MarkOf(c.Persons)
	p.plan()
	p.places = p.planPlaces()
	return &p
}

// Mark is what a population's numbers have in common: their digits 4 to 9,
// read as a number, are at least so much.
type Mark int

// MarkOf is the mark of populations of that many persons: 990000 up to four
// million, 900000 up to forty million, 500000 beyond.
func MarkOf(persons int) Mark {
	switch {
	case persons <= 4_000_000:
		return 990_000
	case persons <= 40_000_000:
		return 900_000
	}
	return 500_000
}

// Holds reports whether a national number bears the mark. An arbitrary number
// does with a probability of (1000000 − Mark) / 1000000.
func (m Mark) Holds(number int64) bool { return number/10%1_000_000 >= int64(m) }

// IsSynthetic reports whether a national number bears the mark of populations
// up to four million persons. One arbitrary number in a hundred does: it tells
// a register apart, or a handful of numbers, not one person.
func IsSynthetic(number int64) bool { return MarkOf(0).Holds(number) }

// Mark is the mark that all numbers of this population bear.
func (p *Population) Mark() Mark { return p.mark }

// Meta is what the register that holds the population should say of itself.
func (p *Population) Meta() string {
	return fmt.Sprintf("synthetic version=%d seed=%d persons=%d places=%d mark=%d",
		Version, p.config.Seed, p.config.Persons, p.config.Places, p.mark)
}
