package api

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, boardLife, deadlinesLife) }

// openBoard opens the board; its members are officers of real bodies.
func (s *stack) openBoard() {
	s.Helper()
	s.board = must(board.Open(s.Context(), board.Config{
		DB: s.db, Clock: s.clock,
		Body: func(id ids.LegalID, login string) (string, bool) {
			a, err := s.agencies.ByID(id)
			if err != nil {
				return "", false
			}
			o, err := s.agencies.Officer(id, login)
			return a.Kind, err == nil && o.Role == register.Member
		},
		Known: func(id ids.LegalID) bool {
			_, err := s.agencies.ByID(id)
			return err == nil
		},
	}))(s.T)
}

// openDeadlines opens the clocks of the law, with one measure.
func (s *stack) openDeadlines() *deadline.Book {
	return deadline.Open(deadline.Config{Board: s.board, Agencies: s.agencies, Clock: s.clock, Measures: map[string]deadline.Measure{
		"agreement": func(context.Context) ([]deadline.Standing, error) {
			return []deadline.Standing{{Agency: s.bankID, Met: persian.Date{Year: 1400, Month: 1, Day: 1}}, {Agency: 14003552272}}, nil
		},
	}})
}

// seat is the officer of one of the four bodies, 0 to 3 in the order of
// board.Bodies, who sits in the board for it once he is appointed.
func (s *stack) seat(n int) (*client, journal.Actor) {
	s.Helper()
	ten := int64(1_500_000_100 + n)
	id := ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
	who := journal.Actor{Role: register.Member, Agency: id, ID: "seat" + itoa(int64(n))}
	if c := s.officers[who.ID]; c != nil {
		return c, who
	}
	must(s.agencies.Register(s.Context(), s.journal, system, &agency.Agency{ID: id, Name: "سازمان شورا", Kind: board.Bodies[n]}))(s.T)
	return s.bound(id, who.ID, register.Member), who
}

// decide has the board decide something as of today; authority "" is its own.
func (s *stack) decide(kind, params, authority string) {
	s.Helper()
	ctx, today := s.Context(), persian.DateOf(s.clock())
	supervisor := journal.Actor{Role: register.Supervisor, ID: "test"}
	seated := must(s.board.Members(ctx, supervisor))(s.T)
	for n := range board.Bodies {
		_, who := s.seat(n)
		if len(seated) > 0 {
			continue
		}
		_, _, err := s.board.Appoint(ctx, s.journal, supervisor, &board.Appointment{
			Agency: who.Agency, Login: who.ID, From: today.AddYears(-9), Until: today.AddYears(9), Grounds: register.Grounds{Reason: "appointment", Document: "1"},
		})
		s.ok(err)
	}
	_, first := s.seat(0)
	held, _, err := s.board.Hold(ctx, s.journal, first, &board.Meeting{Date: today, Place: "تهران", Present: []int64{1, 2, 3}, Agenda: "1", Minutes: "1"})
	s.ok(err)
	d, _, err := s.board.Draft(ctx, s.journal, first, &board.Draft{
		Session: held.ID, Text: "متن", Reference: "1", Authority: authority, From: today, Effect: board.Effect{Kind: kind, Params: json.RawMessage(params)},
	})
	s.ok(err)
	for n := range 3 {
		_, who := s.seat(n)
		d, _, err = s.board.Sign(ctx, s.journal, who, &board.Signing{Decision: d.ID, SHA256: d.SHA256})
		s.ok(err)
	}
}

