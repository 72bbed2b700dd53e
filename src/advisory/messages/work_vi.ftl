# Việc trong tuần, tiếng Việt. Câu ngắn, từ quen dùng ở miền Tây. Cùng khóa và cùng biến với work_en.ftl (có kiểm tra).
# Không nêu tên thuốc, không nêu liều, không bảo bán, không tự tính cấp độ rủi ro thiên tai.

week-head = Việc tuần này, gấp trước:
week-by = Làm xong trong ngày { $date }.
week-day = Ngày { $date }.
week-days = Từ { $from } đến { $until }.
week-why = Vì { $list }.
week-sure = 10 phần thì chắc { $parts ->
    [0] chưa tới 1 phần
    [10] hơn 9 phần
   *[other] { $parts } phần
}.
week-source = Theo { $source }.
week-source-unverified = Theo { $source }. CHƯA KIỂM CHỨNG.
week-missing = Hôm nay CHƯA có dự báo { $list } cho nơi này. Không có nghĩa là sẽ không xảy ra.
week-no-salt = Về nước mặn: hôm nay chưa trả lời được. { $reason } Luôn đo độ mặn trước khi lấy nước.

lunar-day = { $date } (ngày { $day } tháng { $month } âm lịch, { $water })
lunar-day-leap = { $date } (ngày { $day } tháng { $month } nhuận âm lịch, { $water })
water-rong = nước rong
water-to_kem = nước bắt đầu kém
water-kem = nước kém
water-to_rong = nước bắt đầu rong

