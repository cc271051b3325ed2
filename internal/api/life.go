package api

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/receipt"
)

// lifeRoutes are the routes of persons' lives. An event of great harm becomes a
// proposal here, which another person approves.
func (a *API) lifeRoutes() []*route {
	return []*route{
		act("/v1/persons/find", a.findPerson),
		act("/v1/persons/history", a.personHistory),
		act("/v1/persons/sealed", a.personSealed),
		act("/v1/events/name", alone(a, (*person.Book).Rename)),
		act("/v1/events/surname", alone(a, (*person.Book).ChangeSurname)),
		act("/v1/events/review", alone(a, (*person.Book).Review)),
		act("/v1/events/marriage", alone(a, (*person.Book).Marry)),
		act("/v1/events/divorce", alone(a, (*person.Book).Divorce)),
		act("/v1/events/correction", a.correction),
		act("/v1/events/death", proposes[person.Death](a, "death")),
		act("/v1/events/death-annulment", proposes[person.DeathAnnulment](a, "death_annulment")),
		act("/v1/events/adoption", proposes[person.Adoption](a, "adoption")),
		act("/v1/events/cancellation", proposes[person.Cancellation](a, "cancellation")),
		act("/v1/events/cancellation-annulment", proposes[person.CancellationAnnulment](a, "cancellation_annulment")),
		act("/v1/events/birth-date", proposes[person.BirthDate](a, "birth_date")),
		act("/v1/events/sex", proposes[person.SexChange](a, "sex")),
		act("/v1/events/protection", proposes[person.Protection](a, "protection")),
		ask("/v1/proposals/list", a.listProposals),
		act("/v1/proposals/find", a.findProposal),
		act("/v1/proposals/approve", a.approveProposal),
		act("/v1/proposals/refuse", a.refuseProposal),
		act("/v1/proposals/withdraw", a.withdrawProposal),
	}
}

// bookAct is an act of the register of persons.
type bookAct[In, Out any] = func(*person.Book, context.Context, *journal.Journal, journal.Actor, *In) (*Out, journal.Proven, error)

// alone is an event that one person registers.
func alone[In, Out any](a *API, do bookAct[In, Out]) func(*call, journal.Actor, *In) (*Out, journal.Proven, error) {
	return func(c *call, who journal.Actor, in *In) (*Out, journal.Proven, error) {
		return do(a.persons, c.r.Context(), a.journal, who, in)
	}
}

// proposes is an event that waits for a second person.
func proposes[In any](a *API, kind string) func(*call, journal.Actor, *In) (proposalAnswer, journal.Proven, error) {
	return func(c *call, who journal.Actor, in *In) (out proposalAnswer, proven journal.Proven, err error) {
		p, proven, err := a.persons.Propose(c.r.Context(), a.journal, who, kind, in)
		if err == nil {
			out = answerProposal(p)
		}
		return out, proven, err
	}
}

// correction is done at once, or proposed if it touches what one person may not
// change.
func (a *API) correction(c *call, who journal.Actor, in *person.Correction) (any, journal.Proven, error) {
	if in.Harmful() {
		return proposes[person.Correction](a, "correction")(c, who, in)
	}
	return a.persons.Correct(c.r.Context(), a.journal, who, in)
}

// hand is who did something.
type hand struct {
	Role   string      `json:"role"`
	Agency ids.LegalID `json:"agency,omitzero"`
	Login  string      `json:"login"`
}

func handOf(a journal.Actor) *hand {
	if a == (journal.Actor{}) {
		return nil
	}
	return &hand{a.Role, a.Agency, a.ID}
}

