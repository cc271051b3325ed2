package sheet

import "sync"

// PersonColumns are what agencies' files say of persons, in the order of the
// register's profile for linkage.
var PersonColumns = sync.OnceValue(func() []Column {
	columns := []Column{
		{Name: "national_number", Kind: KindNumber},
		{Name: "given_name", Kind: KindGiven},
		{Name: "surname", Kind: KindSurname},
		{Name: "father_name", Kind: KindFather},
		{Name: "birth_date", Kind: KindDate},
		{Name: "shenasnameh_number", Kind: KindDigits},
		{Name: "issue_place", Kind: KindPlace},
		{Name: "sex", Kind: KindSex},
		{Name: "postal_code", Kind: KindPostal},
	}
	for i := range columns {
		columns[i].Also = Also("sheet.person." + columns[i].Name)
	}
	return columns
})
