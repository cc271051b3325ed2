package account

import "strings"

// deviceOf is what a session keeps of the browser: the families of browser and
// system, by which an officer knows his own devices again. No version and no
// address is kept: behind an agency's gateway all have the same address, so it
// would tell him nothing and others where he sits.
func deviceOf(browser string) string {
	if len(browser) > 1024 {
		browser = browser[:1024]
	}
	// Order matters: most browsers also bear the names of others.
	name := firstOf(browser, "Edg", "Edge", "OPR", "Opera", "Firefox", "Firefox", "FxiOS", "Firefox",
		"SamsungBrowser", "Samsung Internet", "Chrome", "Chrome", "CriOS", "Chrome", "Safari", "Safari", "curl", "curl")
	system := firstOf(browser, "Android", "Android", "iPhone", "iOS", "iPad", "iPadOS", "Windows", "Windows",
		"Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	return strings.Trim(name+" / "+system, " /")
}

// firstOf gives the name of the first mark that stands in text.
func firstOf(text string, marksAndNames ...string) string {
	for i := 0; i < len(marksAndNames); i += 2 {
		if strings.Contains(text, marksAndNames[i]) {
			return marksAndNames[i+1]
		}
	}
	return ""
}
