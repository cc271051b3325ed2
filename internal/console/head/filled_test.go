package head_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/head"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

// filled is a stage whose bank has something of everything.
type filled struct {
	*consoletest.Stage
	audit, report, evaluation, reviewed int64
}

func open(t *testing.T) *filled {
	t.Helper()
	s := &filled{Stage: consoletest.New(t, head.Room())}
	s.processes()
	s.inquiries()
	s.complain()
	s.papers()
	s.comply()
	s.certify()
	return s
}

func (s *filled) today() persian.Date { return persian.DateOf(s.Now()) }

func (s *filled) processes() {
	t, ctx, c, who := s.T, s.T.Context(), &s.Config, s.Actor(consoletest.Bank, consoletest.Head)
	for code, title := range map[string]string{"deposit": "افتتاح سپرده", "loan": "پرداخت تسهیلات", "cheque": "صدور دسته‌چک"} {
		_, _, err := c.Processes.Put(ctx, c.Journal, who, &process.Entry{
			Code: code, Title: title, Documents: []string{"national-card", "shenasnameh"}, Monthly: 900, BothKeys: code == "loan",
		})
		consoletest.Must(t, err)
	}
	_, _, err := c.Processes.Turn(ctx, c.Journal, who, &process.Turning{Code: "deposit", State: process.Online, Since: s.today().AddDays(-40), Reason: "سامانه به استعلام وصل شد"})
	consoletest.Must(t, err)
	_, _, err = c.Processes.Turn(ctx, c.Journal, who, &process.Turning{Code: "cheque", State: process.Exception, Reason: "قانون صدور چک، ماده ۶"})
	consoletest.Must(t, err)
	for i, text := range []string{"فرم شماره ۱۲ هنوز رونوشت کارت ملی می‌خواهد", "دستورالعمل داخلی شعبه‌ها"} {
		_, _, err = c.Processes.PutObstacle(ctx, c.Journal, who, &process.Hindrance{Process: "loan", Text: text, Owner: "اداره کل سازمان و روش‌ها", Due: s.today().AddDays(4 + 30*i)})
		consoletest.Must(t, err)
	}
}

func (s *filled) inquiries() {
	t, ctx, c := s.T, s.T.Context(), &s.Config
	bank, err := c.Agencies.ByID(s.Legal(consoletest.Bank))
	consoletest.Must(t, err)
	officer, err := c.Agencies.Officer(bank.ID, consoletest.Officer)
	consoletest.Must(t, err)
	var code ids.TrackingCode
	for i := range 9 {
		f := inquiry.Form{
			Service: "identity", Mode: "verify", NationalNumber: consoletest.Ali, BirthDate: consoletest.Born, Officer: consoletest.Officer,
			Purpose: "account-opening", Process: "deposit", File: fmt.Sprintf("1405/%d", i), Claims: []inquiry.FormClaim{{Field: "surname", Value: "یزدانی‌فرد"}},
		}
		switch {
		case i == 6:
			f.BirthDate = "1371-01-01"
		case i == 7:
			f.Purpose = "curiosity"
		case i == 8:
			f.Mode, f.Claims, f.Fields = "disclose", nil, []string{"father_name"}
		}
		q, err := f.Parse(s.today())
		consoletest.Must(t, err)
		a, err := c.Desk.Ask(ctx, inquiry.Asker{Agency: bank, Officer: officer}, q, inquiry.Once{})
		consoletest.Must(t, err)
		if i == 0 || i == 8 {
			code = a.Code
		}
		if i == 0 {
			_, _, err := c.Audits.Dispute(ctx, c.Journal, s.Number(consoletest.Ali), a.Code, "من در این بانک حسابی ندارم")
			consoletest.Must(t, err)
		}
	}
	s.audit = 1
	_, _, err = c.Cases.Report(ctx, c.Journal, s.Actor(consoletest.Bank, consoletest.Officer), &discrepancy.Report{
		Code: code, Field: "father_name", Value: "محمدحسن", Evidence: "اصل شناسنامه را دیدم",
	})
	consoletest.Must(t, err)
	consoletest.Must(t, c.Usage.Follow(ctx))
}

func (s *filled) complain() {
	c := &s.Config
	_, _, err := c.Complaints.File(s.T.Context(), c.Journal, &complaint.Report{
		Agency: s.Legal(consoletest.Bank), Process: "deposit", Document: "national-card", Day: s.today().AddDays(-2), Province: "تهران", County: "تهران",
		Text: "در شعبه گفتند بدون رونوشت کارت ملی حساب باز نمی‌شود.",
	})
	consoletest.Must(s.T, err)
	s.report = 1
	_, _, err = c.Exceptions.Copied(s.T.Context(), s.Actor(consoletest.Bank, consoletest.Officer), &exception.Copying{
		Process: "cheque", Document: "national-card", Reason: exception.LawRequires, Law: "قانون صدور چک", Article: "ماده ۶", Reference: "بایگانی ۱۲", Until: s.today().AddDays(20),
	})
	consoletest.Must(s.T, err)
}

