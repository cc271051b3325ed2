package synth

import (
	"strings"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// soil writes the next row.
func (w *soiler) soil(s *subject, again bool) *DirtyRow {
	w.id++
	if w.clerk.left == 0 {
		w.newClerk()
	}
	w.clerk.left--
	w.why.Reset()
	row := &DirtyRow{ID: w.id, Truth: s.truth}
	for _, word := range [...]struct {
		holds bool
		word  string
	}{{again, "repeated"}, {s.stranger, "stranger"}, {s.truth == 0 && !s.stranger, "left-out"}, {s.twin, "twin"}} {
		if word.holds {
			w.remark(word.word)
		}
	}
	v := &row.Values
	v[colNumber] = w.nationalNumber(s)
	w.nameOf(v, s)
	v[colBirth] = w.birth(s.born)
	v[colShenasnameh] = w.booklet(s, v[colNumber] != "")
	v[colPlace] = w.place(s)
	v[colSex] = w.sexOf(s)
	v[colPostal] = w.postal(s)
	if w.clerk.persian {
		for _, col := range [...]int{colNumber, colBirth, colShenasnameh} {
			v[col] = persian.Digits(v[col])
		}
	}
	row.Why = w.why.String()
	if w.own.chance(w.rate.Repeated) {
		w.again = append(w.again, repeat{*s, w.id + 1 + w.own.below(2000)})
	}
	return row
}

func (w *soiler) nationalNumber(s *subject) string {
	if s.number == 0 || w.gap(colNumber) {
		return ""
	}
	n := s.number
	if s.relative != 0 && w.errs(w.rate.NumberRelative) {
		n = s.relative
		w.note(colNumber, "relative")
	}
	text := digits(nil, n, 10)
	if w.errs(w.rate.NumberSlip) {
		w.slip(text)
		w.note(colNumber, "slip")
	}
	if w.usual(w.clerk.zeros, w.rate.ZerosLost) && text[0] == '0' {
		w.note(colNumber, "zeros")
		return strings.TrimLeft(string(text), "0")
	}
	return string(text)
}

// slip changes one digit, or swaps two unlike ones beside each other.
func (w *soiler) slip(text []byte) {
	i := w.own.below(len(text))
	if i > 0 && text[i] != text[i-1] && w.own.chance(3000) {
		text[i], text[i-1] = text[i-1], text[i]
		return
	}
	text[i] = '0' + (text[i]-'0'+1+byte(w.own.below(9)))%10
}

func (w *soiler) birth(b persian.Date) string {
	if w.gap(colBirth) {
		return ""
	}
	yearOnly := w.usual(w.clerk.yearOnly, w.rate.YearOnly)
	switch {
	case !b.Precise() || yearOnly:
		b.Month, b.Day = 0, 0
	case w.errs(w.rate.FirstDay):
		b.Month, b.Day = 1, 1
		w.note(colBirth, "first")
	}
	if yearOnly {
		w.note(colBirth, "year")
	}
	if w.errs(w.rate.YearOff) {
		b.Year += int16(2*w.own.below(2) - 1)
		if b.Precise() && !b.Valid() {
			b.Day-- // the last of Esfand in a leap year
		}
		w.note(colBirth, "off")
	}
	switch {
	case !b.Precise():
	case w.errs(w.rate.DigitSlip):
		b = w.slipDate(b)
	case w.errs(w.rate.DayMonth) && b.Day <= 12 && b.Day != b.Month:
		b.Day, b.Month = b.Month, b.Day
		w.note(colBirth, "swap")
	}
	return w.writeDate(b)
}

// slipDate changes one digit so that there is such a day; of the year only the
// last two.
func (w *soiler) slipDate(b persian.Date) persian.Date {
	for range 8 {
		text := digits(digits(digits(nil, int64(b.Year), 4), int64(b.Month), 2), int64(b.Day), 2)
		i := 2 + w.own.below(6)
		text[i] = '0' + (text[i]-'0'+1+byte(w.own.below(9)))%10
		at := func(from, to int) int { return number(string(text[from:to])) }
		d := persian.Date{Year: int16(at(0, 4)), Month: int16(at(4, 6)), Day: int16(at(6, 8))}
		if d.Valid() && d.Precise() && d.Year <= lastYear {
			w.note(colBirth, "slip")
			return d
		}
	}
	return b
}

func (w *soiler) writeDate(b persian.Date) string {
	text := digits(nil, int64(b.Year), 4)
	if b.Precise() {
		text = digits(append(text, w.clerk.separator...), int64(b.Month), 2)
		text = digits(append(text, w.clerk.separator...), int64(b.Day), 2)
	}
	return string(text)
}

// booklet writes the shenasnameh's number. Since 1368 it is the national
// number, for which agencies write that, 0 or nothing.
func (w *soiler) booklet(s *subject, numbered bool) string {
	if w.gap(colShenasnameh) {
		return ""
	}
	if s.booklet == 0 {
		switch c := &w.clerk; {
		case ids.From1368(s.born) && c.asNumber && numbered:
			return string(digits(nil, s.number, 10))
		case c.asNumber, c.zeroNumber:
			return "0"
		}
		return ""
	}
	text := digits(nil, s.booklet, 1)
	if w.errs(w.rate.BookletSlip) {
		w.slip(text)
		w.note(colShenasnameh, "slip")
	}
	return string(text)
}

func (w *soiler) place(s *subject) string {
	if w.gap(colPlace) {
		return ""
	}
	place := s.issuePlace
	if w.errs(w.rate.PlaceWrong) {
		if other := w.offices[w.own.below(len(w.offices)-1)].place; other != place {
			place = other
			w.note(colPlace, "wrong")
		}
	}
	return w.write(place)
}

func (w *soiler) sexOf(s *subject) string {
	if w.gap(colSex) {
		return ""
	}
	if w.clerk.sexes == 0 {
		return sexes[s.sex]
	}
	m, f, _ := strings.Cut(w.misspell.words["sexes"][w.clerk.sexes-1], ":")
	if s.sex == male {
		return m
	}
	return f
}

func (w *soiler) postal(s *subject) string {
	if s.record.postal == 0 || w.gap(colPostal) {
		return ""
	}
	code := s.record.postal
	if w.errs(w.rate.PostalWrong) && w.config.Places > 0 {
		code = w.code(w.own.below(w.config.Places))
		w.note(colPostal, "wrong")
	}
	return string(digits(nil, code, 10))
}
