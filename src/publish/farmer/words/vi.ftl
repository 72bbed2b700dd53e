# Trang của nông dân, tiếng Việt. Câu ngắn, từ quen dùng ở miền Tây. Cùng khóa và cùng biến với en.ftl (có kiểm tra).

language = Tiếng Việt
site = Muavu – hôm nay lấy nước được không?
about = Độ mặn và lời khuyên lấy nước cho 124 xã, phường của Vĩnh Long, cán bộ nông nghiệp duyệt.
skip = Tới câu trả lời

# Chọn xã
choose = Bà con ở xã, phường nào?
search-label = Tên xã, phường (tên mới hay tên cũ, có dấu hay không dấu đều được)
search = Tìm
near = Xã gần tôi
near-failed = Điện thoại không cho biết vị trí. Bà con gõ tên xã giúp.
near-title = Mấy xã gần chỗ bà con nhất
near-far = Chỗ bà con cách xa các xã của tỉnh. Chọn xã trong danh sách.
near-km = cách khoảng { $km } km
mine = Xã của tôi
forget = Xóa xã đã nhớ trên máy này
found = Tìm thấy { $count } xã, phường cho “{ $query }”
found-none = Chưa thấy xã nào tên “{ $query }”. Bà con gõ lại, hoặc chọn trong danh sách.
found-typo = Không có tên “{ $query }”. Có phải bà con muốn tìm:
was-commune = { $old } ({ $district }) cũ
was-commune-part = một phần { $old } ({ $district }) cũ
was-district = thuộc { $district } cũ
all-of = { $province } cũ: { $count } xã, phường
unknown-commune = Không có xã nào mang mã này. Bà con chọn lại trong danh sách.
change = Đổi xã
kind-commune = Xã { $name }
kind-ward = Phường { $name }

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

# Màn hình
crops = Cây trồng
question = { $crop }: lấy nước được không?
answer-take = LẤY NƯỚC ĐƯỢC
answer-test = ĐO TRƯỚC KHI LẤY
answer-shut = ĐÓNG CỐNG
answer-other = XEM LỜI KHUYÊN
answer-none = CHƯA CÓ LỜI KHUYÊN
until = Tin có giá trị đến { $time }.
end-of-day = hết ngày { $date }
over = TIN ĐÃ CŨ, ĐỪNG LÀM THEO. Hết giá trị từ { $time }.
sure = Chắc đến đâu
sure-usable = { $often } nước dùng được.
sure-beyond = { $often } nước mặn quá mức.
sure-outside = { $often } nước ngoài mức tôm chịu được.
sure-shown = { $often } xảy ra như tin này.
often = { $parts } trong 10 lần
often-few = Chưa tới 1 trong 10 lần
often-most = Hơn 9 trong 10 lần
why = Vì sao
work = Việc hôm nay
work-none = Không có việc gì riêng cho hôm nay. Nhớ đo độ mặn trước mỗi lần lấy nước.
work-week = Việc tuần này, gấp trước

none-waiting = Có { $count } lời khuyên cho xã đang chờ cán bộ duyệt. Chưa duyệt thì chưa đăng.
none-silent = Hôm nay chưa có lời khuyên nào cho { $crop } ở xã này được duyệt.
none-since = Lần tính mới nhất: { $time } ({ $age }).
none-never = Máy chưa tính lần nào cho xã này.
none-do = Trong lúc chờ: đo độ mặn trước khi lấy nước, hỏi cán bộ nông nghiệp xã, phường hoặc người quản lý cống.
water-here = Nước ở xã này
crop-not-here = Danh sách của xã chưa có { $crop }. Đây là tin cho { $shown }.
no-crops = Chưa có danh sách cây trồng của xã này.

sown-label = Ngày gieo sạ
sown-note = Chỉ nhớ trên máy của bà con, không gửi đi đâu để lưu.
sown-show = Xem
sown-age = Lúa sạ được { $days } ngày: { $stage }.
sown-ahead = Còn { $days } ngày nữa tới ngày sạ.
sown-done = Lúa sạ đã { $days } ngày, có lẽ đã gặt. Bà con chọn lại ngày sạ.
sown-differs = Tin này viết cho lúa { $stage }. Ruộng của bà con khác giai đoạn, hỏi thêm cán bộ nông nghiệp.
sown-wrong = Không hiểu ngày “{ $given }”. Bà con chọn lại ngày sạ.

