// Package notice tells people what the register holds of them (bylaw of 1378,
// art. 7): campaigns of letters, their print batches, delivery and objections.
package notice
