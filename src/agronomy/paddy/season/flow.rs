//! Water through the profile: what drains in a day, and what soaks in from rain and the pond.
//!
//! AquaCrop reference manual, chapter 3, "Soil water balance": a layer above field capacity loses water at a rate that
//! grows exponentially with its content; water from above may pass no faster than that rate allows or
//! the layer conducts, and what cannot pass backs up.

use super::soil::{Compartment, Profile};

/// Returns the content (m³/m³) a compartment loses in a day at a content.
fn drainage_rate(c: &Compartment, content: f64) -> f64 {
    if content <= c.capacity {
        return 0.0;
    }
    let span = c.saturation - c.capacity;
    let relative =
        if content >= c.saturation { 1.0 } else { (content - c.capacity).exp_m1() / span.exp_m1() };
    (c.tau * span * relative).min(content - c.capacity)
}

/// Returns the content at which a compartment loses a rate (m³/m³/day), which may be above saturation.
fn content_draining(c: &Compartment, rate: f64) -> f64 {
    if rate <= 0.0 {
        return c.capacity;
    }
    let span = c.saturation - c.capacity;
    if c.tau <= 0.0 {
        return c.saturation + 0.01;
    }
    c.capacity + (rate * span.exp_m1() / (c.tau * span)).ln_1p()
}

/// What a compartment did with the water from above.
struct Passage {
    content: f64,
    out_mm: f64,
    excess_mm: f64,
}

/// Returns what becomes of a compartment and of the water (mm) that reaches it from above.
fn pass(c: &Compartment, content: f64, above_mm: f64) -> Passage {
    let mm = 1_000.0 * c.thickness_m;
    let over_mm = 1_000.0 * (c.bottom_m - c.thickness_m);
    let rate = drainage_rate(c, content);
    let mut passage = if above_mm <= rate * over_mm {
        Passage { content: content - rate, out_mm: above_mm + rate * mm, excess_mm: 0.0 }
    } else {
        fill(c, content + above_mm / mm, content_draining(c, above_mm / over_mm), over_mm)
    };
    if passage.out_mm > c.conductivity_mm {
        passage.excess_mm += passage.out_mm - c.conductivity_mm;
        passage.out_mm = c.conductivity_mm;
    }
    passage
}

/// Returns what becomes of a compartment that the water from above has filled to a content, when a
/// content `needed` would let as much pass.
fn fill(c: &Compartment, filled: f64, needed: f64, over_mm: f64) -> Passage {
    let mm = 1_000.0 * c.thickness_m;
    let held = needed.max(c.capacity);
    if needed <= c.saturation && filled > held {
        let rate = drainage_rate(c, held);
        let out_mm = (filled - held + rate) * mm;
        return Passage { content: held - rate, out_mm, excess_mm: 0.0 };
    }
    let rate = drainage_rate(c, filled);
    if filled <= c.saturation || needed <= c.saturation {
        return Passage { content: filled - rate, out_mm: rate * mm, excess_mm: 0.0 };
    }
    let excess_mm = (filled - c.saturation) * mm;
    let through_mm = (rate * over_mm).min(excess_mm);
    Passage {
        content: c.saturation - rate,
        out_mm: rate * mm + through_mm,
        excess_mm: excess_mm - through_mm,
    }
}

impl Profile {
    /// Drains the profile for a day; returns the flow (mm) out of each compartment, of which the last
    /// is what leaves the profile.
    pub(super) fn drain(&mut self) -> Vec<f64> {
        let mut flows = vec![0.0; self.compartments.len()];
        let mut out_mm = 0.0;
        for i in 0..self.compartments.len() {
            let passage = pass(&self.compartments[i], self.water[i], out_mm);
            self.water[i] = passage.content;
            out_mm = passage.out_mm;
            flows[i] = out_mm;
            self.back_up(i, passage.excess_mm, &mut flows, i);
        }
        flows
    }

