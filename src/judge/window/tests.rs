//! Windows of runs whose truth is known: transients, events, drift, overload, ramps, markers.

use proptest::prelude::*;

use super::*;
use crate::judge::SteadyWord;
use crate::stats::moments::mean;
use crate::stats::quantile::{type7_sorted, without_fastest};
use crate::summary::fixture::{self, START_US};
use crate::summary::{LoadSeconds, PartOfLoad, Phase, SamplePoint, SamplePoints, WindowName};

const S: i64 = 1_000_000;

/// Small seeded noise: splitmix64, and normal deviates as sums of 12 uniform ones.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// A request: seconds since the start, ms, and whether it succeeded.
type Request = (f64, f64, bool);

/// A run of known requests.
struct Run {
    timeline: RunTimeline,
    requests: Vec<Request>,
}

fn us(at_s: f64) -> i64 {
    START_US + (at_s * 1e6) as i64
}

fn end_us(&(at_s, ms, _): &Request) -> i64 {
    us(at_s) + (ms * 1000.0) as i64
}

impl Parts for Run {
    fn parts(&self, edges_us: &[i64]) -> Vec<PartOfLoad> {
        let part = |edges: &[i64]| {
            let holds = |at_us: i64| (edges[0]..edges[1]).contains(&at_us);
            let inside: Vec<&Request> = self.requests.iter().filter(|request| holds(us(request.0))).collect();
            let ok: Vec<f64> = inside.iter().filter(|request| request.2).map(|request| request.1).collect();
            let mut all: Vec<f64> = inside.iter().map(|request| request.1).collect();
            all.sort_by(f64::total_cmp);
            PartOfLoad {
                starts: all.len() as u64,
                ok: ok.len() as u64,
                not_ok: (all.len() - ok.len()) as u64,
                mean_ok_ms: mean(&ok),
                timed: all.len() as u64,
                p95_ms: type7_sorted(without_fastest(&all, all.len() - ok.len()), 0.95),
                ok_ends: self.requests.iter().filter(|found| found.2 && holds(end_us(found))).count() as u64,
            }
        };
        edges_us.windows(2).map(part).collect()
    }
}

impl Run {
    fn of(length_s: f64, requests: Vec<Request>) -> Self {
        let mut timeline = fixture::timeline();
        let last_us = requests.iter().map(end_us).max().unwrap_or(0);
        (timeline.window.start_us, timeline.window.end_us) = (START_US, us(length_s).max(last_us));
        timeline.phases = Vec::new();
        timeline.series.metrics = vec!["active_users[gen]".into()];
        timeline.series.samples = Default::default();
        timeline.load = LoadSeconds::empty(START_US, timeline.window.end_us);
        let load = &mut timeline.load;
        for request in &requests {
            let (begin, end) = (load.index(us(request.0)), load.index(end_us(request)));
            let step = &mut load.steps[begin];
            step.starts += 1;
            step.ok += u32::from(request.2);
            step.not_ok += u32::from(!request.2);
            step.timed_ok += u32::from(request.2);
            step.ln_ok_ms += if request.2 { request.1.ln() } else { 0.0 };
            load.steps[end].ends += 1;
            // As if all stood at the end of a step.
            load.steps[begin..end].iter_mut().for_each(|step| step.in_flight += 1.0);
        }
        Self { timeline, requests }
    }

    fn find(&self) -> Steadiness {
        self.choose(WindowChoice::default())
    }

    fn choose(&self, choice: WindowChoice) -> Steadiness {
        find_window(&self.timeline, self, &choice, &Config::defaults()).unwrap()
    }

    fn with_users(mut self, at: &[(i64, f64)]) -> Self {
        let point =
            |&(at_s, value): &(i64, f64)| SamplePoint { at_us: START_US + at_s * S, value, metric: 0 };
        self.timeline.series.samples = SamplePoints::new(at.iter().map(point).collect(), 0);
        self
    }

    fn with_phases(mut self, at: &[(i64, &str)]) -> Self {
        let phase = |&(at_s, name): &(i64, &str)| Phase { at_us: START_US + at_s * S, name: name.into() };
        self.timeline.phases = at.iter().map(phase).collect();
        self
    }
}

/// Twenty requests a second of about 100 ms times `level`, with noise; `fault` has the last word on time and success.
fn noisy(
    length_s: usize,
    seed: u64,
    level: impl Fn(f64) -> f64,
    fault: impl Fn(f64, f64) -> (f64, bool),
) -> Run {
    let mut noise = Noise(seed);
    let request = |index: usize| {
        let at_s = index as f64 / 20.0;
        let (ms, ok) = fault(at_s, 100.0 * level(at_s) * (0.3 * noise.normal()).exp());
        (at_s, ms, ok)
    };
    Run::of(length_s as f64, (0..length_s * 20).map(request).collect())
}

