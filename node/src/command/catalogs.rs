//! `catalogs` and `export`: what the levels above share, as a list, and one catalog as a file.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Map, Value};
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::catalog::Entry;
use tongpin_domain::csv_file::{self, CsvFile};

use crate::app::App;
use crate::command::files::write_file;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::summary::{self, CatalogLine};
use crate::words::catalog;

#[derive(Serialize)]
#[serde(transparent)]
struct Told(Vec<CatalogLine>);

/// Shows the catalogs.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    let lines = summary::catalogs(app.store(), &app.site.region()).await?;
    Ok(app.output.give(&Told(lines))?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(
                output,
                "还没有收到目录；请确认 serve 在运行并已与上级连通（status、doctor）",
                "no catalogs have come yet; see whether serve runs and reaches the parent (status, doctor)",
            );
        }
        let headers = [
            output.pick("目录", "catalog"),
            output.pick("名称", "name"),
            output.pick("发布单位", "publisher"),
            output.pick("版本", "release"),
            output.pick("条目", "entries"),
            output.pick("签发时间", "signed"),
            output.pick("说明", "note"),
        ];
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|line| {
                vec![
                    line.catalog.clone(),
                    catalog::title(&line.catalog, output.lang).to_owned(),
                    line.publisher.to_string(),
                    line.release.to_string(),
                    line.entries.to_string(),
                    line.signed_at.map(|at| at.to_string()).unwrap_or_default(),
                    line.note.clone(),
                ]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}

/// What to export.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// 一个目录
    #[command(after_help = "例：
  tongpin-node export catalog indicators --out 指标库.csv")]
    Catalog {
        /// 目录名（catalogs 中的“目录”）
        #[arg(value_name = "目录")]
        name: String,
        /// 写到文件（已存在则覆盖）；不写则打印出来
        #[arg(long, value_name = "文件")]
        out: Option<PathBuf>,
    },
}

#[derive(Serialize)]
struct Exported {
    catalog: String,
    entries: usize,
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Vec<Value>>,
    #[serde(skip)]
    text: String,
}

/// Exports a catalog.
///
/// # Errors
/// It is not held, or the file cannot be written.
pub(crate) async fn export(app: &App, command: Export) -> Result<Exit, Failure> {
    let Export::Catalog { name, out } = command;
    let mut entries = Vec::new();
    let mut known = false;
    for head in app.store().heads().await?.into_iter().filter(|head| head.catalog.name == name) {
        known = true;
        entries.extend(app.store().entries(&head.catalog).await?);
    }
    if !known {
        return Err(Failure::input(
            format!("没有收到名为“{name}”的目录；用 catalogs 查看已收到的目录"),
            format!("no catalog {name:?} has come; catalogs lists those that have"),
        ));
    }
    let bodies: Vec<Map<String, Value>> = entries.iter().map(body).collect();
    let bytes = csv(&entries, &bodies).into_bytes();
    if let Some(file) = &out {
        write_file(file, &csv_file::marked(&bytes))?;
    }
    let exported = Exported {
        catalog: name,
        entries: entries.len(),
        content: out.is_none().then(|| bodies.into_iter().map(Value::Object).collect()),
        file: out,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    Ok(app.output.give(&exported)?)
}

fn body(entry: &Entry) -> Map<String, Value> {
    match serde_json::from_str(&entry.body) {
        Ok(Value::Object(fields)) => fields,
        // What is no object is kept as it is, so that nothing is lost in the file.
        _ => Map::from_iter([("body".to_owned(), Value::String(entry.body.clone()))]),
    }
}

/// Key and release, then every field that any entry has, in the order in which they first occur.
fn csv(entries: &[Entry], bodies: &[Map<String, Value>]) -> CsvFile {
    let mut seen = BTreeSet::new();
    let mut fields: Vec<&String> = Vec::new();
    for name in bodies.iter().flat_map(Map::keys) {
        if seen.insert(name) {
            fields.push(name);
        }
    }
    let head = ["key", "release", "audience"].into_iter().chain(fields.iter().map(|name| name.as_str()));
    let mut file = CsvFile::new(head);
    for (entry, body) in entries.iter().zip(bodies) {
        let first = [entry.key.clone(), entry.release.to_string(), entry.audience.to_string()];
        file.row(first.into_iter().chain(fields.iter().map(|name| text(body.get(*name)))));
    }
    file
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";")
        }
        Some(other) => other.to_string(),
    }
}

impl Printed for Exported {
    fn tell(&self, output: Output) -> io::Result<()> {
        match &self.file {
            None => output.print_text(&self.text),
            Some(file) => {
                let (count, file) = (self.entries, file.display());
                say(output, &format!("已导出 {count} 条到 {file}"), &format!("{count} entries are in {file}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::catalog::Audience;

    use super::*;

    /// A list becomes one cell, a field that an entry lacks a blank, and a comma is quoted.
    #[test]
    fn entries_as_csv() {
        let entry = |key: &str, body: &str| Entry {
            key: key.into(),
            audience: Audience::Everyone,
            release: 2,
            body: body.into(),
        };
        let entries = [entry("a", r#"{"name":"甲,乙","codes":["1","2"]}"#), entry("b", r#"{"name":"丙","year":2024}"#)];
        let bodies: Vec<_> = entries.iter().map(body).collect();
        let written = String::from_utf8(csv(&entries, &bodies).into_bytes()).expect("UTF-8");
        let mut lines = written.lines();
        let header = lines.next().expect("a header");
        assert!(header.starts_with("key,release,audience,") && header.ends_with("year"), "{header}");
        assert!(lines.next().is_some_and(|line| line.contains("\"甲,乙\"") && line.contains("1;2")));
        assert_eq!(lines.next().map(|line| line.split(',').filter(|cell| cell.is_empty()).count()), Some(1));
    }
}
