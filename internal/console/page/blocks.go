package page

// The pieces that screens are made of. Each type has a template of its name in
// templates/. Their texts are final: a page writes them in the visitor's
// language.

// Tones colour a piece, always beside a word or an icon that says the same.
const (
	Plain = ""
	Good  = "ok"
	Warn  = "warn"
	Bad   = "bad"
	Info  = "info"
)

// Link leads to another page.
type Link struct {
	Path, Text string
	Current    bool
}

// Button is a link that looks like one.
type Button struct {
	Path, Text, Icon string
	Ghost            bool
}

// Tiles are figures in large type.
type Tiles []Tile

// Tile is one figure.
type Tile struct {
	Label, Value, Note string
	Tone               string
	Path               string // where the figure comes from
	Words              bool   // the value is words, not a figure: smaller
}

// Facts are labelled values.
type Facts struct {
	Title string
	List  []Fact
}

// Fact is one labelled value.
type Fact struct {
	Label, Value string
	Small        string
	Number       bool   // digits: keeps its direction
	Tone         string // shows it as a badge
	Path         string
}

// Note is something to know before going on.
type Note struct {
	Tone, Title, Text string
	Lines             []string
	Links             []Link
}

// Text is a paragraph or more.
type Text []string

// Panel is a card around other blocks.
type Panel struct {
	Title, Lead string
	Buttons     []Button
	Blocks      []any
}

// Pair stands two columns side by side: the wide one first.
type Pair struct {
	Main, Side []any
	Even       bool // both as wide
}

// Tabs are views of the same thing.
type Tabs []Link

// Choices are cards to choose from.
type Choices []Choice

// Choice is one of them.
type Choice struct {
	Title, Text, Icon string
	Links             []Link
	Count             string
}

// Code is a tracking code, large, with a button that copies it.
type Code struct {
	Label, Code string
	Text        string
}

// Groups is the code as printed.
func (c Code) Groups() []string { return Groups(c.Code) }

// Timeline is what happened, the newest first.
type Timeline struct {
	Title  string
	Events []Event
	Empty  string
}

// Event is one happening.
type Event struct {
	When, Title, Text string
	By                string // who did it
	Tone, Icon        string
	Facts             []Fact
	Changes           []Changed
	Code              string // tracking code of the entry
}

// Groups is the code as printed.
func (e Event) Groups() []string { return Groups(e.Code) }

// Changed is a value before and after.
type Changed struct{ Label, Before, After string }

// Compare stands records side by side.
type Compare struct {
	Title   string
	Columns []string // names of the records
	Rows    []Compared
}

// Compared is one item of the records.
type Compared struct {
	Label  string
	Values []string
	Tone   string // what the comparison says
	Note   string // the same in words
}

// Progress is how far something long has come.
type Progress struct {
	Label string
	Share float64 // 0 … 1
	Text  string  // the share, and the rest time, in words
	Tone  string
}

// Percent is the share for the bar.
func (p Progress) Percent() int { return int(min(max(p.Share, 0), 1)*100 + 0.5) }

// Meters are shares to compare, one bar a line.
type Meters struct {
	Title string
	Lines []Progress
	Empty string
}

// Upload is drawn by a form with a file; Download offers one.
type Download struct {
	Path, Text, Note string
}

// Secret is shown once and never again.
type Secret struct {
	Label, Value, Note string
}