week = Độ mặn 7 ngày
week-caption = Độ mặn cao nhất trong ngày, ‰. Mức chịu được của { $crop }: { $limit }‰.
week-caption-plain = Độ mặn cao nhất trong ngày, ‰.
week-day = Ngày (âm lịch)
week-salt = Độ mặn
week-usable = Mấy lần dùng được
week-limit = mức chịu { $limit }‰
week-picture = Hình độ mặn 7 ngày. Số ở bảng kế bên.
week-how = Số lớn (gạch đậm trong hình) là mức giữa. 10 lần thì 8 lần nằm trong khoảng ghi dưới (cột nhạt). 3/10 là 3 trong 10 lần nước dùng được.
day-mon = T2
day-tue = T3
day-wed = T4
day-thu = T5
day-fri = T6
day-sat = T7
day-sun = CN

hours = Giờ lấy nước
hours-at = Máy đo { $probe }, tính lúc { $time }: nước dưới { $limit }‰ vào
hours-one = { $from } đến { $until } ({ $often })
hours-never = Tới { $time } không có lúc nào chắc 8 trong 10 lần. Đừng lấy nước theo máy này.
hours-auto = Số tự động từ máy đo. Vẫn làm theo câu trả lời ở trên, và đo lại trước khi lấy.

price = Giá
price-rice_price_wholesale = Gạo bán sỉ { $place }, đồng/kg
price-rice_price_export = Gạo 5 % tấm xuất khẩu, đô la/tấn
price-an_giang = An Giang
price-dong_thap = Đồng Tháp
price-month = Tháng { $month }
price-range = { $low } đến { $high }
price-how = Mức giữa, và khoảng mà 10 lần thì 8 lần giá nằm trong đó. Tính ngày { $date }. Không phải lời khuyên mua hay bán.
price-fertiliser = Phân bón, giá thế giới, đô la/tấn (giá ở tiệm theo sau)
price-urea = Urê
price-dap = DAP
price-potassium_chloride = Kali
price-naive = Mức giữa chỉ là giá mới nhất, vì chưa có cách tính nào hơn được.
price-simple = Tính bằng cách đơn giản, vì chưa có cách nào hơn được.
price-none = Chưa có nguồn giá { $crop }.

trust = Tin này từ đâu
trust-by = Ai duyệt
trust-person = { $who }, lúc { $time }
trust-policy = Máy đăng theo quy định của tỉnh, cán bộ chưa xem, lúc { $time }
trust-sample = Dữ liệu mẫu, không ai duyệt
trust-age = Tin viết
trust-data = Số đo mới nhất
trust-data-old = { $time }, đã cũ, nên dè dặt
trust-right = Đúng mấy lần
trust-right-here = Trạm { $station }: { $often } độ mặn hôm sau nằm trong khoảng đã báo
trust-right-all = Tính chung các trạm: { $often } độ mặn hôm sau nằm trong khoảng đã báo
trust-right-error = , lệch trung bình { $error }‰
trust-right-days = ({ $days } ngày, từ { $from } đến { $until }).
trust-right-none = Chưa có sổ đúng sai ở đây.
trust-said = Bà con nói sao
trust-said-here = Ở đây { $persons } người trả lời: { $right } lần nói đúng, { $wrong } lần nói sai. Không phải ai cũng trả lời, nên không tính chung với số ở trên.
trust-said-all = Cả tỉnh { $persons } người trả lời: { $right } lần nói đúng, { $wrong } lần nói sai. Không phải ai cũng trả lời, nên không tính chung với số ở trên.
full = Đọc phần còn lại của tin đã duyệt
ask = Chưa rõ thì hỏi cán bộ nông nghiệp xã, phường.

age-now = vừa xong
age-minutes = { $n } phút trước
age-hours = { $n } giờ trước
age-days = { $n } ngày trước
offline = Không có mạng. Đây là bản lưu trên máy, { $age }.

sample = DỮ LIỆU MẪU – không dùng để quyết định.
poster = In tờ dán (A4)
licence = Số liệu mở, giấy phép { $licence }.
made-by = Muavu, tỉnh Vĩnh Long

poster-title = Hôm nay lấy nước được không?
poster-scan = Mở máy ảnh điện thoại, đưa vào ô vuông này
poster-or = hoặc gõ địa chỉ
poster-read = Cách đọc
poster-take = Mở cống lấy nước khi nước ròng rút xuống.
poster-test = Đo độ mặn ngoài cống trước. Dưới mức ghi trong tin mới lấy.
poster-shut = Không lấy nước. Giữ nước đang có.
poster-free = Miễn phí, không cần cài đặt. Tin mới mỗi sáng, cán bộ nông nghiệp duyệt.
poster-hang = Dán ở cống, trụ sở ấp, quán cà phê. Tờ này không ghi tin trong ngày nên không cũ.
