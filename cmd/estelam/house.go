package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/usage"
)

// house is everything that is open while the service runs, each part standing
// on the ones before it.
type house struct {
	release    func() // of the node's lock
	register   *store.DB
	journal    *journal.Journal
	ca         *agency.CA
	persons    *person.Book
	places     *place.Book
	agencies   *agency.Book
	accounts   *account.Book
	agreements *agreement.Book
	citizens   *citizen.Book
	complaints *complaint.Book
	processes  *process.Book
	board      *board.Book
	desk       *inquiry.Desk
	cases      *discrepancy.Book
	notices    *notice.Book
	feeds      *feed.Book
	deliveries *delivery.Book
	quality    *quality.Book
	usage      *usage.Book
	exceptions *exception.Book
	properties *property.Book
	compliance *compliance.Book
	audits     *audit.Book
	deadlines  *deadline.Book
	quarters   *quarter.Book
	jobs       *job.Queue
	mirror     *mirror.Mirror
}

// open opens the registers and the journal of a data directory as the process
// that runs the node. Only one can: fault Conflict "store.held".
func open(ctx context.Context, s site, logger *slog.Logger) (*house, error) {
	keys, err := loadKeys(s.where)
	if err != nil {
		return nil, err
	}
	release, err := store.Lock(ctx, s.url(), "node-"+s.Node)
	if err != nil {
		return nil, err
	}
	h := &house{release: release}
	if h.journal, err = journal.Open(ctx, s.journal(keys, logger)); err == nil {
		err = h.openRegisters(ctx, s)
	}
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// visit opens a data directory for one command that changes registers: as the
// node, or, while a server runs it, beside the server, which then brings what
// the command did into the log.
func visit(ctx context.Context, s site) (*house, error) {
	quiet := slog.New(slog.DiscardHandler)
	h, err := open(ctx, s, quiet)
	if !fault.Is(err, fault.Conflict) {
		return h, err
	}
	keys, err := loadKeys(s.where)
	if err != nil {
		return nil, err
	}
	h = &house{}
	if h.journal, err = journal.Attach(ctx, s.journal(keys, quiet)); err == nil {
		err = h.openRegisters(ctx, s)
	}
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (s site) journal(keys *journal.Keys, logger *slog.Logger) journal.Config {
	return journal.Config{URL: s.url(), Keys: keys, Origin: s.Origin, Node: s.Node, Logger: logger}
}

func loadKeys(w where) (*journal.Keys, error) {
	if missing(keyDir(w.Data)) {
		return nil, fault.New(fault.NotFound, "estelam.not_initialised")
	}
	return journal.LoadKeys(keyDir(w.Data))
}

func (h *house) openRegisters(ctx context.Context, s site) (err error) {
	if h.register, err = store.Open(ctx, s.url(), store.Register); err != nil {
		return err
	}
	if h.ca, err = agency.LoadCA(caDir(s.Data)); err != nil {
		return err
	}
	if h.persons, err = person.Open(ctx, h.register); err != nil {
		return err
	}
	if h.places, err = place.Open(ctx, h.register); err != nil {
		return err
	}
	h.persons.Places = h.places
	if h.agencies, err = agency.Open(ctx, h.register, time.Now); err != nil {
		return err
	}
	if h.accounts, err = account.Open(ctx, account.Config{DB: h.register, Agencies: h.agencies, KeyFile: accountKey(s.Data)}); err != nil {
		return err
	}
	if h.agreements, err = agreement.Open(ctx, h.register, time.Now); err != nil {
		return err
	}
	h.agreements.Accountable = func(id ids.LegalID) (string, bool) {
		a, err := h.agencies.ByID(id)
		if err != nil {
			return "", false
		}
		return a.Accountable, true
	}
	if h.processes, err = process.Open(ctx, process.Config{DB: h.register, Agencies: h.agencies, Agreements: h.agreements}); err != nil {
		return err
	}
	if h.citizens, err = citizen.Open(ctx, h.register, h.persons, h.agencies); err != nil {
		return err
	}
	if err = h.openBoard(ctx); err != nil {
		return err
	}
	h.desk = inquiry.Open(inquiry.Config{
		Persons: h.persons, Places: h.places, Agencies: h.agencies, Agreements: h.agreements,
		Processes: h.processes, Citizens: h.citizens, Journal: h.journal,
	})
	return h.openWork(ctx, s)
}

// openWork opens what is done later, and says who does it.
func (h *house) openWork(ctx context.Context, s site) (err error) {
	if h.cases, err = discrepancy.Open(ctx, h.register, h.persons); err != nil {
		return err
	}
	if h.notices, err = notice.Open(ctx, h.register, h.persons, h.places, h.cases); err != nil {
		return err
	}
	if h.jobs, err = job.Open(ctx, h.register); err != nil {
		return err
	}
	h.usage = usage.Open(h.register, h.journal)
	h.processes.Usage = h.usage
	h.exceptions = exception.Open(exception.Config{DB: h.register, Journal: h.journal, Agencies: h.agencies, Processes: h.processes})
	h.agencies.Warn(h.endingAgreements)
	if h.mirror, err = mirror.Open(mirror.Config{
		Dir: imageDir(s.Data), Persons: h.persons, Journal: h.journal, // on either engine the image is a file
		Register: h.register, Jobs: h.jobs, Node: s.Node,
	}); err != nil {
		return err
	}
	h.mirror.Serve()
	h.feeds = feed.Open(h.register, h.journal, h.persons, h.agreements)
	h.quality = quality.Open(h.register, h.persons, h.places, h.feeds)
	h.properties = property.Open(property.Config{
		Journal: h.journal, Persons: h.persons, Places: h.places, Agreements: h.agreements, Mirror: h.mirror,
	})
	if h.deliveries, err = delivery.Open(ctx, delivery.Config{
		DB: h.register, Journal: h.journal, Persons: h.persons, Places: h.places, Agencies: h.agencies, Agreements: h.agreements, Board: h.board,
		Mirror: h.mirror, Feeds: h.feeds, Jobs: h.jobs, Dir: deliveryDir(s.Data), Node: s.Node,
	}); err != nil {
		return err
	}
	h.audits = audit.Open(audit.Config{
		DB: h.register, Journal: h.journal, Agencies: h.agencies, Agreements: h.agreements, Persons: h.persons, Jobs: h.jobs,
	})
	h.openDeadlines()
	if h.complaints, err = complaint.Open(ctx, h.register, h.agencies, h.processes); err != nil {
		return err
	}
	h.audits.Serve()
	h.citizens.Obey(h.board)
	h.complaints.Obey(h.board)
	h.compliance = compliance.Open(h.complianceParts())
	h.quarters = quarter.Open(quarter.Config{
		DB: h.register, Journal: h.journal, Agencies: h.agencies, Agreements: h.agreements, Processes: h.processes, Usage: h.usage,
		Exceptions: h.exceptions, Complaints: h.complaints, Audits: h.audits, Board: h.board, Deadlines: h.deadlines,
	})
	h.deliveries.Serve()
	h.persons.HandleCardRuns(h.jobs, h.journal)
	h.notices.Serve(h.jobs)
	h.jobs.Handle(purgeKind(s.Node), h.purge)
	return nil
}

// complianceParts are what compliance and the evaluation stand on: every noun
// that gives figures.
func (h *house) complianceParts() compliance.Config {
	return compliance.Config{
		DB: h.register, Agencies: h.agencies, Agreements: h.agreements, Places: h.places, Quality: h.quality, Processes: h.processes,
		Usage: h.usage, Board: h.board, Sources: map[string]compliance.Source{
			"process":   compliance.Of(h.processes.Figures, h.processes.Rows),
			"complaint": compliance.Of(h.complaints.Figures, h.complaints.Rows),
			"audit":     compliance.Of(h.audits.Figures, h.audits.Rows),
		},
	}
}

// close closes what is open, the last opened first.
func (h *house) close() {
	if h.journal != nil {
		h.journal.Close()
	}
	if h.register != nil {
		_ = h.register.Close()
	}
	if h.release != nil {
		h.release()
	}
}

// operator is the actor of what is done at the command line.
func operator() journal.Actor {
	name := os.Getenv("SUDO_USER")
	if name == "" {
		name = os.Getenv("USER")
	}
	if name == "" {
		name = "operator"
	}
	return journal.Actor{Role: "operator", ID: name}
}

func keyDir(data string) string { return filepath.Join(data, "keys") }
func caDir(data string) string  { return filepath.Join(data, "ca") }

func imageDir(data string) string { return filepath.Join(data, "image") }

func deliveryDir(data string) string { return filepath.Join(data, "deliveries") }
