//! What a user may write into the file, and what each mistake is answered with.

use super::*;

fn load(text: &str) -> Result<Layers, String> {
    Layers::from_text(text, Path::new("my.toml")).map_err(|error| error.to_string())
}

#[test]
fn the_users_file_has_a_line_for_what_it_sets_and_none_for_the_rest() {
    let text = "grade.min_requests = 7\n[custom_targets]\n\"db/p95_ms\" = { below = 1.5,\n  gate = true }\n[regression.metrics]\n\
                \"request/ok_p95_ms\" = { high = 0.4 }\n";
    let layers = Layers::from_text(text, Path::new("my.toml")).unwrap();
    let line =
        |key: &[&str]| layers.place_of(key).map(|(path, line)| (path.to_str().unwrap().to_owned(), line));
    let at = |line: usize| Some(("my.toml".to_owned(), line));
    assert_eq!(line(&["grade", "min_requests"]), at(1));
    assert_eq!(line(&["custom_targets", "db/p95_ms", "below"]), at(3));
    assert_eq!(line(&["custom_targets", "db/p95_ms", "gate"]), at(4));
    assert_eq!(line(&["regression", "metrics", "request/ok_p95_ms", "high"]), at(6));
    // The rule is the user's, this limit is not.
    assert_eq!(line(&["regression", "metrics", "request/ok_p95_ms", "medium"]), None);
    assert_eq!(line(&["grade", "no_such_key"]), None);
}

#[test]
fn the_embedded_defaults_parse_and_are_sane() {
    assert_eq!(sanity::check(&Config::defaults()), Ok(()));
    assert!(Config::defaults().custom_targets.is_empty());
}

#[test]
fn a_user_file_overrides_single_keys_and_leaves_the_others() {
    let layers =
        load("[grade]\nmin_requests = 50\n[targets]\np95_response_time_ms = { below = 3000 }").unwrap();
    let defaults = Config::defaults();
    assert_eq!(layers.config.grade.min_requests, 50);
    assert_eq!(layers.config.grade.scale, defaults.grade.scale);
    assert_eq!(layers.config.targets["p95_response_time_ms"].below, Some(3000.0));
    assert_eq!(layers.config.targets["success_rate"], defaults.targets["success_rate"]);
}

#[test]
fn each_setting_knows_its_origin() {
    let layers = load("grade.min_requests = 50").unwrap();
    let of = |key: &str| layers.settings.iter().find(|setting| setting.key == key).unwrap();
    assert_eq!(of("grade.min_requests").origin, Origin::File("my.toml".into()));
    assert_eq!(of("grade.min_requests").value, Value::Integer(50));
    assert_eq!(of("grade.fail_score").origin, Origin::Default);
    assert_eq!(of("targets.l1_hit_rate.above").value, Value::Float(0.8));
    assert_eq!(layers.settings[0].key, "run.max_faulty_row_share", "in the order of the defaults");
}

#[test]
fn a_gate_may_be_set_without_repeating_the_limit() {
    let layers = load("[targets.success_rate]\ngate = true").unwrap();
    assert!(layers.config.targets["success_rate"].gate);
    assert_eq!(layers.config.targets["success_rate"].above, Some(0.95));
}

#[test]
fn a_custom_target_is_named_by_the_key_of_its_metric() {
    let layers = load("[custom_targets]\n\"vector_db/p95_ms\" = { below = 5 }").unwrap();
    assert_eq!(layers.config.custom_targets["vector_db/p95_ms"].below, Some(5.0));
    let mut keys = layers.settings.iter().map(|setting| setting.key.as_str());
    assert!(keys.any(|key| key == "custom_targets.\"vector_db/p95_ms\".below"));
    for old in [
        "[custom_targets]\n\"vector_db.p95_ms\" = { below = 5 }",
        "custom_targets.vector_db.p95_ms.below = 5",
    ] {
        let message = load(old).unwrap_err();
        assert!(message.contains("is written `vector_db/p95_ms` since version 2"), "{message}");
    }
}

