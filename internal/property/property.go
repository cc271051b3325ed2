// Package property checks lists of properties for the deeds organisation and the
// cadastre (bylaw of 1378, art. 12): owner's number ↔ property's postal code ↔
// names, many rows at once, with the engine that links files (package linkage).
//
// What happens with one list, in this order:
//
//  1. The agreement in force must permit the service, its items and so many
//     rows today.
//  2. All rows are linked as one table against the register's image: an owner is
//     named for certain, or not at all.
//  3. The guard looks at the whole. A list of guesses is stopped: that is an
//     entry of the journal, and no row is answered.
//  4. Owners are read again from the register as it stands now, postal codes from
//     the register of places.
//  5. All rows are one unit of the journal: each an entry with its own code, on
//     whom it names, which he finds among who asked about him. One receipt
//     proves them all, and the answer is read from the entries.
//
// Where an owner lives is nobody's business here: whether it is in the property
// is said only if the agreement permits the item, and the code itself never.
package property

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/receipt"
)

// Config names the parts that a Book stands on. All are needed but the clock.
type Config struct {
	Journal    *journal.Journal
	Persons    *person.Book
	Places     *place.Book
	Agreements *agreement.Book
	Mirror     *mirror.Mirror
	Clock      func() time.Time // nil: time.Now
}

// Book checks lists of properties. It is safe for concurrent use.
type Book struct {
	c        Config
	suspects delivery.Suspects
}

// Open makes a Book.
func Open(c Config) *Book {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Book{c: c}
}

// Service is what an agreement must permit, and Items what can be told of a row
// whose owner is named.
const Service = "property"

// Items in the order of answers.
var Items = []string{"national_number", "postal_code", "successors", "residence"}

// MostRows of one list.
const MostRows = 10_000

// List is a list to be checked.
type List struct {
	Officer string   `json:"officer"` // login
	Purpose string   `json:"purpose"`
	File    string   `json:"file"`
	Items   []string `json:"items"`
	Rows    []Owner  `json:"rows"`
}

// Owner is one row: an owner as the list has him, and his property.
type Owner struct {
	Postal      string `json:"postal_code"` // the property's
	Number      string `json:"national_number"`
	Given       string `json:"given_name"`
	Surname     string `json:"surname"`
	Father      string `json:"father_name"`
	Born        string `json:"birth_date"`
	Shenasnameh string `json:"shenasnameh_number"`
	Issued      string `json:"issue_place"`
}

// values are those of linkage.Persian. The property's postal code is none of
// them: an owner may live elsewhere.
func (o *Owner) values() []string {
	return []string{o.Number, o.Given, o.Surname, o.Father, o.Born, o.Shenasnameh, o.Issued, "", ""}
}

const (
	maxText = 200 // letters of a value
	maxWord = 64  // bytes of a code word
)

// Check tells all that is wrong with a list by itself.
func (l *List) Check() error {
	var bad fault.List
	bad.When(l.Officer == "", "officer", "property.missing")
	bad.When(l.Purpose == "" || len(l.Purpose) > maxWord, "purpose", "property.missing")
	file, err := persian.Display(l.File)
	bad.When(err != nil || file == "" || utf8.RuneCountInString(file) > maxWord, "file", "property.missing")
	l.File = file
	bad.When(len(l.Items) == 0, "items", "property.missing")
	for i, item := range l.Items {
		at := "items." + strconv.Itoa(i)
		bad.When(!slices.Contains(Items, item), at, "property.item")
		bad.When(slices.Contains(l.Items[:i], item), at, "property.twice")
	}
	bad.When(len(l.Rows) == 0, "rows", "property.missing")
	bad.When(len(l.Rows) > MostRows, "rows", "property.rows", strconv.Itoa(MostRows))
	for i := range l.Rows {
		for _, v := range append(l.Rows[i].values(), l.Rows[i].Postal) {
			bad.When(utf8.RuneCountInString(v) > maxText, "rows."+strconv.Itoa(i), "property.long")
		}
		if len(bad) > 100 {
			break
		}
	}
	return bad.Err()
}

