# Lời khuyên cho nông dân, tiếng Việt. Câu ngắn, từ quen dùng ở miền Tây. Cùng khóa và cùng biến với en.ftl (có kiểm tra).
# Độ mặn ghi bằng ‰ (phần ngàn), bằng số g/L khi dưới 10.
# Tin nhắn không dấu phải còn đúng nghĩa: viết "nước ròng rút xuống" (bỏ dấu, "nước ròng" đọc ra "nước rong"), "trời mưa",
# "lượng mưa" (đọc ra "mua"), "khi … thì" thay cho "chờ" (đọc ra "cho"), "lặng gió" thay cho "đứng gió" (đọc ra "đúng giờ").

sample-note = DỮ LIỆU MẪU – không dùng để quyết định.

headline = { $severity }: { $commune } – { $field } – tin ngày { $date }
field-plain = { $crop }
field-staged = { $crop } ({ $stage })

severity-normal = BÌNH THƯỜNG
severity-notice = LƯU Ý
severity-warning = CẢNH BÁO
severity-emergency = KHẨN

crop-rice = lúa
crop-rice_shrimp = lúa – tôm
crop-durian = sầu riêng
crop-rambutan = chôm chôm
crop-mangosteen = măng cụt
crop-citrus = cam, quýt, chanh
crop-pomelo = bưởi
crop-longan = nhãn
crop-coconut = dừa
crop-vegetables = rau màu
crop-nursery = cây giống, hoa kiểng
crop-shrimp = tôm
crop-clam = nghêu

stage-any = chưa rõ giai đoạn
stage-fallow = ruộng đang nghỉ
stage-pre_sowing = sắp xuống giống
stage-germination = mới gieo sạ
stage-seedling = mạ
stage-tillering = đẻ nhánh
stage-panicle = làm đòng
stage-flowering = trổ
stage-ripening = ngậm sữa đến chín

# Câu trả lời: ngày mai lấy nước được không?
answer-open-fresh = Ngày mai ({ $date }): ĐƯỢC LẤY NƯỚC. Mở cống khi nước ròng rút xuống.
answer-open-brackish = Ngày mai ({ $date }): ĐƯỢC LẤY NƯỚC vào ao, vuông.
answer-test-above = Ngày mai ({ $date }): ĐO TRƯỚC RỒI MỚI LẤY. Chỉ lấy khi máy đo dưới { $limit }‰.
answer-test-below = Ngày mai ({ $date }): ĐO TRƯỚC RỒI MỚI LẤY. Chỉ lấy khi máy đo từ { $limit }‰ trở lên.
answer-shut = Ngày mai ({ $date }): KHÔNG LẤY NƯỚC. Đóng cống.

lasts-one = Chỉ chắc cho ngày mai. Sau đó xem tin mới.
lasts-until = Như vậy đến hết ngày { $until } ({ $days } ngày).
rises = Từ ngày { $date }, nhiều khả năng nước vượt mức an toàn.
falls = Từ ngày { $date }, nhiều khả năng nước về lại mức an toàn. Lúc đó vẫn phải đo trước.
stays-good = Đến hết ngày { $until }, chưa thấy ngày nào vượt mức an toàn.
stays-bad = Đến hết ngày { $until }, chưa thấy ngày nào về lại mức an toàn.

do = Việc cần làm: { $action } { $deadline }
do-plain = Việc cần làm: { $action }
deadline-now = Làm ngay.
deadline-today = Làm trong hôm nay.
deadline-date = Làm xong trong ngày { $date }.

