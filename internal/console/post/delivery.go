package post

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/notice"
)

// takeOver is a batch that the Post takes over, and the run it is of.
type takeOver struct {
	Batch    int64 `json:"batch"`
	Campaign int64 `json:"campaign"`
}

// handOver marks a printed batch as taken over by the Post.
var handOver = page.Form[takeOver]{
	Path: "/post/letters/taken", Roles: posts.roles, Key: "console.post.hand_over.",
	Do: func(v *page.Visit, _ *takeOver) (page.Done, error) {
		batch, err := strconv.ParseInt(v.R.PostFormValue("batch"), 10, 64)
		if err != nil {
			return page.Done{}, page.NotFound()
		}
		b, proven, err := v.Notices.HandOver(v.Context(), v.Journal, v.Actor(), &notice.Handed{Batch: batch})
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: "/post/letters/" + itoa(b.Campaign), Code: proven.Code}, nil
	},
}

// numbers are letters typed in, the number of each a line.
type numbers struct {
	Letters []int64       `json:"letters"`
	Reason  notice.Reason `json:"reason"` // of all of them, if they came back
}

// tell is the act that takes in what became of letters.
type tell func(*notice.Book, context.Context, *journal.Journal, journal.Actor, *notice.MailReport) (notice.MailDone, journal.Proven, error)

// The doors of the two lists, typed and as files.
var (
	delivered     = typed("/post/letters/delivered", "console.post.delivered.", false, (*notice.Book).ReportDelivered)
	returned      = typed("/post/letters/returned", "console.post.returned.", true, (*notice.Book).ReportReturned)
	deliveredFile = mailFile("/post/letters/delivered/file", "console.post.delivered_file.", "letter", (*notice.Book).ReportDelivered)
	returnedFile  = mailFile("/post/letters/returned/file", "console.post.returned_file.", "letter,reason", (*notice.Book).ReportReturned)
)

var returnReasons = []string{"unclaimed", "moved", "unknown", "incomplete", "refused", "deceased"}

func typed(path, key string, back bool, act tell) page.Form[numbers] {
	return page.Form[numbers]{
		Path: path, Roles: posts.roles, Key: key, Above: aboveLetters[numbers],
		Controls: func(v *page.Visit, _ *numbers) ([]page.Control, error) {
			all := []page.Control{{Name: "letters", Kind: page.Lines, Label: "console.post.field.letters"}}
			if back {
				why := choice(v, "reason", options(v, "console.post.returned.reason.", returnReasons...))
				why.Label = "console.post.field.why"
				all = append(all, why)
			}
			return all, nil
		},
		Around: func(v *page.Visit, _ *numbers) ([]any, error) {
			return []any{page.Note{Tone: page.Info, Text: v.T("console.post.mail.or_file"), Links: []page.Link{{Path: path + "/file", Text: v.T("console.post.mail.file")}}}}, nil
		},
		Do: func(v *page.Visit, in *numbers) (page.Done, error) {
			list := &notice.MailReport{}
			for _, n := range in.Letters {
				list.Letters = append(list.Letters, notice.MailLine{Letter: n, Reason: in.Reason})
			}
			return told(v, path, list, act)
		},
	}
}

func mailFile(path, key, columns string, act tell) page.Form[notice.MailReport] {
	return page.Form[notice.MailReport]{
		Path: path, Roles: posts.roles, Key: key, Files: 2 << 20, Above: aboveLetters[notice.MailReport],
		Controls: func(*page.Visit, *notice.MailReport) ([]page.Control, error) {
			return []page.Control{{Name: "csv", Kind: page.File, Accept: ".csv,text/csv", Label: "console.post.field.file"}}, nil
		},
		Around: func(v *page.Visit, _ *notice.MailReport) ([]any, error) {
			return []any{columnsNote(v, "console.post.mail.columns", columns)}, nil
		},
		Do: func(v *page.Visit, in *notice.MailReport) (page.Done, error) { return told(v, path, in, act) },
	}
}

func aboveLetters[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/post/letters", Text: v.T("console.post.menu.letters")}
}

// told takes a list in, and shows what was left out of it.
func told(v *page.Visit, path string, in *notice.MailReport, act tell) (page.Done, error) {
	done, proven, err := act(v.Notices, v.Context(), v.Journal, v.Actor(), in)
	if err != nil {
		return page.Done{}, renamed(err, func(field string) string {
			if in.CSV != "" || len(in.Letters) == 0 {
				return "csv"
			}
			return field
		})
	}
	var rows []remark
	for _, l := range done.Lines {
		text := l.Fa
		if v.Lang == message.En {
			text = l.En
		}
		rows = append(rows, remark{l.Row, l.Column, text, true})
	}
	s := remarked(v, v.T("console.post.mail.result"), path, page.Tiles{
		{Label: v.T("console.post.file.rows"), Value: v.Count(int64(done.Rows)), Tone: page.Info},
		{Label: v.T("console.post.file.accepted"), Value: v.Count(int64(done.Accepted)), Tone: page.Good},
		{Label: v.T("console.post.file.refused"), Value: v.Count(int64(done.Refused)), Tone: tone(done.Refused)},
	}, rows)
	s.Blocks = append([]any{page.Code{Label: v.T("console.code"), Code: string(proven.Code)}}, s.Blocks...)
	return page.Done{Screen: s}, nil
}
