package public

import (
	"encoding/hex"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
)

// logView is the state of the public log, which everybody can watch.
type logView struct {
	Tiles   page.Tiles
	Facts   page.Facts
	Tree    *drawing
	Peaks   page.Table
	Signed  string // the checkpoint as it is served
	Logs    page.Table
	Watch   page.Table
	Stopped bool
}

// drawing is the log's tree in its own units: full trees, and above them the
// hashes that join them up to the root.
type drawing struct {
	Wide, High   int
	Trees        []subtree
	Joints       string // the lines
	RootX, RootY int
}

// subtree is one of the full trees that the log's tree consists of.
type subtree struct {
	Path    string // its triangle
	X, Y    int    // of its label
	Entries string
	Power   int
	topX    int
	topY    int
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
	body.Tree, body.Peaks = drawn(v, s.Size)
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

// The measures of the drawing.
const (
	treeGap  = 16
	treeStep = 14 // between the joints
)

// drawn is the tree of so many leaves: RFC 6962 makes it of full trees, one for
// each binary digit of the number, the largest first.
func drawn(v *page.Visit, size int64) (*drawing, page.Table) {
	const key = "console.public.log."
	t := page.Table{Title: v.T(key + "peaks"), Columns: []page.Column{{Title: v.T(key + "peak")}, {Title: v.T(key + "peak.entries"), Number: true}, {Title: v.T(key + "peak.levels"), Number: true}}}
	if size == 0 {
		return nil, t
	}
	d := &drawing{}
	base := 20 + treeStep*bits.OnesCount64(uint64(size)) + highOf(bits.Len64(uint64(size))-1)
	for left := size; left > 0; {
		power := bits.Len64(uint64(left)) - 1
		wide, high := 24+power*6, highOf(power)
		one := subtree{X: d.Wide + wide/2, Y: base + 18, Entries: v.Count(1 << power), Power: power, topX: d.Wide + wide/2, topY: base - high}
		one.Path = fmt.Sprintf("M%d %dh%dl%d %dz", d.Wide, base, wide, -wide/2, -high)
		d.Trees = append(d.Trees, one)
		t.Rows = append(t.Rows, page.Cells(v.Count(int64(len(d.Trees))), one.Entries, v.Count(int64(power))))
		d.Wide += wide + treeGap
		left -= 1 << power
	}
	d.Wide, d.High = d.Wide-treeGap+12, base+34
	d.join()
	return d, t
}

func highOf(power int) int { return 16 + power*5 }

// join draws the hashes above the full trees: the last two are joined first, as
// RFC 6962 has it.
func (d *drawing) join() {
	last := d.Trees[len(d.Trees)-1]
	x, y := last.topX, last.topY
	for i := len(d.Trees) - 2; i >= 0; i-- {
		one := d.Trees[i]
		upX, upY := (x+one.topX)/2, min(y, one.topY)-treeStep
		d.Joints += fmt.Sprintf("M%d %dL%d %dL%d %d", x, y, upX, upY, one.topX, one.topY)
		x, y = upX, upY
	}
	d.RootX, d.RootY = x, y
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
