package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/register"
)

// report seats the board and has it draw the running quarter's report.
func (t *tour) report(ctx context.Context, h *house, chief journal.Actor) error {
	today := persian.DateOf(time.Now())
	var first journal.Actor
	for _, o := range officers {
		if o.role != register.Member {
			continue
		}
		who := journal.Actor{Role: o.role, Agency: staffID(o.kind), ID: o.login}
		appointed := board.Appointment{
			Agency: who.Agency, Login: who.ID, From: today, Until: today.AddYears(2),
			Grounds: register.Grounds{Reason: "appointment", Document: today.String()},
		}
		if first.ID == "" {
			first, appointed.Office = who, board.Chair
		}
		if _, _, err := h.board.Appoint(ctx, h.journal, chief, &appointed); err != nil {
			return err
		}
	}
	q := quarter.Of(today)
	drawn, p, err := h.quarters.Draft(ctx, first, &quarter.Drafting{Quarter: q, Remarks: quarter.Remarks{Summary: said("summary")}})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%d. Every quarter the Council of Ministers is reported to, from live data.\n", t.step+4)
	fmt.Fprintf(t.out, "   drafted    %s by member %s, code %s, digest %.16s…\n", q, first.ID, group(string(p.Code)), drawn.Digest)
	for _, format := range []string{"html", letter.PDF} {
		path := filepath.Join(t.dir, "quarter."+format)
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		err = h.quarters.Write(ctx, first, &quarter.Reading{Quarter: q, Lang: terminalLang(), Format: format}, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "   look       %s\n", path)
	}
	fmt.Fprintf(t.out, "   again      as b2 quarters/review quarter=%s digest=%s;  as b2 deadlines/late\n\n", q, drawn.Digest)
	return nil
}
