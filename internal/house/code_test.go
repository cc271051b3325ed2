package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	maxFunction = 80  // lines, signature and braces included
	maxFile     = 500 // lines of a file that is no test
)

// checkComments finds packages with no package comment or several.
func checkComments(h *tree) (finds []find) {
	count, seen := map[string]int{}, map[string]bool{}
	for _, s := range h.sites {
		if s.test {
			continue
		}
		seen[s.dir] = true
		if s.ast.Doc == nil {
			continue
		}
		count[s.dir]++
		want := "Package " + s.ast.Name.Name + " "
		if s.ast.Name.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(s.ast.Doc.Text(), want) {
			finds = append(finds, find{s.path, fmt.Sprintf("the package comment does not begin with %q", want)})
		}
	}
	for dir := range seen {
		if count[dir] != 1 {
			finds = append(finds, find{dir, fmt.Sprintf("%d package comments, want one", count[dir])})
		}
	}
	return finds
}

// checkBudgets finds functions and files that are too long. A test's table of
// cases does not count.
func checkBudgets(h *tree) (finds []find) {
	for _, s := range h.sites {
		if !s.test && s.lines > maxFile {
			finds = append(finds, find{s.path, fmt.Sprintf("%d lines, at most %d", s.lines, maxFile)})
		}
		s.functions(func(name string, d *ast.FuncDecl) {
			n := h.line(d.End()) - h.line(d.Pos()) + 1
			if s.test {
				n -= h.tableLines(d)
			}
			if n > maxFunction {
				finds = append(finds, find{s.path + ":" + name, fmt.Sprintf("%d lines, at most %d", n, maxFunction)})
			}
		})
	}
	return finds
}

// tableLines is how many lines of a function are inside composite literals.
func (h *tree) tableLines(d *ast.FuncDecl) (n int) {
	ast.Inspect(d, func(node ast.Node) bool {
		lit, ok := node.(*ast.CompositeLit)
		if ok {
			n += h.line(lit.End()) - h.line(lit.Pos())
		}
		return !ok // those inside are counted with it
	})
	return n
}

var (
	statement = regexp.MustCompile(`(?is)^\s*(SELECT\s|INSERT\s+INTO\s|INSERT\s+OR\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+(RECURSIVE\s+)?\w+\s*(\([\w, ]*\)\s*)?AS\s|(CREATE|DROP|ALTER)\s+(TABLE|INDEX|UNIQUE|VIEW|DATABASE|ROLE|TRIGGER|SCHEMA)\s|TRUNCATE\s|COPY\s+\w+|VACUUM\b|ANALYZE\b)`)
	control   = regexp.MustCompile(`(?is)^\s*(PRAGMA\s|BEGIN(\s+(IMMEDIATE|TRANSACTION|EXCLUSIVE|DEFERRED).*)?\s*;?$|COMMIT\s*;?$|ROLLBACK\s*;?$|SAVEPOINT\s|ATTACH\s)`)
)

// checkSQL finds statements outside rows.go, and control of the engines
// (pragmas, transactions) outside store. Test files may ask what they like.
func checkSQL(h *tree) (finds []find) {
	for _, s := range h.sites {
		if s.test || strings.HasSuffix(s.path, "/rows.go") {
			continue
		}
		s.literals(func(lit *ast.BasicLit, v string) {
			if statement.MatchString(v) {
				finds = append(finds, find{s.path, fmt.Sprintf("line %d holds SQL: rows.go is its place", h.line(lit.Pos()))})
			}
			if control.MatchString(v) && s.dir != "internal/store" {
				finds = append(finds, find{s.path, fmt.Sprintf("line %d steers the engine: store does that", h.line(lit.Pos()))})
			}
		})
	}
	return finds
}

// checkInterfaces finds exported interfaces. Type constraints are none.
func checkInterfaces(h *tree) (finds []find) {
	for _, s := range h.sites {
		s.types(func(spec *ast.TypeSpec) {
			face, ok := spec.Type.(*ast.InterfaceType)
			if ok && spec.Name.IsExported() && !constraint(face) {
				finds = append(finds, find{s.path + ":" + spec.Name.Name, "is an exported interface"})
			}
		})
	}
	return finds
}

func constraint(face *ast.InterfaceType) bool {
	return slices.ContainsFunc(face.Methods.List, func(f *ast.Field) bool {
		switch f.Type.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr:
			return true
		}
		return false
	})
}

