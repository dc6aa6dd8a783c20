//! The `doctor` command: what was checked, how it stands, and what to do where it stands badly.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_store::{Agreement, Store, StoreError};

use crate::account::{to_decide, undecided};
use crate::disk;
use crate::exit::Exit;
use crate::net;
use crate::output::Output;
use crate::output::failure::advised;
use crate::output::table::printable;
use crate::private;
use crate::state::State;
use crate::web::witnessed;

/// Below this much room somebody should act.
const LITTLE_BYTES: u64 = 2 << 30;
/// Below this much room work will soon stop.
const HARDLY_ANY_BYTES: u64 = 200 << 20;
/// A clock this far off is worth a look.
pub const CLOCK_WARN_MS: u64 = 60_000;
/// A clock this far off makes valid certificates look expired or not yet valid.
const CLOCK_BAD_MS: u64 = 300_000;
/// A page's certificate that ends sooner should be replaced.
const CERTIFICATE_WARN_S: i64 = 30 * 24 * 3600;

/// One thing that was checked, in the user's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// 怎么办：what to do, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Check {
    /// A check without advice yet.
    #[must_use]
    pub fn new(name: impl Into<String>, state: State, detail: impl Into<String>) -> Self {
        Self { name: name.into(), state, detail: detail.into(), advice: None }
    }

    /// A check of what was said with its advice at the end.
    #[must_use]
    pub fn said(name: impl Into<String>, state: State, said: &str) -> Self {
        let (detail, advice) = advised(said);
        Self { advice: advice.map(str::to_owned), ..Self::new(name, state, detail) }
    }

    /// The same check with what to do about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// The room that a folder has left.
#[must_use]
pub fn disk_space(folder: &Path, lang: Lang) -> Check {
    let name = lang.pick("磁盘空间", "Disk space");
    match disk::space(folder) {
        Ok(space) => judge_space(space, &folder.display().to_string(), lang),
        Err(error) => Check::new(name, State::Bad, error.say(lang)),
    }
}

fn judge_space(space: disk::Space, folder: &str, lang: Lang) -> Check {
    let (free, total) = (disk::shown_bytes(space.free_bytes), disk::shown_bytes(space.total_bytes));
    let zh = format!("{folder} 剩余 {free}，共 {total}");
    let en = format!("{folder} has {free} left of {total}");
    let state = match space.free_bytes {
        free if free < HARDLY_ANY_BYTES => State::Bad,
        free if free < LITTLE_BYTES => State::Warn,
        _ => State::Good,
    };
    let check = Check::new(lang.pick("磁盘空间", "Disk space"), state, lang.pick(&zh, &en));
    if state == State::Good {
        return check;
    }
    check.advise(lang.pick(
        "请清理磁盘，或将数据目录移到更大的磁盘；磁盘写满时不会丢失已确认的数据，但无法继续保存",
        "free some space, or move the data folder to a larger disk; a full disk \
         loses nothing acknowledged, but nothing more can be saved",
    ))
}

/// How far this machine's clock is ahead of another's; negative is behind.
#[must_use]
pub fn clock_offset(ahead_ms: i64, lang: Lang) -> Check {
    let off = ahead_ms.unsigned_abs();
    let state = match off {
        off if off > CLOCK_BAD_MS => State::Bad,
        off if off > CLOCK_WARN_MS => State::Warn,
        _ => State::Good,
    };
    let seconds = format!("{}.{}", off / 1000, off % 1000 / 100);
    let zh = format!("比对方{} {seconds} 秒", if ahead_ms < 0 { "慢" } else { "快" });
    let en = format!("{seconds} s {} the other side", if ahead_ms < 0 { "behind" } else { "ahead of" });
    let check = Check::new(lang.pick("时钟", "Clock"), state, lang.pick(&zh, &en));
    if state == State::Good {
        return check;
    }
    check.advise(lang.pick(
        "请校准本机时钟（timedatectl set-ntp true），并核对对方时钟；偏差过大时证书会被误判为过期或尚未生效",
        "set this machine's clock (timedatectl set-ntp true) and check the other's; a clock far off \
         makes certificates look expired or not yet valid",
    ))
}

