package main

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/store"
)

// onPaper reads what stands on letters only.
var onPaper = store.Q(store.Register, "sample.story.letter", `SELECT id, code FROM notice_letter WHERE subject = $1 ORDER BY id DESC`)

// letter NUMBER sets LETTER and OBJECTION to the number and the objection code
// of the last letter to a person, as he would read them on it.
func cmdLetter(ts *testscript.TestScript, _ bool, args []string) {
	n, err := ids.ParseNationalNumber(args[0])
	ts.Check(err)
	ctx := context.Background()
	db, err := store.Open(ctx, siteIn(ts.Getenv("ESTELAM_DATA")).url(), store.Register)
	ts.Check(err)
	defer func() { _ = db.Close() }()
	ts.Check(db.Read(ctx, func(tx *store.Tx) error {
		var id, code int64
		found, err := tx.One(onPaper, []any{int64(n)}, &id, &code)
		if err == nil && !found {
			ts.Fatalf("there is no letter to this person")
		}
		ts.Setenv("LETTER", strconv.FormatInt(id, 10))
		ts.Setenv("OBJECTION", notice.Code(code).Grouped())
		return err
	}))
}

// finished OFFICER JOB waits until a job is done, as that officer sees it.
func cmdFinished(ts *testscript.TestScript, _ bool, args []string) {
	for range 600 {
		cmdAs(ts, false, []string{args[0], "act", "-o", "job.json", "jobs/find", "job=" + args[1]})
		var job struct{ State string }
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("job.json")), &job))
		switch job.State {
		case "done":
			return
		case "failed", "cancelled":
			ts.Fatalf("job %s: %s", args[1], ts.ReadFile("job.json"))
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("job %s is not done after 30 s", args[1])
}
