package linkage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// numbered is a register of n persons with invented numbers, and a table of
// rows about them.
func numbered(t *testing.T, n int) (*Register, func() *Table) {
	t.Helper()
	given, surnames := []string{"علی", "رضا", "زهرا", "مریم", "حسین"}, []string{"کریمی", "احمدی", "رضایی", "تهرانی", "صادقی", "نوری", "شریفی"}
	b := NewBuilder(Persian())
	values := func(i int) []string {
		v := make([]string, PostalColumn+1)
		v[GivenColumn], v[SurnameColumn] = given[i%5], surnames[i/5%7]+surnames[i/875%7]
		v[FatherColumn] = given[i/35%5] + given[i/175%5]
		v[BirthColumn] = fmt.Sprintf("13%02d-%02d-%02d", i%90, 1+i/90%12, 1+i/1080%29)
		v[ShenasnamehColumn] = fmt.Sprint(1 + i%5000)
		return v
	}
	for i := range n {
		if err := b.Add(&Record{Key: uint64(1000000000 + i), State: 1, Version: 1, Values: values(i)}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "image")
	if err := b.Write(context.Background(), path, nil, nil); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, func() *Table {
		table := r.NewTable()
		for i := range n {
			table.Add(i+2, values(i))
		}
		return table
	}
}

func told(t *testing.T, r *Result) string {
	t.Helper()
	model, err := json.Marshal(r.Model)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(r.Outcomes, r.Counts, r.ExpectedFalse, r.Recall, r.Automatic, string(model))
}

// A linkage that was interrupted, whatever its work file looks like after a
// crash, goes on to the same result; one of another table does not use it.
func TestResume(t *testing.T) {
	r, table := numbered(t, chunk+100)
	whole, err := table().Link(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := told(t, whole)
	path := filepath.Join(t.TempDir(), "work")
	ctx, cancel := context.WithCancel(context.Background())
	_, err = table().Link(ctx, Options{Work: path, Progress: func(done, _ int64) {
		if done >= 1 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	left, err := os.ReadFile(path)
	if err != nil || len(left) < workHead+chunk {
		t.Fatal(len(left), err)
	}
	resume := func(what string, work []byte) {
		t.Helper()
		if err := os.WriteFile(path, work, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := table().Link(context.Background(), Options{Work: path})
		if err != nil {
			t.Fatal(what, err)
		}
		if told(t, got) != want {
			t.Error(what, "another result")
		}
	}
	resume("as it was left", left)
	full, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	resume("all done", full)
	resume("cut within a chunk", left[:len(left)-77])
	resume("cut within the head", left[:20])
	resume("not ours", bytes.Repeat([]byte("x"), 4000))
	for _, at := range []int{30, workHead + 5000} {
		bad := bytes.Clone(full)
		bad[at] ^= 4
		resume(fmt.Sprint("a bit turned at ", at), bad)
	}
	other := r.NewTable() // the work of another table is not taken
	other.Add(2, make([]string, len(r.Profile().Columns)))
	if err := os.WriteFile(path, full, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := other.Link(context.Background(), Options{Work: path})
	if err != nil || got.Outcomes[0].Linked() {
		t.Error(got, err)
	}
}

// A work file that cannot be written ends the linkage.
func TestWorkFails(t *testing.T) {
	_, table := numbered(t, 10)
	if _, err := table().Link(context.Background(), Options{Work: "/dev/full"}); err == nil {
		t.Error("no error")
	}
}
