package house

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// clauses is every clause of the law that the product answers to; docs/law.md
// has a row for each.
var clauses = strings.Fields(`
	N.a N.b N.c N.d N.e
	C.0 C.1a C.1b C.1c C.pilot C.2a C.2b C.2c C.3 C.4
	A
	B.1 B.2 B.2n B.3 B.3n B.4 B.4n B.5 B.5n1 B.5n2 B.6a B.6b B.7 B.7n B.8 B.8n B.9 B.9n
	B.10 B.11 B.12 B.13old B.13 B.13n
`)

const stories = "cmd/estelam/testdata/stories/"

// table reads the rows of the first table of a document whose header begins
// with head, each as wide as the header.
func table(text, head string) (lines [][]string) {
	width := 0
	for line := range strings.Lines(text) {
		cell := cells(line)
		switch {
		case cell == nil && width > 0:
			return lines
		case cell == nil:
		case width == 0 && cell[0] == head:
			width = len(cell)
		case width > 0 && strings.Trim(cell[0], "-: ") != "":
			lines = append(lines, append(cell, make([]string, max(0, width-len(cell)))...))
		}
	}
	return lines
}

func cells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") || !strings.HasSuffix(line, "|") || len(line) < 2 {
		return nil
	}
	cell := strings.Split(line[1:len(line)-1], "|")
	for i := range cell {
		cell[i] = strings.TrimSpace(cell[i])
	}
	return cell
}

// items splits a cell at its commas and takes the back quotes off. What is
// open stands last and may hold commas itself.
func items(cell string) (list []string) {
	for cell != "" {
		item, rest, _ := strings.Cut(cell, ",")
		if isOpen(item) {
			return append(list, cell)
		}
		if item = strings.Trim(strings.TrimSpace(item), "`"); item != "" {
			list = append(list, item)
		}
		cell = strings.TrimSpace(rest)
	}
	return list
}

func isOpen(item string) bool { return item == "open" || strings.HasPrefix(item, "open: ") }

// readLaw gives docs/law.md clause by clause, and the clauses that are open:
// those whose story cell says so, alone or beside a story.
func readLaw(h *tree) (law map[string][][]string, open []string) {
	law = map[string][][]string{}
	for _, row := range table(h.text("docs/law.md"), "clause") {
		for _, id := range items(row[0]) {
			law[id] = append(law[id], row)
			if slices.ContainsFunc(items(row[5]), isOpen) {
				open = append(open, id)
			}
		}
	}
	return law, open
}

// checkLaw finds clauses without a row, rows without a story that exists, and
// code that a row points to and is not there.
func checkLaw(h *tree) (finds []find) {
	law, _ := readLaw(h)
	for _, id := range clauses {
		if n := len(law[id]); n != 1 {
			finds = append(finds, find{"docs/law.md:" + id, fmt.Sprintf("%d rows, want one", n)})
		}
	}
	for id, rows := range law {
		add := func(what string) { finds = append(finds, find{"docs/law.md:" + id, what}) }
		if !slices.Contains(clauses, id) {
			add("is no clause of the law")
		}
		row := rows[0]
		told := 0
		for _, item := range items(row[5]) {
			if isOpen(item) {
				continue
			}
			told++
			if !strings.HasSuffix(item, ".txt") || !h.exists(stories+item) {
				add("the story " + item + " does not exist")
			}
		}
		if len(items(row[5])) == 0 {
			add("names no story and does not say open")
		}
		if told == 0 {
			continue // where and how are plans
		}
		for _, place := range quotedPaths(row[4]) {
			if !h.exists(place) {
				add(place + " does not exist")
			}
		}
		if len(quotedPaths(row[4])) == 0 || row[3] == "" {
			add("does not say what does it and where")
		}
	}
	return finds
}

var backed = regexp.MustCompile("`([a-z][a-z0-9_./-]*)`")

func quotedPaths(cell string) (list []string) {
	for _, m := range backed.FindAllStringSubmatch(cell, -1) {
		list = append(list, m[1])
	}
	return list
}

// checkPromises finds promises without a row, and tests that do not exist; those
// of the pages too.
func checkPromises(h *tree) (finds []find) {
	have := map[string]int{}
	for _, row := range table(h.text("docs/promises.md"), "no") {
		have[row[0]]++
		finds = append(finds, checkTests(h, "docs/promises.md:"+row[0], row[len(row)-1])...)
	}
	for i := 1; i <= 18; i++ {
		if id := "P" + strconv.Itoa(i); have[id] != 1 {
			finds = append(finds, find{"docs/promises.md:" + id, fmt.Sprintf("%d rows, want one", have[id])})
		}
	}
	for _, row := range table(h.text("docs/console.md"), "promise") {
		finds = append(finds, checkTests(h, "docs/console.md:"+row[0], row[len(row)-1])...)
	}
	return finds
}