# Việc phải làm
work-drain_delay_sowing = Khoan gieo sạ. Ruộng mới sạ thì mở hết đường thoát nước trước khi trời mưa.
work-watch_seed_rain = Dọn sẵn đường thoát nước cho ruộng sắp sạ, mới sạ.
work-drain_now = Khai thông mương, rút nước ruộng vườn ngay, chuẩn bị máy bơm.
work-drain_watch = Dọn mương, coi lại đường thoát nước.
work-drain_pond_surface = Mở ván trên cống ao cho nước mưa trên mặt thoát ra, hết mưa thì chạy quạt nước.
work-raise_bunds_pump_out = Đắp cao bờ bao, đóng kín cống bọng, chuẩn bị máy bơm ra.
work-check_bunds = Đi coi bờ bao, cống bọng, vá chỗ yếu.
work-check_bunds_spring_tide = Sắp triều cường, đi coi bờ bao, cống bọng.
work-lodging_high_harvest_early = Lúa dễ đổ ngã. Ruộng chín từ 80 phần trăm thì thu hoạch sớm, ruộng chưa chín thì rút bớt nước.
work-lodging_watch = Rút bớt nước trong ruộng cho lúa khỏi đổ ngã.
work-storm_prepare = Chằng chống cây, neo trại, hái trái đã chín, tránh xa cây lớn khi gió mạnh.
work-keep_5cm_water_no_spray_9_11h = Giữ nước trong ruộng khoảng 5 phân. Đừng phun thuốc từ 9 đến 11 giờ sáng, lúc lúa nở hoa.
work-heat_severe = Làm đồng lúc sáng sớm, chiều mát. Che cây con, tưới sớm, uống nhiều nước.
work-heat_notice = Trời nắng nóng. Làm việc nặng lúc sáng sớm, chiều mát.
work-no_spray = Gió mạnh, đừng phun thuốc.
work-no_spray_inversion = Trời lặng gió, trong, đừng phun thuốc: thuốc không lắng xuống mà bay qua ruộng khác.
work-no_spray_wet_air = Không khí còn ẩm, đừng phun thuốc, khô sương hãy phun.
work-no_spray_dry_air = Không khí khô nóng, đừng phun thuốc, chiều mát hãy phun.
work-no_spray_rain = Trời có thể mưa, đừng phun thuốc: nước mưa rửa trôi thuốc ra kinh.
work-reflood_5cm = Nước trong ống đã xuống 15 phân. Bơm lại cho ngập 5 phân.
work-keep_5cm = Lúa làm đòng và trổ không được để khô. Giữ nước khoảng 5 phân.
work-check_field_tube = Coi ống đo nước trong ruộng. Xuống 15 phân dưới mặt đất mới bơm lại 5 phân.
work-irrigate = Tưới nước cho cây. Cả tuần cây cần thêm khoảng { $value } mi-li-mét, nước mưa không đủ.
work-final_drain = Rút nước lần cuối cho ruộng ráo, máy gặt vô được.
work-plan_harvest = Coi lúa chín tới đâu, kêu máy gặt và nơi sấy trước cho kịp thu hoạch.
work-harvest_window = Mấy ngày này trời ít mưa, thu hoạch và phơi được.
work-blast_watch = Thăm ruộng, coi đạo ôn lá, cổ bông. Đừng bón thêm đạm. Hỏi cán bộ bảo vệ thực vật trước khi phun thuốc.
work-scout_blast = Thăm ruộng, coi kỹ đạo ôn lá, cổ bông. Thấy bệnh thì hỏi cán bộ bảo vệ thực vật.
work-scout_sheath_blight = Thăm ruộng, vạch gốc coi khô vằn (đốm vằn). Thấy bệnh thì hỏi cán bộ bảo vệ thực vật.
work-scout_bacterial_blight = Thăm ruộng, coi bạc lá (cháy bìa lá). Thấy bệnh thì đừng bón thêm đạm, hỏi cán bộ bảo vệ thực vật.
work-sow_now_within_3d = Rầy nâu vừa vào đèn rộ. Xuống giống né rầy trong ba ngày này, cả cánh đồng cùng lúc.
work-scout_bph = Rầy nâu đang nở rộ. Vạch gốc lúa coi rầy cám, hỏi cán bộ bảo vệ thực vật trước khi làm gì.
work-drain_collect_snails = Hạ nước còn 2 đến 3 phân, vét rãnh cho ốc gom lại rồi bắt ốc bươu vàng, chặn lưới ở cống bọng.
work-may_release_wasps = Có thể thả ong ký sinh trừ sâu đầu đen. Từ nay đừng phun thuốc trừ sâu trong vườn dừa.
work-scout_psyllid_eggs = Coi đọt non, tìm trứng rầy chổng cánh (rầy truyền bệnh vàng lá gân xanh).
work-flower_trigger_met = Nắng khô đủ lâu để sầu riêng làm bông. Coi mắt cua, giữ mương cạn, tưới nhẹ.
work-aerate_reduce_feed = Nước ao nóng. Chạy quạt nước, bớt cho tôm ăn lúc trưa.
work-measure_pond_heat = Trời sắp nắng nóng. Đo nhiệt độ nước ao lúc xế trưa, giữ nước sâu.
work-aerate = Ao thiếu oxy. Chạy quạt nước ngay, ngưng cho ăn.
work-change_pond_water = Nước ao dơ (nhiều khí độc). Thay bớt nước từ ao lắng, bớt cho ăn.
work-move_or_harvest_clams = Nước quá ngọt cho nghêu. Thu hoạch nghêu lớn, dời nghêu nhỏ ra bãi mặn hơn.
work-thin_out_clams = Bãi quá nóng. San thưa nghêu trước khi nước ròng rút xuống buổi trưa.
work-price_outlook = Giá lúa gạo sắp tới lên xuống trong khoảng sau đây. Hỏi giá nhiều thương lái, hợp tác xã trước khi nhận cọc.
work-list_contract_buyers_dryers = Giá đang dưới giá thành. Hỏi hợp tác xã về hợp đồng, nơi sấy, người mua khác.
work-sow_in_window = Tới lịch xuống giống của vùng. Nước ngọt, ruộng bằng thì gieo sạ cả cánh đồng cùng lúc; theo lịch của tỉnh nếu khác.

