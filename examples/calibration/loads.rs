//! Loads whose truth is known, for the judged window: without a transient, with one, with an event, drifting, overloaded.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use cmo_metrics::config::Config;
use cmo_metrics::judge::{Steadiness, WindowChoice};
use cmo_metrics::library::{measure, open};
use cmo_metrics::run::{Event, RunMetadata, RunWriter};

/// 2026-01-01 00:00:00 UTC.
const START_US: i64 = 1_767_225_600_000_000;
/// The usual time of a request.
const USUAL_MS: f64 = 100.0;
/// What a user of a closed loop thinks.
const THINK_S: f64 = 0.2;

/// A request: when it starts, how long it takes, and whether it succeeds.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub at_s: f64,
    pub ms: f64,
    pub is_ok: bool,
}

/// A load with what is true of it.
#[derive(Debug, Clone)]
pub struct Load {
    pub name: String,
    /// By start, the first at 0.
    pub requests: Vec<Request>,
    /// When its event begins, where it has one.
    pub event_s: Option<f64>,
    /// From when on its mean is that of the steady run.
    pub steady_s: Option<f64>,
}

/// Seeded draws: SplitMix64.
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(77))
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 * (-53f64).exp2()
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    /// A series of so many seconds with a memory: the logarithm of a level.
    fn levels(&mut self, seconds: usize, memory: f64, spread: f64) -> Vec<f64> {
        let mut level = self.normal();
        let scale = (1.0 - memory * memory).sqrt();
        let mut next = || {
            level = memory * level + scale * self.normal();
            (spread * level).exp()
        };
        (0..=seconds).map(|_| next()).collect()
    }
}

/// How long requests take, of a mean of about 1.
#[derive(Debug, Clone, Copy)]
pub enum Service {
    /// Log-normal, 0.3.
    Narrow,
    /// Log-normal, 1.
    Wide,
    /// Pareto with an index of 2.5.
    HeavyTailed,
    /// A tenth takes twelve times as long as the rest.
    Cached,
}

pub const SERVICES: [Service; 4] = [Service::Narrow, Service::Wide, Service::HeavyTailed, Service::Cached];

impl Service {
    fn draw(self, draws: &mut Draws) -> f64 {
        match self {
            Service::Narrow => (0.3 * draws.normal()).exp(),
            Service::Wide => draws.normal().exp(),
            Service::HeavyTailed => 0.5 + (1.0 - draws.uniform()).powf(-1.0 / 2.5) - 1.0,
            Service::Cached => {
                let level = if draws.uniform() < 0.1 { 6.0 } else { 0.5 };
                level * (0.2 * draws.normal()).exp()
            }
        }
    }
}

/// Who sends the requests.
#[derive(Debug, Clone, Copy)]
pub enum Sender {
    /// So many at random in each second, whatever the answers do.
    Open(f64),
    /// So many users that wait for their answer and think.
    Closed(usize),
}

/// A kind of load.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub seconds: usize,
    pub service: Service,
    /// Of the level of response times, second by second: memory and spread.
    pub noise: (f64, f64),
    pub sender: Sender,
    /// Users of a closed loop join, and arrivals of an open one begin, one after the other over so many seconds.
    pub ramp_s: f64,
}

pub const PLAIN: Kind = Kind {
    seconds: 120,
    service: Service::Narrow,
    noise: (0.5, 0.05),
    sender: Sender::Open(20.0),
    ramp_s: 0.0,
};

impl Kind {
    /// The requests, of which `change` says what becomes of (start, ms, a draw of 0..1).
    pub fn requests(&self, draws: &mut Draws, change: impl Fn(f64, f64, f64) -> (f64, bool)) -> Vec<Request> {
        let levels = draws.levels(self.seconds, self.noise.0, self.noise.1);
        let service = self.service;
        let mut request = |at_s: f64, draws: &mut Draws| {
            let ms = USUAL_MS * service.draw(draws) * levels[at_s as usize];
            let (ms, is_ok) = change(at_s, ms, draws.uniform());
            Request { at_s, ms, is_ok }
        };
        match self.sender {
            Sender::Open(per_s) => self.open(per_s, draws, &mut request),
            Sender::Closed(users) => self.closed(users, draws, &mut request),
        }
    }

