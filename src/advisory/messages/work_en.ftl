# The work of the week, English. Same keys and arguments as work_vi.ftl (checked).
# No product, no dose, no order to sell, no official risk level of our own.

week-head = The week's work, the most urgent first:
week-by = Have it done by the end of { $date }.
week-day = On { $date }.
week-days = From { $from } to { $until }.
week-why = Because { $list }.
week-sure = How sure: { $parts ->
    [0] less than 1 chance
    [10] more than 9 chances
   *[other] { $parts } chances
} in 10.
week-source = Based on { $source }.
week-source-unverified = Based on { $source }. NOT VERIFIED.
week-missing = There is NO forecast today of { $list } for this place. That does not mean that nothing will happen.
week-no-salt = About salt water: no answer today. { $reason } Always measure the salinity before taking water.

lunar-day = { $date } (day { $day } of lunar month { $month }, { $water })
lunar-day-leap = { $date } (day { $day } of leap lunar month { $month }, { $water })
water-rong = spring tide
water-to_kem = from spring to neap tide
water-kem = neap tide
water-to_rong = from neap to spring tide

# What to do
work-drain_delay_sowing = Wait with sowing. Where it is just sown, open every drain before the rain.
work-watch_seed_rain = Clear the drains of fields to be sown or just sown.
work-drain_now = Clear the ditches and let water off fields and beds now; have the pump ready.
work-drain_watch = Clear the ditches and look at the drains.
work-drain_pond_surface = Open the upper boards so that rain water runs off the pond's surface; aerate when the rain ends.
work-raise_bunds_pump_out = Raise the ring dyke, shut sluices and culverts, have the pump ready.
work-check_bunds = Walk the ring dyke and the culverts, mend weak spots.
work-check_bunds_spring_tide = High tides are near: walk the ring dyke and the culverts.
work-lodging_high_harvest_early = Lodging is likely. Fields that are 80 per cent ripe: harvest early; others: let off some water.
work-lodging_watch = Let off some of the field's water against lodging.
work-storm_prepare = Prop and tie trees, moor sheds, pick ripe fruit, keep away from tall trees in the wind.
work-keep_5cm_water_no_spray_9_11h = Keep about 5 cm of water in the field. No spraying from 9 to 11 in the morning, while the rice flowers open.
work-heat_severe = Work early and late. Shade young plants, water early, drink much.
work-heat_notice = It will be hot. Do heavy work early or late.
work-no_spray = Strong wind: no spraying.
work-no_spray_inversion = Dead calm under a clear sky: no spraying, the drops drift to other fields.
work-no_spray_wet_air = The air is wet: no spraying until the dew is off.
work-no_spray_dry_air = The air is hot and dry: no spraying before it cools.
work-no_spray_rain = It may rain: no spraying, rain washes it into the canal.
work-reflood_5cm = The tube reads 15 cm below the soil. Pump in 5 cm again.
work-keep_5cm = Rice in the boot and in flower must not dry out. Keep about 5 cm of water.
work-check_field_tube = Look at the field's water tube. Pump in 5 cm only when it is 15 cm below the soil.
work-irrigate = Water the plants. The week asks for about { $value } mm beyond the rain.
work-final_drain = Drain for the last time, so that the ground is firm for the combine.
work-plan_harvest = See how ripe the rice is; order combine and dryer for the harvest.
work-harvest_window = Few rains these days: harvest and drying are possible.
work-blast_watch = Walk the field and look for leaf blast and neck blast. No more nitrogen. Ask the plant protection officer before any spraying.
work-scout_blast = Walk the field and look closely for leaf blast and neck blast. If you see it, ask the plant protection officer.
work-scout_sheath_blight = Walk the field and look at the foot of the plants for sheath blight. If you see it, ask the plant protection officer.
work-scout_bacterial_blight = Walk the field and look for bacterial leaf blight. If you see it, give no more nitrogen and ask the plant protection officer.
work-sow_now_within_3d = The brown planthopper has just peaked in the light trap. Sowing to dodge BPH: sow in these three days, the whole block together.
work-scout_bph = The brown planthopper is hatching. Look for nymphs at the foot of the rice; ask the plant protection officer before you do anything.
work-drain_collect_snails = Let the water down to 2 or 3 cm, draw furrows so that each golden apple snail gathers there, pick them, screen the inlets.
work-may_release_wasps = Wasps against the coconut black-headed caterpillar may be released. No insecticide in the garden from now on.
work-scout_psyllid_eggs = Look on new shoots for eggs of the psyllid that carries citrus greening (HLB).
work-flower_trigger_met = It has been dry long enough for durian to flower. Look at the buds, keep ditches low, water lightly.
work-aerate_reduce_feed = The pond is hot. Aerate, feed less at noon.
work-measure_pond_heat = Hot days are near. Measure the pond's temperature in the early afternoon, keep the water deep.
work-aerate = The pond lacks oxygen. Aerate now, stop feeding.
work-change_pond_water = The pond water is foul (ammonia). Change part of it from the settling pond, feed less.
work-move_or_harvest_clams = The water is too fresh for the clam flat. Harvest the large, move the small to a saltier flat.
work-thin_out_clams = The clam flat is too hot. Thin it out before the noon ebb.
work-price_outlook = The price of rice will move in the range below. Ask several traders and the cooperative before you take a deposit.
work-list_contract_buyers_dryers = The price is below your unit cost. Ask the cooperative about contracts, dryers and other buyers.
work-sow_in_window = It is the zone's time of sowing. With fresh water and level ground sow the whole block together; the province's own calendar stands above this one.

