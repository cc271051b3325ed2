package account

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// visitor is a browser with a cookie, on a server that keeps sessions as the
// console does.
type visitor struct {
	*town
	token    string
	deadline time.Time
}

func (v *visitor) signIn(w Who, step Step, method string) {
	v.Helper()
	_, officer, err := v.accounts.find(w)
	v.must(err)
	values := map[string]any{}
	v.accounts.Begin(func(name string, value any) { values[name] = value }, officer, step, method, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	v.token, v.deadline = "token of "+w.Login+v.clock().String(), v.clock().Add(Lifetime)
	v.commit(values)
}

func (v *visitor) commit(values map[string]any) {
	v.Helper()
	data, err := Codec{}.Encode(v.deadline, values)
	v.must(err)
	v.must(v.accounts.Store().CommitCtx(ctx, v.token, data, v.deadline))
}

// values is what the session holds; nil: it is over.
func (v *visitor) values() map[string]any {
	v.Helper()
	data, found, err := v.accounts.Store().FindCtx(ctx, v.token)
	v.must(err)
	if !found {
		return nil
	}
	_, values, err := Codec{}.Decode(data)
	v.must(err)
	return values
}

// who asks for a page: the session is read, and written at the end.
func (v *visitor) who() *Signed {
	v.Helper()
	values := v.values()
	if values == nil {
		return nil
	}
	s := v.accounts.Signed(func(name string) any { return values[name] })
	v.commit(values)
	return s
}

// TestSessions: they outlive a restart, end when they are idle, after a day's
// work and by order, and are told apart.
func TestSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		one, two := visitor{town: o}, visitor{town: o}
		one.signIn(w, Done, ByTOTP)
		o.later(time.Second)
		two.signIn(w, Done, ByPasskey)
		o.accounts = o.book()
		if s := one.who(); s == nil || s.Step != Done || s.Method != ByTOTP || s.Who() != w || s.Actor().Role != agency.RoleOfficer {
			t.Errorf("%+v", s)
		}
		list, err := o.accounts.Sessions(ctx, w)
		o.must(err)
		if len(list) != 2 || list[0].ID != SessionID(two.token) || list[0].Method != ByPasskey || list[0].Device != "Firefox / Linux" || !list[1].Ended.IsZero() {
			t.Errorf("%+v", list)
		}
		seen := list[1].Seen
		o.later(30 * time.Second)
		one.who()
		list, err = o.accounts.Sessions(ctx, w)
		o.must(err)
		if !list[1].Seen.Equal(seen) {
			t.Error("it was written within the minute")
		}
		o.later(40 * time.Second)
		one.who()
		if list, err = o.accounts.Sessions(ctx, w); err != nil || !list[1].Seen.After(seen) {
			t.Errorf("%+v %v", list, err)
		}
		o.refused(o.accounts.EndSession(ctx, Who{bank, "head"}, SessionID(one.token)), fault.NotFound, "account.session") // another's
		before := one.values()
		o.must(o.accounts.EndSession(ctx, w, SessionID(one.token)))
		if one.who() != nil || two.who() == nil {
			t.Error("the wrong one ended")
		}
		one.commit(before) // of a request that was under way
		if one.who() != nil {
			t.Error("it came back")
		}
		o.later(Idle)
		if two.who() != nil {
			t.Error("an idle one goes on")
		}
		two.signIn(w, Done, ByTOTP)
		for range int(Lifetime / (20 * time.Minute)) {
			if two.who() == nil {
				t.Error("a used one ended")
			}
			o.later(20 * time.Minute)
		}
		if two.who() != nil {
			t.Error("longer than a day's work")
		}
		one.signIn(w, Done, ByTOTP)
		o.later(time.Second)
		two.signIn(w, Done, ByTOTP)
		o.must(o.accounts.EndOthers(ctx, w, two.token))
		if one.who() != nil || two.who() == nil {
			t.Error("the others")
		}
		_, err = o.accounts.EndAll(ctx, o.journal, head, w)
		o.must(err)
		if two.who() != nil {
			t.Error("all")
		}
		o.later(sessionKept + 11*time.Hour)
		one.signIn(w, Done, ByTOTP)
		if list, err = o.accounts.Sessions(ctx, w); err != nil || len(list) != 1 {
			t.Errorf("%d are kept, %v", len(list), err)
		}
	})
}

