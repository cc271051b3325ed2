// Package boardtest has the board decide in tests: a real book, three invented
// members, and decisions that they sign.
package boardtest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Agency is the legal id of the invented body n, 0 to 3, in the order of
// board.Bodies.
func Agency(n int) ids.LegalID {
	ten := int64(1_999_000_000 + n)
	return ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
}

// Member is the actor of the invented member of body n: its login is m0 to m3.
func Member(n int) journal.Actor {
	return journal.Actor{Role: register.Member, Agency: Agency(n), ID: "m" + string(rune('0'+n))}
}

// Open opens a board whose members are the invented ones; every agency is known.
func Open(t testing.TB, db *store.DB, clock func() time.Time) *board.Book {
	t.Helper()
	b, err := board.Open(context.Background(), board.Config{
		DB: db, Clock: clock,
		Body: func(agency ids.LegalID, _ string) (string, bool) {
			for n, body := range board.Bodies {
				if Agency(n) == agency {
					return body, true
				}
			}
			return "", false
		},
		Known: func(agency ids.LegalID) bool { return agency != 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Appoint makes the invented members of all four bodies members of a board
// that Open opened: member 1 is the chair. It does so once.
func Appoint(t testing.TB, b *board.Book, j *journal.Journal) {
	t.Helper()
	supervisor := journal.Actor{Role: register.Supervisor, Agency: Agency(0), ID: "s1"}
	all, err := b.Members(t.Context(), supervisor)
	if err != nil || len(all) > 0 {
		must(t, err)
		return
	}
	for n := range board.Bodies {
		who := Member(n)
		_, _, err := b.Appoint(t.Context(), j, supervisor, &board.Appointment{
			Agency: who.Agency, Login: who.ID, Office: []string{board.Chair, board.Secretary, "", ""}[n],
			From: persian.Date{Year: 1390, Month: 1, Day: 1}, Until: persian.Date{Year: 1450, Month: 1, Day: 1},
			Grounds: register.Grounds{Reason: "appointment", Document: "letter 1"},
		})
		must(t, err)
	}
}

// Hold registers a session of all four bodies.
func Hold(t testing.TB, b *board.Book, j *journal.Journal, on persian.Date) *board.Session {
	t.Helper()
	s, _, err := b.Hold(t.Context(), j, Member(0), &board.Meeting{Date: on, Place: "Tehran", Present: []int64{1, 2, 3, 4}, Agenda: "agenda", Minutes: "minutes"})
	must(t, err)
	return s
}

// Decide has the board decide something that holds from a day on: params is
// JSON. authority may be "" for the board's own.
func Decide(t testing.TB, b *board.Book, j *journal.Journal, kind, params string, from persian.Date, authority string) *board.Decision {
	t.Helper()
	Appoint(t, b, j)
	day := from
	if today := persian.DateOf(time.Now()); day.Compare(today) > 0 {
		day = today
	}
	d, _, err := b.Draft(t.Context(), j, Member(0), &board.Draft{
		Session: Hold(t, b, j, day).ID, Text: "text", Reference: "decision 1", Authority: authority, From: from,
		Effect: board.Effect{Kind: kind, Params: json.RawMessage(params)},
	})
	must(t, err)
	for n := range 3 {
		d, _, err = b.Sign(t.Context(), j, Member(n), &board.Signing{Decision: d.ID, SHA256: d.SHA256})
		must(t, err)
	}
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
