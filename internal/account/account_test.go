package account

import (
	"context"
	"encoding/base32"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	bank     = ids.LegalID(14003552272)
	other    = ids.LegalID(10720172838)
	password = "یک گذرواژه بلند"
	site     = "استعلام"
)

var (
	ctx      = context.Background()
	operator = journal.Actor{Role: register.Operator, ID: "tester"}
	head     = journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "head"}
)

// town is an agency with officers, and their accounts.
type town struct {
	*testing.T
	url      string
	db       *store.DB
	journal  *journal.Journal
	agencies *agency.Book
	accounts *Book

	mu  sync.Mutex
	now time.Time
}

func (o *town) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *town) later(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func open(t *testing.T, url string) *town {
	t.Helper()
	o := &town{T: t, url: url, now: time.Now()}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	o.must(err)
	o.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	o.must(err)
	t.Cleanup(o.journal.Close)
	o.db, err = store.Open(ctx, url, store.Register)
	o.must(err)
	t.Cleanup(func() { _ = o.db.Close() })
	o.agencies, err = agency.Open(ctx, o.db, o.clock)
	o.must(err)
	for _, id := range []ids.LegalID{bank, other} {
		_, err = o.agencies.Register(ctx, o.journal, operator, &agency.Agency{ID: id, Name: "بانک"})
		o.must(err)
	}
	o.add(bank, "head", agency.RoleHead)
	o.add(bank, "o.one", agency.RoleOfficer)
	o.add(bank, "o.two", agency.RoleOfficer)
	o.add(other, "head", agency.RoleHead)
	o.accounts = o.book()
	return o
}

// book opens the accounts anew, as a restart does.
func (o *town) book() *Book {
	o.Helper()
	b, err := Open(ctx, Config{DB: o.db, Agencies: o.agencies, KeyFile: filepath.Join(o.TempDir(), "account.key"), Clock: o.clock})
	o.must(err)
	o.must(b.At("http://localhost:8080", site))
	return b
}

func (o *town) add(of ids.LegalID, login, role string) {
	o.Helper()
	_, err := o.agencies.AddOfficer(ctx, o.journal, operator, &agency.Officer{
		Agency: of, Login: login, Name: "نام", Role: role, Until: persian.DateOf(o.now).AddDays(300),
	})
	o.must(err)
}

func (o *town) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *town) refused(err error, kind fault.Kind, key string) {
	o.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		o.Errorf("got %v, want %v %s", err, kind, key)
	}
}

// signed is an officer at a step of a sign-in of now.
func (o *town) signed(w Who, step Step) *Signed {
	o.Helper()
	a, officer, err := o.accounts.find(w)
	o.must(err)
	return &Signed{Agency: a, Officer: officer, Step: step, Method: ByPassword, Since: o.clock()}
}

// activated gives the officer his password.
func (o *town) activated(w Who) {
	o.Helper()
	in, _, err := o.accounts.Invite(ctx, o.journal, operator, w)
	o.must(err)
	_, _, err = o.accounts.Activate(ctx, o.journal, in.Code, password)
	o.must(err)
}

// authenticator is what an officer has in his pocket.
type authenticator struct {
	*town
	secret []byte
}

func (a *authenticator) code() string { return a.codeAt(0) }

func (a *authenticator) codeAt(steps int64) string {
	n := codeAt(a.secret, stepAt(a.clock())+steps, digits)
	text := make([]byte, digits)
	for i := range text {
		text[digits-1-i] = '0' + byte(n%10)
		n /= 10
	}
	return string(text)
}

// wrong is a code that no step around now has.
func (a *authenticator) wrong() string {
	for n := range 1000 {
		text := persian.ASCII(persian.Number(int64(n)))
		text = strings.Repeat("0", digits-len(text)) + text
		if text != a.codeAt(-1) && text != a.codeAt(0) && text != a.codeAt(1) {
			return text
		}
	}
	a.Fatal("no wrong code")
	return ""
}

// enrolled sets an authenticator as an officer does it who has a password only.
func (o *town) enrolled(w Who) (*authenticator, []string) {
	o.Helper()
	s := o.signed(w, NeedsFactor)
	offer := o.accounts.NewAuthenticator(s, site)
	u, err := url.Parse(offer.URI)
	o.must(err)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	o.must(err)
	if strings.ReplaceAll(offer.Secret, " ", "") != u.Query().Get("secret") || u.Query().Get("issuer") != site {
		o.Errorf("%+v", offer)
	}
	a := &authenticator{o, secret}
	recovery, _, err := o.accounts.SetTOTP(ctx, o.journal, s, offer.Offer, a.code(), "")
	o.must(err)
	return a, recovery
}

// race does f many times at once and counts how often it went well.
func race(f func() error) (well int64) {
	var n atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if f() == nil {
				n.Add(1)
			}
		})
	}
	all.Wait()
	return n.Load()
}

