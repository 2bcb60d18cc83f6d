//! Windows of runs whose truth is known: an exponential warm-up, autocorrelated noise, drift, ramps, markers.

use super::*;
use crate::summary::fixture::{self, START_US};
use crate::summary::{CallTick, Measured, Phase, SamplePoint, SamplePoints};

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

    /// An AR(1) series of mean 0 and standard deviation 1.
    fn autocorrelated(&mut self, n: usize, phi: f64) -> Vec<f64> {
        let mut value = self.normal();
        (0..n)
            .map(|_| {
                value = phi * value + (1.0 - phi * phi).sqrt() * self.normal();
                value
            })
            .collect()
    }
}

/// A run of so many seconds with this throughput and P50 in each.
fn run(
    seconds: usize,
    throughput: impl Fn(usize) -> f64,
    p50_ms: impl Fn(usize) -> Option<f64>,
) -> RunTimeline {
    let mut run = fixture::timeline();
    let request = run.requests.unwrap();
    let end_us = START_US + seconds as i64 * S;
    (run.window.start_us, run.window.end_us) = (START_US, end_us);
    run.phases = Vec::new();
    run.series.metrics = vec!["active_users[gen]".into()];
    run.series.samples = Default::default();
    run.series.last_request_start_us = Some(end_us - S / 10);
    let ticks = (0..seconds).map(|second| CallTick {
        count: throughput(second).round() as u32,
        p50_ms: p50_ms(second).into(),
        ..fixture::call_tick(1000, second as i64)
    });
    let ticks = ticks.filter(|tick| tick.count > 0).collect();
    run.series.calls = vec![fixture::call_ticks(1000, request, ticks)];
    run
}

/// A closed-loop run with noise in both series; `level` is the factor on its response times in a second.
fn noisy(seconds: usize, seed: u64, phi: f64, level: impl Fn(f64) -> f64) -> RunTimeline {
    let mut noise = Noise(seed);
    let (counts, times) = (noise.autocorrelated(seconds, phi), noise.autocorrelated(seconds, phi));
    run(
        seconds,
        |second| 60.0 * (1.0 + 0.1 * counts[second]) / level(second as f64),
        |second| Some(500.0 * (1.0 + 0.08 * times[second]) * level(second as f64)),
    )
}

fn find(run: &RunTimeline) -> Steadiness {
    find_window(run, &WindowChoice::default(), &Config::defaults()).unwrap()
}

fn users(at: &[(i64, f64)]) -> SamplePoints {
    let points = at.iter().map(|&(at_s, value)| SamplePoint { at_us: START_US + at_s * S, value, metric: 0 });
    SamplePoints::new(points.collect(), 0)
}

fn marker(at_s: i64, name: &str) -> Phase {
    Phase { at_us: START_US + at_s * S, name: name.into() }
}

#[test]
fn an_exponential_warm_up_is_cut_near_its_end_and_no_more() {
    // 2.5 times as slow at first, with a time constant of 12 s: 5 % are left after 41 s.
    let mut cuts: Vec<f64> = (0..40)
        .map(|seed| {
            let found = find(&noisy(300, seed, 0.5, |at_s| 1.0 + 1.5 * (-at_s / 12.0).exp()));
            assert_eq!((found.window.word(), found.ramp_down_s), ("steady", 0.0), "{found:?}");
            assert!(found.because.contains("cut by MSER-5 on"), "{}", found.because);
            found.warm_up_s
        })
        .collect();
    cuts.sort_by(f64::total_cmp);
    assert!(cuts[20] >= 25.0 && cuts[20] <= 55.0 && cuts[0] >= 15.0 && cuts[36] <= 100.0, "{cuts:?}");
}

#[test]
fn without_warm_up_little_is_cut_and_the_run_is_trusted() {
    let found: Vec<Steadiness> = (100..140).map(|seed| find(&noisy(300, seed, 0.5, |_| 1.0))).collect();
    let small = found.iter().filter(|found| found.warm_up_s <= 30.0).count();
    assert!(small >= 30, "{small} of 40 cuts are small");
    let trusted = found.iter().filter(|found| found.is_trusted).count();
    assert!(trusted >= 39, "{trusted} of 40 are trusted");
}