// checkThreats does the same for the threats.
func checkThreats(h *tree) (finds []find) {
	rows := table(h.text("docs/threats.md"), "threat")
	for _, row := range rows {
		finds = append(finds, checkTests(h, "docs/threats.md:"+row[0], row[len(row)-1])...)
		if row[1] == "" {
			finds = append(finds, find{"docs/threats.md:" + row[0], "has no control"})
		}
	}
	if len(rows) == 0 {
		finds = append(finds, find{"docs/threats.md", "lists no threat"})
	}
	return finds
}

// checkTests looks up each file:TestName of a cell.
func checkTests(h *tree, where, cell string) (finds []find) {
	list := items(cell)
	if len(list) == 0 {
		finds = append(finds, find{where, "names no test and does not say open"})
	}
	for _, item := range list {
		if isOpen(item) {
			continue
		}
		file, name, _ := strings.Cut(item, ":")
		if !h.hasTest(file, name) {
			finds = append(finds, find{where, "the test " + item + " does not exist"})
		}
	}
	return finds
}

func (h *tree) hasTest(file, name string) (found bool) {
	for _, s := range h.sites {
		if s.path == file && s.test {
			s.functions(func(fn string, d *ast.FuncDecl) {
				found = found || fn == name && d.Recv == nil && regexp.MustCompile(`^(Test|Fuzz|Benchmark)`).MatchString(fn)
			})
		}
	}
	return found
}

// checkWords finds words that stand twice or lack a side, and identifiers that
// are declared nowhere.
func checkWords(h *tree) (finds []find) {
	declared := h.declared()
	seen := map[string]bool{}
	rows := table(h.text("docs/words.md"), "واژه")
	for _, row := range rows {
		add := func(what string) { finds = append(finds, find{"docs/words.md:" + row[1], what}) }
		if seen[row[0]] || seen[row[1]] {
			add("stands twice")
		}
		seen[row[0]], seen[row[1]] = true, true
		if !hasPersian(row[0]) || row[1] == "" || row[2] == "" {
			add("lacks a word")
		}
		for _, id := range items(row[2]) {
			if !isOpen(id) && !declared[id] {
				add("the identifier " + id + " is declared nowhere")
			}
		}
	}
	if len(rows) == 0 {
		finds = append(finds, find{"docs/words.md", "lists no word"})
	}
	return finds
}

// declared is every exported name of a package: "person.Person", and
// "person.Person.Born" for fields and methods.
func (h *tree) declared() map[string]bool {
	all := map[string]bool{}
	for _, s := range h.sites {
		if s.test {
			continue
		}
		pkg := s.ast.Name.Name
		all[pkg] = true
		for _, d := range s.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				name := fn.Name.Name
				if fn.Recv != nil {
					name = receiver(fn.Recv.List[0].Type) + "." + name
				}
				all[pkg+"."+name] = true
			}
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				all[pkg+"."+n.Name.Name] = true
				if st, ok := n.Type.(*ast.StructType); ok {
					for _, f := range st.Fields.List {
						for _, name := range f.Names {
							all[pkg+"."+n.Name.Name+"."+name.Name] = true
						}
					}
				}
			case *ast.ValueSpec:
				for _, name := range n.Names {
					all[pkg+"."+name.Name] = true
				}
			}
			return true
		})
	}
	return all
}

var decision = regexp.MustCompile(`^docs/decisions/(\d{4})-[a-z0-9-]+\.md$`)

// checkDecisions finds decisions that are not in Nygard's form, and numbers
// that stand twice or leave a gap.
func checkDecisions(h *tree) (finds []find) {
	var numbers []string
	for _, p := range h.paths {
		m := decision.FindStringSubmatch(p)
		if m == nil {
			if path.Dir(p) == "docs/decisions" {
				finds = append(finds, find{p, "is not named NNNN-words.md"})
			}
			continue
		}
		numbers = append(numbers, m[1])
		for _, part := range []string{"\n## Status\n", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"} {
			if !strings.Contains(h.text(p), part) {
				finds = append(finds, find{p, "lacks " + strings.TrimSpace(part)})
			}
		}
	}
	return append(finds, inSequence("docs/decisions", numbers)...)
}

