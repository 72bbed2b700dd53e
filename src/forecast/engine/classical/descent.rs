//! Least squares in a box for recursions: eight sets of parameters walk the series together.
//!
//! Levenberg (1944) and Marquardt (1963). A recursion waits for its own last result at every
//! step, so one set of parameters leaves the processor idle; eight at once cost about as much as
//! two. One pass gives the errors and their slopes along every axis (one lane each), the next
//! tries eight dampings. O(rounds × n).

/// Sets of parameters that one pass evaluates.
pub const LANES: usize = 8;

/// Rounds of two passes each; the sums are flat to four digits by then.
const ROUNDS: usize = 6;

/// A round that gains less than this share of the sum ends the search.
const GAIN_SHARE_MIN: f64 = 1e-4;

/// Step of the one-sided differences, in parts of the side of the box.
const NUDGE_SHARE: f64 = 1e-4;

/// Dampings tried side by side, in parts of the diagonal of `JᵀJ`.
const DAMPINGS: [f64; LANES] = [1e-6, 1e-3, 1e-2, 0.1, 0.5, 2.0, 10.0, 100.0];

/// One number a lane.
pub type Lanes = [f64; LANES];

/// A recursion of `N` parameters, `N` below [`LANES`].
pub trait Recursion<const N: usize> {
    /// Walks the series with the parameters `weights[parameter][lane]` and hands the one-step
    /// errors of every observed step to `take`.
    fn walk(&self, weights: &[Lanes; N], take: impl FnMut(&Lanes));
}

/// A box; an axis with `low == high` is fixed.
#[derive(Debug, Clone, Copy)]
pub struct Region<const N: usize> {
    /// Lowest value of each parameter.
    pub low: [f64; N],
    /// Highest value of each parameter.
    pub high: [f64; N],
}

impl<const N: usize> Region<N> {
    /// Returns the region with one axis fixed.
    #[must_use]
    pub fn fixed(mut self, axis: usize, value: f64) -> Self {
        (self.low[axis], self.high[axis]) = (value, value);
        self
    }

    fn clamp(&self, mut point: [f64; N]) -> [f64; N] {
        for (i, value) in point.iter_mut().enumerate() {
            *value = value.clamp(self.low[i], self.high[i]);
        }
        point
    }
}

/// Returns the parameters with the least sum of squared errors that the search from the best of
/// `starts` finds, and that sum; infinity when no start gives a finite one.
///
/// Deterministic.
pub fn minimise<const N: usize>(
    recursion: &impl Recursion<N>,
    region: &Region<N>,
    starts: &[[f64; N]; LANES],
) -> ([f64; N], f64) {
    let free: Vec<usize> = (0..N).filter(|i| region.high[*i] > region.low[*i]).collect();
    let (mut here, mut least) = best_of(recursion, &starts.map(|start| region.clamp(start)));
    for _ in 0..ROUNDS {
        if free.is_empty() || !least.is_finite() || least <= 0.0 {
            break;
        }
        let slopes = Slopes::at(recursion, region, &free, &here);
        let open = slopes.open(region, &free, &here);
        let trials = DAMPINGS.map(|damping| region.clamp(slopes.step(&free, &open, here, damping)));
        let (there, sum) = best_of(recursion, &trials);
        if sum.is_nan() || sum >= least {
            break;
        }
        let gain = least - sum;
        (here, least) = (there, sum);
        if gain < GAIN_SHARE_MIN * least {
            break;
        }
    }
    (here, least)
}

/// Returns the point with the least sum of squares, the first of equals.
fn best_of<const N: usize>(
    recursion: &impl Recursion<N>,
    points: &[[f64; N]; LANES],
) -> ([f64; N], f64) {
    let mut sums = [0.0; LANES];
    recursion.walk(&spread(points), |errors| {
        for (sum, error) in sums.iter_mut().zip(errors) {
            *sum += error * error;
        }
    });
    let mut best = (points[0], f64::INFINITY);
    for (point, sum) in points.iter().zip(sums) {
        if sum < best.1 {
            best = (*point, sum);
        }
    }
    best
}

/// Turns eight points into eight lanes a parameter.
fn spread<const N: usize>(points: &[[f64; N]; LANES]) -> [Lanes; N] {
    std::array::from_fn(|i| std::array::from_fn(|lane| points[lane][i]))
}

/// `JᵀJ` and `Jᵀe` over the free axes.
struct Slopes<const N: usize> {
    square: [[f64; N]; N],
    moment: [f64; N],
}

