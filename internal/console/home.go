package console

import (
	"encoding/hex"
	"strings"
)

// homeView is the state of the public log as the home page tells it.
type homeView struct {
	Size, Now  string
	Origin     string
	Root       []string // the first bytes of the tree's root, to compare by eye
	Checkpoint string   // its address
}

// home says what this is.
func (k *Console) home(v *visit) error {
	s := k.Journal.State()
	body := homeView{
		Size: v.count(s.Size), Now: v.moment(k.Clock()), Origin: s.Origin,
		Root: groups(hex.EncodeToString(s.Root[:8])),
	}
	if _, path, ok := strings.Cut(s.Origin, "/"); ok {
		body.Checkpoint = "/" + path + "/checkpoint"
	}
	return k.show(v, 200, "home", v.text("console.home.title"), body)
}