// Check checks a list. The answer is one unit of the journal, which Read reads.
// Faults: property.agreement, property.quota, and the guard's.
func (b *Book) Check(ctx context.Context, who inquiry.Asker, l *List, once inquiry.Once) (*journal.ProvenBatch, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	if once.Key != ([16]byte{}) {
		if p, found, err := b.c.Journal.ReplayAll(ctx, once.Key, once.Digest); found || err != nil {
			return p, err
		}
	}
	w := &work{List: l, agency: who.Agency}
	if err := b.permit(ctx, w); err != nil { // 1
		return nil, err
	}
	image, _, err := b.c.Mirror.Register(ctx)
	if err != nil {
		return nil, err
	}
	table := image.NewTable()
	for i := range l.Rows {
		table.Add(i+1, l.Rows[i].values())
	}
	linked, err := table.Link(ctx, linkage.Options{}) // 2
	if err != nil {
		return nil, err
	}
	if err := b.guard(ctx, w, image, linked.Outcomes); err != nil { // 3
		return nil, err
	}
	w.outcomes = linked.Outcomes
	if err := b.look(ctx, w); err != nil { // 4
		return nil, err
	}
	entries := make([]journal.Entry, len(l.Rows))
	for i := range entries {
		entries[i] = w.entry(i)
	}
	return b.c.Journal.CommitAll(ctx, entries, once.Key, once.Digest) // 5
}

// work is one list under way.
type work struct {
	*List
	agency    *agency.Agency
	agreement *agreement.Agreement
	clause    *agreement.Clause
	bucket    uint64
	outcomes  []linkage.Outcome // by row
	persons   []*person.Person  // whom each names, as registered now; nil: nobody
	codes     []ids.PostalCode  // of the properties; 0: missing or malformed
	places    []*place.Place
}

// permit finds the clause that permits the list.
func (b *Book) permit(ctx context.Context, w *work) error {
	now := b.c.Clock()
	in, ok := b.c.Agreements.InForce(w.agency.ID, now)
	if !ok {
		return fault.New(fault.Forbidden, "property.agreement", "[agreement.none]")
	}
	clause, refusal := in.Permit(agreement.Asked{Service: Service, Mode: inquiry.Verify, Key: "file", Fields: w.Items, Purpose: w.Purpose})
	if refusal != nil {
		return fault.New(fault.Forbidden, "property.agreement", "["+refusal.Reason+"]")
	}
	w.agreement, w.clause, w.bucket = in, clause, uint64(in.ID)<<16|uint64(clause.No)
	if clause.DailyQuota == 0 {
		return nil
	}
	used, err := b.c.Journal.Used(ctx, w.bucket, persian.DateOf(now))
	if err == nil && used+int64(len(w.Rows)) > clause.DailyQuota {
		err = fault.New(fault.TooMany, "property.quota")
	}
	return err
}

// guard stops a list of guesses, with an entry that says so.
func (b *Book) guard(ctx context.Context, w *work, image *linkage.Register, all []linkage.Outcome) error {
	g := &delivery.Guard{Find: image.Find}
	for i := range all {
		g.Row(w.Rows[i].values(), &all[i])
	}
	why := b.suspects.Judge(g, w.agency.ID, w.agency.Version)
	if why == "" {
		return nil
	}
	body := w.appendWho(nil)
	body = append(append(append(body, `,"why":"property-stopped","note":"`...), why...), `","rows":`...)
	body = strconv.AppendInt(body, int64(len(all)), 10)
	if _, err := b.c.Journal.Commit(ctx, journal.Entry{Kind: receipt.Delivery, Body: body, Agency: w.agency.ID}); err != nil {
		return err
	}
	return fault.New(fault.Forbidden, why)
}