/// (second, ms) → (ms, success).
type Fault = fn(f64, f64) -> (f64, bool);

fn fine(_: f64, ms: f64) -> (f64, bool) {
    (ms, true)
}

#[test]
fn a_transient_is_cut_where_it_has_faded_and_the_rest_is_steady() {
    for seed in 0..10 {
        let found = noisy(300, seed, |at_s| 1.0 + 3.0 * (-at_s / 10.0).exp(), fine).find();
        assert!((20.0..=60.0).contains(&found.warm_up_s), "seed {seed}: {}", found.because);
        assert_eq!((found.word, found.is_trusted), (SteadyWord::Steady, true), "{}", found.because);
        assert!(found.because.contains(" cut by response times; steady"), "{}", found.because);
    }
    let step = noisy(300, 3, |at_s| if at_s < 30.0 { 0.5 } else { 1.0 }, fine).find();
    assert_eq!(step.warm_up_s, 30.0, "{}", step.because);
}

#[test]
fn arrivals_that_ramp_up_are_a_transient_and_a_burst_at_the_start_is_none() {
    let requests = |rate: &dyn Fn(usize) -> usize| {
        let second = |second: usize| {
            let of = rate(second);
            (0..of).map(move |call| (second as f64 + call as f64 / of as f64, 100.0, true))
        };
        (0..300).flat_map(second).collect()
    };
    let found = Run::of(300.0, requests(&|second| 2 + second.min(36) / 2)).find();
    assert!((30.0..=40.0).contains(&found.warm_up_s), "{}", found.because);
    assert!(found.because.contains("cut by arrivals"), "{}", found.because);
    let found = Run::of(300.0, requests(&|second| if second < 5 { 200 } else { 20 })).find();
    assert_eq!(found.warm_up_s, 0.0, "{}", found.because);
}

#[test]
fn without_a_transient_nothing_is_cut_but_a_little_and_the_run_is_trusted() {
    let found: Vec<Steadiness> = (100..140).map(|seed| noisy(300, seed, |_| 1.0, fine).find()).collect();
    assert!(found.iter().all(|found| found.warm_up_s <= 15.0));
    assert!(found.iter().filter(|found| found.is_trusted).count() >= 39);
}

#[test]
fn an_event_is_never_cut_whatever_it_is_and_whenever_it_begins() {
    let faults: [(&str, Fault); 4] = [
        ("outage", |_, _| (5.0, false)),
        ("time-outs", |_, _| (20_000.0, false)),
        ("slow", |_, ms| (10.0 * ms, true)),
        (
            "a third fails",
            |at_s, ms| if ((at_s * 20.0) as u64).is_multiple_of(3) { (20.0, false) } else { (ms, true) },
        ),
    ];
    for (name, fault) in faults {
        for (from_s, until_s) in [(20.0, 40.0), (60.0, 63.0), (100.0, 140.0), (130.0, 250.0)] {
            let during = |at_s: f64, ms: f64| {
                if (from_s..until_s).contains(&at_s) { fault(at_s, ms) } else { (ms, true) }
            };
            let found = noisy(300, 5, |_| 1.0, during).find();
            assert!(found.warm_up_s <= from_s, "{name} from {from_s} s: {}", found.because);
        }
    }
}

#[test]
fn an_event_behind_a_transient_is_left_when_the_transient_is_cut() {
    let slow = |at_s: f64, ms: f64| (if (60.0..90.0).contains(&at_s) { 5.0 * ms } else { ms }, true);
    let found = noisy(300, 6, |at_s| 1.0 + 3.0 * (-at_s / 5.0).exp(), slow).find();
    assert!(found.warm_up_s > 5.0 && found.warm_up_s <= 60.0, "{}", found.because);
    assert!(!found.is_trusted);
}

#[test]
fn failures_of_the_start_are_an_event_too() {
    let outage = |at_s: f64, ms: f64| if at_s < 30.0 { (5.0, false) } else { (ms, true) };
    let found = noisy(300, 7, |_| 1.0, outage).find();
    assert_eq!((found.warm_up_s, found.word), (0.0, SteadyWord::NotSteady), "{}", found.because);
    assert!(found.because.contains("between 0.00 % and 39.97 % of the requests fail"), "{}", found.because);
}

#[test]
fn from_a_run_whose_second_half_fails_nothing_is_cut() {
    let outage = |at_s: f64, ms: f64| if at_s > 150.0 { (20.0, false) } else { (ms, true) };
    let found = noisy(300, 8, |at_s| 1.0 + 3.0 * (-at_s / 5.0).exp(), outage).find();
    assert_eq!((found.warm_up_s, found.word), (0.0, SteadyWord::NotSteady));
    assert!(
        found
            .because
            .contains("no warm-up is cut, since only 1 requests of the second half are known to succeed"),
        "{}",
        found.because
    );
}

