package officer

import (
	"maps"
	"testing"
)

func TestRecognise(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"نام: علی … کد ملی ۰۰۶-۷۷۴۹۸۲-۸ تولد ۱۳۷۰/۱/۱": {"given_name": "علی", "national_number": "0067749828", "birth_date": "1370/1/1"},
		"نام و نام خانوادگی: علی یزدانی فرد\nنام پدر محمدحسین\nش.م 0067749828 متولد 1/1/1370 صادره از تهران": {
			"given_name": "علی", "surname": "یزدانی فرد", "father_name": "محمدحسین", "national_number": "0067749828", "birth_date": "1/1/1370", "issue_place": "تهران",
		},
		"سلام، کد ملی من ۰۰۶۷۷۴۹۸۲۸ هست و متولد ۱۳۷۰/۰۱/۰۱ هستم":    {"national_number": "0067749828", "birth_date": "1370/01/01"},
		"كد ملي=0067749828; نام خانوادگي=كریمی; شماره شناسنامه ۱۲۳": {"national_number": "0067749828", "surname": "كریمی", "shenasnameh_number": "123"},
		"National ID: 006 774 982 8, born 1370-01-01, sex male":     {"national_number": "0067749828", "birth_date": "1370-01-01", "sex": "male"},
		"کد ملی ۱۲۳۴۵۶۷۸۹۰ جنسیت: مرد":                              {"national_number": "1234567890", "sex": "male"}, // wrong, and shown so
		"کد پستی ۱۵۱۶۷-۶۳۵۱۱":                                       {"postal_code": "1516763511"},
		"تلفن ۰۹۱۲۳۴۵۶۷۸۹ مبلغ ۵۰۰۰۰":                               {},
		"نامدار پدرام":                                              {},
		"":                                                          {},
	} {
		if got := recognise(text); !maps.Equal(got, want) {
			t.Errorf("%q\n gave %v\n not  %v", text, got, want)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	f.Add("نام: علی کد ملی ۰۰۶-۷۷۴۹۸۲-۸ تولد ۱۳۷۰/۱/۱")
	f.Fuzz(func(t *testing.T, text string) {
		for name, value := range recognise(text) {
			if value == "" || name == "" {
				t.Errorf("%q is %q", name, value)
			}
		}
	})
}
