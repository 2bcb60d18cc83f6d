//! Least squares for y = x / q(x), where q is linear in up to three coefficients that have bounds.
//!
//! Every curve of the Universal Scalability Law is of this kind, also with one of its quantities held fixed.

use super::boxed::{Upper, minimise_quadratic};

/// Steps of Levenberg and Marquardt until a fit is taken as it is; some twenty are usual.
const MOST_STEPS: usize = 500;
/// Damping at the start, and by what it falls after a step that helped and rises after one that did not.
const DAMPING: f64 = 1e-3;
const RELAX: f64 = 0.2;
const TIGHTEN: f64 = 8.0;
const MOST_DAMPING: f64 = 1e8;
/// Damping below this is none. Without a floor hundreds of helpful steps bring it to 0, from where it can't rise again.
const LEAST_DAMPING: f64 = 1e-12;
/// A step that lessens the squares by a smaller share than this is the last: the coefficients then are a millionth of their
/// uncertainty from where the steps would lead.
const LEAST_GAIN: f64 = 1e-13;
/// A share of the diagonal that keeps a system regular whose columns depend on one another.
const RIDGE: f64 = 1e-14;

/// y ≈ x / (offset + Σ coefficient·column), 0 ≤ coefficient ≤ upper; x and y carry the weights of their points.
pub struct Reciprocal<const K: usize> {
    x: Vec<f64>,
    y: Vec<f64>,
    /// The part of q that is known, by x.
    offset: Vec<f64>,
    columns: [Vec<f64>; K],
    upper: Upper<K>,
}

/// What is fitted: throughput over concurrency, each point with the reciprocal of its relative error.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    pub n: &'a [f64],
    pub x: &'a [f64],
    pub weights: &'a [f64],
}

/// The best coefficients and what they leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum<const K: usize> {
    pub coefficients: [f64; K],
    pub residual_squares: f64,
}

/// ½·δᵀAδ − gᵀδ: what the squares change by a small step δ.
struct Model<const K: usize> {
    a: [[f64; K]; K],
    g: [f64; K],
}

