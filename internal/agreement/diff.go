package agreement

import (
	"context"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/register"
)

// Difference is what one text says otherwise than another.
type Difference struct {
	Terms   []Changed       `json:"terms"` // beside the clauses: service_id, from, until
	Clauses []ClauseChanged `json:"clauses"`
	Persian []string        `json:"fa"` // the same in words
	English []string        `json:"en"`
}

// ClauseChanged is a clause that one of the two texts has not, or that they
// have otherwise.
type ClauseChanged struct {
	No      int       `json:"no"`
	What    string    `json:"what"` // added, removed, changed
	Members []Changed `json:"members"`
}

// Changed is a member that says otherwise. Values are those of the clause's
// form, as text; none mean that it is left open.
type Changed struct {
	Member string   `json:"member"`
	Old    []string `json:"old"`
	New    []string `json:"new"`
}

// Compare tells what is otherwise in new than in old; an old without clauses is
// that of an agreement which there was not.
func Compare(old, new *Form) *Difference {
	d := &Difference{Terms: []Changed{}, Clauses: []ClauseChanged{}}
	if len(old.Clauses) > 0 {
		d.Terms = changed(old.says(), new.says())
	}
	for _, no := range numbers(old, new) {
		was, is := old.clause(no), new.clause(no)
		c := ClauseChanged{No: no, What: "changed"}
		switch {
		case was == nil:
			c.What, was = "added", &Clause{}
		case is == nil:
			c.What, is = "removed", &Clause{}
		}
		c.Members = changed(was.says(), is.says())
		if len(c.Members) > 0 {
			d.Clauses = append(d.Clauses, c)
		}
	}
	d.Persian, d.English = d.words(message.Fa, old, new), d.words(message.En, old, new)
	return d
}

// numbers are the clauses of both texts by number.
func numbers(old, new *Form) (all []int) {
	for _, f := range []*Form{old, new} {
		for i := range f.Clauses {
			all = append(all, f.Clauses[i].No)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (f *Form) clause(no int) *Clause {
	for i := range f.Clauses {
		if f.Clauses[i].No == no {
			return &f.Clauses[i]
		}
	}
	return nil
}

// changed compares what two texts say, member by member; the order within a
// list says nothing.
func changed(old, new []said) []Changed {
	all := []Changed{}
	for i := range old {
		was, is := slices.Sorted(slices.Values(old[i].values)), slices.Sorted(slices.Values(new[i].values))
		if !slices.Equal(was, is) {
			all = append(all, Changed{old[i].name, append([]string{}, old[i].values...), append([]string{}, new[i].values...)})
		}
	}
	return all
}

// words is the difference in sentences.
func (d *Difference) words(lang message.Lang, old, new *Form) []string {
	all := []string{}
	for _, m := range d.Terms {
		all = append(all, message.Text(lang, "agreement.diff.term", label(lang, m.Member), m.was(lang), m.is(lang)))
	}
	for _, c := range d.Clauses {
		no := strconv.Itoa(c.No)
		switch c.What {
		case "added":
			all = append(all, message.Text(lang, "agreement.diff.added", no, new.clause(c.No).short(lang)))
			continue
		case "removed":
			all = append(all, message.Text(lang, "agreement.diff.removed", no, old.clause(c.No).short(lang)))
			continue
		}
		for _, m := range c.Members {
			all = append(all, m.words(lang, no)...)
		}
	}
	if len(all) == 0 {
		all = append(all, message.Text(lang, "agreement.diff.same"))
	}
	return all
}

// short is a clause in a few words: what it is about.
func (c *Clause) short(lang message.Lang) string {
	return message.Text(lang, "agreement.said.clause", said{"service", one(c.Service)}.inWords(lang), said{"fields", c.Fields}.inWords(lang))
}

func (m *Changed) was(lang message.Lang) string { return said{m.Member, m.Old}.inWords(lang) }
func (m *Changed) is(lang message.Lang) string  { return said{m.Member, m.New}.inWords(lang) }

// words says of lists what came and what went, of all else what it was and is.
func (m *Changed) words(lang message.Lang, no string) (all []string) {
	name := label(lang, m.Member)
	came, went := without(m.New, m.Old), without(m.Old, m.New)
	switch m.Member {
	case "modes", "search_keys", "fields", "processes", "purposes", "days":
		if len(m.Old) == 0 || len(m.New) == 0 || len(went) == len(m.Old) {
			break // from or to any, or nothing in common
		}
		if len(came) > 0 {
			all = append(all, message.Text(lang, "agreement.diff.more", no, name, said{m.Member, came}.inWords(lang)))
		}
		if len(went) > 0 {
			all = append(all, message.Text(lang, "agreement.diff.less", no, name, said{m.Member, went}.inWords(lang)))
		}
		return all
	}
	return []string{message.Text(lang, "agreement.diff.changed", no, name, m.was(lang), m.is(lang))}
}

// without is what stands in all and not in others.
func without(all, others []string) (left []string) {
	for _, v := range all {
		if !slices.Contains(others, v) {
			left = append(left, v)
		}
	}
	return left
}

// Comparing names two texts: versions of an agreement, or a draft and a version.
type Comparing struct {
	Agreement int64 `json:"agreement"`
	Draft     int64 `json:"draft"` // instead of to
	From      int   `json:"from"`  // version; 0: the one before, or the one that the draft amends
	To        int   `json:"to"`    // version; 0: the newest
}

// Diff compares two texts that the actor may see. Faults: agreement.unknown,
// agreement.version.unknown, agreement.draft.unknown, agreement.pick.
func (b *Book) Diff(ctx context.Context, actor journal.Actor, in *Comparing) (*Difference, error) {
	if err := register.Only(actor, slices.Concat(overseers, insiders)...); err != nil {
		return nil, err
	}
	if (in.Agreement == 0) == (in.Draft == 0) || in.Draft != 0 && in.To != 0 {
		return nil, fault.New(fault.Invalid, "agreement.pick").At("agreement")
	}
	if in.Draft != 0 {
		return b.diffDraft(ctx, actor, in)
	}
	list, err := b.Versions(ctx, actor, in.Agreement)
	if err != nil {
		return nil, err
	}
	to := in.To
	if to == 0 {
		to = list[0].Version
	}
	from := in.From
	if from == 0 {
		from = to - 1
	}
	was, is := b.pick(in.Agreement, from), b.pick(in.Agreement, to)
	switch {
	case is == nil:
		return nil, errPick.At("to")
	case was == nil && from > 0:
		return nil, errPick.At("from")
	}
	return Compare(formOr(was), formOr(is)), nil
}

var errPick = fault.New(fault.NotFound, "agreement.version.unknown")

// diffDraft compares a draft with what it amends, or another version of it.
func (b *Book) diffDraft(ctx context.Context, actor journal.Actor, in *Comparing) (*Difference, error) {
	d, err := b.draft(ctx, actor, in.Draft)
	if err != nil {
		return nil, err
	}
	from := in.From
	if from == 0 {
		if from = d.Version; d.State == Effective {
			from--
		}
	}
	was := b.pick(d.Agreement, from)
	if was == nil && from != 0 {
		return nil, errPick.At("from")
	}
	return Compare(formOr(was), d.Form), nil
}

func (b *Book) pick(id int64, version int) *Agreement {
	a, _ := b.Version(id, version)
	return a
}

// formOr is the form of a version, or an empty one.
func formOr(a *Agreement) *Form {
	if a == nil {
		return &Form{}
	}
	return FormOf(a)
}
