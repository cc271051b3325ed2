package public

import (
	"encoding/hex"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
)

// homeView is the state of the public log as the home page tells it.
type homeView struct {
	Size, Now  string
	Origin     string
	Root       []string // the first bytes of the tree's root, to compare by eye
	Checkpoint string   // its address
	Desk       string   // of who is signed in
}

// home says what this is.
func home(v *page.Visit) error {
	s := v.Journal.State()
	body := homeView{
		Size: v.Count(s.Size), Now: v.Moment(v.Clock()), Origin: s.Origin,
		Root: page.Groups(hex.EncodeToString(s.Root[:8])),
	}
	if _, path, ok := strings.Cut(s.Origin, "/"); ok {
		body.Checkpoint = "/" + path + "/checkpoint"
	}
	if v.Asker != nil {
		body.Desk = page.Home(v.Role())
	}
	return v.Page(200, "public/home", v.T("console.home.title"), body)
}