#[test]
fn a_run_that_drifts_all_along_is_not_steady_and_not_trusted() {
    for seed in 200..220 {
        let found = find(&noisy(300, seed, 0.5, |at_s| 1.0 + at_s / 300.0));
        assert_eq!((found.is_steady.clone(), found.is_trusted), (Measured::Value(false), false), "{found:?}");
        assert!(found.because.contains("not steady: "), "{}", found.because);
    }
}

#[test]
fn a_step_late_in_the_run_is_not_steady() {
    let found = find(&noisy(300, 7, 0.3, |at_s| if at_s < 220.0 { 1.0 } else { 1.4 }));
    assert!(!found.is_trusted && found.is_steady == Measured::Value(false), "{found:?}");
}

#[test]
fn a_constant_run_is_steady_as_a_whole() {
    let found = find(&run(120, |_| 10.0, |_| Some(100.0)));
    assert_eq!(
        (found.window.word(), found.is_steady, found.is_trusted),
        ("steady", Measured::Value(true), true)
    );
    assert_eq!((found.start_us, found.end_us), (START_US, START_US + 120 * S));
    assert_eq!(found.because, "the whole run of 120 s");
    assert_eq!(found.quarters.len(), 4);
    assert_eq!(
        (&found.quarters[0].means, &found.quarters[0].difference),
        (&vec![10.0; 4], &Measured::Value(0.0))
    );
}

#[test]
fn the_quarters_stand_with_their_noise() {
    // 8, 12, 8, 12, … : no autocorrelation that would make a quarter less certain; two levels of 10 and 11.
    let level = |s: usize| if s < 40 { 10.0 } else { 11.0 };
    let run = run(80, |s| level(s) + if s.is_multiple_of(2) { -2.0 } else { 2.0 }, |_| Some(5.0));
    let all = WindowChoice { from_s: Some(0.0), ..WindowChoice::default() };
    let found = find_window(&run, &all, &Config::defaults()).unwrap();
    let throughput = &found.quarters[0];
    assert_eq!(
        (throughput.stretch.as_str(), &throughput.means),
        ("the_window", &vec![10.0, 10.0, 11.0, 11.0])
    );
    assert_eq!(throughput.difference, Measured::Value(1.0 / 10.5));
    // numpy, scipy: s2 = 4*80/76; n_eff = 80; t.ppf(1 - .01/24/2, 76) * sqrt(2*s2/20) / 10.5
    //             = 3.691929645744246 * 0.6488856845230502 / 10.5 = 0.2281562186085426
    let noise = throughput.noise.number().unwrap();
    assert!((noise - 0.228_156_218_608_542_6).abs() < 1e-12, "{noise}");
    assert_eq!(
        found.is_steady.reason(),
        Some(
            "throughput differs by 9.52 % among the quarters of the window (noise: 22.82 %), which noise explains"
        )
    );
    assert!(found.is_trusted, "nothing speaks against it");
}

#[test]
fn a_short_run_is_judged_as_a_whole_with_low_confidence() {
    let found = find(&run(49, |_| 10.0, |_| Some(100.0)));
    assert_eq!((found.window.word(), found.is_trusted), ("whole", false));
    assert_eq!(
        found.is_steady.reason(),
        Some("too short to tell whether it is steady: 49 whole seconds of 50")
    );
    let wanted = "the whole run of 49 s: too short to tell whether it is steady: 49 whole seconds of 50";
    assert_eq!(found.because, wanted);
}

#[test]
fn a_long_wait_for_the_last_answer_makes_no_long_run() {
    let mut run = run(100, |s| if s < 30 { 10.0 } else { 0.1 }, |_| Some(100.0));
    run.series.last_request_start_us = Some(START_US + 30 * S);
    let found = find(&run);
    assert_eq!((found.window.word(), found.is_trusted), ("whole", false));
    assert!(found.because.contains("too short to tell whether it is steady: 30 whole seconds of 50"));
}

