//! `import`: from files to the draft of a catalog, with a preview. A file with a problem changes nothing.

use std::path::{Path, PathBuf};

use tongpin_console::exit::Exit;
use tongpin_console::workbook;
use tongpin_domain::catalog::{self, Entry};
use tongpin_domain::guidance::NOTICES;
use tongpin_domain::intake::{self, DraftEntry, Intake, Problem, Words};
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::{AuditDraft, DraftRow};

use crate::answer;
use crate::failure::Failure;
use crate::office::Office;

mod preview;

use preview::Changed;
pub(crate) use preview::Preview;

/// What to import.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub import indicators 指标库.xlsx --by 经办人 --note 2025年版
  tongpin-hub import rules rules.toml
  tongpin-hub import rules --remove 旧规则           从草稿中去掉一条
表格（Excel 工作簿 .xlsx，或 CSV,UTF-8 或 GB18030）：整份文件就是目录的新内容，文件里没有的条目将停用。
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

/// A file by its name and content.
pub(crate) struct NamedFile {
    /// What messages call it.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// What is to become of the draft of a catalog.
pub(crate) struct Request<'a> {
    /// The catalog.
    pub(crate) catalog: &'a str,
    /// One table, or entries as TOML, one a file.
    pub(crate) files: &'a [NamedFile],
    /// Entries to take out of the draft.
    pub(crate) remove: &'a [String],
    /// 经办: who drafts.
    pub(crate) by: &'a str,
    /// The words that go with the release; `None` leaves those of the draft.
    pub(crate) note: Option<String>,
    /// Only tell what it would do.
    pub(crate) dry_run: bool,
    /// Of whom the audit log tells; its detail is made of what is read.
    pub(crate) entry: AuditDraft<'a>,
}

/// Makes or changes the draft of a catalog.
///
/// # Errors
/// A file or the database cannot be read. Problems within a file are part of the answer.
pub(crate) async fn run(office: &Office, args: Args) -> Result<Exit, Failure> {
    check_name(office, &args.catalog, args.new).await?;
    let read = |file: &PathBuf| Ok(NamedFile { name: shown_name(file), bytes: read(file)? });
    let files: Vec<NamedFile> = args.files.iter().map(read).collect::<Result<_, Failure>>()?;
    let by = person_or_login(args.by.as_deref());
    let request = Request {
        catalog: &args.catalog,
        files: &files,
        remove: &args.remove,
        by: &by,
        note: args.note,
        dry_run: args.dry_run,
        entry: office.entry(&by, "catalog_draft", &args.catalog, ""),
    };
    answer::give(office.output, &draft(office, request).await?)
}

/// Makes or changes a draft, or tells what that would do. A file with a problem changes nothing.
///
/// # Errors
/// The files are not of the catalog's form, or the database cannot be read or written.
pub(crate) async fn draft(office: &Office, request: Request<'_>) -> Result<Preview, Failure> {
    let Request { catalog, files, remove, by, note, dry_run, entry } = request;
    let tables = files.iter().all(|file| is_table(catalog, &file.name)) && !files.is_empty();
    let read = if tables { read_table(catalog, files)? } else { read_entries(catalog, files) };
    let id = office.catalog(catalog);
    let (published, draft) = (office.store().entries(&id).await?, office.store().draft(&id).await?);
    let (base, drafters) = match &draft {
        Some(draft) if !tables => (draft.entries.clone(), with_drafter(&draft.by, by)),
        _ if !tables => (published.clone(), by.to_owned()),
        _ => (Vec::new(), by.to_owned()),
    };
    let mut problems = read.problems;
    let accepted = read.accepted.len();
    let rows = merged(base, read.accepted, remove, &mut problems);
    let after: Vec<Entry> = rows.iter().map(as_entry).collect();
    let changes = catalog::compare(&published, &after);
    let unchanged = after.len().saturating_sub(changes.added.len() + changes.changed.len());
    let drafted = problems.is_empty() && !dry_run;
    let (store, detail) = (office.store(), told(files, remove, accepted, problems.len()));
    let entry = AuditDraft { detail: &detail, allowed: drafted, ..entry };
    if drafted {
        let note = note.or(draft.filter(|_| !tables).map(|draft| draft.note)).unwrap_or_default();
        store.audited(&entry, store.replace_draft(&id, &rows, &drafters, office.site.now(), &note)).await?;
    } else if !dry_run {
        store.audit(&entry).await?;
    }
    Ok(Preview {
        drafted,
        dry_run,
        by: drafters,
        release: office.store().head(&id).await?.map_or(0, |head| head.number),
        accepted,
        problems,
        warnings: read.warnings,
        changes: Changed::new(changes, unchanged),
        files: files.iter().map(|file| file.name.clone()).collect(),
        catalog: catalog.to_owned(),
    })
}

/// What the audit log says was read.
fn told(files: &[NamedFile], remove: &[String], accepted: usize, problems: usize) -> String {
    let mut parts: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    parts.extend(remove.iter().map(|key| format!("去掉 {key}")));
    format!("{}，{accepted} 条，错误 {problems} 处", parts.join("、"))
}

/// A misspelt name must not become a catalog.
///
/// # Errors
/// [`Failure::Input`], or the database cannot be read.
pub(crate) async fn check_name(office: &Office, name: &str, new: bool) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
        return Err(Failure::input(
            format!("“{name}”不能作目录名；请用小写字母、数字和连字符"),
            format!("{name:?} is no name for a catalog; use small letters, digits and hyphens"),
        ));
    }
    let known = catalog::KNOWN.contains(&name) || office.store().head(&office.catalog(name)).await?.is_some();
    if known || new {
        return Ok(());
    }
    let all = catalog::KNOWN.join("、");
    Err(Failure::input(
        format!("没有名为“{name}”的目录（内置的有 {all}）；确要新建一个目录，请加 --new"),
        format!("there is no catalog {name:?} (known: {}); add --new to make one", catalog::KNOWN.join(", ")),
    ))
}