impl<const N: usize> Slopes<N> {
    fn at(
        recursion: &impl Recursion<N>,
        region: &Region<N>,
        free: &[usize],
        here: &[f64; N],
    ) -> Self {
        let mut points = [*here; LANES];
        let mut per_step = [0.0; N];
        for (k, &axis) in free.iter().enumerate() {
            let nudge = NUDGE_SHARE * (region.high[axis] - region.low[axis]);
            let ahead = here[axis] + nudge <= region.high[axis];
            let nudge = if ahead { nudge } else { -nudge };
            points[k + 1][axis] += nudge;
            per_step[k] = 1.0 / nudge;
        }
        let mut square = [[0.0; N]; N];
        let mut moment = [0.0; N];
        recursion.walk(&spread(&points), |errors| {
            let slope: [f64; N] =
                std::array::from_fn(|k| errors[(k + 1).min(LANES - 1)] - errors[0]);
            for i in 0..N {
                moment[i] += slope[i] * errors[0];
                for j in 0..=i {
                    square[i][j] += slope[i] * slope[j];
                }
            }
        });
        for i in 0..N {
            moment[i] *= per_step[i];
            for j in 0..=i {
                square[i][j] *= per_step[i] * per_step[j];
            }
        }
        Self { square, moment }
    }

    /// Returns which free axes may move: all but those that stand at a wall and would go through.
    fn open(&self, region: &Region<N>, free: &[usize], here: &[f64; N]) -> [bool; N] {
        std::array::from_fn(|k| {
            free.get(k).is_some_and(|&axis| {
                let down = self.moment[k] > 0.0 && here[axis] <= region.low[axis];
                let up = self.moment[k] < 0.0 && here[axis] >= region.high[axis];
                !down && !up
            })
        })
    }

    /// Returns `here` moved by the damped step; unmoved where the system cannot be solved.
    fn step(&self, free: &[usize], open: &[bool; N], mut here: [f64; N], damping: f64) -> [f64; N] {
        let k = free.len();
        let mut lower = self.square;
        let mut x = self.moment;
        for i in 0..k {
            if !open[i] {
                x[i] = 0.0;
                lower[i] = [0.0; N];
                lower[i][i] = 1.0;
                for row in &mut lower[i + 1..k] {
                    row[i] = 0.0;
                }
            }
        }
        for i in 0..k {
            lower[i][i] += damping * lower[i][i] + f64::MIN_POSITIVE;
            for j in 0..=i {
                let dot: f64 = (0..j).map(|c| lower[i][c] * lower[j][c]).sum();
                let rest = lower[i][j] - dot;
                lower[i][j] = if i == j { rest.max(0.0).sqrt() } else { rest / lower[j][j] };
            }
            let dot: f64 = (0..i).map(|c| lower[i][c] * x[c]).sum();
            x[i] = (x[i] - dot) / lower[i][i];
        }
        for i in (0..k).rev() {
            let dot: f64 = (i + 1..k).map(|c| lower[c][i] * x[c]).sum();
            x[i] = (x[i] - dot) / lower[i][i];
        }
        if x[..k].iter().all(|v| v.is_finite()) {
            for (step, &axis) in x.iter().zip(free) {
                here[axis] -= step;
            }
        }
        here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors of a straight line `a + b t` against `y`.
    struct Line(Vec<f64>);

    impl Recursion<2> for Line {
        fn walk(&self, weights: &[Lanes; 2], mut take: impl FnMut(&Lanes)) {
            for (t, y) in self.0.iter().enumerate() {
                take(&std::array::from_fn(|l| y - weights[0][l] - weights[1][l] * t as f64));
            }
        }
    }

    const WIDE: Region<2> = Region { low: [-100.0; 2], high: [100.0; 2] };

    #[test]
    fn a_straight_line_is_found_in_one_round() {
        let line = Line((0..9).map(|t| 3.0 - 0.5 * f64::from(t)).collect());
        let (found, sum) = minimise(&line, &WIDE, &[[0.0, 0.0]; LANES]);
        assert!((found[0] - 3.0).abs() < 1e-4 && (found[1] + 0.5).abs() < 1e-4, "{found:?}");
        assert!(sum < 1e-6, "{sum}");
    }

    #[test]
    fn the_box_is_never_left() {
        let line = Line((0..9).map(|t| 3.0 - 0.5 * f64::from(t)).collect());
        let region = Region { low: [-1.0, 0.0], high: [2.0, 1.0] };
        let (found, _) = minimise(&line, &region, &[[0.0, 0.5]; LANES]);
        assert!((-1.0..=2.0).contains(&found[0]) && (0.0..=1.0).contains(&found[1]), "{found:?}");
    }

    #[test]
    fn a_fixed_axis_stays_where_it_is() {
        let line = Line((0..9).map(|t| 3.0 - 0.5 * f64::from(t)).collect());
        let (found, _) = minimise(&line, &WIDE.fixed(0, 1.0), &[[1.0, 0.0]; LANES]);
        assert!((found[0] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn errors_that_are_not_numbers_give_infinity_not_a_hang() {
        let (_, sum) = minimise(&Line(vec![f64::NAN; 5]), &WIDE, &[[0.0, 0.0]; LANES]);
        assert!(sum.is_infinite());
    }
}
