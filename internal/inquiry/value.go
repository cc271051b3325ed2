package inquiry

import "github.com/estelam/estelam/internal/person"

// ValueOf is what a person's record says of an item, spelt as answers spell it.
// known is false for what is not on record, or is no item of persons.
func ValueOf(item string, p *person.Person) (value string, known bool) {
	for i := range fields {
		if f := &fields[i]; f.name == item && f.service != Place {
			return f.value(&seen{person: p})
		}
	}
	return "", false
}
