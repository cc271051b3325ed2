package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

func loadDocument(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(Document())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The document is valid, its examples too.
func TestDocumentIsValid(t *testing.T) {
	doc := loadDocument(t)
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Error("not OpenAPI 3.1")
	}
}

// Every route is in the document and the reverse, and both say the same about
// who may come.
func TestDocumentListsEveryRoute(t *testing.T) {
	doc := loadDocument(t)
	var documented, served []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			documented = append(documented, method+" "+path+" "+accessOf(op))
		}
	}
	for _, rt := range newDoor(t).routes {
		path := rt.path
		if rt.doc != "" {
			path = rt.doc
		}
		served = append(served, rt.method+" "+path+" "+rt.access.name())
	}
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("documented:\n%s\nserved:\n%s", strings.Join(documented, "\n"), strings.Join(served, "\n"))
	}
}

func accessOf(op *openapi3.Operation) string {
	switch {
	case op.Security == nil || len(*op.Security) == 0:
		return "anyone"
	case (*op.Security)[0]["officer"] != nil:
		return "officers"
	}
	return "agencies"
}

// name is how the document's security says it.
func (a access) name() string {
	switch a {
	case forOfficers:
		return "officers"
	case forAgencies:
		return "agencies"
	}
	return "anyone"
}

// People read descriptions in Persian and English: every summary and every
// description of an operation, a response and a tag has both.
func TestDocumentIsBilingual(t *testing.T) {
	doc := loadDocument(t)
	check := func(where, text string) {
		persian := strings.ContainsFunc(text, func(r rune) bool { return r >= 0x0600 && r <= 0x06ff })
		english := strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' })
		if text != "" && (!persian || !english) {
			t.Errorf("%s is in one language: %.60q", where, text)
		}
	}
	check("info", doc.Info.Description)
	for _, tag := range doc.Tags {
		check("tag "+tag.Name, tag.Description)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
			check(method+" "+path, op.Summary)
			check(method+" "+path, op.Description)
		}
	}
	for name, r := range doc.Components.Responses {
		check(name, *r.Value.Description)
	}
}

// Every kind of fault is in the document with its status and has a title in
// both languages.
func TestDocumentListsEveryKind(t *testing.T) {
	doc := loadDocument(t)
	enum := doc.Components.Schemas["Problem"].Value.Properties["kind"].Value.Enum
	n := 0
	for k := fault.Malformed; k <= fault.Full; k++ {
		n++
		if !slices.Contains(enum, any(k.String())) {
			t.Errorf("kind %s is not in the schema", k)
		}
		if row := "| `" + k.String() + "` | " + itoa(int64(k.Status())) + " |"; !strings.Contains(doc.Info.Description, row) {
			t.Errorf("kind %s is not in the table of the description", k)
		}
		if !message.Known("api.kind." + k.String()) {
			t.Errorf("kind %s has no title", k)
		}
	}
	if n != len(enum) {
		t.Errorf("the schema lists %d kinds, there are %d", len(enum), n)
	}
}
