//! A window that is chosen by hand: seconds since the run's start.

use crate::exit_code::ExitCode;

/// An instant of a run for people, as it would be typed behind a flag: `12.5 s`, cut to the millisecond.
pub fn in_seconds(time_s: f64) -> String {
    format!("{} s", (time_s * 1000.0).floor() / 1000.0)
}

/// The part of a run that somebody asks for, in seconds since the run's start; all `None`: it is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WindowChoice {
    pub from_s: Option<f64>,
    pub to_s: Option<f64>,
    /// Cut off before the window: `from_s` by another name.
    pub warm_up_s: Option<f64>,
}

/// Why the window that was asked for cannot be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WindowError {
    #[error("a window's times are seconds after the run's start, not {seconds}")]
    NotATime { seconds: f64 },
    #[error("the window's begin is given twice, by --from and by --warmup")]
    TwoBeginnings,
    #[error("the window is empty: it begins at {} and ends at {}", in_seconds(*.from_s), in_seconds(*.to_s))]
    Reversed { from_s: f64, to_s: f64 },
    #[error("the window is not in the run: {name} {} is beyond its end, the run is {} long", in_seconds(*.at_s), in_seconds(*.length_s))]
    BeyondEnd { name: &'static str, at_s: f64, length_s: f64 },
    #[error("no request starts in the window, the run is {} long", in_seconds(*.length_s))]
    NoRequests { length_s: f64 },
}

impl WindowError {
    pub fn remedy(&self) -> &'static str {
        match self {
            WindowError::NotATime { .. } => "write times such as 12s or 1m30s",
            WindowError::TwoBeginnings => "leave one of them out",
            WindowError::Reversed { .. } => "let --to lie behind --from or --warmup",
            WindowError::BeyondEnd { .. } | WindowError::NoRequests { .. } => {
                "choose another --from, --to or --warmup, or leave them out"
            }
        }
    }

    /// Of a choice that no run could have: usage; that this run has not: it could not be judged.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            WindowError::NotATime { .. } | WindowError::TwoBeginnings | WindowError::Reversed { .. } => {
                ExitCode::Usage
            }
            WindowError::BeyondEnd { .. } | WindowError::NoRequests { .. } => ExitCode::CouldNotJudge,
        }
    }
}

impl WindowChoice {
    /// The choice, when some run could have it.
    ///
    /// # Errors
    /// When none could.
    pub fn checked(self) -> Result<Self, WindowError> {
        let times = [self.from_s, self.to_s, self.warm_up_s];
        if let Some(seconds) = times.into_iter().flatten().find(|&time| !time.is_finite() || time < 0.0) {
            return Err(WindowError::NotATime { seconds });
        }
        if self.from_s.is_some() && self.warm_up_s.is_some() {
            return Err(WindowError::TwoBeginnings);
        }
        match (self.begin_s(), self.to_s) {
            (begin_s, Some(to_s)) if to_s <= begin_s => Err(WindowError::Reversed { from_s: begin_s, to_s }),
            _ => Ok(self),
        }
    }

    /// The flags that chose it, for people.
    pub fn flags(&self) -> String {
        let times = [("--from", self.from_s), ("--warmup", self.warm_up_s), ("--to", self.to_s)];
        let flags: Vec<&str> = times.into_iter().filter_map(|(flag, time)| time.map(|_| flag)).collect();
        flags.join(" and ")
    }

    /// Whether anything was chosen.
    pub fn is_made(&self) -> bool {
        *self != Self::default()
    }

    /// The part of a run of `length_s` that was chosen: (from, to), s. A run that is a little short of the whole
    /// second that people call its length ends with it.
    ///
    /// # Errors
    /// When the run, or any run, has no such part.
    pub fn part_of(&self, length_s: f64) -> Result<(f64, f64), WindowError> {
        self.checked()?;
        let from_s = self.begin_s();
        if from_s >= length_s {
            let name = if self.warm_up_s.is_some() { "--warmup" } else { "--from" };
            return Err(WindowError::BeyondEnd { name, at_s: from_s, length_s });
        }
        match self.to_s {
            Some(to_s) if to_s > length_s.ceil() => {
                Err(WindowError::BeyondEnd { name: "--to", at_s: to_s, length_s })
            }
            to_s => Ok((from_s, to_s.map_or(length_s, |to_s| to_s.min(length_s)))),
        }
    }

    fn begin_s(&self) -> f64 {
        self.from_s.or(self.warm_up_s).unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(from_s: Option<f64>, to_s: Option<f64>, warm_up_s: Option<f64>) -> WindowChoice {
        WindowChoice { from_s, to_s, warm_up_s }
    }

    #[test]
    fn what_is_not_said_is_the_runs_own_end() {
        assert_eq!(choice(Some(10.0), None, None).part_of(60.0), Ok((10.0, 60.0)));
        assert_eq!(choice(None, Some(50.0), None).part_of(60.0), Ok((0.0, 50.0)));
        assert_eq!(choice(None, Some(50.0), Some(5.0)).part_of(60.0), Ok((5.0, 50.0)));
        assert_eq!(choice(None, Some(60.0), None).part_of(59.98), Ok((0.0, 59.98)), "called a run of 60 s");
    }

    #[test]
    fn a_choice_that_no_run_has_is_wrong_usage() {
        for (wrong, message) in [
            (choice(Some(-1.0), None, None), "a window's times are seconds after the run's start, not -1"),
            (choice(Some(20.0), Some(20.0), None), "the window is empty: it begins at 20 s and ends at 20 s"),
            (choice(None, Some(0.0), None), "the window is empty: it begins at 0 s and ends at 0 s"),
            (
                choice(Some(1.0), None, Some(1.0)),
                "the window's begin is given twice, by --from and by --warmup",
            ),
        ] {
            let error = wrong.part_of(60.0).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.exit_code()), (message, ExitCode::Usage));
        }
    }

    #[test]
    fn a_choice_beyond_this_runs_end_could_not_be_judged_and_names_its_length() {
        for (wrong, message) in [
            (
                choice(None, None, Some(60.0)),
                "the window is not in the run: --warmup 60 s is beyond its end, the run is 60 s long",
            ),
            (
                choice(None, Some(61.0), None),
                "the window is not in the run: --to 61 s is beyond its end, the run is 60 s long",
            ),
        ] {
            let error = wrong.part_of(60.0).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.exit_code()), (message, ExitCode::CouldNotJudge));
        }
    }
}