// checkPersian finds Persian letters in Go strings: texts belong in the
// catalogues. Letter tables stand in internal/persian.
func checkPersian(h *tree) (finds []find) {
	for _, s := range h.sites {
		if s.test || real.inTests[s.dir] || s.dir == "internal/persian" {
			continue
		}
		s.literals(func(lit *ast.BasicLit, v string) {
			if hasPersian(v) {
				finds = append(finds, find{s.path, fmt.Sprintf("line %d holds Persian letters: put the text into a catalogue", h.line(lit.Pos()))})
			}
		})
	}
	return finds
}

func hasPersian(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) })
}

var hollow = []string{"Manager", "Service", "Util", "Utils", "Helper", "Helpers", "DTO", "Impl"}

// checkNames finds types, packages and files whose names say nothing.
func checkNames(h *tree) (finds []find) {
	for _, s := range h.sites {
		for _, word := range hollow {
			if name := strings.ToLower(word); s.ast.Name.Name == name || s.path == s.dir+"/"+name+".go" {
				finds = append(finds, find{s.path, "is named after a kind of code"})
			}
		}
		s.types(func(spec *ast.TypeSpec) {
			for _, word := range words(spec.Name.Name) {
				if slices.Contains(hollow, word) {
					finds = append(finds, find{s.path + ":" + spec.Name.Name, word + " says nothing"})
				}
			}
		})
	}
	return finds
}

var camel = regexp.MustCompile(`DTO|[A-Z]?[a-z0-9]+|[A-Z]+`)

// words splits a camel-case name; the first word gets its capital.
func words(name string) []string {
	parts := camel.FindAllString(name, -1)
	if len(parts) > 0 {
		parts[0] = strings.ToUpper(parts[0][:1]) + parts[0][1:]
	}
	return parts
}

// checkSkips finds tests that skip without saying when they must not: the
// function has to look at CI or at one of the house's own switches. A fuzz
// target and a property may pass over an input.
func checkSkips(h *tree) (finds []find) {
	for _, s := range h.sites {
		s.functions(func(name string, d *ast.FuncDecl) {
			skips, asks := false, strings.HasPrefix(name, "Fuzz")
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					return !property(n)
				case *ast.CallExpr:
					sel, ok := n.Fun.(*ast.SelectorExpr)
					skips = skips || ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) && len(s.ast.Imports) > 0
				case *ast.BasicLit:
					v := unquote(n)
					asks = asks || n.Kind == token.STRING && (v == "CI" || strings.HasPrefix(v, "ESTELAM_"))
				}
				return true
			})
			if skips && !asks {
				finds = append(finds, find{s.path + ":" + name, "skips without a look at CI"})
			}
		})
	}
	return finds
}

// property tells whether a function is a property of package rapid.
func property(lit *ast.FuncLit) bool {
	return slices.ContainsFunc(lit.Type.Params.List, func(f *ast.Field) bool {
		star, ok := f.Type.(*ast.StarExpr)
		if !ok {
			return false
		}
		sel, ok := star.X.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "T" && receiver(sel.X) == "rapid"
	})
}

// checkLint finds silenced linters without a reason.
func checkLint(h *tree) (finds []find) {
	for _, s := range h.sites {
		for _, group := range s.ast.Comments {
			for _, c := range group.List {
				word := strings.Fields(c.Text)
				if strings.HasPrefix(c.Text, "//nolint") || strings.HasPrefix(c.Text, "//lint:") && len(word) < 4 {
					finds = append(finds, find{s.path, fmt.Sprintf("line %d silences a linter without a reason", h.line(c.Pos()))})
				}
			}
		}
	}
	return finds
}

// checkClock finds acts that ask the machine for the time: their clock is a
// field, so that a test can move it. Doors and commands may measure.
func checkClock(h *tree) (finds []find) {
	acts := strings.Fields("ids inquiry journal persian person place agency agreement register")
	for _, s := range h.sites {
		if noun, ok := strings.CutPrefix(s.dir, "internal/"); s.test || s.dir != "receipt" && !(ok && slices.Contains(acts, noun)) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && call(c) == "time.Now" {
				finds = append(finds, find{s.path, "asks the machine for the time: the clock is a field"})
			}
			return true
		})
	}
	return finds
}