#[test]
fn what_is_wrong_is_said_with_line_key_and_remedy() {
    for (text, wanted) in [
        (
            "\n[grade]\nmin_request = 5",
            "line 3: unknown key `grade.min_request`, did you mean `grade.min_requests`?",
        ),
        ("min_requests = 5", "line 1: unknown key `min_requests`, did you mean `grade.min_requests`?"),
        (
            "[window]\nmax_warm_up_share = 0.5",
            "unknown key `window.max_warm_up_share`, did you mean `window.cut.max_share`?",
        ),
        ("[window]\nalpha = 0.01", "unknown key `window.alpha`, did you mean `window.steady.alpha`?"),
        ("[window]\nmax_quarter_difference = 0.05", "did you mean `window.steady.max_"),
        ("[window.cut]\nmax_share = 0.6", "`window.cut.max_share` must be within 0..0.5, is 0.6"),
        ("[window.steady]\nmin_parts = 6", "`window.steady.min_parts` must be 2 to 5, is 6"),
        ("[window.overload]\ngrowth = 0.9", "`window.overload.growth` must be 1 or more, is 0.9"),
        (
            "[regression]\nmin_runs_for_prediction = 5",
            "line 2: `regression.min_runs_for_prediction` is no longer a setting: baselines of any number",
        ),
        ("[regression]\nmax_length_ratio = 0.5", "`regression.max_length_ratio` must be 1 or more, is 0.5"),
        ("[tragets]", "line 1: unknown key `tragets`, did you mean `targets`?"),
        ("[targets]\nxyz = { above = 1 }", "line 2: unknown key `targets.xyz`;"),
        (
            "[health.lightrag]\nhealthy = { success_at_last = 1 }",
            "did you mean `health.lightrag.healthy.success_at_least`?",
        ),
        ("[grade]\n\nmin_requests = \"many\"", "line 3: `grade.min_requests` is a text, wanted an integer"),
        ("[grade]\nmin_requests = 1.5", "is a number, wanted an integer"),
        ("grade = 3", "`grade` is an integer, wanted a table"),
        ("[grade]\nmin_requests = -1", "`grade.min_requests` must not be negative, is -1"),
        ("[run]\nmax_faulty_row_share = 5", "line 2: `run.max_faulty_row_share` must be within 0..1, is 5"),
        ("[measure]\ngap_s = nan", "`measure.gap_s` must be above 0, is NaN"),
        ("[grade]\nhealthy = [\"A+\", \"E\"]", "`grade.healthy[1]` is `E`, which is no grade"),
        ("[grade]\nscale = []", "`grade.scale` must hold at least one grade"),
        ("[cache]\ntier_weights = [1.0, 0.5]", "length"),
        (
            "[targets]\nsuccess_rate = { below = 0.5 }",
            "line 2: `targets.success_rate` has both `above` and `below`",
        ),
        ("[targets]\nsuccess_rate = 0.5", "`targets.success_rate` is a number, wanted a table"),
        ("[custom_targets]\n\"db/mean_ms\" = { gate = true }", "has neither `above` nor `below`"),
        (
            "[custom_targets]\n\"db/fast\" = { below = 1 }",
            "line 2: `custom_targets.\"db/fast\"` names no metric",
        ),
        (
            "[custom_targets]\n\"db/mean_ms\" = { bellow = 1 }",
            "did you mean `custom_targets.\"db/mean_ms\".below`?",
        ),
        ("[health.cache]\ncritical = { hit_rate_at_least = 0.9 }", "asks for more than a better word does"),
        (
            "[resources]\ncpu_bands = [{ below_percent = 5, word = \"a\" }, { below_percent = 4, word = \"b\" }]",
            "`resources.cpu_bands[1].below_percent` is 4: put the bands in ascending order",
        ),
        ("a = \n", "line 1: not valid TOML"),
    ] {
        let message = load(text).unwrap_err();
        assert!(message.contains(wanted), "{text:?} gave: {message}");
        assert!(message.contains("my.toml"), "{message}");
    }
}

