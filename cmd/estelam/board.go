package main

import (
	"context"
	"encoding/json"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// openBoard opens the board's book. Who may sit in the board the register of
// agencies knows.
func (h *house) openBoard(ctx context.Context) (err error) {
	h.board, err = board.Open(ctx, board.Config{
		DB: h.register,
		Body: func(agency ids.LegalID, login string) (string, bool) {
			a, err := h.agencies.ByID(agency)
			if err != nil {
				return "", false
			}
			o, err := h.agencies.Officer(agency, login)
			return a.Kind, err == nil && o.Role == register.Member
		},
		Known: func(agency ids.LegalID) bool {
			_, err := h.agencies.ByID(agency)
			return err == nil
		},
	})
	if err != nil {
		return err
	}
	h.obey()
	return nil
}

// cardValidityEffect is decided by the Council of Ministers (note to art. 2 of
// the bylaw); the board records it as theirs.
const cardValidityEffect = "card-validity"

// obey tells the board the effects of nouns that do not do so themselves.
func (h *house) obey() {
	read := func(params json.RawMessage) (*person.Validity, error) {
		v := new(person.Validity)
		if err := board.Params(params, v); err != nil {
			return nil, err
		}
		return v, v.Check()
	}
	h.board.Obey(cardValidityEffect, func(params json.RawMessage) error {
		_, err := read(params)
		return err
	}, func(tx *store.Tx, _ *register.Change, params json.RawMessage) error {
		v, err := read(params)
		if err != nil {
			return err
		}
		return person.DecideCardValidity(tx, v)
	})
	h.board.Reserve(cardValidityEffect, board.Ministers)
}