    /// Stores water (mm) from a compartment upwards and returns what finds no room; flows out of
    /// compartments above `below` (exclusive) shrink by what passes them.
    fn back_up(&mut self, from: usize, excess_mm: f64, flows: &mut [f64], below: usize) -> f64 {
        let mut excess = excess_mm;
        for i in (0..=from).rev() {
            if excess <= 0.0 {
                break;
            }
            if i < below {
                flows[i] -= excess;
            }
            let c = &self.compartments[i];
            self.water[i] += excess / (1_000.0 * c.thickness_m);
            let over = (self.water[i] - c.saturation).max(0.0);
            excess = c.mm(over);
            self.water[i] -= over;
        }
        excess
    }

    /// Lets water (mm) soak in after [`Self::drain`]; returns what backs up above the soil and what
    /// leaves the profile (mm).
    pub(super) fn soak(&mut self, water_mm: f64, flows: &mut [f64]) -> (f64, f64) {
        let before = self.water.clone();
        let (mut left, mut above_mm) = (water_mm, 0.0);
        for i in 0..self.compartments.len() {
            if left <= 0.0 {
                break;
            }
            let c = self.compartments[i];
            let mm = 1_000.0 * c.thickness_m;
            let full_rate = c.tau * (c.saturation - c.capacity);
            let mut rate = (left / mm).min(full_rate);
            let mut target = c.saturation;
            if left / mm < full_rate {
                target = content_draining(&c, rate).min(c.saturation);
                if target <= c.capacity {
                    target = c.capacity;
                    rate = 0.0;
                }
            }
            // The rate counts in proportion to what the full layer conducts.
            let passes = (c.conductivity_mm * rate / full_rate).min(c.conductivity_mm - flows[i]);
            if target > before[i] {
                self.water[i] += left / mm;
                let over = (self.water[i] - target).max(0.0);
                self.water[i] -= over;
                left = over * mm;
            }
            flows[i] += left;
            let excess = (left - passes).max(0.0);
            left -= excess;
            above_mm += self.back_up(i, excess, flows, i + 1);
        }
        (above_mm, left.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::soil::PaddySoil;
    use super::*;

    fn full() -> Profile {
        let mut profile = Profile::new(&PaddySoil::aquacrop_paddy()).expect("a plain soil");
        let full: Vec<f64> = profile.compartments.iter().map(|c| c.saturation).collect();
        profile.water = full;
        profile
    }

    #[test]
    fn a_full_paddy_loses_what_its_pan_lets_through_and_no_water_is_lost() {
        let mut profile = full();
        let before = profile.total_mm();
        let flows = profile.drain();
        let out = flows[flows.len() - 1];
        // 0.11 of the 0.01 between full and field capacity, over 1.2 m.
        assert!((out - 1.32).abs() < 1e-9, "{out}");
        assert!((before - profile.total_mm() - out).abs() < 1e-9);
    }

    #[test]
    fn what_does_not_soak_in_stays_above() {
        let mut profile = full();
        for _ in 0..30 {
            let mut flows = profile.drain();
            let drained = flows[flows.len() - 1];
            let before = profile.total_mm();
            let (above, through) = profile.soak(15.0, &mut flows);
            let stored = profile.total_mm() - before;
            assert!((15.0 - above - through - stored).abs() < 1e-9);
            assert!(drained <= 2.0 + 1e-9 && above >= 0.0);
        }
        let (above, _) = {
            let mut flows = profile.drain();
            profile.soak(15.0, &mut flows)
        };
        assert!(above > 10.0, "a soaked paddy takes up little: {above}");
    }

    #[test]
    fn soil_at_field_capacity_does_not_drain() {
        let mut profile = Profile::new(&PaddySoil::aquacrop_paddy()).expect("a plain soil");
        assert!(profile.drain().iter().all(|flow| flow.abs() < 1e-12));
    }
}
