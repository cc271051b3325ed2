package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The manual of every act has exactly the members that a reader of OpenAPI
// finds in the document, with the same words about them, and names the roles
// that may do it.
func TestManualsAreTheDocument(t *testing.T) {
	doc := loadDocument(t)
	may := matrix(t)
	seen := 0
	for _, o := range Operations() {
		op := doc.Paths.Value("/v1/" + o.Name).GetOperation(o.Method)
		if o.Summary != op.Summary {
			t.Errorf("%s is summed up as %q, want %q", o.Name, o.Summary, op.Summary)
		}
		if o.Method != "POST" {
			continue
		}
		m, ok := ManualOf(o.Name)
		if !ok {
			t.Fatalf("%s has no manual", o.Name)
		}
		if squeeze(m.About) != squeeze(op.Description) {
			t.Errorf("%s is described as %q, want %q", o.Name, m.About, op.Description)
		}
		who := slices.DeleteFunc(may["POST /v1/"+o.Name], func(role string) bool { return role == "all" })
		if !slices.Equal(m.Roles, who) {
			t.Errorf("%s is said to be for %v, and is for %v", o.Name, m.Roles, who)
		}
		var got []string
		for _, one := range m.Members {
			got = append(got, fmt.Sprintf("%s %v %v %s: %s", one.Path, one.Must, one.Many, one.Form, squeeze(one.About)))
		}
		want := documented("", op.RequestBody.Value.Content["application/json"].Schema.Value)
		seen += len(want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot\n\t%s\nwant\n\t%s", o.Name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
	if seen < 100 {
		t.Errorf("the document has %d members only", seen)
	}
	if _, ok := ManualOf("no/such"); ok {
		t.Error("there is a manual of an act that there is not")
	}
	if m, _ := ManualOf("births"); m.Members[0].Path != "notification" || m.Members[1].Path != "birth_order" {
		t.Errorf("members are not in the document's order: %+v", m.Members)
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func documented(prefix string, s *openapi3.Schema) (all []string) {
	for name, ref := range s.Properties {
		path, s1 := prefix+name, unwrapped(ref)
		about, many := ref.Value.Description, s1.Type.Is("array")
		if about == "" {
			about = s1.Description
		}
		if many {
			s1 = unwrapped(s1.Items)
		}
		if about == "" {
			about = s1.Description
		}
		all = append(all, fmt.Sprintf("%s %v %v %s: %s", path, slices.Contains(s.Required, name), many, kindIn(s1), squeeze(about)))
		if many {
			path += ".0"
		}
		all = append(all, documented(path+".", s1)...)
	}
	return all
}

func unwrapped(ref *openapi3.SchemaRef) *openapi3.Schema {
	s := ref.Value
	for len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
	}
	return s
}

func kindIn(s *openapi3.Schema) string {
	switch {
	case len(s.Enum) > 0:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(s.Enum), "[]"), " ", " | ")
	case s.Type.Is("object"):
		return ""
	case s.Type.Is("boolean"):
		return "true | false"
	case s.Type.Is("integer") && s.Min != nil && s.Max != nil:
		return fmt.Sprintf("%.0f…%.0f", *s.Min, *s.Max)
	case s.Type.Is("integer"):
		return "number"
	}
	return "text"
}
