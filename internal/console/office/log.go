package office

import (
	"encoding/hex"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/job"
)

// longLog is how long a write-ahead log is at most while all is well.
const longLog = 50 << 20

// logHealth shows how the log is: where it ends, whether it writes, what lags
// behind, and what lies in the write-ahead logs.
func logHealth(v *page.Visit) error {
	s := v.Journal.State()
	note := page.Note{Tone: page.Good, Title: v.T("console.office.log.writes"), Text: v.T("console.office.log.writes.text")}
	if s.Err != nil {
		note = page.Note{Tone: page.Bad, Title: v.T("console.office.log.stopped"), Text: v.T("console.office.log.stopped.text")}
	}
	perBatch := "–"
	if s.Batches > 0 {
		perBatch = v.Decimal(float64(s.Entries)/float64(s.Batches), 1)
	}
	behind := page.Tile{Label: v.T("console.office.log.behind"), Value: v.Count(int64(s.Behind)), Note: v.T("console.office.log.behind.text"), Tone: page.Good}
	if s.Behind > 10_000 {
		behind.Tone = page.Bad
	}
	logs, chart, err := pastLogs(v)
	if err != nil {
		return err
	}
	waiting, err := workTile(v)
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.log.title"), Lead: v.Today(),
		Buttons: []page.Button{{Path: "/log-state", Text: v.T("console.office.log.public"), Icon: "shield", Ghost: true}},
		Blocks: []any{
			note,
			page.Tiles{
				{Label: v.T("console.office.log.entries"), Value: v.Count(s.Size), Note: v.Moment(s.Time)},
				{Label: v.T("console.office.log.batches"), Value: v.Count(s.Batches), Note: v.T("console.office.log.per_batch", perBatch)},
				behind, waiting,
			},
			page.Pair{Main: []any{chart, logs}, Side: []any{walSizes(v)}},
			checkpoint(v),
			page.Note{Tone: page.Info, Title: v.T("console.office.log.fsck"), Text: v.T("console.office.log.fsck.text")},
		},
	})
}

// walSizes shows what of each database stands in its write-ahead log alone.
func walSizes(v *page.Visit) page.Meters {
	m := page.Meters{Title: v.T("console.office.log.wal"), Empty: v.T("console.office.log.wal.none")}
	sizes := v.Journal.LogSizes()
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		line := page.Progress{Label: v.T("console.office.log.store." + name), Share: float64(sizes[name]) / longLog, Text: v.Size(sizes[name])}
		if sizes[name] > longLog {
			line.Tone = page.Bad
		}
		m.Lines = append(m.Lines, line)
	}
	return m
}

// checkpoint is what the log has signed last, and with which key.
func checkpoint(v *page.Visit) page.Facts {
	s := v.Journal.State()
	f := page.Facts{Title: v.T("console.office.log.checkpoint"), List: []page.Fact{
		{Label: v.T("console.office.log.origin"), Value: s.Origin, Number: true},
		{Label: v.T("console.office.log.root"), Value: short(hex.EncodeToString(s.Root[:])), Number: true},
		{Label: v.T("console.office.log.key"), Value: s.VerifierKey, Number: true},
	}}
	return f
}

// pastLogs are all logs with how many entries they have, and up to where the
// lists by person and by agency are complete.
func pastLogs(v *page.Visit) (*page.Table, any, error) {
	listed, err := v.Journal.ListedUpTo(v.Context())
	if err != nil {
		return nil, nil, err
	}
	lists := &page.Table{
		Title:   v.T("console.office.log.lists"),
		Columns: page.Head(v.T("console.office.log.origin"), v.T("console.office.log.listed")),
	}
	for _, origin := range slices.Sorted(maps.Keys(listed)) {
		lists.Rows = append(lists.Rows, page.Row{Cells: []page.Cell{{Text: origin, Number: true}, {Text: v.Count(listed[origin])}}})
	}
	chart := page.Chart{Title: v.T("console.office.log.chart"), Series: []string{v.T("console.office.log.entries")}, Label: v.T("console.office.log.number")}
	heads := v.Journal.Heads()
	for _, log := range slices.Sorted(maps.Keys(heads)) {
		chart.Points = append(chart.Points, page.Point{Label: v.T("console.office.log.of", v.No(int64(log))), Values: []float64{float64(heads[log])}})
	}
	return lists, v.Chart(chart), nil
}

func workTile(v *page.Visit) (page.Tile, error) {
	counts, err := v.Jobs.Counts(v.Context())
	t := page.Tile{
		Label: v.T("console.office.log.jobs"), Value: v.Count(counts[job.Waiting] + counts[job.Running]), Path: "/office/jobs",
		Note: v.T("console.office.log.failed", v.Count(counts[job.Failed])),
	}
	if counts[job.Failed] > 0 {
		t.Tone = page.Warn
	}
	return t, err
}