action-test_before_intake = Khi nước ròng rút xuống, đo độ mặn ngoài cống. Dưới { $limit }‰ thì lấy vừa đủ, rồi đóng cống lại.
action-stop_intake = Đóng cống, ngừng bơm. Giữ nước đang có trong ruộng.
action-stop_intake_flush = Đóng kín cống, ngừng bơm. Lỡ lấy nước mặn thì tháo ra, khi có nước ngọt thì rửa ruộng.
action-delay_sowing = Khoan xuống giống. Khi nước ngọt đều rồi hãy gieo sạ.
action-keep_salt_out = Đóng cống, đừng cho nước mặn vào ruộng, để đất khỏi nhiễm mặn.
action-wash_on = Tiếp tục rửa mặn mỗi khi nước ngoài cống dưới { $limit }‰. Khoan gieo.
action-may_sow_after_wash = Rửa mặn xong, đo nước trong ruộng dưới { $limit }‰ thì được xuống giống.
action-stop_irrigation = Đóng cống. Tưới bằng nước ngọt đã trữ, không tưới nước sông.
action-use_stored_water_thin_fruit = Đóng kín cống, không tưới nước sông. Chỉ tưới nước ngọt đã trữ. Cây yếu thì tỉa bớt trái.
action-mix_or_store = Đo độ mặn ngoài cống. Trên { $limit }‰ thì pha với nước ngọt đã trữ, đo lại dưới { $limit }‰ mới tưới.
action-reduce_irrigation = Tưới ít lại, chỉ lấy nước khi nước ròng rút xuống.
action-stop_irrigation_beds = Đóng kín cống, không tưới nước sông cho rau màu. Dùng nước ngọt đã trữ hoặc nước máy.
action-store_fresh_now = Trữ ngọt ngay, để dành nước tưới. Khi nước ròng rút xuống mà còn ngọt, bơm đầy mương, ao, bồn, rồi đóng cống trước khi mặn tới.
action-may_open_sluice_on_ebb = Mở cống lấy nước khi nước ròng rút xuống, đo thấy dưới { $limit }‰. Cống chung thì theo lịch của đơn vị quản lý cống.
action-test_before_pond_intake = Đo độ mặn trước khi cho nước vào ao, vuông. Nước phải dưới { $limit }‰.
action-hold_pond_water = Giữ nước đang có trong ao, vuông. Đo trước khi lấy thêm.
action-may_take_brackish_water = Lấy nước vào ao lắng trước, đo độ mặn rồi mới cho qua ao nuôi.

why-above = Vì sao: ngày { $day }, độ mặn cao nhất khoảng { $value }‰ (10 phần thì 8 phần nằm từ { $low } đến { $high }‰). Mức chịu được là { $limit }‰.
why-below = Vì sao: ngày { $day }, độ mặn cao nhất khoảng { $value }‰ (10 phần thì 8 phần nằm từ { $low } đến { $high }‰). Mức cần có ít nhất là { $limit }‰.
why-harm = Vì sao: ngày { $day }, độ mặn cao nhất khoảng { $value }‰ (10 phần thì 8 phần nằm từ { $low } đến { $high }‰). Mức chịu được là { $limit }‰, từ { $harm }‰ là hại nặng.

reason-young_rice = Lúa non gặp mặn dễ chết, phải sạ lại.
reason-rice = Lúa bị mặn thì chậm lớn, giảm năng suất.
reason-flowering = Lúa làm đòng và trổ gặp mặn thì hạt lép.
reason-ripening = Lúa vào hạt cần ít nước, đừng lấy nước mặn.
reason-sowing = Gieo sạ lúc nước mặn thì lúa mọc không đều.
reason-fallow_soil = Nước mặn vào ruộng thì vụ sau phải rửa mặn thêm.
reason-washing = Đất tôm phải rửa cho hết mặn lúa mới mọc được.
reason-washing_done = Cả tuần tới nước đủ ngọt cho lúa mới mọc.
reason-orchard = Cây này rất sợ mặn: cháy lá, rụng trái, có khi chết cây.
reason-citrus = Cây có múi bị mặn thì vàng lá, rụng trái.
reason-coconut = Dừa chịu mặn khá, nhưng mặn nhiều thì rụng trái non, trái nhỏ.
reason-vegetables = Rau màu tưới nước mặn dễ cháy lá.
reason-nursery = Cây con và hoa kiểng không chịu được nước mặn.
reason-shrimp_salty = Nước quá mặn thì tôm chậm lớn, dễ bệnh.
reason-shrimp_fresh = Nước quá ngọt thì tôm mềm vỏ, dễ sốc.
reason-shrimp_range = Độ mặn nằm trong khoảng tôm chịu được.
reason-store = Mặn sắp lên, lúc đó không lấy nước được nữa.
reason-open = Nước còn ngọt, dưới mức cây chịu được.