// TestNobody: a session whose officer may not act any more is nobody's.
func TestNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		for name, change := range map[string]func(){
			"suspended": func() {
				_, officer, err := o.accounts.find(w)
				o.must(err)
				changed := *officer
				changed.State = agency.Suspended
				_, err = o.agencies.ChangeOfficer(ctx, o.journal, operator, &changed)
				o.must(err)
			},
			"another password": func() {
				_, err := o.agencies.SetPassword(ctx, o.journal, operator, bank, "o.one", "another password")
				o.must(err)
			},
			"agency": func() {
				_, err := o.agencies.SetState(ctx, o.journal, operator, bank, agency.Suspended, "law")
				o.must(err)
			},
		} {
			v := visitor{town: o}
			v.signIn(w, Done, ByTOTP)
			if v.who() == nil {
				t.Fatal(name)
			}
			change()
			if v.who() != nil {
				t.Errorf("%s: he is somebody still", name)
			}
			_, err := o.agencies.SetState(ctx, o.journal, operator, bank, agency.Active, "law")
			o.must(err)
			officer, err := o.agencies.Officer(bank, "o.one")
			o.must(err)
			back := *officer
			back.State = agency.Active
			_, err = o.agencies.ChangeOfficer(ctx, o.journal, operator, &back)
			o.must(err)
		}
		v := visitor{town: o}
		v.signIn(w, NeedsCode, ByPassword)
		if s := v.who(); s == nil || s.Step != NeedsCode {
			t.Error(s)
		}
		o.later(stepFor + time.Second)
		if v.who() != nil {
			t.Error("half a sign-in lasts")
		}
	})
}

// TestSessionRows: the token is in no row, strangers make none, an officer a few.
func TestSessionRows(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	w := Who{bank, "o.one"}
	v := visitor{town: o, token: "stranger", deadline: o.clock().Add(Lifetime)}
	v.commit(map[string]any{"any": "thing"})
	if v.values() != nil {
		t.Error("a stranger has a session")
	}
	first := visitor{town: o}
	first.signIn(w, Done, ByTOTP)
	for range sessionMost {
		o.later(time.Second)
		v.signIn(w, Done, ByTOTP)
	}
	if first.values() != nil || v.values() == nil {
		t.Error("the oldest ends")
	}
	data, found, err := o.accounts.Store().Find(v.token)
	if !found || err != nil || bytes.Contains(data, []byte(v.token)) {
		t.Error(found, err)
	}
	if err := o.accounts.Store().Commit(v.token, make([]byte, sessionData+1), o.clock()); err == nil {
		t.Error("it holds everything")
	}
	o.must(o.accounts.Store().Delete(v.token))
	if v.values() != nil {
		t.Error("signed out")
	}
}

// TestCodec: the same values have the same bytes.
func TestCodec(t *testing.T) {
	values := map[string]any{"a": int64(1), "b": "x", "c": []string{"y", "z"}, "d": true}
	at := time.Now()
	first, err := Codec{}.Encode(at, values)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := (Codec{}).Encode(at, values); !bytes.Equal(first, again) {
			t.Fatal("the bytes differ")
		}
	}
	deadline, back, err := Codec{}.Decode(first)
	if err != nil || !deadline.Equal(at) || back["a"] != int64(1) || back["c"].([]string)[1] != "z" {
		t.Error(deadline, back, err)
	}
	if _, _, err := (Codec{}).Decode(first[:20]); err == nil {
		t.Error("half a session is one")
	}
}

func TestDevices(t *testing.T) {
	for browser, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0":        "Edge / Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile Safari/604.1": "Safari / iOS",
		"Mozilla/5.0 (Linux; Android 15; Pixel) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Mobile Safari/537.36":                  "Chrome / Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7; rv:140.0) Gecko/20100101 Firefox/140.0":                                           "Firefox / macOS",
		"": "", "<script>": "", strings.Repeat("x", 5000) + "Firefox": "",
	} {
		if got := deviceOf(browser); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestDemo: without the mark nobody signs in by one click, and only empty
// registers can bear it.
func TestDemo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		_, err := o.accounts.SignInDemo(Who{bank, "o.one"})
		o.refused(err, fault.Forbidden, "account.demo.unmarked")
		o.refused(o.accounts.CheckDemo(), fault.Forbidden, "account.demo.unmarked")
		o.refused(MarkDemo(ctx, o.db, o.clock()), fault.Conflict, "account.demo.used")
	})
	storetest.Each(t, func(t *testing.T, url string) {
		marked(t, url)
	})
}

func marked(t *testing.T, url string) {
	db := openRegister(t, url)
	if err := MarkDemo(ctx, db, time.Now()); err != nil {
		t.Fatal(err)
	}
	o := open(t, url)
	o.must(o.accounts.CheckDemo())
	officer, err := o.accounts.SignInDemo(Who{bank, "o.one"})
	if err != nil || officer.Login != "o.one" {
		t.Error(officer, err)
	}
	_, err = o.accounts.SignInDemo(Who{bank, "nobody"})
	o.refused(err, fault.Forbidden, "account.ended")
	if _, err := loadKey(filepath.Join(t.TempDir(), "none", "x")); err == nil {
		t.Error("a key without a directory")
	}
}

func openRegister(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(ctx, url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
