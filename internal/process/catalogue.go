package process

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Entry is a process as the agency's highest officer puts it into the catalogue.
type Entry struct {
	Code      string   `json:"process"`
	Title     string   `json:"title"`
	Documents []string `json:"documents"`
	Monthly   int64    `json:"monthly"`
	BothKeys  bool     `json:"both_keys"`
	Version   int64    `json:"version"` // that was seen; 0: not yet in the catalogue
}

// check finds all mistakes at once.
func (b *Book) check(in *Entry) error {
	var bad fault.List
	bad.Add("", code(in.Code))
	bad.Add("", text(&in.Title, "title"))
	bad.When(len(in.Documents) > maxDocuments, "documents", "process.documents", strconv.Itoa(maxDocuments))
	for i, d := range in.Documents[:min(len(in.Documents), maxDocuments)] {
		if _, ok := b.Document(d); !ok {
			bad.When(true, "documents."+strconv.Itoa(i), "process.document")
		}
	}
	bad.When(in.Monthly < 1 || in.Monthly > maxMonthly, "monthly", "process.monthly")
	slices.Sort(in.Documents)
	in.Documents = slices.Compact(in.Documents)
	return bad.Err()
}

// code refuses a process without a code, and one that no inquiry could name.
func code(s string) error {
	switch {
	case s == "":
		return fault.New(fault.Invalid, "process.code.missing").At("process")
	case !ids.IsToken(s):
		return fault.New(fault.Invalid, "process.code").At("process")
	}
	return nil
}

// Put takes a process into the actor's agency's catalogue, or changes what is
// declared of it; its state is an act of its own (Turn). A process begins with
// copies. Faults: process.code, process.document, process.version, process.ended.
func (b *Book) Put(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Entry) (*Process, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.check(in); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.change(ctx, j, actor, "process", in.Code, func(tx *store.Tx, p *Process) (*Process, error) {
		switch {
		case p == nil:
			n := 0
			if _, err := tx.One(processCount, []any{int64(actor.Agency)}, &n); err != nil {
				return nil, err
			}
			if n >= maxCatalogue {
				return nil, fault.New(fault.Conflict, "process.full", strconv.Itoa(maxCatalogue))
			}
			p = &Process{Agency: actor.Agency, Code: in.Code, State: Copies, Since: persian.DateOf(b.c.Clock())}
		case p.Ended:
			return nil, errEnded
		}
		if p.Version != in.Version {
			return nil, fault.New(fault.Conflict, "process.version").At("version")
		}
		p.Title, p.Documents, p.Monthly, p.BothKeys = in.Title, in.Documents, in.Monthly, in.BothKeys
		return p, nil
	})
}

var errEnded = fault.New(fault.Conflict, "process.ended").At("process")

// Turning is a change of a process's state.
type Turning struct {
	Code   string       `json:"process"`
	State  State        `json:"state"`
	Since  persian.Date `json:"since"`  // zero: today
	Reason string       `json:"reason"` // in words; of an exception the law that demands the copy
}

// Turn says how far copies are gone from a process, with the reason. What it is
// worth the evidence shows. Faults: process.unknown, process.ended,
// process.same, process.since.
func (b *Book) Turn(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Turning) (*Process, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	today := persian.DateOf(b.c.Clock())
	if in.Since.IsZero() {
		in.Since = today
	}
	var bad fault.List
	bad.Add("", code(in.Code))
	bad.When(in.State.String() == "", "state", "process.state")
	bad.When(!in.Since.Precise() || in.Since.Compare(today) > 0, "since", "process.since")
	bad.Add("", text(&in.Reason, "reason"))
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.change(ctx, j, actor, "process-state", in.Code, func(_ *store.Tx, p *Process) (*Process, error) {
		switch {
		case p == nil:
			return nil, errUnknown
		case p.Ended:
			return nil, errEnded
		case p.State == in.State:
			return nil, fault.New(fault.Conflict, "process.same").At("state")
		}
		p.State, p.Since, p.Reason = in.State, in.Since, in.Reason
		return p, nil
	})
}

// Closing is the end of a process.
type Closing struct {
	Code   string `json:"process"`
	Reason string `json:"reason"` // in words
}

// End gives a process up: inquiries name it no more. It stays in the catalogue
// for what was asked on it. Faults: process.unknown, process.ended.
func (b *Book) End(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Closing) (*Process, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", code(in.Code))
	bad.Add("", text(&in.Reason, "reason"))
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.change(ctx, j, actor, "process-ended", in.Code, func(_ *store.Tx, p *Process) (*Process, error) {
		switch {
		case p == nil:
			return nil, errUnknown
		case p.Ended:
			return nil, errEnded
		}
		p.Ended, p.Reason = true, in.Reason
		return p, nil
	})
}