/// Whether every account's duties are decided.
///
/// # Errors
/// The database cannot be read.
pub async fn accounts(store: &Store, lang: Lang) -> Result<Check, StoreError> {
    let (accounts, one_clerk) = (store.accounts().await?, store.one_clerk().await?);
    let undecided = undecided(&accounts, one_clerk);
    let name = lang.pick("账号", "Accounts");
    if undecided.is_empty() {
        let (zh, en) = (format!("{} 个", accounts.len()), format!("{}", accounts.len()));
        return Ok(Check::new(name, State::Good, lang.pick(&zh, &en)));
    }
    let said = to_decide(&undecided, lang);
    let (what, advice) = said.split_once([':', '：']).unwrap_or((&said, ""));
    Ok(Check::new(name, State::Warn, what.trim()).advise(advice.trim()))
}

/// Whether the audit log is whole, and holds what the parent saw of it, where there is one to see it.
///
/// # Errors
/// The database cannot be read.
pub async fn audit_log(store: &Store, has_parent: bool, lang: Lang) -> Result<Check, StoreError> {
    let name = lang.pick("审计日志", "Audit log");
    let said = match (store.audit_broken_at().await?, store.witnessed().await?) {
        (Some(number), _) => lang
            .pick(
                &format!("第 {number} 条与前一条对不上：日志被改动或缺失；请保留数据库并立即报告"),
                &format!("entry {number} does not follow the one before: the log was changed; keep the database and report it"),
            )
            .to_owned(),
        (None, seen @ Agreement::Differs(_)) => witnessed(&seen, lang),
        (None, _) if !has_parent => return Ok(Check::new(name, State::Good, lang.pick("完整", "whole"))),
        (None, seen) => {
            let whole = lang.pick("完整，", "whole; ").to_owned();
            return Ok(Check::new(name, State::Good, whole + &witnessed(&seen, lang)));
        }
    };
    Ok(Check::said(name, State::Bad, &said))
}

/// Whether files with keys and records are their owner's alone.
#[must_use]
pub fn private_files(paths: &[PathBuf], lang: Lang) -> Check {
    let name = lang.pick("文件权限", "Files");
    match exposed(paths, lang) {
        None => Check::new(
            name,
            State::Good,
            lang.pick("私钥、数据库等只有本程序的用户能读", "nobody else reads keys and records"),
        ),
        Some(said) => Check::said(name, State::Bad, &said),
    }
}

/// Which files other users of the machine may read, and what to do; `None` if there are none.
#[must_use]
pub fn exposed(paths: &[PathBuf], lang: Lang) -> Option<String> {
    let open: Vec<String> = private::open_ones(paths).iter().map(|path| path.display().to_string()).collect();
    let shown = open.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(lang.pick("、", ", "));
    let zh = format!(
        "本机其他用户能读写 {shown} 等 {} 个文件或目录；请执行 chmod -R go-rwx 收回权限，私钥可能已泄露的应重新签发",
        open.len()
    );
    let en = format!(
        "other users of this machine may use {shown}, {} in all; take that away with chmod -R go-rwx, and replace keys that may have been read",
        open.len()
    );
    (!open.is_empty()).then(|| lang.pick(&zh, &en).to_owned())
}

/// How the console can be reached: `address` is what is configured, `certificate` the end of its certificate, if it has
/// one.
#[must_use]
pub fn console(address: &str, certificate: Option<Moment>, now: Moment, lang: Lang) -> Check {
    let name = lang.pick("管理页面", "Console");
    let address = address.trim();
    if address.is_empty() || address.eq_ignore_ascii_case("off") {
        return Check::new(name, State::Plain, lang.pick("未启用", "off"));
    }
    let Some(until) = certificate else {
        let warning = address.parse::<SocketAddr>().ok().and_then(|at| net::plain_page_warning(at, lang));
        if warning.is_none() {
            let (zh, en) = (format!("{address}，HTTP"), format!("{address}, HTTP"));
            return Check::new(name, State::Good, lang.pick(&zh, &en));
        }
        let (zh, en) = (
            format!("{address} 可被其他电脑访问，但未加密（HTTP）"),
            format!("{address} is open to other machines without TLS"),
        );
        return Check::new(name, State::Warn, lang.pick(&zh, &en)).advise(lang.pick(
            "请在配置中填写 page_cert 和 page_key 启用 HTTPS，或放在启用 HTTPS 的反向代理之后",
            "configure page_cert and page_key, or put a reverse proxy with HTTPS before it",
        ));
    };
    let left = until.seconds_since(now);
    let state = match left {
        left if left <= 0 => State::Bad,
        left if left < CERTIFICATE_WARN_S => State::Warn,
        _ => State::Good,
    };
    let (zh, en) = (format!("{address}，HTTPS，证书有效期至 {until}"), format!("{address}, HTTPS, until {until}"));
    let check = Check::new(name, state, lang.pick(&zh, &en));
    if state == State::Good {
        return check;
    }
    check.advise(lang.pick(
        "请更换 page_cert 和 page_key 指向的文件，一分钟内自动启用",
        "replace the files that page_cert and page_key name; they come into use within a minute",
    ))
}