// look reads owners and places as they stand now.
func (b *Book) look(ctx context.Context, w *work) (err error) {
	n := len(w.Rows)
	numbers := make([]ids.NationalNumber, n)
	w.codes = make([]ids.PostalCode, n)
	for i := range w.Rows {
		numbers[i] = ids.NationalNumber(w.outcomes[i].Key)
		w.codes[i], _ = ids.ParsePostalCode(w.Rows[i].Postal) // 0: malformed
	}
	for from := 0; from < n; from += 1000 {
		to := min(n, from+1000)
		persons, err := b.c.Persons.ByNumbers(ctx, numbers[from:to])
		if err != nil {
			return err
		}
		places, err := b.c.Places.ByCodes(ctx, w.codes[from:to])
		if err != nil {
			return err
		}
		w.persons, w.places = append(w.persons, persons...), append(w.places, places...)
	}
	for i := range w.outcomes {
		o := &w.outcomes[i]
		if o.Status == linkage.Duplicate {
			o.Status = again(o, w.Rows[i].Number)
		}
		o.Status = fate(o, w.persons[i])
	}
	return nil
}

// again is the status of a row whose owner stands in another row too: one
// person may own many properties.
func again(o *linkage.Outcome, number string) linkage.Status {
	const ofNumber = 1 // the bit of the first column
	n, _, err := ids.RestoreNationalNumber(number)
	switch {
	case o.Fields&^ofNumber != 0:
		return linkage.Discrepant
	case err == nil && uint64(n) == o.Key:
		return linkage.Verified
	}
	return linkage.Corrected
}

// fate is the status of a row as the register stands now.
func fate(o *linkage.Outcome, p *person.Person) linkage.Status {
	switch {
	case !o.Linked() && o.Status != linkage.Protected:
		return o.Status
	case p == nil:
		return linkage.NotFound
	case p.State == person.Protected:
		return linkage.Protected
	case p.State == person.Cancelled:
		return linkage.Cancelled
	case !p.Alive():
		return linkage.Deceased
	case o.Status != linkage.Protected && o.Status != linkage.Deceased && o.Status != linkage.Cancelled:
		return o.Status
	case o.Fields != 0:
		return linkage.Discrepant
	}
	return linkage.Verified
}

// What is said of a property's postal code besides the states of places, and of
// the owner's residence.
const (
	missing   = "missing"
	malformed = "malformed"
	notFound  = "not_found"
)

// entry is what the journal says of one row.
func (w *work) entry(i int) journal.Entry {
	o := &w.outcomes[i]
	e := journal.Entry{Kind: receipt.DeliveryRow, Agency: w.agency.ID, Bucket: w.bucket, Body: w.appendRow(make([]byte, 0, 512), i)}
	if o.Linked() || o.Status == linkage.Protected {
		e.Subject = ids.NationalNumber(o.Key)
	}
	return e
}

func (w *work) appendWho(b []byte) []byte {
	b = w.agency.ID.AppendTo(append(b, `"agency":{"id":"`...))
	b = receipt.AppendString(append(b, `","name":`...), w.agency.Name)
	b = receipt.AppendString(append(b, `},"officer":`...), w.Officer)
	b = receipt.AppendString(append(b, `,"purpose":`...), w.Purpose)
	b = receipt.AppendString(append(b, `,"file":`...), w.File)
	b = strconv.AppendInt(append(b, `,"agreement":{"id":`...), w.agreement.ID, 10)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(w.agreement.Version), 10)
	b = strconv.AppendInt(append(b, `,"clause":`...), int64(w.clause.No), 10)
	return append(b, '}')
}