source = Theo { $source }.
source-stricter = Tài liệu khác ghi { $others }‰. Tin này theo mức chặt hơn.
source-unverified = Mức này CHƯA KIỂM CHỨNG, cán bộ kỹ thuật phải xem lại.

sure-beyond-above = Chắc đến đâu: 10 phần thì { $parts ->
    [0] chưa tới 1 phần
    [10] hơn 9 phần
   *[other] { $parts } phần
} là nước mặn quá mức ({ $percent } %), tức là { $word }.
sure-beyond-below = Chắc đến đâu: 10 phần thì { $parts ->
    [0] chưa tới 1 phần
    [10] hơn 9 phần
   *[other] { $parts } phần
} là nước ngọt quá mức ({ $percent } %), tức là { $word }.
sure-beyond-harm = Chắc đến đâu: 10 phần thì { $parts ->
    [0] chưa tới 1 phần
    [10] hơn 9 phần
   *[other] { $parts } phần
} là nước mặn tới mức hại nặng ({ $percent } %), tức là { $word }.
sure-within = Chắc đến đâu: 10 phần thì { $parts ->
    [0] chưa tới 1 phần
    [10] hơn 9 phần
   *[other] { $parts } phần
} là nước dùng được ({ $percent } %), tức là { $word }.
sure-asymmetry = Chưa tới một nửa, nhưng lỡ lấy nhầm nước thì hại lớn hơn công chờ, nên phòng trước.
likely-very_high = rất chắc
likely-high = khá chắc
likely-even = chưa chắc
likely-low = ít khả năng
likely-very_low = rất ít khả năng

odds = Khả năng nước dùng được, từng ngày: { $list }.
also = Làm thêm: { $list }
measure = Mặn lên xuống theo con nước. Luôn đo độ mặn trước khi lấy nước.
place = Nơi tính: { $note }.
place-unverified = Vị trí lấy nước này CHƯA KIỂM CHỨNG.
age-hours = Số đo mới nhất: cách đây { $hours } giờ, trạm { $stations }.
age-days = Số đo mới nhất: cách đây { $days } ngày, trạm { $stations }. Số đo đã cũ, nên dè dặt.
age-none = Không rõ trạm đo.
baseline = Hôm nay dự báo theo cách tính đơn giản, vì mô hình chưa hơn được cách này.
ask = Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường hoặc đơn vị quản lý cống.
expires = Tin có giá trị đến hết ngày { $date }. Mức báo là của Muavu, không phải cấp độ rủi ro thiên tai.

silence = { $commune } – tin ngày { $date }: hôm nay CHƯA trả lời được về nước mặn.
silence-crop = { $commune } – { $crop } – tin ngày { $date }: hôm nay CHƯA trả lời được về nước mặn.
none-no_intake_known = Lý do: chưa biết xã lấy nước qua cống nào.
none-beyond_recorded_reach = Lý do: xã ở xa biển, các nguồn hiện có chưa ghi nhận mặn lên tới đây. Không phải là chắc chắn ngọt.
none-sea_water = Lý do: xã giáp biển, dự báo mặn trên sông không dùng được ở đây.
none-no_station_near = Lý do: trạm đo quá xa để ước tính.
none-no_station_on_branch = Lý do: nhánh sông này không có trạm đo.
none-stations_silent = Lý do: các trạm đo chưa gửi số liệu.
none-not_forecast = Lý do: chưa có dự báo cho ngày mai.
none-no_rule = Lý do: chưa có mức chịu mặn còn hiệu lực cho cây trồng này.
none-no_crop = Lý do: chưa có danh sách cây trồng của xã.

