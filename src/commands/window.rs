//! The flags that choose the judged window by hand.

use crate::judge::{WindowChoice, WindowError};

const HEADING: &str = "Judged window";

/// Which part of each run is judged. Without these it is found: markers of the run, else warm-up and ramps are cut.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WindowArgs {
    /// Judge from this time after the run's start on: `12`, `12s`, `1m30s`, `500ms`
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = HEADING)]
    pub from: Option<f64>,
    /// Judge up to this time after the run's start
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = HEADING)]
    pub to: Option<f64>,
    /// Cut this much off the start as warm-up, whatever the run's markers say
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = HEADING, conflicts_with = "from")]
    pub warmup: Option<f64>,
}

impl WindowArgs {
    /// # Errors
    /// When no run could have such a window.
    pub fn choice(&self) -> Result<WindowChoice, WindowError> {
        WindowChoice { from_s: self.from, to_s: self.to, warm_up_s: self.warmup }.checked()
    }
}

/// Seconds from a plain number (of seconds) or a duration such as `1m30s`.
fn parse_seconds(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => seconds,
        Err(_) => text.parse::<jiff::SignedDuration>().map_err(|_| NOT_A_TIME.to_owned())?.as_secs_f64(),
    };
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(NOT_A_TIME.to_owned());
    }
    Ok(seconds)
}

const NOT_A_TIME: &str = "write a time after the run's start, such as 12, 12s, 1m30s or 500ms";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        for (text, seconds) in [
            ("12", 12.0),
            ("12s", 12.0),
            ("1m30s", 90.0),
            ("500ms", 0.5),
            ("1.5", 1.5),
            ("0", 0.0),
            ("1h", 3600.0),
        ] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
        for text in ["", "soon", "-3", "-3s", "nan", "inf", "12 parsecs"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_refused_before_any_run_is_read() {
        let args = WindowArgs { from: Some(20.0), to: Some(10.0), warmup: None };
        let error = args.choice().unwrap_err();
        assert_eq!(error.exit_code(), crate::exit_code::ExitCode::Usage);
        assert!(WindowArgs { to: Some(30.0), ..args }.choice().is_ok());
    }
}