# Vì sao
cause-rain_amount = lượng mưa ngày { $day } khoảng { $value } mi-li-mét (từ { $low } đến { $high }), mức phải lo là { $limit }
cause-rain_occurrence = ngày { $day }, 10 phần thì { $parts } phần trời mưa
cause-rain_occurrence-below = từ { $day } đến { $until } trời ít mưa, 10 phần thì { $parts } phần là khô ráo
cause-tmax = nhiệt độ cao nhất ngày { $day } khoảng { $value } độ (từ { $low } đến { $high }), mức phải lo là { $limit } độ
cause-tmin = đêm lạnh nhất khoảng { $value } độ từ { $day } đến { $until }
cause-humidity = độ ẩm khoảng { $value } phần trăm từ { $day } đến { $until }
cause-wind = gió ngày { $day } khoảng { $value } mét một giây (từ { $low } đến { $high })
cause-wind_max = gió mạnh nhất ngày { $day } khoảng { $value } mét một giây (từ { $low } đến { $high }), gió giật còn mạnh hơn
cause-irrigation_need-total = từ { $day } đến { $until } ruộng vườn trong vùng cần thêm khoảng { $value } mi-li-mét nước (từ { $low } đến { $high })
cause-leaf_blast_rank = thời tiết vụ này hợp cho bệnh hơn khoảng { $value } năm trong 10 năm trước ở đây
cause-sheath_blight_rank = thời tiết vụ này hợp cho bệnh hơn khoảng { $value } năm trong 10 năm trước ở đây
cause-bacterial_blight_rank = thời tiết vụ này hợp cho bệnh hơn khoảng { $value } năm trong 10 năm trước ở đây
cause-water_level_over_bd1 = ngày { $day } mực nước trung bình so với báo động I: { $value } mét (từ { $low } đến { $high }), lúc nước lớn còn cao hơn
cause-water_level_over_bd3 = ngày { $day } mực nước trung bình so với báo động III: { $value } mét (từ { $low } đến { $high }), lúc nước lớn còn cao hơn
cause-rice_price_wholesale = gạo bán sỉ tháng { $month } khoảng { $value } đồng một ký, 10 phần thì 8 phần từ { $low } đến { $high }
cause-days_to_harvest = còn khoảng { $value } ngày tới lúc thu hoạch
cause-days_to_sowing = theo lịch thời vụ của vùng
cause-days_after_heading = lúa trổ được { $value } ngày
cause-month = đang mùa của việc này
cause-con_nuoc_height = con nước rong lên cao nhất ngày { $day }
cause-gust = gió giật { $value } mét một giây ngày { $day }
cause-rain_12h = lượng mưa { $value } mi-li-mét trong nửa ngày
cause-rain_15d_mean = mười lăm ngày qua lượng mưa trung bình { $value } mi-li-mét một ngày
cause-wind_2m_now = gió đo ngoài ruộng { $value } mét một giây
cause-delta_t_now = chênh lệch nhiệt độ khô ướt { $value } độ
cause-pond_depth = ống đo nước ghi { $value } phân
cause-snails_per_m2 = đếm được { $value } con ốc một mét vuông
cause-bph_trap_peak = rầy vào đèn đạt đỉnh ngày { $day }
cause-bph_days_since_peak = đã { $value } ngày từ đỉnh rầy vào đèn
cause-days_since_insecticide = đã { $value } ngày không phun thuốc trừ sâu
cause-flush_degree_days = từ khi ra đọt non đã đủ ấm cho trứng đầu tiên ({ $value } độ-ngày)
cause-pond_water_temp = nước ao { $value } độ, mức phải lo là { $limit } độ
cause-pond_oxygen = oxy trong ao { $value }, mức cần có là { $limit } mi-li-gam
cause-pond_ammonia = khí độc trong ao { $value }, mức chịu được là { $limit } mi-li-gam
cause-clam_salinity = độ mặn trên bãi { $value }‰, mức cần có là { $limit }‰
cause-clam_water_temp = nước trên bãi { $value } độ, mức phải lo là { $limit } độ
cause-price_over_breakeven = giá được trả so với giá thành: { $value } phần trăm

