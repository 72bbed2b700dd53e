//! Green canopy cover: logistic growth, mid-season, decline, and early death for lack of water.
//!
//! AquaCrop reference manual, chapter 3, "Green canopy cover". Time runs in degree days since sowing.

use super::crop::RiceCrop;
use super::stress::Stress;

/// Share of the greatest cover from which growth no longer heeds leaf stress.
const NEARLY_FULL: f64 = 0.9799;
/// Cover below which the crop is dead.
const DEAD: f64 = 0.001;
/// The two constants of the curve of decline.
const DECLINE: (f64, f64) = (3.33, 2.29);

/// The canopy and what it has been through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Canopy {
    /// Cover (0 to 1).
    pub(super) cover: f64,
    /// Greatest cover reached, less what stress took away.
    pub(super) cover_max: f64,
    /// Greatest cover from which leaves have withered.
    pub(super) withered_from: f64,
    /// Cover from which growth starts anew.
    initial: f64,
    /// Degree days of early senescence so far.
    pub(super) early_gdd: f64,
    early_from: f64,
    /// Whether leaves die before their time.
    pub(super) early: bool,
    /// Whether nothing green is left.
    pub(super) dead: bool,
}

/// What drives the canopy on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct CanopyDay {
    /// Degree days since sowing, this day included.
    pub(super) time_gdd: f64,
    /// Degree days of the day.
    pub(super) gdd: f64,
    /// Stress of the day.
    pub(super) stress: Stress,
    /// Senescence stress with the threshold of its onset.
    pub(super) onset_senescence: f64,
}

/// Returns cover after a time of growth (exponential, then levelling off).
fn grown(initial: f64, most: f64, growth: f64, gdd: f64) -> f64 {
    let exponential = initial * (growth * gdd).exp();
    let cover = if exponential > most / 2.0 {
        most - 0.25 * most / initial * most * (-growth * gdd).exp()
    } else {
        exponential
    };
    cover.min(most).clamp(0.0, 1.0)
}

/// Returns the time of growth that leads to a cover.
fn time_to(cover: f64, initial: f64, most: f64, growth: f64) -> f64 {
    let log = if cover <= most / 2.0 {
        (cover / initial).ln()
    } else {
        (0.25 * most * most / initial / (most - cover)).ln()
    };
    log / growth
}

/// Returns cover after a time of decline from a cover.
fn declined(from: f64, decline: f64, gdd: f64) -> f64 {
    if from < DEAD {
        return 0.0;
    }
    let rate = decline * DECLINE.0 / (from + DECLINE.1);
    (from * (1.0 - 0.05 * (rate * gdd).exp_m1())).clamp(0.0, 1.0)
}

impl Canopy {
    /// Returns bare ground at sowing.
    pub(super) fn new(crop: &RiceCrop) -> Self {
        Self {
            cover: 0.0,
            cover_max: 0.0,
            withered_from: 0.0,
            initial: crop.cover_initial,
            early_gdd: 0.0,
            early_from: 0.0,
            early: false,
            dead: false,
        }
    }

    /// Returns the cover with the heat that bare ground between the plants lends it.
    pub(super) fn advective(cover: f64) -> f64 {
        1.72 * cover - cover.powi(2) + 0.3 * cover.powi(3)
    }

    /// Takes the canopy through a day.
    pub(super) fn step(&mut self, crop: &RiceCrop, day: &CanopyDay) {
        let before = self.cover;
        if day.time_gdd < crop.emergence_gdd || day.time_gdd.round() > crop.maturity_gdd {
            self.cover = 0.0;
            self.initial = crop.cover_initial;
        } else if day.time_gdd < crop.canopy_end_gdd() {
            self.grow(crop, day);
            self.cover_max = self.cover_max.max(self.cover);
        } else if day.time_gdd < crop.senescence_gdd {
            self.cover_max = self.cover_max.max(self.cover);
        } else {
            // A canopy that stayed smaller declines as much more slowly.
            let slower = (self.cover_max + DECLINE.1) / (crop.cover_max + DECLINE.1);
            let decline = crop.canopy_decline * slower;
            self.cover = declined(self.cover_max, decline, day.time_gdd - crop.senescence_gdd);
            self.bury();
        }
        if day.time_gdd >= crop.emergence_gdd {
            if day.time_gdd < crop.senescence_gdd || self.early_gdd > 0.0 {
                self.early_senescence(crop, day, before);
            }
            self.withered_from = self.withered_from.max(self.cover);
        }
    }

    fn bury(&mut self) {
        if self.cover < DEAD {
            self.cover = 0.0;
            self.dead = true;
        }
    }

