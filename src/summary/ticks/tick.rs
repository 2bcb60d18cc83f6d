//! One tick of one component.

/// The calls of one component that ended in one tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallTick {
    /// Start of the tick, µs since 1970.
    pub start_us: i64,
    /// Calls that ended in it: finished ones. The calls of a tick with more than 32 bits can count fill 80 GB.
    pub count: u32,
    pub ok: u32,
    pub failed: u32,
    /// Of these, look-ups of a cache tier that found what they looked for, and that did not.
    pub hits: u32,
    pub misses: u32,
    /// Over the calls with a duration.
    pub mean_ms: MaybeMs,
    /// Over the same without as many of the fastest as failed: failures weigh on the slow side.
    pub p50_ms: MaybeMs,
    pub p95_ms: MaybeMs,
    /// Over the calls with a duration.
    pub max_ms: MaybeMs,
    /// Time-weighted mean of the calls in flight during the tick.
    pub in_flight: f64,
}

/// A time in ms, or none: an `Option` in half the room.
#[derive(Clone, Copy)]
pub struct MaybeMs(f64);

impl MaybeMs {
    pub const NONE: Self = Self(f64::NAN);

    /// NaN is none.
    pub fn of(ms: f64) -> Self {
        Self(ms)
    }

    pub fn or_nan(self) -> f64 {
        self.0
    }

    pub fn get(self) -> Option<f64> {
        (!self.0.is_nan()).then_some(self.0)
    }
}

impl From<Option<f64>> for MaybeMs {
    fn from(ms: Option<f64>) -> Self {
        ms.map_or(Self::NONE, Self)
    }
}

impl PartialEq for MaybeMs {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl std::fmt::Debug for MaybeMs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.get().fmt(out)
    }
}
