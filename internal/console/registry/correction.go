package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

var errChoose = fault.New(fault.Invalid, "console.form.missing")

// correction puts right what was written wrongly. What is left empty stays. One
// that touches birth, death or sex waits for a second person.
var correction = byCorrector(onPerson("console.registry.correction.", "correction",
	func(in *person.Correction) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		sayyed := optional(choice(v, own("sayyed", page.Choose1), options(v, "console.registry.flag.", "on", "off")))
		sayyed.Show = true
		all := []page.Control{
			legend("console.registry.correction.names", optional(ours("given_name", page.Words))),
			optional(ours("surname", page.Words)), optional(ours("father_name", page.Words)), sayyed,
			legend("console.registry.correction.booklet", optional(ours("shenasnameh_number", page.Digit))),
			optional(ours("shenasnameh_serie", page.Words)), optional(ours("shenasnameh_serial", page.Digit)),
			optional(own("issue_office", page.Digit)), optional(ours("issue_place", page.Words)),
			legend("console.registry.correction.two", optional(sexControl(v))),
			optional(ours("birth_date", page.Date)), optional(ours("death_date", page.Date)),
		}
		return append(all, grounds(v, "clerical-error", "court-order", "inquiry-result", "dispute-board")...)
	}, correct))

func correct(v *page.Visit, in *person.Correction) (page.Done, error) {
	if word := v.R.PostFormValue("sayyed"); word != "" {
		on := word == "on"
		in.Sayyed = &on
	}
	if in.Harmful() {
		return proposes[person.Correction]("correction")(v, in)
	}
	return alone((*person.Book).Correct)(v, in)
}

// byCorrector shows the record as it stands: who corrects it must see it. The
// look is an entry.
func byCorrector(f page.Form[person.Correction]) page.Form[person.Correction] {
	f.Around = func(v *page.Visit, _ *person.Correction) ([]any, error) {
		r, err := refOf(v)
		if err != nil {
			return nil, err
		}
		p, _, err := v.Persons.ReadRecord(v.Context(), v.Journal, v.Actor(), r.reading())
		if err != nil {
			return nil, err
		}
		return []any{recordFacts(v, p), page.Note{Tone: page.Info, Text: v.T("console.registry.correction.note")}}, nil
	}
	return f
}