    fn open(
        &self,
        per_s: f64,
        draws: &mut Draws,
        request: &mut impl FnMut(f64, &mut Draws) -> Request,
    ) -> Vec<Request> {
        let (mut at_s, mut requests) = (0.0, Vec::new());
        while at_s < self.seconds as f64 {
            let share = if at_s < self.ramp_s { 0.1 + 0.9 * at_s / self.ramp_s } else { 1.0 };
            if draws.uniform() < share {
                requests.push(request(at_s, draws));
            }
            at_s += draws.exponential() / per_s;
        }
        requests
    }

    fn closed(
        &self,
        users: usize,
        draws: &mut Draws,
        request: &mut impl FnMut(f64, &mut Draws) -> Request,
    ) -> Vec<Request> {
        let joins_us = |user: usize, draws: &mut Draws| {
            let at_s = self.ramp_s * user as f64 / users as f64 + THINK_S * draws.uniform();
            (at_s * 1e6) as u64
        };
        let mut waiting: BinaryHeap<Reverse<u64>> =
            (0..users).map(|user| Reverse(joins_us(user, draws))).collect();
        let mut requests = Vec::new();
        while let Some(Reverse(at_us)) = waiting.pop() {
            let at_s = at_us as f64 / 1e6;
            if at_s >= self.seconds as f64 {
                continue;
            }
            let found = request(at_s, draws);
            requests.push(found);
            let next_s = at_s + found.ms / 1000.0 + THINK_S * (0.5 + draws.uniform());
            waiting.push(Reverse((next_s * 1e6) as u64));
        }
        requests
    }
}

impl Load {
    /// Of requests by start; all times are counted from the first of them.
    pub fn new(name: String, mut requests: Vec<Request>) -> Self {
        let first_s = requests.first().map_or(0.0, |first| first.at_s);
        requests.iter_mut().for_each(|request| request.at_s -= first_s);
        Self { name, requests, event_s: None, steady_s: None }
    }

    /// Which window the library judges, by way of a run file.
    pub fn judge(&self, config: &Config) -> Steadiness {
        let memory = std::path::Path::new("/dev/shm");
        let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::tempdir_in(root).unwrap();
        let path = folder.path().join("load.parquet");
        let mut writer = RunWriter::create(&path).unwrap();
        for request in &self.requests {
            let event = Event {
                ts: START_US + (request.at_s * 1e6) as i64,
                component: "request".into(),
                outcome: Some(if request.is_ok { "ok" } else { "http_503" }.into()),
                duration_ms: Some(request.ms),
                ..Event::default()
            };
            writer.push(&event).unwrap();
        }
        writer.finish(&RunMetadata::default()).unwrap();
        let run = open(&path, config).unwrap();
        measure(&run, &WindowChoice::default(), config).unwrap().steadiness
    }

    fn mean_ms(&self, from_s: f64) -> f64 {
        let behind = self.requests.iter().filter(|request| request.at_s >= from_s);
        let (sum, count) = behind.fold((0.0, 0u32), |(sum, count), request| (sum + request.ms, count + 1));
        sum / f64::from(count)
    }

    fn p95_ms(&self, from_s: f64) -> f64 {
        let behind = self.requests.iter().filter(|request| request.at_s >= from_s);
        let mut ms: Vec<f64> = behind.map(|request| request.ms).collect();
        ms.sort_by(f64::total_cmp);
        cmo_metrics::stats::quantile::type7_sorted(&ms, 0.95).unwrap()
    }

    /// By how much mean and P95 behind `from_s` differ from those of the steady run.
    pub fn off(&self, from_s: f64) -> Option<(f64, f64)> {
        let steady_s = self.steady_s?;
        let relative = |of: fn(&Self, f64) -> f64| (of(self, from_s) / of(self, steady_s) - 1.0).abs();
        Some((relative(Self::mean_ms), relative(Self::p95_ms)))
    }
}

