// Command estelam is the whole service in one binary: the registry's server,
// the agency's client, the verifier that anyone can run, and the bench.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are what a command reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// commands is the command line, in the order in which a newcomer meets it.
type commands struct {
	Demo    demoCmd    `cmd:"" help:"Show the whole thing: a synthetic country, a server, real inquiries. Stays up."`
	Init    initCmd    `cmd:"" help:"Make a data directory: keys, certificate authority, empty registers."`
	Serve   serveCmd   `cmd:"" help:"Run the service: API over mTLS, public pages, the log."`
	Migrate migrateCmd `cmd:"" help:"Bring the tables to this version."`
	Synth   synthCmd   `cmd:"" help:"Make a synthetic population, as CSV or straight into the registers."`
	Dirty   dirtyCmd   `cmd:"" help:"Make what an agency might hand in about a synthetic population, with mistakes, and the truth."`
	Import  importCmd  `cmd:"" help:"Import persons, places, registry offices or births from CSV, with a report row by row."`
	Image   imageCmd   `cmd:"" help:"The register's image, against which files are linked: build, show, verify."`
	Link    linkCmd    `cmd:"" help:"Link a file of persons against the register: a number and a status for each row."`
	Measure measureCmd `cmd:"" help:"Count offline in how many rows of a list national number and postal code are well-formed."`
	Agency  agencyCmd  `cmd:"" help:"Agencies: register, officers, certificates, agreements."`
	Account accountCmd `cmd:"" help:"How officers sign in to the console: activation codes, resets, sessions."`
	Act     actCmd     `cmd:"" help:"Do something on the registers as an officer, or read there, and keep the receipt."`
	Inquire inquireCmd `cmd:"" help:"Ask one question as an agency and keep the receipt."`
	Ticket  ticketCmd  `cmd:"" help:"Outage tickets: a signed provisional code while the service cannot be reached, settled by a real inquiry."`
	Verify  verifyCmd  `cmd:"" help:"Verify a receipt offline."`
	Check   checkCmd   `cmd:"" help:"Check a tracking code with the service."`
	Package packageCmd `cmd:"" help:"The agency's side of a delivery: its key, its file, its encrypted package."`
	Purge   purgeCmd   `cmd:"" help:"Remove records of the journal after their retention; codes and receipts stay genuine."`
	Fsck    fsckCmd    `cmd:"" help:"Read the whole journal and find every altered byte."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine: inquiries, batches, journal, look-ups, births, numbers."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// where is what every command that needs the data takes.
type where struct {
	Data     string `short:"d" default:"estelam-data" env:"ESTELAM_DATA" help:"Directory of keys and, on the embedded engine, of the registers." type:"path"`
	Database string `env:"ESTELAM_DATABASE" help:"PostgreSQL URL; empty: embedded SQLite in the data directory."`
}

func (w where) url() string {
	if w.Database != "" {
		return w.Database
	}
	return w.Data
}

// site is what every command takes that runs the node or stands beside it. All
// must agree, and the first of them begins the log: set both in the environment.
type site struct {
	where  `embed:""`
	Origin string `env:"ESTELAM_ORIGIN" help:"Public name of the log, such as log.example.ir/estelam; without it the log keeps its name, and a first one is named estelam.example/log, for tests."`
	Node   string `default:"n1" env:"ESTELAM_NODE" help:"Name of the node."`
}

// siteIn is a data directory with everything else as it is by default.
func siteIn(dir string) site { return site{where: where{Data: dir}, Node: "n1"} }

// run parses args, runs one command and gives the exit code: 0 done, 1 our
// mistake, 2 bad input, and more as package fault lists them.
func run(ctx context.Context, args []string, io streams) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("estelam"),
		kong.Description("The national identity-inquiry service: ask, get an answer, a tracking code and a receipt that anyone can verify."),
		kong.UsageOnError(),
		kong.Help(help),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(io.out, io.err),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(io),
	)
	if err != nil {
		fmt.Fprintln(io.err, "estelam:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintf(io.err, "estelam: %v (estelam --help)\n", err)
		return 2
	}
	if err := k.Run(); err != nil {
		return report(io.err, err)
	}
	return 0
}

// report prints one line for a person, in the language of the terminal, and
// gives the exit code. Further mistakes of the same input follow, a line each.
func report(w io.Writer, err error) int {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w, "estelam: interrupted")
		return 130
	}
	var quiet exitCode
	if errors.As(err, &quiet) {
		return int(quiet)
	}
	f := fault.Of(err)
	lang := terminalLang()
	for _, e := range append([]*fault.Error{f}, f.More...) {
		text := message.Text(lang, e.Key, e.Args...)
		if e.Kind == fault.Internal {
			text = strings.TrimPrefix(err.Error(), "internal: ") // the operator is the one who reads it
		}
		if e.Field != "" {
			text = e.Field + ": " + text
		}
		fmt.Fprintln(w, "estelam:", text)
	}
	return f.Kind.Exit()
}

// exitCode ends a command that has already said everything.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// terminalLang is Persian where the locale asks for it.
func terminalLang() message.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "fa") {
				return message.Fa
			}
			return message.En
		}
	}
	return message.En
}
