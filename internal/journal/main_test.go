package journal

import (
	"testing"

	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