// papers are drafts: one that waits for the signature, one that is being
// written, and delegations in both directions.
func (s *filled) papers() {
	t, ctx, c, who := s.T, s.T.Context(), &s.Config, s.Actor(consoletest.Bank, consoletest.Head)
	text := agreement.FormOf(c.Agreements.Of(who.Agency)[0])
	for i := range text.Clauses {
		text.Clauses[i].Statement, text.Clauses[i].Risk = "برای احراز هویت مشتری", "کارمند بی‌پرونده نپرسد؛ هر ماه نمونه بررسی می‌شود"
	}
	id := c.Agreements.Of(who.Agency)[0].ID
	d, _, err := c.Agreements.Amend(ctx, c.Journal, who, id)
	consoletest.Must(t, err)
	text.From, text.Clauses[0].DailyQuota, text.Clauses[0].Hours = d.Form.From, 12000, "07:00-19:00"
	d, _, err = c.Agreements.Draft(ctx, c.Journal, who, &agreement.Drafting{Draft: d.ID, Digest: d.Digest, Text: *text})
	consoletest.Must(t, err)
	_, _, err = c.Agreements.Request(ctx, c.Journal, who, &agreement.Word{Draft: d.ID, Digest: d.Digest})
	consoletest.Must(t, err)
	_, _, err = c.Agreements.Review(ctx, c.Journal, s.Actor(consoletest.Registry, "s1"), &agreement.Word{Draft: d.ID, Digest: d.Digest})
	consoletest.Must(t, err)
	s.reviewed = d.ID
	_, _, err = c.Agreements.Amend(ctx, c.Journal, who, id)
	consoletest.Must(t, err)
	_, _, err = c.Agreements.Delegate(ctx, c.Journal, s.Actor(consoletest.Other, consoletest.Head), &agreement.Delegating{
		Delegate: who.Agency, Services: []string{"identity"}, From: s.today(), Until: s.today().AddYears(1), Reference: "نامه ۱۲ مورخ ۱۴۰۵/۰۸/۰۱",
	})
	consoletest.Must(t, err)
}

func (s *filled) comply() {
	t, ctx, c, who := s.T, s.T.Context(), &s.Config, s.Actor(consoletest.Bank, consoletest.Head)
	share := 0.6
	_, _, err := c.Compliance.Declare(ctx, c.Journal, who, &compliance.Declaration{
		Clause: "B.6b", Done: s.today(), Share: &share, Document: "نامه ۳۴", Paper: fmt.Sprintf("%064x", 7),
	})
	consoletest.Must(t, err)
	_, _, err = c.Compliance.Judge(ctx, c.Journal, s.Actor(consoletest.Administered, "i2"), &compliance.Judgement{Agency: who.Agency, Clause: "B.6b", Version: 1, Note: "سهم با شمارش نمی‌خواند"})
	consoletest.Must(t, err)
	for i, file := range []string{"own_code,postal_code\na1," + consoletest.Home + "\na2,1516763512\n", "own_code,postal_code\na1," + consoletest.Home + "\n"} {
		_, _, err = c.Compliance.Upload(ctx, c.Journal, who, &compliance.Table{Name: "branches", Declared: int64(4 - i), File: []byte(file)})
		consoletest.Must(t, err)
	}
	month := s.today()
	month.Day = 0
	e, _, err := c.Compliance.Compute(ctx, c.Journal, s.Actor(consoletest.Administered, "i2"), &compliance.Computing{Period: compliance.Period{From: month, Until: month}})
	consoletest.Must(t, err)
	s.evaluation = e.ID
	s.Hire(consoletest.Bank, "n.nik", "نیما نیک‌فر", "officer")
	o, err := c.Agencies.Officer(who.Agency, "n.nik")
	consoletest.Must(t, err)
	leaving := *o
	leaving.Until = s.today().AddDays(5)
	_, err = c.Agencies.ChangeOfficer(ctx, c.Journal, consoletest.Clerk, &leaving)
	consoletest.Must(t, err)
}

// certify gives the bank's program a certificate.
func (s *filled) certify() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	consoletest.Must(s.T, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	consoletest.Must(s.T, err)
	_, _, err = s.Config.Agencies.Enrol(s.T.Context(), s.Config.Journal, s.Actor(consoletest.Bank, consoletest.Head), s.Config.CA, &agency.Enrolment{
		Request: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})),
	})
	consoletest.Must(s.T, err)
}

// fingerprint is that of the agency's certificate.
func (s *filled) fingerprint(of ids.LegalID) string {
	c := s.Config.Agencies.Certificates(of)[0]
	return hex.EncodeToString(c.Fingerprint[:])
}
