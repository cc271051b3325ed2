package registry

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

func cardRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/registry/persons/{ref}/cards", cards)},
		applyCard.Routes(), appoint.Routes(), unappoint.Routes(), capture.Routes(), handOver.Routes(),
		spoil.Routes(), lost.Routes(), damaged.Routes(), withdrawCard.Routes())
}

// cards is a person's cards, the newest first, and what can be done with the
// one at hand.
func cards(v *page.Visit) error {
	r, err := refOf(v)
	if err != nil {
		return err
	}
	all, _, err := v.Persons.Cards(v.Context(), v.Journal, v.Actor(), r.reading())
	if err != nil {
		return err
	}
	line := page.Timeline{Title: v.T("console.registry.cards.list"), Empty: v.T("console.registry.cards.none")}
	var last *person.CardRecord
	for i := range slices.Backward(all) {
		line.Events = append(line.Events, cardEvent(v, &all[i]))
		if last == nil {
			last = &all[i]
		}
	}
	return v.Show(page.Screen{
		Title: v.T("console.registry.cards.title"), Lead: v.T("console.registry.cards.lead"), Above: toPerson(v),
		Blocks: []any{r.who(v), cardSteps(v, last), line},
	})
}

// cardEvent is one card with its days.
func cardEvent(v *page.Visit, k *person.CardRecord) page.Event {
	e := page.Event{Title: v.T("console.registry.card." + k.State), Icon: "card", Tone: toneOfCard(k.State)}
	fact := func(name, text string) {
		if text != "" && text != "–" {
			e.Facts = append(e.Facts, page.Fact{Label: label(v, name), Value: text, Number: digital(name)})
		}
	}
	when := cmp.Or(k.EndedOn, k.IssuedOn, k.Day, k.AppliedOn)
	e.When = v.Day(when)
	if when.IsZero() {
		e.When = v.T("console.registry.person.before")
	}
	fact("card_serial", k.Serial)
	if k.Reason != "" {
		fact("card_reason", reasonOf(v, k.Reason))
	}
	if k.Purpose != "" {
		fact("purpose", reasonOf(v, k.Purpose))
	}
	if k.Office != 0 {
		fact("office", officeOf(v, k.Office))
	}
	fact("applied_on", v.Day(k.AppliedOn))
	if !k.Day.IsZero() {
		fact("appointment", v.T("console.registry.slot", v.Day(k.Day), v.Digits(strconv.Itoa(k.Hour))))
	}
	if k.Batch != 0 {
		fact("batch", v.Count(k.Batch))
	}
	fact("issued", v.Day(k.IssuedOn))
	fact("card_valid_until", v.Day(k.Valid))
	if k.EndReason != "" {
		fact("end_reason", v.Known("console.registry.card.", k.EndReason))
	}
	return e
}

func toneOfCard(state string) string {
	switch state {
	case "issued":
		return page.Good
	case "void", "lost", "expired":
		return page.Bad
	case "must_be_replaced":
		return page.Warn
	}
	return page.Info
}

// cardSteps is what comes next in the life of a person's last card. What does
// not fit is refused by the act; this only spares the way there.
func cardSteps(v *page.Visit, k *person.CardRecord) page.Panel {
	at := personPath(v) + "/cards"
	p := page.Panel{Title: v.T("console.registry.cards.next")}
	open := func(path, key string, ghost bool) {
		p.Buttons = append(p.Buttons, page.Button{Path: at + "/" + path, Text: v.T("console.registry." + key + ".title"), Ghost: ghost})
	}
	press := func(path, key string) {
		p.Blocks = append(p.Blocks, page.Press{
			Path: at + "/" + path, Text: v.T("console.registry." + key + ".button"), Once: page.NewOnce(), Ghost: path != "capture", Ask: v.T("console.registry." + key + ".ask"),
		})
	}
	state := "none"
	if k != nil {
		state = k.State
	}
	p.Lead = v.T("console.registry.cards.next." + state)
	switch state {
	case "applied":
		open("appoint?office="+strconv.Itoa(k.Office), "card_appoint", false)
		press("withdraw", "card_withdraw")
	case "appointed":
		press("capture", "card_capture")
		open("appoint?office="+strconv.Itoa(k.Office), "card_move", true)
		press("unappoint", "card_unappoint")
		press("withdraw", "card_withdraw")
	case "captured":
		press("withdraw", "card_withdraw")
	case "printed":
		open("hand-over", "card_handover", false)
		open("spoil", "card_spoil", true)
	case "issued", "must_be_replaced", "expired":
		open("apply", "card_apply", state == "issued")
		open("lost", "card_lost", true)
		if state == "issued" {
			open("damaged", "card_damaged", true)
		}
	case "printing", "void":
	default:
		open("apply", "card_apply", false)
	}
	return p
}

