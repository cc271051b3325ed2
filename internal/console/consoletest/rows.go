package consoletest

import "github.com/estelam/estelam/internal/store"

// codeRead reads what is on paper only.
var codeRead = store.Q(store.Register, "sample.console.code", `SELECT code FROM notice_letter WHERE subject = $1`)