    fn grow(&mut self, crop: &RiceCrop, day: &CanopyDay) {
        let unstressed =
            |since: f64| grown(crop.cover_initial, crop.cover_max, crop.canopy_growth, since);
        let since = day.time_gdd - crop.emergence_gdd;
        if self.cover <= self.initial {
            self.cover = self.initial * (crop.canopy_growth * day.gdd).exp();
            return;
        }
        let nearly = NEARLY_FULL * crop.cover_max;
        if self.cover >= nearly {
            self.cover = unstressed(since);
            self.initial = crop.cover_initial;
            return;
        }
        let growth = crop.canopy_growth * day.stress.expansion;
        if growth <= 0.0 {
            self.initial = if self.cover > self.initial { crop.cover_initial } else { self.cover };
            return;
        }
        let left = crop.canopy_end_gdd() - day.time_gdd + day.gdd;
        let reached = time_to(self.cover, self.initial, crop.cover_max, growth);
        if reached <= 0.0 {
            return;
        }
        // Slower growth leads to a smaller canopy by the end of its time.
        let most = grown(self.initial, crop.cover_max, growth, reached + left);
        if (self.cover - nearly).abs() < 0.001 {
            self.cover = unstressed(since);
        } else if most > self.cover {
            let so_far = time_to(self.cover, self.initial, most, growth);
            if so_far > 0.0 {
                self.cover = grown(self.initial, most, growth, so_far + day.gdd);
            }
        }
    }

    /// Leaves die early in dry soil, and rain may stop it.
    fn early_senescence(&mut self, crop: &RiceCrop, day: &CanopyDay, before: f64) {
        if day.stress.senescence < 1.0 {
            self.early = true;
            if self.early_gdd <= 0.0 {
                self.early_from = before;
            }
            self.early_gdd += day.gdd;
            let left = day.onset_senescence;
            let decline =
                if left > 0.99999 { 0.0001 } else { (1.0 - left.powi(8)) * crop.canopy_decline };
            let dying = self.dying(before, decline, day.gdd);
            if day.time_gdd < crop.senescence_gdd {
                self.cover = dying.min(crop.cover_max).min(before);
                self.cover_max = self.cover;
                self.initial = self.cover.min(crop.cover_initial);
            } else {
                self.cover = self.cover.min(dying);
            }
            self.bury();
            return;
        }
        self.early = false;
        let since = day.time_gdd - crop.senescence_gdd;
        if since > 0.0 && self.early_gdd > 0.0 {
            // Water came back in the late season: decline goes on as of a canopy that was smaller.
            let rate = crop.canopy_decline * DECLINE.0 / (crop.cover_max + DECLINE.1);
            let from = before / (1.0 - 0.05 * (rate * (since - day.gdd)).exp_m1());
            let slower = (from + DECLINE.1) / (crop.cover_max + DECLINE.1);
            self.cover_max = from;
            self.cover = declined(from, crop.canopy_decline * slower, since);
            self.bury();
        }
        self.early_gdd = 0.0;
    }

    fn dying(&self, before: f64, decline: f64, gdd: f64) -> f64 {
        if self.early_from < DEAD {
            return 0.0;
        }
        let rate = decline * DECLINE.0 / (self.early_from + DECLINE.1);
        let so_far = (1.0 + (1.0 - before / self.early_from) / 0.05).ln() / rate;
        (self.early_from * (1.0 - 0.05 * ((so_far + gdd) * rate).exp_m1())).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn season(stress: impl Fn(u32) -> Stress) -> Vec<f64> {
        let crop = RiceCrop::paddy_rice();
        let mut canopy = Canopy::new(&crop);
        let gdd = 19.0;
        (1..=100_u32)
            .map(|day| {
                let stress = stress(day);
                let time_gdd = f64::from(day) * gdd;
                let onset_senescence = stress.senescence;
                canopy.step(&crop, &CanopyDay { time_gdd, gdd, stress, onset_senescence });
                canopy.cover
            })
            .collect()
    }

    const NONE: Stress = Stress { expansion: 1.0, stomata: 1.0, senescence: 1.0 };

    #[test]
    fn cover_grows_to_its_greatest_and_declines_to_nothing_green() {
        let cover = season(|_| NONE);
        let most = cover.iter().copied().fold(0.0, f64::max);
        assert!((most - 0.95).abs() < 0.01, "{most}");
        assert!(cover[0] < 1e-9 && cover[2] > 0.05);
        assert!(cover[95] < 0.6 * most && cover.iter().all(|c| (0.0..=0.95).contains(c)));
    }

    #[test]
    fn leaf_stress_keeps_the_canopy_small_and_drought_kills_it() {
        let slow = season(|_| Stress { expansion: 0.4, ..NONE });
        assert!(slow[50] < 0.7 * season(|_| NONE)[50], "{}", slow[50]);
        let dry = Stress { senescence: 0.0, ..NONE };
        let killed = season(|day| if (40..60).contains(&day) { dry } else { NONE });
        assert!(killed[58] < 0.75 * killed[38], "{} {}", killed[58], killed[38]);
    }
}
