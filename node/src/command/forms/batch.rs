//! `forms import` and `forms template`: the documents of a form as a table, in and out. Without `--yes` it is told what
//! a file would change, and nothing is written.

use std::io;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::file;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::form::FlowDuty;
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::{FormFilter, Person};

use super::no_form;
use crate::app::App;
use crate::command::files::write_file;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::forms::importing::{self, Counts, DocumentsPreview, Left, Look};
use crate::ops::forms::{self, FormError, HeldForm, Worker};
use crate::ops::import::{ImportError, Step};

/// Problems, lines left alone and changes that a person is shown at once; the rest is told as a number.
const SHOWN: usize = 30;
/// Changes, and conflicts with both values, that a program is told.
const TOLD: usize = 1_000;

/// What to import.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// 表单编码（forms list 中的“编码”）
    #[arg(value_name = "编码")]
    pub(super) code: String,
    /// 填好的批量导入表（.xlsx，或同样列名的 .csv）
    #[arg(value_name = "文件")]
    file: PathBuf,
    /// 经办人
    #[arg(long, value_name = "姓名")]
    by: String,
    /// 确认导入；不写则只预览
    #[arg(long)]
    yes: bool,
}

/// What to write out.
#[derive(Debug, Args)]
pub(crate) struct Template {
    /// 表单编码（forms list 中的“编码”）
    #[arg(value_name = "编码")]
    pub(super) code: String,
    /// 写到文件（.xlsx，已存在则覆盖）
    #[arg(long, value_name = "文件")]
    out: PathBuf,
    /// 写入现有单据；不写则为空白模板
    #[arg(long)]
    filled: bool,
}

async fn form_of(app: &App, code: &str) -> Result<HeldForm, Failure> {
    forms::find(app.store(), code).await?.ok_or_else(|| no_form(code))
}

/// Imports, or tells what importing would change.
///
/// # Errors
/// There is no such form, the file cannot be read, or the database cannot be written. Cells that cannot be read end
/// with [`Exit::Input`].
pub(crate) async fn import(app: &App, asked: Import) -> Result<Exit, Failure> {
    let by = asked.by.trim();
    if by.is_empty() {
        return Err(Failure::input("请用 --by 写明经办人", "name who enters it with --by"));
    }
    let form = form_of(app, &asked.code).await?;
    let bytes = file::read(&asked.file)?;
    let name = asked.file.file_name().unwrap_or(asked.file.as_os_str()).to_string_lossy().into_owned();
    let worker = Worker { person: Person::named(by), duties: vec![FlowDuty::Enter], alone: false };
    let told = if app.output.json { TOLD } else { SHOWN };
    let bar = app.output.progress(1, app.output.pick("正在逐行检查", "looking at the lines"));
    let on = |step: Step| {
        if let Some((seen, all)) = step.share() {
            bar.set_length(all as u64);
            bar.set_position(seen as u64);
        }
    };
    let look = Look { changes: 0..told, conflicts: 0..told, on: &on, ..Look::first(&worker, app.output.lang) };
    let plan = importing::examine(app, form, &name, bytes, &look).await;
    bar.finish_and_clear();
    let plan = plan.map_err(failure)?;
    let preview = &plan.preview;
    let imported = asked.yes && preview.can_be_written();
    if imported {
        let detail = format!("{name}，{}：{}", preview.form.definition.title, preview.counts.say(Lang::Zh));
        let entry = app.entry(by, "document_import", &asked.code, &detail);
        let written = app.store().audited(&entry, plan.write(app)).await;
        written.map_err(|error| failure(error.into()))?;
    }
    let exit = if preview.faults.is_empty() { Exit::Done } else { Exit::Input };
    app.output.give(&Told::of(preview, imported, app.records_go_up(), app.output.lang))?;
    Ok(exit)
}

/// Why not, as commands tell it.
fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Failure(failure) => failure,
        ImportError::Form(FormError::Store(error)) => error.into(),
        error => Failure::input(error.say(Lang::Zh), error.say(Lang::En)),
    }
}

/// Writes the workbook to be filled in.
///
/// # Errors
/// There is no such form, there are too many documents, or the file cannot be written.
pub(crate) async fn template(app: &App, asked: Template) -> Result<Exit, Failure> {
    let form = form_of(app, &asked.code).await?;
    let filter = asked.filled.then(FormFilter::default);
    let made = importing::workbook(app, &form, &[], filter.as_ref()).await?;
    let (bytes, documents) = made.map_err(|too_much| Failure::input(too_much.say(Lang::Zh), too_much.say(Lang::En)))?;
    write_file(&asked.out, &bytes)?;
    Ok(app.output.give(&Written { code: asked.code, documents, file: asked.out })?)
}

#[derive(Serialize)]
struct Written {
    code: String,
    documents: usize,
    file: PathBuf,
}

impl Printed for Written {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (count, file) = (self.documents, self.file.display());
        say(
            output,
            &format!("已写出批量导入表（{count} 份单据）：{file}"),
            &format!("the workbook is {file}, with {count} documents"),
        )
    }
}

