// Package discrepancy keeps the cases in which somebody says that the register
// is wrong: who works on one, by when, and how it ended.
package discrepancy
