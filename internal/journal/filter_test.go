package journal

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

func TestFilter(t *testing.T) {
	var f filter
	if f.maybe(1) {
		t.Error("an empty filter knows a key")
	}
	dice := rand.New(rand.NewChaCha8([32]byte{1}))
	key := func() int64 {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], dice.Uint64())
		return int64(binary.BigEndian.Uint64(b[:]))
	}
	const n = 500_000
	in := make([]int64, n)
	for i := range in {
		in[i] = key()
		f.add(in[i])
	}
	for _, k := range in {
		if !f.maybe(k) {
			t.Fatal("a key that was added is said not to be there")
		}
	}
	wrong := 0
	for range n {
		if f.maybe(key()) {
			wrong++
		}
	}
	if wrong > n/500 {
		t.Errorf("%d of %d other keys are said to be there", wrong, n)
	}
	t.Logf("%d of %d other keys are said to be there", wrong, n)
}
