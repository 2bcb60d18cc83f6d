//! `config show`: every setting with its value and where it comes from.

use std::io::Write;

use super::session::Session;
use crate::cli::config::{ShowArgs, ShowFormat};
use crate::config::{Layers, Origin, Setting};
use crate::exit_code::ExitCode;

/// Writes the settings of `layers` to `out`.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &ShowArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    show(args, &session.layers, out)?;
    Ok(ExitCode::Clean)
}

fn show(args: &ShowArgs, layers: &Layers, out: &mut impl Write) -> anyhow::Result<()> {
    match args.format {
        ShowFormat::Text => {
            for setting in &layers.settings {
                writeln!(out, "{} = {}  # {}", setting.key, setting.value, origin(setting))?;
            }
        }
        ShowFormat::Json => {
            let settings: Vec<serde_json::Value> = layers.settings.iter().map(as_json).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&settings)?)?;
        }
    }
    Ok(())
}

fn as_json(setting: &Setting) -> serde_json::Value {
    serde_json::json!({ "key": setting.key, "value": setting.value, "origin": origin(setting) })
}

fn origin(setting: &Setting) -> String {
    match &setting.origin {
        Origin::Default => "default".to_owned(),
        Origin::File(path) => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, FILE_NAME};

    fn show(layers: &Layers, format: ShowFormat) -> String {
        let mut out = Vec::new();
        super::show(&ShowArgs { format }, layers, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_text_output_is_a_configuration_file_with_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, "grade.min_requests = 7\n[custom_targets]\n\"db/mean_ms\" = { below = 1.5 }")
            .unwrap();
        let layers = Layers::load(None, folder.path()).unwrap();
        let text = show(&layers, ShowFormat::Text);
        assert!(text.contains(&format!("grade.min_requests = 7  # {}", file.display())), "{text}");
        assert!(text.contains("grade.fail_score = 0  # default"), "{text}");

        std::fs::write(&file, &text).unwrap();
        assert_eq!(Layers::load(None, folder.path()).unwrap().config, layers.config);
        assert_ne!(layers.config, Config::defaults());
    }

    #[test]
    fn json_lists_key_value_and_origin() {
        let layers = Layers::load(None, std::path::Path::new("/")).unwrap();
        let list: Vec<serde_json::Value> = serde_json::from_str(&show(&layers, ShowFormat::Json)).unwrap();
        assert_eq!(list[0]["key"], "run.max_faulty_row_share");
        assert_eq!(list[0]["value"], 0.01);
        assert_eq!(list[0]["origin"], "default");
    }
}
