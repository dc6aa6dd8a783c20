//! `forms`: the forms that are or were in force here; making their lists anew; and their documents as a file.

mod batch;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use rust_xlsxwriter::Workbook;
use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_console::workbook::{Heading, TableSheet, WriteError, lay};
use tongpin_domain::csv_file::CsvFile;
use tongpin_domain::form::Definition;
use tongpin_domain::lang::Lang;
use tongpin_store::FormHeld;

use crate::app::App;
use crate::command::files::write_file;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::forms::find;
use crate::ops::forms::table::{self, FormTable};

/// What is asked about forms.
#[derive(Debug, Subcommand)]
#[command(after_help = "例：
  tongpin-node forms list
  tongpin-node forms rebuild road_dispatch
  tongpin-node forms export road_dispatch --out 调度表.xlsx
  tongpin-node forms template road_dispatch --filled --out 导入表.xlsx
  tongpin-node forms import road_dispatch 导入表.xlsx --by 经办-001          只预览
  tongpin-node forms import road_dispatch 导入表.xlsx --by 经办-001 --yes    导入")]
pub(crate) enum Command {
    /// 本级有哪些表单，各有多少单据
    List,
    /// 由单据重建列表（列表与单据对不上时用；不改单据，期间可照常工作）
    Rebuild {
        /// 表单编码（forms list 中的“编码”）；不写则重建全部
        #[arg(value_name = "编码")]
        code: Option<String>,
    },
    /// 把一张表单的全部单据导出为 .xlsx 或 .csv（个人信息除外）
    Export {
        /// 表单编码（forms list 中的“编码”）
        #[arg(value_name = "编码")]
        code: String,
        /// 写到文件：.xlsx 含各明细表，.csv 只有单据（已存在则覆盖）
        #[arg(long, value_name = "文件")]
        out: PathBuf,
    },
    /// 写出批量导入用的工作簿：空白模板，或含现有单据（--filled）
    Template(batch::Template),
    /// 批量导入一张表单的单据：默认只预览，加 --yes 才写入
    Import(batch::Import),
}

/// Does it.
///
/// # Errors
/// There is no such form, the database cannot be read or written, or the file cannot be written.
pub(crate) async fn run(app: &App, command: Command) -> Result<Exit, Failure> {
    let held = app.store().forms_held().await?;
    let of = match &command {
        Command::Rebuild { code } => code.as_deref(),
        Command::Export { code, .. } => Some(code.as_str()),
        Command::Template(asked) => Some(asked.code.as_str()),
        Command::Import(asked) => Some(asked.code.as_str()),
        Command::List => None,
    };
    if let Some(code) = of.filter(|code| held.iter().any(|it| it.code == *code && is_kept(it))) {
        return Err(Failure::input(
            format!("“{code}”的单据随项目保存，没有单独的列表；在项目的“绩效目标”中查看和导出"),
            format!("the documents of {code:?} are kept with the projects and have no list of their own"),
        ));
    }
    match command {
        Command::List => Ok(app.output.give(&Listed(held.iter().map(|it| Line::of(it, app.output.lang)).collect()))?),
        Command::Rebuild { code } => rebuild(app, &held, code.as_deref()).await,
        Command::Export { code, out } => export(app, &held, &code, out).await,
        Command::Template(asked) => batch::template(app, asked).await,
        Command::Import(asked) => batch::import(app, asked).await,
    }
}

/// Whether the documents of a form are records that the program keeps as such.
fn is_kept(held: &FormHeld) -> bool {
    serde_json::from_str::<Definition>(&held.body).is_ok_and(|definition| definition.is_kept())
}

fn no_form(code: &str) -> Failure {
    Failure::input(
        format!("没有编码为“{code}”的表单；用 forms list 查看本级有哪些表单"),
        format!("no form {code:?}; forms list shows those that are here"),
    )
}

/// A form as it is told.
#[derive(Debug, Serialize)]
struct Line {
    code: String,
    title: String,
    publisher: String,
    release: u64,
    in_force: bool,
    listed: bool,
    /// Whether its documents are records of their own kind, which no list of documents has.
    kept: bool,
    documents: u64,
}

impl Line {
    fn of(held: &FormHeld, lang: Lang) -> Self {
        let definition = serde_json::from_str::<Definition>(&held.body).ok();
        Self {
            title: definition.map_or_else(|| held.code.clone(), |definition| definition.called(lang).to_owned()),
            code: held.code.clone(),
            publisher: held.publisher.to_string(),
            release: held.release,
            in_force: held.in_force,
            listed: held.listed,
            kept: is_kept(held),
            documents: held.documents,
        }
    }