#[test]
fn a_run_that_drifts_all_along_loses_nothing_and_is_not_steady() {
    for seed in 200..220 {
        let found = noisy(300, seed, |at_s| 1.0 + at_s / 300.0, fine).find();
        assert_eq!((found.warm_up_s, found.word, found.is_trusted), (0.0, SteadyWord::NotSteady, false));
        assert!(found.because.contains("response times do not fade to a level"), "{}", found.because);
        assert!(found.because.contains("not steady: mean response time rose from "), "{}", found.because);
    }
}

#[test]
fn a_step_late_in_the_run_is_not_steady() {
    let found = noisy(300, 7, |at_s| if at_s < 220.0 { 1.0 } else { 1.4 }, fine).find();
    assert_eq!((found.warm_up_s, found.word), (0.0, SteadyWord::NotSteady), "{}", found.because);
    assert_eq!(found.window, WindowName::Whole, "nothing was cut, and it is not steady");
}

#[test]
fn an_overloaded_run_says_so_and_nothing_is_cut_from_it() {
    let mut free_s = 0.0f64;
    let request = |index: usize| {
        let at_s = index as f64 / 15.0;
        free_s = free_s.max(at_s) + 0.2;
        (at_s, (free_s - at_s) * 1000.0, true)
    };
    let found = Run::of(120.0, (0..1800).map(request).collect()).find();
    assert_eq!((found.warm_up_s, found.word), (0.0, SteadyWord::NotSteady));
    let overload = found.overload.value().unwrap();
    assert!((overload.excess - 2.0 / 3.0).abs() < 0.01, "{overload:?}");
    let said = &found.because;
    assert!(said.contains("not steady: arrivals exceed completions by 66."), "{said}");
    assert!(said.ends_with("requests in flight at the end, and growing"), "{said}");
}

#[test]
fn what_is_too_noisy_cannot_be_told_and_is_not_trusted() {
    // One of a hundred requests takes fifty times as long, so that the mean is that of a few.
    let mut noise = Noise(12);
    let request =
        |index: usize| (index as f64 / 5.0, if noise.uniform() < 0.01 { 9000.0 } else { 100.0 }, true);
    let found = Run::of(60.0, (0..300).map(request).collect()).find();
    assert_eq!((found.word, found.is_trusted), (SteadyWord::CannotTell, false), "{found:?}");
    assert!(found.because.contains("steadiness unknown: mean response time is known only to ±"));
    assert!(found.because.ends_with(": a longer run is needed"), "{}", found.because);
}

#[test]
fn a_constant_run_is_steady_as_a_whole() {
    let found =
        Run::of(120.0, (0..1200).map(|index| (f64::from(index) / 10.0, 100.0, true)).collect()).find();
    assert_eq!((found.window, found.word), (WindowName::Steady, SteadyWord::Steady));
    assert_eq!((found.start_us, found.end_us), (START_US, START_US + 120 * S));
    assert_eq!(found.because, "the whole run of 120 s: steady");
    let metrics: Vec<&str> = found.checks.iter().map(|check| check.metric.as_str()).collect();
    assert_eq!(metrics, ["mean_response_time", "p95_response_time", "ok_per_s", "failure_rate"]);
    assert_eq!(found.checks[1].quarters, [100.0; 4]);
    assert_eq!(found.overload.reason(), Some("completions keep up with arrivals"));
}

#[test]
fn a_short_run_is_judged_as_a_whole_and_cannot_be_told() {
    let found = noisy(49, 1, |_| 1.0, fine).find();
    assert_eq!(
        (found.window, found.word, found.is_trusted),
        (WindowName::Whole, SteadyWord::CannotTell, false)
    );
    assert!(
        found.because.ends_with("too short to judge steadiness: 49 s, at least 50 s needed"),
        "{}",
        found.because
    );
}

#[test]
fn few_requests_and_none_at_all_are_no_reason_to_panic_or_to_trust() {
    let rare = Run::of(300.0, (0..99).map(|index| (f64::from(index) * 3.0, 100.0, true)).collect()).find();
    assert_eq!(rare.word, SteadyWord::CannotTell);
    assert!(rare.because.ends_with("99 successful, at least 100 needed"), "{}", rare.because);
    let none = Run::of(300.0, Vec::new()).find();
    assert_eq!((none.word, none.window), (SteadyWord::CannotTell, WindowName::Whole));
    let mut without = Run::of(300.0, Vec::new());
    without.timeline.requests = None;
    let without = without.find();
    assert_eq!(without.because, "the whole run of 300 s: the run has no requests");
    assert!(without.checks.is_empty() && !without.is_trusted);
}

