//! `history ack`: a change that is known and meant.

use crate::cli::history::AckArgs;
use crate::commands::session::Session;
use crate::commands::{say, say_error};
use crate::exit_code::ExitCode;
use crate::history::{Acknowledged, Acknowledgements, History};
use crate::report::history::Shown;
use crate::report::printable;

/// Keeps the acknowledgement; a change that is none is refused, so that a slip of the finger mutes nothing.
pub fn run(args: &AckArgs, session: &Session) -> ExitCode {
    let (found, _) = match super::read(&args.store.baselines, session) {
        Ok(read) => read,
        Err(error) => return super::refuse(&error),
    };
    let new = acknowledged(args, session);
    let mut mine = Acknowledgements::default();
    mine.acknowledged.push(new.clone());
    let shown = super::shown(&found.runs, &mine, Some(&args.metric), args.users, session);
    if !changes(&shown).any(|(_, is_mine)| is_mine) {
        let nights: Vec<String> = changes(&shown).map(|(night, _)| night).collect();
        let remedy = if nights.is_empty() {
            "`cmo-metrics history show` names the changes".to_owned()
        } else {
            format!("it changed on {}", nights.join(", "))
        };
        let message = format!("{} did not change for good on {}", args.metric, args.night);
        say_error(&printable(&message), Some(&printable(&remedy)));
        return ExitCode::Usage;
    }
    match History::in_baselines(&args.store.baselines).acknowledge(new.clone()) {
        Ok(()) => {
            if !session.verbosity.is_quiet() {
                say(&printable(&format!(
                    "Acknowledged until {}: {} since {}",
                    new.until, new.metric, new.night
                )));
            }
            ExitCode::Clean
        }
        Err(error) => super::refuse(&error),
    }
}

/// The first night of each change, and whether the acknowledgement is of it.
fn changes<'a>(shown: &'a [Shown<'a>]) -> impl Iterator<Item = (String, bool)> + 'a {
    let of_level = |shown: &'a Shown<'a>| {
        let date = |night: usize| shown.level.nights[night].date.clone();
        let changes = shown.series.iter().flat_map(|series| {
            series
                .changes
                .iter()
                .map(|change| (series.points[change.point].night, change.acknowledged.is_some()))
        });
        changes.map(move |(night, is_mine)| (date(night), is_mine))
    };
    shown.iter().flat_map(of_level)
}

fn acknowledged(args: &AckArgs, session: &Session) -> Acknowledged {
    let today = session.provenance.day().parse().unwrap_or(args.night);
    let days = jiff::Span::new().days(i64::from(session.layers.config.history.acknowledged_days));
    let until = args.until.unwrap_or_else(|| today.saturating_add(days));
    Acknowledged {
        metric: args.metric.clone(),
        users: args.users,
        night: args.night.to_string(),
        reason: args.reason.clone(),
        until: until.to_string(),
        acknowledged_at: session.provenance.generated_at.clone(),
    }
}