# Why
cause-rain_amount = rain on { $day } about { $value } mm ({ $low } to { $high }), the limit is { $limit }
cause-rain_occurrence = on { $day } there are { $parts } chances in 10 of rain
cause-rain_occurrence-below = little rain from { $day } to { $until }, { $parts } chances in 10 of a dry day
cause-tmax = the highest temperature on { $day } is about { $value } °C ({ $low } to { $high }), the limit is { $limit } °C
cause-tmin = nights of about { $value } °C from { $day } to { $until }
cause-humidity = humidity of about { $value } per cent from { $day } to { $until }
cause-wind = wind on { $day } about { $value } m/s ({ $low } to { $high })
cause-wind_max = the strongest wind on { $day } is about { $value } m/s ({ $low } to { $high }), and each gust is stronger
cause-irrigation_need-total = from { $day } to { $until } the zone's fields ask for about { $value } mm of water ({ $low } to { $high })
cause-leaf_blast_rank = this season's weather favours the disease more than about { $value } years in 10 here
cause-sheath_blight_rank = this season's weather favours the disease more than about { $value } years in 10 here
cause-bacterial_blight_rank = this season's weather favours the disease more than about { $value } years in 10 here
cause-water_level_over_bd1 = the mean level on { $day } against alarm stage 1: { $value } m ({ $low } to { $high }), higher at high water
cause-water_level_over_bd3 = the mean level on { $day } against alarm stage 3: { $value } m ({ $low } to { $high }), higher at high water
cause-rice_price_wholesale = wholesale rice in { $month } about { $value } dong a kilo, 8 chances in 10 from { $low } to { $high }
cause-days_to_harvest = days to harvest: about { $value }
cause-days_to_sowing = so says the zone's calendar
cause-days_after_heading = { $value } days since heading
cause-month = it is the season for it
cause-con_nuoc_height = spring tide is at its height on { $day }
cause-gust = a gust of { $value } m/s on { $day }
cause-rain_12h = { $value } mm of rain in half a day
cause-rain_15d_mean = { $value } mm of rain a day over the fifteen days before
cause-wind_2m_now = { $value } m/s of wind measured at the field
cause-delta_t_now = { $value } °C between dry and wet bulb
cause-pond_depth = the tube reads { $value } cm
cause-snails_per_m2 = { $value } snails counted on a square metre
cause-bph_trap_peak = the light-trap catch peaked on { $day }
cause-bph_days_since_peak = { $value } days since the peak of the light-trap catch
cause-days_since_insecticide = { $value } days without insecticide
cause-flush_degree_days = it has been warm enough for the first eggs since the new shoots ({ $value } degree-days)
cause-pond_water_temp = the pond is at { $value } °C, the limit is { $limit } °C
cause-pond_oxygen = oxygen of { $value }, needed are { $limit } mg/L
cause-pond_ammonia = ammonia of { $value }, the limit is { $limit } mg/L
cause-clam_salinity = salinity over the flat { $value } g/L, needed are { $limit } g/L
cause-clam_water_temp = water on the flat at { $value } °C, the limit is { $limit } °C
cause-price_over_breakeven = the price offered against the unit cost: { $value } per cent

