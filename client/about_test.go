package client

import (
	"testing"

	"github.com/estelam/estelam/receipt"
)

// A genuine receipt about somebody else is no answer.
func TestAnswerIsAboutTheQuestion(t *testing.T) {
	const head = `{"v":1,"log":"estelam.example/log/1405/n1","index":1,"code":"18074408180176958532","time":"2026-11-21T19:15:00.123456Z","kind":"inquiry",`
	person, err := read(&receipt.Receipt{Record: []byte(head + `"officer":"a.b","service":"identity","mode":"verify","question":{"national_number":"0012345679","birth_date":"1370-01-01"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	place, err := read(&receipt.Receipt{Record: []byte(head + `"officer":"a.b","service":"place","mode":"disclose","question":{"postal_code":"1619735744"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"0012345679", "۰۰۱۲۳۴۵۶۷۹", " ٠٠١٢٣٤٥٦٧٩"} {
		if !person.about(&Question{Service: "identity", Mode: "verify", NationalNumber: number}, "a.b") {
			t.Errorf("%s is refused", number)
		}
	}
	if !place.about(&Question{Service: "place", Mode: "disclose", PostalCode: "16197-35744"}, "a.b") {
		t.Error("the place is refused")
	}
	for name, q := range map[string]Question{
		"another person":  {Service: "identity", Mode: "verify", NationalNumber: "0012345680"},
		"another service": {Service: "card", Mode: "verify", NationalNumber: "0012345679"},
		"another mode":    {Service: "identity", Mode: "disclose", NationalNumber: "0012345679"},
		"a place":         {Service: "identity", Mode: "verify", PostalCode: "1619735744"},
	} {
		if person.about(&q, "a.b") {
			t.Errorf("%s is taken", name)
		}
	}
	if person.about(&Question{Service: "identity", Mode: "verify", NationalNumber: "0012345679"}, "c.d") {
		t.Error("another officer is taken")
	}
}
