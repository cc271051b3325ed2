package head

import (
	"github.com/estelam/estelam/internal/console/page"
)

func recordRoutes() []page.Route {
	return []page.Route{
		get("/head/usage", usagePage),
		get("/head/quarters", quarters),
		get("/head/quarters/{quarter}/paper", quarterPaper),
	}
}