#[test]
fn few_requests_and_none_at_all_are_no_reason_to_panic_or_to_trust() {
    let rare = find(&run(300, |s| if s % 100 == 0 { 1.0 } else { 0.0 }, |_| Some(100.0)));
    assert_eq!((rare.is_trusted, rare.is_steady.value()), (false, None));
    let none = find(&run(300, |_| 0.0, |_| None));
    assert_eq!((none.is_trusted, none.is_steady.value(), none.window.word()), (false, None, "steady"));
    let mut without = run(300, |_| 1.0, |_| Some(1.0));
    without.requests = None;
    without.series.calls.clear();
    let without = find(&without);
    assert_eq!(
        (without.window.word(), without.is_steady.reason()),
        ("whole", Some("the run has no requests"))
    );
}

#[test]
fn a_time_stamp_gone_astray_does_not_fill_the_memory() {
    let mut run = run(60, |_| 10.0, |_| Some(100.0));
    run.window.end_us = i64::MAX;
    run.series.last_request_start_us = Some(i64::MAX - 1);
    assert!(!find(&run).is_trusted);
}

#[test]
fn ramps_by_the_number_of_users_go_first() {
    let level = |at_s: f64| if (60.0..240.0).contains(&at_s) { 1.0 } else { 3.0 };
    let mut run = noisy(300, 11, 0.3, level);
    run.series.samples =
        users(&[(0, 1.0), (30, 25.0), (60, 50.0), (150, 50.0), (239, 50.0), (240, 10.0), (299, 0.0)]);
    let found = find(&run);
    assert!(found.warm_up_s >= 60.0 && found.warm_up_s <= 80.0 && found.ramp_down_s == 60.0, "{found:?}");
    assert!(found.because.contains("ramp-up by user count until 60 s; ramp-down by user count from 240 s"));
    // A spike of the number is no ramp that could be cut.
    run.series.samples = users(&[(0, 50.0), (100, 90.0), (101, 50.0), (299, 50.0)]);
    assert!(find(&run).because.contains("the users are at their height for 1 s only: no ramp is cut"));
}

#[test]
fn a_run_that_waits_for_its_last_answers_ends_with_its_load() {
    let mut run = run(300, |s| if s < 270 { 10.0 } else { 0.0 }, |_| Some(100.0));
    run.series.last_request_start_us = Some(START_US + 270 * S + 500_000);
    let found = find(&run);
    assert_eq!((found.window.word(), found.warm_up_s, found.ramp_down_s), ("steady", 0.0, 30.0));
    assert_eq!(found.because, "from 0 s to 270 s: the last request starts at 270.5 s");
    assert!(found.is_trusted);
}

#[test]
fn a_marker_of_the_run_chooses_the_window_up_to_the_next_one() {
    let mut run = noisy(300, 3, 0.3, |_| 1.0);
    run.phases = vec![marker(-5, "ramp_up"), marker(40, "steady"), marker(250, "ramp_down")];
    let found = find(&run);
    assert_eq!((found.window.word(), found.warm_up_s, found.ramp_down_s), ("chosen", 40.0, 50.0));
    assert_eq!(found.because, "from 40 s to 250 s: marked `steady` in the run");
    run.phases = vec![marker(-5, "steady"), marker(80, "pause"), marker(90, "steady"), marker(400, "end")];
    let found = find(&run);
    assert_eq!((found.warm_up_s, found.ramp_down_s), (90.0, 0.0));
    assert!(
        found
            .because
            .starts_with("from 90 s to 300 s: marked `steady` in the run, the longest of 2 such phases")
    );
    run.phases = vec![marker(300, "steady"), marker(-9, "pause")];
    assert_eq!(find(&run).window, WindowName::Steady, "a marker at the very end marks nothing");
}

#[test]
fn what_is_chosen_by_hand_wins_over_markers() {
    let mut run = noisy(300, 4, 0.3, |_| 1.0);
    run.phases = vec![marker(40, "steady")];
    let choice = WindowChoice { to_s: Some(100.0), warm_up_s: Some(20.0), ..WindowChoice::default() };
    let found = find_window(&run, &choice, &Config::defaults()).unwrap();
    assert_eq!((found.start_us, found.end_us), (START_US + 20 * S, START_US + 100 * S));
    assert_eq!(found.because, "from 20 s to 100 s: chosen by --warmup and --to");
    let beyond = WindowChoice { from_s: Some(400.0), ..WindowChoice::default() };
    assert!(find_window(&run, &beyond, &Config::defaults()).is_err());
}
