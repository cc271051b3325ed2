package public

import (
	"encoding/hex"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
)

// logView is the state of the public log, which everybody can watch.
type logView struct {
	Tiles   page.Tiles
	Facts   page.Facts
	Tree    []subtree
	Wide    int
	Peaks   page.Table
	Signed  string // the checkpoint as it is served
	Logs    page.Table
	Watch   page.Table
	Stopped bool
}

// subtree is one of the full trees that the log's tree consists of.
type subtree struct {
	Path    string // its triangle
	X, Y    int    // of its label
	Entries string
	Power   int
}

// logState tells how the log stands and how to check it without us.
func logState(v *page.Visit) error {
	const key = "console.public.log."
	s := v.Journal.State()
	body := logView{Signed: string(s.Checkpoint), Stopped: s.Err != nil}
	body.Tiles = page.Tiles{
		{Label: v.T(key + "size"), Value: v.Count(s.Size), Note: v.T(key + "size.text")},
		{Label: v.T(key + "time"), Value: v.Moment(s.Time), Note: v.T(key + "time.text"), Words: true},
		{Label: v.T(key + "witnesses"), Value: v.Count(int64(witnesses(s.Checkpoint, s.Origin))), Note: v.T(key + "witnesses.text")},
	}
	body.Facts = page.Facts{Title: v.T(key + "checkpoint"), List: []page.Fact{
		{Label: v.T(key + "origin"), Value: s.Origin, Number: true},
		{Label: v.T(key + "root"), Value: strings.Join(page.Groups(hex.EncodeToString(s.Root[:])), " "), Number: true},
		{Label: v.T(key + "key"), Value: s.VerifierKey, Number: true},
	}}
	body.Tree, body.Wide, body.Peaks = drawn(v, s.Size)
	body.Logs, body.Watch = logsOf(v), watching(v, s.Origin)
	return v.Page(200, "public/logstate", v.T(key+"title"), body)
}

// witnesses counts who else has signed a checkpoint.
func witnesses(checkpoint []byte, origin string) (n int) {
	_, signatures, _ := strings.Cut(string(checkpoint), "\n\n")
	for line := range strings.Lines(signatures) {
		if name, _, _ := strings.Cut(strings.TrimPrefix(line, "— "), " "); name != origin {
			n++
		}
	}
	return n
}

// The measures of the drawing, in its own units.
const (
	treeBase = 190
	treeGap  = 14
	treeStep = 11 // height of a level
)

// drawn is the tree of so many leaves: RFC 6962 makes it of full trees, one for
// each binary digit of the number, the largest first.
func drawn(v *page.Visit, size int64) (all []subtree, x int, t page.Table) {
	const key = "console.public.log."
	t = page.Table{Title: v.T(key + "peaks"), Columns: []page.Column{{Title: v.T(key + "peak")}, {Title: v.T(key + "peak.entries"), Number: true}, {Title: v.T(key + "peak.levels"), Number: true}}}
	for left := size; left > 0; {
		power := bits.Len64(uint64(left)) - 1
		high, wide := 16+power*treeStep/2, 22+power*6
		n := v.Count(1 << power)
		all = append(all, subtree{
			Path: "M" + strconv.Itoa(x) + " " + strconv.Itoa(treeBase) + "h" + strconv.Itoa(wide) + "l" + strconv.Itoa(-wide/2) + " " + strconv.Itoa(-high) + "z",
			X:    x + wide/2, Y: treeBase + 18, Entries: n, Power: power,
		})
		t.Rows = append(t.Rows, page.Cells(v.Count(int64(len(all))), n, v.Count(int64(power))))
		x += wide + treeGap
		left -= 1 << power
	}
	return all, max(x-treeGap, 1), t
}

// logsOf lists all logs there are, with their keys.
func logsOf(v *page.Visit) page.Table {
	const key = "console.public.log."
	t := page.Table{Title: v.T(key + "logs"), Note: v.T(key + "logs.text"), Columns: []page.Column{
		{Title: v.T(key + "origin")}, {Title: v.T(key + "size"), Number: true}, {Title: v.T(key + "key")},
	}}
	heads := v.Journal.Heads()
	keys := v.Journal.VerifierKeys() // in the order of the logs' numbers, as Heads counts them
	for i, number := range slices.Sorted(maps.Keys(heads)) {
		if i >= len(keys) {
			break
		}
		origin, _, _ := strings.Cut(keys[i], "+")
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: origin, Number: true, Path: checkpointOf(origin)}, {Text: v.Count(heads[number])}, {Text: keys[i], Number: true},
		}})
	}
	return t
}

// checkpointOf is where a log's newest checkpoint is served.
func checkpointOf(origin string) string {
	_, path, _ := strings.Cut(origin, "/")
	return "/" + path + "/checkpoint"
}

// watching says where a monitor of one's own reads.
func watching(v *page.Visit, origin string) page.Table {
	const key = "console.public.log."
	t := page.Table{Title: v.T(key + "watch"), Note: v.T(key + "watch.text"), Columns: page.Head(v.T(key+"watch.what"), v.T(key+"watch.where"))}
	base := strings.TrimSuffix(checkpointOf(origin), "checkpoint")
	for _, row := range []struct{ name, path string }{
		{"keys", "/log/keys"}, {"checkpoint", base + "checkpoint"}, {"tiles", base + "tile/<L>/<N>"}, {"entries", base + "tile/entries/<N>"},
	} {
		cell := page.Cell{Text: row.path, Number: true}
		if !strings.Contains(row.path, "<") {
			cell.Path = row.path
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.T(key + "watch." + row.name)}, cell}})
	}
	return t
}
