package citizen

import (
	"strings"

	"github.com/estelam/estelam/internal/message"
)

// Word is what a code word means, for people.
type Word struct {
	Fa string `json:"fa"`
	En string `json:"en"`
}

// meanings say under which keys a member's code words have their texts, the
// first that knows it.
var meanings = map[string][]string{
	"kind":    {"citizen.kind."},
	"role":    {"register.role.", "citizen.role."},
	"purpose": {"console.word."},
	"process": {"console.word."},
	"service": {"console.service.", "citizen.service."},
	"mode":    {"console.mode."},
	"field":   {"console.field."},
	"outcome": {"console.outcome.", "delivery.report.status."},
	"refusal": {""}, // is a key itself
}

// explain adds what the entry's code words mean. An agency's own words, such as
// a process, have no text here.
func (a *Asking) explain(words map[string]Word) {
	add := func(member, code string) {
		name := member + ":" + code
		if _, there := words[name]; there || code == "" {
			return
		}
		for _, prefix := range meanings[member] {
			key := prefix + strings.ReplaceAll(code, "-", "_")
			if message.Known(key) {
				words[name] = Word{message.Text(message.Fa, key), message.Text(message.En, key)}
				return
			}
		}
	}
	add("kind", a.Kind)
	add("role", a.Role)
	add("purpose", a.Purpose)
	add("process", a.Process)
	add("service", a.Service)
	add("mode", a.Mode)
	add("outcome", a.Outcome)
	add("refusal", a.Refusal)
	for _, f := range a.Fields {
		add("field", f)
	}
}