/// A number of a combination of kinds, so that each has its own draws.
fn seed_of(parts: &[usize]) -> u64 {
    parts.iter().fold(17, |seed, &part| seed.wrapping_mul(1_000_003).wrapping_add(part as u64))
}

/// Loads without any transient: `repeats` of each kind, which differ in length, service, noise and sender.
pub fn without_transient(lengths_s: &[usize], repeats: usize) -> Vec<Load> {
    let mut loads = Vec::new();
    for &seconds in lengths_s {
        for (s, service) in SERVICES.into_iter().enumerate() {
            for (n, noise) in [(0.0, 0.0), (0.5, 0.1), (0.9, 0.1)].into_iter().enumerate() {
                for (m, sender) in
                    [Sender::Open(5.0), Sender::Open(40.0), Sender::Closed(10)].into_iter().enumerate()
                {
                    for repeat in 0..repeats {
                        let kind = Kind { seconds, service, noise, sender, ramp_s: 0.0 };
                        let mut draws = Draws::new(seed_of(&[seconds, s, n, m, repeat]));
                        let name = format!("{seconds} s, {service:?}, noise {noise:?}, {sender:?}");
                        loads.push(Load::new(name, kind.requests(&mut draws, |_, ms, _| (ms, true))));
                    }
                }
            }
        }
    }
    loads
}

/// By how much a request is slower, in the height of the transient; by time, in the time in which it fades.
type Shape = fn(f64) -> f64;

/// Loads with a transient that fades within 6 to 30 % of the load: caches that fill, code that is compiled, steps, ramps.
pub fn with_transient(lengths_s: &[usize], repeats: usize) -> Vec<Load> {
    let shapes: [(&str, Shape); 3] = [
        ("caches", |at| (-at).exp()),
        ("compiled", |at| f64::from(u8::from(at < 1.0)) + 0.4 * f64::from(u8::from(at < 2.0))),
        ("step", |at| f64::from(u8::from(at < 2.0))),
    ];
    let mut loads = Vec::new();
    for &seconds in lengths_s {
        for (f, fading) in [0.02, 0.05, 0.1].into_iter().enumerate() {
            for (h, height) in [0.5, 2.0, 5.0].into_iter().enumerate() {
                for repeat in 0..repeats {
                    let tau_s = fading * seconds as f64;
                    for (s, (name, shape)) in shapes.into_iter().enumerate() {
                        let seed = seed_of(&[seconds, f, h, s, repeat, 1]);
                        let level = |at_s: f64| 1.0 + height * shape(at_s / tau_s);
                        let name = format!("{name} ×{}, {tau_s} s of {seconds} s", 1.0 + height);
                        loads.push(transient(name, seconds, 0.0, seed, level));
                    }
                    let ramp_s = 3.0 * tau_s;
                    let level = |at_s: f64| 1.0 - 0.6 * (1.0 - at_s / ramp_s).max(0.0) * (height / 5.0);
                    let name = format!("ramp over {ramp_s} s of {seconds} s");
                    loads.push(transient(name, seconds, ramp_s, seed_of(&[seconds, f, h, 9, repeat]), level));
                }
            }
        }
    }
    loads
}

fn transient(name: String, seconds: usize, ramp_s: f64, seed: u64, level: impl Fn(f64) -> f64) -> Load {
    let sender = if seed.is_multiple_of(2) { Sender::Open(20.0) } else { Sender::Closed(10) };
    let kind = Kind { seconds, sender, ramp_s, ..PLAIN };
    let requests = kind.requests(&mut Draws::new(seed), |at_s, ms, _| (ms * level(at_s), true));
    Load { steady_s: Some(0.5 * seconds as f64), ..Load::new(name, requests) }
}

/// What becomes of a request during an event: (how far into it, 0..1; seconds until it ends; ms; a draw) → (ms, success).
type Fault = fn(f64, f64, f64, f64) -> (f64, bool);