# Việc này nhường việc kia
resolve-rain_over_irrigation = Trời sắp mưa (từ { $date }): khoan tưới, khoan bơm.
resolve-fill_before_salt = Mặn sắp tới: lấy nước ngọt làm việc này ngay hôm nay.
resolve-stored_water_only = Nước sông đang mặn: chỉ dùng nước ngọt đã trữ.
resolve-measure_before_irrigation = Đo độ mặn trước, đủ ngọt mới dùng.
resolve-no_sowing_into_salt = Nước còn mặn: tới lịch cũng khoan xuống giống.
resolve-no_sowing_into_rain = Trời sắp mưa lớn (từ { $date }): hết mưa rồi hãy xuống giống.
resolve-flood_before_drain = Nước ngoài sông đang cao: lo bờ bao trước, khi nước ròng rút xuống mới tháo.
resolve-keep_water_in_flower = Lúa đang trổ: chừa lại khoảng 5 phân, chỉ tháo phần nước mưa dư.
resolve-no_spray_before_rain = Cứ thăm ruộng, nhưng chưa phun thuốc những ngày sau đây.
resolve-heat_in_flower_says_more = Nắng nóng: với lúa đang trổ thì giữ nước như trên là đủ.
resolve-cut_before_storm = Gió mạnh sắp tới (từ { $date }): làm ngay trước khi gió.
resolve-pond_water_from_store = Nước sông chưa hợp cho tôm: chỉ thay bằng nước ao lắng.

# Tên đại lượng, để nói khi chưa có dự báo
quantity-rain_amount = mưa
quantity-rain_occurrence = mưa
quantity-tmax = nhiệt độ
quantity-tmin = nhiệt độ
quantity-humidity = độ ẩm
quantity-wind = gió
quantity-wind_max = gió
quantity-irrigation_need = nhu cầu nước tưới
quantity-leaf_blast_rank = bệnh lúa
quantity-sheath_blight_rank = bệnh lúa
quantity-bacterial_blight_rank = bệnh lúa
quantity-water_level_over_bd1 = mực nước sông
quantity-water_level_over_bd3 = mực nước sông
quantity-rice_price_wholesale = giá gạo
quantity-days_to_harvest = ngày thu hoạch

# Số này lấy từ đâu (cho cán bộ duyệt)
basis-calendar = tính theo lịch
basis-case = ví dụ thử của quy tắc
basis-commune = dự báo của chính xã này
basis-stand-in = { $place }
basis-rain-gauge = trạm đo mưa { $name }, cách { $km } km
basis-river-gauge = trạm đo mực nước sông { $name }, cách { $km } km
basis-ensemble = dự báo tổ hợp của ECMWF qua Open-Meteo cho 25 km chung quanh, chưa kiểm chứng ở đây
basis-zone = ruộng vườn của vùng { $zone }
basis-past-rain = lượng mưa mười lăm ngày qua: { $place }
basis-market = chợ bán sỉ { $town }
basis-stations = dự báo độ mặn của trạm { $names }, tính dọc theo sông
basis-other-branch = dự báo độ mặn của trạm { $names } trên nhánh sông khác, cùng khoảng cách tới biển

# Nguồn của một mức (cho cán bộ duyệt)
source-claim = { $mark }: { $document } – { $rule } { $name } { $value } { $unit }{ $used }{ $says }
source-practice = { $mark }: { $document } – cách làm của { $rule }
source-replay = diễn lại: quy tắc { $rule } có hiệu lực từ { $date }, áp cho ngày trước đó
source-place = { $mark }: vị trí lấy nước – { $note }
source-stricter-used = {" "}(mức chặt hơn, dùng mức này)
source-says = ; tài liệu ghi: { $says }
source-agrees = trùng mức, chưa kiểm chứng
source-unused = không dùng vì ít chặt hơn, { $trust }
trust-official = văn bản gốc
trust-sourced = có nguồn
trust-secondary = dẫn lại
trust-derived = suy ra
trust-unverified = CHƯA KIỂM CHỨNG
