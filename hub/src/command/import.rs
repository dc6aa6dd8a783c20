//! `import`: from files to the draft of a catalog, with a preview. A file with a problem changes nothing.

use std::path::{Path, PathBuf};

use tongpin_console::exit::Exit;
use tongpin_store::Person;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::catalogs::check_name;
use crate::ops::import::{NamedFile, Request, draft};

mod preview;

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

/// Makes or changes the draft of a catalog.
///
/// # Errors
/// A file or the database cannot be read. Problems within a file are part of the answer.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    check_name(app, &args.catalog, args.new).await?;
    let read = |file: &PathBuf| Ok(NamedFile { name: shown_name(file), bytes: content(file)? });
    let files: Vec<NamedFile> = args.files.iter().map(read).collect::<Result<_, Failure>>()?;
    let by = super::person_or_login(args.by.as_deref());
    let request = Request {
        catalog: &args.catalog,
        files,
        remove: &args.remove,
        merge: args.merge,
        by: &Person::named(&by),
        note: args.note,
        dry_run: args.dry_run,
        entry: app.audit_entry(&by, "catalog_draft", &args.catalog, ""),
    };
    Ok(app.output.give(&draft(app, request).await?)?)
}

fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    Ok(tongpin_console::file::read(file)?)
}

/// What messages call a file.
fn shown_name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}
