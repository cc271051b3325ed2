package officer

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/receipt"
)

// record is an inquiry's record as the pages read it.
type record struct {
	Log    string
	Index  int64
	Code   string
	Time   time.Time
	Kind   string
	Agency struct{ ID, Name string }
	Behalf *struct{ ID, Name string } `json:"on_behalf_of"`

	Officer, Purpose, Process, File string
	Court                           *struct{ Reference, Until string }
	Agreement                       struct {
		ID              int64
		Version, Clause int
	}
	Service, Mode string
	Question      struct {
		NationalNumber    string `json:"national_number"`
		BirthDate         string `json:"birth_date"`
		ShenasnamehNumber string `json:"shenasnameh_number"`
		PostalCode        string `json:"postal_code"`
		Claims            map[string]string
		Fields            []string
		Predicates        []struct {
			Name string
			Age  int
		}
		AsOf string `json:"as_of"`
	}
	Outcome   string
	Successor string // of a cancelled number
	Answer    struct {
		Fields     map[string]string
		Values     map[string]*string
		Predicates map[string]string
	}
	Warnings []string
	Refusal  struct {
		Reason, Field string
		Clause        int
	}
	Signature *struct{ Certificate string }
}

// readRecord reads an inquiry's record. A record of another kind is none.
func readRecord(data []byte) (*record, error) {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	if r.Kind != receipt.Inquiry.String() {
		return nil, fault.New(fault.NotFound, "console.problem.no_inquiry")
	}
	return &r, nil
}

// Tones: how a thing looks. The words always say the same.
const (
	toneOK   = "ok"
	toneInfo = "info"
	toneWarn = "warn"
	toneBad  = "bad"
)

var tones = map[string]string{
	"confirmed": toneOK, "answered": toneOK, "differs": toneBad, "not_found": toneBad,
	"deceased": toneWarn, "cancelled": toneBad, "protected": toneInfo, "refused": toneWarn,
	"match": toneOK, "variant": toneOK, "not_on_record": toneWarn,
	"yes": toneOK, "no": toneBad, "unknown": toneWarn,
}

func toneOf(word string) string {
	if t := tones[word]; t != "" {
		return t
	}
	return toneInfo
}

// value writes a register's value as people read it.
func valueOf(v *page.Visit, field, value string) string {
	if key := "console.value." + field + "." + value; message.Known(key) {
		return v.T(key)
	}
	for _, d := range dates {
		if d != field {
			continue
		}
		if day, err := persian.ParseDate(value); err == nil {
			return v.Day(day)
		}
	}
	return v.Digits(value)
}

// codeWord writes an agreement's code word in words, if there are any.
func codeWord(v *page.Visit, code string) string {
	if key := "console.word." + strings.ReplaceAll(code, "-", "_"); message.Known(key) {
		return v.T(key)
	}
	return code
}
