package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
)

// branch is an invented body in a province: of the bank or of the insurer.
type branch struct {
	of       *invented
	province string // key below estelam.govern
	head     string // login; certificate and key stand beside those of the staff
	id       ids.LegalID
	states   map[string]process.State // of its processes, by code
}

// said is a text of the governed part, in Persian as registers have it.
func said(key string, args ...string) string {
	return message.Text(message.Fa, "estelam.govern."+key, args...)
}

// branches are the bodies of the pilot and how far each has come.
func (t *tour) branches() []branch {
	on, copies, by := process.Online, process.Copies, process.Exception
	all := []branch{
		{of: &t.bank, province: "khuzestan", states: map[string]process.State{"account": on, "loan": copies}},
		{of: &t.bank, province: "qom", states: map[string]process.State{"account": on, "loan": by}},
		{of: &t.bank, province: "semnan", states: map[string]process.State{"account": copies}},
		{of: &t.welfare, province: "khuzestan", states: map[string]process.State{"enrolment": on}},
		{of: &t.welfare, province: "qom", states: map[string]process.State{"enrolment": copies}},
	}
	for i := range all {
		all[i].id, all[i].head = sampleID(int64(20+i)), fmt.Sprintf("h%d", i+1)
	}
	return all
}

// govern begins the roll-out: bodies in three provinces are invited and join,
// put their processes into a catalogue, and stand in the first wave. All of it
// is done by the acts that the service has for it.
func (t *tour) govern(ctx context.Context, h *house) error {
	chief := journal.Actor{Role: register.Supervisor, Agency: staffID(agency.KindRegistry), ID: "s1"}
	all := t.branches()
	for i := range all {
		if err := t.join(ctx, h, chief, &all[i]); err != nil {
			return err
		}
		if err := catalogue(ctx, h, &all[i]); err != nil {
			return err
		}
	}
	if err := obstruct(ctx, h, &all[0], &all[1]); err != nil {
		return err
	}
	today := persian.DateOf(time.Now())
	wave, _, err := h.processes.PutWave(ctx, h.journal, chief, &process.Wave{
		Name: said("pilot"), Provinces: []string{said("khuzestan"), said("qom"), said("semnan")},
		From: today, Until: today.AddMonths(2),
	})
	if err != nil {
		return err
	}
	if err := t.progress(h, chief, wave.ID); err != nil {
		return err
	}
	return t.report(ctx, h, chief)
}

// join enters a body, invites its highest officer and joins in his place, with
// a key made where he would make it.
func (t *tour) join(ctx context.Context, h *house, chief journal.Actor, b *branch) error {
	grounds := register.Grounds{Reason: "circular", Document: "1399-06-17"}
	_, _, err := h.agencies.Enter(ctx, h.journal, chief, &agency.Entry{
		ID: b.id, Name: said("body", b.of.name, said(b.province)), Parent: b.of.id, Province: said(b.province), Grounds: grounds,
	})
	if err != nil {
		return err
	}
	invited, _, err := h.agencies.Invite(ctx, h.journal, chief, &agency.Invitation{
		Agency: b.id, Login: b.head, Name: said("head"), Until: persian.DateOf(time.Now()).AddYears(1),
	})
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return err
	}
	request := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	joined, _, err := h.agencies.Join(ctx, h.journal, h.ca, &agency.Joining{Code: invited.Code, Request: request})
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	base := filepath.Join(t.dir, "staff", b.head)
	return errors.Join(err, writePEM(base+".key", 0o600, "PRIVATE KEY", secret), os.WriteFile(base+".crt", []byte(joined.Certificate), 0o644))
}

// catalogue puts a body's processes into its catalogue, and says how far they are.
func catalogue(ctx context.Context, h *house, b *branch) error {
	who := journal.Actor{Role: agency.RoleHead, Agency: b.id, ID: b.head}
	for code, state := range b.states {
		_, _, err := h.processes.Put(ctx, h.journal, who, &process.Entry{
			Code: code, Title: said("title." + code), Documents: []string{"national-card", "shenasnameh"}, Monthly: 300,
		})
		if err != nil {
			return err
		}
		why := map[process.State]string{process.Online: "online", process.Exception: "law"}[state]
		if why == "" {
			continue
		}
		if _, _, err := h.processes.Turn(ctx, h.journal, who, &process.Turning{Code: code, State: state, Reason: said(why)}); err != nil {
			return err
		}
	}
	return nil
}

// obstruct registers what is in the way at two bodies; one of them removes it.
func obstruct(ctx context.Context, h *house, bodies ...*branch) error {
	due := persian.DateOf(time.Now()).AddDays(30)
	for i, b := range bodies {
		who := journal.Actor{Role: agency.RoleHead, Agency: b.id, ID: b.head}
		o, _, err := h.processes.PutObstacle(ctx, h.journal, who, &process.Hindrance{
			Process: "loan", Text: said("obstacle"), Owner: said("owner"), Due: due,
		})
		if err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		if _, _, err := h.processes.Remove(ctx, h.journal, who, &process.Removal{ID: o.ID, Evidence: said("removed")}); err != nil {
			return err
		}
	}
	return nil
}

// progress shows how far the wave has come.
func (t *tour) progress(h *house, chief journal.Actor, wave int64) error {
	p, err := h.processes.Progress(chief, &process.WaveOf{ID: wave})
	if err != nil {
		return err
	}
	lang := terminalLang()
	fmt.Fprintf(t.out, "%d. Copies go in waves: the first is the %s, until %s.\n", t.step+3, message.Text(lang, "estelam.govern.pilot"), p.Until)
	for _, b := range p.Bodies {
		fmt.Fprintf(t.out, "   %s   processes %d, online %d, exceptions %d   %s\n", b.Agency, b.Processes, b.Online, b.Exception, b.Name)
	}
	fmt.Fprintf(t.out, "   all           bodies %d, joined %d, with an agreement %d; processes %d, online %d\n",
		p.Total.Bodies, p.Total.Joined, p.Total.Agreement, p.Total.Processes, p.Total.Online)
	fmt.Fprintf(t.out, "   again      as i1 waves/progress wave=%d;  as h1 obstacles/list;  as h1 processes/evidence\n\n", wave)
	return nil
}
