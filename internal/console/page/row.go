package page

import (
	"strings"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// Called is the first of the words by which lists may call something: the others
// are what files say instead of it.
func (v *Visit) Called(key string) string {
	name, _, _ := strings.Cut(v.T(key), " | ")
	return name
}

// RowName is what people call a row that a figure was counted from: what the
// agency has given a title by that title, anything else by its number. small
// says the rest of it.
func (v *Visit) RowName(of ids.LegalID, r *register.Row) (text, small string) {
	switch r.Noun {
	case "process":
		return v.processName(of, r.ID), ""
	case "usage": // service/month, or process/service/outcome/month
		parts := strings.Split(r.ID, "/")
		for i, part := range parts {
			switch {
			case i == len(parts)-1:
				parts[i] = v.monthNamed(part)
			case i == 0 && len(parts) > 2:
				parts[i] = v.processName(of, part)
			case message.Known("agreement.asks." + part):
				parts[i] = v.T("agreement.asks." + part)
			default:
				parts[i] = v.Known("console.outcome.", part)
			}
		}
		return parts[0], strings.Join(parts[1:], " · ")
	case "conversion": // name/version
		name, version, _ := strings.Cut(r.ID, "/")
		return Isolated(name), v.T("console.row.version", v.Digits(version))
	}
	return v.Digits(r.ID), ""
}

// monthNamed is a month as people write it.
func (v *Visit) monthNamed(text string) string {
	if d, err := persian.ParseDate(text); err == nil {
		return v.Day(d)
	}
	return v.Digits(text)
}

// processName is the title that an agency has given a process of its own.
func (v *Visit) processName(of ids.LegalID, code string) string {
	if p, ok := v.Processes.Find(of, code); ok && p.Title != "" {
		return p.Title
	}
	return Isolated(code)
}
