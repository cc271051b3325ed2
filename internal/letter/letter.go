// Package letter draws the papers of the registry as PDF: notification letters,
// certificates of residence, slips of inquiries, and the frame of reports.
//
// Text goes through four steps, each in a file of its own:
//
//  1. bidi.go: a paragraph's direction runs, by the Unicode algorithm, and
//     its words. Codes and foreign text stand in isolates (U+2066 … U+2069).
//  2. shape.go: each word's glyphs, as HarfBuzz shapes them. A document keeps
//     the words it has shaped, for most of a letter is the same in the next.
//  3. wrap.go: lines as wide as there is room for, each in visual order.
//  4. page.go, chars.go: glyphs become characters of the document's fonts. A
//     character is a glyph together with the text it stands for, so that what
//     readers of the file copy or search is the text in its logical order.
//
// A document is written as it grows: a page leaves memory when the next one
// begins. The same input gives the same bytes; nothing asks for the time.
//
// Texts that are handed in pass persian.Display first: characters that reorder
// text are refused there and never reach a paper.
package letter