// TestRFC6238 holds the codes against the vectors of appendix B, SHA-1.
func TestRFC6238(t *testing.T) {
	for second, want := range map[int64]uint32{
		59: 94287082, 1111111109: 7081804, 1111111111: 14050471, 1234567890: 89005924, 2000000000: 69279037, 20000000000: 65353130,
	} {
		if got := codeAt([]byte("12345678901234567890"), stepAt(time.Unix(second, 0)), 8); got != want {
			t.Errorf("at %d: %08d, want %08d", second, got, want)
		}
	}
}

// TestSealed: what is sealed opens for its officer and use alone, and with the
// same key file.
func TestSealed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "account.key")
	k, err := loadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	w := Who{bank, "o.one"}
	sealed := k.seal("totp", w, []byte("secret"))
	again, err := loadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.open("totp", w, sealed); err != nil || string(plain) != "secret" {
		t.Errorf("%q %v", plain, err)
	}
	foreign, err := loadKey(filepath.Join(t.TempDir(), "account.key"))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() ([]byte, error){
		"another officer": func() ([]byte, error) { return k.open("totp", Who{bank, "o.two"}, sealed) },
		"another use":     func() ([]byte, error) { return k.open("offer", w, sealed) },
		"another key":     func() ([]byte, error) { return foreign.open("totp", w, sealed) },
		"cut":             func() ([]byte, error) { return k.open("totp", w, sealed[:10]) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s opens it", name)
		}
	}
}

// TestActivation: a code is good once, for 72 hours, until a newer one is made; a
// password that cannot be taken leaves it as it was.
func TestActivation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		invite := func() string {
			t.Helper()
			in, p, err := o.accounts.Invite(ctx, o.journal, head, w)
			o.must(err)
			if strings.Contains(string(p.Record), in.Code) || !strings.Contains(string(p.Record), `"key":{"factor":"activation","state":"made"}`) {
				t.Errorf("%s", p.Record)
			}
			return in.Code
		}
		old, code := invite(), invite()
		for _, wrong := range []string{"", "x", old, code[1:], strings.Repeat("x", 4000)} {
			_, _, err := o.accounts.Activate(ctx, o.journal, wrong, password)
			o.refused(err, fault.NotFound, "account.activation")
		}
		_, _, err := o.accounts.Activate(ctx, o.journal, code, "short")
		o.refused(err, fault.Invalid, "agency.password")
		o.later(activationFor)
		_, _, err = o.accounts.Activate(ctx, o.journal, code, password)
		o.refused(err, fault.NotFound, "account.activation")
		o.later(-time.Hour)
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		if _, officer, err := o.accounts.Invited(ctx, typed); err != nil || officer.Login != "o.one" {
			t.Error(officer, err)
		}
		if n := race(func() error { _, _, err := o.accounts.Activate(ctx, o.journal, typed, password); return err }); n != 1 {
			t.Errorf("a code was used %d times", n)
		}
		officer, step, err := o.accounts.Password(ctx, bank, "o.one", password)
		if err != nil || step != NeedsFactor || officer.Login != "o.one" {
			t.Error(officer, step, err)
		}
		_, _, err = o.accounts.Invite(ctx, o.journal, head, w)
		o.refused(err, fault.Conflict, "account.active")
	})
}

// TestWhoHelps: who may invite and reset whom.
func TestWhoHelps(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	supervisor := journal.Actor{Role: register.Supervisor, Agency: other, ID: "s1"}
	try := func(key string, kind fault.Kind, actor journal.Actor, w Who) {
		t.Helper()
		_, _, err := o.accounts.Reset(ctx, o.journal, actor, w, "lost-phone")
		if key == "" {
			o.must(err)
			return
		}
		o.refused(err, kind, key)
		_, _, err = o.accounts.Invite(ctx, o.journal, actor, w)
		o.refused(err, kind, key)
		_, err = o.accounts.EndAll(ctx, o.journal, actor, w)
		o.refused(err, kind, key)
	}
	try("register.role", fault.Forbidden, journal.Actor{Role: agency.RoleOfficer, Agency: bank, ID: "o.two"}, Who{bank, "o.one"})
	try("agency.officer.unknown", fault.NotFound, journal.Actor{Role: agency.RoleHead, Agency: other, ID: "head"}, Who{bank, "o.one"})
	try("agency.officer.unknown", fault.NotFound, head, Who{bank, "nobody"})
	try("agency.self", fault.Forbidden, head, Who{bank, "head"})
	try("account.not_yours", fault.Forbidden, supervisor, Who{bank, "o.one"})
	try("", 0, supervisor, Who{bank, "head"})
	try("", 0, operator, Who{bank, "head"})
	try("", 0, head, Who{bank, "o.one"})
	_, _, err := o.accounts.Reset(ctx, o.journal, head, Who{bank, "o.one"}, "a reason")
	o.refused(err, fault.Invalid, "register.reason")
}

