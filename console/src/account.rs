//! 账号: the rules that hold for every account, whether a page or a command makes it.

use std::collections::BTreeSet;

use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::Account;

use crate::duty::{Duty, both};
use crate::random;

/// An account that nobody has used yet.
pub(crate) fn fresh(name: &str, display_name: &str, now: Moment) -> Account {
    Account {
        id: uuid::Uuid::now_v7().to_string(),
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        duties: Vec::new(),
        password_hash: String::new(),
        totp_secret: None,
        totp_last_step: 0,
        active: true,
        failures: 0,
        last_failure: None,
        failures_before: 0,
        created_at: now,
        password_set_at: None,
        last_sign_in: None,
    }
}

/// What is wrong with a name to sign in with, empty if nothing.
pub(crate) fn check_name(name: &str, lang: Lang) -> String {
    let count = name.chars().count();
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let problem = if (2..=32).contains(&count) && name.chars().all(fits) {
        ""
    } else {
        lang.pick("须为 2 至 32 个字母、数字、汉字或 . - _", "2 to 32 letters, digits, or . - _")
    };
    problem.to_owned()
}

/// What is wrong with the name of a person or post, empty if nothing.
pub(crate) fn check_display_name(name: &str, lang: Lang) -> String {
    let problem = match name.chars().count() {
        0 => lang.pick("请填写姓名或岗位", "say who or which post it is"),
        1..=60 => "",
        _ => lang.pick("最长 60 个字", "60 characters at most"),
    };
    problem.to_owned()
}

/// The duties that an account holds, of those this version knows.
pub(crate) fn duties_of(account: &Account) -> BTreeSet<Duty> {
    account.duties.iter().filter_map(|word| Duty::of_word(word)).collect()
}

/// The accounts in use that hold 经办 and 审核 both, though the bureau has not said that it has one clerk only: somebody
/// has to decide which of the two each keeps.
pub(crate) fn undecided(accounts: &[Account], one_clerk: bool) -> Vec<&Account> {
    let holds = |account: &&Account| !one_clerk && account.active && both(&duties_of(account));
    accounts.iter().filter(holds).collect()
}

/// What somebody has to decide, and where.
pub(crate) fn to_decide(undecided: &[&Account], lang: Lang) -> String {
    let names: Vec<&str> = undecided.iter().map(|account| account.name.as_str()).collect();
    let zh = format!(
        "账号 {} 同时有经办和审核岗位，在决定之前不能审核：请安全管理员到“账号”收回其中一个；确实只有一名经办人员的，在该页登记",
        names.join("、")
    );
    let en = format!(
        "{} may enter and approve, and approve nothing until it is decided: take one duty away under Accounts, or say there that there is one clerk only",
        names.join(", ")
    );
    lang.pick(&zh, &en).to_owned()
}

/// The accounts that are in use and hold a duty.
pub(crate) fn holders(accounts: &[Account], duty: Duty) -> usize {
    accounts.iter().filter(|account| account.active && duties_of(account).contains(&duty)).count()
}

/// Whether nobody could manage accounts any more if this one were stopped.
pub(crate) fn is_last_administrator(accounts: &[Account], account: &Account) -> bool {
    let duties = duties_of(account);
    let last = |duty| account.active && duties.contains(&duty) && holders(accounts, duty) == 1;
    last(Duty::Security) || last(Duty::System)
}

/// The duties as people call them.
pub(crate) fn said(duties: &BTreeSet<Duty>, lang: Lang) -> String {
    if duties.is_empty() {
        return lang.pick("（未授予）", "(none)").to_owned();
    }
    duties.iter().map(|duty| duty.name(lang)).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// How an account stands.
pub(crate) fn state(account: &Account, lang: Lang) -> &'static str {
    match (account.active, account.password_set_at) {
        (false, _) => lang.pick("已停用", "stopped"),
        (true, None) => lang.pick("待本人改密码", "has to choose a password"),
        (true, Some(_)) => lang.pick("正常", "in use"),
    }
}

/// A password that somebody else hands over: it has the three kinds that a password must have.
pub(crate) fn temporary() -> String {
    format!("{}-a{}", random::code(), u32::from(random::bytes::<1>()[0]) % 10)
}
