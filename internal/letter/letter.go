// Package letter draws the papers of the registry as PDF: notification letters,
// certificates of residence, slips of inquiries, and the frame of reports.
package letter
