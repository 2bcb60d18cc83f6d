//! The scenarios: what goes wrong in a simulated run, and by how much unless told otherwise.

use std::fmt;

/// What the run is an example of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// Nothing is wrong: about one LightRAG call in a hundred fails and is caught by the fallback.
    Healthy,
    /// Response times grow evenly over the run.
    Drift,
    /// Response times are multiplied from one moment on.
    Step,
    /// LightRAG and Perplexity fail with one error category for a short while.
    ErrorBurst,
    /// The same of LightRAG alone: Perplexity answers in its place.
    LightragBurst,
    /// From one moment on LightRAG answers no more: users wait for good, throughput falls to 0.
    Hang,
    /// LightRAG is down again and again: the circuit breaker opens and closes.
    BreakerFlapping,
    /// Users rise in steps beyond what LightRAG's slots can serve.
    Saturation,
    /// The service's memory grows without end.
    Leak,
    /// Requests are sent at a rate of their own, and the load generator stalls once.
    OpenLoop,
}

impl Scenario {
    /// All of them, in the order of the documentation.
    pub const ALL: [Scenario; 10] = [
        Scenario::Healthy,
        Scenario::Drift,
        Scenario::Step,
        Scenario::ErrorBurst,
        Scenario::LightragBurst,
        Scenario::Hang,
        Scenario::BreakerFlapping,
        Scenario::Saturation,
        Scenario::Leak,
        Scenario::OpenLoop,
    ];

    /// The name on the command line and in the truth.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Healthy => "healthy",
            Scenario::Drift => "drift",
            Scenario::Step => "step",
            Scenario::ErrorBurst => "error-burst",
            Scenario::LightragBurst => "lightrag-burst",
            Scenario::Hang => "hang",
            Scenario::BreakerFlapping => "breaker-flapping",
            Scenario::Saturation => "saturation",
            Scenario::Leak => "leak",
            Scenario::OpenLoop => "open-loop",
        }
    }

    /// What its metadata call its scenario: a fault leaves the load as it is, so that a faulty run is compared with the
    /// baseline of its healthy twin; what went wrong stands in the truth alone.
    pub fn load(self) -> Scenario {
        match self {
            Scenario::Saturation | Scenario::OpenLoop => self,
            _ => Scenario::Healthy,
        }
    }

    /// The size of the effect unless told otherwise; what it measures is said in `Parameters::effect`.
    pub fn default_effect(self) -> f64 {
        match self {
            Scenario::Healthy => 0.0,
            Scenario::Drift => 0.30,
            Scenario::Step => 1.5,
            Scenario::ErrorBurst | Scenario::LightragBurst => 0.6,
            Scenario::Hang => 1.0,
            Scenario::BreakerFlapping => 0.7,
            Scenario::Saturation => 0.5,
            Scenario::Leak => 30.0,
            Scenario::OpenLoop => 2.0,
        }
    }

    /// Effects that make sense: smallest and largest.
    pub fn effect_limits(self) -> (f64, f64) {
        match self {
            Scenario::Healthy => (0.0, 0.0),
            Scenario::Drift => (-0.9, 10.0),
            Scenario::Step => (0.1, 10.0),
            Scenario::ErrorBurst | Scenario::LightragBurst | Scenario::Hang | Scenario::BreakerFlapping => {
                (0.0, 1.0)
            }
            Scenario::Saturation => (0.1, 1.0),
            Scenario::Leak => (-1000.0, 100_000.0),
            Scenario::OpenLoop => (0.0, 60.0),
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
