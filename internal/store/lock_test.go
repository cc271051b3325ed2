package store_test

import (
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestLockIsHeldByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		release, err := store.Lock(t.Context(), url, "node-n1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Lock(t.Context(), url, "node-n1"); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a second holder got %v, want a conflict", err)
		}
		other, err := store.Lock(t.Context(), url, "node-n2")
		if err != nil {
			t.Fatal("the lock of another name:", err)
		}
		other()
		release()
		again, err := store.Lock(t.Context(), url, "node-n1")
		if err != nil {
			t.Fatal("after release:", err)
		}
		again()
	})
}