#[test]
fn a_scale_out_of_order_is_refused_with_the_row() {
    let text = "[grade]\nscale = [\n  { grade = \"A\", success_above = 0.9, p95_below_ms = 900, score = 90 },\n  \
                { grade = \"A+\", success_above = 0.99, p95_below_ms = 500, score = 100 },\n]\nhealthy = []";
    let message = load(text).unwrap_err();
    assert!(
        message.contains("line 4: `grade.scale[1]` (A+) asks for more than the row before it"),
        "{message}"
    );
}

#[test]
fn the_nearest_file_upwards_is_found_and_an_explicit_one_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(folder.path().join(FILE_NAME), "grade.min_requests = 7").unwrap();
    let layers = Layers::load(None, &deep).unwrap();
    assert_eq!(layers.config.grade.min_requests, 7);
    let message = Layers::load(Some(&deep.join("none.toml")), &deep).unwrap_err().to_string();
    assert!(message.contains("none.toml") && message.contains("check the path"), "{message}");
}

#[test]
fn the_search_goes_upwards_from_a_relative_folder_too() {
    // The package's folder is the working folder of its tests; above it stands no settings file.
    let folder = tempfile::tempdir_in(".").unwrap();
    let inner = Path::new(folder.path().file_name().unwrap()).join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(folder.path().join(FILE_NAME), "").unwrap();
    assert_eq!(nearest_file(&inner), Some(inner.join("..").join(FILE_NAME)));
    assert_eq!(nearest_file(Path::new(".")), None);
}

#[test]
fn a_rule_for_a_metric_of_ones_own_takes_the_rest_from_the_pattern_that_it_fits() {
    let layers = load("[regression.metrics]\n\"vector_db/ok_p95_ms\" = { gate = true }\n").unwrap();
    let settings = layers.config.regression;
    let (name, rule) = settings.rule("vector_db/ok_p95_ms").unwrap();
    assert_eq!((name, rule.gate, rule.medium), ("vector_db/ok_p95_ms", true, Some(0.15)));
    assert!(!settings.rule("other/ok_p95_ms").unwrap().1.gate);
    let unknown = load("[regression.metrics]\n\"queue/depth.mean\" = { gate = true }\n").unwrap_err();
    assert!(unknown.contains("line 2") && unknown.contains("must say `worse`"), "{unknown}");
}

#[test]
fn a_name_that_looks_like_a_misspelling_is_warned_of() {
    let text = r#"
        trend.good_direction = { throughputs = "up", "queue.depth" = "down", "Request.depth" = "down" }
        across_runs.metrics = ["users", "reqest/p95_ms", "llm/p95_ms"]
        [custom_targets]
        "LightRAG/p95_ms" = { below = 3 }
        "vector_db/p95_ms" = { below = 3 }
        "#;
    let expected = [
        "my.toml: `across_runs.metrics`: `reqest/p95_ms` names a component of its own: did you mean `request`?",
        "my.toml: `custom_targets`: `LightRAG/p95_ms` names a component of its own: did you mean `lightrag`?",
        "my.toml: `trend.good_direction`: no sampled metric may be named `Request.depth`: did you mean `request`?",
        "my.toml: `trend.good_direction`: no sampled metric may be named `throughputs`: did you mean `throughput`?",
    ];
    assert_eq!(load(text).unwrap().warnings, expected);
    assert!(load("grade.min_requests = 50").unwrap().warnings.is_empty());
}

#[test]
fn a_pipe_a_device_and_a_file_of_megabytes_are_no_settings() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.toml");
    std::fs::File::create(&large).unwrap().set_len(1_000_001).unwrap();
    for (path, why) in [
        (Path::new("/dev/zero"), "it is no regular file"),
        (folder.path(), "it is no regular file"),
        (large.as_path(), "1000001 bytes are too many"),
    ] {
        let message = Layers::load(Some(path), Path::new(".")).unwrap_err().to_string();
        assert!(message.starts_with("cannot read the configuration") && message.contains(why), "{message}");
    }
}
