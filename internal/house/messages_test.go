package house

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// entry is one message of a catalogue.
type entry struct{ file, fa, en string }

// catalogues reads every catalogue, apart from the reader that the product
// uses.
func catalogues(h *tree) map[string]*entry {
	all := map[string]*entry{}
	for _, p := range h.paths {
		if ok, _ := path.Match("internal/message/catalogue/*.txt", p); !ok {
			continue
		}
		var e *entry
		for line := range strings.Lines(h.text(p)) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "["):
				e = &entry{file: p}
				all[strings.Trim(line, "[]")] = e
			case e != nil && strings.HasPrefix(line, "fa = "):
				e.fa = line[5:]
			case e != nil && strings.HasPrefix(line, "en = "):
				e.en = line[5:]
			}
		}
	}
	return all
}

var hole = regexp.MustCompile(`\{\d+\}`)

// checkCatalogue finds messages that lack a language, mix them up, or whose
// two texts ask for different arguments.
func checkCatalogue(h *tree) (finds []find) {
	for key, e := range catalogues(h) {
		add := func(what string) { finds = append(finds, find{e.file + ":" + key, what}) }
		if e.fa == "" || e.en == "" {
			add("lacks a language")
			continue
		}
		if !hasPersian(e.fa) && strings.ContainsFunc(e.fa, unicode.IsLetter) {
			add("the Persian text holds no Persian letter")
		}
		if strings.ContainsAny(e.fa, "يك") {
			add("the Persian text holds an Arabic yeh or kaf")
		}
		if strings.Contains(e.fa, "\u0647\u0654") || strings.Contains(e.fa, "\u06c0") {
			add("the Persian text marks the ezafe; docs/words.md leaves it unmarked")
		}
		if hasPersian(e.en) {
			add("the English text holds Persian letters")
		}
		if !slices.Equal(holes(e.fa), holes(e.en)) {
			add("the two texts ask for different arguments")
		}
	}
	return finds
}

func holes(s string) []string {
	found := hole.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// keyed tells which argument of a call is a message key.
var keyed = map[string]int{"fault.New": 1, "message.Text": 1, "message.Known": 0}

var (
	keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	action   = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	quoted   = regexp.MustCompile("\"[^\"]*\"|`[^`]*`")
)

// endings are those of file names that look like keys.
var endings = []string{".db", ".txt", ".html", ".json", ".yaml", ".pem", ".key", ".csv", ".crt", ".js", ".css", ".svg", ".woff2", ".log"}

// queryNames are the names of queries and lists of them, which look like keys too.
func queryNames(s *site) map[*ast.BasicLit]bool {
	names := map[*ast.BasicLit]bool{}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && (statesQuery(c) || len(c.Args) == 3 && isIdent(c.Fun, "Q")) {
			if lit, ok := c.Args[1].(*ast.BasicLit); ok {
				names[lit] = true
			}
		}
		return true
	})
	return names
}

func statesQuery(c *ast.CallExpr) bool {
	return len(c.Args) == 3 && call(c) == "store.Q" || len(c.Args) > 3 && call(c) == "store.List"
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// checkKeys finds keys that code or pages use and no catalogue has, and keys
// that nothing uses. A literal that begins with a catalogue's noun is a key;
// one that ends in a dot, such as "person.sex.", uses every key that begins so.
func checkKeys(h *tree) (finds []find) {
	all := catalogues(h)
	nouns := map[string]bool{}
	for key := range all {
		noun, _, _ := strings.Cut(key, ".")
		nouns[noun] = true
	}
	used, prefixes := map[string]bool{}, map[string]bool{}
	want := func(where, key string) {
		if all[key] == nil {
			finds = append(finds, find{where, "message key " + key + " has no text"})
		}
	}
	for _, s := range h.sites {
		if s.test {
			continue
		}
		names := queryNames(s)
		s.literals(func(lit *ast.BasicLit, v string) {
			used[v] = true
			if strings.HasSuffix(v, ".") {
				prefixes[v] = true
			}
			noun, _, _ := strings.Cut(v, ".")
			if keyShape.MatchString(v) && nouns[noun] && !names[lit] && !slices.Contains(endings, path.Ext(v)) {
				want(s.path, v)
			}
		})
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if i, ok := keyed[call(n)]; ok && len(n.Args) > i {
					if lit, ok := n.Args[i].(*ast.BasicLit); ok {
						want(s.path, unquote(lit))
					}
				}
			}
			return true
		})
	}
	pageKeys(h, func(p, v string) {
		used[v] = true
		if strings.HasSuffix(v, ".") {
			prefixes[v] = true
		}
		if keyShape.MatchString(v) && !slices.Contains(endings, path.Ext(v)) {
			want(p, v)
		}
	})
	for key, e := range all {
		if !used[key] && !covered(key, prefixes) {
			finds = append(finds, find{e.file + ":" + key, "is used nowhere"})
		}
	}
	return finds
}

// pageKeys calls f for each quoted word in a template's actions.
func pageKeys(h *tree, f func(path, value string)) {
	for _, p := range h.paths {
		if strings.Contains(p, "testdata/") || !slices.Contains([]string{".html", ".tmpl", ".gohtml"}, path.Ext(p)) {
			continue
		}
		for _, a := range action.FindAllString(h.text(p), -1) {
			for _, q := range quoted.FindAllString(a, -1) {
				f(p, q[1:len(q)-1])
			}
		}
	}
}

func covered(key string, prefixes map[string]bool) bool {
	for p := range prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}
