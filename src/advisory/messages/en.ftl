# Advice for farmers, English. Same keys and same arguments as vi.ftl (a test checks it).

sample-note = SAMPLE DATA – not for decisions.

headline = { $severity }: { $commune } – { $field } – issued { $date }
field-plain = { $crop }
field-staged = { $crop } ({ $stage })

severity-normal = NORMAL
severity-notice = NOTICE
severity-warning = WARNING
severity-emergency = URGENT

crop-rice = rice
crop-rice_shrimp = rice-shrimp
crop-durian = durian
crop-rambutan = rambutan
crop-mangosteen = mangosteen
crop-citrus = orange, mandarin, lime
crop-pomelo = pomelo
crop-longan = longan
crop-coconut = coconut
crop-vegetables = vegetables
crop-nursery = nursery plants and ornamentals
crop-shrimp = shrimp
crop-clam = clam

stage-any = stage not known
stage-fallow = field at rest
stage-pre_sowing = before sowing
stage-germination = just sown
stage-seedling = seedling
stage-tillering = tillering
stage-panicle = panicle forming
stage-flowering = flowering
stage-ripening = milk to ripe

answer-open-fresh = Tomorrow ({ $date }): WATER MAY BE TAKEN. Open the sluice on the ebb.
answer-open-brackish = Tomorrow ({ $date }): WATER MAY BE TAKEN into the pond.
answer-test-above = Tomorrow ({ $date }): MEASURE FIRST. Take water only when the meter shows less than { $limit } g/L.
answer-test-below = Tomorrow ({ $date }): MEASURE FIRST. Take water only when the meter shows { $limit } g/L or more.
answer-shut = Tomorrow ({ $date }): TAKE NO WATER. Keep the sluice shut.

lasts-one = This holds for tomorrow only. Look again after that.
lasts-until = This holds to the end of { $until } ({ $days } days).
rises = From { $date } the water will probably be past the safe limit.
falls = From { $date } the water will probably be back within the safe limit. Measure first even then.
stays-good = Up to { $until } no day is expected to pass the safe limit.
stays-bad = Up to { $until } no day is expected to come back within the safe limit.

do = What to do: { $action } { $deadline }
do-plain = What to do: { $action }
deadline-now = Do it at once.
deadline-today = Do it today.
deadline-date = Have it done by the end of { $date }.

action-test_before_intake = Wait for the ebb and measure the salinity outside the sluice. Below { $limit } g/L take what you need, then shut the sluice again.
action-stop_intake = Shut the sluice and stop pumping. Keep the water that stands in the field.
action-stop_intake_flush = Shut the sluice tight and stop pumping. If salt water got in, drain it, and wash the field when fresh water is back.
action-delay_sowing = Do not sow yet. Sow when the water stays fresh.
action-keep_salt_out = Shut the sluice and let no salt water onto the field, so that the soil stays free of salt.
action-wash_on = Go on washing the field whenever the water outside is below { $limit } g/L. Do not sow yet.
action-may_sow_after_wash = When washing is done and the water in the field is below { $limit } g/L, you may sow.
action-stop_irrigation = Shut the sluice. Irrigate with stored fresh water, not with river water.
action-use_stored_water_thin_fruit = Shut the sluice tight and do not irrigate from the river. Use stored fresh water only. Thin the fruit of weak trees.
action-mix_or_store = Measure the salinity outside the sluice. Above { $limit } g/L mix it with stored fresh water and irrigate only once it measures below { $limit } g/L.
action-reduce_irrigation = Irrigate less, and take water on the ebb.
action-stop_irrigation_beds = Shut the sluice tight and do not irrigate the beds from the river. Use stored fresh water or tap water.
action-store_fresh_now = Store fresh water now. Fill ditches, ponds and tanks on the ebb while the water is fresh, then shut the sluice before the salt comes.
action-may_open_sluice_on_ebb = Open the sluice on the ebb, when it measures below { $limit } g/L. A shared sluice follows its operator's timetable.
action-test_before_pond_intake = Measure the salinity before letting water into the pond. It must be below { $limit } g/L.
action-hold_pond_water = Keep the water that is in the pond. Measure before taking more.
action-may_take_brackish_water = Take water into the settling pond first, measure it, then let it into the shrimp pond.

