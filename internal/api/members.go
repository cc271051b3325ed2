package api

import (
	"net/http"
	"slices"
	"strings"
)

// Member is one member of an act's input, as it is written on a command line.
type Member struct {
	Path  string // a.b of a member of a member, a.0.b of the first item of a list
	Must  bool   // it must be given; a.b: wherever there is an a
	Many  bool   // it is a list: it may stand several times
	Form  string // text, number, true | false, the words to choose from; empty: it has members
	About string // in Persian and English; may be empty
}

// Manual is what the document says of an operation.
type Manual struct {
	Operation
	Roles   []string // who may, "agencies": whoever has a certificate; empty: anybody
	About   string   // paragraphs, first in Persian, then in English
	Members []Member // in the document's order, each before its own members
}

// ManualOf is the manual of the POST of this name.
func ManualOf(name string) (*Manual, bool) {
	all := Operations()
	i := slices.IndexFunc(all, func(o Operation) bool { return o.Name == name && o.Method == http.MethodPost })
	if i < 0 {
		return nil, false
	}
	op := outline().at("paths", "/v1/"+name, "post")
	m := &Manual{Operation: all[i], About: op.at("description").String()}
	if security := op.at("security"); security != nil && len(security.items) > 0 {
		if officer := security.items[0].at("officer"); officer != nil {
			for _, role := range officer.items {
				m.Roles = append(m.Roles, role.text)
			}
		} else if security.items[0].at("certificate") != nil {
			m.Roles = []string{"agencies"}
		}
	}
	m.object("", schema(op.at("requestBody", "content", "application/json", "schema")))
	return m, true
}

// schema follows references, and allOf where it only says more of one.
func schema(n *node) *node {
	for n != nil {
		if one := n.at("allOf"); one != nil && len(one.items) == 1 {
			n = one.items[0]
		}
		ref := n.at("$ref").String()
		if ref == "" {
			break
		}
		n = outline().at("components", "schemas", ref[strings.LastIndexByte(ref, '/')+1:])
	}
	return n
}

func (m *Manual) object(prefix string, s *node) {
	properties := s.at("properties")
	if properties == nil {
		return
	}
	for _, name := range properties.names {
		must := false
		if all := s.at("required"); all != nil {
			must = slices.ContainsFunc(all.items, func(n *node) bool { return n.text == name })
		}
		m.member(prefix+name, must, properties.of[name])
	}
}

func (m *Manual) member(path string, must bool, declared *node) {
	s := schema(declared)
	about := declared.at("description").String()
	if about == "" {
		about = s.at("description").String()
	}
	list := s.at("type").String() == "array"
	if list {
		s = schema(s.at("items"))
	}
	if about == "" {
		about = s.at("description").String()
	}
	one := Member{Path: path, Must: must, Many: list, Form: formOf(s), About: about}
	m.Members = append(m.Members, one)
	if list {
		path += ".0"
	}
	m.object(path+".", s)
}

func formOf(s *node) string {
	if words := s.at("enum"); words != nil {
		all := make([]string, len(words.items))
		for i, w := range words.items {
			all[i] = w.text
		}
		return strings.Join(all, " | ")
	}
	lowest, highest := s.at("minimum").String(), s.at("maximum").String()
	switch s.at("type").String() {
	case "object":
		return ""
	case "boolean":
		return "true | false"
	case "integer":
		if lowest == "" || highest == "" {
			return "number"
		}
		return lowest + "…" + highest
	}
	return "text"
}