/// Where the pages are: as a running `serve` tells, else as configured.
#[must_use]
pub fn console_address(running: Option<Option<&str>>, configured: &str) -> String {
    let Some(running) = running else { return configured.to_owned() };
    let address = running.unwrap_or("off").trim_end_matches('/');
    address.split_once("://").map_or(address, |(_, rest)| rest).to_owned()
}

/// The worst of the states; nothing checked is a plain fact.
#[must_use]
pub fn worst(checks: &[Check]) -> State {
    checks.iter().map(|check| check.state).max().unwrap_or_default()
}

/// How the command ends: a warning is no failure, a problem is.
#[must_use]
pub fn exit(checks: &[Check]) -> Exit {
    if worst(checks) == State::Bad { Exit::Different } else { Exit::Done }
}

/// Prints the checks, as a list for people or as one JSON document.
pub fn print(output: &Output, checks: &[Check]) -> io::Result<()> {
    if output.json {
        #[derive(Serialize)]
        struct Report<'a> {
            state: State,
            checks: &'a [Check],
        }
        return output.print_json(&Report { state: worst(checks), checks });
    }
    output.print_text(&text(checks, output.lang))
}

/// The checks as people read them, the last line saying how it stands on the whole.
#[must_use]
pub fn text(checks: &[Check], lang: Lang) -> String {
    let mut lines = Vec::new();
    for check in checks {
        let word = match check.state {
            State::Plain => "-",
            state => state.word(lang),
        };
        lines.push(format!("[{word}] {}{}{}", check.name, lang.pick("：", ": "), check.detail));
        if let Some(advice) = &check.advice {
            lines.push(format!("    {}{advice}", lang.pick("怎么办：", "What to do: ")));
        }
    }
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let (bad, warn) = (count(State::Bad), count(State::Warn));
    let zh = format!("共 {} 项：异常 {bad} 项，注意 {warn} 项", checks.len());
    let en = format!("{} checks: {bad} problems, {warn} warnings", checks.len());
    lines.push(lang.pick(&zh, &en).to_owned());
    printable(&(lines.join("\n") + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pages are where a running `serve` says, also if it has none; else where they are configured.
    #[test]
    fn where_the_pages_are() {
        assert_eq!(console_address(None, "127.0.0.1:7411"), "127.0.0.1:7411");
        assert_eq!(console_address(Some(Some("https://10.1.2.3:8443/")), "127.0.0.1:7411"), "10.1.2.3:8443");
        assert_eq!(console_address(Some(None), "127.0.0.1:7411"), "off");
    }

    /// A bureau without a parent is told of its log alone.
    #[tokio::test]
    async fn a_log_without_a_parent() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.sqlite");
        let store = Store::open(path.to_str().expect("UTF-8")).await.expect("a database");
        let said = async |has_parent| audit_log(&store, has_parent, Lang::Zh).await.expect("readable").detail;
        assert_eq!(said(false).await, "完整");
        assert!(said(true).await.contains("上级"));
    }

    /// Shows the list as a person reads it: state first, advice below what it is about, the sum at the end.
    #[test]
    fn the_list_says_what_to_do() {
        let checks = [
            Check::new("证书", State::Good, "有效期至 2027-01-01"),
            Check::new("连接", State::Bad, "连接不上 10.0.0.1:8443").advise("请检查防火墙"),
            Check::new("版本", State::Plain, "0.1.0"),
        ];
        let expected = "[正常] 证书：有效期至 2027-01-01\n[异常] 连接：连接不上 10.0.0.1:8443\n    \
                        怎么办：请检查防火墙\n[-] 版本：0.1.0\n共 3 项：异常 1 项，注意 0 项\n";
        assert_eq!(text(&checks, Lang::Zh), expected);
        assert_eq!(exit(&checks), Exit::Different);
    }

    /// Shows that what to do stands apart from what is wrong, whichever script the semicolon is of.
    #[test]
    fn advice_is_found_in_either_script() {
        let parts = |said: &str| {
            let check = Check::said("连接", State::Bad, said);
            (check.detail, check.advice.unwrap_or_default())
        };
        let expected = ("证书已被吊销".to_owned(), "请上级重新邀请".to_owned());
        assert_eq!(parts("证书已被吊销；请上级重新邀请"), expected);
        assert_eq!(parts("证书已被吊销;请上级重新邀请"), expected);
        assert_eq!(parts("证书已被吊销。请上级重新邀请"), expected);
        assert_eq!(
            parts("证书已到期。请先核对时钟；时钟无误的，请上级重新邀请。"),
            ("证书已到期".to_owned(), "请先核对时钟；时钟无误的，请上级重新邀请。".to_owned())
        );
        assert_eq!(parts("第 2 行；空\n第 3 行；空").1, "");
        assert_eq!(parts("磁盘已满").1, "");
    }

    /// Shows that a warning alone does not fail a script, and that the worst state decides.
    #[test]
    fn the_worst_decides() {
        let warn = Check::new("x", State::Warn, "");
        let good = Check::new("y", State::Good, "");
        assert_eq!(worst(&[good.clone(), warn.clone()]), State::Warn);
        assert_eq!(exit(&[good, warn]), Exit::Done);
        assert_eq!(worst(&[]), State::Plain);
    }

    /// Shows where little room becomes a warning and where it becomes a problem, on both sides of each border.
    #[test]
    fn room_is_judged_at_its_borders() {
        let state = |free_bytes| {
            let space = disk::Space { free_bytes, total_bytes: 1 << 40 };
            let check = judge_space(space, "/srv", Lang::Zh);
            assert_eq!(check.advice.is_none(), check.state == State::Good);
            check.state
        };
        // 2 GB = 2,147,483,648 bytes; 200 MB = 209,715,200 bytes.
        assert_eq!(state(2_147_483_648), State::Good);
        assert_eq!(state(2_147_483_647), State::Warn);
        assert_eq!(state(209_715_200), State::Warn);
        assert_eq!(state(209_715_199), State::Bad);
    }

    /// Shows how a console is judged: by who reaches it without TLS, and with TLS by what is left of its certificate.
    #[test]
    fn consoles_are_judged() {
        let now = Moment(1_800_000_000_000);
        let state = |address: &str, days: Option<i64>| {
            let until = days.map(|days| now.plus_seconds(days * 24 * 3600));
            let check = console(address, until, now, Lang::Zh);
            assert_eq!(check.advice.is_some(), check.state > State::Good, "{check:?}");
            check.state
        };
        assert_eq!(state("off", None), State::Plain);
        assert_eq!(state("127.0.0.1:7411", None), State::Good);
        assert_eq!(state("localhost:7411", None), State::Good);
        assert_eq!(state("0.0.0.0:7411", None), State::Warn);
        assert_eq!(state("0.0.0.0:7411", Some(30)), State::Good);
        assert_eq!(state("0.0.0.0:7411", Some(29)), State::Warn);
        assert_eq!(state("0.0.0.0:7411", Some(0)), State::Bad);
    }

    /// Shows that a clock is judged by how far it is off in either direction, and that the direction is said.
    #[test]
    fn clocks_are_judged_both_ways() {
        assert_eq!(clock_offset(60_000, Lang::Zh).state, State::Good);
        let slow = clock_offset(-61_250, Lang::Zh);
        assert_eq!((slow.state, slow.detail.as_str()), (State::Warn, "比对方慢 61.2 秒"));
        let fast = clock_offset(300_001, Lang::En);
        assert_eq!((fast.state, fast.detail.as_str()), (State::Bad, "300.0 s ahead of the other side"));
        assert_eq!(clock_offset(i64::MIN, Lang::En).state, State::Bad);
    }
}
