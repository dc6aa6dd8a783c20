//! Shows how a configuration is read, overridden and refused, with the line and without the value.

use std::path::PathBuf;

use serde::Deserialize;
use tempfile::TempDir;
use tongpin_domain::lang::{Lang, Say};

use super::*;

const EXAMPLE: &str = r#"# Where the data lives.
data = "./data"

# The page that shows how things stand.
[status]
# An address of this machine.
listen = "127.0.0.1:8400"
enabled = true
refresh_seconds = 10
hosts = ["localhost"]

[database]
# Kept in a file unless a URL is given.
#url = "postgres://user:password@host/name"
format = "human"
"#;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(default)]
struct Settings {
    data: PathBuf,
    status: Status,
    database: Database,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(default)]
struct Status {
    listen: std::net::SocketAddr,
    enabled: bool,
    refresh_seconds: u16,
    hosts: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Database {
    url: Option<String>,
    format: Format,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Human,
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self { data: "./data".into(), status: Status::default(), database: Database::default() }
    }
}

impl Default for Status {
    fn default() -> Self {
        let listen = ([127, 0, 0, 1], 8400).into();
        Self { listen, enabled: true, refresh_seconds: 10, hosts: vec!["localhost".into()] }
    }
}

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("tongpin.toml");
    fs::write(&path, text).expect("a file");
    load_from(Some(&path), EXAMPLE, environment.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

fn refused(text: &str) -> SettingsError {
    read(text, &[]).expect_err("must be refused")
}

/// Shows that the example says what the program does without a file: as printed, it changes nothing.
#[test]
fn the_example_is_the_default() {
    let none: [(String, String); 0] = [];
    assert_eq!(load_from::<Settings>(None, EXAMPLE, none).expect("defaults"), Settings::default());
    assert_eq!(read(EXAMPLE, &[]).expect("the example"), Settings::default());
}

/// Shows that the environment wins over the file and the file over the default, each only where it speaks.
#[test]
fn environment_over_file_over_default() {
    let text = "data = \"/srv\"\n[status]\nrefresh_seconds = 30\nenabled = true\n";
    let environment = [
        ("TONGPIN_STATUS_ENABLED", "false"),
        ("TONGPIN_STATUS_HOSTS", "a.example, b.example"),
        ("TONGPIN_DATABASE_URL", "postgres://db"),
        ("TONGPIN_DATA", ""),
        ("TONGPIN_LANG", "en"),
        ("HOME", "/root"),
    ];
    let settings = read(text, &environment).expect("settings");
    assert_eq!(settings.data, PathBuf::from("/srv"));
    assert_eq!(settings.status.refresh_seconds, 30);
    assert!(!settings.status.enabled);
    assert_eq!(settings.status.hosts, ["a.example", "b.example"]);
    assert_eq!(settings.status.listen, Status::default().listen);
    assert_eq!(settings.database.url.as_deref(), Some("postgres://db"));
}

/// Shows that a mistyped key is refused with its line and with the key that was probably meant.
#[test]
fn unknown_keys_name_line_and_nearest() {
    let error = refused(
        "data = \"x\"

[status]
lisen = \"y\"
",
    );
    assert!(
        matches!(&error, SettingsError::UnknownKey { line: 4, key, nearest: Some(near), .. }
            if key == "status.lisen" && near == "status.listen"),
        "{error}"
    );
    let said = refused("# 注释\n[statsu]\n").say(Lang::Zh);
    assert!(said.contains("第 2 行") && said.ends_with("是否想写 status？"), "{said}");
}

/// Shows that a key in the wrong section is sent home, and that an unguessable one is answered with what is known.
#[test]
fn misplaced_and_strange_keys() {
    let said = refused("refresh_seconds = 5\n").say(Lang::En);
    assert!(said.ends_with("did you mean status.refresh_seconds?"), "{said}");
    let said = refused("[database]\nxyz = 5\n").say(Lang::Zh);
    assert!(said.ends_with("此处可用：format、url"), "{said}");
}

/// Shows that a value of the wrong kind is refused with its line and with what was expected.
#[test]
fn wrong_kinds_say_what_was_expected() {
    let error = refused("[status]\nrefresh_seconds = \"ten\"\n");
    assert!(matches!(error, SettingsError::WrongKind { line: 2, expected: Kind::Whole, found: Kind::Text, .. }));
    assert!(error.say(Lang::Zh).contains("应为整数，现为带引号的文本"), "{}", error.say(Lang::Zh));
    let error = refused("[status]\nhosts = [\"a\",\n 5]\n");
    assert!(matches!(error, SettingsError::WrongKind { line: 3, expected: Kind::Text, .. }), "{error}");
}

/// Shows that a value of the right kind that cannot be used names line, key and range or choices.
#[test]
fn unusable_values_say_what_was_expected() {
    let said = refused("[status]\n\nrefresh_seconds = 70000\n").say(Lang::Zh);
    assert!(said.contains("第 3 行") && said.contains("status.refresh_seconds"), "{said}");
    assert!(said.ends_with("应为整数，0 到 65535"), "{said}");
    let said = refused("[database]\nformat = \"xml\"\n").say(Lang::En);
    assert!(said.contains("line 2") && said.contains("`human` or `json`"), "{said}");
}

/// Shows that broken TOML names line and column, and that a file saved as GBK is recognised as such.
#[test]
fn broken_files_name_the_place() {
    let error = refused("data = \"x\"\n[status\n");
    assert!(matches!(error, SettingsError::Syntax { line: 2, .. }), "{error}");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("gbk.toml");
    // 0xCA 0xFD is 数 in GBK and no UTF-8.
    fs::write(&path, b"data = \"x\"\n# \xCA\xFD\n").expect("a file");
    let none: [(String, String); 0] = [];
    let error = load_from::<Settings>(Some(&path), EXAMPLE, none).expect_err("not text");
    assert!(matches!(error, SettingsError::NotText { line: 2, .. }), "{error}");
}

/// Shows that a file that is not there is said to be missing, and is never taken for an empty one.
#[test]
fn a_missing_file_is_an_error() {
    let none: [(String, String); 0] = [];
    let error = load_from::<Settings>(Some(Path::new("/nowhere/tongpin.toml")), EXAMPLE, none).expect_err("missing");
    assert!(error.say(Lang::Zh).starts_with("找不到配置文件 /nowhere/tongpin.toml"), "{error}");
}

/// Shows that the variable at fault is named among several, by kind and by value.
#[test]
fn the_variable_at_fault_is_named() {
    let environment = [("TONGPIN_DATA", "/srv"), ("TONGPIN_STATUS_REFRESH_SECONDS", "soon")];
    let error = read("", &environment).expect_err("no number");
    assert!(matches!(&error, SettingsError::Variable { variable, .. } if variable.ends_with("REFRESH_SECONDS")));
    let error = read("", &[("TONGPIN_DATA", "/srv"), ("TONGPIN_STATUS_LISTEN", "here")]).expect_err("no address");
    assert!(matches!(&error, SettingsError::Variable { variable, .. } if variable.ends_with("LISTEN")), "{error}");
}

/// Shows that no refusal repeats a value, which may be a password.
#[test]
fn refusals_never_repeat_a_value() {
    let texts = [
        "[database]\nformat = \"geheim\"\n",
        "[status]\nenabled = \"geheim\"\n",
        "[database]\nurll = \"geheim\"\n",
        "[database]\nurl = geheim\n",
        "[database]\nurl = \"geheim\n",
    ];
    for error in texts.map(refused) {
        for said in [error.say(Lang::Zh), error.say(Lang::En), error.to_string(), format!("{error:?}")] {
            assert!(!said.contains("geheim"), "{said}");
        }
    }
}
