package synth

import "github.com/estelam/estelam/internal/ids"

// withCheck appends the check digit to the first nine digits.
func withCheck(first9 int64) int64 { return first9*10 + ids.CheckDigit(first9) }
