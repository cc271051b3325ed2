package persian

import (
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// A collator may be used by one goroutine at a time and is dear to make.
var collators = sync.Pool{New: func() any {
	return &sorter{collator: collate.New(language.Persian)}
}}

type sorter struct {
	collator *collate.Collator
	buffer   collate.Buffer
}

// SortKey gives bytes whose order is the order of Persian dictionaries, to be
// stored and sorted by. It says nothing about equality.
func SortKey(s string) []byte {
	c := collators.Get().(*sorter)
	key := append([]byte(nil), c.collator.KeyFromString(&c.buffer, s)...)
	c.buffer.Reset()
	collators.Put(c)
	return key
}