# Sông không có trạm báo số hôm nay: mượn trạm của sông khác.
note-borrowed = Hôm nay sông này không có trạm nào báo số. Tính tạm theo trạm { $stations } trên sông khác, cùng khoảng cách tới biển, nên khoảng dự báo rộng

# Báo động từ máy đo. Lúc nào cũng ghi giờ của số đo, không phải giờ gửi tin.
alarm-salt-opened = { $severity } – MẶN VỀ: { $place } đo được { $value }‰ lúc { $time }, vượt mức { $limit }‰.
alarm-salt-opened-do = Ngưng lấy nước, đóng cống.
alarm-salt-raised = { $severity } – MẶN TĂNG: { $place } đo được { $value }‰ lúc { $time }, vượt mức { $limit }‰.
alarm-salt-raised-do = Đóng kín cống, chỉ dùng nước đã trữ.
alarm-salt-updated = { $severity } – MẶN CÒN LÊN: { $place } đo được { $value }‰ lúc { $time }, cao nhất từ đầu đợt.
alarm-salt-updated-do = Vẫn đóng cống.
alarm-salt-eased = { $severity } – MẶN GIẢM: { $place } đã { $hours } giờ không lên tới { $limit }‰, lúc { $time } còn { $value }‰.
alarm-salt-eased-do = Vẫn chưa lấy nước được.
alarm-salt-cleared = HẾT ĐỢT MẶN: { $place } đã { $hours } giờ không lên tới { $limit }‰, lúc { $time } còn { $value }‰.
alarm-salt-cleared-do = Đo lại trước khi lấy nước.
alarm-measure = Đo độ mặn trước mỗi lần lấy nước.
alarm-silent-opened = (Kỹ thuật) Máy đo ở { $place } không gửi số từ { $time }. Số mặn ở đây đang cũ, đừng dựa vào.
alarm-silent-cleared = (Kỹ thuật) Máy đo ở { $place } gửi số trở lại lúc { $time }.
alarm-dead_channel-opened = (Kỹ thuật) Đầu đo ở { $place } không đo được gì từ { $time }. Kiểm tra dây và đầu đo.
alarm-dead_channel-cleared = (Kỹ thuật) Đầu đo ở { $place } đo lại được từ { $time }.
alarm-flat_line-opened = (Kỹ thuật) Số đo ở { $place } đứng yên tới { $time }. Đầu đo có thể kẹt hoặc nằm trên cạn.
alarm-flat_line-cleared = (Kỹ thuật) Số đo ở { $place } lên xuống lại từ { $time }.
alarm-drift-opened = (Kỹ thuật) Đầu đo ở { $place } lên xuống theo con nước yếu dần (tới { $time }). Có thể bám bẩn, cần rửa.
alarm-drift-cleared = (Kỹ thuật) Đầu đo ở { $place } lên xuống theo con nước trở lại từ { $time }.
alarm-disagrees-opened = (Kỹ thuật) Máy đo ở { $place } khác xa máy bên cạnh lúc { $time }. Đo tay để biết máy nào đúng.
alarm-disagrees-cleared = (Kỹ thuật) Máy đo ở { $place } khớp lại với máy bên cạnh từ { $time }.
alarm-clock-opened = (Kỹ thuật) Đồng hồ của máy đo ở { $place } sai (lúc { $time }). Chỉnh giờ máy, hoặc ghi clock_offset_secs.
alarm-clock-cleared = (Kỹ thuật) Đồng hồ của máy đo ở { $place } đúng lại từ { $time }.
alarm-low_battery-opened = (Kỹ thuật) Pin máy đo ở { $place } sắp hết (lúc { $time }).
alarm-low_battery-cleared = (Kỹ thuật) Pin máy đo ở { $place } đã đủ lại từ { $time }.
alarm-unreviewed = Tin tự động, cán bộ chưa duyệt.