// personAnswer is a record as staff see it.
type personAnswer struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"register_version"`
	Record  raw                `json:"record"` // what is on record, by item
}

func answerPerson(p *person.Person) personAnswer {
	b := []byte{'{'}
	for _, item := range p.Items() {
		if item.Text == "" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = receipt.AppendString(append(receipt.AppendString(b, item.Name), ':'), item.Text)
	}
	return personAnswer{p.Number, p.Version, append(b, '}')}
}

func (a *API) findPerson(c *call, who journal.Actor, in *person.Reading) (out personAnswer, proven journal.Proven, err error) {
	p, proven, err := a.persons.ReadRecord(c.r.Context(), a.journal, who, in)
	if err == nil {
		out = answerPerson(p)
	}
	return out, proven, err
}

// historyAnswer is a person's whole story.
type historyAnswer struct {
	personAnswer
	Birth    *birthAnswer         `json:"birth,omitempty"`
	Children []ids.NationalNumber `json:"children"`
	Moments  []momentAnswer       `json:"moments"`
}

type birthAnswer struct {
	Notification string             `json:"notification"`
	Order        int                `json:"birth_order"`
	Office       int                `json:"office"`
	Father       ids.NationalNumber `json:"father_number,omitzero"`
	Mother       ids.NationalNumber `json:"mother_number,omitzero"`
	MotherName   string             `json:"mother_name,omitzero"`
	Place        string             `json:"birth_place"`
	Declarant    person.Declarant   `json:"declarant"`
	Document     string             `json:"document,omitzero"`
	Late         bool               `json:"late"`
}

type momentAnswer struct {
	Kind     string          `json:"kind"`
	On       persian.Date    `json:"on,omitzero"`
	At       string          `json:"registered,omitzero"`
	By       *hand           `json:"by,omitempty"`
	Proposer *hand           `json:"proposed_by,omitempty"`
	Reason   string          `json:"reason,omitzero"`
	Document string          `json:"document,omitzero"`
	Version  int64           `json:"register_version,omitzero"`
	Changes  []person.Change `json:"changes,omitempty"`
	Detail   raw             `json:"detail,omitzero"`
	Sealed   bool            `json:"sealed,omitzero"`
}

func (a *API) personHistory(c *call, who journal.Actor, in *person.Reading) (*historyAnswer, journal.Proven, error) {
	t, proven, err := a.persons.ReadHistory(c.r.Context(), a.journal, who, in)
	if err != nil {
		return nil, proven, err
	}
	return answerHistory(t), proven, nil
}

// personSealed is the history with what is sealed in it, for a supervisor.
func (a *API) personSealed(c *call, who journal.Actor, in *person.Reading) (*historyAnswer, journal.Proven, error) {
	t, proven, err := a.persons.ReadSealed(c.r.Context(), a.journal, who, in)
	if err != nil {
		return nil, proven, err
	}
	return answerHistory(t), proven, nil
}

func answerHistory(t *person.Timeline) *historyAnswer {
	out := &historyAnswer{personAnswer: answerPerson(&t.Person), Children: t.Children}
	if b := t.Birth; b != nil {
		out.Birth = &birthAnswer{
			b.Notification, b.Order, b.Office, b.Father, b.Mother, b.MotherName.Display, b.Place, b.Declarant, b.Document, b.Late,
		}
	}
	for i := range t.Moments {
		m := &t.Moments[i]
		answer := momentAnswer{
			Kind: m.Kind, On: m.On, At: momentOrNone(m.At), By: handOf(m.By), Proposer: handOf(m.Proposer),
			Reason: m.Grounds.Reason, Document: m.Grounds.Document, Version: m.Version, Changes: m.Changes, Sealed: m.Sealed,
		}
		if m.Detail != "" {
			answer.Detail = raw(m.Detail)
		}
		out.Moments = append(out.Moments, answer)
	}
	return out
}

func momentOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return moment(t)
}

// proposalAnswer is one proposal.
type proposalAnswer struct {
	ID       int64              `json:"proposal"`
	Kind     string             `json:"kind"`
	Number   ids.NationalNumber `json:"national_number"`
	Version  int64              `json:"of_version"`
	Input    raw                `json:"input,omitzero"` // absent in lists
	Reason   string             `json:"reason"`
	Document string             `json:"document"`
	By       *hand              `json:"by"`
	Made     string             `json:"made"`
	State    string             `json:"state"`
	Decider  *hand              `json:"decided_by,omitempty"`
	Decided  string             `json:"decided,omitzero"`
	Note     string             `json:"note,omitzero"`
}

func answerProposal(p *person.Proposal) proposalAnswer {
	return proposalAnswer{
		p.ID, p.Kind, p.Subject, p.Version, p.Body, p.Grounds.Reason, p.Grounds.Document, handOf(p.By), moment(p.At),
		p.State, handOf(p.Decider), momentOrNone(p.DecidedAt), p.Note,
	}
}

type proposalsAnswer struct {
	Proposals []proposalAnswer `json:"proposals"`
	Next      int64            `json:"next,omitzero"` // the next page's after
}

func (a *API) listProposals(c *call, who journal.Actor, in *person.Proposals) (out proposalsAnswer, err error) {
	if err := page(&in.Limit, person.MaxProposals, person.MaxProposals); err != nil {
		return out, err
	}
	some, more, err := a.persons.Proposals(c.r.Context(), who, in)
	for i := range some {
		out.Proposals = append(out.Proposals, answerProposal(&some[i]))
	}
	if more {
		out.Next = some[len(some)-1].ID
	}
	return out, err
}

// proposalInput names a proposal.
type proposalInput struct {
	ID int64 `json:"proposal"`
}

func (a *API) findProposal(c *call, who journal.Actor, in *proposalInput) (out proposalAnswer, proven journal.Proven, err error) {
	p, proven, err := a.persons.ReadProposal(c.r.Context(), a.journal, who, in.ID)
	if err == nil {
		out = answerProposal(p)
	}
	return out, proven, err
}

func (a *API) approveProposal(c *call, who journal.Actor, in *proposalInput) (*person.Done, journal.Proven, error) {
	return a.persons.Approve(c.r.Context(), a.journal, who, in.ID)
}

// decisionInput ends a proposal with a word about it.
type decisionInput struct {
	ID   int64  `json:"proposal"`
	Note string `json:"note,omitzero"`
}

// decisionAnswer is the state of a proposal after it.
type decisionAnswer struct {
	ID    int64  `json:"proposal"`
	State string `json:"state"`
}

func (a *API) refuseProposal(c *call, who journal.Actor, in *decisionInput) (decisionAnswer, journal.Proven, error) {
	proven, err := a.persons.Refuse(c.r.Context(), a.journal, who, in.ID, in.Note)
	return decisionAnswer{in.ID, "refused"}, proven, err
}

func (a *API) withdrawProposal(c *call, who journal.Actor, in *decisionInput) (decisionAnswer, journal.Proven, error) {
	proven, err := a.persons.Withdraw(c.r.Context(), a.journal, who, in.ID, in.Note)
	return decisionAnswer{in.ID, "withdrawn"}, proven, err
}