impl<const K: usize> Reciprocal<K> {
    /// A curve without a known part, and without upper bounds; `column(index, n)`.
    pub fn new(points: Points<'_>, column: impl Fn(usize, f64) -> f64) -> Self {
        let weighted = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(points.weights).map(|(value, weight)| value * weight).collect()
        };
        Self {
            x: weighted(points.n),
            y: weighted(points.x),
            offset: vec![0.0; points.n.len()],
            columns: std::array::from_fn(|index| points.n.iter().map(|n| column(index, *n)).collect()),
            upper: [f64::INFINITY; K],
        }
    }

    /// The curve with a known part of q, by point, and with upper bounds.
    pub fn within(self, offset: Vec<f64>, upper: Upper<K>) -> Self {
        Self { offset, upper, ..self }
    }

    /// The least sum of squares; `None` where no start is feasible.
    ///
    /// Levenberg's and Marquardt's method with the bounds inside each step, from the solution of the linear problem in x/y of
    /// every set of coefficients that may be free: the sum of squares can have a second valley on an edge of the box.
    pub fn minimise(mut self) -> Option<Minimum<K>> {
        let scale = self.normalise();
        let starts = (1..1usize << K).filter_map(|free| self.start(free));
        let minima = starts.filter_map(|start| self.descend(start));
        let best = minima.min_by(|one, other| one.residual_squares.total_cmp(&other.residual_squares))?;
        let coefficients = std::array::from_fn(|index| best.coefficients[index] / scale[index]);
        Some(Minimum { coefficients, ..best })
    }

    /// Brings every column to a largest value of 1, so that the coefficients are of one order; returns what they were.
    fn normalise(&mut self) -> [f64; K] {
        std::array::from_fn(|index| {
            let column = &mut self.columns[index];
            let largest = column.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
            let largest = if largest > 0.0 { largest } else { 1.0 };
            column.iter_mut().for_each(|value| *value /= largest);
            self.upper[index] *= largest;
            largest
        })
    }

    /// The coefficients of x/y ≈ q with only those of the bit set `free`, weighted so that small residuals of y count alike.
    fn start(&self, free: usize) -> Option<[f64; K]> {
        let mut model = Model { a: [[0.0; K]; K], g: [0.0; K] };
        for (row, (x, y)) in self.x.iter().zip(&self.y).enumerate() {
            let is_usable = *x > 0.0 && *y > 0.0;
            if !is_usable {
                continue;
            }
            let weight = (y * y / x).powi(2);
            let values = std::array::from_fn(|index| self.columns[index][row]);
            model.add(&values, x / y - self.offset[row], weight);
        }
        model.strengthen(RIDGE);
        let mut upper = self.upper;
        (0..K).filter(|index| free & (1 << index) == 0).for_each(|index| upper[index] = 0.0);
        minimise_quadratic(&model.a, &model.g, &upper)
    }

    fn descend(&self, start: [f64; K]) -> Option<Minimum<K>> {
        let (mut c, mut squares, mut damping) = (start, self.squares(&start)?, DAMPING);
        for _ in 0..MOST_STEPS {
            let model = self.model(&c);
            let step = loop {
                let better = model.step(&c, damping, &self.upper).and_then(|next| {
                    let squares_there = self.squares(&next)?;
                    (squares_there < squares).then_some((next, squares_there))
                });
                if better.is_some() || damping > MOST_DAMPING {
                    break better;
                }
                damping *= TIGHTEN;
            };
            let Some((next, less)) = step else { break };
            let is_last = squares - less <= LEAST_GAIN * squares;
            (c, squares) = (next, less);
            if is_last {
                break;
            }
            damping = (damping * RELAX).max(LEAST_DAMPING);
        }
        Some(Minimum { coefficients: c, residual_squares: squares })
    }

    fn denominator(&self, row: usize, c: &[f64; K]) -> f64 {
        self.offset[row] + (0..K).map(|index| c[index] * self.columns[index][row]).sum::<f64>()
    }

    /// `None` where the curve has a pole or turns negative at a point.
    fn squares(&self, c: &[f64; K]) -> Option<f64> {
        let mut squares = 0.0;
        for (row, (x, y)) in self.x.iter().zip(&self.y).enumerate() {
            let q = self.denominator(row, c);
            let is_positive = q > 0.0;
            if !is_positive {
                return None;
            }
            squares += (y - x / q).powi(2);
        }
        squares.is_finite().then_some(squares)
    }

    fn model(&self, c: &[f64; K]) -> Model<K> {
        let mut model = Model { a: [[0.0; K]; K], g: [0.0; K] };
        for (row, (x, y)) in self.x.iter().zip(&self.y).enumerate() {
            let q = self.denominator(row, c);
            let slopes = std::array::from_fn(|index| -x / q * (self.columns[index][row] / q));
            model.add(&slopes, y - x / q, 1.0);
        }
        model
    }
}

impl<const K: usize> Model<K> {
    fn add(&mut self, values: &[f64; K], target: f64, weight: f64) {
        for row in 0..K {
            self.g[row] += weight * values[row] * target;
            for column in 0..K {
                self.a[row][column] += weight * values[row] * values[column];
            }
        }
    }

    fn strengthen(&mut self, share: f64) {
        let most = (0..K).fold(0.0f64, |most, index| most.max(self.a[index][index]));
        (0..K).for_each(|index| self.a[index][index] += share * self.a[index][index].max(most * RIDGE));
    }

    /// The best point of the damped form about `c` in the box.
    fn step(&self, c: &[f64; K], damping: f64, upper: &Upper<K>) -> Option<[f64; K]> {
        let mut damped = Model { a: self.a, g: self.g };
        damped.strengthen(damping + RIDGE);
        let b = std::array::from_fn(|row| {
            self.g[row] + (0..K).map(|column| damped.a[row][column] * c[column]).sum::<f64>()
        });
        minimise_quadratic(&damped.a, &b, upper)
    }
}
