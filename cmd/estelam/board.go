package main

import (
	"context"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
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
	return err
}
