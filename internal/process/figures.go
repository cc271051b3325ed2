package process

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Figures is how an agency stood at the end of a time.
type Figures struct {
	Processes int64 // in its catalogue, not ended
	Copies    int64 // of these, by state
	Online    int64
	Exception int64
	Obstacles int64 // that stood
	Overdue   int64 // of these after their day
}

// The figures' names.
const (
	figureProcesses = "processes"
	figureObstacles = "obstacles"
	figureOverdue   = "overdue"
)

// counted is one row that figures count.
type counted struct {
	of      ids.LegalID
	figures []string
	row     register.Row
}

// Figures counts how every agency stood at the moment until; from does not
// matter, for how things stand has no length.
func (b *Book) Figures(ctx context.Context, _, until time.Time) (map[ids.LegalID]Figures, error) {
	rows, err := b.stood(ctx, 0, until)
	all := map[ids.LegalID]Figures{}
	for _, r := range rows {
		f := all[r.of]
		for _, name := range r.figures {
			switch name {
			case figureProcesses:
				f.Processes++
			case Copies.String():
				f.Copies++
			case Online.String():
				f.Online++
			case Exception.String():
				f.Exception++
			case figureObstacles:
				f.Obstacles++
			case figureOverdue:
				f.Overdue++
			}
		}
		all[r.of] = f
	}
	return all, err
}

// mostRows is how many rows behind a figure are listed.
const mostRows = 10_000

// Rows lists the rows behind a figure of an agency, oldest first. Fault:
// process.figure.
func (b *Book) Rows(ctx context.Context, of ids.LegalID, figure string, _, until time.Time) ([]register.Row, error) {
	names := []string{figureProcesses, Copies.String(), Online.String(), Exception.String(), figureObstacles, figureOverdue}
	if !slices.Contains(names, figure) {
		return nil, fault.New(fault.Invalid, "process.figure").At("figure")
	}
	all, err := b.stood(ctx, of, until)
	rows := []register.Row{}
	for _, r := range all {
		if slices.Contains(r.figures, figure) {
			rows = append(rows, r.row)
		}
	}
	slices.SortStableFunc(rows, func(x, y register.Row) int { return x.At.Compare(y.At) })
	return rows[:min(len(rows), mostRows)], err
}

// stood is the processes and obstacles of an agency, 0: of all, as they stood
// at a moment.
func (b *Book) stood(ctx context.Context, whose ids.LegalID, at time.Time) (all []counted, err error) {
	processes, obstacles := processBefore, obstacleEvery
	processArgs, obstacleArgs := []any{at.UnixMicro()}, []any{}
	if whose != 0 {
		processes, obstacles = processBeforeOf, obstacleEveryOf
		processArgs, obstacleArgs = []any{int64(whose), at.UnixMicro()}, []any{int64(whose)}
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		var last [2]string // agency and code of the row before: of a process only the newest row counts
		err := tx.Each(processes, processArgs, func(scan func(...any) error) error {
			var of, state, ended, made int64
			var code string
			if err := scan(&of, &code, &state, &ended, &made); err != nil {
				return err
			}
			this := [2]string{strconv.FormatInt(of, 10), code}
			if this != last && ended == 0 {
				all = append(all, counted{ids.LegalID(of), []string{figureProcesses, State(state).String()},
					register.Row{Noun: "process", ID: code, At: time.UnixMicro(made).UTC()}})
			}
			last = this
			return nil
		})
		if err != nil {
			return err
		}
		return tx.Each(obstacles, obstacleArgs, func(scan func(...any) error) error {
			o, err := b.scanObstacle(scan)
			if err != nil || !o.Made.Before(at) || !o.Removed.IsZero() && o.Removed.Before(at) {
				return err
			}
			names := []string{figureObstacles}
			if o.Due.Compare(persian.DateOf(at)) < 0 {
				names = append(names, figureOverdue)
			}
			all = append(all, counted{o.Agency, names, register.Row{Noun: "obstacle", ID: strconv.FormatInt(o.ID, 10), At: o.Made}})
			return nil
		})
	})
	return all, err
}