// boardLife: a membership, a session, a decision, and what follows from it.
func boardLife(t *testing.T, k *contract, s *stack) {
	today := persian.DateOf(s.clock())
	chief := s.staff(register.Supervisor)
	var seats []*client
	var present []int64
	for n := range 3 {
		c, who := s.seat(n)
		seats = append(seats, c)
		in := object{
			"agency": who.Agency.String(), "login": who.ID, "from": today.String(), "until": today.AddDays(9).String(),
			"reason": "appointment", "document": "1",
		}
		if n == 0 {
			in = in.with("office", "chair")
			k.refused(t, chief, "/v1/board/appoint", in.with("login", "nobody").String(), 409, "board.body /login")
		}
		var made struct{ Result board.Member }
		k.act(t, chief, "/v1/board/appoint", in.String(), 200, &made)
		present = append(present, made.Result.ID)
	}
	k.act(t, chief, "/v1/board/members", `{}`, 200, nil)
	meeting := object{"date": today.String(), "place": "تهران", "present": present, "agenda": "1", "minutes": "1"}
	k.refused(t, seats[0], "/v1/board/session", meeting.with("present", present[:2]).String(), 409, "board.quorum /present")
	var held struct{ Result board.Session }
	k.act(t, seats[0], "/v1/board/session", meeting.String(), 200, &held)
	k.act(t, chief, "/v1/board/sessions", `{}`, 200, nil)

	draft := object{"session": held.Result.ID, "text": "متن", "reference": "1", "from": today.String()}
	k.refused(t, seats[0], "/v1/board/draft", draft.with("effect", object{"kind": "sunshine", "params": object{}}).String(), 422, "board.effect /effect/kind")
	k.refused(t, seats[0], "/v1/board/draft", draft.with("effect", object{"kind": "delivery-methods", "params": object{"methods": []string{"pigeon"}}}).String(),
		422, "delivery.word /effect/params/methods")
	var made struct{ Result board.Decision }
	k.act(t, seats[0], "/v1/board/draft", draft.String(), 200, &made)
	of := object{"decision": made.Result.ID}
	k.act(t, seats[0], "/v1/board/withdraw", of.String(), 200, nil)
	k.refused(t, seats[0], "/v1/board/withdraw", of.String(), 409, "board.state")
	k.act(t, seats[0], "/v1/board/draft", draft.with("effect", object{"kind": "start-date", "params": object{"name": "law-entry", "day": "1404-01-01"}}).String(), 200, &made)
	of = object{"decision": made.Result.ID}
	k.refused(t, seats[1], "/v1/board/sign", of.with("sha256", "00").String(), 409, "board.digest /sha256")
	for _, c := range seats {
		k.act(t, c, "/v1/board/sign", of.with("sha256", made.Result.SHA256).String(), 200, nil)
	}
	k.act(t, chief, "/v1/board/find", of.String(), 200, nil)
	k.act(t, chief, "/v1/board/decisions", `{"state":"decided"}`, 200, nil)

	var item struct{ Result board.FollowUp }
	k.act(t, seats[1], "/v1/board/follow-up", of.with("text", "پیگیری", "responsible", s.bankID.String(), "due", today.String()).String(), 200, &item)
	k.act(t, chief, "/v1/board/follow-ups", `{"overdue":false}`, 200, nil)
	done := object{"follow_up": item.Result.ID, "on": today.String(), "evidence": "نامه ۱"}
	k.act(t, seats[1], "/v1/board/done", done.String(), 200, nil)
	k.refused(t, seats[1], "/v1/board/done", done.String(), 409, "board.follow_up.done /follow_up")
	member := object{"until": today.AddDays(-1).String(), "reason": "replaced", "document": "2"}
	k.refused(t, chief, "/v1/board/dismiss", member.with("member", 99).String(), 404, "board.member.unknown /member")
	k.refused(t, chief, "/v1/board/dismiss", member.with("member", present[2]).with("until", today.AddDays(99).String()).String(), 409, "board.until /until")
	k.refused(t, seats[1], "/v1/board/done", done.with("follow_up", 99).String(), 404, "board.follow_up.unknown /follow_up")
	k.refused(t, seats[0], "/v1/board/draft", draft.with("session", 99).String(), 404, "board.session.unknown /session")
	k.refused(t, seats[0], "/v1/board/draft", draft.with("effect", object{"kind": "repeal", "params": of.with("decision", 1)}).String(), 409, "board.repeal /effect/params/decision")
	k.refused(t, chief, "/v1/board/find", `{"decision":99}`, 404, "board.decision.unknown /decision")
	k.refused(t, seats[0], "/v1/board/sign", `{"decision":99,"sha256":"00"}`, 404, "board.decision.unknown /decision")
	k.refused(t, seats[0], "/v1/board/withdraw", `{"decision":99}`, 404, "board.decision.unknown /decision")
	task := object{"text": "پیگیری", "responsible": s.bankID.String(), "due": today.String()}
	k.refused(t, seats[1], "/v1/board/follow-up", task.with("decision", 99).String(), 404, "board.decision.unknown /decision")
	k.refused(t, seats[1], "/v1/board/follow-up", task.with("decision", 1).String(), 409, "board.state /decision")
	k.act(t, chief, "/v1/board/dismiss", object{"member": present[2], "until": today.AddDays(-1).String(), "reason": "replaced", "document": "2"}.String(), 200, nil)
}

// deadlinesLife: who is late is the same for everybody who may see it, but an
// agency's head sees his own alone.
func deadlinesLife(t *testing.T, k *contract, s *stack) {
	member, _ := s.seat(3)
	head := s.bound(s.bankID, "d.head", agency.RoleHead)
	var late struct{ Late []deadline.Missed }
	k.act(t, member, "/v1/deadlines/late", `{}`, 200, &late)
	if len(late.Late) != 1 || late.Late[0].Agency != 14003552272 || late.Late[0].Line.Late < 2000 {
		t.Errorf("%+v", late.Late)
	}
	k.act(t, head, "/v1/deadlines/late", `{}`, 200, &late)
	if len(late.Late) != 0 {
		t.Errorf("%+v", late.Late)
	}
	var list struct{ Deadlines []deadline.Clock }
	k.act(t, head, "/v1/deadlines/list", `{"deadline":"agreement"}`, 200, &list)
	if len(list.Deadlines) != 1 || len(list.Deadlines[0].Lines) != 1 || list.Deadlines[0].Lines[0].State != deadline.Met {
		t.Errorf("%+v", list)
	}
	k.act(t, member, "/v1/deadlines/list", `{}`, 200, nil)
	for _, path := range []string{"/v1/deadlines/list", "/v1/deadlines/late"} {
		k.refused(t, member, path, `{"deadline":"x"}`, 404, "deadline.unknown /deadline")
		k.refused(t, head, path, `{"agency":"14003552272"}`, 404, "deadline.agency /agency")
	}
}