    /// How it stands, in words.
    fn standing(&self, output: Output) -> &str {
        match (self.listed, self.in_force) {
            (_, true) if self.kept => output.pick("在用，随项目填写", "in force, filled in with projects"),
            (false, _) => output.pick("不能列出（编码已被另一发布单位使用，或本程序读不懂）", "not listed"),
            (true, true) => output.pick("在用", "in force"),
            (true, false) => output.pick("已停用，单据可查", "retired, to be read"),
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Listed(Vec<Line>);

impl Printed for Listed {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(output, "还没有收到表单；上级下发后自动接收", "no form has come yet");
        }
        let headers = [
            output.pick("编码", "code"),
            output.pick("表名", "title"),
            output.pick("发布单位", "publisher"),
            output.pick("版本", "release"),
            output.pick("状态", "state"),
            output.pick("单据", "documents"),
        ];
        let row = |it: &Line| {
            let documents = if it.kept { "—".to_owned() } else { it.documents.to_string() };
            let release = it.release.to_string();
            let standing = it.standing(output).to_owned();
            vec![it.code.clone(), it.title.clone(), it.publisher.clone(), release, standing, documents]
        };
        output.print_table(&headers, &self.0.iter().map(row).collect::<Vec<_>>())
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rebuilt(Vec<RebuiltForm>);

#[derive(Serialize)]
struct RebuiltForm {
    code: String,
    title: String,
    documents: u64,
}

async fn rebuild(app: &App, held: &[FormHeld], code: Option<&str>) -> Result<Exit, Failure> {
    let own = held.iter().filter(|it| !is_kept(it)).map(|it| it.code.as_str());
    let wanted: BTreeSet<&str> = own.filter(|it| code.is_none_or(|code| code == *it)).collect();
    if let Some(code) = code.filter(|_| wanted.is_empty()) {
        return Err(no_form(code));
    }
    let mut rebuilt = Vec::new();
    for (at, code) in (1usize..).zip(&wanted) {
        let known = held.iter().find(|it| it.code == *code && it.listed);
        let title = known.map_or_else(|| (*code).to_owned(), |it| Line::of(it, app.output.lang).title);
        let count = known.map_or(0, |it| it.documents);
        let all = wanted.len();
        let zh = format!("第 {at}/{all} 张：正在重建“{title}”的列表，现有 {count} 份，请稍候；中断后再次运行会接着做");
        let en = format!("{at} of {all}: listing {title} anew, {count} documents so far; if broken off, run it again");
        say(app.output, &zh, &en)?;
        let documents = app.store().rebuild_form(code, app.site.now()).await?;
        rebuilt.push(RebuiltForm { code: (*code).to_owned(), title, documents });
    }
    Ok(app.output.give(&Rebuilt(rebuilt))?)
}

impl Printed for Rebuilt {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(output, "还没有收到表单，没有要重建的", "no form has come yet; there is nothing to do");
        }
        for RebuiltForm { title, documents, .. } in &self.0 {
            let en = format!("{title}: {documents} documents are listed");
            say(output, &format!("“{title}”已重建，共列出 {documents} 份单据"), &en)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Exported {
    code: String,
    documents: usize,
    file: PathBuf,
}

async fn export(app: &App, held: &[FormHeld], code: &str, file: PathBuf) -> Result<Exit, Failure> {
    // Of a code that two publishers use, one form's documents are listed.
    let held = held.iter().find(|it| it.code == code && it.listed).ok_or_else(|| no_form(code))?;
    // With what this bureau adds to it, where it is in force.
    let in_force = find(app.store(), code).await?.filter(|form| form.publisher == held.publisher);
    let definition: Definition = match in_force {
        Some(form) => form.definition,
        None => serde_json::from_str(&held.body).map_err(|error| Failure::internal(&error))?,
    };
    let write = writer(&file)?;
    let tables = table::tables(app.store(), &definition, app.output.lang).await?;
    write_file(&file, &write(&tables).map_err(|error| Failure::internal(&error))?)?;
    let documents = tables.first().map_or(0, |table| table.rows.len());
    Ok(app.output.give(&Exported { code: code.to_owned(), documents, file })?)
}

type Written = Result<Vec<u8>, WriteError>;

/// How a file of this name is written.
fn writer(file: &Path) -> Result<fn(&[FormTable]) -> Written, Failure> {
    match file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => Ok(xlsx),
        Some("csv") => Ok(|tables| Ok(csv(tables))),
        _ => Err(Failure::input(
            format!("导出文件 {} 的扩展名须是 .xlsx 或 .csv", file.display()),
            format!("{} must end in .xlsx or .csv", file.display()),
        )),
    }
}

fn csv(tables: &[FormTable]) -> Vec<u8> {
    let Some(documents) = tables.first() else { return Vec::new() };
    let mut file = CsvFile::new(documents.columns.iter().map(|(name, _)| name.as_str()));
    for row in &documents.rows {
        file.row(row.iter().map(String::as_str));
    }
    file.into_marked()
}

/// A sheet for each table; what is called alike is numbered, because no two sheets may be.
fn xlsx(tables: &[FormTable]) -> Written {
    let (mut workbook, mut seen) = (Workbook::new(), BTreeSet::new());
    for (number, table) in (1usize..).zip(tables) {
        let short: String = table.title.chars().take(LONGEST_SHEET).collect();
        let title = if seen.insert(short.to_lowercase()) { short } else { format!("{number} {short}") };
        let columns: Vec<Heading<'_>> =
            table.columns.iter().map(|(name, number)| Heading { name, number: *number }).collect();
        let laid = TableSheet { title: &title, columns: &columns, rows: &table.rows, open: false };
        lay(workbook.add_worksheet(), &laid)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Characters of a title that leave room for a number: a sheet's name has at most 31.
const LONGEST_SHEET: usize = 26;

impl Printed for Exported {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (count, file) = (self.documents, self.file.display());
        say(output, &format!("已导出 {count} 份单据到 {file}"), &format!("{count} documents are in {file}"))
    }
}
