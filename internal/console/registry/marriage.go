package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/person"
)

// couple is the form of a marriage or a divorce, from either spouse's page: the
// reference says whose it is, and the other one's number is typed.
func couple(key, path string, reasons []string, do bookAct[person.Couple, person.Wedded]) page.Form[person.Couple] {
	return page.Form[person.Couple]{
		Path: "/registry/persons/{ref}/" + path, Roles: staff, Key: key, Do: alone(do),
		Begin: func(v *page.Visit, in *person.Couple) error {
			r, err := refOf(v)
			if err != nil {
				return err
			}
			switch v.R.PathValue("side") {
			case "wife":
				in.Wife = r.Number
			case "husband":
				in.Husband = r.Number
			default:
				return page.NotFound()
			}
			return nil
		},
		Controls: func(v *page.Visit, in *person.Couple) ([]page.Control, error) {
			other := own("wife", page.National)
			if v.R.PathValue("side") == "wife" {
				other = own("husband", page.National)
			}
			return append([]page.Control{other, own("on", page.Date)}, grounds(v, reasons...)...), nil
		},
		Around: func(v *page.Visit, _ *person.Couple) ([]any, error) { return around(v) },
		Above:  func(v *page.Visit, _ *person.Couple) *page.Link { return toPerson(v) },
	}
}

// marriage and divorce are remarks in both spouses' stories.
var (
	marriage = couple("console.registry.marriage.", "marriage/{side}", []string{"marriage-notice", "court-order", "consulate"}, (*person.Book).Marry)
	divorce  = couple("console.registry.divorce.", "divorce/{side}", []string{"divorce-notice", "court-order", "consulate"}, (*person.Book).Divorce)
)