why-above = Why: on { $day } the highest salinity will be about { $value } g/L (8 chances in 10 that it lies between { $low } and { $high } g/L). The limit is { $limit } g/L.
why-below = Why: on { $day } the highest salinity will be about { $value } g/L (8 chances in 10 that it lies between { $low } and { $high } g/L). At least { $limit } g/L is needed.
why-harm = Why: on { $day } the highest salinity will be about { $value } g/L (8 chances in 10 that it lies between { $low } and { $high } g/L). The limit is { $limit } g/L; grave damage starts at { $harm } g/L.

reason-young_rice = Salt kills young rice, and the field must be sown again.
reason-rice = Salt slows rice down and costs yield.
reason-flowering = Salt while the panicle forms and flowers leaves empty grains.
reason-ripening = Ripening rice needs little water; take none that is salty.
reason-sowing = Rice sown into salt water comes up unevenly.
reason-fallow_soil = Salt water on the field means more washing before the next crop.
reason-washing = The soil of a shrimp field must be washed free of salt before rice will grow.
reason-washing_done = The water stays fresh enough for seedlings all the coming week.
reason-orchard = This tree fears salt: leaves scorch, fruit drops, trees may die.
reason-citrus = Salt turns the leaves of citrus yellow and drops the fruit.
reason-coconut = Coconut stands some salt, but much of it drops young nuts and keeps the others small.
reason-vegetables = Salt water scorches the leaves of vegetables.
reason-nursery = Young plants and ornamentals cannot stand salt water.
reason-shrimp_salty = In water that is too salty shrimp grow slowly and fall ill.
reason-shrimp_fresh = In water that is too fresh shrimp have soft shells and suffer shock.
reason-shrimp_range = The salinity lies in the range shrimp can stand.
reason-store = Salt is coming, and then no water can be taken.
reason-open = The water is still fresh, below what the crop can stand.

source = Based on { $source }.
source-stricter = Other sources say { $others } g/L. This advice follows the stricter one.
source-unverified = This limit is NOT VERIFIED; an agronomist must look at it again.

sure-beyond-above = How sure: { $parts ->
    [0] less than 1 chance
    [10] more than 9 chances
   *[other] { $parts } chances
} in 10 that the water is too salty ({ $percent } %), that is: { $word }.
sure-beyond-below = How sure: { $parts ->
    [0] less than 1 chance
    [10] more than 9 chances
   *[other] { $parts } chances
} in 10 that the water is too fresh ({ $percent } %), that is: { $word }.
sure-beyond-harm = How sure: { $parts ->
    [0] less than 1 chance
    [10] more than 9 chances
   *[other] { $parts } chances
} in 10 that the water is salty enough for grave damage ({ $percent } %), that is: { $word }.
sure-within = How sure: { $parts ->
    [0] less than 1 chance
    [10] more than 9 chances
   *[other] { $parts } chances
} in 10 that the water is usable ({ $percent } %), that is: { $word }.
sure-asymmetry = That is less than even, but taking the wrong water costs more than waiting, so take care first.
likely-very_high = very likely
likely-high = likely
likely-even = uncertain
likely-low = unlikely
likely-very_low = very unlikely

odds = Odds that the water is usable, by day: { $list }.
also = Also: { $list }
measure = Salinity rises and falls with the tide. Always measure before taking water.
place = Where this holds: { $note }.
place-unverified = This place of intake is NOT VERIFIED.
age-hours = Newest measurement: { $hours } hours ago, station { $stations }.
age-days = Newest measurement: { $days } days ago, station { $stations }. It is old, so be careful.
age-none = The station is not known.
baseline = Today's forecast is a simple rule, because the model does not beat it here.
ask = If in doubt, ask the agricultural officer of your commune, or the operator of the sluice.
expires = Valid to the end of { $date }. The level is Muavu's own, not an official disaster risk level.