# What gives way to what
resolve-rain_over_irrigation = Rain is near (from { $date }): no watering, no pumping yet.
resolve-fill_before_salt = Salt is coming: take fresh water for this today.
resolve-stored_water_only = The river is salty: use stored fresh water only.
resolve-measure_before_irrigation = Measure the salinity first, use it only when fresh enough.
resolve-no_sowing_into_salt = The water is still salty: no sowing, though the calendar says so.
resolve-no_sowing_into_rain = Heavy rain is near (from { $date }): sowing waits until it is over.
resolve-flood_before_drain = The river is high: see to the ring dyke first, drain on the ebb.
resolve-keep_water_in_flower = The rice is in flower: leave about 5 cm, let off only what rain puts above it.
resolve-no_spray_before_rain = Go and look, but no spraying on the days named below.
resolve-heat_in_flower_says_more = Heat: for rice in flower, keeping the water as above is enough.
resolve-cut_before_storm = Strong wind is near (from { $date }): do it now, before the wind.
resolve-pond_water_from_store = The river does not suit the shrimp: change with water of the settling pond only.

# Names of quantities, to say which has no forecast
quantity-rain_amount = rain
quantity-rain_occurrence = rain
quantity-tmax = temperature
quantity-tmin = temperature
quantity-humidity = humidity
quantity-wind = wind
quantity-wind_max = wind
quantity-irrigation_need = irrigation need
quantity-leaf_blast_rank = rice diseases
quantity-sheath_blight_rank = rice diseases
quantity-bacterial_blight_rank = rice diseases
quantity-water_level_over_bd1 = river level
quantity-water_level_over_bd3 = river level
quantity-rice_price_wholesale = price of rice
quantity-days_to_harvest = harvest date

# Where a figure comes from (for who reviews)
basis-calendar = the calendar
basis-case = a case of the rule's own
basis-commune = the forecast of the commune itself
basis-stand-in = { $place }
basis-rain-gauge = the rain gauge { $name }, { $km } km away
basis-river-gauge = the river gauge { $name }, { $km } km away
basis-ensemble = the ensemble forecast of ECMWF by Open-Meteo for the 25 km around, not verified here
basis-zone = fields of the zone { $zone }
basis-past-rain = rain of the fifteen days before: { $place }
basis-market = the wholesale market of { $town }
basis-stations = the salinity forecast of the station { $names }, carried along the river
basis-other-branch = the salinity forecast of the station { $names } on another branch, at the same distance from the sea

# Where a limit comes from (for who reviews); "unverified: " is looked for
source-claim = { $mark }: { $document }: { $rule } { $name } { $value } { $unit }{ $used }{ $says }
source-practice = { $mark }: { $document }: practice behind { $rule }
source-replay = replay: rule { $rule } in force since { $date }, applied to an earlier day
source-place = { $mark }: place of intake: { $note }
source-stricter-used = {" "}(the stricter, used)
source-says = ; it says: { $says }
source-agrees = agrees, not verified
source-unused = not used, less strict, { $trust }
trust-official = official
trust-sourced = sourced
trust-secondary = secondary
trust-derived = derived
trust-unverified = unverified
