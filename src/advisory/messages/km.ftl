# needs a native reader: cần người Khmer đọc lại. Từ đầu câu lấy từ data/reference/glossary.csv; chưa ai kiểm chứng.
# NEVER PUBLISHED: no code reads this file; a test holds its keys to vi.ftl and work_vi.ftl and its words to the glossary.

crop-rice = ស្រូវ
crop-durian = ធុរេន
crop-rambutan = សាវម៉ាវ
crop-pomelo = ក្រូចថ្លុង
crop-longan = មៀន
crop-coconut = ដូង
crop-vegetables = បន្លែ
crop-clam = លៀស
crop-shrimp = បង្គា
stage-pre_sowing = សាបព្រោះ
stage-tillering = បែកគុម្ព
stage-panicle = ផើម
stage-flowering = ចេញផ្កា
stage-ripening = ទុំ
severity-warning = ព្រមាន
quantity-rain_amount = ភ្លៀង
quantity-rain_occurrence = ភ្លៀង
quantity-tmax = សីតុណ្ហភាព
quantity-tmin = សីតុណ្ហភាព
quantity-humidity = សំណើម
quantity-days_to_harvest = ច្រូតកាត់
quantity-rice_price_wholesale = តម្លៃ
