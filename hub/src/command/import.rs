//! `import`: from files to the draft of a catalog, with a preview. A file with a problem changes nothing.

use std::path::{Path, PathBuf};

use tongpin_console::command_line::NOBODY;
use tongpin_console::exit::Exit;
use tongpin_domain::catalog;
use tongpin_domain::guidance::NOTICES;
use tongpin_domain::intake::Intake;
use tongpin_domain::lang::Lang;
use tongpin_store::{AuditDraft, Person, person};

use crate::answer;
use crate::app::App;
use crate::failure::Failure;

mod plan;
mod preview;
mod reading;

pub(crate) use plan::{Outcome, Standing, Way};
use preview::{Before, Changed, Preview};
pub(crate) use reading::{NamedFile, Reading, read};

/// What to import.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub import indicators 指标库.xlsx --by 经办人 --note 2025年版
  tongpin-hub import indicators 新增指标.xlsx --merge    只新增和更新
  tongpin-hub import rules rules.toml
  tongpin-hub import rules --remove 旧规则           从草稿中去掉一条
表格（Excel 工作簿 .xlsx，或 CSV,UTF-8 或 GB18030）：整份文件就是目录的新内容，文件里没有的条目将停用；
加 --merge 则只新增和更新，文件里没有的条目保留。
rules、collections 用 TOML，一个文件一条，逐条加入草稿。
目录：regions 区划、rules 规则、indicators 指标库、experts 专家库、procedures 流程与时间表、
funds 专项转移支付、collections 归集任务、notices 通知与答复（在管理页面“指导”中写）。")]
pub(crate) struct Args {
    /// 目录，如 indicators
    #[arg(value_name = "目录")]
    catalog: String,
    /// Excel（.xlsx）、CSV 或 TOML 文件
    #[arg(value_name = "文件", required_unless_present = "remove")]
    files: Vec<PathBuf>,
    /// 经办人（起草人）；默认是系统登录名
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: Option<String>,
    /// 说明：随发布一并下发
    #[arg(long, value_name = "文字")]
    note: Option<String>,
    /// 只新增和更新：表格里没有的条目保留；已有草稿的，并入草稿
    #[arg(long)]
    merge: bool,
    /// 只预览，不存草稿
    #[arg(long)]
    dry_run: bool,
    /// 从草稿中去掉这个条目；可重复
    #[arg(long, value_name = "条目")]
    remove: Vec<String>,
    /// 新建一个内置目录以外的目录
    #[arg(long)]
    new: bool,
}

/// What is to become of the draft of a catalog.
struct Request<'a> {
    /// The catalog.
    catalog: &'a str,
    /// One table, or entries as TOML, one a file.
    files: Vec<NamedFile>,
    /// Entries to take out of the draft.
    remove: &'a [String],
    /// Whether what a table lacks stays.
    merge: bool,
    /// 经办: who drafts.
    by: &'a Person,
    /// The words that go with the release; `None` leaves those of the draft.
    note: Option<String>,
    /// Only tell what it would do.
    dry_run: bool,
    /// Of whom the audit log tells; its detail is made of what is read.
    entry: AuditDraft<'a>,
}

/// Makes or changes the draft of a catalog.
///
/// # Errors
/// A file or the database cannot be read. Problems within a file are part of the answer.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    check_name(app, &args.catalog, args.new).await?;
    let read = |file: &PathBuf| Ok(NamedFile { name: shown_name(file), bytes: content(file)? });
    let files: Vec<NamedFile> = args.files.iter().map(read).collect::<Result<_, Failure>>()?;
    let by = person_or_login(args.by.as_deref());
    let request = Request {
        catalog: &args.catalog,
        files,
        remove: &args.remove,
        merge: args.merge,
        by: &Person::named(&by),
        note: args.note,
        dry_run: args.dry_run,
        entry: app.entry(&by, "catalog_draft", &args.catalog, ""),
    };
    answer::give(app.output, &draft(app, request).await?)
}