// change writes the next version of a process of the actor's agency (nil: there
// is none yet).
func (b *Book) change(ctx context.Context, j *journal.Journal, actor journal.Actor, why, code string, next func(*store.Tx, *Process) (*Process, error)) (*Process, journal.Proven, error) {
	var made *Process
	proven, err := b.do(ctx, j, actor, why, actor.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		var old *Process
		err := tx.Each(processOne, []any{int64(actor.Agency), code}, func(scan func(...any) error) (err error) {
			old, err = scanProcess(scan)
			return err
		})
		if err != nil {
			return nil, err
		}
		if made, err = next(tx, old); err != nil {
			return nil, err
		}
		made.Version++
		return made.appendBody(nil), put(tx, c, made)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return made, proven, nil
}

func put(tx *store.Tx, c *register.Change, p *Process) error {
	_, err := tx.Exec(processInsert, int64(p.Agency), p.Code, p.Title, strings.Join(p.Documents, " "), p.Monthly, number(p.BothKeys),
		int64(p.State), int64(p.Since.Pack()), p.Reason, number(p.Ended), p.Version, c.Micros(), c.Actor.ID, c.Act[:])
	if store.IsDuplicate(err) {
		err = fault.New(fault.Conflict, "process.version").Because(err)
	}
	return err
}

func number(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// appendBody is what the journal says of a process: all of it.
func (p *Process) appendBody(b []byte) []byte {
	b = append(append(b, `"process":{"agency":"`...), p.Agency.String()...)
	b = append(append(append(b, `","code":"`...), p.Code...), `","title":`...)
	b = appendList(append(receipt.AppendString(b, p.Title), `,"documents":`...), p.Documents)
	b = strconv.AppendInt(append(b, `,"monthly":`...), p.Monthly, 10)
	b = strconv.AppendBool(append(b, `,"both_keys":`...), p.BothKeys)
	b = append(append(b, `,"state":"`...), p.State.String()...)
	b = append(append(append(b, `","since":"`...), p.Since.String()...), '"')
	if p.Reason != "" {
		b = receipt.AppendString(append(b, `,"reason":`...), p.Reason)
	}
	b = strconv.AppendBool(append(b, `,"ended":`...), p.Ended)
	return append(strconv.AppendInt(append(b, `,"version":`...), p.Version, 10), '}')
}

func appendList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = receipt.AppendString(b, s)
	}
	return append(b, ']')
}

// Filter chooses processes.
type Filter struct {
	Agency ids.LegalID `json:"agency"` // 0: the actor's own; of those who see all: all
	State  State       `json:"state"`  // 0: any
	Ended  bool        `json:"ended"`  // ended ones too
	After  string      `json:"after"`  // "agency/process" of the last one of the page before
	Limit  int         `json:"limit"`  // at most 1000; 0: 100
}

// List lists processes by agency and code; to an agency's own people its own.
// Faults: process.limit, agency.unknown.
func (b *Book) List(actor journal.Actor, f *Filter) ([]*Process, error) {
	whose, err := of(actor, f.Agency)
	if err != nil {
		return nil, err
	}
	limit, err := page(f.Limit)
	if err != nil {
		return nil, err
	}
	all := b.All()
	if whose != 0 {
		all = b.Of(whose)
	}
	list := []*Process{}
	for _, p := range all {
		switch {
		case f.State != 0 && p.State != f.State, p.Ended && !f.Ended:
		case p.Agency.String()+"/"+p.Code <= f.After:
		case len(list) < limit:
			list = append(list, p)
		}
	}
	return list, nil
}

// page is how many items of a list are wanted.
func page(limit int) (int, error) {
	switch {
	case limit < 0 || limit > 1000:
		return 0, fault.New(fault.Invalid, "process.limit").At("limit")
	case limit == 0:
		return 100, nil
	}
	return limit, nil
}

// AddDocument adds a type of document. Faults: process.document.code,
// process.document.exists.
func (b *Book) AddDocument(ctx context.Context, j *journal.Journal, actor journal.Actor, in *DocumentType) (*DocumentType, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(!ids.IsToken(in.Code) || in.Code != strings.ToLower(in.Code), "code", "process.document.code")
	bad.Add("", text(&in.Fa, "fa"))
	bad.Add("", text(&in.En, "en"))
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	proven, err := b.do(ctx, j, actor, "document-type", 0, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		_, err := tx.Exec(documentInsert, in.Code, in.Fa, in.En)
		if store.IsDuplicate(err) {
			err = fault.New(fault.Conflict, "process.document.exists").At("code").Because(err)
		}
		body := append(append([]byte(`"document_type":{"code":"`), in.Code...), `","fa":`...)
		body = receipt.AppendString(append(receipt.AppendString(body, in.Fa), `,"en":`...), in.En)
		return append(body, '}'), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return in, proven, nil
}