#[test]
fn a_time_stamp_gone_astray_does_not_fill_the_memory() {
    let mut run = noisy(60, 1, |_| 1.0, fine);
    run.timeline.window.end_us = i64::MAX;
    run.timeline.load = LoadSeconds::empty(START_US, i64::MAX);
    assert!(!run.find().is_trusted);
}

#[test]
fn the_end_of_the_load_is_no_cut() {
    let hangs = |at_s: f64, ms: f64| if at_s > 270.0 { (60_000.0, false) } else { (ms, true) };
    let found = noisy(300, 2, |_| 1.0, hangs).find();
    assert_eq!((found.warm_up_s, found.ramp_down_s, found.word), (0.0, 0.0, SteadyWord::NotSteady));
}

#[test]
fn ramps_by_the_number_of_users_go_first() {
    let level = |at_s: f64| if (60.0..240.0).contains(&at_s) { 1.0 } else { 3.0 };
    let users = [(0, 1.0), (30, 25.0), (60, 50.0), (150, 50.0), (239, 50.0), (240, 10.0), (299, 0.0)];
    let found = noisy(300, 11, level, fine).with_users(&users).find();
    assert_eq!((found.warm_up_s, found.word), (60.0, SteadyWord::Steady), "{}", found.because);
    assert!((found.ramp_down_s - 60.0).abs() < 1.0, "{}", found.ramp_down_s);
    assert!(found.because.contains("ramp-up by user count until 60 s; ramp-down by user count from 240 s"));
    // A spike of the number is no ramp that could be cut.
    let spike = [(0, 50.0), (100, 90.0), (101, 50.0), (299, 50.0)];
    let found = noisy(300, 11, |_| 1.0, fine).with_users(&spike).find();
    assert!(found.because.contains("the users are at their peak for only 1 s: no ramp is cut"));
}

#[test]
fn a_marker_of_the_run_chooses_the_window_up_to_the_next_one() {
    let run = |phases: &[(i64, &str)]| {
        let mut run = noisy(300, 3, |_| 1.0, fine).with_phases(phases);
        run.timeline.window.end_us = START_US + 300 * S;
        run.find()
    };
    let found = run(&[(-5, "ramp_up"), (40, "steady"), (250, "ramp_down")]);
    assert_eq!((found.window.word(), found.warm_up_s, found.ramp_down_s), ("chosen", 40.0, 50.0));
    assert_eq!(found.because, "from 40 s to 250 s: marked `steady` in the run; steady");
    let found = run(&[(-5, "steady"), (80, "pause"), (90, "steady"), (400, "end")]);
    assert_eq!((found.warm_up_s, found.ramp_down_s), (90.0, 0.0));
    let wanted = "from 90 s to 300 s: marked `steady` in the run, the longest of 2 such phases";
    assert!(found.because.starts_with(wanted), "{}", found.because);
    let found = run(&[(300, "steady"), (-9, "pause")]);
    assert_eq!(found.window, WindowName::Steady, "a marker at the very end marks nothing");
}

#[test]
fn what_is_chosen_by_hand_wins_over_markers() {
    let run = noisy(300, 4, |_| 1.0, fine).with_phases(&[(40, "steady")]);
    let found =
        run.choose(WindowChoice { to_s: Some(100.0), warm_up_s: Some(20.0), ..WindowChoice::default() });
    assert_eq!((found.start_us, found.end_us), (START_US + 20 * S, START_US + 100 * S));
    assert_eq!(found.because, "from 20 s to 100 s: chosen by --warmup and --to; steady");
    let beyond = WindowChoice { from_s: Some(400.0), ..WindowChoice::default() };
    assert!(find_window(&run.timeline, &run, &beyond, &Config::defaults()).is_err());
}

proptest! {
    #[test]
    fn any_requests_have_a_window_in_the_run_and_only_a_steady_one_is_trusted(
        requests in prop::collection::vec((0f64..200.0, 0f64..1e6, prop::bool::weighted(0.7)), 0..300),
        warm_up_s in prop::option::of(0f64..150.0),
    ) {
        let run = Run::of(200.0, requests);
        let found = run.choose(WindowChoice { warm_up_s, ..WindowChoice::default() });
        prop_assert!(run.timeline.window.start_us <= found.start_us && found.start_us < found.end_us);
        prop_assert!(found.end_us <= run.timeline.window.end_us);
        prop_assert_eq!(found.is_trusted, found.word == SteadyWord::Steady);
        prop_assert!(found.checks.iter().filter_map(|check| check.difference.number()).all(f64::is_finite));
    }
}
