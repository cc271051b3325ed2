package receipt

// Kind says what sort of act an entry records. Its byte stands in the public
// leaf, its name in the private record; both are fixed for ever.
type Kind byte

// The kinds. A new one takes the next number; none is ever reused.
const (
	Inquiry           Kind = 1  // a question of an agency and its answer
	JournalReading    Kind = 2  // somebody read the journal itself
	CodeMatch         Kind = 3  // a code was compared with a national number
	RegisterImport    Kind = 4  // a file was taken into a register
	PersonChange      Kind = 5  // a person's row was changed
	LifeEvent         Kind = 6  // birth, death, marriage, divorce
	CardEvent         Kind = 7  // a card was issued, replaced, voided …
	PlaceChange       Kind = 8  // a place was assigned, split, merged, retired
	ResidenceChange   Kind = 9  // a person declared a residence
	AgencyChange      Kind = 10 // an agency was registered or changed state
	OfficerChange     Kind = 11 // an officer was added, changed, removed
	CertificateChange Kind = 12 // a certificate was signed or revoked
	AgreementChange   Kind = 13 // an agreement came into force, changed, ended
	BoardDecision     Kind = 14 // the board decided
	Correction        Kind = 15 // a wrong value was corrected
	Delivery          Kind = 16 // a file was delivered to an agency
	KeyEvent          Kind = 17 // a factor of an officer was set, used up, blocked, removed, reset
	Purge             Kind = 18 // private parts were purged after their retention
	Notice            Kind = 19 // notification letters were ordered, printed, posted, brought back
	RegisterReading   Kind = 20 // staff read a person's record
	DeliveryRow       Kind = 21 // one row of an agency's file was answered
	Follow            Kind = 22 // an agency's follow mark was set or ended
	CorrectionNotice  Kind = 23 // who had been told a wrong value was told so
	Review            Kind = 24 // a clerk decided which person a row means
	Doubt             Kind = 25 // an agency reported doubt about a value, or was answered
	Process           Kind = 26 // an agency's service process, obstacle, or a wave of the roll-out
	Exception         Kind = 27 // an agency made a copy itself, or issued a provisional code during an outage
	Complaint         Kind = 28 // a citizen reported a demanded copy; its answers
	Audit             Kind = 29 // a sample was drawn, a dossier shown, judged, appealed
	Compliance        Kind = 30 // evidence of an item of the law, a conversion table
	Evaluation        Kind = 31 // the annual evaluation: computed, appealed, frozen
	Report            Kind = 32 // the quarterly report: drafted, reviewed, issued
	Access            Kind = 33 // a citizen's own access: given, used, a lock set or lifted
)

var kinds = [...]string{
	Inquiry:           "inquiry",
	JournalReading:    "journal-reading",
	CodeMatch:         "code-match",
	RegisterImport:    "register-import",
	PersonChange:      "person-change",
	LifeEvent:         "life-event",
	CardEvent:         "card-event",
	PlaceChange:       "place-change",
	ResidenceChange:   "residence-change",
	AgencyChange:      "agency-change",
	OfficerChange:     "officer-change",
	CertificateChange: "certificate-change",
	AgreementChange:   "agreement-change",
	BoardDecision:     "board-decision",
	Correction:        "correction",
	Delivery:          "delivery",
	KeyEvent:          "key-event",
	Purge:             "purge",
	Notice:            "notice",
	RegisterReading:   "register-reading",
	DeliveryRow:       "delivery-row",
	Follow:            "follow",
	CorrectionNotice:  "correction-notice",
	Review:            "review",
	Doubt:             "doubt",
	Process:           "process",
	Exception:         "exception",
	Complaint:         "complaint",
	Audit:             "audit",
	Compliance:        "compliance",
	Evaluation:        "evaluation",
	Report:            "report",
	Access:            "access",
}

// String is the kind's name in records, or "" for a byte that is no kind.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return ""
	}
	return kinds[k]
}

// ParseKind finds the kind with this name in records.
func ParseKind(name string) (Kind, bool) {
	for k, n := range kinds {
		if n == name && n != "" {
			return Kind(k), true
		}
	}
	return 0, false
}
