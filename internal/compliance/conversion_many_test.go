package compliance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/store/storetest"
)

// TestConversionOfManyGone: beyond what an answer tells rows are counted, and
// nothing is looked up for them.
func TestConversionOfManyGone(t *testing.T) {
	w := open(t, storetest.SQLite(t))
	var file strings.Builder
	file.WriteString("own_code,postal_code\n")
	for i := range mostLines + 3 {
		fmt.Fprintf(&file, "A%d,%v\n", i, gone)
	}
	u := done[Uploaded](w)(w.Upload(ctx, w.j, officer, &Table{Name: "many", Declared: 10, File: []byte(file.String())}))
	if u.Gone != mostLines+3 || len(u.Report) != mostLines || u.Cut != 3 || len(u.Report[mostLines-1].Successors) != 1 {
		t.Errorf("%d gone, %d told, %d cut", u.Gone, len(u.Report), u.Cut)
	}
}
