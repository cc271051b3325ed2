package persian

import "strings"

// elements are the names that compound given names are made of, as keys.
var elements = set(`محمد علی حسین حسن رضا مهدی امیر اکبر اصغر جواد کاظم صادق باقر تقی نقی هادی
امین طاها طه پارسا صالح یاسین سبحان متین حسام عباس قاسم ابوالفضل احسان عرفان مصطفی مرتضی مجتبی
یوسف ابراهیم اسماعیل کریم رحیم یحیی سجاد یاسر رسول جعفر سعید حمید مجید محسن احمد محمود حامد
فاطمه زهرا زینب مریم معصومه طاهره رقیه هانیه ستایش نرگس ملیکا مبینا حنانه ریحانه کوثر`)

// tails are what surnames end in and agencies' files leave out, as keys.
var tails = set(`زاده پور نژاد فر نیا یان راد مهر خواه دوست منش پناه وند لو اصل فرد تبار نسب کیا بیگی
تهرانی اصفهانی شیرازی تبریزی مشهدی قمی کرمانی یزدی رشتی اراکی همدانی کرمانشاهی خراسانی گیلانی
مازندرانی اردبیلی زنجانی قزوینی کاشانی نیشابوری سبزواری بروجردی لاهیجی گرگانی بوشهری لرستانی
خوزستانی اهوازی دزفولی شوشتری سمنانی دامغانی شاهرودی ساوجی تفرشی خوانساری گلپایگانی اردستانی
نایینی بیرجندی تربتی بجنوردی قوچانی بهبهانی خویی مراغی ارومیهای نجفی کربلایی شمیرانی ورامینی
دماوندی کرجی ساری املی بابلی شهمیرزادی طالقانی الموتی بختیاری سیستانی بلوچی کردستانی سنندجی`)

// honorifics are what people put before and after a name that is not part of
// it, as keys.
var honorifics = set(`حاج حاجی حاجیه کربلایی کربلای مشهدی مشدی کل اقا اقای ملا شیخ خانم بانو بیگم جان مرحوم شهید دکتر مهندس`)

// longestTail bounds the search in isTail, in bytes.
var longestTail int

func init() {
	for w := range tails {
		longestTail = max(longestTail, len(w))
	}
}

// isTail reports whether s is one or more tails in a row.
func isTail(s string) bool {
	for n := 4; n <= min(len(s), longestTail); n += 2 {
		if tails[s[:n]] && (n == len(s) || isTail(s[n:])) {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
