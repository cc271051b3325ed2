package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// onePlace is a place: its address, its plate, what has befallen it, and what
// may be done.
func onePlace(v *page.Visit) error {
	c, err := codeOf(v)
	if err != nil {
		return err
	}
	found, err := v.Places.Find(v.Context(), v.Actor(), &place.Finding{Code: c, Within: area(v)})
	if err != nil {
		return err
	}
	e, err := v.Places.EntranceOf(v.Context(), v.Actor(), c, area(v))
	if err != nil {
		return err
	}
	p := found.Places[0]
	text, tone := placeState(v, p.State)
	s := page.Screen{
		Title: v.T("console.post.place.title", code(v, c)), Lead: v.Digits(p.OneLine(v.Lang)),
		Above: &page.Link{Path: base(v) + "/places", Text: v.T("console.post.menu.find")},
	}
	if isPost(v) && p.State == place.Active {
		for _, act := range []struct{ path, icon string }{{"change", "pen"}, {"split", "chain"}, {"retire", "cross"}} {
			s.Buttons = append(s.Buttons, page.Button{Path: v.R.URL.Path + "/" + act.path, Text: v.T("console.post." + act.path + ".link"), Icon: act.icon, Ghost: true})
		}
	}
	if p.State != place.Active {
		s.Blocks = append(s.Blocks, gone(v, found))
	}
	facts := page.Facts{Title: v.T("console.post.place.facts"), List: []page.Fact{{Label: v.T("console.post.state"), Value: text, Tone: tone}}}
	facts.List = append(facts.List, addressFacts(v, p)...)
	facts.List = append(facts.List, page.Fact{Label: v.T("console.post.version"), Value: v.Count(p.Version), Number: true})
	s.Blocks = append(s.Blocks, page.Pair{Main: []any{facts, story(v, found)}, Side: []any{platePanel(v, p, e)}, Even: true})
	return v.Show(s)
}

// gone says how a place went, and what counts today.
func gone(v *page.Visit, found *place.Found) page.Note {
	p := found.Places[0]
	n := page.Note{Tone: page.Warn, Title: v.T("console.post.place.gone." + p.State.String())}
	if len(found.Current) == 0 {
		n.Text = v.T("console.post.place.no_successor")
		return n
	}
	n.Text = v.T("console.post.place.successors")
	for _, s := range found.Current {
		n.Links = append(n.Links, page.Link{Path: pathOf(v, s.Code), Text: code(v, s.Code)})
	}
	return n
}

func addressFacts(v *page.Visit, p *place.Place) (list []page.Fact) {
	for _, f := range []struct{ name, value string }{
		{"province", p.Province}, {"county", p.County}, {"district", p.District}, {"locality", p.Locality}, {"sub_locality", p.SubLocality},
		{"street", p.Street}, {"street2", p.Street2}, {"house_number", p.House}, {"floor", p.Floor}, {"side", p.Side}, {"building", p.Building}, {"note", p.Note},
	} {
		if f.value != "" {
			list = append(list, page.Fact{Label: v.T("console.field." + f.name), Value: v.Digits(f.value)})
		}
	}
	return list
}

// platePanel is the plate of the entrance behind which a place lies.
func platePanel(v *page.Visit, p *place.Place, e *place.Entrance) page.Panel {
	panel := page.Panel{Title: v.T("console.post.place.plate")}
	if e == nil {
		panel.Blocks = []any{page.Text{v.T("console.post.place.no_plate")}}
		if p.State == place.Active {
			panel.Buttons = []page.Button{{Path: pathOf(v, p.Code) + "/plate", Text: v.T("console.post.order.link"), Icon: "plus", Ghost: true}}
		}
		return panel
	}
	panel.Buttons = []page.Button{{Path: base(v) + "/plates/" + itoa(e.ID), Text: v.T("console.post.plate.link"), Ghost: true}}
	panel.Blocks = []any{page.Facts{List: entranceFacts(v, e)}}
	return panel
}

// story is the earlier versions of a place, the newest first.
func story(v *page.Visit, found *place.Found) page.Timeline {
	t := page.Timeline{Title: v.T("console.post.place.story"), Empty: v.T("console.post.place.first")}
	after := *found.Places[0]
	for i := len(found.History) - 1; i >= 0; i-- {
		past := found.History[i]
		e := page.Event{When: v.Moment(past.Until), Title: reason(v, past.Why), Icon: "pen"}
		if past.Place.State != after.State {
			e.Tone, e.Icon = page.Warn, "flag"
			was, _ := placeState(v, past.Place.State)
			is, _ := placeState(v, after.State)
			e.Changes = append(e.Changes, page.Changed{Label: v.T("console.post.state"), Before: was, After: is})
		}
		was, is := addressFacts(v, &past.Place), addressFacts(v, &after)
		e.Changes = append(e.Changes, differences(was, is)...)
		t.Events, after = append(t.Events, e), past.Place
	}
	return t
}

// differences are the labelled values that are not the same.
func differences(was, is []page.Fact) (all []page.Changed) {
	before := map[string]string{}
	for _, f := range was {
		before[f.Label] = f.Value
	}
	for _, f := range is {
		if before[f.Label] != f.Value {
			all = append(all, page.Changed{Label: f.Label, Before: before[f.Label], After: f.Value})
		}
		delete(before, f.Label)
	}
	for _, f := range was {
		if value, ok := before[f.Label]; ok {
			all = append(all, page.Changed{Label: f.Label, Before: value, After: "–"})
		}
	}
	return all
}
