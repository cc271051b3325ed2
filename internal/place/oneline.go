package place

import (
	"strings"

	"github.com/estelam/estelam/internal/message"
)

// OneLine is a place on one line, from the province to the door, as envelopes
// have it; the postal code is not in it.
func (p *Place) OneLine(lang message.Lang) string {
	parts := []string{p.Province}
	add := func(text, key string) {
		if text != "" && key != "" {
			text = message.Text(lang, key, text)
		}
		if text != "" && parts[len(parts)-1] != text {
			parts = append(parts, text)
		}
	}
	add(p.County, "")
	add(p.Locality, "")
	add(p.SubLocality, "")
	add(p.Street, "")
	add(p.Street2, "")
	add(p.House, "place.address.house")
	add(p.Building, "")
	add(p.Floor, "place.address.floor")
	add(p.Side, "place.address.side")
	return strings.Join(parts, message.Text(lang, "place.address.comma")+" ")
}
