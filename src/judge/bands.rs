//! Words of the reference for memory growth and CPU.

use crate::config::ResourceSettings;
use crate::summary::{Measured, Resources};

/// The word for the memory growth of the run.
pub fn memory_band(resources: &Resources, settings: &ResourceSettings) -> Measured<String> {
    let bands = settings.memory_growth_bands.iter().map(|band| (band.below_mb, &band.word));
    let growth_mb = resources.memory.as_ref().and_then(|memory| memory.growth_mb.clone());
    growth_mb.map(|growth_mb| word(growth_mb, bands, &settings.worst_band))
}

/// The word for the mean CPU: of the share of the machine where it is known, else of one core.
pub fn cpu_band(resources: &Resources, settings: &ResourceSettings) -> Measured<String> {
    let bands = settings.cpu_bands.iter().map(|band| (band.below_percent, &band.word));
    resources.cpu.as_ref().map(|cpu| {
        let share = cpu.mean_share_of_machine.number().map(|share| share * 100.0);
        word(share.unwrap_or(cpu.mean_percent), bands, &settings.worst_band)
    })
}

fn word<'a>(value: f64, bands: impl Iterator<Item = (f64, &'a String)>, worst: &str) -> String {
    let mut bands = bands;
    bands.find(|(below, _)| value < *below).map_or_else(|| worst.to_owned(), |(_, word)| word.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    #[test]
    fn a_band_ends_below_its_limit() {
        let settings = Config::defaults().resources;
        for (growth_mb, wanted) in
            [(-5.0, "Excellent"), (49.9, "Excellent"), (50.0, "Good"), (100.0, "Fair"), (200.0, "Poor")]
        {
            let mut resources = fixture::run_summary().resources;
            let Measured::Value(memory) = &mut resources.memory else { panic!("the fixture has memory") };
            memory.growth_mb = Measured::Value(growth_mb);
            assert_eq!(memory_band(&resources, &settings).value().unwrap(), wanted, "{growth_mb}");
        }
    }

    #[test]
    fn cpu_is_judged_on_the_share_of_the_machine_where_it_is_known() {
        let settings = Config::defaults().resources;
        let mut resources = fixture::run_summary().resources;
        let Measured::Value(cpu) = &mut resources.cpu else { panic!("the fixture has CPU") };
        (cpu.mean_percent, cpu.mean_share_of_machine) = (120.0, Measured::Value(0.6));
        assert_eq!(cpu_band(&resources, &settings).value().unwrap(), "Good");
        let Measured::Value(cpu) = &mut resources.cpu else { panic!("the fixture has CPU") };
        cpu.mean_share_of_machine = Measured::undefined("number of cores unknown");
        assert_eq!(cpu_band(&resources, &settings).value().unwrap(), "Poor");
        resources.cpu = Measured::undefined("no process rows");
        assert_eq!(cpu_band(&resources, &settings).reason(), Some("no process rows"));
    }
}
