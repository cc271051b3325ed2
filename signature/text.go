package signature

import "crypto"

// Sign signs a text with the algorithm that goes with the key, for signatures
// that do not stand on a request. Verify checks them too.
func Sign(key crypto.Signer, text string) ([]byte, error) { return sign(key, text) }
