package sheet

import "slices"

// byContent gives columns of a file without a header the meaning that their
// cells show. What two columns could be, or what nothing in the cells proves,
// is not taken: it is named as likely, for a person to decide.
func (p *Preview) byContent(columns []Column) {
	for _, col := range columns {
		found, sure := p.find(col.Kind)
		for _, j := range found {
			c := &p.Columns[j]
			switch {
			case c.Means != "":
			case len(found) == 1 && sure >= sureEnough:
				c.Means, c.Likely, c.Sure = col.Name, "", sure
			case c.Likely == "":
				c.Likely, c.Sure = col.Name, min(sure, 1/float64(len(found)))
			}
		}
	}
}

// find lists the columns that look like a kind, and how sure that is of one
// alone.
func (p *Preview) find(kind string) (found []int, sure float64) {
	switch kind {
	case KindNumber, KindPostal, KindSex:
		return p.where(func(c *PreviewColumn) float64 { return one(c.Kind == kind) })
	case KindDate:
		return p.where(func(c *PreviewColumn) float64 {
			switch {
			case c.Kind == KindYear, c.stats.dates.unclear() && c.Kind == KindGregorian:
				return one(true) / 2
			case c.Kind == KindJalali, c.Kind == KindGregorian:
				return c.stats.share(c.stats.dates.best())
			}
			return 0
		})
	case KindDigits: // of a number that has no check digit nothing proves what it is
		return p.where(func(c *PreviewColumn) float64 { return one(c.Kind == KindDigits && !c.stats.counter()) / 2 })
	case KindGiven, KindSurname, KindFather, KindPlace:
		return p.names(kind)
	}
	return nil, 0
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// where lists the columns for which like is more than nothing; sure is the
// least of what it says.
func (p *Preview) where(like func(*PreviewColumn) float64) (found []int, sure float64) {
	sure = 1
	for j := range p.Columns {
		if how := like(&p.Columns[j]); how > 0 {
			found, sure = append(found, j), min(sure, how)
		}
	}
	return found, sure
}

// What proves a column of names to be one of given names and so on: shares of
// its cells that are known as such.
const (
	fewNames   = 20 // cells; less proves nothing
	knownGiven = 0.3
	knownWomen = 0.05
	noWomen    = 0.01
	knownTails = 0.3
	knownPlace = 0.5
	nameSure   = 0.9
)

// names tells columns of names apart: fathers are men, given names are of both,
// surnames have their endings, places are few. In a file of men alone the
// given names are as likely those of the fathers.
func (p *Preview) names(kind string) (found []int, sure float64) {
	proved := p.proved(kind)
	if len(proved) == 1 {
		return proved, nameSure
	}
	for j := range p.Columns {
		if c := &p.Columns[j]; c.Kind == KindName && c.Means == "" && (len(proved) == 0 || slices.Contains(proved, j)) {
			if len(proved) > 0 || !p.provedElse(kind, j) {
				found = append(found, j)
			}
		}
	}
	return found, 0.5
}

// proved lists the columns that fit a kind of names.
func (p *Preview) proved(kind string) (found []int) {
	men := 0
	for j := range p.Columns {
		c := &p.Columns[j]
		s := c.stats
		if c.Kind != KindName || s.filled < fewNames {
			continue
		}
		given, women := s.share(s.male+s.female), s.share(s.female)
		is := false
		switch kind {
		case KindPlace:
			is = s.share(s.place) >= knownPlace
		case KindGiven:
			is = given >= knownGiven && women >= knownWomen && s.share(s.place) < knownPlace
		case KindFather:
			is = given >= knownGiven && women <= noWomen && s.share(s.place) < knownPlace
		case KindSurname:
			is = s.share(s.family) >= knownTails && given < knownGiven && s.share(s.place) < knownPlace
		}
		if is {
			found = append(found, j)
			men += int(one(kind == KindFather))
		}
	}
	if kind == KindFather && men == 1 && len(p.proved(KindGiven)) == 0 {
		return nil // men alone: it may be their own names
	}
	return found
}

// provedElse: the column is proved to be of another kind of names.
func (p *Preview) provedElse(kind string, j int) bool {
	for _, other := range []string{KindPlace, KindGiven, KindFather, KindSurname} {
		if other != kind && slices.Contains(p.proved(other), j) {
			return true
		}
	}
	return false
}
