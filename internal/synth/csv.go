package synth

import (
	"bufio"
	"io"
	"strconv"

	"github.com/estelam/estelam/internal/persian"
)

// The columns of the files, by the names under which they can be imported.
const (
	personColumns = "national_number,given_name,surname,father_name,sex,birth_date,state,death_date,successor," +
		"shenasnameh_number,shenasnameh_serie,shenasnameh_serial,issue_office,issue_place,sayyed," +
		"postal_code,residence_since,card_state,card_reason,card_valid_until,card_serial\n"
	placeColumns = "postal_code,province,county,district,locality,locality_kind,sub_locality,street,street2," +
		"house_number,floor,side,building,note\n"
)

// WritePersonsCSV writes all persons as a file that the register imports.
func (p *Population) WritePersonsCSV(w io.Writer) error {
	return p.writePersons(w, func(int64) bool { return true })
}

// WriteRegisterCSV writes those persons who are in the register that files of
// such dirt are made for.
func (p *Population) WriteRegisterCSV(w io.Writer, d Dirt) error {
	return p.writePersons(w, d.InRegister)
}

func (p *Population) writePersons(w io.Writer, keep func(number int64) bool) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString(personColumns) // the first error stays, and Flush tells it
	line := make([]byte, 0, 512)
	for r := range p.all() {
		if !keep(r.number) {
			continue
		}
		line = r.appendCSV(line[:0])
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// WritePlacesCSV writes all places as a file that the register imports.
func (p *Population) WritePlacesCSV(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString(placeColumns)
	line := make([]byte, 0, 512)
	for s := range p.allPlaces() {
		line = s.appendCSV(line[:0], p.words.one("mark"))
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// appendCSV appends the record's line. No value has a comma or a quote in it.
func (r *record) appendCSV(b []byte) []byte {
	b = append(digits(b, r.number, 10), ',')
	for _, s := range [...]string{r.given, r.surname, r.father, sexes[r.sex]} {
		b = append(append(b, s...), ',')
	}
	b = append(date(b, r.born), ',')
	b = append(append(b, states[r.state]...), ',')
	b = append(date(b, r.died), ',')
	b = append(optional(b, r.successor, 10), ',')
	b = append(strconv.AppendInt(b, r.booklet, 10), ',')
	b = append(append(b, r.serie...), ',')
	b = append(digits(b, int64(r.serial), 6), ',')
	b = append(strconv.AppendInt(b, int64(r.office), 10), ',')
	b = append(append(b, r.issuePlace...), ',')
	b = append(append(b, yesNo[r.sayyed]...), ',')
	b = append(optional(b, r.postal, 10), ',')
	b = append(date(b, r.since), ',')
	b = append(append(b, cardStates[r.card]...), ',')
	b = append(append(b, cardReasons[r.cardReason]...), ',')
	b = append(date(b, r.cardValid), ',')
	return append(cardSerial(b, r.cardSerial), '\n')
}

var (
	sexes = [...]string{male: "male", female: "female"}
	yesNo = map[bool]string{false: "no", true: "yes"}
)

func (s *spot) appendCSV(b []byte, note string) []byte {
	b = append(digits(b, s.code, 10), ',')
	for _, text := range [...]string{
		s.province, s.county, s.district, s.locality, s.kind(), s.subLocality, s.street, s.street2,
		s.house, s.floor, s.side, s.building,
	} {
		b = append(append(b, text...), ',')
	}
	return append(append(b, note...), '\n')
}

// kind is the locality's.
func (s *spot) kind() string {
	if s.rural {
		return "village"
	}
	return "city"
}

// digits appends n with leading zeros, at least width digits.
func digits(b []byte, n int64, width int) []byte {
	var buf [20]byte
	at := len(buf)
	for ; n > 0 || len(buf)-at < width; n /= 10 {
		at--
		buf[at] = byte('0' + n%10)
	}
	return append(b, buf[at:]...)
}

// optional appends n with leading zeros, nothing for 0.
func optional(b []byte, n int64, width int) []byte {
	if n == 0 {
		return b
	}
	return digits(b, n, width)
}

func date(b []byte, d persian.Date) []byte {
	if d.IsZero() {
		return b
	}
	return d.AppendTo(b)
}

// cardSerial appends the text on the card.
func cardSerial(b []byte, n int) []byte {
	if n == 0 {
		return b
	}
	return digits(append(b, "9G"...), int64(n), 8)
}