// TestCodes: the second step. A code counts once, also when it comes many times
// at once; the neighbours of the step count, others do not.
func TestCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		phone, recovery := o.enrolled(w)
		if _, step, err := o.accounts.Password(ctx, bank, "o.one", password); err != nil || step != NeedsCode {
			t.Fatal(step, err)
		}
		s := o.signed(w, NeedsCode)
		try := func(code string) (Entered, error) { return o.accounts.Code(ctx, o.journal, s, code) }
		_, err := try(phone.code()) // with it the authenticator was set
		o.refused(err, fault.Unauthenticated, "account.code.wrong")
		o.later(time.Minute)
		_, err = try(phone.codeAt(-2))
		o.refused(err, fault.Unauthenticated, "account.code.wrong")
		_, err = try(phone.codeAt(2))
		o.refused(err, fault.Unauthenticated, "account.code.wrong")
		now := persian.Digits(phone.code()[:3] + " " + phone.code()[3:])
		in, err := try(now)
		if err != nil || in.Method != ByTOTP || in.Wrong != 3 {
			t.Error(in, err)
		}
		_, err = try(now)
		o.refused(err, fault.Unauthenticated, "account.code.wrong")
		o.later(time.Minute)
		fresh := phone.code()
		if n := race(func() error { _, err := try(fresh); return err }); n != 1 {
			t.Errorf("a code was accepted %d times", n)
		}
		if len(recovery) != recoveryCodes {
			t.Fatal(recovery)
		}
		if n := race(func() error { _, err := try(strings.ToLower(recovery[3])); return err }); n != 1 {
			t.Errorf("a recovery code was accepted %d times", n)
		}
		in, err = try(recovery[4])
		if err != nil || in.Method != ByRecovery || in.Left != recoveryCodes-2 {
			t.Error(in, err)
		}
		for _, wrong := range []string{"", "x", recovery[3], recovery[5][1:], strings.Repeat("9", 5000)} {
			_, err = try(wrong)
			o.refused(err, fault.Unauthenticated, "account.code.wrong")
		}
		_, err = o.accounts.Code(ctx, o.journal, o.signed(w, NeedsFactor), recovery[6])
		o.refused(err, fault.Conflict, "account.stale")
		_, err = o.accounts.Code(ctx, o.journal, o.signed(Who{bank, "o.two"}, NeedsCode), recovery[6]) // another's
		o.refused(err, fault.Unauthenticated, "account.code.wrong")
	})
}

// TestGuessing: wrong codes cost more and more, and after 25 of them none is
// tried; the officer hears of them, and another password begins anew.
func TestGuessing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		phone, recovery := o.enrolled(w)
		o.later(time.Minute)
		s := o.signed(w, NeedsCode)
		for round := range 5 {
			for i := range wrongOnce {
				_, err := o.accounts.Code(ctx, o.journal, s, phone.wrong())
				key := "account.code.wrong"
				if i == wrongOnce-1 {
					key = "account.code.over"
				}
				o.refused(err, fault.Unauthenticated, key)
			}
			if round < 4 {
				_, err := o.accounts.Code(ctx, o.journal, s, phone.code())
				o.refused(err, fault.TooMany, "account.code.wait")
				if args := fault.Of(err).Args; args[0] != []string{"1", "2", "4", "8"}[round] {
					t.Errorf("round %d: %v minutes", round, args)
				}
				o.later(time.Minute << round)
			}
		}
		o.later(48 * time.Hour)
		_, err := o.accounts.Code(ctx, o.journal, s, phone.code())
		o.refused(err, fault.Forbidden, "account.code.closed")
		f, err := o.accounts.Factors(ctx, w)
		if err != nil || f.Wrong != wrongMost || !f.Closed || f.Recovery != recoveryCodes {
			t.Errorf("%+v %v", f, err)
		}
		in, err := o.accounts.Code(ctx, o.journal, s, recovery[0])
		if err != nil || in.Wrong != wrongMost {
			t.Error(in, err)
		}
		if in, err = o.accounts.Code(ctx, o.journal, s, phone.code()); err != nil {
			t.Error(in, err)
		}
		for range wrongMost {
			_, _ = o.accounts.Code(ctx, o.journal, s, phone.wrong())
			o.later(20 * time.Minute)
		}
		_, err = o.accounts.ChangePassword(ctx, o.journal, o.signed(w, Done), password, "another password")
		o.must(err)
		if _, err = o.accounts.Code(ctx, o.journal, s, phone.code()); err != nil {
			t.Error(err)
		}
	})
}