/// Rules and collections are too deep for a table; any catalog may come as TOML, one entry a file.
fn is_table(catalog: &str, file: &str) -> bool {
    let toml = Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    !toml && !matches!(catalog, "rules" | "collections")
}

fn read_table(catalog: &str, files: &[NamedFile]) -> Result<Intake<DraftEntry>, Failure> {
    let [file] = files else {
        return Err(Failure::input("一次只能导入一个表格；请分次导入", "one table at a time"));
    };
    let table = workbook::read(&file.name, &file.bytes, &[]);
    let table = table.map_err(|error| Failure::input(error.say(Lang::Zh), error.say(Lang::En)))?;
    Ok(intake::entries(catalog, &table))
}

fn read_entries(catalog: &str, files: &[NamedFile]) -> Intake<DraftEntry> {
    let mut all: Intake<DraftEntry> = Intake::default();
    for NamedFile { name, bytes } in files {
        let one = intake::entry_from_toml(catalog, name, bytes);
        for (line, entry) in one.accepted {
            if all.accepted.iter().any(|(_, earlier)| earlier.key == entry.key) {
                let expected = Words::new("各文件的条目互不相同", "another entry in every file");
                all.problems.push(problem(name, line, &entry.key, expected));
            } else {
                all.accepted.push((line, entry));
            }
        }
        all.problems.extend(one.problems);
        all.warnings.extend(one.warnings);
    }
    all
}

fn problem(file: &str, line: u64, found: &str, expected: Words) -> Problem {
    Problem { file: file.to_owned(), line, column: String::new(), found: found.to_owned(), expected }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|source| Failure::File { path: file.to_owned(), source })
}

/// What messages call a file.
fn shown_name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

/// The draft's new content: what it starts from, with the read entries in place and others removed, sorted by key.
fn merged(
    base: Vec<Entry>,
    accepted: Vec<(u64, DraftEntry)>,
    remove: &[String],
    problems: &mut Vec<Problem>,
) -> Vec<DraftRow> {
    let mut rows: std::collections::BTreeMap<String, DraftRow> = base
        .into_iter()
        .map(|Entry { key, audience, body, .. }| (key.clone(), DraftRow { key, audience, body }))
        .collect();
    for key in remove {
        if rows.remove(key).is_none() {
            let expected = Words::new("草稿或已发布内容中已有的条目", "an entry of the draft or the catalog");
            problems.push(problem("--remove", 0, key, expected));
        }
    }
    for (_, DraftEntry { key, audience, body }) in accepted {
        rows.insert(key.clone(), DraftRow { key, audience, body });
    }
    rows.into_values().collect()
}

fn as_entry(row: &DraftRow) -> Entry {
    Entry { key: row.key.clone(), audience: row.audience.clone(), release: 0, body: row.body.clone() }
}

/// Everybody who worked on a draft is its drafter: none of them may approve it.
pub(crate) fn with_drafter(before: &str, by: &str) -> String {
    if drafters(before).any(|name| name == by) { before.to_owned() } else { format!("{before}、{by}") }
}

/// The people who drafted.
pub(crate) fn drafters(by: &str) -> impl Iterator<Item = &str> {
    by.split('、').map(str::trim)
}

/// The name given, or else that of the login, so that there is always somebody to ask.
pub(crate) fn person_or_login(by: Option<&str>) -> String {
    let named = by.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    let login = || ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.or_else(login).filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "经办".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;
    use tongpin_domain::catalog::Audience;

    fn draft(key: &str, body: &str) -> DraftEntry {
        DraftEntry { key: key.into(), audience: Audience::Everyone, body: body.into() }
    }

    fn entry(key: &str) -> Entry {
        Entry { key: key.into(), audience: Audience::Everyone, release: 3, body: "{}".into() }
    }

    /// Shows that one file replaces or adds its own entry and leaves the others, and that removing an unknown one is
    /// a problem instead of a silence.
    #[test]
    fn entries_join_the_draft() {
        let mut problems = Vec::new();
        let base = vec![entry("a"), entry("b"), entry("c")];
        let remove = ["c".to_owned(), "x".to_owned()];
        let rows = merged(base, vec![(1, draft("d", "{}")), (1, draft("a", "{\"v\":2}"))], &remove, &mut problems);
        let shown: Vec<(&str, &str)> = rows.iter().map(|row| (row.key.as_str(), row.body.as_str())).collect();
        assert_eq!(shown, [("a", "{\"v\":2}"), ("b", "{}"), ("d", "{}")]);
        assert_eq!(problems.iter().map(|problem| problem.found.as_str()).collect::<Vec<_>>(), ["x"]);
    }

    /// Shows that two people's work on one draft names both, once each.
    #[test]
    fn drafters_add_up() {
        let both = with_drafter(&with_drafter("甲", "乙"), "甲");
        assert_eq!(both, "甲、乙");
        assert_eq!(drafters(&both).collect::<Vec<_>>(), ["甲", "乙"]);
    }

    /// Shows that rules and collections never go through the table reader.
    #[test]
    fn what_is_a_table() {
        assert!(is_table("indicators", "a.csv"));
        assert!(!is_table("rules", "a.csv"));
        assert!(!is_table("guides", "a.TOML"));
    }
}