const FAULTS: [(&str, Fault); 7] = [
    ("outage", |_, _, _, _| (5.0, false)),
    ("time-outs", |_, _, _, _| (3000.0, false)),
    ("a third fails", |_, _, ms, draw| if draw < 0.3 { (20.0, false) } else { (ms, true) }),
    ("stall", |_, left_s, ms, _| (1000.0 * left_s + ms, true)),
    ("slow", |_, _, ms, _| (5.0 * ms, true)),
    ("slower and slower", |at, _, ms, _| ((1.0 + 4.0 * at) * ms, true)),
    ("less and less slow", |at, _, ms, _| ((5.0 - 4.0 * at) * ms, true)),
];

/// Loads with an event that begins behind a normal stretch; those that fail also until the end.
pub fn with_event(lengths_s: &[usize], repeats: usize) -> Vec<Load> {
    let mut loads = Vec::new();
    for &seconds in lengths_s {
        for (b, begins) in [0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.9].into_iter().enumerate() {
            for (l, lasts) in [0.02, 0.1, 0.25, 1.0].into_iter().enumerate() {
                for (f, (name, fault)) in FAULTS.into_iter().enumerate() {
                    // A new level that stays makes what was before the transient.
                    if lasts == 1.0 && f >= 3 {
                        continue;
                    }
                    for (m, sender) in [Sender::Open(20.0), Sender::Closed(10)].into_iter().enumerate() {
                        for repeat in 0..repeats {
                            let length_s = seconds as f64;
                            let (from_s, until_s) =
                                (begins * length_s, ((begins + lasts) * length_s).min(length_s));
                            let change = |at_s: f64, ms: f64, draw: f64| {
                                let into = (at_s - from_s) / (until_s - from_s);
                                let is_inside = (0.0..1.0).contains(&into);
                                if is_inside { fault(into, until_s - at_s, ms, draw) } else { (ms, true) }
                            };
                            let mut draws = Draws::new(seed_of(&[seconds, b, l, f, m, repeat, 2]));
                            let requests = Kind { seconds, sender, ..PLAIN }.requests(&mut draws, change);
                            let first_s = requests[0].at_s;
                            let name =
                                format!("{name} from {from_s} s to {until_s} s of {seconds} s, {sender:?}");
                            let load = Load::new(name, requests);
                            loads.push(Load { event_s: Some(from_s - first_s), ..load });
                        }
                    }
                }
            }
        }
    }
    loads
}

/// Loads whose response times drift in a straight line from the start to the end.
pub fn drifting(lengths_s: &[usize], repeats: usize) -> Vec<Load> {
    let mut loads = Vec::new();
    for &seconds in lengths_s {
        for (d, drift) in [-0.5, -0.3, 0.3, 0.5, 1.0, 2.0].into_iter().enumerate() {
            for repeat in 0..repeats {
                let level = |at_s: f64| 1.0 + drift * at_s / seconds as f64;
                let seed = seed_of(&[seconds, d, repeat, 3]);
                let load = transient(format!("drift of {drift} over {seconds} s"), seconds, 0.0, seed, level);
                loads.push(Load { steady_s: None, ..load });
            }
        }
    }
    loads
}

/// One server that gets more requests than it completes, until it has answered them all.
pub fn overloaded(lengths_s: &[usize], repeats: usize) -> Vec<Load> {
    let mut loads = Vec::new();
    for &seconds in lengths_s {
        for (c, per_s) in [5.0, 20.0, 50.0].into_iter().enumerate() {
            for (f, factor) in [1.05, 1.1, 1.2, 1.5, 2.0, 3.0].into_iter().enumerate() {
                for repeat in 0..repeats {
                    let mut draws = Draws::new(seed_of(&[seconds, c, f, repeat, 4]));
                    let (mut at_s, mut free_s, mut requests) = (0.0, 0.0f64, Vec::new());
                    while at_s < seconds as f64 {
                        free_s = free_s.max(at_s) + (0.75 + 0.5 * draws.uniform()) / per_s;
                        requests.push(Request { at_s, ms: (free_s - at_s) * 1000.0, is_ok: true });
                        let gap = if repeat.is_multiple_of(2) { 1.0 } else { draws.exponential() };
                        at_s += gap / (per_s * factor);
                    }
                    loads.push(Load::new(format!("×{factor} of {per_s}/s for {seconds} s"), requests));
                }
            }
        }
    }
    loads
}
