package house

import (
	"fmt"
	"slices"
	"strings"
)

// storeys lists every package, from the roof to the ground, one storey a line.
// A package imports from lower lines only.
const storeys = `
cmd/estelam
internal/api  internal/console
internal/console/board  internal/console/head  internal/console/public  internal/console/account  internal/console/officer  internal/console/office  internal/console/registry  internal/console/post
internal/console/page
internal/quarter
internal/deadline
internal/compliance
internal/audit  internal/exception  internal/complaint
internal/property  internal/quality
internal/delivery
internal/feed
internal/inquiry  internal/synth  internal/notice
internal/mirror
internal/discrepancy
internal/process  internal/citizen  internal/account
internal/person  internal/agency  internal/agreement
internal/board
internal/place
internal/register
internal/job  internal/usage
internal/journal
internal/letter  internal/linkage  internal/sheet
internal/ids  internal/store  client
internal/persian  receipt  signature
internal/fault  internal/message
`

// beside lists the imports within one storey that are allowed, "a → b" each.
const beside = ``

// inTests lists the packages that only test files may import.
const inTests = `
internal/board/boardtest  internal/console/consoletest  internal/durable  internal/house  internal/house/tally  internal/store/storetest
`

// libraries lists who may import which module of others. Modules that stand
// in go.mod and not here are for test files only.
const libraries = `
filippo.io/age                            internal/delivery
github.com/alecthomas/kong                cmd/estelam
github.com/alexedwards/scs/v2             internal/console/page
github.com/chromedp/chromedp              internal/console/consoletest
github.com/coreos/go-oidc/v3              internal/account
github.com/dunglas/httpsfv                signature
github.com/go-json-experiment/json        internal/api
github.com/go-text/typesetting            internal/letter
github.com/go-webauthn/webauthn           internal/account
github.com/jackc/pgx/v5                   internal/store internal/store/storetest
github.com/klauspost/compress             internal/delivery internal/sheet
github.com/parquet-go/parquet-go          internal/sheet
github.com/pressly/goose/v3               internal/store
github.com/prometheus/client_golang       internal/api
github.com/skip2/go-qrcode                internal/console/page internal/letter
github.com/swaggest/swgui                 internal/api
golang.org/x/crypto                       internal/agency
golang.org/x/mod                          client cmd/estelam internal/delivery internal/journal receipt
golang.org/x/oauth2                       internal/account
golang.org/x/text                         internal/persian
golang.org/x/time                         internal/api internal/console/page
modernc.org/sqlite                        internal/store
zombiezen.com/go/sqlite                   internal/store
`

// plan is the tables above, read.
type plan struct {
	storey    map[string]int  // 0 is the roof
	beside    map[string]bool // "a → b"
	inTests   map[string]bool
	libraries map[string][]string
}

func readPlan(storeys, beside, inTests, libraries string) *plan {
	p := &plan{storey: map[string]int{}, beside: map[string]bool{}, inTests: map[string]bool{}, libraries: map[string][]string{}}
	for i, line := range rows(storeys) {
		for _, pkg := range strings.Fields(line) {
			p.storey[pkg] = i
		}
	}
	for _, line := range rows(beside) {
		if line != "" {
			p.beside[line] = true
		}
	}
	for _, pkg := range strings.Fields(inTests) {
		p.inTests[pkg] = true
	}
	for _, line := range rows(libraries) {
		word := strings.Fields(line)
		p.libraries[word[0]] = word[1:]
	}
	return p
}

func rows(table string) []string {
	return strings.Split(strings.TrimSpace(table), "\n")
}

// checkStoreys finds packages without a line, lines without a package, and
// imports that go up or sideways. Test files may import what they need.
func (p *plan) checkStoreys(h *tree) (finds []find) {
	seen, used := map[string]bool{}, map[string]bool{}
	for _, s := range h.sites {
		if !seen[s.dir] && !p.known(s.dir) {
			finds = append(finds, find{s.dir, "has no line in storeys"})
		}
		seen[s.dir] = true
		if s.test {
			continue
		}
		ours, _ := h.imports(s)
		for _, o := range ours {
			edge := s.dir + " → " + o
			used[edge] = true
			if why := p.forbids(s.dir, o); why != "" {
				finds = append(finds, find{s.path, "imports " + o + ": " + why})
			}
		}
	}
	for pkg := range p.inTests {
		if !seen[pkg] {
			finds = append(finds, find{pkg, "has a line in inTests and no file"})
		}
	}
	for pkg := range p.storey {
		if !seen[pkg] {
			finds = append(finds, find{pkg, "has a line in storeys and no file"})
		}
	}
	for edge := range p.beside {
		if !used[edge] {
			finds = append(finds, find{edge, "is allowed and not used"})
		}
	}
	return finds
}

func (p *plan) known(pkg string) bool {
	_, ok := p.storey[pkg]
	return ok || p.inTests[pkg]
}

// forbids says why from must not import to, or nothing.
func (p *plan) forbids(from, to string) string {
	switch {
	case p.inTests[from]:
		return ""
	case p.inTests[to]:
		return "only test files may"
	case public(from) && !public(to):
		return "a public package imports public ones only"
	case p.storey[to] < p.storey[from]:
		return "that is upwards"
	case p.storey[to] == p.storey[from] && from != to && !p.beside[from+" → "+to]:
		return "that is sideways"
	}
	return ""
}

func public(pkg string) bool {
	return !strings.HasPrefix(pkg, "internal/") && !strings.HasPrefix(pkg, "cmd/")
}

// checkLibraries finds product code that imports a module it has no line for,
// and lines that nothing needs.
func (p *plan) checkLibraries(h *tree) (finds []find) {
	used := map[string]bool{}
	for _, s := range h.sites {
		if s.test {
			continue
		}
		_, others := h.imports(s)
		for _, o := range others {
			mod := h.moduleOf(o)
			if mod == "" {
				continue // the standard library
			}
			used[mod+" "+s.dir] = true
			if !slices.Contains(p.libraries[mod], s.dir) {
				finds = append(finds, find{s.path, fmt.Sprintf("imports %s without a line in libraries", o)})
			}
		}
	}
	for mod, pkgs := range p.libraries {
		for _, pkg := range pkgs {
			if !used[mod+" "+pkg] {
				finds = append(finds, find{mod, "is allowed to " + pkg + " and not used there"})
			}
		}
	}
	return finds
}

// moduleOf is the module of an import path: the longest one in go.mod, the
// first part if there is none, nothing for the standard library.
func (h *tree) moduleOf(p string) string {
	first, _, _ := strings.Cut(p, "/")
	if !strings.Contains(first, ".") {
		return ""
	}
	best := first
	for _, m := range h.mods {
		if (p == m || strings.HasPrefix(p, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	return best
}
