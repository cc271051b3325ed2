package letter

import (
	"io"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// writeNotification writes one letter.
func writeNotification(w io.Writer, lang message.Lang, n *Notification) error {
	return WriteNotifications(w, lang, func(yield func(*Notification, error) bool) { yield(n, nil) })
}

func sampleNotification() *Notification {
	return &Notification{
		Serial: "14050001234567", Date: persian.Date{Year: 1405, Month: 8, Day: 30}, Route: "15167-0042",
		Address: "تهران، شهرستان تهران، خیابان ولیعصر (عج)، کوچه شهید علی‌اکبر رضایی، پلاک 12/1، طبقه دوم، واحد ۴", Postal: 1516763511,
		Number: 67749828, Given: "علی‌اکبر", Surname: "یزدانی‌فرد", Father: "محمدرضا", Male: true,
		Objection: "482913775106", Until: persian.Date{Year: 1405, Month: 11, Day: 30},
		Page: "https://estelam.example/objection", Link: "https://estelam.example/objection?code=482913775106",
	}
}

func sampleSlip(a4 bool) *Slip {
	return &Slip{
		A4: a4, Title: "برگه استعلام هویت", Time: time.Date(2026, 11, 21, 11, 2, 0, 0, time.UTC),
		Agency: "بانک ملت (شعبه مرکزی)", Officer: "r.karimi", Outcome: "یک یا چند مشخصه مغایرت دارد", Tone: Bad,
		Warnings: []Remark{{"کارت ملی باید تعویض شود", Warn}},
		Lines: []SlipLine{
			{Label: "شماره ملی", Value: "۰۰۶۷۷۴۹۸۲۸", Code: true},
			{Label: "تاریخ تولد", Value: "۱ فروردین ۱۳۷۰"},
			{Label: "نام", Value: "علی‌اکبر", Result: "مطابق", Tone: Good},
			{Label: "نام خانوادگی", Value: "یزدانی فرد", Result: "مطابق، با نگارش دیگر", Tone: Good},
			{Label: "نام پدر", Value: "رضا", Result: "مغایر", Tone: Bad},
			{Label: "کد پستی", Value: "۱۵۱۶۷-۶۳۵۱۱", Code: true, Result: "مطابق", Tone: Good},
			{Label: "خدمت", Value: "هویت · تطبیق"},
			{Label: "هدف", Value: "گشایش حساب"},
			{Label: "شماره پرونده", Value: "HS-۱۴۰۵/۳۳۰۱", Code: true},
		},
		Code: "41234567890123456789", Page: "https://estelam.example/check", Link: "https://estelam.example/check?code=41234567890123456789",
	}
}

func sampleResidence() *Residence {
	return &Residence{
		Name: "علی‌اکبر یزدانی‌فرد", Male: true, Number: 67749828, Postal: 1516763511, Address: sampleNotification().Address,
		Since: persian.Date{Year: 1402, Month: 3, Day: 9}, Date: persian.Date{Year: 1405, Month: 8, Day: 30}, Until: persian.Date{Year: 1405, Month: 11, Day: 30},
		Officer: "اداره ثبت احوال تهران", Code: "41234567890123456789",
		Page: "https://estelam.example/check", Link: "https://estelam.example/check?code=41234567890123456789",
	}
}

func sampleCover(areas int) *Cover {
	c := &Cover{Batch: "1405-0017", Date: persian.Date{Year: 1405, Month: 8, Day: 30}, Campaign: "ابلاغ شماره ملی و کد پستی", First: "14050001234567", Last: "14050001236012"}
	for i := range areas {
		c.Areas = append(c.Areas, Area{strconv.Itoa(15160 + i), "تهران، شهرستان ری", int64(i*i*37 + 20)})
	}
	return c
}

func sampleReport(w io.Writer, lang message.Lang) error {
	r := NewReport(w, lang, "گزارش سه‌ماهه دوم ۱۴۰۵", "شورای ماده ۱۳ آیین‌نامه", persian.Date{Year: 1405, Month: 7, Day: 1})
	r.Heading("شمار استعلام‌ها")
	r.Paragraph("در سه‌ماهه دوم، شمار استعلام‌ها ۱۲٫۴٪ بیش از سه‌ماهه نخست بود (۱٬۲۰۴٬۵۵۰ در برابر ۱٬۰۷۱٬۶۶۰).")
	r.Lines("استعلام در هر ماه", []string{"فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"}, []Series{
		{"بانک‌ها", []int64{220000, 240000, 300000, 310000, 290000, 402000}}, {"دستگاه‌های دیگر", []int64{90000, 85000, 99000, 120000, 140000, 131000}},
	})
	r.Heading("دستگاه‌ها")
	r.Table([]Column{{"دستگاه", 0.6, false}, {"استعلام", 0.4, true}}, func(yield func([]string) bool) {
		for i := range 60 {
			if !yield([]string{"دستگاه شماره " + strconv.Itoa(i), strconv.Itoa(i * 977)}) {
				return
			}
		}
	})
	return r.End()
}

func sampleFigures(lang message.Lang, r drawn) error {
	r.Facts([]Fact{
		{"سطرهای فایل", Count(lang, 100000), "از بانک ملت"}, {"پیوند خودکار", Percent(lang, 0.9312), "۹۳٬۱۲۰ سطر"},
		{"پیوند نادرست برآوردی", Fraction(lang, 11.4, 1), "از ۷ تا ۱۹ در اطمینان ۹۵٪"}, {"بازیابی برآوردی", Percent(lang, 0.9961), "از سطرهایی که در پایگاه هستند"},
	})
	r.Heading("وزن‌ها")
	h := &Histogram{Title: "شمار سطرها بر حسب وزن بهترین نامزد", Axis: "وزن، بیت", All: "همه سطرها", Chose: "پیوند خودکار"}
	for i := range 40 {
		low := float64(i-15) * 2
		all := int64(40000 / (1 + (low-38)*(low-38)/8))
		some := all
		if low < 10 {
			all, some = int64(3000/(1+(low+8)*(low+8))), 0
		}
		h.Bins = append(h.Bins, HistogramBin{low, low + 2, all, some})
	}
	r.Histogram(h)
	r.Waterfall(&Waterfall{Title: "سطر ۱۲۰: اصلاح‌شده", Sum: "وزن کل", Steps: []Step{
		{"پیشین", "پیش از مقایسه", -26.6}, {"شماره ملی", "یک رقم تفاوت", 14.2}, {"نام", "برابر", 9.1}, {"نام خانوادگی", "نگارش دیگر", 11.8},
		{"نام پدر", "متفاوت", -4.4}, {"تاریخ تولد", "برابر", 14.6}, {"کد پستی", "نیامده است", 0},
	}})
	r.Calibration(&Calibration{
		Title: "سنجش برآوردها با تصمیم‌های کارشناسان", Across: "احتمال برآوردی", Up: "سهم درست", Found: "تصمیم‌ها", Fitted: "منحنی اصلاح",
		Points: []CalibrationPoint{{0.02, 0.01, 40}, {0.3, 0.45, 60}, {0.7, 0.8, 120}, {0.95, 0.97, 300}, {0.999, 0.9985, 4000}},
		Curve:  []CalibrationPoint{{0.0001, 0.01, 0}, {0.1, 0.01, 0}, {0.3, 0.45, 0}, {0.7, 0.8, 0}, {0.95, 0.97, 0}, {0.9999, 0.9985, 0}},
	})
	r.Bars("وضعیت سطرها", []Bar{{"تأییدشده", 81000}, {"اصلاح‌شده", 12000}, {"مبهم", 700}})
	r.Lines("استعلام در هر ماه", []string{"فروردین", "اردیبهشت", "خرداد"}, []Series{{"پاسخ‌ها", []int64{220000, 240000, 300000}}, {"ردشده‌ها", []int64{9000, 0, 12000}}})
	r.Shares("فرایندهای خدمت", []string{"کپی می‌گیرد", "برخط", "استثنا"}, []Share{{"بانک ملت", []int64{3, 41, 1}}, {"سازمان تأمین اجتماعی", []int64{0, 12, 0}}, {"دستگاهی بی‌فرایند", []int64{0, 0, 0}}})
	r.Table([]Column{{"وضعیت", 0.6, false}, {"سطر", 0.4, true}}, func(yield func([]string) bool) { _ = yield([]string{"<مبهم> & «دیگر»", "700"}) })
	return r.End()
}