// toCards is a form about a card; it goes back to the person's cards.
func toCards[In any](f page.Form[In]) page.Form[In] {
	do := f.Do
	f.Do = func(v *page.Visit, in *In) (page.Done, error) {
		done, err := do(v, in)
		done.Path = personPath(v) + "/cards"
		return done, err
	}
	f.Above = func(v *page.Visit, _ *In) *page.Link {
		return &page.Link{Path: personPath(v) + "/cards", Text: v.T("console.registry.cards.title")}
	}
	return f
}

func atHolder(in *person.CardHolder) (*ids.NationalNumber, *int64) { return &in.Number, nil }

func atReport(in *person.CardReport) (*ids.NationalNumber, *int64) { return &in.Number, nil }

// The acts on a card, in the order of its life.
var (
	applyCard = toCards(onPerson("console.registry.card_apply.", "cards/apply",
		func(in *person.CardApplication) (*ids.NationalNumber, *int64) { return &in.Number, &in.Version },
		func(v *page.Visit) []page.Control { return []page.Control{office(v)} }, alone((*person.Book).ApplyForCard)))
	appoint = toCards(onPerson("console.registry.card_appoint.", "cards/appoint",
		func(in *person.CardAppointment) (*ids.NationalNumber, *int64) { return &in.Number, nil }, slotControls, book))
	unappoint    = toCards(onPerson("console.registry.card_unappoint.", "cards/unappoint", atHolder, nil, alone((*person.Book).Unappoint)))
	capture      = toCards(onPerson("console.registry.card_capture.", "cards/capture", atHolder, nil, alone((*person.Book).Capture)))
	withdrawCard = toCards(onPerson("console.registry.card_withdraw.", "cards/withdraw", atHolder, nil, alone((*person.Book).WithdrawApplication)))
	handOver     = toCards(onPerson("console.registry.card_handover.", "cards/hand-over",
		func(in *person.CardHandOver) (*ids.NationalNumber, *int64) { return &in.Number, nil },
		func(v *page.Visit) []page.Control {
			return []page.Control{
				ours("card_serial", page.Latin),
				legend("console.registry.card_handover.identity", optional(ours("shenasnameh_serie", page.Words))),
				optional(ours("shenasnameh_serial", page.Digit)), optional(own("fingerprint", page.Yes)),
			}
		}, alone((*person.Book).HandOver)))
	spoil = toCards(onPerson("console.registry.card_spoil.", "cards/spoil", atReport,
		func(v *page.Visit) []page.Control { return grounds(v, "damaged", "item-changed", "clerical-error") }, alone((*person.Book).SpoilCard)))
	lost = toCards(onPerson("console.registry.card_lost.", "cards/lost", atReport,
		func(v *page.Visit) []page.Control { return grounds(v, "own-request", "police-report") }, alone((*person.Book).ReportLost)))
	damaged = toCards(onPerson("console.registry.card_damaged.", "cards/damaged", atReport,
		func(v *page.Visit) []page.Control { return grounds(v, "own-request", "office-decision") }, alone((*person.Book).ReportDamaged)))
)

// mostSlots is how many free hours a list offers.
const mostSlots = 100

// slotControls offers the free hours of the office that the address names.
func slotControls(v *page.Visit) []page.Control {
	c := own("slot", page.Choose1)
	c.Show = true
	n, _ := strconv.Atoi(v.R.URL.Query().Get("office"))
	slots, _ := v.Persons.FreeSlots(v.Context(), v.Actor(), &person.SlotQuery{Office: n}) // an unknown office has none
	var all []page.Option
	for _, s := range slots[:min(len(slots), mostSlots)] {
		all = append(all, page.Option{
			Value: s.Day.String() + "@" + strconv.Itoa(s.Hour),
			Text:  v.T("console.registry.slot.free", v.Weekday(s.Day.Start()), v.Day(s.Day), v.Digits(strconv.Itoa(s.Hour)), v.Count(int64(s.Free))),
		})
	}
	return []page.Control{choice(v, c, all)}
}

// book takes the hour that was chosen.
func book(v *page.Visit, in *person.CardAppointment) (page.Done, error) {
	day, hour, ok := strings.Cut(v.R.PostFormValue("slot"), "@")
	if !ok {
		return page.Done{}, errChoose.At("slot")
	}
	var err error
	if in.Day, err = persian.ParseDate(day); err == nil {
		in.Hour, err = strconv.Atoi(hour)
	}
	if err != nil {
		return page.Done{}, fault.New(fault.Invalid, "console.form.form").At("slot")
	}
	return alone((*person.Book).Appoint)(v, in)
}
