# needs a native reader: cần người Khmer đọc lại. Chưa ai kiểm chứng.
# NEVER PUBLISHED: no code reads this file; a test holds its keys to vi.ftl and work_vi.ftl and its words to the glossary
# (data/reference/glossary.csv). First words, then drafts of sentences.

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

# Drafts of sentences: written by a machine from the Vietnamese, read by nobody who speaks Khmer. They wait here so
# that a reader has something to correct; a test holds them to the same variables and to the glossary's words.
severity-normal = ធម្មតា
severity-notice = សូមចំណាំ
severity-emergency = បន្ទាន់

answer-open-fresh = ថ្ងៃស្អែក ({ $date })៖ យកទឹកបាន។ បើកទ្វារទឹកនៅពេលទឹកនាច។
answer-open-brackish = ថ្ងៃស្អែក ({ $date })៖ យកទឹកចូលស្រះបាន។
answer-test-above = ថ្ងៃស្អែក ({ $date })៖ វាស់សិន ចាំយកទឹក។ យកទឹកតែនៅពេលវាស់បានក្រោម { $limit }‰ ប៉ុណ្ណោះ។
answer-test-below = ថ្ងៃស្អែក ({ $date })៖ វាស់សិន ចាំយកទឹក។ យកទឹកតែនៅពេលវាស់បានចាប់ពី { $limit }‰ ឡើងទៅ។
answer-shut = ថ្ងៃស្អែក ({ $date })៖ កុំយកទឹក។ បិទទ្វារទឹក។

lasts-one = ប្រាកដតែសម្រាប់ថ្ងៃស្អែកប៉ុណ្ណោះ។ បន្ទាប់មក សូមមើលដំណឹងថ្មី។
lasts-until = ដូច្នេះរហូតដល់ថ្ងៃ { $until } ({ $days } ថ្ងៃ)។
rises = ចាប់ពីថ្ងៃ { $date } ទឹកទំនងជាលើសកម្រិតសុវត្ថិភាព។
falls = ចាប់ពីថ្ងៃ { $date } ទឹកទំនងជាត្រឡប់មកកម្រិតសុវត្ថិភាពវិញ។ ពេលនោះក៏ត្រូវវាស់សិនដែរ។
stays-good = រហូតដល់ថ្ងៃ { $until } មិនឃើញមានថ្ងៃណាលើសកម្រិតសុវត្ថិភាពទេ។
stays-bad = រហូតដល់ថ្ងៃ { $until } មិនឃើញមានថ្ងៃណាត្រឡប់មកកម្រិតសុវត្ថិភាពវិញទេ។

do = អ្វីដែលត្រូវធ្វើ៖ { $action } { $deadline }
do-plain = អ្វីដែលត្រូវធ្វើ៖ { $action }
deadline-now = ធ្វើភ្លាម។
deadline-today = ធ្វើក្នុងថ្ងៃនេះ។
deadline-date = ធ្វើឱ្យរួចនៅថ្ងៃ { $date }។

action-test_before_intake = នៅពេលទឹកនាច វាស់កម្រិតជាតិប្រៃនៅក្រៅទ្វារទឹក។ បើក្រោម { $limit }‰ យកទឹកល្មម រួចបិទទ្វារទឹកវិញ។
action-stop_intake = បិទទ្វារទឹក ឈប់បូម។ រក្សាទឹកដែលមានក្នុងស្រែ។
action-stop_intake_flush = បិទទ្វារទឹកឱ្យជិត ឈប់បូម។ បើទឹកប្រៃចូលហើយ ត្រូវបង្ហូរចេញ ពេលមានទឹកសាប ត្រូវលាងស្រែ។
action-delay_sowing = កុំទាន់សាបព្រោះ។ ពេលមានទឹកសាបទៀងទាត់ ចាំសាបព្រោះ។
action-keep_salt_out = បិទទ្វារទឹក កុំឱ្យទឹកប្រៃចូលស្រែ កុំឱ្យដីប្រៃ។
action-stop_irrigation = បិទទ្វារទឹក។ ស្រោចដោយទឹកសាបដែលបានស្តុក កុំស្រោចដោយទឹកទន្លេ។
action-store_fresh_now = ស្តុកទឹកសាបភ្លាម ទុកស្រោច។ នៅពេលទឹកនាច ហើយទឹកនៅសាប បូមឱ្យពេញប្រឡាយ ស្រះ អាង រួចបិទទ្វារទឹក មុនទឹកប្រៃមកដល់។
action-hold_pond_water = រក្សាទឹកដែលមានក្នុងស្រះ។ វាស់សិន ចាំយកទឹកថែម។

why-above = មូលហេតុ៖ ថ្ងៃ { $day } កម្រិតជាតិប្រៃខ្ពស់បំផុតប្រហែល { $value }‰ (ក្នុង 10 ភាគ មាន 8 ភាគ ស្ថិតពី { $low } ដល់ { $high }‰)។ កម្រិតដែលទ្រាំបានគឺ { $limit }‰។
likely-very_high = ប្រាកដខ្លាំង
likely-high = ប្រាកដគួរសម
likely-even = មិនទាន់ប្រាកដ
likely-low = មិនសូវអាច
likely-very_low = ស្ទើរតែមិនអាច
measure = ជាតិប្រៃឡើងចុះតាមជំនោរ។ ត្រូវវាស់កម្រិតជាតិប្រៃជានិច្ច មុនយកទឹក។
ask = បើមិនច្បាស់ សូមសួរមន្ត្រីកសិកម្មឃុំ សង្កាត់ ឬអ្នកគ្រប់គ្រងទ្វារទឹក។

alarm-salt-opened = { $severity } – ទឹកប្រៃមកដល់៖ { $place } វាស់បាន { $value }‰ នៅម៉ោង { $time } លើសកម្រិត { $limit }‰។
alarm-salt-opened-do = ឈប់យកទឹក បិទទ្វារទឹក។
alarm-salt-raised = { $severity } – ទឹកកាន់តែប្រៃ៖ { $place } វាស់បាន { $value }‰ នៅម៉ោង { $time } លើសកម្រិត { $limit }‰។
alarm-salt-raised-do = បិទទ្វារទឹកឱ្យជិត ប្រើតែទឹកដែលបានស្តុក។
alarm-salt-updated = { $severity } – ជាតិប្រៃនៅឡើង៖ { $place } វាស់បាន { $value }‰ នៅម៉ោង { $time } ខ្ពស់បំផុតតាំងពីដើម។
alarm-salt-updated-do = នៅតែបិទទ្វារទឹក។
alarm-salt-eased = { $severity } – ជាតិប្រៃថយ៖ { $place } មិនដល់ { $limit }‰ អស់ { $hours } ម៉ោងហើយ នៅម៉ោង { $time } នៅសល់ { $value }‰។
alarm-salt-eased-do = មិនទាន់យកទឹកបានទេ។
alarm-salt-cleared = អស់ទឹកប្រៃហើយ៖ { $place } មិនដល់ { $limit }‰ អស់ { $hours } ម៉ោងហើយ នៅម៉ោង { $time } នៅសល់ { $value }‰។
alarm-salt-cleared-do = វាស់ម្តងទៀត មុនយកទឹក។
alarm-measure = វាស់កម្រិតជាតិប្រៃ មុនយកទឹករាល់ពេល។
alarm-unreviewed = ដំណឹងស្វ័យប្រវត្តិ មន្ត្រីមិនទាន់ពិនិត្យ។
