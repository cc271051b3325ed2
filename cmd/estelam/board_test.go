package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/persian"
)

// seats makes member1 to member4 of the stories members of the board, once:
// the first its chair, the second its secretary.
func seats(ts *testscript.TestScript) {
	cmdAs(ts, false, []string{"supervisor1", "act", "-o", "members.json", "board/members"})
	var are struct{ Members []json.RawMessage }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("members.json")), &are))
	if len(are.Members) > 0 {
		return
	}
	until := persian.DateOf(time.Now()).AddDays(300).String()
	for i, kind := range []string{agency.KindRegistry, agency.KindPlanning, agency.KindPost, agency.KindAdministration} {
		args := []string{
			"supervisor1", "act", "-o", "member.json", "board/appoint", "agency=" + staffID(kind).String(), fmt.Sprintf("login=b%d", i+1),
			"from=1399-01-01", "until=" + until, "reason=appointment", "document=حکم 1",
		}
		if i < 2 {
			args = append(args, "office="+[]string{"chair", "secretary"}[i])
		}
		cmdAs(ts, false, args)
	}
}

// cmdDecide has the board decide something with an effect:
//
//	decide KIND PARAMS [FROM [AUTHORITY]]
//
// PARAMS is a JSON object; FROM a day, today if left out; AUTHORITY is board if
// left out. member1 registers a session of all four and drafts, and he, member2
// and member3 sign. It comes after "staff", with a server up; answer.json is
// the last signature's.
func cmdDecide(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 4 {
		ts.Fatalf("usage: decide KIND PARAMS [FROM [AUTHORITY]]")
	}
	today := persian.DateOf(time.Now()).String()
	from, authority := today, "board"
	if len(args) > 2 {
		from = args[2]
	}
	if len(args) > 3 {
		authority = args[3]
	}
	seats(ts)
	cmdAs(ts, false, []string{
		"member1", "act", "-o", "session.json", "board/session", "date=" + min(from, today), "place=تهران", "present:=[1,2,3,4]",
		"agenda=دستور جلسه", "minutes=صورت‌جلسه",
	})
	var held struct{ Result struct{ Session int64 } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("session.json")), &held))
	draft, err := json.Marshal(map[string]any{
		"session": held.Result.Session, "text": "متن تصمیم", "reference": "مصوبه 1، " + today, "authority": authority, "from": from,
		"effect": map[string]any{"kind": args[0], "params": json.RawMessage(args[1])},
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("draft.json"), draft, 0o600))
	cmdAs(ts, false, []string{"member1", "act", "-o", "drafted.json", "board/draft", "draft.json"})
	var drafted struct {
		Result struct {
			Decision int64
			SHA256   string
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("drafted.json")), &drafted))
	for _, who := range strings.Fields("member1 member2 member3") {
		cmdAs(ts, false, []string{who, "act", "board/sign", fmt.Sprint("decision=", drafted.Result.Decision), "sha256=" + drafted.Result.SHA256})
	}
}
