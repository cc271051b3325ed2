package office

import (
	"math"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/persian"
)

// comparison stands what is on record beside what is claimed.
func comparison(v *page.Visit, c *discrepancy.Case) page.Compare {
	table := page.Compare{
		Title:   v.T("console.office.case.compare"),
		Columns: []string{v.T("console.office.case.record"), v.T("console.office.case.claimed")},
	}
	for _, i := range c.Items {
		word, tone := likeness(i)
		table.Rows = append(table.Rows, page.Compared{
			Label: field(v, i.Field), Values: []string{value(v, i.Field, i.OnRecord), value(v, i.Field, i.Claimed)},
			Tone: tone, Note: v.T("console.office.like." + word),
		})
	}
	return table
}

// likeness says how the two values of an item agree.
func likeness(i discrepancy.Item) (word, tone string) {
	switch {
	case i.Claimed == "":
		return "sealed", page.Plain
	case i.OnRecord == "":
		return "missing", page.Warn
	case i.OnRecord == i.Claimed:
		return "same", page.Good
	}
	if n := near(i); n >= .5 {
		return "near", page.Warn
	}
	return "differs", page.Bad
}

// closeness draws how near each claim is to the record: a slip of the pen is
// near, another person's name is far. Zero is half of the letters.
func closeness(v *page.Visit, c *discrepancy.Case) *page.Chart {
	chart := page.Chart{
		Title: v.T("console.office.close_chart.title"), Kind: page.Weights, Series: []string{v.T("console.office.close_chart.series")},
		Label: v.T("console.compare.item"), Format: func(f float64) string { return v.T("console.percent", signed(v, math.Round(f), 0)) },
	}
	for _, i := range c.Items {
		if i.Claimed == "" || i.OnRecord == "" {
			continue
		}
		chart.Points = append(chart.Points, page.Point{Label: field(v, i.Field), Values: []float64{200*near(i) - 100}})
	}
	if len(chart.Points) == 0 {
		return nil
	}
	return v.Chart(chart)
}

// near is the share of letters that two values have in common, in their order:
// 1 if they are equal but for the way they are written.
func near(i discrepancy.Item) float64 {
	a, b := []rune(i.OnRecord), []rune(i.Claimed)
	switch i.Field {
	case "given_name", "surname", "father_name":
		a, b = []rune(persian.Key(i.OnRecord)), []rune(persian.Key(i.Claimed))
	}
	longest := max(len(a), len(b))
	if longest == 0 {
		return 1
	}
	return 1 - float64(slips(a, b))/float64(longest)
}

// slips is the least number of letters to insert, to leave out or to exchange
// that makes b of a (Levenshtein).
func slips(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := before
			if x != y {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