/// Makes or changes a draft, or tells what that would do. A file with a problem changes nothing.
///
/// # Errors
/// The files are not of the catalog's form, somebody changed the draft just now, or the database cannot be read or
/// written.
async fn draft(app: &App, request: Request<'_>) -> Result<Preview, Failure> {
    let Request { catalog, files, remove, merge, by, note, dry_run, entry } = request;
    let reading = read(catalog, files).await?;
    let standing = Standing::load(app, catalog).await?;
    let way = if reading.is_table && !merge { Way::Replace } else { Way::Merge };
    let Reading { files, intake: Intake { accepted, mut problems, warnings }, .. } = reading;
    let outcome = standing.outcome(&accepted, way, remove, &mut problems);
    let drafted = problems.is_empty() && !dry_run;
    let detail = told(&files, remove, accepted.len(), problems.len());
    let entry = AuditDraft { detail: &detail, allowed: drafted, ..entry };
    if drafted && !standing.keep(app, &outcome, by, note, &entry).await? {
        app.store().audit(&AuditDraft { allowed: false, ..entry }).await?;
        return Err(Failure::input(
            "导入期间草稿被别人改动，没有导入；请重新导入",
            "somebody changed the draft meanwhile; nothing was imported: import again",
        ));
    } else if !drafted && !dry_run {
        app.store().audit(&entry).await?;
    }
    Ok(Preview {
        drafted,
        dry_run,
        merged: way == Way::Merge,
        by: person::told(&standing.drafters(way, by)),
        release: standing.release,
        draft: standing.draft.map(|draft| Before { by: draft.by, at: draft.at }),
        accepted: accepted.len(),
        problems,
        warnings,
        told: [outcome.said(Lang::Zh), outcome.said(Lang::En)],
        changes: Changed::new(outcome.changes, outcome.unchanged),
        files,
        catalog: catalog.to_owned(),
    })
}

/// What the audit log says was read.
pub(crate) fn told(files: &[String], remove: &[String], accepted: usize, problems: usize) -> String {
    let mut parts = files.to_vec();
    parts.extend(remove.iter().map(|key| format!("去掉 {key}")));
    format!("{}，{accepted} 条，错误 {problems} 处", parts.join("、"))
}

/// A misspelt name must not become a catalog.
///
/// # Errors
/// [`Failure::Input`], or the database cannot be read.
pub(crate) async fn check_name(app: &App, name: &str, new: bool) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
        return Err(Failure::input(
            format!("“{name}”不能作目录名；请用小写字母、数字和连字符"),
            format!("{name:?} is no name for a catalog; use small letters, digits and hyphens"),
        ));
    }
    let known = catalog::KNOWN.contains(&name) || app.store().head(&app.catalog(name)).await?.is_some();
    if known || new {
        return Ok(());
    }
    let all = catalog::KNOWN.join("、");
    Err(Failure::input(
        format!("没有名为“{name}”的目录（内置的有 {all}）；确要新建一个目录，请加 --new"),
        format!("there is no catalog {name:?} (known: {}); add --new to make one", catalog::KNOWN.join(", ")),
    ))
}

fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    Ok(tongpin_console::file::read(file)?)
}

/// What messages call a file.
fn shown_name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

/// The name given, or else that of the login, so that there is always somebody to ask.
pub(crate) fn person_or_login(by: Option<&str>) -> String {
    let named = by.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    let login = || ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.or_else(login).filter(|name| !name.trim().is_empty()).unwrap_or_else(|| NOBODY.to_owned())
}

/// A catalog by its name and what it is called: `indicators（指标库）`.
pub(crate) fn titled(catalog: &str) -> String {
    let title = match catalog {
        "rules" => "制度与规则",
        "procedures" => "流程与时间表",
        "indicators" => "指标库",
        "experts" => "专家库",
        "regions" => "区划",
        "funds" => "专项转移支付",
        "collections" => "归集任务",
        NOTICES => "通知与答复",
        _ => return catalog.to_owned(),
    };
    format!("{catalog}（{title}）")
}
