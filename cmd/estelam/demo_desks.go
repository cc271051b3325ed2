package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
)

// Who is at work in the bank itself, besides its officer.
const (
	bankHead       = "m.modir"
	bankProgrammer = "p.barname"
)

// deskProposals is how many acts of great harm have been proposed once the desks
// are filled: what is printed to be repeated counts on from there.
const deskProposals = 3

// desks is the work that lies on the desks when somebody signs in: a little of
// everything, done by the acts that the service has for it.
type desks struct {
	*tour
	h     *house
	today persian.Date

	people []person.Person // grown-ups at home, whom no other step is about
	worn   []person.Person // likewise; their cards must be replaced
	places []place.Place   // in the municipality's area, each at an address of its own
	draw   int64           // the job of the inspector's draw
}

// How many of each are needed, and how many persons a country must have so that
// they are found in it.
const (
	deskCountry = 2000
	deskPeople  = 80
	deskWorn    = 4
	deskPlaces  = 6
)

// lay is a text of a desk, in Persian as registers have it.
func lay(key string) string { return message.Text(message.Fa, "estelam.desks."+key) }

// grounds are a reason and a paper of today.
func (d *desks) grounds(reason string) register.Grounds {
	return register.Grounds{Reason: reason, Document: d.paper()}
}

// paper is the number and day of a letter.
func (d *desks) paper() string {
	return message.Text(message.Fa, "estelam.desks.paper", d.today.String())
}

// done is what counts of an act whose outcome nobody needs.
func done[T any](_ T, _ journal.Proven, err error) error { return err }

// fill puts something on every desk.
func (t *tour) fill(ctx context.Context, h *house) error {
	begun := time.Now()
	d := &desks{tour: t, h: h, today: persian.DateOf(begun)}
	for _, step := range []func(context.Context) error{
		d.choose, d.hire, d.audit, d.letters, d.list, d.waitingList, d.doubt, d.propose, d.correct, d.cards, d.plates, d.monthly,
		d.decide, d.agree, d.complain, d.copies, d.comply, d.settle,
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("filling the desks: %w", err)
		}
	}
	fmt.Fprintf(t.out, "%d. Something lies on every desk: letters, cases, lists, cards, plates, reports, drafts and decisions.\n", t.step+5)
	fmt.Fprintf(t.out, "   took       %.1f s\n\n", time.Since(begun).Seconds())
	return nil
}

// actor is one of the staff, or somebody of the bank.
func (d *desks) actor(login string) journal.Actor {
	for _, o := range officers {
		if o.login == login {
			return journal.Actor{Role: o.role, Agency: staffID(o.kind), ID: login}
		}
	}
	role := map[string]string{bankHead: agency.RoleHead, bankProgrammer: agency.RoleProgrammer}[login]
	if role == "" {
		role = agency.RoleOfficer
	}
	return journal.Actor{Role: role, Agency: d.bank.id, ID: login}
}

// area is what the municipality answers for.
func (d *desks) area() place.Area {
	a := d.tour.town()
	return place.Area{Province: a[0], County: a[1], Locality: a[2]}
}

// choose picks the people and the places.
func (d *desks) choose(ctx context.Context) error {
	grown, skip := d.today.AddYears(-25), 2*d.persons/3 // behind those whom the questions are about
	for p := range d.tour.people.Persons() {
		if skip--; skip > 0 || p.State != person.Active || !p.Born.Precise() || p.Born.Compare(grown) > 0 || p.Father.Key == "" || p.Postal == 0 {
			continue
		}
		home, found, err := d.h.places.ByCode(ctx, p.Postal)
		if err != nil {
			return err
		}
		switch {
		case !found || home.State != place.Active:
		case p.Card.MustBeReplaced() && len(d.worn) < deskWorn:
			d.worn = append(d.worn, p)
		case len(d.people) < deskPeople:
			d.people = append(d.people, p)
		}
		if len(d.people) == deskPeople && len(d.worn) == deskWorn {
			break
		}
	}
	area, seen := d.area(), map[[3]string]bool{}
	for p := range d.tour.people.Places() {
		at := [3]string{p.Street, p.Street2, p.House}
		if p.State == place.Active && p.Province == area.Province && p.County == area.County && p.Locality == area.Locality && p.Street != "" && !seen[at] {
			seen[at], d.places = true, append(d.places, p)
		}
		if len(d.places) == deskPlaces {
			break
		}
	}
	if len(d.people) < deskPeople || len(d.worn) < deskWorn || len(d.places) < deskPlaces {
		return fault.New(fault.Invalid, "estelam.desks.few")
	}
	return nil
}

// hire gives the bank its highest officer, who has a certificate, and its
// programmer; and the bank its catalogue of processes.
func (d *desks) hire(ctx context.Context) error {
	for _, login := range []string{bankHead, bankProgrammer} {
		if _, err := d.h.agencies.AddOfficer(ctx, d.h.journal, operator(), &agency.Officer{
			Agency: d.bank.id, Login: login, Name: lay("name." + login[:1]), Role: d.actor(login).Role, Until: d.today.AddYears(1),
		}); err != nil {
			return err
		}
	}
	if _, _, err := enroll(ctx, d.h, d.bank.id, bankHead, filepath.Join(d.dir, "staff", bankHead)); err != nil {
		return err
	}
	return catalogue(ctx, d.h, &branch{
		id: d.bank.id, head: bankHead, states: map[string]process.State{"account": process.Online, "loan": process.Exception},
	})
}

// finished waits for a job and fails as it failed.
func (d *desks) finished(ctx context.Context, id int64) error {
	j, err := d.h.jobs.Wait(ctx, id)
	if err == nil && j.State != job.Done {
		err = fmt.Errorf("job %d, %s, has ended as %d: %s", id, j.Kind, j.State, j.Fault)
	}
	return err
}