// appendRow writes the members of a row's record, in the order of
// docs/events.md. Who may not be shown is not found.
func (w *work) appendRow(b []byte, i int) []byte {
	o, p := &w.outcomes[i], w.persons[i]
	status := o.Status
	if status == linkage.Protected {
		status = linkage.NotFound
	}
	b = append(w.appendWho(b), `,"service":"property"`...)
	b = strconv.AppendInt(append(b, `,"row":`...), int64(i+1), 10)
	b = append(append(append(b, `,"status":"`...), status.String()...), '"')
	b = w.appendProperty(b, i)
	if o.Padded {
		b = append(b, `,"zeros_restored":true`...)
	}
	if !o.Linked() {
		return b
	}
	if o.Fields != 0 {
		b = appendColumns(append(b, `,"differs":`...), o.Fields)
	}
	if status == linkage.Cancelled || p == nil {
		return b // a void number says nothing more
	}
	b = strconv.AppendInt(append(b, `,"register_version":`...), p.Version, 10)
	if slices.Contains(w.Items, "residence") && w.codes[i] != 0 && p.Postal != 0 {
		b = append(append(append(b, `,"residence":"`...), map[bool]string{true: "same", false: "other"}[p.Postal == w.codes[i]]...), '"')
	}
	if slices.Contains(w.Items, "national_number") {
		b = append(b, `,"answer":{"values":{"national_number":"`...)
		b = append(p.Number.AppendTo(b), `"}}`...)
	}
	return b
}

// appendProperty says what the row's postal code is.
func (w *work) appendProperty(b []byte, i int) []byte {
	if !slices.Contains(w.Items, "postal_code") {
		return b
	}
	state := malformed
	at := w.places[i]
	switch {
	case w.Rows[i].Postal == "":
		state = missing
	case w.codes[i] != 0 && at == nil:
		state = notFound
	case at != nil:
		state = at.State.String()
	}
	b = append(b, `,"property":{`...)
	if w.codes[i] != 0 {
		b = append(w.codes[i].AppendTo(append(b, `"postal_code":"`...)), `",`...)
	}
	b = append(append(append(b, `"state":"`...), state...), '"')
	if at != nil && len(at.Successors) > 0 && slices.Contains(w.Items, "successors") {
		b = append(b, `,"successors":[`...)
		for k, c := range at.Successors {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(c.AppendTo(append(b, '"')), '"')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendColumns lists the columns whose bits are set.
func appendColumns(b []byte, bits uint32) []byte {
	b = append(b, '[')
	first := true
	for i, c := range linkage.Persian().Columns {
		if bits>>i&1 == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = receipt.AppendString(b, c.Name)
	}
	return append(b, ']')
}

// Answer is what became of one row.
type Answer struct {
	Row       int                `json:"row"` // 1, 2, 3 …
	Code      ids.TrackingCode   `json:"tracking_code"`
	Status    string             `json:"status"`
	Number    ids.NationalNumber `json:"national_number,omitzero"`
	Property  *Property          `json:"property,omitempty"`
	Residence string             `json:"residence,omitempty"` // same or other; absent: not told, or not known
	Differs   []string           `json:"differs,omitempty"`
	Restored  bool               `json:"zeros_restored,omitzero"`
}

// Property is what the register of places says of a row's postal code.
type Property struct {
	Postal     ids.PostalCode   `json:"postal_code,omitzero"`
	State      string           `json:"state"` // of the place, or not_found, malformed, missing
	Successors []ids.PostalCode `json:"successors,omitempty"`
}

// Result is the answer to a list.
type Result struct {
	Counts map[string]int `json:"counts"` // rows by status
	Rows   []Answer       `json:"rows"`
}

// Read reads the answers out of the entries, so that a list that is sent again
// is told the same.
func Read(p *journal.ProvenBatch) (*Result, error) {
	out := &Result{Counts: map[string]int{}}
	for i := range p.Entries {
		var r struct {
			Answer
			Answered struct {
				Values struct {
					Number ids.NationalNumber `json:"national_number"`
				} `json:"values"`
			} `json:"answer"`
		}
		if err := json.Unmarshal(p.Entries[i].Record, &r); err != nil {
			return nil, fault.New(fault.Internal, "fault.internal").Because(err)
		}
		r.Code, r.Number = p.Entries[i].Code, r.Answered.Values.Number
		out.Counts[r.Status]++
		out.Rows = append(out.Rows, r.Answer)
	}
	return out, nil
}