// inSequence finds numbers that stand twice and gaps, from 0001 on.
func inSequence(where string, numbers []string) (finds []find) {
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := fmt.Sprintf("%04d", i+1); n != want {
			return []find{{where, "number " + n + " stands where " + want + " belongs"}}
		}
	}
	return nil
}

var (
	migration = regexp.MustCompile(`^internal/store/migrations/([a-z]+)/(\d{4})_[a-z0-9_]+\.sql$`)
	schema    = regexp.MustCompile(`^internal/store/schema/[a-z]+\.sql$`) // the whole, as the migrations make it
	create    = regexp.MustCompile(`(?i)^CREATE TABLE`)
	column    = regexp.MustCompile(`^\s+[a-z_]+\s+[A-Z0-9]+`)
)

// checkMigrations finds migrations that are not numbered once and in order,
// and columns without a comment.
func checkMigrations(h *tree) (finds []find) {
	numbers := map[string][]string{}
	for _, p := range h.paths {
		m := migration.FindStringSubmatch(p)
		if m == nil {
			if strings.HasSuffix(p, ".sql") && !schema.MatchString(p) && !strings.Contains(p, "testdata/") {
				finds = append(finds, find{p, "is no migration NNNN_words.sql of a database"})
			}
			continue
		}
		numbers[m[1]] = append(numbers[m[1]], m[2])
		finds = append(finds, checkColumns(p, h.text(p))...)
	}
	for db, list := range numbers {
		finds = append(finds, inSequence("internal/store/migrations/"+db, list)...)
	}
	return finds
}

func checkColumns(p, text string) (finds []find) {
	inside, n := false, 0
	for line := range strings.Lines(text) {
		n++
		switch {
		case create.MatchString(line):
			inside = true
		case strings.HasPrefix(line, ")"):
			inside = false
		case inside && column.MatchString(line) && !strings.Contains(line, "--"):
			finds = append(finds, find{p, fmt.Sprintf("the column of line %d has no comment", n)})
		}
	}
	return finds
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// checkLinks finds relative links of documents to files or lines that are not
// there.
func checkLinks(h *tree) (finds []find) {
	for _, p := range h.paths {
		if path.Ext(p) != ".md" || strings.Contains(p, "testdata/") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(h.text(p), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") || target == "" {
				continue
			}
			file := path.Join(path.Dir(p), target)
			if strings.HasPrefix(file, "..") || !h.exists(file) {
				finds = append(finds, find{p, "links to " + m[1] + ", which is not there"})
			} else if n, ok := strings.CutPrefix(anchor, "L"); ok && !h.hasLine(file, n) {
				finds = append(finds, find{p, "links to " + m[1] + ": no such line"})
			}
		}
	}
	return finds
}

func (h *tree) hasLine(file, n string) bool {
	first, _, _ := strings.Cut(n, "-")
	k, err := strconv.Atoi(first)
	return err == nil && k >= 1 && k <= strings.Count(h.text(file), "\n")
}

// checkPictures finds pictures that no document shows.
func checkPictures(h *tree) (finds []find) {
	shown := map[string]bool{}
	for _, p := range h.paths {
		if path.Ext(p) == ".md" {
			for _, m := range link.FindAllStringSubmatch(h.text(p), -1) {
				shown[path.Join(path.Dir(p), m[1])] = true
			}
		}
	}
	for _, p := range h.paths {
		if strings.HasPrefix(p, "docs/screens/") && !shown[p] {
			finds = append(finds, find{p, "is shown nowhere"})
		}
	}
	return finds
}

var mentioned = regexp.MustCompile(`[\w./-]*\w\.md\b`)

// checkMentions finds documents that comments, schemas and documents name and
// that are not in the repository.
func checkMentions(h *tree) (finds []find) {
	look := func(p, text string) {
		for _, m := range mentioned.FindAllString(text, -1) {
			if !h.exists(path.Join("docs", m)) && !h.exists(path.Join(path.Dir(p), m)) && !h.exists(path.Clean(m)) {
				finds = append(finds, find{p, "speaks of " + m + ", which is not here"})
			}
		}
	}
	for _, s := range h.sites {
		if s.dir == "internal/house" {
			continue // its samples name documents that are not there
		}
		for _, group := range s.ast.Comments {
			look(s.path, group.Text())
		}
	}
	for _, p := range h.paths {
		if ext := path.Ext(p); (ext == ".md" || ext == ".sql" || ext == ".yaml") && !strings.Contains(p, "testdata/") {
			look(p, fenced.ReplaceAllString(webLink.ReplaceAllString(link.ReplaceAllString(h.text(p), "]"), ""), ""))
		}
	}
	return finds
}

var webLink = regexp.MustCompile(`https?://\S+`)