#[derive(Serialize)]
struct Told {
    form: String,
    imported: bool,
    can_be_imported: bool,
    goes_up: bool,
    #[serde(flatten)]
    counts: Counts,
    /// Sheets that nobody reads.
    unread: Vec<String>,
    /// How many problems there are in all.
    problem_count: usize,
    problems: Vec<Said>,
    left: Vec<Said>,
    changes: Vec<Said>,
}

/// Something about a line.
#[derive(Serialize)]
struct Said {
    #[serde(skip_serializing_if = "String::is_empty")]
    sheet: String,
    line: u64,
    about: String,
    says: String,
}

impl Told {
    fn of(plan: &DocumentsPreview, imported: bool, goes_up: bool, lang: Lang) -> Self {
        let sheet = |at: usize| plan.sheets.get(at);
        let problems = plan.faults.kept().iter().map(|fault| {
            let at = fault.column.and_then(|column| usize::try_from(column).ok());
            let head = sheet(fault.sheet).zip(at).and_then(|(sheet, at)| sheet.header.get(at));
            Said {
                sheet: sheet(fault.sheet).map(|sheet| sheet.name.clone()).unwrap_or_default(),
                line: fault.line,
                about: head.cloned().unwrap_or_default(),
                says: fault.says.say(lang),
            }
        });
        let fields = |change: &crate::ops::import::Change| {
            let told =
                |it: &crate::ops::import::FieldChange| format!("{} {} → {}", it.field.say(lang), it.before, it.after);
            change.fields.iter().map(told).collect::<Vec<_>>().join(lang.pick("；", "; "))
        };
        let left = plan.conflicts.kept().iter().chain(plan.refused.kept()).map(|left: &Left| {
            let fields = fields(&left.change);
            let between = if fields.is_empty() { "" } else { lang.pick("。", ". ") };
            let says = format!("{}{between}{fields}", left.why.say(lang));
            Said { sheet: String::new(), line: left.change.line, about: left.change.name.clone(), says }
        });
        let changes = plan.changes.iter().map(|change| {
            let says = format!("{} {}", change.what.text(lang), fields(change));
            Said { sheet: String::new(), line: change.line, about: change.name.clone(), says: says.trim().to_owned() }
        });
        Self {
            form: plan.form.definition.code.clone(),
            imported,
            can_be_imported: plan.can_be_written(),
            goes_up,
            counts: plan.counts,
            unread: plan.unread.clone(),
            problem_count: plan.faults.all(),
            problems: problems.collect(),
            left: left.collect(),
            changes: changes.collect(),
        }
    }
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Counts { added, changed, refused, conflicts, .. } = self.counts;
        list(output, &self.changes, added + changed, ("变化", "change"))?;
        list(output, &self.left, refused + conflicts, ("不导入", "left alone"))?;
        list(output, &self.problems, self.problem_count, ("问题", "problem"))?;
        if !self.unread.is_empty() {
            let (zh, en) = (self.unread.join("、"), self.unread.join(", "));
            say(output, &format!("没有读入这些工作表：{zh}"), &format!("sheets that were not read: {en}"))?;
        }
        let counts = self.counts.say(output.lang);
        if self.problem_count > 0 {
            let count = self.problem_count;
            return say(
                output,
                &format!("未导入：有 {count} 处问题；改正文件后重新导入即可，原有单据没有变动"),
                &format!("not imported: {count} problems; nothing was changed"),
            );
        }
        if self.imported {
            say(output, &format!("已导入：{counts}"), &format!("imported: {counts}"))?;
            if self.goes_up {
                say(output, "单据将随 serve 自动上送县级", "serve sends the documents to the county by itself")?;
            }
            return Ok(());
        }
        if !self.can_be_imported {
            let (zh, en) = if refused + conflicts > 0 {
                ("没有可以导入的行", "no line can be imported")
            } else {
                ("没有变更，无需导入", "no changes, and nothing to import")
            };
            return say(output, &format!("{zh}：{counts}"), &format!("{en}: {counts}"));
        }
        say(
            output,
            &format!("预览：{counts}；没有导入，核对无误后加 --yes 导入"),
            &format!("preview: {counts}; nothing was imported, add --yes to import"),
        )
    }
}

fn list(output: Output, lines: &[Said], all: usize, (zh, en): (&str, &str)) -> io::Result<()> {
    let between = output.pick("：", ": ");
    for Said { sheet, line, about, says } in lines.iter().take(SHOWN) {
        let sheet = if sheet.is_empty() { String::new() } else { format!("{sheet} ") };
        let line = output.pick(&format!("第 {line} 行"), &format!("line {line}")).to_owned();
        output.tell(&format!("{}{between}{sheet}{line} {about}{between}{says}", output.pick(zh, en)))?;
    }
    if all > SHOWN {
        let more_zh = format!("……{zh}共 {all} 条，以上为前 {SHOWN} 条；--json 列出更多");
        say(output, &more_zh, &format!("… {all} in all, the first {SHOWN} above; --json tells more"))?;
    }
    Ok(())
}
