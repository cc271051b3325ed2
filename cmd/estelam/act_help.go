package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/estelam/estelam/internal/api"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// help is the help of every command; of an act that is named it tells what
// openapi.yaml says of it instead.
func help(options kong.HelpOptions, k *kong.Context) error {
	for _, p := range k.Path {
		if p.Positional == nil || p.Positional.Name != "name" || k.Selected() == nil || k.Selected().Name != "act" {
			continue
		}
		name, _ := k.Value(p).Interface().(string)
		if m, ok := api.ManualOf(name); ok {
			showManual(k.Stdout, m)
			return nil
		}
		if listActs(k.Stdout, name+"/") {
			return nil
		}
	}
	return kong.DefaultHelpPrinter(options, k)
}

// listActs lists the acts whose names begin so, and says whether there are any.
func listActs(w io.Writer, prefix string) bool {
	var those []api.Operation
	width := 0
	for _, o := range api.Operations() {
		if !strings.HasPrefix(o.Name, prefix) {
			continue
		}
		if o.Method != http.MethodPost { // a file or a feed, for programs
			o.Name = o.Method + " /v1/" + o.Name
		}
		width = max(width, len(o.Name))
		those = append(those, o)
	}
	for _, o := range those {
		fmt.Fprintf(w, "%-*s  %s\n", width, o.Name, inTerminalLang(o.Summary))
	}
	if len(those) > 0 {
		fmt.Fprintln(w, `"estelam act NAME --help" tells the members of one`)
	}
	return len(those) > 0
}

// showManual tells the members of an act's input.
func showManual(w io.Writer, m *api.Manual) {
	fmt.Fprintf(w, "estelam act %s: %s\n", m.Name, inTerminalLang(m.Summary))
	if len(m.Roles) > 0 {
		fmt.Fprintf(w, "For: %s.\n", strings.Join(m.Roles, ", "))
	}
	for line := range strings.Lines(m.About) {
		if strings.TrimSpace(line) != "" && isPersian(line) == (terminalLang() == message.Fa) {
			fmt.Fprintln(w, strings.TrimRight(line, "\n"))
		}
	}
	if len(m.Members) == 0 {
		fmt.Fprintln(w, "\nIt takes no members.")
		return
	}
	fmt.Fprintln(w, "\nMembers, * must be given:")
	width := 0
	for _, one := range m.Members {
		width = max(width, len(one.Path))
	}
	for _, one := range m.Members {
		must, form := " ", one.Form
		if one.Must {
			must = "*"
		}
		if one.Many && form != "" {
			form += ", may stand several times"
		} else if one.Many {
			form = "a list: its first item is ….0, its second ….1"
		}
		line := fmt.Sprintf("%s %-*s  %s", must, width, one.Path, form)
		if about := inTerminalLang(one.About); about != "" {
			line += ": " + about
		}
		fmt.Fprintln(w, strings.TrimSuffix(strings.Replace(line, "  : ", "  ", 1), "\n"))
	}
	fmt.Fprintln(w, `
As member=value; "estelam act --help" says how others are written.`)
}

// inTerminalLang is the half of "Persian — English" that the terminal's
// language asks for.
func inTerminalLang(s string) string {
	for _, sep := range []string{" — ", "\n"} {
		fa, en, ok := strings.Cut(strings.TrimSpace(s), sep)
		if !ok || !strings.ContainsFunc(fa, persianLetter) || strings.ContainsFunc(en, persianLetter) {
			continue
		}
		if terminalLang() == message.Fa {
			return fa
		}
		return en
	}
	return s
}

func persianLetter(r rune) bool { return r >= 0x0600 && r <= 0x06ff }

// isPersian reports whether a text is in Persian; it may hold code words.
func isPersian(s string) bool {
	persian, latin := 0, 0
	for _, r := range s {
		switch {
		case persianLetter(r):
			persian++
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
			latin++
		}
	}
	return 2*persian > latin
}

// unknownAct lists the acts of a noun, or refuses a name that is nothing.
func unknownAct(w io.Writer, name string) error {
	if listActs(w, strings.TrimSuffix(name, "/")+"/") {
		return nil
	}
	return fault.New(fault.Invalid, "estelam.act.unknown")
}
