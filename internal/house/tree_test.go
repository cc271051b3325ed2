package house

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// tree is the repository, read once: every path, and every Go file parsed.
type tree struct {
	fs     fs.FS
	module string
	mods   []string // modules that go.mod requires
	paths  []string
	set    *token.FileSet
	sites  []*site // Go files
}

// site is one Go file.
type site struct {
	path  string // internal/person/rows.go
	dir   string // internal/person
	test  bool
	lines int
	ast   *ast.File
}

// find is one breach of a rule. where is what an exception names.
type find struct{ where, what string }

func (f find) String() string { return f.where + ": " + f.what }

var house = sync.OnceValues(func() (*tree, error) { return load(os.DirFS("../..")) })

func whole(t *testing.T) *tree {
	t.Helper()
	h, err := house()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func load(fsys fs.FS) (*tree, error) {
	h := &tree{fs: fsys, set: token.NewFileSet()}
	if err := h.readModule(); err != nil {
		return nil, err
	}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return h.enter(p, d.Name())
		}
		h.paths = append(h.paths, p)
		if strings.HasSuffix(p, ".go") && !strings.Contains(p, "testdata/") {
			return h.parse(p)
		}
		return nil
	})
	return h, err
}

// enter skips what is not ours and modules that stand on their own.
func (h *tree) enter(p, name string) error {
	if p == "." {
		return nil
	}
	if name == ".git" || name == "node_modules" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(h.fs, path.Join(p, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func (h *tree) parse(p string) error {
	data, err := fs.ReadFile(h.fs, p)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(h.set, p, data, parser.ParseComments)
	if err != nil {
		return err
	}
	h.sites = append(h.sites, &site{
		path: p, dir: path.Dir(p), test: strings.HasSuffix(p, "_test.go"),
		lines: bytes.Count(data, []byte("\n")), ast: f,
	})
	return nil
}

func (h *tree) readModule() error {
	data, err := fs.ReadFile(h.fs, "go.mod")
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		word := strings.Fields(lines.Text())
		switch {
		case len(word) == 2 && word[0] == "module":
			h.module = word[1]
		case len(word) >= 2 && strings.HasPrefix(word[1], "v"):
			h.mods = append(h.mods, word[0])
		}
	}
	if h.module == "" {
		return fmt.Errorf("go.mod names no module")
	}
	return lines.Err()
}

// text reads a file that must be there.
func (h *tree) text(p string) string {
	data, err := fs.ReadFile(h.fs, p)
	if err != nil {
		return ""
	}
	return string(data)
}

func (h *tree) exists(p string) bool {
	_, err := fs.Stat(h.fs, p)
	return err == nil
}

// line is the line of a position.
func (h *tree) line(p token.Pos) int { return h.set.Position(p).Line }

// imports lists what a file imports: packages of the module as directories
// (ours), others as they are.
func (h *tree) imports(s *site) (ours, others []string) {
	for _, spec := range s.ast.Imports {
		p := unquote(spec.Path)
		if dir, ok := strings.CutPrefix(p, h.module+"/"); ok {
			ours = append(ours, dir)
		} else {
			others = append(others, p)
		}
	}
	return ours, others
}

// literals calls f for each string or character literal that is not an import.
func (s *site) literals(f func(lit *ast.BasicLit, value string)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING || n.Kind == token.CHAR {
				f(n, unquote(n))
			}
		}
		return true
	})
}

// functions calls f for each function that has a body, methods included.
func (s *site) functions(f func(name string, d *ast.FuncDecl)) {
	for _, d := range s.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			name := fn.Name.Name
			if fn.Recv != nil {
				name = receiver(fn.Recv.List[0].Type) + "." + name
			}
			f(name, fn)
		}
	}
}

// types calls f for each declared type.
func (s *site) types(f func(spec *ast.TypeSpec)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			f(spec)
		}
		return true
	})
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// call names a call of another package's function: "fault.New".
func call(c *ast.CallExpr) string {
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok {
			return x.Name + "." + sel.Sel.Name
		}
		return "." + sel.Sel.Name
	}
	return ""
}

// uses tells whether product code outside the declaring package names it: "receipt.Inquiry".
func (h *tree) uses(name string) (used bool) {
	for _, s := range h.sites {
		if s.test || used {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name+"."+sel.Sel.Name == name {
					used = true
				}
			}
			return !used
		})
	}
	return used
}

func unquote(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return lit.Value
	}
	return s
}
