package agreement

// Service names what can be asked and by which keys. The lists stand in the
// order in which documents show them.
type Service struct {
	Name   string
	Modes  []string
	Keys   []string
	Fields []string
}

var (
	personKeys = []string{"national_number+birth_date", "national_number+shenasnameh_number"}
	bothModes  = []string{"verify", "disclose"}
)

// Services lists every service that an inquiry can ask for.
var Services = []Service{
	{"identity", bothModes, personKeys, []string{
		"given_name", "surname", "father_name", "sex", "birth_date", "life_status", "death_date",
	}},
	{"shenasnameh", bothModes, personKeys, []string{
		"shenasnameh_number", "shenasnameh_serie", "shenasnameh_serial", "issue_place",
	}},
	{"card", bothModes, personKeys, []string{"card_state", "card_valid_until", "card_serial"}},
	{"residence", bothModes, personKeys, []string{"postal_code", "residence_since"}},
	{"place", bothModes, []string{"postal_code"}, []string{
		"province", "county", "district", "locality", "locality_kind", "sub_locality",
		"street", "street2", "house_number", "floor", "side", "building", "note", "successors",
	}},
	{"predicate", []string{"verify"}, personKeys, []string{"alive", "age_at_least"}},
}

// Bulk lists the services that an agreement can permit besides: those that
// answer files and lists, not inquiries.
var Bulk = []Service{
	{"delivery", []string{"disclose"}, []string{"file"}, []string{ // nine items (law B.5)
		"given_name", "surname", "father_name", "shenasnameh_number", "issue_place",
		"birth_date", "shenasnameh_serial", "national_number", "postal_code",
	}},
	{"follow", []string{"disclose"}, []string{"national_number"}, []string{ // marks and feeds
		"given_name", "surname", "father_name", "sex", "birth_date", "life_status", "death_date",
		"shenasnameh_number", "shenasnameh_serie", "shenasnameh_serial", "issue_place",
		"card_state", "card_valid_until", "card_serial", "postal_code", "residence_since",
	}},
	{"deed", []string{"verify"}, personKeys, []string{"given_name", "surname", "father_name", "postal_code"}}, // law B.11
	{"property", []string{"verify"}, []string{"file"}, []string{ // law B.12
		"national_number", "postal_code", "successors", "residence",
	}},
}

// unconditional lists the services on whose clauses hours, days, a signature
// and court days would promise what nobody keeps: files, marks and feeds are
// taken in at one moment and answered at others.
var unconditional = []string{"delivery", "follow", "property"}

func serviceOf(name string) *Service {
	for _, all := range [][]Service{Services, Bulk} {
		for i := range all {
			if all[i].Name == name {
				return &all[i]
			}
		}
	}
	return nil
}
