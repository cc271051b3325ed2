package person

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/receipt"
)

// Birth is what is notified of a birth and declared to a registry office.
// Notification and Order together name it: whoever sends it again gets the
// number that it got the first time.
type Birth struct {
	Notification string             `json:"notification"` // id of the hospital's or the health network's notification
	Order        int                `json:"birth_order"`  // 1: the only or first child of this delivery; 2: its twin …
	Office       int                `json:"office"`       // code of the registry office
	Given        persian.Name       `json:"given_name"`
	Surname      persian.Name       `json:"surname"`
	Sayyed       bool               `json:"sayyed,omitempty"`
	Sex          Sex                `json:"sex"`
	Born         persian.Date       `json:"birth_date"`
	Place        string             `json:"birth_place"`
	Father       ids.NationalNumber `json:"father_number,omitempty"` // this or his name
	FatherName   persian.Name       `json:"father_name,omitzero"`
	Mother       ids.NationalNumber `json:"mother_number,omitempty"`
	MotherName   persian.Name       `json:"mother_name,omitzero"`
	Declarant    Declarant          `json:"declarant"`
	Document     string             `json:"document,omitempty"` // number and date of a further paper; a late birth needs one
	Late         bool               `json:"late,omitempty"`     // declared after the legal period
}

// Declarant is who declared a birth: those whom the law obliges to.
type Declarant string

// The declarants.
const (
	ByFather      Declarant = "father" // or his father
	ByMother      Declarant = "mother"
	ByGuardian    Declarant = "guardian"
	ByInstitution Declarant = "institution" // which the child was left to
	ByHimself     Declarant = "self"        // of age, late
)

var declarants = []string{string(ByFather), string(ByMother), string(ByGuardian), string(ByInstitution), string(ByHimself)}

// The bounds of what is notified.
const (
	maxNotification = 40 // bytes
	maxOrder        = 9
	maxBirthPlace   = 200 // bytes
	maxDocument     = 200 // bytes

	reportDays  = 15  // the legal period for declaring a birth
	oldestYears = 120 // nobody older is registered as born
	youngParent = 10  // years that a parent is older than the child, at least
)

// Check refuses what no birth can be, all mistakes at once, and cleans the
// texts. What depends on the day and on the register comes later.
func (in *Birth) Check() error {
	var bad mistakes
	in.Notification = strings.ToUpper(persian.ASCII(strings.TrimSpace(in.Notification)))
	bad.missing(in.Notification == "", "notification")
	bad.When(in.Notification != "" && !isNotification(in.Notification), "notification", "person.birth.notification")
	bad.missing(in.Order == 0, "birth_order")
	bad.When(in.Order < 0 || in.Order > maxOrder, "birth_order", "person.birth.order")
	bad.missing(in.Office == 0, "office")
	bad.When(in.Office < 0 || in.Office > maxOffice, "office", "person.office")
	bad.missing(in.Given.Display == "", "given_name")
	bad.missing(in.Surname.Display == "", "surname")
	bad.missing(in.Sex != Male && in.Sex != Female, "sex")
	bad.missing(in.Born.IsZero(), "birth_date")
	bad.When(!in.Born.IsZero() && !in.Born.Precise(), "birth_date", "person.date.precise")
	bad.missing(in.Father == 0 && in.FatherName.Display == "", "father_name")
	bad.When(in.Father != 0 && in.Father == in.Mother, "mother_number", "person.birth.parent.same")
	bad.missing(in.Declarant == "", "declarant")
	bad.When(in.Declarant != "" && !slices.Contains(declarants, string(in.Declarant)), "declarant", "person.word")
	bad.text(&in.Place, "birth_place", true, maxBirthPlace)
	bad.text(&in.Document, "document", in.Late, maxDocument)
	return bad.Err()
}

