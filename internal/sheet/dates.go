package sheet

import (
	"strings"

	"github.com/estelam/estelam/internal/persian"
)

// Orders that dates are written in. Two-digit years have their own: which part
// is the year is not seen at a single date.
const (
	formYear = "y"
	formYMD  = "y-m-d"
	formDMY  = "d-m-y"
	formMDY  = "m-d-y"
	formYY   = "yy-m-d"
	formDDYY = "d-m-yy"
)

var forms = [...]string{formYMD, formDMY, formMDY, formYY, formDDYY, formYear} // the more usual ones first

// dates counts which orders the cells of a column allow.
type dates struct {
	allow             [len(forms)]int
	jalali, gregorian int
	unsure            int // a day, month, year or the other way round: nothing in the cell tells
}

// The years that birth dates of people can have, which other numbers of four
// digits seldom have.
const (
	firstJalali, lastJalali       = 1200, 1450
	firstGregorian, lastGregorian = 1820, 2070
)

func (d *dates) add(cell string) {
	g, ok := splitGroups(cell)
	if !ok {
		if day, err := persian.ParseDate(cell); err == nil && day.Precise() { // with the month's name
			d.allow[0]++
			d.jalali++
		}
		return
	}
	year := 0
	for i, form := range forms {
		if y, _, _, ok := g.as(form); ok {
			d.allow[i]++
			year = max(year, y)
		}
	}
	_, _, _, dmy := g.as(formDMY)
	if _, _, _, mdy := g.as(formMDY); dmy && mdy {
		d.unsure++
	}
	switch {
	case year >= firstGregorian:
		d.gregorian++
	case year > 0:
		d.jalali++
	}
}

// index is the order that most cells allow; of equals the more usual one.
func (d *dates) index() int {
	best := 0
	for i, n := range d.allow {
		if n > d.allow[best] {
			best = i
		}
	}
	return best
}

func (d *dates) best() int    { return d.allow[d.index()] }
func (d *dates) form() string { return forms[d.index()] }

// unclear: month and day of a Gregorian date can be either in every cell.
func (d *dates) unclear() bool {
	return d.form() == formDMY && d.unsure > 0 && d.allow[1] == d.allow[2]
}

func (d *dates) kind() string {
	switch {
	case d.form() == formYear:
		return KindYear
	case d.gregorian > d.jalali:
		return KindGregorian
	}
	return KindJalali
}

// reading turns dates that do not begin with the year round, by what the whole
// column shows. Where the column does not tell, cells stay as they are.
func (d *dates) reading() func(string) string {
	form := d.form()
	turned := form == formDMY || form == formMDY || form == formDDYY
	return func(cell string) string {
		g, ok := splitGroups(persian.ASCII(cell))
		if !ok || g.n < 3 {
			return cell
		}
		if !turned || d.unclear() {
			return g.day(cell)
		}
		if _, _, _, first := g.as(formYMD); first {
			return g.day(cell)
		}
		y, m, day, ok := g.text(form)
		if !ok {
			return cell
		}
		return y + "-" + m + "-" + day
	}
}

// groups are up to three runs of digits with one kind of mark between.
type groups struct {
	text3 [3]string
	value [3]int
	n     int
	moved bool // a time of day was cut off
}

func splitGroups(s string) (g groups, ok bool) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " T"); i >= 8 && strings.Contains(s[i:], ":") { // a time of day stands behind
		s, g.moved = s[:i], true
	}
	if len(s) > 10 {
		return g, false
	}
	var mark byte
	from := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] >= '0' && s[i] <= '9' {
			continue
		}
		if g.n == 3 || i == from || i < len(s) && (mark != 0 && s[i] != mark || !strings.ContainsRune("/-.", rune(s[i]))) {
			return g, false
		}
		g.text3[g.n] = s[from:i]
		for _, c := range s[from:i] {
			g.value[g.n] = 10*g.value[g.n] + int(c-'0')
		}
		g.n++
		if from = i + 1; i < len(s) {
			mark = s[i]
		}
	}
	return g, g.n > 0
}

// places says where year, month and day stand in a form.
var places = map[string][3]int{
	formYMD: {0, 1, 2}, formYY: {0, 1, 2}, formDMY: {2, 1, 0}, formDDYY: {2, 1, 0}, formMDY: {2, 0, 1},
}

// text gives the parts of a date by a form.
func (g *groups) text(form string) (y, m, d string, ok bool) {
	if _, _, _, ok = g.as(form); !ok || g.n < 3 {
		return "", "", "", false
	}
	at := places[form]
	return g.text3[at[0]], g.text3[at[1]], g.text3[at[2]], true
}

// as reads the groups by a form; not ok: they cannot be that. Days and months
// may be 0, unknown.
func (g *groups) as(form string) (y, m, d int, ok bool) {
	long := form == formYMD || form == formDMY || form == formMDY
	switch at, whole := places[form], g.value[0]; {
	case form == formYear:
		return whole, 0, 0, g.n == 1 && len(g.text3[0]) == 4 && validYear(whole)
	case g.n == 3:
		if wide := len(g.text3[at[0]]) == 4; wide != long || !wide && len(g.text3[at[0]]) > 2 {
			return 0, 0, 0, false
		}
		y, m, d = g.value[at[0]], g.value[at[1]], g.value[at[2]]
	case g.n == 2 && form == formYMD && len(g.text3[0]) == 4:
		y, m = g.value[0], g.value[1]
	case g.n == 1 && form == formYMD && len(g.text3[0]) == 8:
		y, m, d = whole/10000, whole/100%100, whole%100
	case g.n == 1 && form == formYY && len(g.text3[0]) == 6:
		y, m, d = whole/10000, whole/100%100, whole%100
	default:
		return 0, 0, 0, false
	}
	if long && !validYear(y) || form == formMDY && y < firstGregorian {
		return 0, 0, 0, false
	}
	return y, m, d, m <= 12 && d <= 31
}

func validYear(y int) bool {
	return y >= firstJalali && y <= lastJalali || y >= firstGregorian && y <= lastGregorian
}

// day is the cell without its time of day.
func (g *groups) day(cell string) string {
	if !g.moved {
		return cell
	}
	return strings.Join(g.text3[:], "-")
}