silence = { $commune } – issued { $date }: no answer about salt water today.
silence-crop = { $commune } – { $crop } – issued { $date }: no answer about salt water today.
none-no_intake_known = Reason: it is not known which sluice brings this commune's water.
none-beyond_recorded_reach = Reason: far from the sea, our sources record no salt water this far. This does not mean that it is surely fresh.
none-sea_water = Reason: on the open coast a forecast of river salinity does not apply.
none-no_station_near = Reason: the stations are too far away to estimate.
none-no_station_on_branch = Reason: this river branch has no station.
none-stations_silent = Reason: the stations have sent no measurements.
none-not_forecast = Reason: there is no forecast for tomorrow.
none-no_rule = Reason: no salt limit is in force for this crop.
none-no_crop = Reason: the crops of this commune are not recorded.

# A river without a reporting station today borrows another river's.
note-borrowed = No station on this river reported today. This is estimated from { $stations } on another river, at the same distance from the sea, so the range is wide

# Alarms from sensors. The time is always the reading's own, not that of sending.
alarm-salt-opened = { $severity } – SALT HAS COME: { $place } read { $value } g/L at { $time }, above { $limit } g/L.
alarm-salt-opened-do = Stop taking water, close the sluice.
alarm-salt-raised = { $severity } – SALT IS RISING: { $place } read { $value } g/L at { $time }, above { $limit } g/L.
alarm-salt-raised-do = Keep the sluice shut, use only stored water.
alarm-salt-updated = { $severity } – SALT STILL RISES: { $place } read { $value } g/L at { $time }, the highest so far.
alarm-salt-updated-do = Keep the sluice shut.
alarm-salt-eased = { $severity } – SALT IS FALLING: { $place } has not reached { $limit } g/L for { $hours } hours; { $value } g/L at { $time }.
alarm-salt-eased-do = Do not take water yet.
alarm-salt-cleared = SALT IS OVER: { $place } has not reached { $limit } g/L for { $hours } hours; { $value } g/L at { $time }.
alarm-salt-cleared-do = Measure before you take water.
alarm-measure = Measure the salinity before every intake.
alarm-silent-opened = (Technical) The sensor at { $place } has sent nothing since { $time }. The salinity here is old: do not rely on it.
alarm-silent-cleared = (Technical) The sensor at { $place } sends again, at { $time }.
alarm-dead_channel-opened = (Technical) The probe at { $place } measures nothing since { $time }. Check cable and probe.
alarm-dead_channel-cleared = (Technical) The probe at { $place } measures again since { $time }.
alarm-flat_line-opened = (Technical) The readings at { $place } stand still until { $time }. The probe may be stuck or dry.
alarm-flat_line-cleared = (Technical) The readings at { $place } move again since { $time }.
alarm-drift-opened = (Technical) The probe at { $place } follows the tide less and less (until { $time }). It may be fouled: clean it.
alarm-drift-cleared = (Technical) The probe at { $place } follows the tide again since { $time }.
alarm-disagrees-opened = (Technical) The sensor at { $place } is far from its neighbour at { $time }. Measure by hand to know which is right.
alarm-disagrees-cleared = (Technical) The sensor at { $place } agrees with its neighbour again since { $time }.
alarm-clock-opened = (Technical) The clock of the sensor at { $place } is wrong (at { $time }). Set it, or enter clock_offset_secs.
alarm-clock-cleared = (Technical) The clock of the sensor at { $place } is right again since { $time }.
alarm-low_battery-opened = (Technical) The battery of the sensor at { $place } is nearly empty (at { $time }).
alarm-low_battery-cleared = (Technical) The battery of the sensor at { $place } is full enough again since { $time }.
alarm-unreviewed = Automatic message, not yet reviewed.