// isNotification reports whether s may name a notification: 1 to 40 capital
// letters, digits and - . / between them.
func isNotification(s string) bool {
	if s == "" || len(s) > maxNotification {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case (c == '-' || c == '.' || c == '/') && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return true
}

// timely refuses what the day says against: today is the day of the declaration.
func (in *Birth) timely(today persian.Date, mayBeOld bool) (bad fault.List) {
	wrong := func(is bool, kind fault.Kind, field, key string) {
		if is && len(bad) == 0 {
			bad.Add(field, fault.New(kind, key))
		}
	}
	late := today.AddDays(-reportDays).Compare(in.Born) > 0
	wrong(in.Born.Compare(today) > 0, fault.Invalid, "birth_date", "person.date.future")
	wrong(today.AddYears(-oldestYears).Compare(in.Born) > 0, fault.Invalid, "birth_date", "person.birth.old")
	wrong(late && !in.Late, fault.Invalid, "late", "person.birth.late")
	wrong(!late && in.Late, fault.Invalid, "late", "person.birth.timely")
	wrong(today.AddYears(-1).Compare(in.Born) > 0 && !mayBeOld, fault.Forbidden, "birth_date", "person.birth.supervisor")
	return bad
}

// parent is what a birth says of father or mother.
type parent struct {
	field  string // father or mother
	number ids.NationalNumber
	name   persian.Name
	sex    Sex
	months int // that he may be dead before the birth
}

// fatherMonths is how long before a birth the father may have died.
const fatherMonths = 10

func (in *Birth) parents() [2]parent {
	return [2]parent{
		{"father", in.Father, in.FatherName, Male, fatherMonths},
		{"mother", in.Mother, in.MotherName, Female, 0},
	}
}

// check holds a parent against his record p, nil if there is none. Dates that
// are not known to the day are taken in his favour.
func (q *parent) check(p *Person, born persian.Date) (bad fault.List) {
	if q.number == 0 {
		return nil
	}
	wrong := func(is bool, field, key string) { bad.When(is, q.field+"_"+field, key) }
	if p == nil {
		wrong(true, "number", "person.birth.parent.unknown")
		return bad
	}
	wrong(p.State == Cancelled, "number", "person.birth.parent.cancelled")
	wrong(p.Sex != 0 && p.Sex != q.sex, "number", "person.birth.parent.sex")
	wrong(!p.Born.IsZero() && earliest(p.Born).Compare(born.AddYears(-youngParent)) > 0, "number", "person.birth.parent.young")
	wrong(!p.Died.IsZero() && latest(p.Died).Compare(born.AddMonths(-q.months)) < 0, "number", "person.birth.parent.dead")
	// A protected parent's name is not confirmed: what is refused leaves no entry,
	// so one could ask for it name by name.
	wrong(p.State != Protected && q.name.Display != "" && persian.CompareGiven(p.Given, q.name) == persian.Different, "name", "person.birth.parent.name")
	return bad
}

// earliest and latest are the first and the last day that a date may mean.
func earliest(d persian.Date) persian.Date { return persian.DateFromDays(d.Days()) }

func latest(d persian.Date) persian.Date {
	switch {
	case d.Month == 0:
		return persian.Date{Year: d.Year + 1, Month: 1, Day: 1}.AddDays(-1)
	case d.Day == 0:
		return persian.Date{Year: d.Year, Month: d.Month, Day: 1}.AddMonths(1).AddDays(-1)
	}
	return d
}

// digest tells a repetition from a contradiction. Whether a birth is late is
// left out: the day on which it is sent again says that.
func (in *Birth) digest() [16]byte {
	b := make([]byte, 0, 512)
	for _, text := range [...]string{
		in.Notification, in.Given.Display, in.Surname.Display, in.Born.String(), in.Place,
		in.FatherName.Display, in.MotherName.Display, string(in.Declarant), in.Document,
	} {
		b = append(receipt.AppendString(b, text), ',')
	}
	for _, n := range [...]int64{int64(in.Order), int64(in.Office), int64(in.Sex), int64(in.Father), int64(in.Mother)} {
		b = append(strconv.AppendInt(b, n, 10), ',')
	}
	b = strconv.AppendBool(b, in.Sayyed)
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// child is the record that the birth makes.
func (in *Birth) child(n ids.NationalNumber, o *Office, father *Person) Person {
	p := Person{
		Number: n, Given: in.Given, Surname: in.Surname, Father: in.FatherName, Sayyed: in.Sayyed,
		Born: in.Born, Sex: in.Sex, State: Active,
		Shenasnameh: Shenasnameh{Office: o.Code, IssuePlace: o.Name}, // its number is the national number
	}
	if p.Father.Display == "" && father != nil {
		p.Father = father.Given
	}
	return p
}

// why is the code word of the reason in the journal.
func (in *Birth) why() string {
	if in.Late {
		return "late-birth"
	}
	return "birth"
}
