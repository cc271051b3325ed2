package head

import (
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
)

// accountPanel is how an officer signs in to these pages.
func accountPanel(*page.Visit, *agency.Officer) *page.Panel { return nil }
