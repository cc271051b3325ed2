package officer

import (
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/message"
)

// again is how often, in seconds, the page of a file looks again while the
// file is being answered.
const again = 3

// file shows how one delivery stands, and what is to be done next.
func file(v *page.Visit) error {
	d, err := fileIn(v)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T(fileKey+"title", v.No(d.ID)), Lead: v.T(fileKey + "next." + next(d)),
		Above: &page.Link{Path: "/officer/files", Text: v.T(fileKey + "list")},
	}
	head := v.Role() == agency.RoleHead
	switch d.State {
	case delivery.Requested, delivery.Approved:
		s.Blocks = append(s.Blocks, uploadPanel(v, d)...)
		s.Scripts = []string{"upload.js"}
	case delivery.Queued, delivery.Running:
		s.Blocks = append(s.Blocks, page.Panel{Blocks: []any{progress(v, d)}})
		s.Refresh = again
	case delivery.Delivered, delivery.Acknowledged:
		blocks, err := fetching(v, d)
		if err != nil {
			return err
		}
		s.Blocks = append(s.Blocks, blocks...)
	default:
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Bad, Title: v.T(fileKey + "state." + d.State.String()), Text: why(v, d.Note)})
	}
	if head && slices.Contains([]delivery.State{delivery.Requested, delivery.Approved, delivery.Queued, delivery.Running}, d.State) {
		s.Buttons = append(s.Buttons, page.Button{Path: filePath(d.ID, "/withdraw"), Text: v.T("console.officer.withdraw.button"), Ghost: true})
	}
	s.Blocks = append(s.Blocks, page.Pair{Main: []any{fileTimeline(v, d)}, Side: []any{fileFacts(v, d)}})
	return v.Show(s)
}

// next names what has to happen now.
func next(d *delivery.Delivery) string {
	switch {
	case d.State == delivery.Approved && d.SHA256 != "", d.State == delivery.Requested && d.SHA256 != "":
		return d.State.String() + ".ready"
	case d.JobFault != "" && (d.State == delivery.Queued || d.State == delivery.Running):
		return "failed"
	}
	return d.State.String()
}

// why is a reason in words: of the guard's a key of the catalogue, of the
// registry's a code word.
func why(v *page.Visit, note string) string {
	if message.Known(note) {
		return v.T(note)
	}
	return codeWord(v, note)
}

// progress is how far a delivery is that is being answered.
func progress(v *page.Visit, d *delivery.Delivery) page.Progress {
	p := page.Progress{Label: v.T(fileKey + "state." + d.State.String())}
	if d.State == delivery.Queued || d.Total == 0 {
		p.Text = v.T(fileKey + "progress.waits")
		return p
	}
	p.Share = float64(d.Done) / float64(d.Total)
	p.Text = v.T(fileKey+"progress", v.Percent(p.Share), rest(v, d.Rest))
	return p
}

// rest is a time that is left, in words.
func rest(v *page.Visit, seconds int64) string {
	switch d := time.Duration(seconds) * time.Second; {
	case seconds <= 0:
		return v.T(fileKey + "rest.unknown")
	case d < time.Minute:
		return v.T(fileKey+"rest.seconds", v.Count(seconds))
	case d < 2*time.Hour:
		return v.T(fileKey+"rest.minutes", v.Count(int64(d.Minutes()+.5)))
	}
	return v.T(fileKey+"rest.hours", v.Count((seconds+1800)/3600))
}

func fileFacts(v *page.Visit, d *delivery.Delivery) page.Facts {
	var fields []string
	for _, f := range d.Fields {
		fields = append(fields, v.T("console.field."+f))
	}
	list := []page.Fact{
		{Label: v.T(fileKey + "state"), Value: v.T(fileKey + "state." + d.State.String()), Tone: stateTone(d.State)},
		{Label: v.T("console.ask.purpose"), Value: codeWord(v, d.Purpose)},
		{Label: v.T(fileKey + "fields"), Value: strings.Join(fields, v.T("console.officer.comma")+" ")},
		{Label: v.T(fileKey + "method"), Value: v.T(fileKey + "method." + d.Method)},
		{Label: v.T(fileKey + "coverage"), Value: v.T(fileKey + "coverage." + d.Coverage), Small: strings.Join(d.Provinces, v.T("console.officer.comma")+" ")},
		{Label: v.T(fileKey + "document"), Value: d.Document},
	}
	if d.SHA256 != "" {
		list = append(list, page.Fact{Label: v.T(fileKey + "file"), Value: strings.ToUpper(d.Format), Small: v.Size(d.Size)},
			page.Fact{Label: v.T(fileKey + "digest"), Value: d.SHA256, Number: true})
	}
	if d.Rows > 0 {
		list = append(list, page.Fact{Label: v.T(fileKey + "rows"), Value: v.Count(d.Rows)})
	}
	list = append(list, page.Fact{Label: v.T("console.ask.clause"), Value: v.T("console.ask.clause.value", v.No(d.Agreement), v.No(int64(d.Version)), v.No(int64(d.Clause)))})
	if !d.Due.IsZero() {
		due := page.Fact{Label: v.T(fileKey + "due"), Value: v.Day(d.Due)}
		if d.Late > 0 {
			due.Small = v.T(fileKey+"late", v.Count(int64(d.Late)))
		}
		list = append(list, due)
	}
	return page.Facts{Title: v.T(fileKey + "facts"), List: list}
}

// fileTimeline is what happened, the newest first.
func fileTimeline(v *page.Visit, d *delivery.Delivery) page.Timeline {
	t := page.Timeline{Title: v.T(fileKey + "history")}
	add := func(at time.Time, what, icon, tone, text string) {
		if !at.IsZero() {
			t.Events = append(t.Events, page.Event{When: v.Moment(at), Title: v.T(fileKey + "event." + what), Icon: icon, Tone: tone, Text: text})
		}
	}
	add(d.Purged, "purged", "box", "", "")
	add(d.Acknowledged, "acknowledged", "ok", page.Good, "")
	add(d.Delivered, "delivered", "down", page.Good, "")
	add(d.Linked, "linked", "people", "", "")
	add(d.Queued, "queued", "clock", "", "")
	if d.State == delivery.Refused || d.State == delivery.Stopped || d.State == delivery.Withdrawn {
		add(d.Ended, d.State.String(), "cross", page.Bad, why(v, d.Note))
	} else if !d.Decided.IsZero() {
		add(d.Decided, "approved", "ok", page.Good, v.T(fileKey+"priority", v.No(int64(d.Priority))))
	}
	add(d.Requested, "requested", "pen", "", "")
	t.Events[len(t.Events)-1].By = d.Officer
	return t
}