// TestChanges: a factor is changed by who knows the password, and one who came
// with the password alone sets the first one only.
func TestChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		half := o.signed(w, NeedsFactor) // before there was a factor
		phone, recovery := o.enrolled(w)
		offer := o.accounts.NewAuthenticator(half, site)
		u, err := secretOf(offer.URI)
		o.must(err)
		thief := &authenticator{o, u}
		_, _, err = o.accounts.SetTOTP(ctx, o.journal, half, offer.Offer, thief.code(), "")
		o.refused(err, fault.Conflict, "account.stale")

		s := o.signed(w, Done)
		offer = o.accounts.NewAuthenticator(s, site)
		u, err = secretOf(offer.URI)
		o.must(err)
		fresh := &authenticator{o, u}
		set := func(offer, code, password string) ([]string, error) {
			codes, _, err := o.accounts.SetTOTP(ctx, o.journal, s, offer, code, password)
			return codes, err
		}
		_, err = set(offer.Offer, fresh.code(), "not the password")
		o.refused(err, fault.Invalid, "account.password")
		_, err = set(offer.Offer, fresh.wrong(), password)
		o.refused(err, fault.Invalid, "account.code.first")
		_, err = set("x"+offer.Offer, fresh.code(), password)
		o.refused(err, fault.Conflict, "account.stale")
		_, _, err = o.accounts.SetTOTP(ctx, o.journal, o.signed(Who{bank, "head"}, NeedsFactor), offer.Offer, fresh.code(), "") // another's offer
		o.refused(err, fault.Conflict, "account.stale")
		if again, err := o.accounts.SameAuthenticator(s, site, offer.Offer); err != nil || again != offer {
			t.Error(again, err)
		}
		codes, err := set(offer.Offer, fresh.code(), password)
		o.must(err)
		o.later(time.Minute)
		at := o.signed(w, NeedsCode)
		for _, old := range []string{phone.code(), recovery[0]} {
			_, err = o.accounts.Code(ctx, o.journal, at, old)
			o.refused(err, fault.Unauthenticated, "account.code.wrong")
		}
		_, err = o.accounts.Code(ctx, o.journal, at, codes[0])
		o.must(err)
		o.later(stepFor + time.Second)
		_, err = set(offer.Offer, fresh.code(), password)
		o.refused(err, fault.Conflict, "account.stale")

		_, _, err = o.accounts.NewRecovery(ctx, o.journal, s, "x")
		o.refused(err, fault.Invalid, "account.password")
		third, p, err := o.accounts.NewRecovery(ctx, o.journal, s, password)
		o.must(err)
		if strings.Contains(string(p.Record), third[0]) || !strings.Contains(string(p.Record), `"key":{"factor":"recovery","state":"set"}`) {
			t.Errorf("%s", p.Record)
		}
		_, err = o.accounts.Code(ctx, o.journal, at, codes[1])
		o.refused(err, fault.Unauthenticated, "account.code.wrong")

		_, err = o.accounts.ChangePassword(ctx, o.journal, s, "x", "another password")
		o.refused(err, fault.Invalid, "account.password")
		_, err = o.accounts.ChangePassword(ctx, o.journal, s, password, password)
		o.refused(err, fault.Invalid, "account.password.same")
		_, err = o.accounts.ChangePassword(ctx, o.journal, s, password, "short")
		o.refused(err, fault.Invalid, "agency.password")
	})
}

func secretOf(uri string) ([]byte, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	return base32Text.DecodeString(u.Query().Get("secret"))
}

// TestReset: nothing of before opens anything.
func TestReset(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		phone, recovery := o.enrolled(w)
		v := visitor{town: o}
		v.signIn(w, Done, ByTOTP)
		in, p, err := o.accounts.Reset(ctx, o.journal, head, w, "lost-phone")
		o.must(err)
		if !strings.Contains(string(p.Record), `"why":"lost-phone","agency":"14003552272","officer":"o.one","key":{"factor":"all","state":"reset"}`) {
			t.Errorf("%s", p.Record)
		}
		if v.who() != nil {
			t.Error("the session goes on")
		}
		_, _, err = o.accounts.Password(ctx, bank, "o.one", password)
		o.refused(err, fault.Unauthenticated, "agency.signin")
		f, err := o.accounts.Factors(ctx, w)
		if err != nil || f.any() || f.Password || f.Recovery != 0 {
			t.Errorf("%+v %v", f, err)
		}
		_, _, err = o.accounts.Activate(ctx, o.journal, in.Code, password)
		o.must(err)
		for _, old := range []string{phone.code(), recovery[0]} {
			if _, err = o.accounts.Code(ctx, o.journal, o.signed(w, NeedsCode), old); err == nil {
				t.Error("a code of before opens")
			}
		}
		o.enrolled(w)
	})
}
