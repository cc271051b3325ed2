package main

import (
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// mainActs are what a role does first of all, in Persian, by role. Each leaves
// the browser on a page from which the crawl goes on.
var mainActs = map[string][]func(*consoleTour){
	"officer": {asksOfficer}, "": {checksCode}, "head": {addsStaff}, "clerk": {proposesDeath}, "supervisor": {approvesDeath},
	"post": {findsPlace}, "municipality": {reportsMonth}, "inspector": {judgesReport},
}

// someone is a person of the demo's population: alive, with a day of birth, not
// spoken of elsewhere.
func someone(skip int) *person.Person {
	for p := range synth.New(synth.Config{Seed: 1405, Persons: tourPersons, Places: tourPlaces}).Persons() {
		if p.State == person.Active && p.Born.Precise() && p.Born.Year < 1360 && p.Postal != 0 {
			if skip--; skip < 0 {
				return &p
			}
		}
	}
	return nil
}

// fill types into controls by name; "*" is the first real option of a list, or a
// code word where there is none.
func (c *consoleTour) fill(pairs ...string) {
	c.T.Helper()
	for i := 0; i < len(pairs); i += 2 {
		got := c.Eval(`(() => {
			const e = document.querySelector("main form[method=post] [name=" + CSS.escape(` + quote(pairs[i]) + `) + "]"), v = ` + quote(pairs[i+1]) + `;
			if (!e) return "no control";
			e.focus();
			e.value = v !== "*" ? v : e.options ? [...e.options].find((o) => o.value).value : "account";
			e.dispatchEvent(new Event("input", {bubbles: true}));
			e.dispatchEvent(new Event("change", {bubbles: true}));
			return "";
		})()`)
		if got != "" {
			c.T.Fatalf("%s: %s in %s", pairs[i], got, c.Eval(`document.title + document.querySelector("main").innerText.slice(0, 400)`))
		}
	}
}

// press sends the page's form as a person does: by the last button of it, for
// some have others before.
func (c *consoleTour) press() {
	c.T.Helper()
	c.Eval(`[...document.querySelectorAll("main form[method=post]:last-of-type button[type=submit]")].at(-1).dataset.press = ""`)
	c.Do(chromedp.Click("[data-press]"))
}

func asksOfficer(c *consoleTour) {
	p := someone(3)
	c.Open("/officer/ask?service=identity&mode=verify")
	c.fill("national_number", p.Number.Persian(), "birth_date", p.Born.Persian(), "claims.surname", p.Surname.Display,
		"purpose", "*", "process", "*", "file", "۱۴۰۵/۱")
	c.press()
	c.See("مشخصات مطابق است")
	c.code = strings.TrimPrefix(c.Eval(`location.pathname`), "/officer/inquiries/")
	c.Do(chromedp.Click(`a[href$="/slip"]`))
	c.See("برگه استعلام هویت")
	c.Open("/officer/corrections") // the registry has put right what the bank had been told
	c.See("نام خانوادگی، تاریخ تولد")
	c.Open("/officer")
}

func checksCode(c *consoleTour) {
	c.Open("/check")
	c.fill("code", c.code)
	c.press()
	c.See("این کد رهگیری اصیل است")
}

func addsStaff(c *consoleTour) {
	c.Open("/head/staff/new")
	c.fill("officer", "n.taze", "name", "نرگس تازه‌کار", "role", "officer", "until", "۱۴۱۰/۰۱/۰۱")
	c.press()
	c.See("نرگس تازه‌کار")
	c.Open("/head")
}

func proposesDeath(c *consoleTour) {
	c.Open("/registry/persons")
	c.fill("national_number", someone(5).Number.Persian(), "reason", "registration", "file", "۱۴۰۵-۲")
	c.press()
	c.See(someone(5).Surname.Display)
	c.crawlFrom = append(c.crawlFrom, c.Eval(`location.pathname`))
	c.Do(chromedp.Click(`main a[href$="/death"]`))
	c.Until(`location.pathname.endsWith("/death") && document.querySelector("main [name=died_on]")`)
	c.fill("died_on", "۱۴۰۵/۰۵/۰۵", "reason", "*", "document", "گواهی ۱۲۳ مورخ ۱۴۰۵/۰۵/۰۶")
	c.press()
	c.Until(`!location.pathname.endsWith("/death")`)
	c.See("در انتظار")
}

func approvesDeath(c *consoleTour) {
	c.Open("/registry/proposals")
	c.Do(chromedp.Click(`main table a[href^="/registry/proposals/"]`))
	c.Until(`location.pathname.match("^/registry/proposals/[0-9]+$") && document.querySelector("main form[method=post]")`)
	c.crawlFrom = append(c.crawlFrom, c.Eval(`location.pathname`))
}

func findsPlace(c *consoleTour) {
	c.Open("/post/places")
	c.fill("postal_code", someone(5).Postal.String())
	c.press()
	c.Until(`document.querySelector('main a[href$="/retire"]')`)
}

func reportsMonth(c *consoleTour) {
	c.Open("/municipality/reports/new")
	c.See("گزارش تغییرات یک ماه")
}

func judgesReport(c *consoleTour) {
	c.Open("/board/reports")
	c.Do(chromedp.Click(`main table a[href^="/board/reports/"]`))
	c.Until(`location.pathname.match("^/board/reports/.")`)
	c.Open("/inspector")
}
